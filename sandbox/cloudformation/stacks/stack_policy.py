"""Stack policies: which updates are allowed on which resources of a stack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html

The words of errors and reasons were recorded by users: LocalStack's snapshots of AWS, and the
events that guide/assumptions.md names (B190 to B192).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.cloudformation.errors import ValidationError
from sandbox.json_service import strict_json

Action = Literal["Update:Modify", "Update:Replace", "Update:Delete"]

MAX_LENGTH = 16384
"""The most characters that a policy can have, as in the API's model."""

_ACTIONS = {"Update:Modify", "Update:Replace", "Update:Delete", "Update:*"}
_PREFIX = "LogicalResourceId/"
_OPERATORS = {"StringEquals", "StringLike"}


@dataclass(frozen=True)
class Statement:
    """One statement. Its lists are patterns, in which * and ? stand for other characters.

    actions, resources: those that it applies to, or with `not_actions` and `not_resources` those
        that it does not apply to.
    conditions: for each condition, its operator and the types of resources that meet it.
    """

    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[tuple[str, tuple[str, ...]], ...]

    def applies(self, action: Action, resource: str, type_name: str) -> bool:
        """Return whether it is about an action on a resource, which is LogicalResourceId/<id>."""
        return (
            _like(action, self.actions) != self.not_actions
            and _like(resource, self.resources) != self.not_resources
            and all(
                type_name in types if operator == "StringEquals" else _like(type_name, types)
                for operator, types in self.conditions
            )
        )

    def words(self, action: Action, resource: str) -> str:
        """The statement in the reason of a denial, with its own actions and resources."""
        actions = (action,) if self.not_actions else self.actions
        resources = (resource,) if self.not_resources else self.resources
        return f"does not allow [{', '.join(actions)}] for resource [{', '.join(resources)}];"


@dataclass(frozen=True)
class StackPolicy:
    """A stack policy. text: as it was set. statements: None for an empty policy, {}."""

    text: str
    statements: tuple[Statement, ...] | None

    @classmethod
    def parse(cls, text: str) -> StackPolicy:
        """Return the policy with this text. Raises ValidationError if it is not a policy."""
        try:
            document = strict_json.loads(text)
            if document == {}:
                return cls(text, None)
            _only(document, {"Statement"}, {"Version", "Id"})
            statements = document["Statement"]
            listed = statements if isinstance(statements, list) else [statements]
            return cls(text, tuple(map(_statement, listed)))
        except (ValueError, TypeError, KeyError):
            raise _invalid("Invalid stack policy") from None

    def check_resources(self, logical_ids: Collection[str]) -> None:
        """Raise ValidationError if it names a resource that the template does not have."""
        for statement in self.statements or ():
            for resource in statement.resources:
                named = not re.search(r"[*?]", resource)
                if named and resource.removeprefix(_PREFIX) not in logical_ids:
                    raise _invalid(
                        f"Unknown logical id '{resource}' in statement {{}} - stack policies can "
                        "only be applied to logical ids referenced in the template"
                    )

    def denial(self, action: Action, logical_id: str, type_name: str) -> str | None:
        """Return the reason why an action is not allowed; None if it is.

        A denial overrides what another statement allows. What no statement allows is denied too.
        """
        if self.statements is None:
            return None
        resource = f"{_PREFIX}{logical_id}"
        found = [
            (number, statement)
            for number, statement in enumerate(self.statements)
            if statement.applies(action, resource, type_name)
        ]
        denying = [
            f"Statement [#{number}] {statement.words(action, resource)}"
            for number, statement in found
            if not statement.allows
        ]
        if denying:
            return f"Action denied by stack policy: {' '.join(denying)}"
        if not found:
            return f"Action not allowed by stack policy: [{action}] for resource [{resource}]"
        return None


def _statement(document: Any) -> Statement:
    """Read a statement. Raises ValueError, TypeError or KeyError if it is none."""
    not_actions, not_resources = "NotAction" in document, "NotResource" in document
    action = "NotAction" if not_actions else "Action"
    resource = "NotResource" if not_resources else "Resource"
    _only(document, {"Effect", "Principal", action, resource}, {"Sid", "Condition"})
    actions, resources = _texts(document[action]), _texts(document[resource])
    _require(document["Effect"] in ("Allow", "Deny"))
    _require(document["Principal"] == "*")
    _require(set(actions) <= _ACTIONS)
    _require(all(each == "*" or each.startswith(_PREFIX) for each in resources))
    return Statement(
        allows=document["Effect"] == "Allow",
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        conditions=tuple(_conditions(document.get("Condition", {}))),
    )


def _conditions(document: Any) -> Iterable[tuple[str, tuple[str, ...]]]:
    _only(document, set(), _OPERATORS)
    for operator, condition in document.items():
        _only(condition, {"ResourceType"}, set())
        yield operator, _texts(condition["ResourceType"])


def _only(document: Any, required: set[str], optional: set[str]) -> None:
    _require(isinstance(document, Mapping) and required <= set(document) <= required | optional)


def _texts(value: Any) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else [value]
    _require(bool(texts) and all(isinstance(each, str) for each in texts))
    return tuple(texts)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError


def _like(text: str, patterns: Iterable[str]) -> bool:
    wildcards = {"*": ".*", "?": "."}
    return any(
        re.fullmatch("".join(wildcards.get(each) or re.escape(each) for each in pattern), text)
        for pattern in patterns
    )


def _invalid(why: str) -> ValidationError:
    return ValidationError(f"Error validating stack policy: {why}")
