"""CloudFormation's side of the handler contract: one operation on one resource of a hosted type.

Source: the handler contract of the CloudFormation CLI's user guide (resource-type-test-contract,
resource-type-test-contract-errors) and the event that the language plugins parse
(cloudformation-cli-python-lib, `HandlerRequest`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import uuid4

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from sandbox.cloudformation.errors import ResourceFailed
from sandbox.cloudformation.template.configuration import StackIdentity
from sandbox.registry.type_registry import HostedType

RETRIABLE = frozenset(("NetworkFailure", "ResourceConflict", "ServiceInternalError", "Throttling"))
"""Handler error codes after which CloudFormation asks again (handler error codes, user guide)."""

SESSION_SECONDS = 3600

MAX_MESSAGE = 1024
"""How much of a handler's message CloudFormation shows."""


@dataclass(frozen=True)
class Timing:
    """How patient the sandbox is.

    attempts: how often a handler is asked in all when it answers with a retriable error.
    first_delay: seconds before the second attempt, doubled before each further one.
    callback_scale: what a handler's callbackDelaySeconds is multiplied with; tests use 0.
    registration_seconds: how long a registration in the registry takes, beside the work.
    """

    attempts: int = 5
    first_delay: float = 0.5
    callback_scale: float = 1.0
    registration_seconds: float = 0.0


@dataclass(frozen=True)
class HandlerOperation:
    """What a handler is asked to do, apart from how often.

    previous_properties, previous_stack_tags: those before, of an UPDATE.
    wait: sleeps so many seconds, and raises where the stack operation ends meanwhile.
    """

    action: str
    stack: StackIdentity
    logical_id: str
    properties: Mapping[str, Any]
    previous_properties: Mapping[str, Any] | None
    stack_tags: Mapping[str, str]
    previous_stack_tags: Mapping[str, str] | None
    wait: Callable[[float], None]
    timing: Timing


def run(
    hosted: HostedType,
    operation: HandlerOperation,
    on_model: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """Drive the handler to its end; the model of its SUCCESS (empty for a DELETE).

    The bearer token is one for the whole operation, re-invocations and retries included: it is the
    request's idempotency token. An IN_PROGRESS hands over its model and callback context to the
    next invocation. on_model is told of each model that an IN_PROGRESS brings.

    raises ResourceFailed: FAILED, no valid answer, or the time of the handler is up.
    """
    token = str(uuid4())
    properties: Mapping[str, Any] = operation.properties
    context: Any = None
    retries = 0
    minutes = hosted.timeout_minutes(operation.action)
    deadline = time.monotonic() + minutes * 60
    while True:
        answer = _invoke(hosted, _event(hosted, operation, token, properties, context), token)
        status = answer["status"]
        model = answer.get("resourceModel")
        if status == "SUCCESS":
            return _final_model(hosted, operation, model, token)
        if status == "FAILED":
            code = answer.get("errorCode") or "InternalFailure"
            if code not in RETRIABLE or retries + 1 >= operation.timing.attempts:
                raise HandlerFailed(answer.get("message") or "", token, code, model, answered=True)
            delay = operation.timing.first_delay * 2**retries
            retries += 1
        else:
            if hosted.identifier(model) is None and operation.action != "DELETE":
                # The contract asks for it in the first answer. AWS waits 60 seconds for a later
                # one and then uses these words; the sandbox needs no minute to tell.
                raise HandlerFailed(
                    "Resource timed out waiting for creation of physical resource", token, None
                )
            properties = model or properties
            on_model(properties)
            context = answer.get("callbackContext")
            delay = (answer.get("callbackDelaySeconds") or 0) * operation.timing.callback_scale
            retries = 0
        if time.monotonic() + delay > deadline:
            raise HandlerFailed(
                f"Exceeded the handler's time of {minutes:g} minutes: "
                f"{answer.get('message') or 'it was still IN_PROGRESS'}",
                token,
                "NotStabilized",
            )
        operation.wait(delay)


class HandlerFailed(ResourceFailed):
    """A handler's failure, as CloudFormation words it for the resource's status reason.

    model: the resource model that came with the failure. answered: whether the handler itself said
    that it failed; otherwise it crashed or ran out of time.
    """

    def __init__(
        self,
        message: str,
        token: str,
        error_code: str | None,
        model: Mapping[str, Any] | None = None,
        answered: bool = False,
    ) -> None:
        code = f", HandlerErrorCode: {error_code}" if error_code else ""
        shown = message[:MAX_MESSAGE]
        super().__init__(
            f'Resource handler returned message: "{shown}" (RequestToken: {token}{code})',
            error_code,
        )
        self.model = model
        self.answered = answered


def _final_model(
    hosted: HostedType, operation: HandlerOperation, model: Any, token: str
) -> dict[str, Any]:
    if operation.action == "DELETE":
        return {}
    if hosted.identifier(model) is None:
        raise HandlerFailed(
            f"{operation.action} succeeded without a primary identifier in its model",
            token,
            "InternalFailure",
        )
    return dict(model)


def _invoke(hosted: HostedType, event: dict[str, Any], token: str) -> dict[str, Any]:
    """One invocation. Both ways are JSON, so that neither side can change what the other holds.

    raises HandlerFailed: the invocation broke, or its answer is no progress event.
    """
    try:
        answer = json.loads(json.dumps(hosted.invoke(json.loads(json.dumps(event)))))
    except Exception as error:  # whatever a handler raises is its failure, never ours
        raise HandlerFailed(
            f"Internal Failure: {type(error).__name__}: {error}",
            token,
            "InternalFailure",
        ) from error
    if (
        not isinstance(answer, dict)
        or answer.get("status") not in ("SUCCESS", "IN_PROGRESS", "FAILED")
        or not isinstance(answer.get("resourceModel") or {}, dict)
    ):
        raise HandlerFailed(
            f"Internal Failure: not a progress event: {json.dumps(answer)[:500]}",
            token,
            "InternalFailure",
        )
    return answer


def _event(
    hosted: HostedType,
    operation: HandlerOperation,
    token: str,
    properties: Mapping[str, Any],
    context: Any,
) -> dict[str, Any]:
    stack = operation.stack
    system_tags = {
        "aws:cloudformation:stack-name": stack.name,
        "aws:cloudformation:logical-id": operation.logical_id,
        "aws:cloudformation:stack-id": stack.stack_id,
    }
    is_update = operation.action == "UPDATE"
    return {
        "action": operation.action,
        "awsAccountId": stack.account_id,
        "bearerToken": token,
        "region": stack.region,
        "responseEndpoint": None,
        "stackId": stack.stack_id,
        "resourceType": hosted.type_name,
        "resourceTypeVersion": hosted.version,
        "callbackContext": context,
        "nextToken": None,
        "requestData": {
            "callerCredentials": credentials(stack, _execution_role(hosted, stack)),
            "providerCredentials": credentials(stack, _log_role(hosted, stack)),
            "providerLogGroupName": hosted.log_group,
            "logicalResourceId": operation.logical_id,
            "resourceProperties": dict(properties),
            "previousResourceProperties": operation.previous_properties,
            "systemTags": system_tags,
            "previousSystemTags": system_tags if is_update else None,
            "stackTags": dict(operation.stack_tags),
            "previousStackTags": operation.previous_stack_tags,
            "typeConfiguration": None,
        },
    }


_sessions: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}
_sessions_lock = Lock()


def credentials(stack: StackIdentity, role_arn: str) -> dict[str, str]:
    """Temporary credentials of a role, which every service of the sandbox maps to its account.

    A session is used again for half its life, as AWS does, which also keeps the list of sessions
    short that moto searches from end to end.
    """
    key = (role_arn, stack.region)
    with _sessions_lock:
        until, session = _sessions.get(key, (0.0, {}))
        account = role_arn.split(":")[4]
        issued = iam_backends[account][stack.partition].access_keys
        if time.monotonic() > until or session["accessKeyId"] not in issued:
            role = sts_backends[stack.account_id][stack.partition].assume_role(
                region_name=stack.region,
                role_session_name="AWSCloudFormation",
                role_arn=role_arn,
                policy="",
                duration=SESSION_SECONDS,
                external_id="",
            )
            session = {
                "accessKeyId": role.access_key_id,
                "secretAccessKey": role.secret_access_key,
                "sessionToken": role.session_token,
            }
            _sessions[key] = (time.monotonic() + SESSION_SECONDS / 2, session)
        return session


def _execution_role(hosted: HostedType, stack: StackIdentity) -> str:
    name = hosted.type_name.replace("::", "-")
    return hosted.execution_role_arn or _role_arn(stack, f"{name}-ExecutionRole")


def _log_role(hosted: HostedType, stack: StackIdentity) -> str:
    return hosted.log_role_arn or _role_arn(stack, "CloudFormationLogging")


def _role_arn(stack: StackIdentity, name: str) -> str:
    return f"arn:{stack.partition}:iam::{stack.account_id}:role/{name}"
