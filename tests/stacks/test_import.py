"""Definitions that someone made by hand, in SageMaker, are imported into stacks."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.provider import MINIMUM
from tests.harness.registry import registered
from tests.harness.stacks import (
    TYPE_NAME,
    Cli,
    Clients,
    InvokedProvider,
    Stack,
    Stacks,
    body,
    definition_name,
    description_of,
    inventory,
    tag_list,
    tags_of,
)

REGISTERED = "Acme::SageMaker::ModelQualityJobDefinition"
REGION = "us-east-1"
BY_HAND = {"by": "hand"}
STACK_TAGS = {"Stage": "test"}
#: Two tags with one key: the schema allows them, and the handlers reject them.
REJECTED_BY_UPDATE: dict[str, Any] = {
    "Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
}

Make = Callable[..., str]


@pytest.fixture
def make(stacks: Stacks, aws: Clients) -> Iterator[Make]:
    """Makes definitions as a notebook does, with a tag, and deletes them after the test."""
    names: list[str] = []

    def made(**changes: Any) -> str:
        names.append(stacks.name())
        request = {"Tags": tag_list(BY_HAND), **MINIMUM, **changes}
        answer = aws.sagemaker.create_model_quality_job_definition(
            JobDefinitionName=names[-1], **request
        )
        return str(answer["JobDefinitionArn"])

    yield made
    for name in names:
        if name in inventory(aws)["definitions"]:
            aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)


def template(
    logical_id: str = "JobDefinition", type_name: str = TYPE_NAME, **properties: Any
) -> dict[str, Any]:
    """A template of one definition that is kept when its stack is deleted."""
    definition = {
        "Type": type_name,
        "DeletionPolicy": "Retain",
        "Properties": {**MINIMUM, **properties},
    }
    return {"Resources": {logical_id: definition}}


def entry(
    arn: str, logical_id: str = "JobDefinition", type_name: str = TYPE_NAME
) -> dict[str, Any]:
    return {
        "ResourceType": type_name,
        "LogicalResourceId": logical_id,
        "ResourceIdentifier": {"JobDefinitionArn": arn},
    }


def planned(aws: Clients, name: str, source: Any, *entries: Any) -> dict[str, Any]:
    answer = aws.cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        ResourcesToImport=list(entries),
        **body(source),
    )
    return dict(aws.cloudformation.describe_change_set(ChangeSetName=answer["Id"]))


def imported(
    stacks: Stacks,
    aws: Clients,
    source: Any,
    *entries: Any,
    name: str | None = None,
    expect: str = "IMPORT_COMPLETE",
) -> Stack:
    """Import into a stack, by default a new one, and wait for the end."""
    described = planned(aws, name or stacks.name(), source, *entries)
    assert described["Status"] == "CREATE_COMPLETE", described
    stack = stacks.adopt(described["StackId"])
    aws.cloudformation.execute_change_set(ChangeSetName=described["ChangeSetId"])
    stack.rest(expect)
    return stack


def drift(aws: Clients, stack: Stack) -> dict[str, Any]:
    answer = aws.cloudformation.detect_stack_resource_drift(
        StackName=stack.id, LogicalResourceId="JobDefinition"
    )
    return dict(answer["StackResourceDrift"])


class TestANewStack:
    def test_takes_a_definition_in_use_and_changes_nothing(
        self, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        arn = make()
        name, before = definition_name(arn), description_of(aws, arn)
        schedule = {
            "ScheduleConfig": {"ScheduleExpression": "cron(0 0 ? * * *)"},
            "MonitoringJobDefinitionName": name,
            "MonitoringType": "ModelQuality",
        }
        aws.sagemaker.create_monitoring_schedule(
            MonitoringScheduleName=name, MonitoringScheduleConfig=schedule
        )
        try:
            stack = imported(stacks, aws, template(JobDefinitionName=name), entry(arn))
            assert stack.physical_id() == arn
            assert (description_of(aws, arn), tags_of(aws, arn)) == (before, BY_HAND)
            assert drift(aws, stack)["StackResourceDriftStatus"] == "IN_SYNC"
            stack.update(template(JobDefinitionName=name, Tags=tag_list({"team": "churn"})))
            assert stack.physical_id() == arn
            assert tags_of(aws, arn) == {**BY_HAND, "team": "churn"}
        finally:
            aws.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=name)
        stack.delete()
        assert stack.statuses()[-1] == "DELETE_SKIPPED"
        assert description_of(aws, arn) == before

    def test_deletes_a_definition_whose_policy_says_so(
        self, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        arn = make()
        source = template()
        source["Resources"]["JobDefinition"]["DeletionPolicy"] = "Delete"
        imported(stacks, aws, source, entry(arn)).delete()
        assert definition_name(arn) not in inventory(aws)["definitions"]

    def test_does_not_notice_that_the_template_differs_which_is_then_drift(
        self, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        arn = make()
        before = description_of(aws, arn)
        source = template(
            JobDefinitionName="another", StoppingCondition={"MaxRuntimeInSeconds": 60}
        )
        stack = imported(stacks, aws, source, entry(arn))
        assert (description_of(aws, arn), tags_of(aws, arn)) == (before, BY_HAND)
        found = drift(aws, stack)
        assert found["StackResourceDriftStatus"] == "MODIFIED"
        assert {each["PropertyPath"] for each in found["PropertyDifferences"]} == {
            "/JobDefinitionName",
            "/StoppingCondition/MaxRuntimeInSeconds",
        }

    @pytest.mark.parametrize("of", ["nothing", "another-region", "another-account", "a-name"])
    def test_is_left_for_review_when_there_is_no_such_definition(
        self, of: str, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        arn = make()
        wanted, words = {
            "nothing": (f"{arn}-not", "not found"),
            "another-region": (arn.replace(REGION, "eu-west-1"), "is not the ARN of a model"),
            "another-account": (arn.replace("123456789012", "210987654321"), "is not the ARN of"),
            "a-name": (definition_name(arn), "is not the ARN of a model"),
        }[of]
        described = planned(aws, stacks.name(), template(), entry(wanted))
        stack = stacks.adopt(described["StackId"])
        assert (described["Status"], described["Changes"]) == ("FAILED", [])
        assert words in described["StatusReason"]
        assert stack.status == "REVIEW_IN_PROGRESS"

    def test_rolls_back_and_leaves_the_definition_as_it_is(
        self, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        arn = make()
        before = description_of(aws, arn)
        source = template(**REJECTED_BY_UPDATE)
        stack = imported(stacks, aws, source, entry(arn), expect="ROLLBACK_COMPLETE")
        assert "the key 'a' appears twice" in stack.reason("UPDATE_FAILED")
        assert (description_of(aws, arn), tags_of(aws, arn)) == (before, BY_HAND)
        stack.delete()
        assert imported(stacks, aws, template(), entry(arn)).physical_id() == arn


class TestAnExistingStack:
    def test_adds_its_tags_and_the_templates_and_removes_none(
        self, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        first, second = make(), make(Tags=tag_list({**BY_HAND, "team": "risk", "Stage": "x"}))
        stack = stacks.create(template("First"), tags={"Stage": "test", "Cost": "1"})
        stack_made = stack.physical_id("First")
        both = template("First")
        both["Resources"].update(template("Second", Tags=tag_list({"team": "churn"}))["Resources"])
        imported(stacks, aws, both, entry(second, "Second"), name=stack.name)
        assert tags_of(aws, second) == {**BY_HAND, "team": "churn", "Stage": "test", "Cost": "1"}
        assert tags_of(aws, stack_made) == {"Stage": "test", "Cost": "1"}
        assert tags_of(aws, first) == BY_HAND
        stack.delete()
        aws.sagemaker.delete_model_quality_job_definition(
            JobDefinitionName=definition_name(stack_made)
        )

    def test_gets_back_what_it_had_when_the_import_fails(
        self, stacks: Stacks, aws: Clients, make: Make
    ) -> None:
        arn = make()
        source = template("Old")
        source["Resources"]["Old"]["DeletionPolicy"] = "Delete"
        stack = stacks.create(source)
        both = {"Resources": {**source["Resources"], **template(**REJECTED_BY_UPDATE)["Resources"]}}
        expect = "IMPORT_ROLLBACK_COMPLETE"
        imported(stacks, aws, both, entry(arn), name=stack.name, expect=expect)
        assert tags_of(aws, arn) == BY_HAND
        stack.update(source, tags={"Stage": "test"})


def test_with_import_existing_resources_a_taken_name_fails_the_create(
    stacks: Stacks, aws: Clients, make: Make
) -> None:
    arn = make()
    answer = aws.cloudformation.create_change_set(
        StackName=stacks.name(),
        ChangeSetName="auto",
        ChangeSetType="CREATE",
        ImportExistingResources=True,
        **body(template(JobDefinitionName=definition_name(arn))),
    )
    stack = stacks.adopt(answer["StackId"])
    described = aws.cloudformation.describe_change_set(ChangeSetName=answer["Id"])
    [change] = described["Changes"]
    assert change["ResourceChange"]["Action"] == "Add"
    assert f"that of {TYPE_NAME} is JobDefinitionArn" in described["StatusReason"]
    aws.cloudformation.execute_change_set(ChangeSetName=answer["Id"])
    stack.rest("ROLLBACK_COMPLETE")
    assert "HandlerErrorCode: AlreadyExists" in stack.reason("CREATE_FAILED")
    assert tags_of(aws, arn) == BY_HAND


class TestPreviousProperties:
    """What the handlers do for each value that CloudFormation may send after an import.

    The sandbox sends the template's properties.
    """

    def updated(
        self, provider: InvokedProvider, arn: str, previous: str, **properties: Any
    ) -> dict[str, Any]:
        """Send the update that follows an import. Returns the progress event."""
        read = provider("READ", {"JobDefinitionArn": arn})["resourceModel"]
        stated = {**MINIMUM, **properties, "JobDefinitionArn": arn}
        before = {"template": stated, "nothing": None, "read": read}[previous]
        answer: dict[str, Any] = provider(
            "UPDATE", stated, before, tags=STACK_TAGS, previous_tags={}
        )
        return answer

    @pytest.mark.parametrize("previous", ["template", "nothing"])
    def test_tags_that_the_template_does_not_mention_stay(
        self, previous: str, provider: InvokedProvider, aws: Clients, make: Make
    ) -> None:
        arn = make()
        assert self.updated(provider, arn, previous)["status"] == "SUCCESS"
        assert tags_of(aws, arn) == {**BY_HAND, **STACK_TAGS}

    def test_as_they_were_read_they_are_removed_unless_the_template_has_them(
        self, provider: InvokedProvider, aws: Clients, make: Make
    ) -> None:
        arn = make()
        assert self.updated(provider, arn, "read", Tags=tag_list(BY_HAND))["status"] == "SUCCESS"
        assert tags_of(aws, arn) == {**BY_HAND, **STACK_TAGS}
        arn = make()
        assert self.updated(provider, arn, "read")["status"] == "SUCCESS"
        assert tags_of(aws, arn) == STACK_TAGS

    @pytest.mark.parametrize("previous", ["template", "nothing", "read"])
    def test_another_create_only_value_is_noticed_only_beside_the_real_one(
        self, previous: str, provider: InvokedProvider, aws: Clients, make: Make
    ) -> None:
        arn = make()
        before = description_of(aws, arn)
        other = {"StoppingCondition": {"MaxRuntimeInSeconds": 60}}
        answer = self.updated(provider, arn, previous, **other)
        if previous == "template":
            assert answer["status"] == "SUCCESS"
        else:
            assert answer["errorCode"] == "NotUpdatable"
            assert "StoppingCondition" in answer["message"]
            assert tags_of(aws, arn) == BY_HAND
        assert description_of(aws, arn) == before


@pytest.mark.once
@pytest.mark.timeout(300)
class TestTheAwsCli:
    @pytest.fixture(params=[TYPE_NAME, REGISTERED], ids=["AWS", "registered"])
    def type_name(
        self, request: pytest.FixtureRequest, aws: Clients, package: Callable[[str], Path]
    ) -> Iterator[str]:
        name: str = request.param
        if name == TYPE_NAME:
            yield name
            return
        with registered(aws, REGION, name, package(name).read_bytes()):
            yield name

    def test_imports_into_a_new_stack_and_into_an_existing_one(
        self, type_name: str, cli: Cli, stacks: Stacks, aws: Clients, make: Make, tmp_path: Path
    ) -> None:
        first, second, name = make(), make(), stacks.name()
        source = template("First", type_name)
        path = tmp_path / "quality.json"
        path.write_text(json.dumps(source))
        summary = cli("cloudformation", "get-template-summary", "--template-body", f"file://{path}")
        assert summary["ResourceIdentifierSummaries"] == [
            {
                "ResourceType": type_name,
                "LogicalResourceIds": ["First"],
                "ResourceIdentifiers": ["JobDefinitionArn"],
            }
        ]
        self.run(cli, name, path, entry(first, "First", type_name))
        [described] = cli("cloudformation", "describe-stacks", "--stack-name", name)["Stacks"]
        stack = stacks.adopt(described["StackId"])

        source["Resources"].update(template("Second", type_name)["Resources"])
        path.write_text(json.dumps(source))
        self.run(cli, name, path, entry(second, "Second", type_name))
        assert stack.physical_id("First") == first
        assert stack.physical_id("Second") == second

        deployed = ["--stack-name", name, "--template-file", str(path), "--tags", "Stage=test"]
        assert cli.run("cloudformation", "deploy", *deployed).returncode == 0
        assert tags_of(aws, second) == {**BY_HAND, "Stage": "test"}
        stack.delete()
        kept = {definition_name(first), definition_name(second)}
        assert kept <= inventory(aws)["definitions"]

    def run(self, cli: Cli, name: str, path: Path, wanted: dict[str, Any]) -> None:
        """Import, with the commands that CloudFormation's guide gives."""
        names = ["--stack-name", name, "--change-set-name", "import"]
        cli(
            "cloudformation",
            "create-change-set",
            *names,
            *("--change-set-type", "IMPORT"),
            *("--resources-to-import", json.dumps([wanted])),
            *("--template-body", f"file://{path}"),
        )
        cli("cloudformation", "wait", "change-set-create-complete", *names)
        cli("cloudformation", "execute-change-set", *names)
        cli("cloudformation", "wait", "stack-import-complete", "--stack-name", name)
