"""Find the names that a template mentions, and the order of its resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.intrinsics import (
    FUNCTIONS,
    intrinsic,
    split_get_att,
    split_sub,
    sub_variables,
    unsupported_function,
)

CONDITION_FUNCTIONS = frozenset(("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"))


@dataclass(frozen=True)
class Reference:
    """One reference to a name: a Ref, or a GetAtt with its attribute."""

    name: str
    attribute: str | None = None


def references(value: Any) -> Iterator[Reference]:
    """Yield every Ref, GetAtt and Sub variable in `value`, including branches not taken.

    Raises ValidationError if a function is malformed or unknown.
    """
    call = intrinsic(value)
    if call:
        yield from _references_of(*call)
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def _references_of(function: str, argument: Any) -> Iterator[Reference]:
    if function == "Ref":
        if not isinstance(argument, str):
            raise ValidationError(
                "Template error: every Ref object must have a single String value."
            )
        yield Reference(argument)
    elif function == "Fn::GetAtt":
        logical_id, attribute = split_get_att(argument)
        yield from references(attribute)
        yield Reference(logical_id, attribute if isinstance(attribute, str) else "")
    elif function == "Fn::Sub":
        source, variables = split_sub(argument)
        for variable in sub_variables(source):
            if variable not in variables:
                name, _, attribute = variable.partition(".")
                yield Reference(name, attribute or None)
        yield from references(dict(variables))
    elif function in FUNCTIONS or function in CONDITION_FUNCTIONS:
        yield from references(argument)
    else:
        raise ValidationError(unsupported_function(function))


def depends_on(definition: Mapping[str, Any]) -> list[str]:
    """Return the logical ids in a resource's DependsOn."""
    declared = definition.get("DependsOn", [])
    return declared if isinstance(declared, list) else [declared]


def dependency_order(dependencies: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the names so that each comes after those that it depends on.

    Otherwise, the given order is kept.

    Raises ValidationError if there is a circular dependency.
    """
    waiting = {
        name: {other for other in others if other in dependencies}
        for name, others in dependencies.items()
    }
    dependents: dict[str, list[str]] = {name: [] for name in waiting}
    for name, others in waiting.items():
        for other in others:
            dependents[other].append(name)
    ready = [name for name, others in waiting.items() if not others]
    order = []
    for name in ready:
        order.append(name)
        for dependent in dependents[name]:
            waiting[dependent].discard(name)
            if not waiting[dependent]:
                ready.append(dependent)
    if len(order) < len(waiting):
        raise ValidationError(
            f"Circular dependency between resources: [{', '.join(_circular(waiting, order))}]"
        )
    return order


def _circular(waiting: dict[str, set[str]], order: list[str]) -> list[str]:
    """The names on or between circles: those left over that another name left over depends on."""
    left = set(waiting) - set(order)
    while True:
        needed = {other for name in left for other in waiting[name]}
        if needed & left == left:
            return sorted(left)
        left &= needed
