"""The error that makes a stack operation fail."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.cloudformation.stacks.findings import Finding, failure_of_stack


class DeploymentFailed(Exception):
    """A stack operation failed. The message becomes part of the stack's status reason."""


class ValidationFailed(DeploymentFailed):
    """A stack operation failed before it provisioned anything. findings: why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(failure_of_stack(findings))
        self.findings = findings
