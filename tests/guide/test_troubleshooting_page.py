"""guide/troubleshooting.md: each message is what the handlers, the sandbox or make really say."""

import copy
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from project import ROOT
from tests.harness.documents import Document, readers_environment
from tests.harness.provider import ACCOUNT, MINIMUM, Provider, ScriptedAws, error, serving
from tests.harness.stacks import Clients, InvokedProvider, Stacks, body, definition_name
from tests.harness.stacks import template_of as template

PAGE = Document.read(Path("guide/troubleshooting.md"))
MESSAGES = [row["message"] for row in PAGE.table("Messages")]
NAMED = "named-for-troubleshooting"
CALL = "CreateModelQualityJobDefinition"
NUMBERED = [{"Key": str(number), "Value": ""} for number in range(50)]
# An operation that has been under way for longer than it may be.
TIME_IS_UP = {"attempts": 9, "started": 0.0}


@dataclass(frozen=True)
class Bench:
    """What a case may use: stacks and handlers in a sandbox, and handlers whose AWS is scripted."""

    aws: Clients
    stacks: Stacks
    invoked: InvokedProvider
    scripted: Provider

    def stack_event(self, properties: Any, **options: Any) -> str:
        """Why a definition of these properties could not be created, as the stack's event says."""
        stack = self.stacks.create(template(properties), expect="ROLLBACK_COMPLETE", **options)
        return stack.reason("CREATE_FAILED")

    def validation(self, properties: Any) -> str:
        """What is wrong with a definition of these properties, before anything is created."""
        return self.stacks.create(template(properties), expect="ROLLBACK_COMPLETE").invalid()

    def refusal(self, *answers: Any, context: Any = None) -> str:
        """What a create says whose call SageMaker answers so."""
        self.scripted.aws.answer(CALL, *answers)
        return failure(self.scripted("CREATE", MINIMUM, context=context))


@pytest.fixture(scope="module")
def scripted_aws() -> Iterator[ScriptedAws]:
    get_backend("sagemaker")  # not at the first call, whose time it would take
    with serving(ScriptedAws()) as aws:
        yield aws


def a_type_that_nobody_registered(bench: Bench) -> str:
    resource = {"Type": "YourOrg::SageMaker::ModelQualityJobDefinition", "Properties": MINIMUM}
    with pytest.raises(ClientError) as raised:
        bench.aws.cloudformation.create_stack(
            StackName="unregistered",
            TemplateBody=json.dumps({"Resources": {"JobDefinition": resource}}),
        )
    return str(raised.value)


@pytest.fixture
def bench(
    aws: Clients,
    stacks: Stacks,
    provider: InvokedProvider,
    scripted_aws: ScriptedAws,
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    scripted_aws.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted_aws.url)
    return Bench(aws, stacks, provider, Provider(scripted_aws))


def failure(answer: dict[str, Any]) -> str:
    assert answer["status"] == "FAILED", answer
    return str(answer["message"])


def with_values(**values: Any) -> dict[str, Any]:
    """The least properties, with values at paths: ``JobResources__ClusterConfig`` is two steps."""
    properties = copy.deepcopy(MINIMUM)
    for path, value in values.items():
        *steps, last = path.split("__")
        place = properties
        for step in steps:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return properties


def said_by(*command: str, **variables: str) -> str:
    """What a command that fails says."""
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=readers_environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    return ended.stderr


def a_change_set_that_breaks_the_schema(bench: Bench) -> str:
    cloudformation = bench.aws.cloudformation
    made = cloudformation.create_change_set(
        StackName=bench.stacks.name(),
        ChangeSetName=NAMED,
        ChangeSetType="CREATE",
        **body(template(with_values(RoleArn="model-monitor"))),
    )
    bench.stacks.adopt(made["StackId"])
    return str(cloudformation.describe_change_set(ChangeSetName=made["Id"])["StatusReason"])


def a_creation_that_breaks_the_schema(bench: Bench) -> str:
    stack = bench.stacks.create(
        template(with_values(RoleArn="model-monitor")), expect="ROLLBACK_COMPLETE"
    )
    return stack.reason("CREATE_FAILED", stack.describe()["StackName"])


def an_update_after_a_failed_creation(bench: Bench) -> str:
    stack = bench.stacks.create(
        template(with_values(RoleArn="model-monitor")), expect="ROLLBACK_COMPLETE"
    )
    with pytest.raises(ClientError) as refused:
        stack.update(template(MINIMUM))
    return str(refused.value)


def a_name_that_is_taken(bench: Bench) -> str:
    bench.stacks.create(template(with_values(JobDefinitionName=NAMED)))
    return bench.stack_event(with_values(JobDefinitionName=NAMED.upper()))


def a_definition_in_use(bench: Bench) -> str:
    stack = bench.stacks.create(template(MINIMUM))
    bench.aws.sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=NAMED,
        MonitoringScheduleConfig={
            "MonitoringJobDefinitionName": definition_name(stack.physical_id()),
            "MonitoringType": "ModelQuality",
        },
    )
    try:
        stack.delete(expect="DELETE_FAILED")
    finally:
        bench.aws.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=NAMED)
    return stack.reason("DELETE_FAILED")


def an_update_of_tags(bench: Bench, *answers: Any) -> str:
    """What an update to another tag says, from 50 that leave no room, whose AddTags ends so."""
    model = bench.scripted.created(with_values(Tags=NUMBERED))
    bench.scripted.aws.answer("AddTags", *answers)
    answer = bench.scripted("UPDATE", {**model, "Tags": [{"Key": "new", "Value": ""}]}, model)
    bench.scripted("DELETE", model)
    return failure(answer)


def a_definition_that_is_deleted_meanwhile(bench: Bench) -> str:
    model = bench.scripted.created()
    bench.scripted("DELETE", model)
    context = {"attempts": 1, "done": True, "seen": True}
    del model["CreationTime"]
    return failure(bench.scripted("CREATE", model, context=context))


def a_deletion_that_does_not_show(bench: Bench) -> str:
    model = bench.scripted.created()
    answer = bench.scripted("DELETE", model, context={**TIME_IS_UP, "done": True})
    bench.scripted("DELETE", model)
    return failure(answer)


def an_import_with_another_value(bench: Bench) -> str:
    model = bench.scripted.created()
    changed = {**model, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/another"}
    # The update of an import may have no previous properties.
    answer = bench.scripted("UPDATE", changed)
    bench.scripted("DELETE", model)
    return failure(answer)


def an_event_without_credentials(bench: Bench) -> str:
    event = bench.invoked.event("CREATE", MINIMUM)
    del event["requestData"]["callerCredentials"]
    return failure(bench.invoked.send(event))


def an_address_where_nobody_listens(bench: Bench) -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        return failure(bench.scripted("READ", {"JobDefinitionArn": arn_in("us-east-1")}))


def a_resource_that_moto_cannot_update(bench: Bench) -> str:
    def group(days: int) -> dict[str, Any]:
        properties = {"LogGroupName": NAMED, "RetentionInDays": days}
        return {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": properties}}}

    stack = bench.stacks.create(group(1))
    stack.update(group(3), expect="UPDATE_ROLLBACK_COMPLETE")
    return stack.reason("UPDATE_FAILED", "Group")


def a_port_that_is_taken(_bench: Bench) -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        return said_by(sys.executable, "-m", "sandbox", "--port", port, PYTHONPATH=str(ROOT))


def arn_in(region: str) -> str:
    return f"arn:aws:sagemaker:{region}:{ACCOUNT}:model-quality-job-definition/{NAMED}"


#: How each message of the table comes about.
CASES: dict[str, Callable[[Bench], str]] = {
    "The following hook(s)/validation failed: "
    "[AWS::EarlyValidation::PropertyValidation].…": a_change_set_that_breaks_the_schema,
    "Template format error: Unrecognized resource types: […].…": a_type_that_nobody_registered,
    "Validation failed with … error(s).…": a_creation_that_breaks_the_schema,
    "… is in ROLLBACK_COMPLETE state and can not be updated.": an_update_after_a_failed_creation,
    "#/…: extraneous key […] is not permitted": lambda bench: bench.validation(
        with_values(ModelQualityJobInput__EndpointInput__LocalPth="/opt/ml")
    ),
    "#/…: required key […] not found": lambda bench: bench.validation(
        with_values(ModelQualityJobInput__GroundTruthS3Input=None)
    ),
    "#/…: expected type: …, found: … […]": lambda bench: bench.validation(
        with_values(JobResources__ClusterConfig__InstanceCount="two")
    ),
    "#/…: string […] does not match pattern …": lambda bench: bench.validation(
        with_values(RoleArn="the-role-of-the-monitor")
    ),
    "#/…: … is not a valid enum value […]": lambda bench: bench.validation(
        with_values(ModelQualityAppSpecification__ProblemType="Binary")
    ),
    "#/…: expected minLength: …, actual: … […]": lambda bench: bench.validation(
        with_values(RoleArn="model-monitor")
    ),
    "#/…: expected maximum item count: …, found: …": lambda bench: bench.validation(
        with_values(
            ModelQualityJobOutputConfig__MonitoringOutputs=2
            * MINIMUM["ModelQualityJobOutputConfig"]["MonitoringOutputs"]
        )
    ),
    "#/ModelQualityJobInput: no subschema matched out of the total 2 subschemas": lambda bench: (
        bench.validation(with_values(ModelQualityJobInput__EndpointInput=None))
    ),
    "Tags: the key '…' appears twice.…": lambda bench: bench.stack_event(
        with_values(Tags=2 * [{"Key": "Team", "Value": "churn"}])
    ),
    "Tags: the key '…' begins with 'aws:', which is reserved for AWS.…": lambda bench: (
        bench.stack_event(with_values(Tags=[{"Key": "aws:cost", "Value": "1"}]))
    ),
    "Tags: … tags are desired, including those of the stack, "
    "but a definition can have at most 50.…": lambda bench: bench.stack_event(
        with_values(Tags=NUMBERED), tags={"stage": "test"}
    ),
    "1 validation error detected: Value '…' at '…' failed to satisfy constraint: … "
    "(SageMaker …, error: ValidationException, …)": lambda bench: bench.stack_event(
        with_values(JobResources__ClusterConfig__InstanceType="ml.abacus")
    ),
    "InvalidParameter: 1 validation error(s) found.…- missing required field, "
    "….EndpointInput.InferenceAttribute.…(SageMaker …, error: ValidationException, …)": (
        lambda bench: bench.stack_event(
            with_values(ModelQualityAppSpecification__ProblemType="Regression")
        )
    ),
    "A model quality job definition named '…' already exists in account …, "
    "and was not changed.…": a_name_that_is_taken,
    "Could not assume role … (SageMaker …, error: ValidationException, …)": lambda bench: (
        bench.refusal(
            error("ValidationException", f"Could not assume role {MINIMUM['RoleArn']}."),
            context=TIME_IS_UP,
        )
    ),
    "… (SageMaker …, error: AccessDeniedException, …)": lambda bench: bench.refusal(
        error("AccessDeniedException", f"User is not authorized to perform: sagemaker:{CALL}")
    ),
    "… Allow the action sagemaker:…. "
    "(SageMaker …, error: AccessDeniedException, …)": lambda bench: an_update_of_tags(
        bench, error("AccessDeniedException", "User is not authorized")
    ),
    "… Tags had been removed to make room, and could not be restored. "
    "Add them again if they are missing: ….…": lambda bench: an_update_of_tags(
        bench, *[error("AccessDeniedException", "User is not authorized")] * 2
    ),
    "… (SageMaker …, error: ResourceLimitExceeded, …)": lambda bench: bench.refusal(
        error("ResourceLimitExceeded", "The account-level service limit is 100.")
    ),
    "… (SageMaker …, error: ThrottlingException, …)": lambda bench: bench.refusal(
        error("ThrottlingException", "Rate exceeded"), context=TIME_IS_UP
    ),
    'Could not connect to the endpoint URL: "…" '
    "(SageMaker …, EndpointConnectionError)": an_address_where_nobody_listens,
    "… is in use by … (SageMaker …, error: ResourceInUse, …)": a_definition_in_use,
    "The definition '…' was created, but someone deleted it before the create was complete.…": (
        a_definition_that_is_deleted_meanwhile
    ),
    "SageMaker accepted the deletion of '…' but still shows it.…": a_deletion_that_does_not_show,
    "…: create-only, SageMaker cannot change it in a definition.…": (an_import_with_another_value),
    "JobDefinitionArn … is not the ARN of a model quality job definition in account …, ….…": (
        lambda bench: failure(bench.invoked("READ", {"JobDefinitionArn": arn_in("eu-west-1")}))
    ),
    "Monitoring Job Definition … not found (SageMaker …, error: ResourceNotFound, …)": (
        lambda bench: failure(bench.invoked("UPDATE", {"JobDefinitionArn": arn_in("us-east-1")}))
    ),
    "#/…: there is no such property. Did you mean '…'?…": lambda bench: failure(
        bench.invoked("CREATE", with_values(RolArn="a role"))
    ),
    "…: read-only, set by SageMaker.…": lambda bench: failure(
        bench.invoked("CREATE", with_values(CreationTime="2026-11-20T20:21:24.397Z"))
    ),
    "The request has no callerCredentials.…": an_event_without_credentials,
    "The sandbox cannot update a resource of type …: moto has no update for it.…": (
        a_resource_that_moto_cannot_update
    ),
    "Port … of 127.0.0.1 cannot be used: …. Choose another: PORT=…": (a_port_that_is_taken),
    "Python 3.10 or later is needed; … is older or missing. "
    "Name another one: make PYTHON=python3.12 …": lambda _: said_by(
        "make", "demo", "PYTHON=python2.6"
    ),
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda text: "-".join(re.findall(r"\w+", text)))
def test_a_message_of_the_table_is_what_is_really_said(message: str, bench: Bench) -> None:
    assert re.fullmatch("`[^`]+`", message)
    words = message.strip("`")
    pattern = ".+?".join(re.escape(part) for part in words.split("…"))
    assert re.search(pattern, CASES[words](bench), re.DOTALL)


def test_no_case_is_for_a_message_that_the_table_does_not_have() -> None:
    assert [f"`{message}`" for message in CASES] == MESSAGES


def test_a_replacement_under_a_given_name_fails_as_readme_says_and_leaves_the_old_definition(
    aws: Clients, stacks: Stacks
) -> None:
    stack = stacks.create(template(with_values(JobDefinitionName=NAMED)))
    arn = stack.physical_id()
    longer = with_values(JobDefinitionName=NAMED, StoppingCondition={"MaxRuntimeInSeconds": 60})

    stack.update(template(longer), expect="UPDATE_ROLLBACK_COMPLETE")

    assert f"named '{NAMED}' already exists" in stack.reason("UPDATE_FAILED")
    assert stack.physical_id() == arn
    kept = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=NAMED)
    assert kept["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}

    del longer["JobDefinitionName"]
    stack.update(template(longer))
    assert stack.physical_id() != arn
