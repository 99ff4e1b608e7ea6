"""The resources of a template: which exist together, and how one refers to another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cfnlint.context.conditions.exceptions import Unsatisfiable
from cfnlint.helpers import is_function
from cfnlint.jsonschema import Validator

from ._values import Value

# The value of a Fn::Sub that is one reference and nothing else: a logical id, and an attribute.
_ONE_REFERENCE = re.compile(r"\$\{\s*([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\s*\}")
# Of a Fn::Sub, or a dynamic one.
_REFERENCE = re.compile(r"\$\{|\{\{")
_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
# cfn-lint makes these up; regions it is told.
_MADE_UP = {"AWS::AccountId", "AWS::NotificationARNs", "AWS::StackId", "AWS::StackName"}


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
    known = context.evolve(pseudo_parameters=context.pseudo_parameters - _MADE_UP)
    holds = validator.evolve(context=known)
    return resource(str(context.path.path[-1]), instance, holds)


def resource(logical_id: str, body: Any, holds: Validator) -> Resource | None:
    """Return a resource, with its Condition added to what holds already.

    None if it never exists where that holds, or is malformed.
    """
    if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
        return None
    condition = body.get("Condition")
    try:
        conditions = holds.context.conditions.evolve(
            {condition: True} if isinstance(condition, str) else {}
        )
    except Unsatisfiable:
        return None
    value = Value(body, (), holds.evolve(context=holds.context.evolve(conditions=conditions)))
    return Resource(logical_id, body["Type"], value) if value.possible else None


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


def referenced(written: Any) -> str | None:
    """Return the logical id of the resource whose identifier or name this is.

    With a Ref or a Fn::GetAtt, alone in a Fn::Sub, or the name that is selected from an ARN. None
    if it is written in another way.
    """
    name, argument = is_function(written)
    if name == "Ref" and isinstance(argument, str):
        return argument
    if name == "Fn::GetAtt":
        first = argument.split(".")[0] if isinstance(argument, str) else _item(argument, 0)
        return first if isinstance(first, str) else None
    if name == "Fn::Sub":
        match = _ONE_REFERENCE.fullmatch(argument) if isinstance(argument, str) else None
        return match[1] if match else None
    if name == "Fn::Select" and str(_item(argument, 0)) == "1":
        inner, split = is_function(_item(argument, 1))
        if inner == "Fn::Split" and str(_item(split, 0)).endswith("/"):
            return referenced(_item(split, 1))
    return None


def text(written: Any) -> str | None:
    """Return a value as the text of a Fn::Sub, so that the same value has the same text.

    None if it is written with functions other than Ref, Fn::GetAtt, and Fn::Sub or Fn::Join of
    these.
    """
    name, argument = is_function(written)
    if name is None and isinstance(written, str):
        return written.replace("${", "${!")
    if name == "Ref" and isinstance(argument, str):
        return f"${{{argument}}}"
    if name == "Fn::GetAtt":
        parts = argument if isinstance(argument, list) else [argument]
        return f"${{{'.'.join(parts)}}}" if all(isinstance(each, str) for each in parts) else None
    if name == "Fn::Join" and isinstance(_item(argument, 1), list):
        items = [text(each) for each in argument[1]]
        between = text(argument[0])
        return None if between is None or None in items else between.join(map(str, items))
    if name == "Fn::Sub":
        return _text_of_sub(argument)
    return None


def texts(written: Value) -> Iterator[tuple[str, Value]]:
    """Yield a text for each kind of deployment; one that is not wholly known, as in a Fn::Sub."""
    for each in written.resolved():
        if each.known:
            yield str(each.value), each
        elif (as_written := text(written.value)) is not None:
            yield as_written, each


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
    same = text(one.value)
    if same is not None and same == text(other.value):
        yield other
        return
    for first in replace(one, holds=other.holds).resolved():
        for second in replace(other, holds=first.holds).resolved():
            both = first.known and second.known
            if both and meaning(str(first.value)) == meaning(str(second.value)):
                yield second


def _text_of_sub(argument: Any) -> str | None:
    template = _item(argument, 0) if isinstance(argument, list) else argument
    variables = _item(argument, 1) if isinstance(argument, list) else {}
    if not isinstance(template, str) or not isinstance(variables, dict):
        return None
    known = {name: each for name, value in variables.items() if (each := text(value)) is not None}
    if len(known) < len(variables):
        return None

    def replacement(match: re.Match[str]) -> str:
        name = match[1].strip()
        return known.get(name, f"${{{name}}}")

    return _VARIABLE.sub(replacement, template)


def _item(items: Any, index: int) -> Any:
    return items[index] if isinstance(items, list) and index < len(items) else None
