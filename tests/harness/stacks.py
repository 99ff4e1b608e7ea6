"""Stacks, events and commands against a sandbox that runs as a separate process."""

import copy
import json
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from sandbox.process import REGION, environment
from tests.harness.fork_servers import programs
from tests.harness.provider import Provider
from tests.harness.sagemaker import EVERYTHING

TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
#: The folder with `aws` and the other commands of this environment.
SCRIPTS = Path(sysconfig.get_path("scripts"))
TIME_LIMIT_SECONDS = 60
POLL_SECONDS = 0.05


class Clients:
    """boto3 clients for a sandbox, created on first use: `clients.sagemaker` and so on."""

    def __init__(self, url: str, region: str = REGION, **credentials: str) -> None:
        self.url = url
        made_up = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        self._session = boto3.Session(**(credentials or made_up), region_name=region)
        self._made: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.client(service, endpoint_url=self.url)
        return self._made[service]


class Cli:
    """The real AWS CLI with the settings that the sandbox prints."""

    def __init__(self, url: str, folder: Path) -> None:
        self._environment = environment(url)
        self._folder = folder

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run ``aws`` with these arguments. Returns the completed process."""
        return subprocess.run(
            [programs() / "aws", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def __call__(self, *arguments: str) -> Any:
        """Run ``aws``, which must succeed. Returns its JSON output, or None without output."""
        answer = self.run(*arguments, "--output", "json")
        assert (answer.returncode, answer.stderr) == (0, ""), answer
        return json.loads(answer.stdout) if answer.stdout.strip() else None


class InvokedProvider(Provider):
    """Sends CloudFormation events to the sandbox's TypeFunction through Lambda's Invoke."""

    def __init__(self, aws: Clients) -> None:
        self._lambda = getattr(aws, "lambda")

    def send(self, event: Any) -> dict[str, Any]:
        """Send ``event``. Returns the progress event."""
        answer = self._lambda.invoke(FunctionName="TypeFunction", Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return dict(json.loads(answer["Payload"].read()))


class Stack:
    """One stack. Each operation waits until the stack is no longer in progress."""

    def __init__(self, aws: Clients, stack_id: str) -> None:
        self._aws = aws
        self.id = stack_id
        self.name = stack_id.split("/")[1]

    @property
    def status(self) -> str:
        return str(self.describe()["StackStatus"])

    @property
    def outputs(self) -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.describe()["Outputs"]}

    def describe(self) -> dict[str, Any]:
        """Return the stack as DescribeStacks describes it, even if it is deleted."""
        [described] = self._aws.cloudformation.describe_stacks(StackName=self.id)["Stacks"]
        return dict(described)

    def physical_id(self, logical_id: str = "JobDefinition") -> str:
        """Return the physical id, which is the value of Ref for most types, including ours."""
        answer = self._aws.cloudformation.describe_stack_resource(
            StackName=self.id, LogicalResourceId=logical_id
        )
        return str(answer["StackResourceDetail"]["PhysicalResourceId"])

    def events(self) -> list[dict[str, Any]]:
        """Return all events of the stack, oldest first."""
        pages = self._aws.cloudformation.get_paginator("describe_stack_events")
        events = [
            event for page in pages.paginate(StackName=self.id) for event in page["StackEvents"]
        ]
        return events[::-1]

    def statuses(self, logical_id: str = "JobDefinition") -> list[str]:
        """Return the statuses of a resource, oldest first."""
        return [
            event["ResourceStatus"]
            for event in self.events()
            if event["LogicalResourceId"] == logical_id
        ]

    def invalid(self) -> str:
        """Return what the validation before provisioning last found, line by line."""
        pages = self._aws.cloudformation.get_paginator("describe_events").paginate(
            StackName=self.id, Filters={"FailedEvents": True}
        )
        found = [
            event
            for page in pages
            for event in page["OperationEvents"]
            if event["EventType"] == "VALIDATION_ERROR"
        ]
        last = [event for event in found if event["OperationId"] == found[0]["OperationId"]]
        return "\n".join(event["ValidationStatusReason"] for event in last[::-1])

    def reason(self, status: str, logical_id: str = "JobDefinition") -> str:
        """Return the reason of a resource's only event with this status."""
        [reason] = [
            event["ResourceStatusReason"]
            for event in self.events()
            if event["LogicalResourceId"] == logical_id and event["ResourceStatus"] == status
        ]
        return str(reason)

    def update(
        self, template: Any = None, *, expect: str = "UPDATE_COMPLETE", **options: Any
    ) -> None:
        """Update the stack, by default with its previous template, and wait for the end.

        expect: the final status. options: as for `Stacks.create`.
        """
        source = {"UsePreviousTemplate": True} if template is None else body(template)
        self._aws.cloudformation.update_stack(
            StackName=self.id, **source, **CAPABILITIES, **_named(options)
        )
        self.rest(expect)

    def delete(self, expect: str = "DELETE_COMPLETE") -> None:
        """Delete the stack and wait for the end. expect: the final status."""
        self._aws.cloudformation.delete_stack(StackName=self.id)
        self.rest(expect)

    def rest(self, expect: str) -> None:
        """Wait until no operation is running. The stack must then have the status `expect`."""
        until = time.monotonic() + TIME_LIMIT_SECONDS
        while (status := self.status).endswith("_IN_PROGRESS"):
            assert time.monotonic() < until, self.log()
            time.sleep(POLL_SECONDS)
        assert status == expect, self.log()

    def log(self) -> str:
        """Return the events as text, for the message of a failed test."""
        return "\n".join(
            f"{event['ResourceStatus']} {event['LogicalResourceId']} "
            f"{event.get('ResourceStatusReason', '')}"
            for event in self.events()
        )


class Stacks:
    """The stacks of one test. They have unique names, and `clear` deletes them."""

    def __init__(self, aws: Clients) -> None:
        self._aws = aws
        self._made: list[Stack] = []

    @staticmethod
    def name() -> str:
        """Return a unique stack name."""
        return f"test-{uuid.uuid4().hex[:12]}"

    def create(
        self,
        template: Any,
        *,
        name: str | None = None,
        expect: str = "CREATE_COMPLETE",
        **options: Any,
    ) -> Stack:
        """Create a stack and wait for the end.

        template: text, or a value to write as JSON. expect: the final status.
        options: ``tags`` and ``parameters`` as dictionaries, and further arguments of CreateStack.
        """
        stack = self.begin(template, name=name, **options)
        stack.rest(expect)
        return stack

    def begin(self, template: Any, *, name: str | None = None, **options: Any) -> Stack:
        """Create a stack without waiting."""
        answer = self._aws.cloudformation.create_stack(
            StackName=name or self.name(), **body(template), **CAPABILITIES, **_named(options)
        )
        return self.adopt(answer["StackId"])

    def adopt(self, stack_id: str) -> Stack:
        """Have `clear` also delete a stack that the test created in another way."""
        self._made.append(Stack(self._aws, stack_id))
        return self._made[-1]

    def clear(self) -> None:
        """Delete the stacks that still exist."""
        for stack in reversed(self._made):
            if stack.status != "DELETE_COMPLETE":
                stack.delete()


CAPABILITIES = {"Capabilities": ["CAPABILITY_IAM"]}


def body(template: Any) -> dict[str, str]:
    """Return the TemplateBody argument of CreateStack and other operations."""
    return {"TemplateBody": template if isinstance(template, str) else json.dumps(template)}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in the API's form, a list of Key and Value."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def template_of(properties: Any, *, outputs: Any = None, **resources: Any) -> dict[str, Any]:
    """Return a template with one definition and further resources."""
    definition = {"Type": TYPE_NAME, "Properties": properties}
    return {
        "Resources": {"JobDefinition": definition, **resources},
        **({"Outputs": outputs} if outputs else {}),
    }


def everything(*inputs: str) -> dict[str, Any]:
    """Return all properties with values that differ from SageMaker's defaults.

    inputs: the inputs to include, EndpointInput or BatchTransformInput.
    """
    properties = copy.deepcopy(EVERYTHING)
    job_input = properties["ModelQualityJobInput"]
    for name in {"EndpointInput", "BatchTransformInput"} - {*inputs}:
        del job_input[name]
    if "BatchTransformInput" in inputs:
        # Parquet is an object in the API and a boolean in CloudFormation.
        job_input["BatchTransformInput"]["DatasetFormat"]["Parquet"] = True
    application = properties["ModelQualityAppSpecification"]
    # Order, duplicates and empty strings matter to a container.
    application["ContainerArguments"] = ["--label", "churned", "", "--label", "left"]
    application["Environment"] = {"LOG_LEVEL": "debug", "EMPTY": "", "_N": "8"}
    properties["JobDefinitionName"] = f"Churn-{uuid.uuid4().hex}"
    properties["EndpointName"] = "churn"
    properties["Tags"] = [
        {"Key": "team", "Value": "churn"},
        {"Key": "empty", "Value": ""},
        {"Key": "Größe / 大小", "Value": "a + b = c @ d:e"},
    ]
    return properties


def json_of(value: Any) -> str:
    """Return a value as JSON. Unlike Python's ==, this distinguishes 1, true and 1.0."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


def definition_name(arn: str) -> str:
    """Return the name in a definition's ARN."""
    return arn.rpartition("/")[2]


def tags_of(aws: Clients, arn: str) -> dict[str, str]:
    """Return the tags of a definition in SageMaker."""
    pages = aws.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def description_of(aws: Clients, arn: str) -> dict[str, Any]:
    """Return a definition as SageMaker describes it, without ResponseMetadata."""
    answer = aws.sagemaker.describe_model_quality_job_definition(
        JobDefinitionName=definition_name(arn)
    )
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def inventory(aws: Clients) -> dict[str, set[str]]:
    """Return the names of all existing resources of the kinds that these tests' stacks create."""
    sagemaker = aws.sagemaker
    return {
        "definitions": {
            each["MonitoringJobDefinitionName"]
            for page in sagemaker.get_paginator("list_model_quality_job_definitions").paginate()
            for each in page["JobDefinitionSummaries"]
        },
        "schedules": {
            each["MonitoringScheduleName"]
            for each in sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]
        },
        "endpoints": {each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]},
        "endpoint configurations": {
            each["EndpointConfigName"]
            for each in sagemaker.list_endpoint_configs()["EndpointConfigs"]
        },
        "models": {each["ModelName"] for each in sagemaker.list_models()["Models"]},
        "roles": {each["RoleName"] for each in aws.iam.list_roles()["Roles"]},
        "buckets": {each["Name"] for each in aws.s3.list_buckets()["Buckets"]},
        # A deleted key stays until the days that it can be recovered in are over.
        "keys": {
            each["KeyId"]
            for each in aws.kms.list_keys()["Keys"]
            if aws.kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]["Enabled"]
        },
        "alarms": {each["AlarmName"] for each in aws.cloudwatch.describe_alarms()["MetricAlarms"]},
        "topics": {each["TopicArn"] for each in aws.sns.list_topics()["Topics"]},
    }


def _named(options: Mapping[str, Any]) -> dict[str, Any]:
    named = dict(options)
    if "tags" in named:
        named["Tags"] = tag_list(named.pop("tags"))
    if "parameters" in named:
        named["Parameters"] = [
            {"ParameterKey": key, "UsePreviousValue": True}
            if value is None
            else {"ParameterKey": key, "ParameterValue": value}
            for key, value in named.pop("parameters").items()
        ]
    return named
