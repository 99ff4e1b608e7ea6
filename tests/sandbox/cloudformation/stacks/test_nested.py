"""Nested stacks: created, updated, rolled back and deleted with their parents."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, failed, in_progress, template, thing


def nested(url: str, **parameters: Any) -> dict[str, Any]:
    properties = {"TemplateURL": url, "Parameters": parameters}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def test_a_nested_stack_is_created_updated_and_deleted_with_its_parent(stacks: Stacks) -> None:
    declared = {"Parameters": {"Size": {"Type": "Number"}}}
    outputs = {"Outputs": {"Arn": {"Value": {"Ref": "Thing"}}}}
    child = {"Thing": thing({"Size": {"Ref": "Size"}, "Name": "cog"})}
    url = stacks.upload(child, **declared, **outputs)
    parent = {"Child": nested(url, Size="3")}
    result = {"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Arn"]}}}}
    stacks.create(parent, template=result, Tags=[{"Key": "a", "Value": "1"}])
    assert stacks.describe()["Outputs"][0]["OutputValue"] == "arn:toy:cog:1"
    child_id = stacks.resource("Child")["PhysicalResourceId"]
    described = stacks.describe(child_id)
    assert described["StackStatus"] == "CREATE_COMPLETE"
    assert described["ParentId"] == described["RootId"] == stacks.describe()["StackId"]
    assert stacks.shop.of("CREATE")[0]["requestData"]["stackTags"] == {"a": "1"}

    assert stacks.update({"Child": nested(url, Size="4")}, template=result) == "UPDATE_COMPLETE"
    assert stacks.shop.sent("UPDATE")[0]["Size"] == 4
    assert stacks.describe(child_id)["StackStatus"] == "UPDATE_COMPLETE"

    stacks.upload({"Thing": thing({"Size": 5, "Name": "cog"})}, **declared, **outputs)
    assert stacks.update({"Child": nested(url, Size="4")}, template=result) == "UPDATE_COMPLETE"
    assert stacks.shop.sent("UPDATE")[1]["Size"] == 5

    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.describe(child_id)["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.shop.things == {}


def test_a_nested_stack_that_fails_takes_its_parent_back(stacks: Stacks) -> None:
    url = stacks.upload({"Thing": thing()})
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    stacks.create({"Child": nested(url)})
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stacks.reason("CREATE_FAILED", logical_id="Child")
    assert "was not successfully created: The following resource(s) failed to create: [Thing]" in (
        reason
    )
    assert [each["StackName"] for each in stacks.client().describe_stacks()["Stacks"]] == ["shop"]


def test_a_failed_update_of_a_parent_takes_the_nested_stack_back(stacks: Stacks) -> None:
    child = {"Thing": thing({"Size": {"Ref": "Size"}})}
    url = stacks.upload(child, Parameters={"Size": {"Type": "Number"}})
    after = thing({"Size": 1}, DependsOn="Child")
    stacks.create({"Child": nested(url, Size="1"), "After": after})
    stacks.shop.will("UPDATE", None, failed("InvalidRequest", "no"))
    changed = {"Child": nested(url, Size="2"), "After": {**after, "Properties": {"Size": 2}}}
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert {each["Size"] for each in stacks.shop.things.values()} == {1}


class TestWhileOneOfTheFamilyHasAnOperation:
    @pytest.fixture
    def child(self, stacks: Stacks) -> str:
        """The id of a stack in the stack named shop."""
        stacks.create({"Child": nested(stacks.upload({"Thing": thing()})), "Own": thing()})
        stack_id: str = stacks.resource("Child")["PhysicalResourceId"]
        return stack_id

    def parent(self, stacks: Stacks, size: int) -> dict[str, Any]:
        return {"Child": nested(f"{stacks.url}/templates/child.json"), "Own": thing({"Size": size})}

    def slow(self, stacks: Stacks, logical_id: str, name: str = "shop") -> None:
        """Have the next update, which is of this resource, take a second."""
        model = stacks.shop.things[stacks.resource(logical_id, name)["PhysicalResourceId"]]
        stacks.shop.will("UPDATE", in_progress(model, delay=1))

    def test_the_parent_cannot_be_updated_nor_deleted_during_one_of_the_child(
        self, stacks: Stacks, child: str
    ) -> None:
        self.slow(stacks, "Thing", child)
        stacks.update({"Thing": thing({"Size": 2})}, child, wait=False)
        words = f"while stack .{child}. is in UPDATE_IN_PROGRESS state"
        with pytest.raises(ClientError, match=words):
            stacks.update(self.parent(stacks, 2))
        with pytest.raises(ClientError, match=words):
            stacks.client().delete_stack(StackName="shop")
        assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
        assert stacks.settled(child) == "UPDATE_COMPLETE"
        assert stacks.update(self.parent(stacks, 2)) == "UPDATE_COMPLETE"

    def test_the_child_cannot_be_changed_by_others_during_one_of_the_parent(
        self, stacks: Stacks, child: str
    ) -> None:
        client = stacks.client()
        stacks.shop.things["arn:toy:cog:7"] = {"Arn": "arn:toy:cog:7", "Size": 1}
        client.create_change_set(
            StackName=child,
            ChangeSetName="import",
            ChangeSetType="IMPORT",
            TemplateBody=template(
                {"Thing": thing(), "Cog": thing({"Name": "cog"}, DeletionPolicy="Retain")}
            ),
            ResourcesToImport=[
                {
                    "ResourceType": "Toy::Shop::Thing",
                    "LogicalResourceId": "Cog",
                    "ResourceIdentifier": {"Arn": "arn:toy:cog:7"},
                }
            ],
        )
        self.slow(stacks, "Own")
        stacks.update(self.parent(stacks, 2), wait=False)
        words = f"Stack .{child}. cannot be changed while stack .* is in UPDATE_IN_PROGRESS state"
        with pytest.raises(ClientError, match=words):
            client.execute_change_set(StackName=child, ChangeSetName="import")
        with pytest.raises(ClientError, match=words):
            stacks.update({"Thing": thing({"Size": 2})}, child)
        with pytest.raises(ClientError, match=words):
            client.delete_stack(StackName=child)
        assert stacks.settled() == "UPDATE_COMPLETE"
        client.execute_change_set(StackName=child, ChangeSetName="import")
        assert stacks.settled(child) == "IMPORT_COMPLETE"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Policy": "none"}, "extraneous key [Policy] is not permitted"),
        ({"TimeoutInMinutes": "soon"}, "#/TimeoutInMinutes"),
        ({"Parameters": "none"}, "#/Parameters"),
        ({"Tags": [{"Value": "1"}]}, "required key [Key] not found"),
        ({"TemplateURL": ["child.json"]}, "#/TemplateURL"),
    ],
)
def test_a_property_that_a_nested_stack_does_not_have_fails_it_with_words(
    stacks: Stacks, properties: dict[str, Any], words: str
) -> None:
    child = nested(stacks.upload({"Thing": thing()}))
    child["Properties"].update(properties)
    stacks.create({"Child": child})
    assert words in "\n".join(stacks.invalid())
    assert stacks.shop.of("CREATE") == []
