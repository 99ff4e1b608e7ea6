"""The resources of a template: which exist together, and how one refers to another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cfnlint.helpers import is_function
from cfnlint.jsonschema import Validator

from ._deployments import Deployments
from ._functions import scalar, text
from ._values import Value

# Of a Fn::Sub, or a dynamic one.
_REFERENCE = re.compile(r"\$\{|\{\{")


@dataclass(frozen=True)
class Resource:
    """A resource, in deployments in which it exists."""

    logical_id: str
    type: str
    body: Value

    def properties(self, *keys: str, given: Value | None = None) -> Iterator[Value]:
        """Yield what a property can be; see Value.get."""
        yield from self.body.get("Properties", *keys, given=given)


def resource_at(validator: Validator, instance: Any) -> Resource | None:
    """Return the resource that cfn-lint looks at; see ``resource``."""
    context = validator.context
    sets = tuple(
        {name: scalar(value) or value for name, value in each.parameters.items()}
        for each in context.parameter_sets or ()
    )
    return resource(str(context.path.path[-1]), instance, Deployments(validator.cfn, sets))


def resource(logical_id: str, body: Any, holds: Deployments) -> Resource | None:
    """Return a resource, with its Condition added to what holds already.

    None if it never exists where that holds, is malformed, or if Fn::Transform may change it.
    """
    if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
        return None
    if "Fn::Transform" in body:
        return None
    condition = body.get("Condition")
    if isinstance(condition, str):
        there = next((each for state, each in holds.decided(condition) if state), None)
    else:
        there = holds if holds.possible else None
    return Resource(logical_id, body["Type"], Value(body, (), there)) if there else None


def resources_beside(given: Value, wanted: Callable[[str], object]) -> Iterator[Resource]:
    """Yield the resources that exist in the deployments that a value is of, in their order.

    wanted: whether resources of a type are; it saves the look at the conditions of the others.
    """
    bodies = given.holds.cfn.template.get("Resources")
    for logical_id, body in bodies.items() if isinstance(bodies, dict) else ():
        if isinstance(body, dict) and isinstance(body.get("Type"), str) and wanted(body["Type"]):
            found = resource(logical_id, body, given.holds)
            if found:
                yield found


def referenced(name: Value) -> str | None:
    """Return the logical id of the resource whose identifier or name a value is.

    With a Ref or a Fn::GetAtt, or the name that is selected from an ARN. None if it is written in
    another way.
    """
    return _referenced(name.source)


def _referenced(written: Any) -> str | None:
    name, argument = is_function(written)
    if name == "Ref" and isinstance(argument, str):
        return argument
    if name == "Fn::GetAtt":
        first = argument.split(".")[0] if isinstance(argument, str) else _item(argument, 0)
        return first if isinstance(first, str) else None
    if name == "Fn::Select" and _item(argument, 0) == 1:
        inner, split = is_function(_item(argument, 1))
        if inner == "Fn::Split" and str(_item(split, 0)).endswith("/"):
            return _referenced(_item(split, 1))
    return None


def part_of_arn(value: Value) -> str | None:
    """Return the logical id of the definition of whose ARN a value is a part, but not the name."""
    name, argument = is_function(value.source)
    inner, split = is_function(_item(argument, 1))
    if name == "Fn::Select" and inner == "Fn::Split":
        delimiter, index = _item(split, 0), _item(argument, 0)
        if delimiter == ":" or (delimiter == "/" and index != 1):
            of, attribute = is_function(_item(split, 1))
            if of == "Ref" or "JobDefinitionArn" in str(attribute):
                return _referenced(_item(split, 1))
    return None


def shown(value: Value) -> str | None:
    """Return a value's text, as a Fn::Sub where it is not wholly known; None if it is no text."""
    if value.known:
        return None if isinstance(value.value, bool) else scalar(value.value)
    return text(value.source) if value.unknown else None


def beginning(of_text: str) -> str:
    """Return what a text begins with, up to the first reference in it."""
    return _REFERENCE.split(of_text, maxsplit=1)[0]


def equal(
    one: Value, other: Value, meaning: Callable[[str], str] = lambda each: each
) -> Iterator[Value]:
    """Yield ``other`` for each kind of deployment in which it is the same text as ``one``.

    That is known of what both are, or of how both are written. ``other`` was found ``given`` the
    first; texts of the same ``meaning`` are the same.
    """
    for first in replace(one, holds=other.holds).resolved():
        for second in replace(other, holds=first.holds).resolved():
            one_text, other_text = shown(first), shown(second)
            if first.known != second.known or one_text is None or other_text is None:
                continue
            if meaning(one_text) == meaning(other_text):
                yield second


def _item(items: Any, index: int) -> Any:
    return items[index] if isinstance(items, list) and index < len(items) else None
