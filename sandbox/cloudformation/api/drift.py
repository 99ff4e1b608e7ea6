"""The operations of drift detection."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from sandbox.background import LONGEST_HOLD
from sandbox.cloudformation.api.wire import PAGE_SIZE, Wire, present
from sandbox.cloudformation.drift.comparison import PropertyDifference, as_text
from sandbox.cloudformation.drift.results import ResourceDrift
from sandbox.cloudformation.stacks.stack import Stack


class DriftApi(Wire):
    """One method for each operation."""

    def detect_stack_drift(self) -> ActionResult:
        """Handle DetectStackDrift."""
        asked = self._checked()
        run = self.backend.drift.start(asked["StackName"], asked.get("LogicalResourceIds", ()))
        return ActionResult({"StackDriftDetectionId": run.run_id})

    def describe_stack_drift_detection_status(self) -> ActionResult:
        """Handle DescribeStackDriftDetectionStatus."""
        run = self.backend.drift.run(self._checked()["StackDriftDetectionId"])
        run.ended.wait(LONGEST_HOLD)
        described = {
            "StackId": run.stack_id,
            "StackDriftDetectionId": run.run_id,
            "DetectionStatus": run.status,
            "DetectionStatusReason": run.reason,
            "StackDriftStatus": run.drift_status,
            "DriftedStackResourceCount": run.drifted,
            "Timestamp": run.started,
        }
        return ActionResult(present(described))

    def describe_stack_resource_drifts(self) -> ActionResult:
        """Handle DescribeStackResourceDrifts."""
        asked = self._checked()
        stack = self.backend.records.get(asked["StackName"])
        wanted = asked.get("StackResourceDriftStatusFilters")
        results = [
            result
            for result in self.backend.drift.of_stack(stack).resources.values()
            if not wanted or result.status in wanted
        ]

        def describe(result: ResourceDrift) -> dict[str, Any]:
            return _describe_result(stack, result)

        return self.page(
            "StackResourceDrifts", results, describe, asked.get("MaxResults", PAGE_SIZE)
        )

    def detect_stack_resource_drift(self) -> ActionResult:
        """Handle DetectStackResourceDrift."""
        asked = self._checked()
        result = self.backend.drift.check_resource(asked["StackName"], asked["LogicalResourceId"])
        stack = self.backend.records.get(asked["StackName"])
        return ActionResult({"StackResourceDrift": _describe_result(stack, result)})


def _describe_result(stack: Stack, result: ResourceDrift) -> dict[str, Any]:
    return present(
        {
            "StackId": stack.stack_id,
            "LogicalResourceId": result.logical_id,
            "PhysicalResourceId": result.physical_id,
            "ResourceType": result.type_name,
            "ExpectedProperties": None if result.expected is None else as_text(result.expected),
            "ActualProperties": None if result.actual is None else as_text(result.actual),
            "PropertyDifferences": list(map(_describe_difference, result.differences)),
            "StackResourceDriftStatus": result.status,
            "Timestamp": result.timestamp,
            "DriftStatusReason": result.reason,
        }
    )


def _describe_difference(difference: PropertyDifference) -> dict[str, str]:
    return {
        "PropertyPath": difference.path,
        "ExpectedValue": difference.expected,
        "ActualValue": difference.actual,
        "DifferenceType": difference.kind,
    }
