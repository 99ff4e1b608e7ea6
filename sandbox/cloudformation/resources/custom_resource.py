"""Custom resources: Custom::… and AWS::CloudFormation::CustomResource.

Every operation sends a request to the ServiceToken, an SNS topic or a Lambda function, and waits
for the answer that is then put to the request's ResponseURL.

Sources: the user guide's reference of requests and answers
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html), and the words of
failures as users paste them.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from moto.awslambda.utils import get_backend as lambda_backend
from moto.sns.models import sns_backends
from moto.utilities.docker_utilities import DockerModel

from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.published_schema import CUSTOM_RESOURCE
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.scalars import text
from sandbox.moto_seams import MOTO_LOCK

LONGEST_SECONDS = 3600
"""The longest ServiceTimeout, and the default one."""
POLL_SECONDS = 0.1
SUBJECT = "AWS CloudFormation custom resource request"
ENDPOINT = "AWS_ENDPOINT_URL"


def is_custom(type_name: str) -> bool:
    """Return whether this is the type of a custom resource."""
    return type_name == CUSTOM_RESOURCE or type_name.startswith("Custom::")


@dataclass(eq=False)
class _Sent:
    """A request that waits for its answer."""

    request: Mapping[str, Any]
    answer: Mapping[str, Any] | None = None
    answered: threading.Event = field(default_factory=threading.Event)


_waiting: dict[str, _Sent] = {}
"""The requests that wait, by their RequestId."""


def accept(request_id: str, body: bytes) -> bool:
    """Take the answer to a request. Returns whether one waits for it.

    An answer that is no JSON object counts as a failure without a reason.
    """
    sent = _waiting.get(request_id)
    if sent is None:
        return False
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    sent.answer = document if isinstance(document, dict) else {}
    sent.answered.set()
    return True


@dataclass(frozen=True)
class _State:
    """The ServiceToken of the provider that answered last, and the Data of its answer."""

    service_token: str
    data: Mapping[str, Any]


class CustomResource(AwsResource):
    """A custom resource. It receives secure dynamic references as they are.

    CloudFormation user guide, "Get values stored in other services using dynamic references".
    """

    takes_secrets = False
    update_may_replace = True

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """None: the provider decides whether a change needs another physical resource."""
        return ()

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties with every scalar as text, as providers receive them."""
        return {name: _as_text(value) for name, value in properties.items()}

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with ServiceToken and ServiceTimeout."""
        found = (
            [] if properties.get("ServiceToken") else ["#: required key [ServiceToken] not found"]
        )
        seconds = properties.get("ServiceTimeout", str(LONGEST_SECONDS))
        number = str(seconds)
        if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= LONGEST_SECONDS):
            found.append(
                f"#/ServiceTimeout: {number} is not an integer from 1 to {LONGEST_SECONDS}"
            )
        return found

    def has_attribute(self, _name: str) -> bool:
        """Return True: the provider decides which attributes there are."""
        return True

    def attribute(self, instance: Instance, name: str) -> Any:
        """Return a member of the answer's Data. Raises ResourceFailed if it has none."""
        state: _State = instance.state
        data = state.data
        value = data.get(name, dig(data, tuple(name.split("."))))
        if value is None:
            raise ResourceFailed(
                "CustomResource attribute error: Vendor response doesn't contain "
                f"{name} attribute in object {instance.physical_id}"
            )
        return value

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Have the provider create the resource.

        Raises ResourceFailed if it fails or gives no answer in time. An answer that names a
        physical resource leaves that to be deleted. Without an answer nothing is known to exist;
        the provider is asked to delete all the same, and nobody waits for it.
        """
        request = self._request("Create", operation, properties)
        try:
            answer = _ask(operation, request)
        except _Unanswered as failure:
            generated = f"{operation.stack.name}-{operation.logical_id}"
            delete = self._request("Delete", operation, properties)
            _send(operation.stack, {**delete, "PhysicalResourceId": generated})
            raise ResourceFailed(failure.reason) from failure
        return self._instance(operation, properties, request, answer)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Have the provider update the resource. Another PhysicalResourceId replaces it.

        Raises ResourceFailed if it fails or gives no answer in time, or the ServiceToken differs.
        """
        state: _State = instance.state
        if properties["ServiceToken"] != state.service_token:
            raise ResourceFailed("Modifying service token is not allowed.")
        request = {
            **self._request("Update", operation, properties),
            "PhysicalResourceId": instance.physical_id,
            "OldResourceProperties": dict(instance.properties),
        }
        answer = _ask(operation, request)
        return self._instance(operation, properties, request, answer)

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Have the provider delete the resource.

        Raises ResourceFailed if it fails or gives no answer in time.
        """
        request = {
            **self._request("Delete", operation, instance.properties),
            "PhysicalResourceId": instance.physical_id,
        }
        self._instance(operation, instance.properties, request, _ask(operation, request))

    def _request(
        self, kind: str, operation: Operation, properties: Mapping[str, Any]
    ) -> dict[str, Any]:
        stack, request_id = operation.stack, str(uuid4())
        path = f"cloudformation_{stack.region}/cfnresponse?request={request_id}"
        return {
            "RequestType": kind,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": f"{os.environ.get(ENDPOINT, '')}/{path}",
            "StackId": stack.stack_id,
            "RequestId": request_id,
            "LogicalResourceId": operation.logical_id,
            "ResourceType": self.type_name,
            "ResourceProperties": dict(properties),
        }

    def _instance(
        self,
        operation: Operation,
        properties: Mapping[str, Any],
        request: Mapping[str, Any],
        answer: Mapping[str, Any],
    ) -> Instance:
        """The instance that an answer describes. Raises ResourceFailed if the provider failed."""
        identifier = answer.get("PhysicalResourceId") or request.get("PhysicalResourceId")
        data = answer.get("Data")
        instance = Instance(
            str(identifier or ""),
            properties,
            operation.stack_tags,
            _State(request["ServiceToken"], data if isinstance(data, dict) else {}),
        )
        if answer.get("Status") != "SUCCESS":
            reason = answer.get("Reason") or "no reason"
            raise ResourceFailed(
                f"Received response status [FAILED] from custom resource. Message returned: "
                f"{reason} (RequestId: {request['RequestId']})",
                instance if identifier else None,
            )
        if not identifier:
            raise ResourceFailed("Invalid PhysicalResourceId")
        return instance


class _Unanswered(ResourceFailed):
    """The provider gave no answer in time."""


def _ask(operation: Operation, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send a request and wait for its answer. Returns the answer.

    Raises ResourceFailed if it cannot be sent, and _Unanswered if there is no answer in time.
    """
    request_id = request["RequestId"]
    sent = _waiting[request_id] = _Sent(request)
    seconds = int(request["ResourceProperties"].get("ServiceTimeout", LONGEST_SECONDS))
    until = time.monotonic() + seconds
    try:
        _send(operation.stack, request)
        while not sent.answered.is_set():
            left = until - time.monotonic()
            if left <= 0:
                raise _Unanswered(
                    "CloudFormation did not receive a response from your Custom Resource. Please "
                    f"check your logs for requestId [{request_id}]."
                )
            operation.interruption.wait(min(left, POLL_SECONDS))
        return sent.answer or {}
    finally:
        del _waiting[request_id]


def _send(stack: StackIdentity, request: Mapping[str, Any]) -> None:
    """Send a request to its ServiceToken. Raises ResourceFailed if that cannot be done."""
    token = str(request["ServiceToken"])
    service = token.split(":")[2] if token.startswith("arn:") and token.count(":") > 4 else ""
    if service not in ("lambda", "sns"):
        raise ResourceFailed(
            f"Invalid service token: {token} is the ARN of neither a Lambda function nor an SNS "
            "topic."
        )
    message = json.dumps(request)
    if service == "sns":
        _publish(stack, token, message)
    else:
        _invoke(stack, token, message)


def _publish(stack: StackIdentity, topic: str, message: str) -> None:
    try:
        with MOTO_LOCK:
            backend = sns_backends[stack.account_id][stack.region]
            backend.get_topic(topic)
            backend.publish(message, arn=topic, subject=SUBJECT)
    except Exception as error:
        raise ResourceFailed(f"Invalid service token: there is no SNS topic {topic}.") from error


def _invoke(stack: StackIdentity, function: str, message: str) -> None:
    try:
        with MOTO_LOCK:
            found = lambda_backend(stack.account_id, stack.region).get_function(function)
    except Exception as error:
        raise ResourceFailed(
            f"Invalid service token: there is no Lambda function {function}."
        ) from error
    if not _has_docker():
        raise ResourceFailed(
            f"The sandbox runs no Lambda functions without Docker, so {function} cannot answer. "
            "Start Docker, or give the custom resource an SNS topic as its ServiceToken."
        )
    # Like every asynchronous invocation, it tells its caller nothing.
    threading.Thread(target=found.invoke, args=(message, {}, {}), daemon=True).start()


def _has_docker() -> bool:
    """Whether Docker answers, in which moto runs the functions."""
    try:
        return bool(DockerModel().docker_client.ping())
    except Exception:  # noqa: BLE001 - whatever the reason, it does not
        return False


def _as_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_text(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value if value is None else text(value)
