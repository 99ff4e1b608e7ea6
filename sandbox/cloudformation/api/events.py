"""The operations on events: those of stacks, and those of operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult

from sandbox.cloudformation.api.requests import StackRequests
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.history import StackOperation, is_failure


class EventApi(StackRequests):
    """One method for each operation."""

    def describe_stack_events(self) -> ActionResult:
        """Handle DescribeStackEvents."""
        self._checked()
        events = self.backend.records.get(self._get_param("StackName")).events[::-1]
        return self.page("StackEvents", events, lambda event: event)

    def describe_events(self) -> ActionResult:
        """Handle DescribeEvents: the events of operations, the newest first."""
        asked = self._checked()
        events = [event for operation in self._operations(asked) for event in operation.events]
        if asked.get("Filters", {}).get("FailedEvents"):
            events = [event for event in events if is_failure(event)]
        return self.page("OperationEvents", events[::-1], lambda event: event)

    def _operations(self, asked: Mapping[str, Any]) -> list[StackOperation]:
        """The requested operations, the oldest first."""
        operation_id = asked.get("OperationId")
        if change_set_name := asked.get("ChangeSetName"):
            change_sets = self.backend.operations.change_sets
            change_set = change_sets.get(change_set_name, asked.get("StackName"))
            found = [change_set.operation]
        elif stack_name := asked.get("StackName"):
            found = self.backend.records.get(stack_name).history.operations
        elif operation_id:
            found = self.backend.records.operations
        else:
            raise ValidationError(
                "One of ChangeSetName, OperationId or StackName must be specified"
            )
        if operation_id is None:
            return list(found)
        found = [each for each in found if each.operation_id == operation_id]
        if not found:
            raise ValidationError(f"Operation with id {operation_id} does not exist")
        return found
