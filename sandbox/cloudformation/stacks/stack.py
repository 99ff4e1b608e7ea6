"""A stack as it stands: its resources, its events, what it was configured to be.

Written by the one deployment that runs on it, read by API calls at any time.
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

from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.models import Event
from moto.core.utils import iso_8601_datetime_with_milliseconds, utcnow

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.resources.resource_type import NESTED_STACK, Instance
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.references import dependency_order
from sandbox.hosting.scalars import text
from sandbox.moto_seams import MOTO_LOCK

UPDATABLE = frozenset(
    (
        "CREATE_COMPLETE",
        "CREATE_FAILED",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    )
)
DELETABLE_IN_PROGRESS = frozenset(("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"))


@dataclass
class LogicalResource:
    """One logical resource.

    definition: its entry in the template it was last deployed from.
    instance: the physical resource behind it, None before there is one.
    obsolete: further physical resources that are to go: replaced ones until the cleanup, new ones
        after a rollback.
    dependencies: the logical ids that it must not outlive.
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
        """The type in its definition."""
        name: str = self.definition["Type"]
        return name

    @property
    def physical_id(self) -> str:
        """That of its instance; empty before there is one."""
        return self.instance.physical_id if self.instance else ""

    def copy(self) -> LogicalResource:
        """Itself at this moment, for a rollback to go back to."""
        snapshot = copy.copy(self)
        snapshot.obsolete = list(self.obsolete)
        return snapshot


class Stack:
    """The attributes that moto's other services read have moto's names."""

    def __init__(self, configuration: Configuration, parent: Stack | None = None) -> None:
        self.identity: StackIdentity = configuration.stack
        self.configuration = configuration
        self.parent = parent
        self.status = ""
        self.status_reason: str | None = None
        self.timeout_in_minutes: int | None = None
        self.enable_termination_protection = False
        self.policy = ""
        self.disable_rollback = False
        self.creation_time = utcnow()
        self.last_updated_time: datetime | None = None
        self.deletion_time: datetime | None = None
        self.client_request_token: str | None = None
        self.change_set_id: str | None = None
        self.resources: dict[str, LogicalResource] = {}
        self.former_resources: dict[str, LogicalResource] = {}
        self.outputs: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.custom_resources: dict[str, CustomModel] = {}
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
        """The text of its template."""
        return self.configuration.template.text

    @property
    def root(self) -> Stack:
        """The stack at the top of those that it is nested in, itself if in none."""
        return self.parent.root if self.parent else self

    @property
    def in_progress(self) -> bool:
        """Whether an operation is under way."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def enter(self, status: str, reason: str | None = None) -> None:
        """Take on a status and say so in an event, which whoever sees the status finds."""
        self._event(self.name, self.stack_id, NESTED_STACK, status, reason, None)
        with self._entered:
            self.status_reason = reason
            self.status = status
            self._entered.notify_all()

    def wait_for_end(self, seconds: float) -> None:
        """Wait until no operation is under way, for so many seconds at most."""
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
        """Do the same for a resource.

        instance: what the event is about, the resource's present instance if left out.
        properties: those of the event, where they are not the instance's yet.
        """
        subject = instance or resource.instance
        if properties is None and subject:
            properties = subject.properties
        self._event(
            resource.logical_id,
            subject.physical_id if subject else "",
            resource.type_name,
            status,
            reason,
            None if properties is None else properties_text(properties),
        )
        resource.status, resource.reason, resource.changed = status, reason, utcnow()

    @property
    def described_resources(self) -> list[LogicalResource]:
        """Its resources; of a stack that is going or gone, those that are gone too."""
        former = self.former_resources if self.status.startswith(("DELETE_", "ROLLBACK_")) else {}
        return list({**former, **self.resources}.values())

    def deletion_order(self) -> list[str]:
        """Its resources, each before those it depends on."""
        return dependency_order(
            {logical_id: resource.dependencies for logical_id, resource in self.resources.items()}
        )[::-1]

    def add_custom_resource(self, custom_resource: CustomModel) -> None:
        """Moto's custom resources register themselves, to be found when their function answers."""
        self.custom_resources[custom_resource.logical_id] = custom_resource

    def get_custom_resource(self, logical_id: str) -> CustomModel:
        """A custom resource by its logical id."""
        return self.custom_resources[logical_id]

    def verify_readiness(self) -> None:
        """Moto's engine finishes a stack here; ours polls its custom resources."""

    def _event(  # noqa: PLR0913, PLR0917  # one for each part of an event
        self,
        logical_id: str,
        physical_id: str,
        type_name: str,
        status: str,
        reason: str | None,
        properties: str | None,
    ) -> None:
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
        if self.configuration.notification_arns:
            with MOTO_LOCK:
                event.sendToSns(
                    self.identity.account_id,
                    self.identity.region,
                    list(self.configuration.notification_arns),
                )
        self.events.append(event)

    def _event_id(self, logical_id: str, status: str, moment: datetime) -> str:
        """An id in CloudFormation's form, of the next millisecond that has none.

        Whoever polls tells by it which events are new, and two of a resource come in a millisecond.
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
    """Where an update that failed goes back to: also what a failed rollback continues with."""

    configuration: Configuration
    resources: Mapping[str, LogicalResource]
    outputs: Sequence[dict[str, Any]]
    retain_except_on_create: bool = False


def properties_text(properties: Mapping[str, Any]) -> str:
    """Properties as an event's ResourceProperties shows them."""
    return json.dumps(properties, default=text)


def check_updatable(stack: Stack) -> None:
    """Raise ValidationError unless an update may begin in the stack's present status."""
    if stack.status not in UPDATABLE:
        raise ValidationError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
        )


def check_deletable(stack: Stack, retain: Sequence[str]) -> None:
    """Raise ValidationError unless a deletion may begin.

    retain: the resources to leave alone, which only a deletion that has failed before may name.
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
