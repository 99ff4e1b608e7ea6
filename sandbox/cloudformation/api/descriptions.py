"""Parts that the descriptions of stacks and change sets have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
