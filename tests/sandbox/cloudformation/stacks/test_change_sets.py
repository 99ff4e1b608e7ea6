"""Change sets, and the AWS CLI's deploy command, which is made of them."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import (
    CREDENTIALS,
    REGION,
    Stacks,
    failed,
    template,
    thing,
)


def plan(stacks: Stacks, resources: Any, kind: str = "UPDATE", **more: Any) -> dict[str, Any]:
    client = stacks.client()
    client.create_change_set(
        StackName="shop",
        ChangeSetName="plan",
        ChangeSetType=kind,
        TemplateBody=template(resources, more.pop("template", {})),
        **more,
    )
    described: dict[str, Any] = client.describe_change_set(StackName="shop", ChangeSetName="plan")
    return described


def changes(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [change["ResourceChange"] for change in described["Changes"]]
    return {change["LogicalResourceId"]: change for change in found}


def test_a_change_set_states_for_each_resource_what_will_happen(stacks: Stacks) -> None:
    old = {
        "Same": thing(),
        "InPlace": thing({"Size": 1}),
        "Replaced": thing({"Name": "old"}),
        "User": thing({"Secret": {"Ref": "Replaced"}}),
        "Named": thing({"Name": {"Fn::Select": [1, {"Fn::Split": [":", {"Ref": "Replaced"}]}]}}),
        "Removed": thing(DeletionPolicy="Retain"),
    }
    new = {
        **old,
        "InPlace": thing({"Size": 2}),
        "Replaced": thing({"Name": "new"}),
        "Added": thing(),
    }
    del new["Removed"]
    stacks.create(old)
    described = plan(stacks, new)
    found = changes(described)
    assert {name: (c["Action"], c.get("Replacement")) for name, c in found.items()} == {
        "InPlace": ("Modify", "False"),
        "Replaced": ("Modify", "True"),
        "User": ("Modify", "False"),
        "Named": ("Modify", "Conditional"),
        "Added": ("Add", None),
        "Removed": ("Remove", None),
    }
    assert found["Removed"]["PolicyAction"] == "Retain"
    assert found["Replaced"]["PolicyAction"] == "ReplaceAndDelete"
    assert found["Replaced"]["PhysicalResourceId"].startswith("arn:toy:old")
    assert found["Replaced"]["Details"] == [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": "Name",
                "RequiresRecreation": "Always",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
    ]
    (of_user,) = found["User"]["Details"]
    assert of_user["Evaluation"] == "Dynamic"
    assert of_user["ChangeSource"] == "ResourceReference"
    assert of_user["CausingEntity"] == "Replaced"
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE", "nothing has begun"
    assert described["ExecutionStatus"] == "AVAILABLE"


def test_what_a_change_set_says_is_what_executing_it_does(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Name": "old"}), "Same": thing()})
    plan(stacks, {"Thing": thing({"Name": "new"}), "Same": thing()})
    stacks.client().execute_change_set(StackName="shop", ChangeSetName="plan")
    assert stacks.settled() == "UPDATE_COMPLETE"
    assert [event["action"] for event in stacks.shop.events[2:]] == ["CREATE", "DELETE"]
    again = stacks.client().describe_change_set(StackName="shop", ChangeSetName="plan")
    assert again["ExecutionStatus"] == "EXECUTE_COMPLETE"
    with pytest.raises(ClientError) as error:
        stacks.client().execute_change_set(StackName="shop", ChangeSetName="plan")
    assert error.value.response["Error"]["Code"] == "InvalidChangeSetStatus"


def test_a_change_set_is_obsolete_once_the_stack_has_changed(stacks: Stacks) -> None:
    client = stacks.client()
    stacks.create({"Thing": thing()})
    planned = plan(stacks, {"Thing": thing({"Size": 2})})
    assert planned["ExecutionStatus"] == "AVAILABLE"
    stacks.update({"Thing": thing({"Size": 3})})
    (summary,) = client.list_change_sets(StackName="shop")["Summaries"]
    assert (summary["Status"], summary["ExecutionStatus"]) == ("CREATE_COMPLETE", "OBSOLETE")
    with pytest.raises(ClientError) as error:
        client.execute_change_set(StackName="shop", ChangeSetName="plan")
    assert error.value.response["Error"]["Code"] == "InvalidChangeSetStatus"
    assert error.value.response["Error"]["Message"] == (
        f"ChangeSet [{planned['ChangeSetId']}] cannot be executed in its current execution status "
        "of [OBSOLETE]"
    )
    assert {each["Size"] for each in stacks.shop.things.values()} == {3}


def test_a_parameter_is_named_as_the_cause_of_a_change(stacks: Stacks) -> None:
    declared = {"Parameters": {"Size": {"Type": "Number", "Default": "1"}}}
    resources = {"Thing": thing({"Size": {"Ref": "Size"}})}
    stacks.create(resources, template=declared)
    value = [{"ParameterKey": "Size", "ParameterValue": "2"}]
    (detail,) = changes(plan(stacks, resources, template=declared, Parameters=value))["Thing"][
        "Details"
    ]
    assert (detail["ChangeSource"], detail["CausingEntity"]) == ("ParameterReference", "Size")


def test_stack_tags_are_a_change_of_scope_tags(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    described = plan(stacks, {"Thing": thing()}, Tags=[{"Key": "a", "Value": "1"}])
    change = changes(described)["Thing"]
    assert (change["Scope"], change["Replacement"]) == (["Tags"], "False")
    assert described["Tags"] == [{"Key": "a", "Value": "1"}]


def test_an_empty_change_set_has_failed_with_the_words_that_the_cli_looks_for(
    stacks: Stacks,
) -> None:
    stacks.create({"Thing": thing()})
    described = plan(stacks, {"Thing": thing()})
    assert described["Status"] == "FAILED"
    assert described["ExecutionStatus"] == "UNAVAILABLE"
    assert described["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )


def test_a_new_stack_is_under_review_until_its_change_set_is_executed(stacks: Stacks) -> None:
    described = plan(stacks, {"Thing": thing()}, "CREATE")
    assert changes(described)["Thing"]["Action"] == "Add"
    assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"
    with pytest.raises(ClientError, match="is in REVIEW_IN_PROGRESS state and can not be updated"):
        stacks.update({"Thing": thing()})
    stacks.client().execute_change_set(StackName="shop", ChangeSetName="plan")
    assert stacks.settled() == "CREATE_COMPLETE"
    assert stacks.statuses()[:2] == ["shop REVIEW_IN_PROGRESS", "shop CREATE_IN_PROGRESS"]


def test_a_stack_under_review_can_be_deleted(stacks: Stacks) -> None:
    plan(stacks, {"Thing": thing()}, "CREATE")
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.shop.events == []


def test_change_sets_are_listed_deleted_and_found_by_arn(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    arn = plan(stacks, {"Thing": thing({"Size": 2})})["ChangeSetId"]
    client = stacks.client()
    with pytest.raises(ClientError, match="already exists"):
        plan(stacks, {"Thing": thing({"Size": 3})})
    (summary,) = client.list_change_sets(StackName="shop")["Summaries"]
    assert summary["ChangeSetId"] == arn
    assert client.describe_change_set(ChangeSetName=arn)["ChangeSetName"] == "plan"
    client.delete_change_set(ChangeSetName=arn)
    with pytest.raises(ClientError) as error:
        client.describe_change_set(StackName="shop", ChangeSetName="plan")
    assert error.value.response["Error"]["Code"] == "ChangeSetNotFound"


@pytest.fixture
def deploy(stacks: Stacks, tmp_path: Path) -> Any:
    aws = os.environ.get("AWS_CLI") or shutil.which("aws")
    assert aws, "the AWS CLI has to be on the PATH, or named by AWS_CLI"

    def run(resources: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "template.json"
        path.write_text(json.dumps({"Resources": resources}))
        command = [aws, "cloudformation", "deploy", "--stack-name", "shop"]
        return subprocess.run(
            [*command, "--template-file", str(path), *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "AWS_ENDPOINT_URL": stacks.url,
                "AWS_DEFAULT_REGION": REGION,
                **{name.upper(): value for name, value in CREDENTIALS.items()},
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.mark.once  # the CLI makes the calls of the tests above
def test_the_cli_deploys_updates_and_sees_that_nothing_changed(stacks: Stacks, deploy: Any) -> None:
    first = deploy({"Thing": thing({"Name": "cog"})})
    assert (first.returncode, first.stderr) == (0, "")
    assert "Successfully created/updated stack - shop" in first.stdout
    second = deploy({"Thing": thing({"Name": "wheel"})}, "--tags", "a=1")
    assert second.returncode == 0, second.stderr
    assert stacks.describe()["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.describe()["Tags"] == [{"Key": "a", "Value": "1"}]
    same = {"Thing": thing({"Name": "wheel"})}
    third = deploy(same, "--tags", "a=1", "--no-fail-on-empty-changeset")
    assert third.returncode == 0, third.stderr
    assert "No changes to deploy" in third.stdout


@pytest.mark.once  # the CLI makes the calls of the tests above
def test_the_cli_reports_a_deployment_that_failed(stacks: Stacks, deploy: Any) -> None:
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    result = deploy({"Thing": thing()})
    assert result.returncode != 0
    assert "Failed to create/update the stack" in result.stderr
