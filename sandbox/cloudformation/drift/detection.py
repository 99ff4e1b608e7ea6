"""Detect drift: of a stack in the background, of a single resource at once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Event
from uuid import uuid4

from moto.core.utils import utcnow

from sandbox.background import Worker, Workers
from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.drift.comparison import differences
from sandbox.cloudformation.drift.concealment import Comparison, with_references
from sandbox.cloudformation.drift.expectation import actual_properties, expected_properties, shown
from sandbox.cloudformation.drift.results import ResourceDrift, StackDrift
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
    ResourceGone,
)
from sandbox.cloudformation.stacks.provisioning import as_sent, conceal
from sandbox.cloudformation.stacks.records import StackRecords
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.cloudformation.stacks.surroundings import Surroundings
from sandbox.hosting.interruption import Interruption
from sandbox.process_wide import PROCESS

LOG = logging.getLogger(__name__)

CHECKABLE = frozenset(
    (
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    )
)
"""The statuses in which a stack can be checked."""
IN_PROGRESS = "DETECTION_IN_PROGRESS"


@dataclass
class Run:
    """One check of a stack.

    status: DETECTION_IN_PROGRESS, DETECTION_COMPLETE or DETECTION_FAILED.
    drift_status, drifted: the stack's status and the number of drifted resources at the end.
    """

    stack_id: str
    run_id: str = field(default_factory=lambda: str(uuid4()))
    started: datetime = field(default_factory=utcnow)
    status: str = IN_PROGRESS
    reason: str | None = None
    drift_status: str | None = None
    drifted: int | None = None
    ended: Event = field(default_factory=Event)


class DriftDetection:
    """Detects drift in one account and region, and keeps the results.

    Results hold until the next operation on the stack: what a resource is compared with, or the
    resource itself, may be another one then.
    """

    def __init__(self, records: StackRecords, surroundings: Surroundings) -> None:
        self._records = records
        self._surroundings = surroundings
        self._runs: dict[str, Run] = {}
        self._latest: dict[str, Run] = {}
        self._workers = Workers(PROCESS.workers)
        self._results: dict[str, tuple[int, StackDrift]] = {}

    def start(self, stack_name: str, logical_ids: Sequence[str] = ()) -> Run:
        """Start to check a stack. Returns the run.

        logical_ids: the resources to check; by default all.

        Raises ValidationError if there is no such stack or resource, if the stack's status does not
        allow it, or if it is being checked already.
        """
        with self._records.lock:
            stack = self._checkable(stack_name)
            for logical_id in logical_ids:
                self._records.resources(stack_name, logical_id)
            resources = [
                resource
                for resource in stack.resources.values()
                if not logical_ids or resource.logical_id in logical_ids
            ]
            run = Run(stack.stack_id)
            self._runs[run.run_id] = self._latest[stack.stack_id] = run
            drift = self._current(stack)
            drift.checked = run.started
            interruption = Interruption()
            worker = Worker(
                f"drift:{stack.name}",
                partial(self._check, run, stack, resources, drift, interruption),
                interruption,
                partial(_fail, run),
            )
            worker.done.append(lambda _: run.ended.set())
            self._workers.start(worker)
            return run

    def run(self, run_id: str) -> Run:
        """Return a run. Raises ValidationError if there is none with this id."""
        found = self._runs.get(run_id)
        if found is None:
            raise ValidationError(f"Drift detection with id [{run_id}] does not exist")
        return found

    def check_resource(self, stack_name: str, logical_id: str) -> ResourceDrift:
        """Check one resource while the caller waits. Returns the result.

        Raises ValidationError if there is no such stack or resource, if the stack's status does not
        allow it, if the stack is being checked already, or if the type cannot be checked.
        """
        with self._records.lock:
            stack = self._checkable(stack_name)
            [resource] = self._records.resources(stack_name, logical_id)
            drift = self._current(stack)
        started = utcnow()
        result = self._check_resource(stack, resource, Interruption())
        if result is None:
            raise ValidationError(
                f"The sandbox does not detect drift of {logical_id}, which is of type "
                f"{resource.type_name}. It does so only for types with handlers."
            )
        drift.add(result)
        drift.checked = started
        return result

    def of_stack(self, stack: Stack) -> StackDrift:
        """Return the latest results of a stack."""
        operations, drift = self._results.get(stack.stack_id, (None, StackDrift()))
        return drift if operations == stack.operations else StackDrift()

    def stop(self) -> None:
        """Stop all running checks."""
        self._workers.stop()

    def _checkable(self, stack_name: str) -> Stack:
        stack = self._records.get(stack_name)
        if stack.status not in CHECKABLE:
            raise ValidationError(
                f"Drift detection cannot be performed on stack [{stack.stack_id}] while it is in "
                f"[{stack.status}] state"
            )
        latest = self._latest.get(stack.stack_id)
        if latest and latest.status == IN_PROGRESS:
            raise ValidationError(
                f"Drift detection is already in progress for stack [{stack.stack_id}]"
            )
        return stack

    def _current(self, stack: Stack) -> StackDrift:
        """The results of the stack as it is now, to be added to."""
        drift = self.of_stack(stack)
        self._results[stack.stack_id] = (stack.operations, drift)
        return drift

    def _check(
        self,
        run: Run,
        stack: Stack,
        resources: Iterable[LogicalResource],
        drift: StackDrift,
        interruption: Interruption,
    ) -> None:
        unknown: dict[str, str] = {}
        for resource in resources:
            interruption.check()
            result = self._check_resource(stack, resource, interruption)
            if result:
                drift.add(result)
                if result.status == "UNKNOWN":
                    unknown[resource.logical_id] = result.reason or ""
        drift.whole = drift.whole or self._knows_all(stack, drift)
        run.drift_status = drift.status
        if unknown:
            run.reason = _failures(unknown)
            run.status = "DETECTION_FAILED"
        else:
            run.drifted = drift.drifted
            run.status = "DETECTION_COMPLETE"

    def _knows_all(self, stack: Stack, drift: StackDrift) -> bool:
        """Whether there is a result for each resource that can be checked."""
        for resource in list(stack.resources.values()):
            if resource.instance is None or resource.logical_id in drift.resources:
                continue
            try:
                if self._hosted(resource):
                    return False
            except ResourceFailed:  # a check of this one would be UNKNOWN
                return False
        return True

    def _hosted(self, resource: LogicalResource) -> HostedResource | None:
        """The implementation of a resource's type, or None if it has no handlers.

        Raises ResourceFailed if the type is unknown.
        """
        kind = self._surroundings.resource_type(resource.type_name)
        return kind if isinstance(kind, HostedResource) else None

    def _check_resource(
        self, stack: Stack, resource: LogicalResource, interruption: Interruption
    ) -> ResourceDrift | None:
        """Check one resource. Returns None if it cannot be checked at all."""
        instance = resource.instance
        if instance is None:
            return None
        result = partial(
            ResourceDrift, resource.logical_id, instance.physical_id, resource.type_name, utcnow()
        )
        try:
            kind = self._hosted(resource)
            if kind is None:
                return None
            model = kind.actual(self._operation(stack, resource, interruption), instance)
            declared = _declared(stack, resource, instance)
            sent = as_sent(kind, declared)
            expected = expected_properties(kind.schema, sent.properties, stack.tags)
            actual = actual_properties(kind.schema, model)
            found = differences(kind.schema, expected, actual)
            compared = Comparison(expected, shown(expected, actual), found)
            if declared.reference_values:
                written = expected_properties(kind.schema, declared.properties, stack.tags)
                compared = with_references(compared, written, declared.reference_values)
        except ResourceGone:
            return result("DELETED")
        except ResourceFailed as failure:
            return result("UNKNOWN", reason=conceal(failure.reason, instance.reference_values))
        except Exception as error:
            # A model or a schema that cannot be compared says nothing of the other resources.
            LOG.exception("%s: internal error in drift detection", resource.logical_id)
            return result("UNKNOWN", reason=status_reasons.internal_failure(error))
        status = "MODIFIED" if found else "IN_SYNC"
        return result(status, *compared)

    def _operation(
        self, stack: Stack, resource: LogicalResource, interruption: Interruption
    ) -> Operation:
        return Operation(
            stack=stack.identity,
            logical_id=resource.logical_id,
            stack_tags=stack.tags,
            timing=self._surroundings.timing,
            interruption=interruption,
        )


def _declared(stack: Stack, resource: LogicalResource, current: Instance) -> Instance:
    """The instance that has the resource's properties in the stack's template.

    That is the current one, unless a rollback failed: the template is then the one before the
    update, but the instance may have the properties of the update.
    """
    target = stack.rollback_target
    before = target.resources.get(resource.logical_id) if target else None
    return before.instance if before and before.instance else current


def _failures(unknown: Mapping[str, str]) -> str:
    """The reason of a run in which resources could not be read, as CloudFormation writes it."""
    return json.dumps(
        {
            "Summary": f"Failed to detect drift on resources [{','.join(unknown)}]",
            "Failures": [
                {"Resource": logical_id, "FailureReason": reason}
                for logical_id, reason in unknown.items()
            ],
        },
        separators=(",", ":"),
    )


def _fail(run: Run, error: Exception) -> None:
    run.reason = status_reasons.internal_failure(error)
    run.status = "DETECTION_FAILED"
