"""The status reasons in the events of stacks and resources.

The words are CloudFormation's. A stack's reason ends with a space if another reason may follow it.
"""

from __future__ import annotations

from collections.abc import Iterable

USER_INITIATED = "User Initiated"
CREATION_INITIATED = "Resource creation Initiated"
REPLACEMENT = (
    "Requested update requires the creation of a new physical resource; hence creating one."
)
OUT_OF_TIME = "Stack creation time exceeded the specified timeout. "
NOT_ALL_DELETED = "One or more resources could not be deleted."
UPDATED_BUT_NOT_ALL_DELETED = f"Update successful. {NOT_ALL_DELETED}"
ROLLBACK_REQUESTED = "Rollback requested by user."
DELETE_REQUESTED = "Delete requested by user."

MAX_HANDLER_MESSAGE = 1024
"""The number of characters of a handler's message that CloudFormation shows."""


def failed(verb: str, logical_ids: Iterable[str]) -> str:
    """A stack's reason: resources failed to `verb` (create, update or delete)."""
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. "


def cancelled(noun: str) -> str:
    """A resource's reason: its `noun` (creation or update) was cancelled."""
    return f"Resource {noun} cancelled"


def deletion_cancelled(why: str) -> str:
    """A stack's reason: it is not deleted, because other stacks need it."""
    return f"Delete canceled. {why}"


def internal_failure(error: BaseException) -> str:
    """The reason if the sandbox itself failed."""
    return f"Internal Failure: {type(error).__name__}: {error}"


def invalid_properties(logical_id: str, violations: Iterable[str]) -> str:
    """A resource's reason: its properties violate the schema, with one line per violation."""
    lines = "\n".join(violations)
    return f"Properties validation failed for resource {logical_id} with message:\n{lines}"


def handler_failed(message: str, token: str, code: str | None) -> str:
    """A resource's reason: its handler's message, the request token and the handler error code."""
    suffix = f", HandlerErrorCode: {code}" if code else ""
    shown = message[:MAX_HANDLER_MESSAGE]
    return f'Resource handler returned message: "{shown}" (RequestToken: {token}{suffix})'


def not_stabilized(type_name: str, identifier: str) -> str:
    """A resource's reason: its creation started but never reached the desired state."""
    return f"Resource of type '{type_name}' with identifier '{identifier}' did not stabilize."


def nested_failed(stack_id: str, done: str, why: str | None) -> str:
    """A nested stack's reason: it was not `done` (created, updated or deleted)."""
    return f"Embedded stack {stack_id} was not successfully {done}: {why}"
