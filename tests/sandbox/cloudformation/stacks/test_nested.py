"""Nested stacks: created, updated, rolled back and deleted with their parents."""

from typing import Any

from tests.harness.cloudformation import Stacks, failed, thing


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
