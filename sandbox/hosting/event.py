"""The event that CloudFormation sends to a handler.

Source: what the language plugins parse (cloudformation-cli-python-lib, `HandlerRequest`). Cloud
Control sends the same event, without a stack and a logical id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place


@dataclass(frozen=True)
class StackContext:
    """The stack and the logical resource that an operation belongs to."""

    stack_id: str
    stack_name: str
    logical_id: str


@dataclass(frozen=True)
class Request:
    """One request to a handler.

    action: CREATE, READ, UPDATE, DELETE or LIST.
    tags: the tags of the stack or of the request.
    previous_properties, previous_tags: the values before an UPDATE.
    had_system_tags: whether the resource belonged to its stack before an UPDATE. The first update
        after an import brings the system tags.
    next_token: the page that a LIST asks for.
    token: the idempotency token, the same for the whole operation.
    context: the callback context from the previous invocation.
    """

    action: str
    properties: Mapping[str, Any]
    previous_properties: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    previous_tags: Mapping[str, str] | None = None
    had_system_tags: bool = True
    next_token: str | None = None
    token: str = field(default_factory=lambda: str(uuid4()))
    context: Any = None


@dataclass(frozen=True)
class Credentials:
    """The keys for one invocation: `caller` for the handler, `logging` to write its logs."""

    caller: Mapping[str, str]
    logging: Mapping[str, str] | None


def make_event(
    hosted: HostedType,
    place: Place,
    request: Request,
    credentials: Credentials,
    stack: StackContext | None = None,
) -> dict[str, Any]:
    """Build the event of one invocation. Returns a JSON document.

    stack: the stack that the resource belongs to; None outside of stacks.
    """
    system_tags = stack and {
        "aws:cloudformation:stack-name": stack.stack_name,
        "aws:cloudformation:logical-id": stack.logical_id,
        "aws:cloudformation:stack-id": stack.stack_id,
    }
    had_system_tags = request.action == "UPDATE" and request.had_system_tags
    return {
        "action": request.action,
        "awsAccountId": place.account_id,
        "bearerToken": request.token,
        "region": place.region,
        "responseEndpoint": None,
        "stackId": stack and stack.stack_id,
        "resourceType": hosted.type_name,
        "resourceTypeVersion": hosted.version,
        "callbackContext": request.context,
        "nextToken": request.next_token,
        "requestData": {
            "callerCredentials": credentials.caller,
            "providerCredentials": credentials.logging,
            "providerLogGroupName": hosted.log_group,
            "logicalResourceId": stack and stack.logical_id,
            "resourceProperties": dict(request.properties),
            "previousResourceProperties": request.previous_properties,
            "systemTags": system_tags,
            "previousSystemTags": system_tags if had_system_tags else None,
            "stackTags": dict(request.tags),
            "previousStackTags": request.previous_tags,
            "typeConfiguration": hosted.configuration(),
        },
    }
