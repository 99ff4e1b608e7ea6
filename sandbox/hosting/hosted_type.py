"""A resource type that is hosted: its schema, and a way to invoke its handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.hosting.type_schema import TypeSchema

Invoke = Callable[[dict[str, Any]], dict[str, Any]]
"""Hands a handler one CloudFormation event and gives back its progress event."""


@dataclass(frozen=True, eq=False)
class HostedType(TypeSchema):
    """One version of a resource type.

    invoke: runs a handler; may raise, which CloudFormation reports as an internal failure.
    version: what the event names as `resourceTypeVersion`.
    log_group, log_role_arn: the log group of the type's logging configuration, and the role that
        writes to it, if it has one.
    execution_role_arn: the role whose credentials the handlers receive; where None, a role named
        after the type in the account of the stack.
    """

    invoke: Invoke
    version: str = "00000001"
    log_group: str | None = None
    log_role_arn: str | None = None
    execution_role_arn: str | None = None
