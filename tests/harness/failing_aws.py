"""AWS that fails on demand, and a driver that does with the provider what CloudFormation does."""

import json
import subprocess
import sys
from typing import Any

import boto3
from werkzeug.test import Client

from sandbox.faults import PATH, FaultsApp
from sandbox.process import environment
from tests.harness.provider import REGION, Provider, ScriptedAws

RETRIED = ("NetworkFailure", "ResourceConflict", "ServiceInternalError", "Throttling")
MAX_ATTEMPTS = 5
MAX_INVOCATIONS = 60


class FailingAws(ScriptedAws):
    """The sandbox's SageMaker and moto behind the sandbox's faults, recording what is called."""

    def __init__(self) -> None:
        super().__init__()
        self._app = FaultsApp(self._app)
        self._faults = Client(self._app)
        self._clients: dict[tuple[str, ...], Any] = {}

    def fault(self, fault: str, operation: str = "*", **more: Any) -> None:
        """Have ``operation`` of SageMaker (or of another ``service``) fail so."""
        document = {"service": "sagemaker", "operation": operation, "fault": fault, **more}
        answer = self._faults.post(PATH, json=document)
        assert answer.status_code == 201, answer.text

    def pending(self) -> int:
        """How often the faults that there are will still strike."""
        answer = self._faults.get(PATH).get_json()
        return sum(fault["calls"] for fault in answer["faults"])

    def heal(self) -> None:
        """No more faults."""
        self._faults.delete(PATH)

    def definitions(self, part: str | None = None) -> list[str]:
        """The ARNs of all definitions, or of those with ``part`` in their name."""
        pages = self.client("sagemaker").get_paginator("list_model_quality_job_definitions")
        return [
            summary["MonitoringJobDefinitionArn"]
            for page in pages.paginate(**({"NameContains": part} if part else {}))
            for summary in page["JobDefinitionSummaries"]
        ]

    def clear(self) -> None:
        """Delete what other tests left."""
        for arn in self.definitions():
            name = arn.rpartition("/")[2]
            self.client("sagemaker").delete_model_quality_job_definition(JobDefinitionName=name)

    def client(self, service: str, **credentials: str) -> Any:
        """boto3's client, as anybody else in the account has it."""
        credentials = credentials or {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        # To make one takes longer than most calls of it.
        key = (service, *map("=".join, sorted(credentials.items())))
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service, endpoint_url=self.url, region_name=REGION, **credentials
            )
        return self._clients[key]


class CloudFormation(Provider):
    """Drives an operation to its end: one token, IN_PROGRESS followed, retriable errors retried."""

    aws: FailingAws

    def __init__(self, aws: FailingAws, *, new_process: bool = False) -> None:
        super().__init__(aws)
        self._new_process = new_process
        self.answers: list[dict[str, Any]] = []

    def send(self, event: Any) -> dict[str, Any]:
        """The answer to one event: of this warm process, or of one that starts for it."""
        if not self._new_process:
            return super().send(event)
        program = (
            "import json, sys; from aws_sagemaker_modelqualityjobdefinition.handlers import "
            "resource; json.dump(resource(json.load(sys.stdin), None), sys.stdout)"
        )
        answer = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(event),
            env={**environment(self.aws.url), "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(json.loads(answer.stdout))

    def drive(self, event: dict[str, Any], *, hurry: bool = False) -> dict[str, Any]:
        """The last answer to ``event``; ``answers`` has them all.

        No delay is waited for. In a ``hurry``, each lets as much time pass as is too much.
        """
        self.answers = []
        failures = 0
        for _ in range(MAX_INVOCATIONS):
            answer = self.send(event)
            self.answers.append(answer)
            if answer["status"] == "IN_PROGRESS":
                context = json.loads(json.dumps(answer["callbackContext"]))
                if hurry:
                    context["started"] -= 10_000
                data = {**event["requestData"], "resourceProperties": answer["resourceModel"]}
                event = {**event, "requestData": data, "callbackContext": context}
                continue
            if answer.get("errorCode") not in RETRIED or failures == MAX_ATTEMPTS:
                return answer
            failures += 1
        raise AssertionError(f"no end after {MAX_INVOCATIONS} invocations: {self.answers[-1]}")

    def run(self, action: str, *arguments: Any, **more: Any) -> dict[str, Any]:
        """Drive an operation of a new token (or ``token``) to its end."""
        return self.drive(self.event(action, *arguments, **more))
