"""What a value in a template can be at deployment, and under which conditions.

cfn-lint finds this out: which branches of ``Fn::If`` are possible together, what parameters allow,
what mappings hold. This module walks from one property to the next and keeps what is known so far,
so that several properties are judged under the same conditions and the same parameters' values.

A parameter can be each of its AllowedValues; without them it can be its Default, MinValue and
MaxValue, like in cfn-lint's own rules. So each judgement is about a deployment that the template
allows: one with its defaults, or one with values that it offers. Whatever else a parameter can be
is unknown, like the results of Fn::ImportValue, Fn::GetAtt and dynamic references, and nothing is
said about it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeAlias

from cfnlint.conditions import Conditions, UnknownSatisfisfaction
from cfnlint.helpers import REGEX_DYN_REF, is_function
from cfnlint.jsonschema import Validator
from cfnlint.rules.helpers import get_value_from_path
from cfnlint.template import Template

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
    property itself, a branch of Fn::If, or what should have contained it. ``holds`` is cfn-lint's
    validator, with the conditions and the parameters' values of this kind of deployment.
    """

    value: Any
    path: Path
    holds: Validator

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

    @property
    def possible(self) -> bool:
        """Whether there is a deployment of this kind."""
        return _possible(self.holds)

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

    @property
    def facts(self) -> Facts:
        """The conditions and parameters that have been decided, with their values."""
        context = self.holds.context
        conditions = {
            ("condition", name): state for name, state in context.conditions.status.items()
        }
        parameters = {
            ("parameter", name): value
            for name, value in context.ref_values.items()
            if name in context.parameters
        }
        return {**conditions, **parameters}


def _walk(value: Any, path: Path, holds: Validator, keys: tuple[str, ...]) -> Iterator[Value]:
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
            # AWS::Include puts more members beside those that are there.
            more = "Fn::Transform" in branch.value
            missing = Missing.UNKNOWN if more else Missing.ABSENT
            yield Value(missing, branch.path, branch.holds)


def _branches(value: Any, path: Path, holds: Validator) -> Iterator[Value]:
    """Yield what Fn::If can choose; the value itself if it is none."""
    if is_function(value)[0] is None:
        yield Value(Missing.ABSENT if value is None else value, path, holds)
        return
    if not _can_branch(value, holds):
        yield Value(Missing.UNKNOWN, path, holds)
        return
    start = holds.context.path.evolve(path=deque(path))
    here = holds.evolve(context=holds.context.evolve(path=start))
    for branch, validator in get_value_from_path(here, value, deque()):
        if _possible(validator):
            reached = tuple(validator.context.path.path)
            yield Value(Missing.ABSENT if branch is None else branch, reached, validator)


def _can_branch(value: Any, holds: Validator) -> bool:
    """Whether cfn-lint knows the conditions of each Fn::If; true of what is none."""
    name, argument = is_function(value)
    if name != "Fn::If":
        return True
    return (
        isinstance(argument, list)
        and len(argument) == 3
        and isinstance(argument[0], str)
        and argument[0] in holds.context.conditions.conditions
        and all(_can_branch(branch, holds) for branch in argument[1:])
    )


def _resolved(branch: Value) -> Iterator[Value]:
    """Yield what a function without branches can return."""
    name, _ = is_function(branch.value)
    if name is None:
        dynamic = isinstance(branch.value, str) and REGEX_DYN_REF.match(branch.value)
        yield Value(Missing.UNKNOWN if dynamic else branch.value, branch.path, branch.holds)
        return
    found = False
    for value, validator in _returned(branch):
        if value is not None and _possible(validator):
            found = True
            yield from _resolved(Value(value, branch.path, validator))
    if not found:
        yield Value(Missing.UNKNOWN, branch.path, branch.holds)


def _returned(branch: Value) -> Iterator[tuple[Any, Validator]]:
    try:
        for value, validator, error in branch.holds.resolve_value(branch.value):
            if error is None:
                yield value, validator
    except (AttributeError, LookupError, TypeError, ValueError):
        # cfn-lint's functions expect well-formed arguments of the functions within them. It has
        # other rules for those that are not.
        return


def _possible(validator: Validator) -> bool:
    """Whether the conditions can be as they are with the parameters' values."""
    context, cfn = validator.context, validator.cfn
    if not (cfn.template.get("Conditions") or cfn.template.get("Rules")):
        return True
    try:
        if not cfn.conditions.satisfiable(context.conditions.status, context.ref_values):
            return False
    except UnknownSatisfisfaction:
        return False
    known = {name: value for name, value in context.ref_values.items() if isinstance(value, str)}
    return _satisfiable(cfn, tuple(context.conditions.status.items()), tuple(known.items()))


@lru_cache(maxsize=1024)
def _satisfiable(
    cfn: Template, status: tuple[tuple[str, bool], ...], known: tuple[tuple[str, str], ...]
) -> bool:
    """Whether the conditions, the parameters' values and the template's Rules go together.

    cfn-lint's own answer (``Conditions.satisfiable``) leaves out Rules, and that a parameter has
    only one value at a time.
    """
    conditions = _conditions(cfn, known)
    if status:
        return any(conditions.build_scenarios({name: {state} for name, state in status}))
    return bool(conditions.satisfiable({}, {}))


@lru_cache(maxsize=64)
def _conditions(cfn: Template, known: tuple[tuple[str, str], ...]) -> Conditions:
    """Return the conditions of a template whose parameters can have only the values known."""
    parameters = cfn.template.get("Parameters")
    only = {name: {"AllowedValues": [value]} for name, value in known}
    own = parameters if isinstance(parameters, dict) else {}
    return Conditions(SimpleNamespace(template={**cfn.template, "Parameters": {**own, **only}}))
