"""A hosted resource type: its schema, and a way to invoke its handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.hosting.type_schema import TypeSchema

Invoke = Callable[[dict[str, Any]], dict[str, Any]]
"""Invokes a handler with a CloudFormation event. Returns the progress event."""


class ConfigurationFailed(Exception):
    """The configuration data of a type cannot be read. The message says why, without a value."""


@dataclass(frozen=True, eq=False)
class HostedType(TypeSchema):
    """One version of a resource type.

    invoke: runs a handler. CloudFormation reports an exception as an internal failure.
    version: the `resourceTypeVersion` in the event.
    log_group, log_role_arn: the log group and the role in the type's logging configuration, if any.
    execution_role_arn: the role whose credentials the handlers receive. If None, stacks use a role
        named after the type in the account of the resource, and Cloud Control the caller's
        credentials or those of the role in the request.
    configuration: returns the type's configuration data, or None if there is none. Raises
        ConfigurationFailed.
    """

    invoke: Invoke
    version: str = "00000001"
    log_group: str | None = None
    log_role_arn: str | None = None
    execution_role_arn: str | None = None
    configuration: Callable[[], Any] = lambda: None
