"""Measures packages side by side: fresh processes, taking turns, against one server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import requests

from benchmarks import exchanges, server, worker
from benchmarks.packages import Package
from sandbox.process import REGION, environment, running_sandbox
from tools.environment import ROOT
from tools.generate import type_name

ACCOUNT = "123456789012"
ACTIONS = ("CREATE", "READ", "UPDATE", "DELETE", "LIST")
KEYS = {"accessKeyId": "key", "secretAccessKey": "secret", "sessionToken": "token"}
# The input set of the contract tests that has everything of an endpoint input set.
INPUT = ROOT / "inputs" / "inputs_1_create.json"

Event = dict[str, Any]
Say = Callable[[str], None]


@dataclass
class Operations:
    """What was measured of one package.

    seconds: of each warm call, by action. telemetry: of each warm READ that also delivered its log
    lines and metrics. cold: seconds from the start of a process to its first answer. peak_kib: the
    most memory of each process. calls: the service calls of one invocation, by action.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: {each: [] for each in ACTIONS})
    telemetry: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    peak_kib: list[float] = field(default_factory=list)
    calls: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass
class Listing:
    """A LIST to its end: how many definitions, pages and service calls, and memory in KiB."""

    definitions: int
    pages: int
    calls: int
    first_page_kib: float
    last_page_kib: float


class Worker:
    """A process that answers a line with a line."""

    def __init__(self, script: Any, *arguments: str, url: str) -> None:
        self._name = script.__name__
        self.started = time.perf_counter()
        # As in Lambda: nothing else to import, and a package that cannot be written to.
        self._process = subprocess.Popen(
            [os.path.realpath(sys.executable), "-I", "-S", "-B", script.__file__, *arguments],
            env=environment(url, {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, question: Any) -> Any:
        """The answer to one line; both are JSON."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._name} ended with {self._process.wait()}")
        return json.loads(answer)

    def invoke(self, event: Event) -> Any:
        """What the worker measured of one event, which has to succeed."""
        told = self.ask(event)
        if told["answer"]["status"] != "SUCCESS":
            raise RuntimeError(f"{event['action']} failed: {told['answer']}")
        return told

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


@contextmanager
def serving() -> Iterator[str]:
    """The server that both packages call, in a process of its own; gives its address."""
    with subprocess.Popen(
        [sys.executable, "-m", server.__name__], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def event(action: str, properties: Any, previous: Any = None, **more: Any) -> Event:
    """An event as CloudFormation sends it, without logs and metrics."""
    name = type_name()
    return {
        "action": action,
        "awsAccountId": ACCOUNT,
        "bearerToken": str(uuid.uuid4()),
        "region": REGION,
        "resourceType": name,
        "resourceTypeVersion": "00000001",
        "stackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/bench/{uuid.uuid4()}",
        "requestData": {
            "callerCredentials": KEYS,
            "logicalResourceId": "JobDefinition",
            "resourceProperties": properties,
            "previousResourceProperties": previous,
            "stackTags": {},
            "systemTags": {},
        },
        **more,
    }


def with_telemetry(event: Event) -> Event:
    """The event of a type that is registered with logging, as `cfn submit` registers it."""
    telemetry = {"providerCredentials": KEYS, "providerLogGroupName": "bench-logs"}
    return {**event, "requestData": {**event["requestData"], **telemetry}}


def operations(
    packages: Sequence[Package], rounds: int, calls: int, say: Say
) -> tuple[dict[str, Operations], list[float]]:
    """Each package's operations, and the seconds of the bare exchanges of a READ."""
    found = {package.name: Operations() for package in packages}
    bare: list[float] = []
    with serving() as url:
        for number in range(rounds):
            say(f"operations, round {number + 1} of {rounds}")
            # Whoever is first in one round is last in the next one.
            for package in packages[:: -1 if number % 2 else 1]:
                _one_process(package, url, calls, found[package.name])
            bare += _exchanges(url, calls)
    return found, bare


def _one_process(package: Package, url: str, calls: int, found: Operations) -> None:
    properties = {**json.loads(INPUT.read_text("utf-8"))}
    properties.pop("JobDefinitionName", None)

    def counted() -> Counter[str]:
        return Counter(requests.get(f"{url}{server.CALLS}", timeout=10).json())

    with Worker(worker, str(package.task_root), package.entry_point, url=url) as process:
        told = process.invoke(event("LIST", {}))
        found.cold.append(time.perf_counter() - process.started)
        for _ in range(calls):
            counted()
            model: Any = properties
            previous: Any = None
            for action in ACTIONS:
                told = process.invoke(event(action, model, previous))
                found.seconds[action].append(told["seconds"])
                found.calls[action] = counted()
                if action == "CREATE":
                    model = told["answer"]["resourceModel"]
                elif action == "READ":
                    found.telemetry.append(
                        process.invoke(with_telemetry(event("READ", model)))["seconds"]
                    )
                    counted()
                    previous, tag = model, {"Key": "bench", "Value": str(uuid.uuid4())}
                    model = {**model, "Tags": [*model.get("Tags", []), tag]}
        found.peak_kib.append(told["peak_kib"])


def _exchanges(url: str, calls: int) -> list[float]:
    name = f"bare-{uuid.uuid4()}"
    with Worker(exchanges, url, url=url) as process:
        process.ask([("CreateModelQualityJobDefinition", _request(name))])
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/{name}"
        read = [
            ("DescribeModelQualityJobDefinition", {"JobDefinitionName": name}),
            ("ListTags", {"ResourceArn": arn, "MaxResults": 100}),
        ]
        process.ask(read)
        return [process.ask(read) for _ in range(calls)]


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
            "EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"},
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
        ("CreateModelQualityJobDefinition", _request(f"d-{uuid.uuid4()}")) for _ in range(number)
    ]
    with Worker(exchanges, url, url=url) as process:
        process.ask(requests)


def listing(package: Package, definitions: int, say: Say) -> Listing:
    """Page through so many definitions with LIST."""
    say(f"LIST over {definitions:,} definitions")
    with ExitStack() as stack:
        url = stack.enter_context(serving())
        _definitions(url, definitions)
        arguments = (str(package.task_root), package.entry_point)
        process = stack.enter_context(Worker(worker, *arguments, url=url))
        requests.get(f"{url}{server.CALLS}", timeout=10)
        peaks: list[float] = []
        seen: set[str] = set()
        token = None
        while token or not peaks:
            told = process.invoke(event("LIST", {}, nextToken=token))
            peaks.append(told["peak_kib"])
            seen |= {model["JobDefinitionArn"] for model in told["answer"]["resourceModels"]}
            token = told["answer"].get("nextToken")
        calls = sum(requests.get(f"{url}{server.CALLS}", timeout=10).json().values())
        if len(seen) != definitions:
            raise RuntimeError(f"LIST gave {len(seen)} of {definitions} definitions")
        return Listing(definitions, len(peaks), calls, peaks[0], peaks[-1])


def stacks(definitions: int, number: int, say: Say) -> dict[int, list[float]]:
    """Seconds to create and delete a stack in the sandbox: with one definition there, and many."""
    seconds: dict[int, list[float]] = {}
    with running_sandbox() as url:
        cloudformation = boto3.client(
            "cloudformation",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
        )
        there = 0
        # Before the first that counts, moto imports what it needs.
        _stack(cloudformation)
        for wanted in (1, definitions):
            say(f"stacks in the sandbox, beside {wanted:,} definitions")
            _definitions(url, wanted - there)
            there = wanted
            seconds[wanted] = [_stack(cloudformation) for _ in range(number)]
    return seconds


def _stack(cloudformation: Any) -> float:
    properties = json.loads(INPUT.read_text("utf-8"))
    properties.pop("JobDefinitionName", None)
    document = {"Resources": {"JobDefinition": {"Type": type_name(), "Properties": properties}}}
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
