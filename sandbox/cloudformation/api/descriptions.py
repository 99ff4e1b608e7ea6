"""Parts that the descriptions of stacks and change sets have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.api.wire import present
from sandbox.cloudformation.drift.results import NOT_CHECKED, StackDrift
from sandbox.cloudformation.stacks.stack import Stack
from sandbox.cloudformation.template.parameters import Parameter


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in the API's form, a list of Key and Value."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def parameters_of(parameters: Mapping[str, Parameter]) -> list[dict[str, Any]]:
    """Return parameters in the API's form."""
    return [parameter.describe(key) for key, parameter in parameters.items()]


def names_of(stack: Stack) -> dict[str, Any]:
    """Return the StackId and StackName of a stack."""
    return {"StackId": stack.stack_id, "StackName": stack.name}


def drift_of_stack(drift: StackDrift) -> dict[str, Any]:
    """Return the DriftInformation of a stack with these results."""
    return present({"StackDriftStatus": drift.status, "LastCheckTimestamp": drift.checked})


def drift_of_resource(drift: StackDrift, logical_id: str) -> dict[str, Any]:
    """Return the DriftInformation of a resource of a stack with these results."""
    result = drift.resources.get(logical_id)
    if result is None:
        return {"StackResourceDriftStatus": NOT_CHECKED}
    return {
        "StackResourceDriftStatus": result.status,
        "LastCheckTimestamp": result.timestamp,
    }
