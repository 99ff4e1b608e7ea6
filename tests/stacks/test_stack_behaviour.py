"""Stacks with a job definition: what a change does, what a failure leaves, what the events say."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.harness.provider import BATCH, MINIMUM
from tests.harness.stacks import (
    CAPABILITIES,
    TYPE_NAME,
    Cli,
    Clients,
    Stack,
    Stacks,
    body,
    definition_name,
    description_of,
    inventory,
    tag_list,
    tags_of,
    template_of,
)

#: Fails wherever it is added, once the definition is done: only SageMaker knows what it lacks.
BROKEN = {
    "Type": TYPE_NAME,
    "DependsOn": "JobDefinition",
    "Properties": {
        **MINIMUM,
        "JobResources": {
            "ClusterConfig": {**MINIMUM["JobResources"]["ClusterConfig"], "InstanceType": "ml.none"}
        },
    },
}


def sized(size: int, **more: Any) -> dict[str, Any]:
    """The minimum with another size of the volume, which is create-only."""
    cluster = {**MINIMUM["JobResources"]["ClusterConfig"], "VolumeSizeInGB": size}
    return {**MINIMUM, "JobResources": {"ClusterConfig": cluster}, **more}


def tagged(**tags: str) -> dict[str, Any]:
    return {**MINIMUM, "Tags": tag_list(tags)}


def size_of(aws: Clients, arn: str) -> int:
    cluster = description_of(aws, arn)["JobResources"]["ClusterConfig"]
    return int(cluster["VolumeSizeInGB"])


class TestReplacement:
    def test_a_create_only_change_makes_a_new_definition_before_the_old_one_goes(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(sized(20)), tags={"Project": "churn"})
        old = stack.physical_id()
        stack.update(template_of(sized(30)))
        new = stack.physical_id()
        assert new != old
        assert size_of(aws, new) == 30
        assert tags_of(aws, new) == {"Project": "churn"}
        assert definition_name(old) not in inventory(aws)["definitions"]
        done = [
            (event["ResourceStatus"], event["PhysicalResourceId"])
            for event in stack.events()
            if event["LogicalResourceId"] == "JobDefinition"
            and event["ResourceStatus"].endswith("COMPLETE")
        ]
        assert done == [
            ("CREATE_COMPLETE", old),
            ("UPDATE_COMPLETE", new),
            ("DELETE_COMPLETE", old),
        ]

    def test_under_a_given_and_unchanged_name_it_fails_and_says_what_to_do(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        name = stacks.name()
        before = sized(20, JobDefinitionName=name, Tags=tag_list({"team": "churn"}))
        stack = stacks.create(template_of(before))
        arn, description = stack.physical_id(), description_of(aws, stack.physical_id())

        changed = sized(30, JobDefinitionName=name, Tags=tag_list({"team": "risk"}))
        stack.update(template_of(changed), expect="UPDATE_ROLLBACK_COMPLETE")

        reason = stack.reason("UPDATE_FAILED")
        assert f"'{name}' already exists" in reason
        assert "Choose another JobDefinitionName, or leave it out" in reason
        assert stack.physical_id() == arn
        assert description_of(aws, arn) == description
        assert tags_of(aws, arn) == {"team": "churn"}

    @pytest.mark.parametrize("renamed", [True, False], ids=["another-name", "no-name"])
    def test_with_another_name_or_none_it_succeeds(
        self, renamed: bool, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(sized(20, JobDefinitionName=stacks.name())))
        old = stack.physical_id()
        name = {"JobDefinitionName": stacks.name()} if renamed else {}
        stack.update(template_of(sized(30, **name)))
        assert size_of(aws, stack.physical_id()) == 30
        assert definition_name(old) not in inventory(aws)["definitions"]

    def test_is_undone_when_something_else_fails_after_it(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(sized(20)))
        before, old = inventory(aws), stack.physical_id()
        stack.update(template_of(sized(30), Broken=BROKEN), expect="UPDATE_ROLLBACK_COMPLETE")
        assert stack.physical_id() == old
        assert size_of(aws, old) == 20
        assert inventory(aws) == before


class TestTags:
    def test_a_tag_of_the_resource_changes_in_place(self, stacks: Stacks, aws: Clients) -> None:
        stack = stacks.create(template_of(tagged(team="churn", stage="test")))
        arn, description = stack.physical_id(), description_of(aws, stack.physical_id())
        stack.update(template_of(tagged(team="risk", owner="")))
        assert stack.physical_id() == arn
        assert description_of(aws, arn) == description
        assert tags_of(aws, arn) == {"team": "risk", "owner": ""}

    def test_a_tag_of_the_stack_alone_reaches_the_definition_in_place(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(MINIMUM), tags={"Project": "churn", "Stage": "test"})
        arn = stack.physical_id()
        stack.update(tags={"Project": "churn", "Stage": "production", "Owner": "me"})
        assert stack.physical_id() == arn
        assert tags_of(aws, arn) == {"Project": "churn", "Stage": "production", "Owner": "me"}
        stack.update(tags={})
        assert tags_of(aws, arn) == {}

    def test_a_tag_of_the_resource_goes_over_that_of_the_stack_and_gives_way_again(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(tagged(Stage="its own")), tags={"Stage": "of the stack"})
        arn = stack.physical_id()
        assert tags_of(aws, arn) == {"Stage": "its own"}
        stack.update(template_of(MINIMUM))
        assert stack.physical_id() == arn
        assert tags_of(aws, arn) == {"Stage": "of the stack"}

    def test_tags_that_others_put_on_the_definition_stay(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(tagged(team="churn")))
        arn = stack.physical_id()
        aws.sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({"by": "hand"}))
        stack.update(template_of(tagged(team="risk")))
        assert tags_of(aws, arn) == {"team": "risk", "by": "hand"}

    def test_old_tags_are_restored_when_something_else_fails_after_the_change(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(tagged(team="churn", old="1")), tags={"Stage": "test"})
        arn = stack.physical_id()
        stack.update(
            template_of(tagged(team="risk", new="1"), Broken=BROKEN),
            tags={"Stage": "production", "Owner": "me"},
            expect="UPDATE_ROLLBACK_COMPLETE",
        )
        assert stack.physical_id() == arn
        assert tags_of(aws, arn) == {"team": "churn", "old": "1", "Stage": "test"}
        assert stack.statuses() == [
            *("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"),
            *("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
            *("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
        ]


def test_another_endpoint_name_is_an_update_in_place_that_changes_nothing(
    stacks: Stacks, aws: Clients
) -> None:
    stack = stacks.create(template_of({**MINIMUM, "EndpointName": "one"}))
    arn, description = stack.physical_id(), description_of(aws, stack.physical_id())
    stack.update(template_of({**MINIMUM, "EndpointName": "two"}))
    assert stack.physical_id() == arn
    assert description_of(aws, arn) == description


class TestFailedCreate:
    def test_rolls_back_and_leaves_nothing(self, stacks: Stacks, aws: Clients) -> None:
        before = inventory(aws)
        template = template_of(MINIMUM, Broken=BROKEN)
        stack = stacks.create(template, expect="ROLLBACK_COMPLETE")
        assert inventory(aws) == before
        assert stack.statuses()[-2:] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]

    def test_leaves_a_definition_alone_that_stood_before_under_the_given_name(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        name = stacks.name()
        owner = stacks.create(template_of({**tagged(team="churn"), "JobDefinitionName": name}))
        arn, description = owner.physical_id(), description_of(aws, owner.physical_id())
        other = template_of({**MINIMUM, "JobDefinitionName": name})
        stack = stacks.create(other, expect="ROLLBACK_COMPLETE", tags={"Project": "other"})
        reason = stack.reason("CREATE_FAILED")
        assert f"'{name}' already exists" in reason
        assert "HandlerErrorCode: AlreadyExists" in reason
        stack.delete()
        assert description_of(aws, arn) == description
        assert tags_of(aws, arn) == {"team": "churn"}

    def test_says_in_its_event_what_sagemaker_said(self, stacks: Stacks) -> None:
        cluster = {**MINIMUM["JobResources"]["ClusterConfig"], "InstanceType": "ml.none"}
        properties = {**MINIMUM, "JobResources": {"ClusterConfig": cluster}}
        stack = stacks.create(template_of(properties), expect="ROLLBACK_COMPLETE")
        reason = stack.reason("CREATE_FAILED")
        assert "Value 'ml.none' at 'jobResources.clusterConfig.instanceType'" in reason
        assert "failed to satisfy constraint" in reason
        assert "HandlerErrorCode: InvalidRequest" in reason


def changed(path: str, value: Any, base: Mapping[str, Any] = MINIMUM) -> dict[str, Any]:
    """The properties with one value changed or added; the path is of names joined by dots."""
    name, _, rest = path.partition(".")
    return {**base, name: changed(rest, value, base[name]) if rest else value}


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "misspelt": (
        changed("ModelQualityJobInput.EndpointInput.LocalPth", "/opt/ml/input"),
        ["ModelQualityJobInput/EndpointInput", "LocalPth"],
    ),
    "misspelt-at-the-top": (changed("RoleArm", "x"), ["#", "RoleArm"]),
    "wrong-type": (
        changed("JobResources.ClusterConfig.InstanceCount", "two"),
        ["JobResources/ClusterConfig/InstanceCount", "two"],
    ),
    "object-where-text-belongs": (changed("RoleArn", {"Arn": "x"}), ["RoleArn", '{"Arn": "x"}']),
    "pattern": (
        changed("RoleArn", "arn:aws:iam::12345:role/monitor"),
        ["RoleArn", "[arn:aws:iam::12345:role/monitor]"],
    ),
    "unicode-pattern": (
        changed("Tags", [{"Key": "price", "Value": "cheap; fast"}]),
        ["Tags/0/Value", "[cheap; fast]"],
    ),
    "too-large": (
        changed("StoppingCondition", {"MaxRuntimeInSeconds": 86401}),
        ["StoppingCondition/MaxRuntimeInSeconds", "86401"],
    ),
    "no-such-value": (
        changed("ModelQualityAppSpecification.ProblemType", "Ranking"),
        ["ModelQualityAppSpecification/ProblemType", "Ranking", "Regression"],
    ),
    "missing": (
        {name: value for name, value in MINIMUM.items() if name != "RoleArn"},
        ["required key [RoleArn] not found"],
    ),
    "no-input": (
        changed("ModelQualityJobInput", {"GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"}}),
        ["ModelQualityJobInput", "EndpointInput", "BatchTransformInput"],
    ),
    "read-only": (
        changed("CreationTime", "2026-11-20T20:21:24.397Z"),
        ["CreationTime", "read-only"],
    ),
}


@pytest.mark.parametrize(("properties", "said"), REFUSED.values(), ids=REFUSED)
class TestRefusal:
    def test_comes_before_anything_is_created_and_names_property_and_value(
        self, properties: Any, said: list[str], stacks: Stacks, aws: Clients
    ) -> None:
        before = inventory(aws)
        stack = stacks.create(template_of(properties), expect="ROLLBACK_COMPLETE")
        reason = stack.invalid()
        assert [each for each in said if each not in reason] == [], reason
        assert {event["LogicalResourceId"] for event in stack.events()} == {stack.name}
        assert inventory(aws) == before

    def test_fails_an_update_the_same_way_and_the_definition_stays_as_it_was(
        self, properties: Any, said: list[str], stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(BATCH))
        arn, description = stack.physical_id(), description_of(aws, stack.physical_id())
        stack.update(template_of(properties), expect="UPDATE_ROLLBACK_COMPLETE")
        reason = stack.invalid()
        assert [each for each in said if each not in reason] == [], reason
        assert stack.physical_id() == arn
        assert description_of(aws, arn) == description


class TestDeletion:
    def test_a_retained_definition_outlives_its_stack(self, stacks: Stacks, aws: Clients) -> None:
        template = template_of(tagged(team="churn"))
        template["Resources"]["JobDefinition"]["DeletionPolicy"] = "Retain"
        stack = stacks.create(template)
        arn, description = stack.physical_id(), description_of(aws, stack.physical_id())
        stack.delete()
        assert stack.statuses()[-1] == "DELETE_SKIPPED"
        assert description_of(aws, arn) == description
        assert tags_of(aws, arn) == {"team": "churn"}
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=definition_name(arn))

    def test_of_a_stack_whose_definition_was_deleted_by_hand_succeeds(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(MINIMUM))
        aws.sagemaker.delete_model_quality_job_definition(
            JobDefinitionName=definition_name(stack.physical_id())
        )
        stack.delete()

    def test_is_tried_again_while_a_schedule_uses_the_definition(
        self, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(template_of(MINIMUM))
        aws.sagemaker.create_monitoring_schedule(
            MonitoringScheduleName=stack.name,
            MonitoringScheduleConfig={
                "MonitoringJobDefinitionName": definition_name(stack.physical_id()),
                "MonitoringType": "ModelQuality",
            },
        )
        aws.cloudformation.delete_stack(StackName=stack.id)
        time.sleep(0.3)
        assert stack.status == "DELETE_IN_PROGRESS"
        aws.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=stack.name)
        stack.rest("DELETE_COMPLETE")


def planned(stack: Stack, aws: Clients, template: Any, **options: Any) -> dict[str, Any]:
    """The change of the definition in a change set, which is deleted again."""
    cloudformation = aws.cloudformation
    made = cloudformation.create_change_set(
        StackName=stack.name, ChangeSetName="change", **body(template), **CAPABILITIES, **options
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=made["Id"], WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    changes = cloudformation.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    cloudformation.delete_change_set(ChangeSetName=made["Id"])
    [change] = [each["ResourceChange"] for each in changes]
    assert change["LogicalResourceId"] == "JobDefinition"
    assert change["PhysicalResourceId"] == stack.physical_id()
    return dict(change)


class TestChangeSet:
    @pytest.fixture
    def stack(self, stacks: Stacks) -> Stack:
        return stacks.create(template_of(tagged(team="churn")), tags={"Stage": "test"})

    def test_states_that_a_tag_changes_in_place(self, stack: Stack, aws: Clients) -> None:
        change = planned(stack, aws, template_of(tagged(team="risk")))
        assert (change["Action"], change["Replacement"]) == ("Modify", "False")

    def test_states_that_a_tag_of_the_stack_changes_in_place(
        self, stack: Stack, aws: Clients
    ) -> None:
        template = template_of(tagged(team="churn"))
        change = planned(stack, aws, template, Tags=tag_list({"Stage": "production"}))
        assert (change["Action"], change["Replacement"]) == ("Modify", "False")

    def test_states_that_an_endpoint_name_changes_in_place(
        self, stack: Stack, aws: Clients
    ) -> None:
        template = template_of({**tagged(team="churn"), "EndpointName": "other"})
        change = planned(stack, aws, template)
        assert (change["Action"], change["Replacement"]) == ("Modify", "False")

    def test_states_that_a_create_only_property_replaces(self, stack: Stack, aws: Clients) -> None:
        change = planned(stack, aws, template_of(sized(30, Tags=tag_list({"team": "risk"}))))
        assert (change["Action"], change["Replacement"]) == ("Modify", "True")
        causes = {
            (target["Attribute"], target.get("Name"), target["RequiresRecreation"])
            for target in (detail["Target"] for detail in change["Details"])
        }
        assert causes == {("Properties", "JobResources", "Always"), ("Tags", None, "Never")}


@pytest.mark.once  # the CLI makes calls that other tests make on each Python
def test_aws_cloudformation_deploy_changes_a_tag_in_place_and_then_finds_nothing_to_do(
    cli: Cli, stacks: Stacks, aws: Clients, tmp_path: Path
) -> None:
    parameters = {"Team": {"Type": "String", "Default": "churn"}}
    template = tmp_path / "template.json"
    properties = {**MINIMUM, "Tags": [{"Key": "team", "Value": {"Ref": "Team"}}]}
    template.write_text(body({"Parameters": parameters, **template_of(properties)})["TemplateBody"])
    stack = stacks.create(template.read_text())
    arn = stack.physical_id()
    arguments = (
        *("cloudformation", "deploy", "--stack-name", stack.name, "--template-file", str(template)),
        *("--parameter-overrides", "Team=risk", "--tags", "Project=quality"),
        "--no-fail-on-empty-changeset",
    )
    for said in ("Successfully created/updated stack", "No changes to deploy"):
        deployed = cli.run(*arguments)
        assert (deployed.returncode, deployed.stderr) == (0, "")
        assert re.search(said, deployed.stdout)
    assert stack.status == "UPDATE_COMPLETE"
    assert stack.physical_id() == arn
    assert tags_of(aws, arn) == {"team": "risk", "Project": "quality"}
