"""What SageMaker, STS and the account's API answer to an inventory, region by region, as scripted.

There is no state. A region has as many definitions as its script says, and each of its schedules
runs the definition with the same number. Bodies are kept, because a server on the machine of its
client should use little of the processor.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sandbox.process import ACCOUNT

MAX_PAGE = 100
CREATED = 1767225600.123
"""When everything was created, in seconds, as SageMaker's protocol has times."""
IDENTITY = "GetCallerIdentity"
REGIONS = "ListRegions"


@dataclass(frozen=True)
class Region:
    """How SageMaker answers in one region.

    definitions, schedules: how many there are. delay: seconds before each answer, if not the
    server's. denied: the operations that nobody may call. per_second: how many requests are not
    throttled in a second. hangs: whether no request is ever answered.
    """

    definitions: int = 0
    schedules: int = 0
    delay: float | None = None
    denied: tuple[str, ...] = ()
    per_second: int | None = None
    hangs: bool = False


@dataclass(frozen=True)
class Answer:
    """An HTTP status, a type and a body."""

    status: int
    content_type: str
    body: bytes


class Failure(Exception):
    """A refusal by a service: its code and message."""


class SageMaker:
    """SageMaker in one region."""

    def __init__(self, region: str, script: Region) -> None:
        self._arns = f"arn:aws:sagemaker:{region}:{ACCOUNT}:"
        self._script = script
        self._second = 0
        self._in_second = 0
        self._operations: Mapping[str, Callable[..., bytes]] = {
            "ListModelQualityJobDefinitions": self._definitions,
            "DescribeModelQualityJobDefinition": self._definition,
            "ListTags": self._tags,
            "ListMonitoringSchedules": self._schedules,
            "DescribeMonitoringSchedule": self._schedule,
        }
        # Of this region alone: a cache of the method would keep the region for ever.
        self._page = cache(self._page_made)

    def answer(self, operation: str, request: bytes) -> Answer:
        """The answer to the JSON of a request; a member that it does not know is refused."""
        try:
            self._admit(operation)
            if operation not in self._operations:
                raise Failure("UnknownOperationException", f"{operation} is not scripted.")
            members = json.loads(request)
            try:
                return _json(200, self._operations[operation](**members))
            except TypeError as error:
                raise Failure("ValidationException", f"{operation}: {error}") from error
        except Failure as failure:
            code, message = failure.args
            return _json(400, _serialized({"__type": code, "message": message}))

    def _admit(self, operation: str) -> None:
        """Raises Failure if the script denies or throttles this request."""
        if operation in self._script.denied:
            raise Failure(
                "AccessDeniedException",
                f"User: arn:aws:sts::{ACCOUNT}:assumed-role/reader/bench is not authorized to "
                f"perform: sagemaker:{operation} with an explicit deny in a service control policy",
            )
        second = int(time.monotonic())
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        if self._script.per_second is not None and self._in_second > self._script.per_second:
            raise Failure("ThrottlingException", "Rate exceeded")

    def _definitions(self, MaxResults: int = 10, NextToken: str = "0") -> bytes:  # noqa: N803
        return self._page("definition", MaxResults, NextToken)

    def _schedules(self, MaxResults: int = 10, NextToken: str = "0") -> bytes:  # noqa: N803
        return self._page("schedule", MaxResults, NextToken)

    def _page_made(self, kind: str, size: int, token: str) -> bytes:
        if not 1 <= size <= MAX_PAGE:
            raise Failure("ValidationException", f"MaxResults is {size}, not 1 to {MAX_PAGE}.")
        there = self._script.definitions if kind == "definition" else self._script.schedules
        start, end = int(token), min(int(token) + size, there)
        member, summary = (
            ("JobDefinitionSummaries", self._definition_summary)
            if kind == "definition"
            else ("MonitoringScheduleSummaries", self._schedule_summary)
        )
        more = {"NextToken": str(end)} if end < there else {}
        return _serialized({member: [summary(number) for number in range(start, end)], **more})

    def _definition(self, JobDefinitionName: str) -> bytes:  # noqa: N803
        number = self._number(JobDefinitionName, "definition", self._script.definitions)
        text = _DESCRIPTION.replace(b"<arn>", self._arn("definition", number).encode())
        return text.replace(b"<name>", JobDefinitionName.encode())

    def _schedule(self, MonitoringScheduleName: str) -> bytes:  # noqa: N803
        number = self._number(MonitoringScheduleName, "schedule", self._script.schedules)
        summary = self._schedule_summary(number)
        config = {
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": summary.pop("MonitoringJobDefinitionName"),
            "MonitoringType": summary["MonitoringType"],
        }
        execution = {
            "MonitoringScheduleName": MonitoringScheduleName,
            "ScheduledTime": CREATED,
            "CreationTime": CREATED,
            "LastModifiedTime": CREATED,
            "MonitoringExecutionStatus": "Completed",
        }
        return _serialized(
            {
                **summary,
                "MonitoringScheduleConfig": config,
                "LastMonitoringExecutionSummary": execution,
            }
        )

    def _tags(self, ResourceArn: str, MaxResults: int = 50) -> bytes:  # noqa: ARG002, N803
        kind, _, name = ResourceArn.removeprefix(self._arns).rpartition("/")
        there = {
            _KINDS["definition"]: self._script.definitions,
            _KINDS["schedule"]: self._script.schedules,
        }
        self._number(name, kind.rpartition("-")[2], there.get(kind, 0))
        return _TAGS

    def _definition_summary(self, number: int) -> dict[str, Any]:
        return {
            "MonitoringJobDefinitionName": _name("definition", number),
            "MonitoringJobDefinitionArn": self._arn("definition", number),
            "CreationTime": CREATED,
            "EndpointName": "churn",
        }

    def _schedule_summary(self, number: int) -> dict[str, Any]:
        return {
            "MonitoringScheduleName": _name("schedule", number),
            "MonitoringScheduleArn": self._arn("schedule", number),
            "CreationTime": CREATED,
            "LastModifiedTime": CREATED,
            "MonitoringScheduleStatus": "Scheduled",
            "EndpointName": "churn",
            "MonitoringJobDefinitionName": _name("definition", number),
            "MonitoringType": "ModelQuality",
        }

    def _arn(self, kind: str, number: int) -> str:
        return f"{self._arns}{_KINDS[kind]}/{_name(kind, number)}"

    def _number(self, name: str, kind: str, there: int) -> int:
        """The number in a name. Raises Failure if there is no such definition or schedule."""
        number = name.rpartition("-")[2]
        if number.isdecimal() and int(number) < there and name == _name(kind, int(number)):
            return int(number)
        raise Failure("ResourceNotFound", f"Could not find {kind} {name}.")


def regions_enabled(names: list[str]) -> Answer:
    """The account's regions, all of them enabled, in one page."""
    regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in names]
    return Answer(200, "application/json", _serialized({"Regions": regions}))


def identity() -> Answer:
    """Who calls, in STS's XML."""
    document = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn>"
        f"<UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
        "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
    return Answer(200, "text/xml", document.encode())


_KINDS = {"definition": "model-quality-job-definition", "schedule": "monitoring-schedule"}


def _name(kind: str, number: int) -> str:
    return f"{kind}-{number:05}"


def _json(status: int, body: bytes) -> Answer:
    return Answer(status, "application/x-amz-json-1.1", body)


def _serialized(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


_DESCRIPTION = _serialized(
    {
        "JobDefinitionArn": "<arn>",
        "JobDefinitionName": "<name>",
        "CreationTime": CREATED,
        "ModelQualityBaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://bucket/constraints"}},
        "ModelQualityAppSpecification": {
            "ImageUri": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/monitor:1",
            "ProblemType": "BinaryClassification",
            "Environment": {"publish_cloudwatch_metrics": "Enabled"},
        },
        "ModelQualityJobInput": {
            "EndpointInput": {
                "EndpointName": "churn",
                "LocalPath": "/opt/ml/processing/input",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
                "InferenceAttribute": "0",
                "ProbabilityThresholdAttribute": 0.5,
                "StartTimeOffset": "-P1D",
                "EndTimeOffset": "-P0D",
            },
            "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
        },
        "ModelQualityJobOutputConfig": {
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": "s3://bucket/out",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
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
        "NetworkConfig": {
            "EnableInterContainerTrafficEncryption": False,
            "EnableNetworkIsolation": False,
        },
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitor",
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
)
_TAGS = _serialized(
    {"Tags": [{"Key": "team", "Value": "risk"}, {"Key": "cost-center", "Value": "4711"}]}
)
