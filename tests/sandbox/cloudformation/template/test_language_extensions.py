"""The transform AWS::LanguageExtensions, from the request to what is deployed."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import THING, Stacks
from tests.harness.cloudformation import thing as resource

TRANSFORM = "AWS::LanguageExtensions"
CAPABILITIES = {"Capabilities": ["CAPABILITY_AUTO_EXPAND"]}


def thing(**properties: Any) -> dict[str, Any]:
    return resource(properties)


def text_of(resources: Any, **sections: Any) -> str:
    return json.dumps({"Transform": TRANSFORM, "Resources": resources, **sections})


def create(stacks: Stacks, resources: Any, parameters: Any = None, **sections: Any) -> str:
    given = [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters or ()]
    stacks.client().create_stack(
        StackName="shop",
        TemplateBody=text_of(resources, **sections),
        Parameters=given,
        **CAPABILITIES,
    )
    return stacks.settled()


def processed(stacks: Stacks, name: str = "shop") -> Any:
    return stacks.client().get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]


def sizes(stacks: Stacks) -> list[int]:
    return sorted(each["Size"] for each in stacks.shop.things.values())


def test_a_loop_over_a_list_parameter_makes_resources_and_outputs(stacks: Stacks) -> None:
    status = create(
        stacks,
        {
            "Fn::ForEach::Things": [
                "Kind",
                {"Ref": "Kinds"},
                {"Thing${Kind}": thing(Name={"Ref": "Kind"}, Secret={"Fn::Sub": "${Kind}-x"})},
            ]
        },
        {"Kinds": "a,b"},
        Parameters={"Kinds": {"Type": "CommaDelimitedList"}},
        Outputs={
            "Fn::ForEach::Arns": [
                "Kind",
                {"Ref": "Kinds"},
                {
                    "Arn${Kind}": {
                        "Value": {"Fn::GetAtt": [{"Fn::Sub": "Thing${Kind}"}, "Arn"]},
                        "Description": {"Fn::Sub": "Of ${Kind}"},
                    }
                },
            ]
        },
    )
    assert status == "CREATE_COMPLETE"
    made = [(each["Name"], each["Secret"]) for each in stacks.shop.sent("CREATE")]
    assert made == [("a", "a-x"), ("b", "b-x")]
    outputs = {each["OutputKey"]: each for each in stacks.describe()["Outputs"]}
    assert sorted(outputs) == ["Arna", "Arnb"]
    assert outputs["Arna"]["Description"] == "Of a"
    assert list(processed(stacks)["Resources"]) == ["Thinga", "Thingb"]


def test_loops_nest_and_may_make_properties_and_conditions(stacks: Stacks) -> None:
    status = create(
        stacks,
        {
            "Fn::ForEach::Outer": [
                "X",
                ["a", "b"],
                {
                    "Fn::ForEach::Inner": [
                        "Y",
                        ["1", "2"],
                        {
                            "Thing${X}${Y}": {
                                "Type": THING,
                                "Condition": {"Fn::Sub": "Is${Y}"},
                                "Properties": {
                                    "Size": {"Ref": "Y"},
                                    "Environment": {
                                        "Fn::ForEach::Names": ["Z", ["K", "L"], {"${Z}": "${Y}"}]
                                    },
                                },
                            }
                        },
                    ]
                },
            ]
        },
        Parameters={"P1": {"Type": "String", "Default": "no"}, "P2": {"Type": "String"}},
        parameters={"P2": "yes"},
        Conditions={
            "Fn::ForEach::Conditions": [
                "N",
                ["1", "2"],
                {"Is${N}": {"Fn::Equals": [{"Ref": {"Fn::Sub": "P${N}"}}, "yes"]}},
            ]
        },
    )
    assert status == "CREATE_COMPLETE"
    assert list(stacks.describe()["Parameters"][0].values()) == ["P1", "no"]
    made = stacks.shop.sent("CREATE")
    assert [each["Size"] for each in made] == [2, 2], "the condition of the others is false"
    assert made[0]["Environment"] == {"K": "${Y}", "L": "${Y}"}, "plain text is kept"


def test_an_ampersand_drops_what_is_not_alphanumeric_from_a_key(stacks: Stacks) -> None:
    loop = ["Id", ["a-1", "a.2"], {"Thing&{Id}": thing(Secret={"Ref": "Id"})}]
    assert create(stacks, {"Fn::ForEach::Things": loop}) == "CREATE_COMPLETE"
    assert list(processed(stacks)["Resources"]) == ["Thinga1", "Thinga2"]
    assert [each["Secret"] for each in stacks.shop.sent("CREATE")] == ["a-1", "a.2"]


def test_policies_and_conditions_may_be_functions(stacks: Stacks) -> None:
    policy = {"Fn::If": ["Prod", "Retain", "Delete"]}
    definition = {
        **thing(),
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Condition": {
            "Fn::FindInMap": ["Map", "a", "b", {"DefaultValue": {"Ref": "AWS::NoValue"}}]
        },
    }
    sections = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Mappings": {"Map": {"a": {"c": "Prod"}}},
    }
    assert create(stacks, {"Thing": definition}, {"Stage": "prod"}, **sections) == "CREATE_COMPLETE"
    shown = processed(stacks)["Resources"]["Thing"]
    assert (shown["DeletionPolicy"], shown["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert "Condition" not in shown
    assert stacks.delete() == "DELETE_COMPLETE"
    assert len(stacks.shop.things) == 1, "it is retained"


def test_length_json_and_defaults_of_maps_have_values_in_the_processed_template(
    stacks: Stacks,
) -> None:
    properties = {
        "Size": {"Fn::Length": {"Ref": "Kinds"}},
        "Secret": {"Fn::ToJsonString": {"a": [{"Ref": "Kinds"}, {"Ref": "AWS::Region"}, "ü"]}},
        "Name": {"Fn::FindInMap": ["Map", {"Ref": "AWS::Region"}, "x", {"DefaultValue": "d"}]},
    }
    status = create(
        stacks,
        {"Thing": thing(**properties)},
        Parameters={"Kinds": {"Type": "CommaDelimitedList", "Default": "a,b"}},
        Mappings={"Map": {"x": {"x": "y"}}},
    )
    assert status == "CREATE_COMPLETE"
    values = processed(stacks)["Resources"]["Thing"]["Properties"]
    assert values == {"Size": 2, "Secret": '{"a":[["a","b"],"us-east-1","ü"]}', "Name": "d"}


def test_a_hidden_parameter_does_not_show_in_the_processed_template(stacks: Stacks) -> None:
    secret = {"Fn::ToJsonString": {"password": {"Fn::Sub": "${Password}!"}}}
    password = {"Type": "String", "NoEcho": True}
    resources = {"Thing": thing(Secret=secret)}
    create(stacks, resources, {"Password": "hush"}, Parameters={"Password": password})
    assert stacks.shop.sent("CREATE")[0]["Secret"] == '{"password":"hush!"}'
    assert "hush" not in json.dumps(processed(stacks))


def test_a_hidden_default_of_a_map_does_not_show_in_the_processed_template(stacks: Stacks) -> None:
    secret = {"Fn::FindInMap": ["Map", "a", "b", {"DefaultValue": {"Ref": "Password"}}]}
    password = {"Type": "String", "NoEcho": True}
    resources = {"Thing": thing(Secret=secret)}
    create(stacks, resources, {"Password": "hush"}, Parameters={"Password": password})
    assert stacks.shop.sent("CREATE")[0]["Secret"] == "hush"
    assert "hush" not in json.dumps(processed(stacks))


def test_json_of_what_is_made_later_is_written_when_it_is_known(stacks: Stacks) -> None:
    resources = {
        "One": thing(),
        "Two": thing(Secret={"Fn::ToJsonString": {"arn": {"Fn::GetAtt": ["One", "Arn"]}}}),
    }
    assert create(stacks, resources) == "CREATE_COMPLETE"
    secret = stacks.shop.sent("CREATE")[1]["Secret"]
    assert json.loads(secret)["arn"] in stacks.shop.things


def test_an_item_that_looks_like_a_variable_stays_text(stacks: Stacks) -> None:
    loop = ["Id", ["${b}"], {"Thing&{Id}": thing(Secret={"Fn::Sub": "<${Id}>"})}]
    assert create(stacks, {"Fn::ForEach::Things": loop}) == "CREATE_COMPLETE"
    assert stacks.shop.sent("CREATE")[0]["Secret"] == "<${b}>"


def test_an_update_applies_the_transform_to_new_parameters(stacks: Stacks) -> None:
    loop = ["Size", {"Ref": "Sizes"}, {"Thing${Size}": thing(Size={"Ref": "Size"})}]
    sections = {"Parameters": {"Sizes": {"Type": "CommaDelimitedList"}}}
    create(stacks, {"Fn::ForEach::Things": loop}, {"Sizes": "1,2"}, **sections)
    assert sizes(stacks) == [1, 2]
    given = [{"ParameterKey": "Sizes", "ParameterValue": "2,3,4"}]
    client = stacks.client()
    client.update_stack(
        StackName="shop", UsePreviousTemplate=True, Parameters=given, **CAPABILITIES
    )
    assert stacks.settled() == "UPDATE_COMPLETE"
    assert sizes(stacks) == [2, 3, 4]


def test_a_template_is_shown_as_it_was_written_and_as_it_was_processed(stacks: Stacks) -> None:
    loop = ["Id", ["a"], {"Thing${Id}": thing()}]
    body = text_of({"Fn::ForEach::Things": loop})
    client = stacks.client()
    client.create_change_set(
        StackName="shop", ChangeSetName="made", ChangeSetType="CREATE", TemplateBody=body
    )
    for where in ({"ChangeSetName": "made"}, {}):
        if not where:
            client.execute_change_set(StackName="shop", ChangeSetName="made")
            assert stacks.settled() == "CREATE_COMPLETE"
        original = client.get_template(StackName="shop", TemplateStage="Original", **where)
        assert original["TemplateBody"] == json.loads(body)
        assert original["StagesAvailable"] == ["Original", "Processed"]
        shown = client.get_template(StackName="shop", **where)["TemplateBody"]
        assert shown["Resources"] == {"Thinga": thing()}


def test_a_stack_needs_the_capability_and_a_change_set_does_not(stacks: Stacks) -> None:
    body = text_of({"Thing": thing()})
    client = stacks.client()
    with pytest.raises(ClientError) as refused:
        client.create_stack(StackName="shop", TemplateBody=body)
    assert refused.value.response["Error"] == {
        "Type": "Sender",
        "Code": "InsufficientCapabilitiesException",
        "Message": "Requires capabilities : [CAPABILITY_AUTO_EXPAND]",
    }
    client.create_change_set(
        StackName="shop", ChangeSetName="made", ChangeSetType="CREATE", TemplateBody=body
    )
