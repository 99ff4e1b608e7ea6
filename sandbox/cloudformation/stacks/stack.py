"""The current state of a stack: its resources, events and configuration.

Only the stack's running deployment writes it. API calls read it at any time.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition
from typing import Any
from uuid import uuid4

from moto.cloudformation.models import Event
from moto.core.utils import iso_8601_datetime_with_milliseconds, utcnow

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.resources.resource_type import NESTED_STACK, Instance
from sandbox.cloudformation.stacks import findings
from sandbox.cloudformation.stacks.findings import Finding
from sandbox.cloudformation.stacks.history import History
from sandbox.cloudformation.stacks.notifications import notify
from sandbox.cloudformation.stacks.stack_policy import StackPolicy
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.references import dependency_order
from sandbox.hosting.scalars import text

UPDATABLE = frozenset(
    (
        "CREATE_COMPLETE",
        "CREATE_FAILED",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    )
)
DELETABLE_IN_PROGRESS = frozenset(("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"))


@dataclass
class LogicalResource:
    """One logical resource.

    definition: its entry in the template that it was last deployed from.
    dependencies: the logical ids of the resources that must exist as long as this one does.
    instance: its physical resource, or None if there is none yet.
    obsolete: more physical resources, which the cleanup deletes: replaced ones, and after a
        rollback the new ones.
    """

    logical_id: str
    definition: Mapping[str, Any]
    dependencies: frozenset[str] = frozenset()
    instance: Instance | None = None
    obsolete: list[Instance] = field(default_factory=list)
    status: str = ""
    reason: str | None = None
    changed: datetime = field(default_factory=utcnow)

    @property
    def type_name(self) -> str:
        """The type name in its definition."""
        name: str = self.definition["Type"]
        return name

    @property
    def is_complete(self) -> bool:
        """Whether its creation has been completed, so that there is something to update."""
        return self.instance is not None and self.status != "CREATE_FAILED"

    @property
    def physical_id(self) -> str:
        """The physical id of its instance, or an empty string if there is none."""
        return self.instance.physical_id if self.instance else ""

    def copy(self) -> LogicalResource:
        """Return a snapshot for a rollback."""
        snapshot = copy.copy(self)
        snapshot.obsolete = list(self.obsolete)
        return snapshot


class Stack:
    """A stack and its state. Attributes that other services of moto read have moto's names.

    operations: how many operations have started.
    """

    def __init__(self, configuration: Configuration, parent: Stack | None = None) -> None:
        self.identity: StackIdentity = configuration.stack
        self.configuration = configuration
        self.parent = parent
        self.status = ""
        self.status_reason: str | None = None
        self.operations = 0
        self.timeout_in_minutes: int | None = None
        self.enable_termination_protection = False
        self.policy: StackPolicy | None = None
        self.policy_during_update: StackPolicy | None = None
        self.disable_rollback = False
        self.disable_validation = False
        self.creation_time = utcnow()
        self.last_updated_time: datetime | None = None
        self.deletion_time: datetime | None = None
        self.client_request_token: str | None = None
        self.change_set_id: str | None = None
        self.resources: dict[str, LogicalResource] = {}
        self.former_resources: dict[str, LogicalResource] = {}
        self.outputs: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.history = History(self.stack_id)
        self.rollback_target: RollbackTarget | None = None
        self._entered = Condition()

    @property
    def stack_id(self) -> str:
        """The stack's ARN."""
        return self.identity.stack_id

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.identity.name

    @property
    def tags(self) -> Mapping[str, str]:
        """The stack's tags."""
        return self.configuration.tags

    @property
    def template(self) -> str:
        """The text of the stack's template."""
        return self.configuration.template.text

    @property
    def current_policy(self) -> StackPolicy | None:
        """The policy that applies to updates now: its own, or the one for a running update."""
        return self.policy_during_update or self.policy

    @property
    def root(self) -> Stack:
        """The outermost stack that contains this one, or the stack itself."""
        return self.parent.root if self.parent else self

    @property
    def ancestors(self) -> list[Stack]:
        """The stacks that contain this one, the closest first."""
        return [self.parent, *self.parent.ancestors] if self.parent else []

    @property
    def in_progress(self) -> bool:
        """Whether an operation is running."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def reason_of_failure(self) -> str | None:
        """Why its last operation that failed did, or else the reason of its status."""
        reasons = [
            event.resource_status_reason
            for event in self.events
            if event.physical_resource_id == self.stack_id
            and event.resource_status.endswith(("_FAILED", "ROLLBACK_IN_PROGRESS"))
            and event.resource_status_reason != findings.DETECTED  # which only says where to look
        ]
        return reasons[-1] if reasons else self.status_reason

    @property
    def is_undeployed(self) -> bool:
        """Whether no operation has started yet: there are at most change sets."""
        return self.status in {"", "REVIEW_IN_PROGRESS"}

    def enter(self, status: str, reason: str | None = None) -> None:
        """Record an event, then set the stack's status.

        In this order, a client that sees the status also finds the event.
        """
        self.events.append(self._event_of_stack(status, reason))
        self._set_status(status, reason)

    def reject(self, found: Sequence[Finding], status: str) -> None:
        """End the current operation because of what the validation found, and enter a status.

        The event of the operation's end never stands alone, unless `status` is that end: clients
        that poll would take it for the last one.
        """
        failed = self.status.replace("IN_PROGRESS", "FAILED")
        reason = findings.failure_of_stack(found)
        events = [self._event_of_stack(failed, reason, findings.DETAILED_STATUS)]
        if status != failed:
            reason = findings.DETECTED
            events.append(self._event_of_stack(status, reason))
        self.events.extend(events)
        self._set_status(status, reason)

    def _set_status(self, status: str, reason: str | None) -> None:
        self.history.ends(status)
        with self._entered:
            was_in_progress = self.in_progress
            self.status_reason = reason
            self.status = status
            self.operations += self.in_progress and not was_in_progress
            self._entered.notify_all()

    def wait_for_end(self, seconds: float) -> None:
        """Wait until no operation is running, for at most `seconds`."""
        with self._entered:
            self._entered.wait_for(lambda: not self.in_progress, seconds)

    def enter_resource(
        self,
        resource: LogicalResource,
        status: str,
        reason: str | None = None,
        *,
        instance: Instance | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Record an event of a resource, then set its status.

        instance: the subject of the event; by default the resource's current instance.
        properties: the properties in the event; by default those of the instance.
        """
        subject = instance or resource.instance
        if properties is None and subject:
            properties = subject.properties
        event = self._event(
            resource.logical_id,
            subject.physical_id if subject else "",
            resource.type_name,
            status,
            reason,
            None if properties is None else properties_text(properties),
        )
        self._record(event)
        self.events.append(event)
        resource.status, resource.reason, resource.changed = status, reason, utcnow()

    @property
    def described_resources(self) -> list[LogicalResource]:
        """The stack's resources. While it is deleted or rolled back, also deleted resources."""
        former = self.former_resources if self.status.startswith(("DELETE_", "ROLLBACK_")) else {}
        return list({**former, **self.resources}.values())

    def deletion_order(self) -> list[str]:
        """Return the logical ids of the resources, each before those that it depends on."""
        return dependency_order(
            {logical_id: resource.dependencies for logical_id, resource in self.resources.items()}
        )[::-1]

    def _event_of_stack(
        self, status: str, reason: str | None, detailed_status: str | None = None
    ) -> Event:
        self.history.begins(self.status, status)
        event = self._event(self.name, self.stack_id, NESTED_STACK, status, reason, None)
        event.detailed_status = detailed_status  # type: ignore[attr-defined]
        self._record(event)
        return event

    def _record(self, event: Event) -> None:
        """Record an event in the history, and to which operation it belongs."""
        operation = self.history.current
        if operation:
            event.operation_id = operation.operation_id  # type: ignore[attr-defined]
            operation.progressed(event)

    def _event(  # noqa: PLR0913, PLR0917  # one for each part of an event
        self,
        logical_id: str,
        physical_id: str,
        type_name: str,
        status: str,
        reason: str | None,
        properties: str | None,
    ) -> Event:
        event = Event(
            stack_id=self.stack_id,
            stack_name=self.name,
            logical_resource_id=logical_id,
            physical_resource_id=physical_id,
            resource_type=type_name,
            resource_status=status,
            resource_status_reason=reason,
            resource_properties=properties,
        )
        if physical_id == self.stack_id:
            event.event_id = str(uuid4())  # type: ignore[assignment]
        else:
            event.event_id = self._event_id(logical_id, status, event.timestamp)  # type: ignore[assignment]
        event.client_request_token = self.client_request_token  # type: ignore[assignment]
        notify(self.name, self.configuration.notification_arns, event)
        return event

    def _event_id(self, logical_id: str, status: str, moment: datetime) -> str:
        """A unique event id in CloudFormation's form, with the next unused millisecond.

        Clients that poll use the id to recognize new events, and two events of a resource can
        happen in the same millisecond.
        """
        taken = {event.event_id for event in self.events}
        while True:
            stamp = iso_8601_datetime_with_milliseconds(moment)
            event_id = f"{logical_id}-{status}-{stamp}"
            if event_id not in taken:
                return event_id
            moment += timedelta(milliseconds=1)


@dataclass(frozen=True)
class RollbackTarget:
    """The state that a rollback restores. A failed rollback can continue with it.

    used_exports: the names of the exports that the stack imported.
    """

    configuration: Configuration
    resources: Mapping[str, LogicalResource]
    outputs: Sequence[dict[str, Any]]
    used_exports: frozenset[str]
    retain_except_on_create: bool = False


def properties_text(properties: Mapping[str, Any]) -> str:
    """Return properties as JSON, as an event's ResourceProperties shows them."""
    return json.dumps(properties, default=text)


def check_updatable(stack: Stack) -> None:
    """Raise ValidationError if the stack's status does not allow an update."""
    if stack.status not in UPDATABLE:
        raise ValidationError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
        )


def check_deletable(stack: Stack, retain: Sequence[str]) -> None:
    """Raise ValidationError if the stack is protected or its status does not allow a deletion.

    retain: the resources to retain; only allowed after a failed deletion.
    """
    if stack.enable_termination_protection:
        raise ValidationError(
            f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
        )
    if stack.in_progress and stack.status not in DELETABLE_IN_PROGRESS:
        raise ValidationError(
            f"Stack [{stack.stack_id}] cannot be deleted while in status {stack.status}"
        )
    if retain and stack.status != "DELETE_FAILED":
        raise ValidationError(
            f"Invalid operation on stack [{stack.stack_id}]. Specify resources to retain "
            "only when the stack is in the DELETE_FAILED state."
        )
