"""The operations on a stack and their events, as DescribeEvents shows them.

The order and the members of the events are those that AWS returned in a recorded session:
https://github.com/radkawar/stackd/blob/9dc356f/testdata/aws/cloudformation/function_resource_policy_validation.json
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from moto.cloudformation.models import Event
from moto.core.utils import utcnow

from sandbox.cloudformation.stacks.findings import Finding

CREATE_CHANGE_SET = "CREATE_CHANGESET"
ROLLBACK = "ROLLBACK"
OPERATION_TYPES = {
    "CREATE_IN_PROGRESS": "CREATE_STACK",
    "UPDATE_IN_PROGRESS": "UPDATE_STACK",
    "DELETE_IN_PROGRESS": "DELETE_STACK",
    # No operation type stands for an import.
    "IMPORT_IN_PROGRESS": "UPDATE_STACK",
    "ROLLBACK_IN_PROGRESS": ROLLBACK,
    "UPDATE_ROLLBACK_IN_PROGRESS": ROLLBACK,
    "IMPORT_ROLLBACK_IN_PROGRESS": ROLLBACK,
}
"""The operation that a stack begins when it enters a status."""


@dataclass
class StackOperation:
    """One operation. events: all of them, in the form of DescribeEvents, the oldest first.

    succeeded: None while it is running.
    """

    stack_id: str
    operation_type: str
    operation_id: str = field(default_factory=lambda: str(uuid4()))
    started: datetime = field(default_factory=utcnow)
    succeeded: bool | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._add("STACK_EVENT", self.started, **self._state("IN_PROGRESS"))

    def end(self, *, succeeded: bool) -> None:
        """Record its end. Does nothing if it has ended before."""
        if self.succeeded is None:
            self.succeeded = succeeded
            ended = utcnow()
            state = self._state("SUCCEEDED" if succeeded else "FAILED")
            self._add("STACK_EVENT", ended, **state, EndTime=ended)

    def progressed(self, event: Event) -> None:
        """Record a new status of the stack or of one of its resources."""
        failed = event.resource_status.endswith("_FAILED")
        self._add(
            "PROVISIONING_ERROR" if failed else "PROGRESS",
            event.timestamp,
            LogicalResourceId=event.logical_resource_id,
            PhysicalResourceId=event.physical_resource_id,
            ResourceType=event.resource_type,
            ResourceStatus=event.resource_status,
            ResourceStatusReason=event.resource_status_reason,
            ResourceProperties=event.resource_properties,
            ClientRequestToken=event.client_request_token,
            DetailedStatus=getattr(event, "detailed_status", None),
        )

    def validated(self, findings: Iterable[Finding]) -> None:
        """Record what the validation before provisioning has found."""
        for finding in findings:
            self._add(
                "VALIDATION_ERROR",
                utcnow(),
                OperationType=self.operation_type,
                LogicalResourceId=finding.logical_id,
                PhysicalResourceId=finding.physical_id,
                ResourceType=finding.type_name,
                ValidationFailureMode=finding.mode,
                ValidationName=finding.name,
                ValidationStatus="FAILED",
                ValidationStatusReason=finding.reason,
                ValidationPath=finding.path,
            )

    def _state(self, status: str) -> dict[str, Any]:
        return {
            "OperationType": self.operation_type,
            "OperationStatus": status,
            "StartTime": self.started,
        }

    def _add(self, event_type: str, moment: datetime, **members: Any) -> None:
        event = {
            "EventId": str(uuid4()),
            "StackId": self.stack_id,
            "OperationId": self.operation_id,
            "EventType": event_type,
            "Timestamp": moment,
            **members,
        }
        self.events.append({name: value for name, value in event.items() if value is not None})


class History:
    """The operations on one stack, the oldest first. Only `current` may be running."""

    def __init__(self, stack_id: str) -> None:
        self._stack_id = stack_id
        self.operations: list[StackOperation] = []

    @property
    def current(self) -> StackOperation | None:
        """The last operation, which may have ended."""
        return self.operations[-1] if self.operations else None

    @property
    def last(self) -> list[StackOperation]:
        """The last operation, the newest first: a rollback, and what it rolls back."""
        newest = self.operations[::-1]
        return newest[: 2 if newest and newest[0].operation_type == ROLLBACK else 1]

    def begin(self, operation_type: str) -> StackOperation:
        """Begin an operation. One that is still running has failed, or was cancelled."""
        if self.current and self.current.operation_type != CREATE_CHANGE_SET:
            self.current.end(succeeded=False)
        operation = StackOperation(self._stack_id, operation_type)
        self.add(operation)
        return operation

    def add(self, operation: StackOperation) -> None:
        """Add an operation that has begun."""
        self.operations.append(operation)

    def begins(self, before: str, status: str) -> None:
        """Begin the operation that a change of the stack's status begins, if any."""
        operation_type = OPERATION_TYPES.get(status)
        if operation_type == ROLLBACK and before == "UPDATE_ROLLBACK_FAILED":
            operation_type = "CONTINUE_ROLLBACK"
        if operation_type:
            self.begin(operation_type)

    def ends(self, status: str) -> None:
        """End the current operation if the stack has come to rest in a status."""
        if self.current and not status.endswith("_IN_PROGRESS"):
            deleting = self.current.operation_type == "DELETE_STACK"
            succeeded = status == "DELETE_COMPLETE" if deleting else status.endswith("_COMPLETE")
            self.current.end(succeeded=succeeded)

    def newest(self, operation_type: str) -> StackOperation:
        """Return the newest operation of a type. Raises StopIteration if there is none."""
        return next(each for each in self.operations[::-1] if each.operation_type == operation_type)


def is_failure(event: dict[str, Any]) -> bool:
    """Return whether an event is among those that the filter FailedEvents selects."""
    return event["EventType"].endswith("_ERROR") or event.get("OperationStatus") == "FAILED"
