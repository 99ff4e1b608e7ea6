"""What the validation before provisioning finds, and how change sets and stacks report it.

Source of the names: user guide, "Validate stack deployments". The words of a failed change set are
pasted in https://github.com/aws/aws-cdk-cli/issues/1000. Those of a stack are in the recorded
session that history.py names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PROPERTIES = "PROPERTY_VALIDATION"
NAME_CONFLICT = "NAME_CONFLICT_VALIDATION"
BUCKET_EMPTINESS = "BUCKET_EMPTINESS_VALIDATION"
CHECKS = {PROPERTIES: "PropertyValidation", NAME_CONFLICT: "ResourceExistenceCheck"}

DETAILED_STATUS = "VALIDATION_FAILED"
"""The DetailedStatus of the event of a stack whose template is not valid."""
DETECTED = "Validation failure detected. See the operation's FAILED event for details."
"""The stack's reason for the rollback that follows."""


@dataclass(frozen=True)
class Finding:
    """One finding about one resource.

    mode: FAIL stops the operation, WARN does not. path: the place in the template.
    """

    logical_id: str
    type_name: str
    name: str
    reason: str
    path: str
    mode: str = "FAIL"
    physical_id: str = ""


def bucket_not_empty(name: str) -> str:
    """Return the reason of a warning: the deletion of a bucket would fail.

    The words are pasted in https://github.com/aws-cloudformation/rain/pull/744.
    """
    return (
        f"The bucket '{name}' is not empty. You must either delete all objects and versions or use "
        "the deletion policy to retain it, otherwise the delete operation will fail."
    )


def failures(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop an operation."""
    return [finding for finding in findings if finding.mode == "FAIL"]


def failure_of_stack(failed: Sequence[Finding]) -> str:
    """Return a stack's reason: its template is not valid."""
    return (
        f"Validation failed with {len(failed)} error(s). Call DescribeEvents to retrieve the full "
        "list of issues with resource and property details, resolve each error, then retry the "
        "operation."
    )


def failure_of_change_set(failed: Sequence[Finding]) -> str:
    """Return a change set's reason: its template is not valid."""
    checks = dict.fromkeys(f"AWS::EarlyValidation::{CHECKS[each.name]}" for each in failed)
    return (
        f"The following hook(s)/validation failed: [{', '.join(checks)}]. To troubleshoot Early "
        "Validation errors, use the DescribeEvents API for detailed failure information."
    )
