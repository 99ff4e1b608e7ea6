"""The validation before provisioning: what is wrong with a template before anything is created.

Source: user guide, "Validate stack deployments". Whether CloudFormation does it for registered
types, too, is not on record; the sandbox does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.names import BUCKET, is_empty, taken_name
from sandbox.cloudformation.resources.resource_type import ResourceFailed, ResourceType
from sandbox.cloudformation.stacks import findings
from sandbox.cloudformation.stacks.findings import Finding
from sandbox.cloudformation.stacks.plan import Change, Planner
from sandbox.cloudformation.stacks.stack import Stack
from sandbox.cloudformation.template import dynamic_references
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.intrinsics import Unknown
from sandbox.cloudformation.template.parameters import NO_ECHO, Parameter
from sandbox.hosting.place import Place
from sandbox.hosting.scalars import text


class Validation:
    """Validates what stacks are to become.

    find: returns the implementation of a type, or None if the type is unknown.
    """

    def __init__(
        self, place: Place, planner: Planner, find: Callable[[str], ResourceType | None]
    ) -> None:
        self._place = place
        self._planner = planner
        self._find = find

    def findings(
        self, stack: Stack, target: Configuration, *, existing_are_errors: bool = True
    ) -> list[Finding]:
        """Return what is wrong with the resources of `target`.

        A value that only the deployment can know is not looked at.

        existing_are_errors: whether a new resource must not have the name of an existing one.
        """
        try:
            planned = self._planner.planned_properties(stack, target)
        except (ValidationError, ResourceFailed):
            return []  # the deployment reports it
        found: list[Finding] = []
        for logical_id, resolved in planned.items():
            type_name = target.active[logical_id]["Type"]
            properties = _with_unknown(resolved)
            found.extend(self._violations(target, logical_id, properties))
            if existing_are_errors and logical_id not in stack.resources:
                found.extend(self._conflict(logical_id, type_name, properties))
        return found

    def warnings(self, changes: Iterable[Change]) -> list[Finding]:
        """Return what may go wrong when a change set is executed."""
        return [
            Finding(
                change.logical_id,
                change.type_name,
                findings.BUCKET_EMPTINESS,
                findings.bucket_not_empty(change.physical_id),
                f"/Resources/{change.logical_id}",
                "WARN",
                change.physical_id,
            )
            for change in changes
            if change.type_name == BUCKET and change.action == "Remove" and not change.retain
            if not is_empty(change.physical_id, self._place)
        ]

    def _violations(
        self, target: Configuration, logical_id: str, properties: Mapping[str, Any]
    ) -> list[Finding]:
        type_name = target.active[logical_id]["Type"]
        kind = self._find(type_name)
        return [
            Finding(
                logical_id,
                type_name,
                findings.PROPERTIES,
                _without_secrets(violation, target.parameters.values()),
                f"/Resources/{logical_id}/Properties{_place(violation)}",
            )
            for violation in (kind.violations(kind.convert(properties)) if kind else ())
        ]

    def _conflict(
        self, logical_id: str, type_name: str, properties: Mapping[str, Any]
    ) -> list[Finding]:
        name = taken_name(type_name, properties, self._place)
        if name is None:
            return []
        reason = status_reasons.already_exists(type_name, name)
        path = f"/Resources/{logical_id}"
        return [Finding(logical_id, type_name, findings.NAME_CONFLICT, reason, path)]


def _place(violation: str) -> str:
    """The pointer at the beginning of a violation: `/RoleArn` of `#/RoleArn: string […] …`."""
    return violation.partition(": ")[0].removeprefix("#")


def _without_secrets(violation: str, parameters: Iterable[Parameter]) -> str:
    """Return a violation without the values of parameters with NoEcho."""
    place, colon, words = violation.partition(": ")
    secrets = {secret for parameter in parameters for secret in _secrets(parameter) if secret}
    for secret in sorted(secrets, key=len, reverse=True):  # one may contain another
        words = words.replace(secret, NO_ECHO)
    return f"{place}{colon}{words}"


def _secrets(parameter: Parameter) -> list[str]:
    """The texts that a parameter with NoEcho puts into a template; none for another parameter."""
    if not parameter.no_echo:
        return []
    values = parameter.value if isinstance(parameter.value, list) else [parameter.value]
    return [parameter.given, *map(text, values)]


def _with_unknown(value: Any) -> Any:
    """Return a value with Unknown for each text that has a dynamic reference."""
    if isinstance(value, dict):
        return {name: _with_unknown(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_unknown(item) for item in value]
    if dynamic_references.contains(value):
        return Unknown(value)
    return value
