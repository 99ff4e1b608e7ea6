"""Drift detection of definitions: nothing is reported that nobody changed, and what was is."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from project import ROOT
from tests.harness.examples import EXAMPLES, STACK_TAGS
from tests.harness.provider import BATCH, MINIMUM
from tests.harness.registry import registered
from tests.harness.stacks import (
    TIME_LIMIT_SECONDS,
    TYPE_NAME,
    Cli,
    Clients,
    Stack,
    Stacks,
    body,
    definition_name,
    everything,
    tag_list,
    template_of,
)

DOCUMENTED = sorted((ROOT / "tests" / "data").glob("documented-example.*"))
INPUTS = sorted((ROOT / "inputs").glob("inputs_*_create.json"))
OWN = {"team": "churn", "stage": "own"}
DECLARED = {**MINIMUM, "Tags": tag_list(OWN)}
#: What SageMaker fills in, where a template leaves it out.
FILLED_IN = {"StoppingCondition", "S3InputMode", "S3DataDistributionType", "S3UploadMode"}


def detect(aws: Clients, stack: Stack) -> dict[str, Any]:
    """Check a stack and wait for the end. Returns the status of the run."""
    cloudformation = aws.cloudformation
    run = cloudformation.detect_stack_drift(StackName=stack.id)["StackDriftDetectionId"]
    until = time.monotonic() + TIME_LIMIT_SECONDS
    while True:
        answer = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=run)
        if answer["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            return dict(answer)
        assert time.monotonic() < until, answer


def drift(aws: Clients, stack: Stack, logical_id: str = "JobDefinition") -> dict[str, Any]:
    """Check one resource. Returns the result."""
    answer = aws.cloudformation.detect_stack_resource_drift(
        StackName=stack.id, LogicalResourceId=logical_id
    )
    return dict(answer["StackResourceDrift"])


def differences(result: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """The differences in a result by path: type, expected and actual value."""
    return {
        each["PropertyPath"]: (
            each["DifferenceType"],
            each["ExpectedValue"],
            each["ActualValue"],
        )
        for each in result["PropertyDifferences"]
    }


def members(value: Any) -> set[str]:
    """The names of all members in a value, at any depth."""
    if isinstance(value, list):
        return {name for item in value for name in members(item)}
    if not isinstance(value, dict):
        return set()
    return {*value, *(name for member in value.values() for name in members(member))}


def contract_input(path: Path) -> dict[str, Any]:
    """An input of the contract tests, under a name of its own."""
    properties: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if "JobDefinitionName" in properties:
        properties["JobDefinitionName"] = f"contract-{uuid.uuid4().hex}"
    return properties


def templates() -> dict[str, Any]:
    """Every template that must not drift by itself, by name."""
    return {
        **{path.stem: path.read_text("utf-8") for path in EXAMPLES},
        **{path.name: path.read_text("utf-8") for path in DOCUMENTED},
        **{path.stem: template_of(contract_input(path)) for path in INPUTS},
        "least": template_of(MINIMUM),
        "least-batch": template_of(BATCH),
        **{
            f"everything-{name}": template_of(everything(name))
            for name in ("EndpointInput", "BatchTransformInput")
        },
    }


@pytest.fixture(scope="module")
def deployed(aws: Clients) -> Iterator[dict[str, Stack]]:
    """A stack of each of these templates, all created at the same time, with stack tags."""
    stacks = Stacks(aws)
    made = {name: stacks.begin(source, tags=STACK_TAGS) for name, source in templates().items()}
    for stack in made.values():
        stack.rest("CREATE_COMPLETE")
    yield made
    stacks.clear()


@pytest.mark.parametrize("name", sorted(templates()))
def test_what_was_just_deployed_is_in_sync(
    name: str, deployed: dict[str, Stack], aws: Clients
) -> None:
    stack = deployed[name]
    run = detect(aws, stack)
    results = {
        each["LogicalResourceId"]: each
        for each in aws.cloudformation.describe_stack_resource_drifts(StackName=stack.id)[
            "StackResourceDrifts"
        ]
    }
    assert differences(results["JobDefinition"]) == {}
    assert {each["StackResourceDriftStatus"] for each in results.values()} == {"IN_SYNC"}
    assert (run["DetectionStatus"], run["StackDriftStatus"], run["DriftedStackResourceCount"]) == (
        "DETECTION_COMPLETE",
        "IN_SYNC",
        0,
    )
    expected = json.loads(results["JobDefinition"]["ExpectedProperties"])
    assert STACK_TAGS.keys() <= {tag["Key"] for tag in expected["Tags"]}
    assert "EndpointName" not in expected


def test_what_the_templates_leave_out_is_filled_in_by_sagemaker(
    deployed: dict[str, Stack], aws: Clients
) -> None:
    left_out = set(FILLED_IN)
    for name in ("least", "least-batch", *(path.name for path in DOCUMENTED)):
        declared = members(json.loads(drift(aws, deployed[name])["ExpectedProperties"]))
        left_out -= declared
    assert left_out == FILLED_IN - {"StoppingCondition"}
    assert "StoppingCondition" not in json.loads(
        drift(aws, deployed["least"])["ExpectedProperties"]
    )


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_an_input_of_the_contract_tests_is_in_sync_after_its_update(
    path: Path, deployed: dict[str, Stack], aws: Clients
) -> None:
    stack = deployed[path.stem]
    update = contract_input(path.with_name(path.name.replace("create", "update")))
    if "JobDefinitionName" in update:
        update["JobDefinitionName"] = definition_name(stack.physical_id())
    stack.update(template_of(update))
    assert detect(aws, stack)["StackDriftStatus"] == "IN_SYNC"


def test_only_resources_of_types_with_handlers_are_checked(
    deployed: dict[str, Stack], aws: Clients
) -> None:
    stack = deployed["monitoring-schedule"]
    detect(aws, stack)
    resources = aws.cloudformation.describe_stack_resources(StackName=stack.id)["StackResources"]
    statuses = {
        each["ResourceType"]: each["DriftInformation"]["StackResourceDriftStatus"]
        for each in resources
    }
    assert statuses.pop(TYPE_NAME) == "IN_SYNC"
    assert "AWS::IAM::Role" in statuses
    assert set(statuses.values()) == {"NOT_CHECKED"}


class TestWhatWasChangedByHand:
    @pytest.fixture
    def stack(self, stacks: Stacks) -> Stack:
        return stacks.create(template_of(DECLARED), tags={"stage": "test", "project": "x"})

    def test_is_a_tag_of_the_template_with_another_value(self, stack: Stack, aws: Clients) -> None:
        arn = stack.physical_id()
        aws.sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({"team": "loans"}))
        result = drift(aws, stack)
        assert result["StackResourceDriftStatus"] == "MODIFIED"
        assert differences(result) == {"/Tags/0/Value": ("NOT_EQUAL", "churn", "loans")}

    def test_is_a_tag_of_the_stack_with_another_value(self, stack: Stack, aws: Clients) -> None:
        arn = stack.physical_id()
        aws.sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({"project": "y"}))
        assert differences(drift(aws, stack)) == {"/Tags/2/Value": ("NOT_EQUAL", "x", "y")}

    def test_is_a_tag_that_was_removed(self, stack: Stack, aws: Clients) -> None:
        aws.sagemaker.delete_tags(ResourceArn=stack.physical_id(), TagKeys=["stage"])
        assert differences(drift(aws, stack)) == {
            "/Tags/1": ("REMOVE", '{"Key":"stage","Value":"own"}', "null")
        }

    def test_is_a_tag_that_was_added(self, stack: Stack, aws: Clients) -> None:
        arn = stack.physical_id()
        aws.sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({"by-hand": "1"}))
        result = drift(aws, stack)
        [(path, difference)] = differences(result).items()
        tags = json.loads(result["ActualProperties"])["Tags"]
        assert path == f"/Tags/{tags.index({'Key': 'by-hand', 'Value': '1'})}"
        assert difference == ("ADD", "null", '{"Key":"by-hand","Value":"1"}')

    def test_is_a_definition_that_was_deleted(self, stack: Stack, aws: Clients) -> None:
        name = definition_name(stack.physical_id())
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
        run = detect(aws, stack)
        assert (run["StackDriftStatus"], run["DriftedStackResourceCount"]) == ("DRIFTED", 1)
        [result] = aws.cloudformation.describe_stack_resource_drifts(StackName=stack.id)[
            "StackResourceDrifts"
        ]
        assert result["StackResourceDriftStatus"] == "DELETED"

    def test_is_repaired_by_another_logical_id_where_the_definition_is_gone(
        self, stack: Stack, aws: Clients
    ) -> None:
        name = definition_name(stack.physical_id())
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
        template = template_of(DECLARED)
        template["Resources"] = {"Anew": template["Resources"]["JobDefinition"]}
        stack.update(template)
        assert drift(aws, stack, "Anew")["StackResourceDriftStatus"] == "IN_SYNC"

    @pytest.mark.parametrize("other_logical_id", [False, True])
    def test_is_a_definition_that_was_replaced_by_another_of_the_same_name(
        self, stack: Stack, aws: Clients, other_logical_id: bool
    ) -> None:
        name = definition_name(stack.physical_id())
        before = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
        request = {key: before[key] for key in MINIMUM if key != "Tags"}
        request["JobResources"]["ClusterConfig"]["VolumeSizeInGB"] += 1
        volume = request["JobResources"]["ClusterConfig"]["VolumeSizeInGB"]
        tags = tag_list({**OWN, "project": "x"})
        aws.sagemaker.create_model_quality_job_definition(
            JobDefinitionName=name, **request, Tags=tags
        )
        assert differences(drift(aws, stack)) == {
            "/JobResources/ClusterConfig/VolumeSizeInGB": (
                "NOT_EQUAL",
                str(volume - 1),
                str(volume),
            )
        }
        # The template still says what it should be, so there is nothing to update.
        with pytest.raises(ClientError, match="No updates are to be performed"):
            stack.update(template_of(DECLARED))
        if other_logical_id:
            template = template_of(DECLARED)
            template["Resources"] = {"Anew": template["Resources"]["JobDefinition"]}
            stack.update(template)
        else:
            stack.update(template_of({**DECLARED, "JobDefinitionName": f"{name[:50]}-anew"}))
        assert detect(aws, stack)["StackDriftStatus"] == "IN_SYNC"
        [result] = aws.cloudformation.describe_stack_resource_drifts(StackName=stack.id)[
            "StackResourceDrifts"
        ]
        made = definition_name(result["PhysicalResourceId"])
        assert made != name
        described = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=made)
        assert described["JobResources"]["ClusterConfig"]["VolumeSizeInGB"] == volume - 1
        with pytest.raises(ClientError):
            aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)

    def test_goes_away_with_an_update_of_the_stack_where_the_template_says_so(
        self, stack: Stack, aws: Clients
    ) -> None:
        arn = stack.physical_id()
        aws.sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({"team": "loans"}))
        assert detect(aws, stack)["StackDriftStatus"] == "DRIFTED"
        stack.update(tags={"stage": "test", "project": "z"})
        assert stack.describe()["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
        assert detect(aws, stack)["StackDriftStatus"] == "IN_SYNC"


def test_a_tag_added_by_hand_is_no_drift_where_no_tags_are_expected(
    stacks: Stacks, aws: Clients
) -> None:
    stack = stacks.create(template_of(MINIMUM))
    aws.sagemaker.add_tags(ResourceArn=stack.physical_id(), Tags=tag_list({"by-hand": "1"}))
    assert detect(aws, stack)["StackDriftStatus"] == "IN_SYNC"


def test_an_empty_list_of_tags_and_a_parquet_that_is_false_are_drift(
    stacks: Stacks, aws: Clients
) -> None:
    declared = json.loads(json.dumps({**BATCH, "Tags": []}))
    formats = {"Json": {}, "Parquet": False}
    declared["ModelQualityJobInput"]["BatchTransformInput"]["DatasetFormat"] = formats
    stack = stacks.create(template_of(declared))
    assert differences(drift(aws, stack)) == {
        "/ModelQualityJobInput/BatchTransformInput/DatasetFormat/Parquet": (
            "REMOVE",
            "false",
            "null",
        ),
        "/Tags": ("REMOVE", "[]", "null"),
    }


class TestWhatWasImported:
    """The template is what counts, whatever was there before the import."""

    @pytest.fixture
    def arn(self, aws: Clients, stacks: Stacks) -> Iterator[str]:
        """A definition made by hand, with tags."""
        name = stacks.name()
        answer = aws.sagemaker.create_model_quality_job_definition(
            **MINIMUM, JobDefinitionName=name, Tags=tag_list(OWN)
        )
        yield answer["JobDefinitionArn"]
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)

    @staticmethod
    def imported(aws: Clients, stacks: Stacks, arn: str, properties: Any) -> Stack:
        template = template_of(properties)
        template["Resources"]["JobDefinition"]["DeletionPolicy"] = "Retain"
        answer = aws.cloudformation.create_change_set(
            StackName=stacks.name(),
            ChangeSetName="import",
            ChangeSetType="IMPORT",
            ResourcesToImport=[
                {
                    "ResourceType": TYPE_NAME,
                    "LogicalResourceId": "JobDefinition",
                    "ResourceIdentifier": {"JobDefinitionArn": arn},
                }
            ],
            **body(template),
        )
        stack = stacks.adopt(answer["StackId"])
        aws.cloudformation.execute_change_set(ChangeSetName=answer["Id"])
        stack.rest("IMPORT_COMPLETE")
        return stack

    def test_is_in_sync_with_a_template_that_says_what_there_is(
        self, arn: str, stacks: Stacks, aws: Clients
    ) -> None:
        said = {**DECLARED, "JobDefinitionName": definition_name(arn)}
        stack = self.imported(aws, stacks, arn, said)
        assert detect(aws, stack)["StackDriftStatus"] == "IN_SYNC"
        assert stack.describe()["DriftInformation"]["StackDriftStatus"] == "IN_SYNC"

    def test_has_drifted_where_the_template_says_something_else(
        self, arn: str, stacks: Stacks, aws: Clients
    ) -> None:
        said = {
            **MINIMUM,
            "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
            "Tags": tag_list({"team": "churn"}),
        }
        result = drift(aws, self.imported(aws, stacks, arn, said))
        [other] = [{"Key": key, "Value": OWN[key]} for key in OWN.keys() - {"team"}]
        index = json.loads(result["ActualProperties"])["Tags"].index(other)
        assert differences(result) == {
            "/StoppingCondition/MaxRuntimeInSeconds": ("NOT_EQUAL", "1800", "3600"),
            f"/Tags/{index}": ("ADD", "null", json.dumps(other, separators=(",", ":"))),
        }


class TestAReaderWithTooFewPermissions:
    @pytest.fixture
    def stack(self, stacks: Stacks) -> Stack:
        return stacks.create(template_of(DECLARED), tags={"project": "x"})

    def test_sees_no_tags_and_takes_them_for_removed(
        self, stack: Stack, aws: Clients, sandbox_url: str
    ) -> None:
        with denied(sandbox_url, "ListTags"):
            result = drift(aws, stack)
        tags = json.dumps(tag_list({**OWN, "project": "x"}), separators=(",", ":"))
        assert differences(result) == {"/Tags": ("REMOVE", tags, "null")}

    def test_finds_out_nothing_about_a_definition_and_says_why(
        self, stack: Stack, aws: Clients, sandbox_url: str
    ) -> None:
        with denied(sandbox_url, "DescribeModelQualityJobDefinition"):
            run = detect(aws, stack)
        assert (run["DetectionStatus"], run["StackDriftStatus"]) == ("DETECTION_FAILED", "UNKNOWN")
        reason = json.loads(run["DetectionStatusReason"])
        assert reason["Summary"] == "Failed to detect drift on resources [JobDefinition]"
        [failure] = reason["Failures"]
        assert "error: AccessDeniedException" in failure["FailureReason"]


@contextmanager
def denied(sandbox_url: str, operation: str) -> Iterator[None]:
    """Have SageMaker deny an operation."""
    faults = f"{sandbox_url}/_sandbox/faults"
    fault = {"service": "sagemaker", "operation": operation, "fault": "access-denied"}
    requests.post(faults, json={**fault, "calls": None}, timeout=5).raise_for_status()
    try:
        yield
    finally:
        requests.delete(faults, timeout=5).raise_for_status()


@pytest.mark.once
def test_the_aws_cli_shows_what_was_changed(cli: Cli, stacks: Stacks) -> None:
    stack = stacks.create(template_of(DECLARED), tags={"project": "x"})
    arn = stack.physical_id()
    cli("sagemaker", "add-tags", "--resource-arn", arn, "--tags", "Key=team,Value=loans")
    started = cli("cloudformation", "detect-stack-drift", "--stack-name", stack.name)
    run = cli(
        *("cloudformation", "describe-stack-drift-detection-status"),
        *("--stack-drift-detection-id", started["StackDriftDetectionId"]),
    )
    assert (run["DetectionStatus"], run["StackDriftStatus"]) == ("DETECTION_COMPLETE", "DRIFTED")
    shown = cli(
        *("cloudformation", "describe-stack-resource-drifts", "--stack-name", stack.name),
        *("--stack-resource-drift-status-filters", "MODIFIED", "DELETED"),
    )
    [result] = shown["StackResourceDrifts"]
    assert differences(result) == {"/Tags/0/Value": ("NOT_EQUAL", "churn", "loans")}
    again = cli(
        *("cloudformation", "detect-stack-resource-drift", "--stack-name", stack.name),
        *("--logical-resource-id", "JobDefinition"),
    )
    assert differences(again["StackResourceDrift"]) == differences(result)


@pytest.mark.once
@pytest.mark.timeout(300)
def test_a_definition_of_a_registered_type_is_checked_too(
    package: Callable[[str], Path], stacks: Stacks, aws: Clients
) -> None:
    acme = "Acme::SageMaker::ModelQualityJobDefinition"
    with registered(aws, "us-east-1", acme, package(acme).read_bytes()):
        template = template_of(DECLARED)
        template["Resources"]["JobDefinition"]["Type"] = acme
        stack = stacks.create(template, tags={"project": "x"})
        assert detect(aws, stack)["StackDriftStatus"] == "IN_SYNC"
        arn = stack.physical_id()
        aws.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["project"])
        result = drift(aws, stack)
        assert (result["ResourceType"], result["PhysicalResourceId"]) == (acme, arn)
        assert differences(result) == {
            "/Tags/2": ("REMOVE", '{"Key":"project","Value":"x"}', "null")
        }
        stack.delete()
