"""The AWS that beliefs are checked in: a sandbox or an account.

It creates what checks need, and keeps a list of it; removal.py removes it.
"""

import json
import signal
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal, NamedTuple

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies

from conformance.expectations import BeliefBroken
from sandbox.process import settings

#: What checks may need beyond a role: the type in stacks; a monitoring schedule; an endpoint; the
#: IaC generator.
Need = Literal["stacks", "schedule", "endpoint", "generator", "generator and stacks"]
#: Names consist of this, twelve hexadecimal digits, and what they are for.
PREFIX = "conformance"
ROLE = "arn:aws:iam::123456789012:role/monitor"
#: Settings with which a sandbox is as strict as AWS; for people who try it, it is more lenient.
AS_STRICT_AS_AWS = {"SANDBOX_SAGEMAKER_ENDPOINTS": "checked"}
Document = dict[str, Any]


class Interrupted(BaseException):
    """A signal arrived; raised between two requests, so that none is left half-done."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Answer(NamedTuple):
    """A response as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    document: Document


Kind = Literal["template", "stack", "schedule", "definition"]


class Thing(NamedTuple):
    """Something that a check may have created."""

    kind: Kind
    name: str


class Definition(NamedTuple):
    """A definition that a check created."""

    name: str
    arn: str


class Aws:
    """Clients, and names that no one else uses for what checks create.

    role_arn: the role that definitions name.
    sandbox: the address of a sandbox, which can be made to fail on demand; None for an account.
    type_name: the name under which the type is registered there, for use in stacks.
    schedules: whether monitoring schedules may be created.
    endpoint: an existing endpoint for definitions to name; nothing calls it.
    generator: whether resources may be scanned, and templates generated.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that checks may use
        self,
        session: boto3.Session,
        *,
        role_arn: str,
        sandbox: str | None = None,
        type_name: str | None = None,
        schedules: bool = False,
        endpoint: str | None = None,
        generator: bool = False,
    ) -> None:
        self.session = session
        self.role_arn = role_arn
        self.type_name = type_name
        self.sandbox = sandbox
        self.prefix = f"{PREFIX}-{uuid.uuid4().hex[:12]}"
        self.signal: int | None = None
        self._schedules = schedules
        self._endpoint = endpoint
        self._generator = generator
        self._cleaning = False
        self._clients: dict[tuple[str, str], Any] = {}
        self._given: list[Thing] = []

    @classmethod
    def of_sandbox(cls, url: str) -> "Aws":
        """The sandbox at ``url``, where every belief can be checked."""
        its = settings(url)
        session = boto3.Session(
            its["AWS_ACCESS_KEY_ID"],
            its["AWS_SECRET_ACCESS_KEY"],
            region_name=its["AWS_DEFAULT_REGION"],
        )
        type_name = _json(f"{url}/_sandbox/health")["type"]["name"]
        return cls(
            session,
            role_arn=ROLE,
            sandbox=url,
            type_name=type_name,
            schedules=True,
            generator=True,
        )

    # --- asking ---

    @property
    def region(self) -> str:
        """The region that beliefs are checked in."""
        return str(self.session.region_name)

    @property
    def another_region(self) -> str:
        """Another region of the same partition."""
        partition = self.session.get_partition_for_region(self.region)
        regions = self.session.get_available_regions("sagemaker", partition)
        return next(str(name) for name in regions if name != self.region)

    @property
    def sagemaker(self) -> Any:
        """SageMaker's client, which leaves all validation to the service."""
        return self.client("sagemaker")

    @property
    def cloudformation(self) -> Any:
        """CloudFormation's client."""
        return self.client("cloudformation")

    def client(self, service: str, region: str | None = None) -> Any:
        """boto3's client of a service, here or in another region."""
        key = (service, region or self.region)
        if key not in self._clients:
            config = Config(
                connect_timeout=5,
                read_timeout=20,
                retries={"mode": "standard", "total_max_attempts": 1 if self.sandbox else 8},
                parameter_validation=service != "sagemaker",
                # A proxy may lead to AWS, but never to this machine.
                proxies={} if self.sandbox else None,
            )
            client = self.session.client(
                service, region_name=key[1], endpoint_url=self.sandbox, config=config
            )
            for event in ("before-call", "before-send"):
                client.meta.events.register(event, self._before_request)
            self._clients[key] = client
        return self._clients[key]

    def interrupt(self, number: int) -> None:
        """Raise Interrupted before the next request or pause."""
        self.signal = number

    def _before_request(self, **_: Any) -> None:
        if self.signal is not None and not self._cleaning:
            raise Interrupted(self.signal)

    def post(
        self,
        operation: str,
        body: Any,
        *,
        signed_for: str | None = "sagemaker",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send SageMaker a body unchanged. Returns the answer, also if it is an error.

        body: bytes, or a document to send as JSON. signed_for: the service in the signature; None
        sends the request unsigned.
        """
        self._before_request()
        url = self.sagemaker.meta.endpoint_url
        request = AWSRequest(
            "POST",
            url,
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={
                "X-Amz-Target": f"SageMaker.{operation}",
                "Content-Type": "application/x-amz-json-1.1",
                **(headers or {}),
            },
        )
        if signed_for:
            credentials = self.session.get_credentials().get_frozen_credentials()
            SigV4Auth(credentials, signed_for, self.region).add_auth(request)
        proxies = {} if self.sandbox else get_environ_proxies(url)
        answer = URLLib3Session(proxies=proxies).send(request.prepare())
        return Answer(answer.status_code, answer.headers, json.loads(answer.content or b"{}"))

    def lacks(self, need: Need | None) -> str | None:
        """Why a belief with this need cannot be checked here; None if it can."""
        if need == "schedule" and not self._schedules:
            return "SCHEDULE=1 was not given, which allows it to create a monitoring schedule"
        if need == "endpoint" and not (self._endpoint or self.sandbox):
            return "ENDPOINT=… was not given: an existing endpoint for definitions to name"
        if "generator" in (need or "") and not self._generator:
            return "GENERATOR=1 was not given, which allows it to use the IaC generator"
        return self._lack_of_type if "stacks" in (need or "") else None

    @cached_property
    def endpoint(self) -> str:
        """An existing endpoint: the one that was given, or a new one in the sandbox."""
        if not self._endpoint:
            self._endpoint = f"{self.prefix}-Endpoint"
            make_endpoint(self.sagemaker, self._endpoint)
        return self._endpoint

    @cached_property
    def _lack_of_type(self) -> str | None:
        if not self.type_name:
            return "TYPE_NAME=… was not given: the name under which the type is registered"
        if self.sandbox:
            return None
        try:
            self.cloudformation.describe_type(Type="RESOURCE", TypeName=self.type_name)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            return f"{self.type_name} is not registered here: {error}"
        return None

    @contextmanager
    def fault(self, fault: str, operation: str, **more: Any) -> Iterator[None]:
        """Make the sandbox do on demand what AWS does by itself; has no effect in an account."""
        if not self.sandbox:
            yield
            return
        url = f"{self.sandbox}/_sandbox/faults"
        _json(url, {"service": "sagemaker", "operation": operation, "fault": fault, **more})
        try:
            yield
        finally:
            _json(url, method="DELETE")

    def eventually(self, holds: Callable[[], bool], seen: Callable[[], Any]) -> None:
        """Wait until a condition holds. Raises BeliefBroken, with what is seen, after a while."""
        patience, pause = (10.0, 0.05) if self.sandbox else (120.0, 1.0)
        until = time.monotonic() + patience
        while not holds():
            if time.monotonic() > until:
                raise BeliefBroken(f"after {patience:.0f} s: {seen()}")
            self._before_request()
            time.sleep(pause)

    # --- creating ---

    def name(self, label: str = "definition") -> str:
        """A new name for a definition. Whatever has the name is removed at the end."""
        return self._name("definition", label)

    def schedule_name(self) -> str:
        """A new name for a monitoring schedule, likewise."""
        return self._name("schedule", "schedule")

    def stack_name(self) -> str:
        """A new name for a stack, likewise."""
        return self._name("stack", "stack")

    def template_name(self) -> str:
        """A new name for a generated template, likewise."""
        return self._name("template", "template")

    def _name(self, kind: Kind, label: str) -> str:
        self._given.append(Thing(kind, f"{self.prefix}-{label}-{len(self._given)}"))
        return self._given[-1].name

    def request(self, name: str | None = None, **changes: Any) -> Document:
        """A minimal request for a definition: of a batch transform, which needs no endpoint."""
        return {
            "JobDefinitionName": name or self.name(),
            "ModelQualityAppSpecification": {
                "ImageUri": f"{self.prefix}.invalid/analyzer:1",
                "ProblemType": "Regression",
            },
            "ModelQualityJobInput": {
                "BatchTransformInput": {
                    "DataCapturedDestinationS3Uri": f"s3://{self.prefix}/captured",
                    "DatasetFormat": {"Csv": {"Header": True}},
                    "LocalPath": "/opt/ml/processing/input",
                    "InferenceAttribute": "0",
                },
                "GroundTruthS3Input": {"S3Uri": f"s3://{self.prefix}/truth"},
            },
            "ModelQualityJobOutputConfig": {
                "MonitoringOutputs": [
                    {
                        "S3Output": {
                            "S3Uri": f"s3://{self.prefix}/reports",
                            "LocalPath": "/opt/ml/processing/output",
                        }
                    }
                ]
            },
            "JobResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "VolumeSizeInGB": 20,
                }
            },
            "RoleArn": self.role_arn,
            **changes,
        }

    def endpoint_input(self, name: str | None = None) -> Document:
        """A minimal EndpointInput, of the existing endpoint or another."""
        return {
            "EndpointName": name or self.endpoint,
            "LocalPath": "/opt/ml/processing/endpoint",
            "InferenceAttribute": "0",
        }

    def inputs(self, **inputs: Any) -> Document:
        """Changes that give a request these inputs instead, beside the ground truth."""
        truth = {"S3Uri": f"s3://{self.prefix}/truth"}
        return {"ModelQualityJobInput": {"GroundTruthS3Input": truth, **inputs}}

    def create(self, name: str | None = None, **changes: Any) -> Definition:
        """Create a definition, and wait until Describe shows it."""
        request = self.request(name, **changes)
        answer = self.sagemaker.create_model_quality_job_definition(**request)
        self.eventually(lambda: self.exists(request["JobDefinitionName"]), lambda: "not shown")
        return Definition(request["JobDefinitionName"], answer["JobDefinitionArn"])

    def describe(self, name: str) -> Document:
        """A definition as Describe shows it."""
        answer = self.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
        return {member: value for member, value in answer.items() if member != "ResponseMetadata"}

    def exists(self, name: str) -> bool:
        """Whether Describe shows a definition."""
        try:
            self.describe(name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFound":
                return False
            raise
        return True

    def tags(self, arn: str) -> dict[str, str]:
        """All tags of a definition."""
        pages = self.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def comes_to_have(self, arn: str, tags: Mapping[str, str]) -> None:
        """Wait until a definition has exactly these tags: a change may take time to show."""
        self.eventually(lambda: self.tags(arn) == tags, lambda: self.tags(arn))

    def summaries(self, **filters: Any) -> list[Document]:
        """The definitions of this run that a list shows, in the list's order."""
        operation = self.sagemaker.get_paginator("list_model_quality_job_definitions")
        pages = operation.paginate(NameContains=self.prefix, **filters)
        return [each for page in pages for each in page["JobDefinitionSummaries"]]

    # --- removing ---

    def hand_over(self) -> list[Thing]:
        """Return everything that was given a name since the last call, to be removed."""
        given, self._given = self._given, []
        return given

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Put off interruptions, so that everything is removed first."""
        self._cleaning = True
        try:
            yield
        finally:
            self._cleaning = False

    # --- stacks ---

    def stack(self, name: str) -> Document | None:
        """A stack as CloudFormation describes it; None if it does not exist."""
        try:
            [described] = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return dict(described)

    def newest_event(self, stack_id: str) -> Document | None:
        """The newest event of a stack itself, and not of a resource; None if there is none."""
        operation = self.cloudformation.get_paginator("describe_stack_events")
        try:
            for page in operation.paginate(StackName=stack_id):
                for event in page["StackEvents"]:
                    if event["PhysicalResourceId"] == stack_id:
                        return dict(event)
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
        return None

    def rest(self, stack_id: str, after: Document | None = None) -> str:
        """Wait until no operation is in progress; a stack under review waits for one.

        DescribeStacks may show what was before the operation, so the stack's own events tell.

        after: the newest event from before the operation. Returns the stack's status.
        """
        known = after["EventId"] if after else None

        def status() -> str | None:
            event = self.newest_event(stack_id)
            if event is None or event["EventId"] == known:
                return None
            found = str(event["ResourceStatus"])
            is_over = not found.endswith("_IN_PROGRESS") or found == "REVIEW_IN_PROGRESS"
            return found if is_over else None

        end = self._wait(status, f"the stack {stack_id} still has an operation in progress")
        self.eventually(lambda: self._status(stack_id) == end, lambda: self._status(stack_id))
        return end

    def delete_stack(self, stack_id: str) -> str:
        """Delete a stack. Returns its status at the end: DELETE_COMPLETE or DELETE_FAILED."""
        self.cloudformation.delete_stack(StackName=stack_id)

        def status() -> str | None:
            found = self._status(stack_id)
            return found if found in {"DELETE_COMPLETE", "DELETE_FAILED"} else None

        return self._wait(status, f"the stack {stack_id} is still being deleted")

    def _wait(self, end: Callable[[], str | None], failure: str) -> str:
        """Wait until an operation on a stack has ended. Returns what `end` returns then."""
        pause, patience = (0.05, 60.0) if self.sandbox else (3.0, 900.0)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if found := end():
                return found
            time.sleep(pause)
        raise BeliefBroken(failure)

    def _status(self, stack_id: str) -> str:
        described = self.stack(stack_id)
        return str(described["StackStatus"]) if described else "DELETE_COMPLETE"


def make_endpoint(sagemaker: Any, name: str) -> None:
    """Create an endpoint in a sandbox, and its model and configuration, all with this name."""
    variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large"}
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"}
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def remove_endpoint(sagemaker: Any, name: str) -> None:
    """Remove everything that make_endpoint created."""
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName=name)


def _json(url: str, document: Any = None, method: str | None = None) -> Any:
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, body, method=method)  # noqa: S310 - the sandbox's
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)
