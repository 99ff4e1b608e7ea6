"""Measures packages side by side: in new processes that take turns, against the same servers."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import boto3
import requests

from benchmarks import exchanges, server, worker
from benchmarks.packages import MeasuredPackage
from benchmarks.processes import address, end, started
from project import ROOT
from project.settings import type_name
from sandbox.process import ACCOUNT, REGION, environment, running_sandbox

ACTIONS = ("CREATE", "READ", "UPDATE", "DELETE", "LIST")
SERVICES = ("sagemaker", "logs", "cloudwatch")
# The input set of the contract tests that has every property an endpoint input can have.
INPUT = ROOT / "inputs" / "inputs_1_create.json"

Event = dict[str, Any]
Say = Callable[[str], None]
# The address of each service.
Urls = Mapping[str, str]


@dataclass
class Operations:
    """The measurements of one package's operations.

    seconds: of each warm call, by action. exchanges: seconds of the bare HTTP exchanges of each
    READ, made one after another right after it and for the same definition. cold: seconds from the
    start of a process to its first answer. peak_kib: the peak memory of each process. calls: the
    service calls of one invocation, by action.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: {each: [] for each in ACTIONS})
    exchanges: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    peak_kib: list[float] = field(default_factory=list)
    calls: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass
class Measured:
    """The measurements of one package, with log lines and metrics delivered, and without."""

    delivered: Operations = field(default_factory=Operations)
    plain: Operations = field(default_factory=Operations)


@dataclass
class Listing:
    """A LIST of all pages: how many definitions, pages and service calls, and memory in KiB.

    The memory is that of the process after a page, not its peak, in which what the first page needs
    for a moment would hide what accumulates.
    """

    definitions: int
    pages: int
    calls: int
    first_page_kib: float
    last_page_kib: float


class Worker:
    """A process that answers each line of JSON with one, until its standard input ends."""

    def __init__(
        self, script: ModuleType, *arguments: str, urls: Urls, handler: str | None = None
    ) -> None:
        self._name = script.__name__
        # Not a pipe, which would have to be emptied meanwhile.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - see close
        self.started = time.perf_counter()
        # As in Lambda, nothing else can be imported, and the package is read-only.
        self._process = subprocess.Popen(
            [
                *(os.path.realpath(sys.executable), "-I", "-S", "-B"),
                *(str(script.__file__), *arguments),
            ],
            env={**_environment(urls), **({"_HANDLER": handler} if handler else {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )

    def ask(self, question: Any) -> Any:
        """The answer to one line. Raises RuntimeError, and what it printed, if it ends."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{json.dumps(question)}\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            code = self._process.wait()
            self._errors.seek(0)
            raise RuntimeError(f"{self._name} ended with {code}:\n{self._errors.read().strip()}")
        return json.loads(answer)

    def invoke(self, event: Event) -> Any:
        """What the worker measured for one event. Raises RuntimeError unless it succeeds."""
        told = self.ask(event)
        if told["answer"]["status"] != "SUCCESS":
            raise RuntimeError(f"{event['action']} failed: {told['answer']}")
        return told

    def close(self, patience: float = 10) -> None:
        """End the process; kill it if it does not end within ``patience`` seconds."""
        end(self._process, patience)
        self._errors.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _environment(urls: Urls) -> dict[str, str]:
    own = {f"AWS_ENDPOINT_URL_{service.upper()}": url for service, url in urls.items()}
    return {**environment(urls["sagemaker"], {}), **own}


@contextmanager
def serving(*services: str) -> Iterator[dict[str, str]]:
    """A server for each of ``services``, for both packages to call; yields their addresses.

    Each is a process of its own, because in AWS requests to two services do not wait for each
    other.
    """
    with ExitStack() as stack:
        # They start side by side.
        processes = {service: stack.enter_context(started(server.__name__)) for service in services}
        yield {service: address(process) for service, process in processes.items()}


def event(
    action: str, properties: Any, previous: Any = None, *, telemetry: bool = False, **more: Any
) -> Event:
    """An event as CloudFormation sends it.

    telemetry: whether the type is registered with logging, as `cfn submit` registers it.
    """
    name = type_name()
    delivery = {"providerCredentials": _credentials(), "providerLogGroupName": "bench-logs"}
    return {
        "action": action,
        "awsAccountId": ACCOUNT,
        "bearerToken": str(uuid.uuid4()),
        "region": REGION,
        "resourceType": name,
        "resourceTypeVersion": "00000001",
        "stackId": _STACK,
        "requestData": {
            "callerCredentials": _credentials(),
            "logicalResourceId": "JobDefinition",
            "resourceProperties": properties,
            "previousResourceProperties": previous,
            "stackTags": {},
            "systemTags": {},
            **(delivery if telemetry else {}),
        },
        **more,
    }


# Always the same, because its id is part of the name of the log stream, which has to exist.
_STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/bench/{uuid.uuid4()}"


def _credentials() -> dict[str, str]:
    """New credentials, as long as those of a role: each event can have others."""
    return {
        "accessKeyId": f"ASIA{secrets.token_hex(8).upper()}",
        "secretAccessKey": secrets.token_urlsafe(30),
        "sessionToken": secrets.token_urlsafe(exchanges.TOKEN_LENGTH * 3 // 4),
    }


def operations(
    packages: Sequence[MeasuredPackage], rounds: int, calls: int, say: Say
) -> dict[str, Measured]:
    """The measurements of each package, by its name.

    rounds: how many processes of each. calls: how many warm calls of each action in a process.
    """
    found = {package.name: Measured() for package in packages}
    with serving(*SERVICES) as urls:
        _log_stream(urls)
        for package in packages:
            # This creates the log stream, and lets the servers import what they need.
            with _running(package, urls) as process:
                process.invoke(event("LIST", {}, telemetry=True))
        for number in range(rounds):
            say(f"operations, round {number + 1} of {rounds}")
            # The first package of a round is the last one of the next round.
            for package in packages[:: -1 if number % 2 else 1]:
                _one_process(package, urls, calls, found[package.name].delivered, telemetry=True)
                _one_process(package, urls, calls, found[package.name].plain, telemetry=False)
    return found


def _one_process(
    package: MeasuredPackage, urls: Urls, calls: int, found: Operations, *, telemetry: bool
) -> None:
    """Measure a process in which either all events request log lines and metrics, or none does.

    They cannot be mixed: the framework's log handler stays, and delivers the lines of later events
    as well.
    """
    with ExitStack() as stack:
        process = stack.enter_context(_running(package, urls))
        process.invoke(event("LIST", {}, telemetry=telemetry))
        found.cold.append(time.perf_counter() - process.started)
        bare = stack.enter_context(Worker(exchanges, urls=urls))
        # The first call of each action makes clients and the like, so it is not warm.
        _one_life(process, bare, urls, Operations(), telemetry=telemetry)
        for _ in range(calls):
            _one_life(process, bare, urls, found, telemetry=telemetry)
        last = process.invoke(event("LIST", {}, telemetry=telemetry))
        found.peak_kib.append(last["peak_kib"])


def _running(package: MeasuredPackage, urls: Urls) -> Worker:
    return Worker(worker, str(package.task_root), urls=urls, handler=package.entry_point)


def _calls(urls: Urls) -> Counter[str]:
    """How often each operation of any service was called since the previous call of this."""
    calls: Counter[str] = Counter()
    for url in urls.values():
        calls.update(requests.get(f"{url}{server.CALLS}", timeout=10).json())
    return calls


def _properties() -> dict[str, Any]:
    properties: dict[str, Any] = json.loads(INPUT.read_text("utf-8"))
    del properties["JobDefinitionName"]
    return properties


def _one_life(
    process: Worker, bare: Worker, urls: Urls, found: Operations, *, telemetry: bool
) -> None:
    """Measure each action on one definition, from its CREATE to its DELETE, and a LIST."""
    properties = _properties()

    def measured(action: str, previous: Any = None) -> Any:
        _calls(urls)
        told = process.invoke(event(action, properties, previous, telemetry=telemetry))
        found.calls[action] = _calls(urls)
        found.seconds[action].append(told["seconds"])
        return told

    properties = measured("CREATE")["answer"]["resourceModel"]
    measured("READ")
    found.exchanges.append(bare.ask(_read(properties) + (_delivery() if telemetry else [])))
    previous, tag = properties, {"Key": "bench", "Value": str(uuid.uuid4())}
    properties = {**properties, "Tags": [*properties.get("Tags", []), tag]}
    measured("UPDATE", previous)
    measured("DELETE")
    measured("LIST")


def _read(properties: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The requests by which this provider reads the definition with ``properties``."""
    name, arn = properties["JobDefinitionName"], properties["JobDefinitionArn"]
    return [
        ("SageMaker.DescribeModelQualityJobDefinition", {"JobDefinitionName": name}),
        ("SageMaker.ListTags", {"ResourceArn": arn, "MaxResults": 100}),
    ]


# The log stream of the bare exchanges.
_STREAM = {"logGroupName": "bench-exchanges", "logStreamName": "lines"}


def _log_stream(urls: Urls) -> None:
    """Create the log stream of the bare exchanges."""
    group = {"logGroupName": _STREAM["logGroupName"]}
    with Worker(exchanges, urls=urls) as process:
        process.ask(
            [("Logs_20140328.CreateLogGroup", group), ("Logs_20140328.CreateLogStream", _STREAM)]
        )


def _delivery() -> list[tuple[str, dict[str, Any]]]:
    """The requests by which this provider delivers the log lines and metrics of a READ."""
    line = {"timestamp": round(time.time() * 1000), "message": "READ JobDefinition: SUCCESS (9 ms)"}
    dimensions = [
        {"Name": "DimensionKeyActionType", "Value": "READ"},
        {"Name": "DimensionKeyResourceType", "Value": type_name()},
    ]
    metrics = [
        {"MetricName": name, "Dimensions": dimensions, "Unit": unit, "Value": 1.0}
        for name, unit in (
            ("HandlerInvocationCount", "Count"),
            ("HandlerInvocationDuration", "Milliseconds"),
        )
    ]
    namespace = f"AWS/CloudFormation/{type_name().replace('::', '/')}"
    return [
        ("Logs_20140328.PutLogEvents", {**_STREAM, "logEvents": [line]}),
        (
            "GraniteServiceVersion20100801.PutMetricData",
            {"Namespace": namespace, "MetricData": metrics},
        ),
    ]


def _request(name: str) -> dict[str, Any]:
    """A request that creates a small definition in SageMaker."""
    return {
        "JobDefinitionName": name,
        "JobResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 20,
            }
        },
        "ModelQualityAppSpecification": {
            "ImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/monitor",
            "ProblemType": "Regression",
        },
        "ModelQualityJobInput": {
            "EndpointInput": {
                "EndpointName": "churn",
                "LocalPath": "/opt/ml/processing/input",
                "InferenceAttribute": "0",
            },
            "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
        },
        "ModelQualityJobOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/output"}}
            ]
        },
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitor",
    }


def _definitions(urls: Urls, number: int) -> None:
    """Create this number of definitions."""
    requests = [
        ("SageMaker.CreateModelQualityJobDefinition", _request(f"d-{uuid.uuid4()}"))
        for _ in range(number)
    ]
    with Worker(exchanges, urls=urls) as process:
        process.ask(requests)


def listing(package: MeasuredPackage, definitions: int, say: Say) -> Listing:
    """Page through this number of definitions with LIST."""
    say(f"LIST over {definitions:,} definitions")
    with ExitStack() as stack:
        urls = stack.enter_context(serving("sagemaker"))
        _definitions(urls, definitions)
        process = stack.enter_context(_running(package, urls))
        _calls(urls)
        kib: list[float] = []
        seen: set[str] = set()
        token = None
        while token or not kib:
            told = process.invoke(event("LIST", {}, nextToken=token))
            kib.append(told["kib"])
            seen |= {model["JobDefinitionArn"] for model in told["answer"]["resourceModels"]}
            token = told["answer"].get("nextToken")
        calls = sum(_calls(urls).values())
        if len(seen) != definitions:
            raise RuntimeError(f"LIST gave {len(seen)} of {definitions} definitions")
        return Listing(definitions, len(kib), calls, kib[0], kib[-1])


def stacks(definitions: int, number: int, say: Say) -> dict[int, list[float]]:
    """Seconds to create and delete a stack in a sandbox with one definition, and in one with many.

    definitions: how many the second sandbox has. number: how many stacks. The sandboxes take turns.
    """
    seconds: dict[int, list[float]] = {1: [], definitions: []}
    with ExitStack() as stack:
        clients = {}
        for there in seconds:
            say(f"a sandbox with {there:,} definitions")
            url = stack.enter_context(running_sandbox())
            _definitions({"sagemaker": url}, there)
            clients[there] = boto3.client(
                "cloudformation",
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
            )
            # moto imports what it needs before the first stack that counts.
            _stack(clients[there])
        say("stacks in both sandboxes")
        for turn in range(number):
            for there in list(clients)[:: -1 if turn % 2 else 1]:
                seconds[there].append(_stack(clients[there]))
    return seconds


def _stack(cloudformation: Any) -> float:
    resource = {"Type": type_name(), "Properties": _properties()}
    document = {"Resources": {"JobDefinition": resource}}
    name = f"bench-{uuid.uuid4()}"
    started = time.perf_counter()
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(document))
    arn = _wait(cloudformation, name, "CREATE_COMPLETE")
    cloudformation.delete_stack(StackName=arn)
    _wait(cloudformation, arn, "DELETE_COMPLETE")
    return time.perf_counter() - started


def _wait(cloudformation: Any, name: str, status: str) -> str:
    while True:
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if stack["StackStatus"] == status:
            return str(stack["StackId"])
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            raise RuntimeError(f"The stack ended in {stack['StackStatus']}, not {status}")
        time.sleep(0.02)
