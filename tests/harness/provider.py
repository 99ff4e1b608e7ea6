"""AWS over a real socket, whose answers a test may script, and the provider called as in Lambda."""

import copy
import io
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from moto.backends import get_backend
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from aws_sagemaker_modelqualityjobdefinition.clients import Session
from aws_sagemaker_modelqualityjobdefinition.handlers import resource
from sandbox import moto_seams
from sandbox.sagemaker import SageMakerApp
from tests.harness.roles import EXECUTION, LOGGING, NEEDLESS_IN_DEPLOY, actions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACCOUNT = "123456789012"
REGION = "us-east-1"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Churn/0c1f1d90"
TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"

MINIMUM: dict[str, Any] = {
    "ModelQualityAppSpecification": {"ImageUri": "registry/analyzer:1"},
    "ModelQualityJobInput": {
        "EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/input"},
        "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
    },
    "ModelQualityJobOutputConfig": {
        "MonitoringOutputs": [
            {"S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/opt/ml/processing/out"}}
        ]
    },
    "JobResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
    },
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitor",
}

BATCH: dict[str, Any] = {
    **MINIMUM,
    "ModelQualityJobInput": {
        "BatchTransformInput": {
            "DataCapturedDestinationS3Uri": "s3://b/captured",
            "DatasetFormat": {"Csv": {}},
            "LocalPath": "/opt/ml/processing/input",
        },
        "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
    },
}

# The key that the provider is given; tests that look for themselves use another.
PROVIDERS_KEY = "key"
# What the names of a service's actions begin with, by what the service is called on the wire.
ACTION_PREFIXES = {
    "SageMaker": "sagemaker",
    "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "cloudwatch",
    "CloudWatch": "cloudwatch",
}

Answer = Callable[[], Response]


def error(code: str, message: str = "said the service", status: int = 400) -> Answer:
    """An error in the wire form of AWS's JSON protocol."""
    body = json.dumps({"__type": code, "message": message})
    return lambda: Response(body, status=status, content_type="application/x-amz-json-1.1")


Aws = TypeVar("Aws", bound="ScriptedAws")


class ScriptedAws:
    """The sandbox's SageMaker, and moto for the rest, recording and answering to a script.

    ``actions``: what the provider did since the last reset, by the names that IAM has for it.
    ``actions_ever``: all that it did here.
    """

    def __init__(self) -> None:
        self.actions_ever: set[str] = set()
        self._app: WSGIApplication = SageMakerApp(moto_seams.application())
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Forget what was recorded and scripted."""
        self.calls: list[tuple[str, Any]] = []
        self.actions: set[str] = set()
        self._scripts: dict[str, list[tuple[Answer, bool]]] = {}

    def answer(self, operation: str, *answers: Answer, after_the_work: bool = False) -> None:
        """Answer the next calls of ``operation`` so; the work may have been done all the same."""
        self._scripts.setdefault(operation, []).extend((each, after_the_work) for each in answers)

    @property
    def operations(self) -> list[str]:
        """The SageMaker operations that were called, in order."""
        return [operation for operation, _ in self.calls if "." not in operation]

    def requests(self, operation: str) -> list[Any]:
        """What the calls of ``operation`` said."""
        return [request for name, request in self.calls if name == operation]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = Request(environ)
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        operation = target.removeprefix("SageMaker.")
        body = request.get_data()
        if target:
            self.calls.append((operation, json.loads(body)))
        else:
            # CloudWatch's CBOR protocol has the operation in the path.
            operation = request.path.rpartition("/")[2]
            target = f"CloudWatch.{operation}"
            self.calls.append((target, None))
        self._note(request, target)
        scripts = self._scripts.get(operation)
        if not scripts:
            return self._app(_again(environ, body), start_response)
        answer, after_the_work = scripts.pop(0)
        if after_the_work:
            Response.from_app(self._app, _again(environ, body))
        return answer()(environ, start_response)

    def _note(self, request: Request, target: str) -> None:
        """Remember what the provider does. An operation's action has its name (see roles.py)."""
        if f"Credential={PROVIDERS_KEY}/" in request.headers.get("Authorization", ""):
            service, _, operation = target.partition(".")
            self.actions.add(f"{ACTION_PREFIXES[service]}:{operation}")
            self.actions_ever |= self.actions


def _again(environ: "WSGIEnvironment", body: bytes) -> "WSGIEnvironment":
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args: Any) -> None:
        pass


def client(aws: ScriptedAws, service: str) -> Any:
    """A client of tests' own, which are not the provider."""
    return boto3.client(
        service,
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id="tests",
        aws_secret_access_key="secret",
    )


def with_telemetry(event: dict[str, Any], group: str = "type-logs") -> dict[str, Any]:
    """``event`` as it is for a type that is registered with logging."""
    data = event["requestData"]
    telemetry = {"providerCredentials": data["callerCredentials"], "providerLogGroupName": group}
    return {**event, "requestData": {**data, **telemetry}}


def get_ready(*services: str) -> None:
    """Read all that is read once, on both sides, for the provider's patience may end meanwhile."""
    for service in services:
        get_backend(cast("Any", service))
        Session(ReadOnlyCredentials("key", "secret", None), REGION).client(service, config=Config())


@contextmanager
def serving(aws: Aws) -> Iterator[Aws]:
    """Serve ``aws`` on a free port. What the provider did meanwhile, deploy/'s roles must allow."""
    server = make_server("127.0.0.1", 0, aws, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    aws.url = f"http://127.0.0.1:{server.port}"
    try:
        yield aws
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    not_allowed = aws.actions_ever - actions(EXECUTION) - actions(LOGGING) - NEEDLESS_IN_DEPLOY
    assert not not_allowed, f"the provider did what no role of deploy/ allows: {not_allowed}"


class Provider:
    """Sends events to the entry point that CloudFormation calls."""

    def __init__(self, aws: ScriptedAws) -> None:
        self.aws = aws

    def event(
        self,
        action: str,
        properties: Any = None,
        previous: Any = None,
        *,
        tags: dict[str, str] | None = None,
        previous_tags: dict[str, str] | None = None,
        context: Any = None,
        token: str | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """An event as CloudFormation sends it; a new token where none is given."""
        credentials = {
            "accessKeyId": PROVIDERS_KEY,
            "secretAccessKey": "secret",
            "sessionToken": "token",
        }
        return {
            "action": action,
            "awsAccountId": ACCOUNT,
            "bearerToken": token or str(uuid.uuid4()),
            "region": REGION,
            "responseEndpoint": None,
            "resourceType": TYPE_NAME,
            "resourceTypeVersion": "00000001",
            "stackId": STACK_ID,
            "nextToken": next_token,
            "callbackContext": context,
            "requestData": {
                "callerCredentials": credentials,
                "providerCredentials": None,
                "providerLogGroupName": None,
                "logicalResourceId": "JobDefinition",
                "resourceProperties": properties,
                "previousResourceProperties": previous,
                "stackTags": tags,
                "previousStackTags": previous_tags,
                "systemTags": {"aws:cloudformation:stack-id": STACK_ID},
                "previousSystemTags": None,
                "typeConfiguration": None,
            },
        }

    def send(self, event: Any) -> dict[str, Any]:
        """The answer to ``event``, which goes there and back as JSON."""
        answer = resource(json.loads(json.dumps(event)), None)
        return dict(json.loads(json.dumps(answer)))

    def __call__(
        self, action: str, properties: Any = None, previous: Any = None, **more: Any
    ) -> Any:
        return self.send(self.event(action, properties, previous, **more))

    def created(self, properties: Any = None, **more: Any) -> dict[str, Any]:
        """The model of a definition made for ``properties`` (default: the minimum)."""
        answer = self("CREATE", copy.deepcopy(properties or MINIMUM), **more)
        assert answer["status"] == "SUCCESS", answer
        model: dict[str, Any] = answer["resourceModel"]
        return model
