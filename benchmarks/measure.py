"""Measures packages side by side: fresh processes, taking turns, against one server."""

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
from benchmarks.packages import Package
from sandbox.process import ACCOUNT, REGION, environment, running_sandbox
from tools.environment import ROOT
from tools.generate import type_name

ACTIONS = ("CREATE", "READ", "UPDATE", "DELETE", "LIST")
TELEMETRY = "READ, log lines and metrics delivered"
MEASURED = (*ACTIONS, TELEMETRY)
# The input set of the contract tests that has everything of an endpoint input set.
INPUT = ROOT / "inputs" / "inputs_1_create.json"

Event = dict[str, Any]
Say = Callable[[str], None]


@dataclass
class Operations:
    """What was measured of one package.

    seconds: of each warm call, by which of MEASURED it is. exchanges: of the bare HTTP exchanges of
    each READ, beside it, for the same definition. deliveries: of the bare HTTP exchanges of each
    READ's log lines and metrics, beside it. cold: seconds from the start of a process to its first
    answer. peak_kib: the most memory of each process. calls: the service calls of one invocation,
    by which of MEASURED it is.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: {each: [] for each in MEASURED})
    exchanges: list[float] = field(default_factory=list)
    deliveries: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    peak_kib: list[float] = field(default_factory=list)
    calls: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass
class Listing:
    """A LIST to its end: how many definitions, pages and service calls, and memory in KiB.

    The memory is what the process has after a page. The most that it had until then would hide what
    piles up behind what the first page needed for a moment.
    """

    definitions: int
    pages: int
    calls: int
    first_page_kib: float
    last_page_kib: float


class Worker:
    """A process that answers a line with a line, both JSON, until its standard input ends."""

    def __init__(self, script: ModuleType, *arguments: str, url: str) -> None:
        self._name = script.__name__
        # Not a pipe, which somebody would have to empty meanwhile.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - see close
        self.started = time.perf_counter()
        # As in Lambda: nothing else to import, and a package that cannot be written to.
        self._process = subprocess.Popen(
            [
                *(os.path.realpath(sys.executable), "-I", "-S", "-B"),
                *(str(script.__file__), *arguments),
            ],
            env=environment(url, {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )

    def ask(self, question: Any) -> Any:
        """The answer to one line. Raises RuntimeError, with what the process said of its end."""
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
        """What the worker measured of one event, which has to succeed."""
        told = self.ask(event)
        if told["answer"]["status"] != "SUCCESS":
            raise RuntimeError(f"{event['action']} failed: {told['answer']}")
        return told

    def close(self, patience: float = 10) -> None:
        """End the process, at once if it does not end by itself within ``patience`` seconds."""
        _end(self._process, patience)
        self._errors.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _end(process: subprocess.Popen[str], patience: float = 10) -> None:
    """End a process that serves until its standard input ends, even one that hangs."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


@contextmanager
def serving() -> Iterator[str]:
    """The server that both packages call, in a process of its own; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", server.__name__],
        cwd=ROOT,
        # Ends with this process, however that ends.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the command that started it.
        start_new_session=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"{server.__name__} did not start")
        yield url
    finally:
        _end(process)


def event(action: str, properties: Any, previous: Any = None, **more: Any) -> Event:
    """An event as CloudFormation sends it, without logs and metrics, of a stack of its own."""
    name = type_name()
    return {
        "action": action,
        "awsAccountId": ACCOUNT,
        "bearerToken": str(uuid.uuid4()),
        "region": REGION,
        "resourceType": name,
        "resourceTypeVersion": "00000001",
        "stackId": _stack_id(),
        "requestData": {
            "callerCredentials": _credentials(),
            "logicalResourceId": "JobDefinition",
            "resourceProperties": properties,
            "previousResourceProperties": previous,
            "stackTags": {},
            "systemTags": {},
        },
        **more,
    }


def _stack_id() -> str:
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/bench/{uuid.uuid4()}"


def _credentials() -> dict[str, str]:
    """New ones, as long as those of a role: no event has to have those of the one before."""
    return {
        "accessKeyId": f"ASIA{secrets.token_hex(8).upper()}",
        "secretAccessKey": secrets.token_urlsafe(30),
        "sessionToken": secrets.token_urlsafe(exchanges.TOKEN_LENGTH * 3 // 4),
    }


def with_telemetry(event: Event) -> Event:
    """The event of a type that is registered with logging, as `cfn submit` registers it."""
    telemetry = {"providerCredentials": _credentials(), "providerLogGroupName": "bench-logs"}
    return {**event, "requestData": {**event["requestData"], **telemetry}}


def operations(
    packages: Sequence[Package], rounds: int, calls: int, say: Say
) -> dict[str, Operations]:
    """What was measured of each package, by its name: so many calls in so many processes."""
    found = {package.name: Operations() for package in packages}
    with serving() as url:
        _log_stream(url)
        for number in range(rounds):
            say(f"operations, round {number + 1} of {rounds}")
            # Whoever is first in one round is last in the next one.
            for package in packages[:: -1 if number % 2 else 1]:
                _one_process(package, url, calls, found[package.name])
                _one_delivering_process(package, url, calls, found[package.name])
    return found


def _one_process(package: Package, url: str, calls: int, found: Operations) -> None:
    with ExitStack() as stack:
        process = stack.enter_context(_running(package, url))
        process.invoke(event("LIST", {}))
        found.cold.append(time.perf_counter() - process.started)
        bare = stack.enter_context(Worker(exchanges, url, url=url))
        # What the first of each action brings about, such as a client, is not what is warm.
        _one_life(process, bare, url, Operations())
        for _ in range(calls):
            _one_life(process, bare, url, found)
        # With what the delivery of log lines and metrics takes.
        found.peak_kib.append(process.invoke(with_telemetry(event("LIST", {})))["peak_kib"])


def _one_delivering_process(package: Package, url: str, calls: int, found: Operations) -> None:
    """Measure READs of a type that is registered with logging.

    In a process of its own, for the framework's log handler stays, and delivers the lines of later
    events, too, whatever they ask for.
    """
    # One stack, as its id is part of the name of this provider's log stream.
    stack, properties = _stack_id(), _properties()

    def delivering(action: str) -> Event:
        return with_telemetry(event(action, properties, stackId=stack))

    with _running(package, url) as process, Worker(exchanges, url, url=url) as bare:
        # What the first of each brings about is not warm: clients, and the log stream.
        properties = process.invoke(delivering("CREATE"))["answer"]["resourceModel"]
        process.invoke(delivering("READ"))
        for _ in range(calls):
            _measure(process, url, TELEMETRY, delivering("READ"), found)
            found.deliveries.append(bare.ask(_delivery()))
        process.invoke(delivering("DELETE"))


def _running(package: Package, url: str) -> Worker:
    return Worker(worker, str(package.task_root), package.entry_point, url=url)


def _measure(process: Worker, url: str, what: str, asked: Event, found: Operations) -> Any:
    requests.get(f"{url}{server.CALLS}", timeout=10)
    told = process.invoke(asked)
    found.calls[what] = Counter(requests.get(f"{url}{server.CALLS}", timeout=10).json())
    found.seconds[what].append(told["seconds"])
    return told


def _properties() -> dict[str, Any]:
    properties: dict[str, Any] = json.loads(INPUT.read_text("utf-8"))
    del properties["JobDefinitionName"]
    return properties


def _one_life(process: Worker, bare: Worker, url: str, found: Operations) -> None:
    """Measure each action on a definition from its CREATE on."""
    properties = _properties()

    def measured(action: str, previous: Any = None) -> Any:
        return _measure(process, url, action, event(action, properties, previous), found)

    properties = measured("CREATE")["answer"]["resourceModel"]
    measured("READ")
    found.exchanges.append(bare.ask(_read(properties)))
    previous, tag = properties, {"Key": "bench", "Value": str(uuid.uuid4())}
    properties = {**properties, "Tags": [*properties.get("Tags", []), tag]}
    measured("UPDATE", previous)
    measured("DELETE")
    measured("LIST")


def _read(properties: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The requests with which this provider reads the definition of ``properties``."""
    name, arn = properties["JobDefinitionName"], properties["JobDefinitionArn"]
    return [
        ("SageMaker.DescribeModelQualityJobDefinition", {"JobDefinitionName": name}),
        ("SageMaker.ListTags", {"ResourceArn": arn, "MaxResults": 100}),
    ]


# Where the bare exchanges put their log lines.
_STREAM = {"logGroupName": "bench-exchanges", "logStreamName": "lines"}


def _log_stream(url: str) -> None:
    """Make it."""
    group = {"logGroupName": _STREAM["logGroupName"]}
    with Worker(exchanges, url, url=url) as process:
        process.ask(
            [("Logs_20140328.CreateLogGroup", group), ("Logs_20140328.CreateLogStream", _STREAM)]
        )


def _delivery() -> list[tuple[str, dict[str, Any]]]:
    """The requests with which this provider delivers the log lines and metrics of a READ."""
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
    """A small definition, in SageMaker's own terms."""
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


def _definitions(url: str, number: int) -> None:
    """Create so many definitions."""
    requests = [
        ("SageMaker.CreateModelQualityJobDefinition", _request(f"d-{uuid.uuid4()}"))
        for _ in range(number)
    ]
    with Worker(exchanges, url, url=url) as process:
        process.ask(requests)


def listing(package: Package, definitions: int, say: Say) -> Listing:
    """Page through so many definitions with LIST."""
    say(f"LIST over {definitions:,} definitions")
    with ExitStack() as stack:
        url = stack.enter_context(serving())
        _definitions(url, definitions)
        process = stack.enter_context(_running(package, url))
        requests.get(f"{url}{server.CALLS}", timeout=10)
        kib: list[float] = []
        seen: set[str] = set()
        token = None
        while token or not kib:
            told = process.invoke(event("LIST", {}, nextToken=token))
            kib.append(told["kib"])
            seen |= {model["JobDefinitionArn"] for model in told["answer"]["resourceModels"]}
            token = told["answer"].get("nextToken")
        calls = sum(requests.get(f"{url}{server.CALLS}", timeout=10).json().values())
        if len(seen) != definitions:
            raise RuntimeError(f"LIST gave {len(seen)} of {definitions} definitions")
        return Listing(definitions, len(kib), calls, kib[0], kib[-1])


def stacks(definitions: int, number: int, say: Say) -> dict[int, list[float]]:
    """Seconds to create and delete a stack, in a sandbox with one definition and in one with many.

    The two sandboxes take turns.
    """
    seconds: dict[int, list[float]] = {1: [], definitions: []}
    with ExitStack() as stack:
        clients = {}
        for there in seconds:
            say(f"a sandbox with {there:,} definitions")
            url = stack.enter_context(running_sandbox())
            _definitions(url, there)
            clients[there] = boto3.client(
                "cloudformation",
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
            )
            # Before the first that counts, moto imports what it needs.
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
