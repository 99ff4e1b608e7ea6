"""What a value in a template can be at deployment, and under which conditions.

This module walks from one property to the next and keeps what is known so far, so that several
properties are judged in the same deployments: under the same conditions, with the same parameters'
values, and in the same region where that is looked up.

A parameter can be each of its AllowedValues; without them it can be its Default, MinValue and
MaxValue, like in cfn-lint's own rules. So each judgement is about a deployment that the template
allows: one with its defaults, or one with values that it offers. Whatever else a parameter can be
is unknown, like the results of Fn::ImportValue, Fn::GetAtt and dynamic references, and nothing is
said about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import Any, TypeAlias

from cfnlint.helpers import is_function

from ._deployments import Deployments
from ._functions import ACCOUNT, MOST_VALUES, REGION, Unknown, branches, returned

Path: TypeAlias = tuple[str | int, ...]
Facts: TypeAlias = dict[tuple[str, str], Any]


class Missing(Enum):
    """What stands for a value that is not there."""

    ABSENT = "not in the template, null, or AWS::NoValue"
    UNKNOWN = "known only at deployment, or malformed"


@dataclass(frozen=True)
class Value:
    """What a property is in one kind of deployment.

    ``path`` leads from the resource to the most specific part of the template that has it: the
    property itself, a branch of Fn::If, or what should have contained it. ``holds`` is what is
    decided in this kind of deployment. ``source`` is how an unknown value is written, with what is
    decided in place of its functions.
    """

    value: Any
    path: Path
    holds: Deployments
    source: Any = None

    @property
    def absent(self) -> bool:
        """Whether the property is certainly not there."""
        return self.value is Missing.ABSENT

    @property
    def unknown(self) -> bool:
        """Whether only the deployment knows."""
        return self.value is Missing.UNKNOWN

    @property
    def known(self) -> bool:
        """Whether the property is there, and what it is."""
        return not isinstance(self.value, Missing)

    def get(self, *keys: str, given: Value | None = None) -> Iterator[Value]:
        """Yield what a member can be, one value for each kind of deployment.

        ``keys`` lead to it; "*" stands for each item of a list. ``given`` is a value that was found
        before: only what is possible together with it is yielded.
        """
        for each in self.written(*keys, given=given):
            yield from each.resolved()

    def written(self, *keys: str, given: Value | None = None) -> Iterator[Value]:
        """Yield how a member is written, like ``get``: functions are left as they are.

        Only the branches of Fn::If are values of their own.
        """
        yield from _walk(self.value, self.path, (given or self).holds, keys)

    def resolved(self) -> Iterator[Value]:
        """Yield what a value that is written with a function can be."""
        yield from _resolved(self) if self.known else (self,)

    def where(self, name: str, value: str) -> Value:
        """Return the value in the deployments in which a parameter has this value."""
        return replace(self, holds=self.holds.where({name: value}))

    @property
    def facts(self) -> Facts:
        """What has been decided: conditions, parameters, the region, the account."""
        holds = self.holds
        kinds = {REGION: "region", ACCOUNT: "account"}
        conditions = {("condition", name): state for name, state in holds.conditions.items()}
        values = {
            (kinds.get(name, "parameter"), "" if name in kinds else name): value
            for name, value in holds.values.items()
        }
        return {**conditions, **values}


def _walk(value: Any, path: Path, holds: Deployments, keys: tuple[str, ...]) -> Iterator[Value]:
    for branch in _branches(value, path, holds):
        if not branch.known or not keys:
            yield branch
        elif isinstance(branch.value, list) and keys[0] == "*":
            for index, item in enumerate(branch.value):
                yield from _walk(item, (*branch.path, index), branch.holds, keys[1:])
        elif not isinstance(branch.value, dict) or is_function(branch.value)[0]:
            yield Value(Missing.UNKNOWN, branch.path, branch.holds)
        elif keys[0] in branch.value:
            path_of_member = (*branch.path, keys[0])
            yield from _walk(branch.value[keys[0]], path_of_member, branch.holds, keys[1:])
        else:
            # AWS::Include and Fn::ForEach put more members beside those that are there.
            more = any(key.startswith(("Fn::Transform", "Fn::ForEach")) for key in branch.value)
            missing = Missing.UNKNOWN if more else Missing.ABSENT
            yield Value(missing, branch.path, branch.holds)


def _branches(value: Any, path: Path, holds: Deployments) -> Iterator[Value]:
    """Yield what Fn::If can choose; the value itself if it is none."""
    name, argument = is_function(value)
    if value is None or value == {"Ref": "AWS::NoValue"}:
        yield Value(Missing.ABSENT, path if value is None else (*path, "Ref"), holds)
    elif name == "Fn::If":
        found = False
        for position, there in branches(argument, holds):
            found = True
            yield from _branches(argument[position], (*path, "Fn::If", position), there)
        if not found:
            yield Value(Missing.UNKNOWN, path, holds)
    else:
        yield Value(value, path, holds)


def _resolved(branch: Value) -> Iterator[Value]:
    """Yield what a function without branches can return."""
    for value, there in islice(returned(branch.value, branch.holds), MOST_VALUES):
        if isinstance(value, Unknown):
            yield Value(Missing.UNKNOWN, branch.path, there, value.written)
        else:
            yield Value(Missing.ABSENT if value is None else value, branch.path, there)
