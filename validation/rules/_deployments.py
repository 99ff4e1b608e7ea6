"""The deployments of a template in which some things are decided, and whether there are any.

A deployment is possible if there are values for the parameters with which each condition is as it
was decided, and with which the template's Rules hold. So each finding has at least one deployment
in which it is true. Where that cannot be found out, because a condition or a rule has a function
whose result is unknown, what is decided beside it is not taken for possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from cfnlint.helpers import REGION_PRIMARY, REGIONS, is_function
from cfnlint.template import Template

from ._functions import REGION, Unknown, is_dynamic, parts_of_sub, returned, scalar

# A search that takes longer is given up.
_MOST_STEPS = 5000
# Of texts that are compared with a Fn::Sub, so many are taken apart.
_MOST_PIECES = 50
_FRESH = ("another", "something", "x", "1", "2", "a1", "12", "xx", "123456")
_FRESH_NUMBERS = ("1", "2", "0", "-1", "10", "100", "1000")
_FRESH_OF_PSEUDO_PARAMETER = {"AWS::AccountId": ("100000000001", "100000000002")}
_OF_REGION = ("AWS::Partition", "AWS::URLSuffix")


@dataclass(frozen=True)
class Deployments:
    """What is decided: the state of conditions, and the values of parameters.

    ``values`` has pseudo parameters too.
    """

    cfn: Template
    sets: tuple[dict[str, Any], ...] = ()
    """The parameters' values that cfn-lint was given, one for each deployment."""
    conditions: dict[str, bool] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether there is such a deployment."""
        return _solver(self.cfn).possible(self)

    @property
    def mappings(self) -> dict[str, Any]:
        """The template's Mappings."""
        return _section(self.cfn, "Mappings")

    @property
    def told_regions(self) -> list[str]:
        """The regions that cfn-lint was given. It does not say whether that is its default."""
        regions: list[str] = self.cfn.regions
        return [] if regions == [REGION_PRIMARY] else regions

    def where(self, values: dict[str, Any]) -> Deployments:
        """Return those in which parameters have these values."""
        return replace(self, values={**self.values, **values})

    def when(self, condition: str, state: bool) -> Deployments:
        """Return those in which a condition has this state, which is not decided yet."""
        return replace(self, conditions={**self.conditions, condition: state})

    def decided(self, condition: Any) -> Iterator[tuple[bool, Deployments]]:
        """Yield the states that a condition can have."""
        if condition not in _section(self.cfn, "Conditions"):
            return
        if condition in self.conditions:
            yield self.conditions[condition], self
            return
        for state in (True, False):
            there = self.when(condition, state)
            if there.possible:
                yield state, there

    def offered(self, name: str) -> Iterator[tuple[Any, Deployments]]:
        """Yield the values that a parameter offers, or that a pseudo parameter is known to have."""
        if name in self.values:
            yield self.values[name], self
        elif name in _OF_REGION and (REGION in self.values or not self.told_regions):
            yield _of_region(name, self.values.get(REGION, REGION_PRIMARY)), self
        elif name == REGION or name in _OF_REGION:
            for region in self.told_regions:
                there = self.where({REGION: region})
                if there.possible:
                    yield region if name == REGION else _of_region(name, region), there
        elif name in _section(self.cfn, "Parameters"):
            for values in self._choices(name):
                there = self.where(values)
                if there.possible:
                    yield values[name], there

    def _choices(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield what can be decided to give a parameter a value."""
        parameter = _Parameter.of(self.cfn, name)
        for given in self.sets:
            value = given.get(name, parameter.default)
            agrees = all(self.values.get(each, given[each]) == given[each] for each in given)
            if agrees and value is not None:
                yield {**given, name: value}
        if not self.sets:
            for value in parameter.offered:
                yield {name: value}

    def keys_of(self, name: str, keys: list[str]) -> Iterator[tuple[str, Deployments]]:
        """Yield each key that a pseudo parameter which is not decided can be."""
        for key in keys:
            there = self.where({name: key})
            if there.possible:
                yield key, there


def _section(cfn: Template, name: str) -> dict[str, Any]:
    section = cfn.template.get(name)
    return section if isinstance(section, dict) else {}


def _of_region(name: str, region: str) -> str:
    china = region.startswith("cn-")
    if name == "AWS::URLSuffix":
        return "amazonaws.com.cn" if china else "amazonaws.com"
    return "aws-cn" if china else "aws-us-gov" if region.startswith("us-gov-") else "aws"


@dataclass(frozen=True)
class _Parameter:
    """A parameter: the values that it offers, and what else it can be."""

    type: str
    definition: dict[str, Any]

    @classmethod
    def of(cls, cfn: Template, name: str) -> _Parameter:
        definition = _section(cfn, "Parameters").get(name)
        known = definition if isinstance(definition, dict) else {}
        return cls(str(known.get("Type")), known)

    @property
    def is_stored(self) -> bool:
        """Whether the template has only the name that the value is stored under."""
        return self.type.startswith("AWS::SSM::Parameter::Value")

    @property
    def default(self) -> Any:
        return self._value("Default") if not self.is_stored else None

    @property
    def allowed(self) -> list[Any]:
        values = self.definition.get("AllowedValues")
        if self.is_stored or not isinstance(values, list):
            return []
        return [value for each in values if (value := self.read(each)) is not None]

    @property
    def offered(self) -> list[Any]:
        if self.allowed or self.is_stored:
            return self.allowed
        values = [self._value(name) for name in ("Default", "MinValue", "MaxValue")]
        return [value for value in values if value is not None]

    def read(self, value: Any) -> Any:
        """Return a value as a Ref returns it; None if it is none."""
        text = scalar(value)
        if text is None or not self.is_list:
            return text
        return [each.strip() for each in text.split(",")]

    @property
    def is_list(self) -> bool:
        return "List<" in self.type or "CommaDelimitedList" in self.type

    def _value(self, name: str) -> Any:
        return self.read(self.definition.get(name))

    def among(self, literals: list[str]) -> list[Any]:
        """Return values that the parameter can have, so that it can be any of these or none."""
        if self.allowed:
            return self.allowed
        numbers = self.type == "Number"
        fresh = _FRESH_NUMBERS if numbers else _FRESH
        changed = [each for literal in literals for each in (literal + "x", literal + "1")]
        others = [each for each in (*fresh, *changed) if each not in literals]
        accepted = [each for each in literals if self._accepts(each)]
        accepted += [each for each in others if self._accepts(each)][:2]
        return _distinct([*self.offered, *map(self.read, accepted)])

    def _accepts(self, text: str) -> bool:
        pattern = self.definition.get("AllowedPattern")
        least, most = (self.definition.get(each) for each in ("MinLength", "MaxLength"))
        try:
            if self.type == "Number":
                low, high = (self.definition.get(each) for each in ("MinValue", "MaxValue"))
                number = float(text)
                return (low is None or number >= float(low)) and (
                    high is None or number <= float(high)
                )
            return (
                (pattern is None or re.fullmatch(str(pattern), text) is not None)
                and (least is None or len(text) >= int(least))
                and (most is None or len(text) <= int(most))
            )
        except (TypeError, ValueError, re.error):
            return False


@dataclass(frozen=True)
class _Deployment:
    """One deployment, of which some values are known."""

    mappings: dict[str, Any]
    values: dict[str, Any]

    def offered(self, name: str) -> Iterator[tuple[Any, _Deployment]]:
        if name in self.values:
            yield self.values[name], self
        elif name in _OF_REGION and REGION in self.values:
            yield _of_region(name, self.values[REGION]), self

    def keys_of(self, *_: Any) -> Iterator[tuple[str, _Deployment]]:
        yield from ()

    def decided(self, _: Any) -> Iterator[tuple[bool, _Deployment]]:
        yield from ()


@dataclass(frozen=True)
class _Constraint:
    """A condition, with the state that it has to have. ``is_fact``: it was decided to have it."""

    condition: Any
    state: bool
    is_fact: bool


@lru_cache(maxsize=8)
def _solver(cfn: Template) -> _Solver:
    return _Solver(cfn)


class _Solver:
    """Finds values for a template's parameters."""

    def __init__(self, cfn: Template) -> None:
        self._cfn = cfn
        self._conditions = _section(cfn, "Conditions")
        self._mappings = _section(cfn, "Mappings")
        self._known: dict[Any, bool] = {}
        self._names: dict[str, set[str]] = {}
        self._rules = [*self._of_rules()]

    def _of_rules(self) -> Iterator[_Constraint]:
        for rule in _section(self._cfn, "Rules").values():
            asserted = rule.get("Assertions") if isinstance(rule, dict) else None
            for each in asserted if isinstance(asserted, list) else ():
                holds = each.get("Assert") if isinstance(each, dict) else None
                if "RuleCondition" in rule:
                    holds = {"Fn::Or": [{"Fn::Not": [rule["RuleCondition"]]}, holds]}
                yield _Constraint(holds, state=True, is_fact=False)

    def possible(self, given: Deployments) -> bool:
        """Whether there is a deployment in which it is so."""
        if not given.conditions and not self._rules:
            return True
        key = (
            tuple(sorted(given.conditions.items())),
            tuple(sorted((name, str(value)) for name, value in given.values.items())),
        )
        if key not in self._known:
            self._known[key] = any(self._possible(given, each) for each in (given.sets or (None,)))
        return self._known[key]

    def _possible(self, given: Deployments, values: dict[str, Any] | None) -> bool:
        constraints = [
            *(
                _Constraint({"Condition": name}, state, True)
                for name, state in given.conditions.items()
            ),
            *self._rules,
        ]
        return all(
            self._found(together, names, given, values)
            for together, names in self._connected(constraints)
        )

    def _connected(
        self, constraints: list[_Constraint]
    ) -> list[tuple[list[_Constraint], set[str]]]:
        """Return the constraints, those together that have parameters in common."""
        groups: list[tuple[list[_Constraint], set[str]]] = []
        for each in constraints:
            names = self._variables(each.condition)
            apart = []
            together = [each]
            for group in groups:
                if group[1] & names:
                    together = group[0] + together
                    names = names | group[1]
                else:
                    apart.append(group)
            groups = [*apart, (together, names)]
        return groups

    def _variables(self, written: Any, seen: tuple[Any, ...] = ()) -> set[str]:
        """Return the names of what a condition depends on."""
        return {
            REGION if name in _OF_REGION else name
            for each in self._parts(written, seen)
            for name in _referenced(each)
        }

    def _parts(self, written: Any, seen: tuple[Any, ...] = ()) -> Iterator[Any]:
        """Yield each part of a condition, and of those that it names."""
        yield written
        if isinstance(written, dict):
            name = written.get("Condition")
            if len(written) == 1 and isinstance(name, str) and name not in seen:
                yield from self._parts(self._conditions.get(name), (*seen, name))
            for each in written.values():
                yield from self._parts(each, seen)
        elif isinstance(written, list):
            for each in written:
                yield from self._parts(each, seen)

    def _literals(
        self, constraints: list[_Constraint], names: set[str], given: Deployments
    ) -> list[str]:
        """Return the texts that parameters are compared with, and looked up by.

        Those that other parameters can be are among them.
        """
        parts = [part for each in constraints for part in self._parts(each.condition)]
        found = [text for part in parts if (text := scalar(part)) is not None]
        for name in sorted(names):
            values = [given.values[name]] if name in given.values else self._offered(name)
            found += [value for value in values if isinstance(value, str)]
        functions = {is_function(part)[0] for part in parts}
        if "Fn::FindInMap" in functions:
            named = {name: each for name, each in self._mappings.items() if name in found}
            leaves = _leaves(named or self._mappings)
            found += [text for text in map(scalar, leaves) if text is not None]
        found = _distinct(found)
        if functions & {"Fn::Sub", "Fn::Join"} and len(found) <= _MOST_PIECES:
            for one in [*found]:
                for other in filter(None, _pieces(found)):
                    found += one.split(other)
        return _distinct(found)

    def _found(
        self,
        constraints: list[_Constraint],
        names: set[str],
        given: Deployments,
        values: dict[str, Any] | None,
    ) -> bool:
        """Whether there are values with which all of these are as they have to be."""
        literals = self._literals(constraints, names, given)
        fixed = dict(given.values)
        choices = {name: self._choices(name, literals, values) for name in sorted(names - {*fixed})}
        facts = sum(each.is_fact for each in constraints) + len(names & {*fixed})
        steps = iter(range(_MOST_STEPS))
        return self._search(constraints, choices, fixed, steps, alone=facts < 2)

    def _offered(self, name: str) -> list[Any]:
        if name == REGION:
            return [REGION_PRIMARY]
        return _Parameter.of(self._cfn, name).offered

    def _choices(self, name: str, literals: list[str], values: dict[str, Any] | None) -> list[Any]:
        if name in _section(self._cfn, "Parameters"):
            parameter = _Parameter.of(self._cfn, name)
            if values is not None:
                value = values.get(name, parameter.default)
                if value is not None:
                    return [value]
            return parameter.among(literals)
        if name == REGION:
            return [*REGIONS]
        return _distinct([*literals, *_FRESH_OF_PSEUDO_PARAMETER.get(name, _FRESH[:2])])

    def _search(
        self,
        constraints: list[_Constraint],
        choices: dict[str, list[Any]],
        values: dict[str, Any],
        steps: Iterator[int],
        *,
        alone: bool,
    ) -> bool:
        here = _Deployment(self._mappings, values)
        states = [self._state(each.condition, here) for each in constraints]
        if any(
            state is not None and state != each.state
            for state, each in zip(states, constraints, strict=True)
        ):
            return False
        if None not in states:
            return True
        if not choices:
            return alone
        name, *others = choices
        left = {each: choices[each] for each in others}
        return any(
            next(steps, None) is not None
            and self._search(constraints, left, {**values, name: value}, steps, alone=alone)
            for value in choices[name]
        )

    def _state(self, condition: Any, here: _Deployment, seen: tuple[str, ...] = ()) -> bool | None:
        """Return whether a condition is true in a deployment; None if that is not known."""
        [(function, argument)] = (
            condition.items() if isinstance(condition, dict) and len(condition) == 1 else [("", [])]
        )
        if function == "Condition" and isinstance(argument, str) and argument not in seen:
            return self._state(self._conditions.get(argument), here, (*seen, argument))
        if function in _COMPARED and isinstance(argument, list) and len(argument) == 2:
            return _COMPARED[function](*(_value(each, here) for each in argument))
        if function in _COMBINED and isinstance(argument, list):
            return _COMBINED[function]([self._state(each, here, seen) for each in argument])
        return None


def _value(written: Any, here: _Deployment) -> Any:
    if isinstance(written, list):
        return [_value(each, here) for each in written]
    return next(returned(written, here))[0]


def _equal(one: Any, other: Any) -> bool | None:
    if isinstance(one, Unknown) and one == other:
        return True
    texts = scalar(one), scalar(other)
    return None if None in texts else texts[0] == texts[1]


def _contained(items: Any, among: Any) -> bool | None:
    """Whether each item is among others; None if that is not known."""
    if not isinstance(items, list) or not isinstance(among, list):
        return None
    texts = {scalar(each) for each in among}
    own = {scalar(each) for each in items}
    if None in own | texts:
        return None
    return own <= texts


def _any(states: list[bool | None]) -> bool | None:
    return True if True in states else None if None in states else False


def _all(states: list[bool | None]) -> bool | None:
    return False if False in states else None if None in states else True


def _not(states: list[bool | None]) -> bool | None:
    return not states[0] if len(states) == 1 and states[0] is not None else None


_COMBINED = {"Fn::And": _all, "Fn::Or": _any, "Fn::Not": _not}
_COMPARED: dict[str, Callable[[Any, Any], bool | None]] = {
    "Fn::Equals": _equal,
    "Fn::Contains": lambda among, one: _contained([one], among),
    "Fn::EachMemberIn": _contained,
    "Fn::EachMemberEquals": lambda items, one: _contained(items, [one]),
}


def _referenced(part: Any) -> Iterator[str]:
    """Yield what a part of a condition refers to itself."""
    name, argument = is_function(part)
    if name == "Ref" and isinstance(argument, str):
        yield argument
    elif name == "Fn::Sub":
        template = argument[0] if isinstance(argument, list) and argument else argument
        if isinstance(template, str):
            # Names of its own variables are among them, which does no harm.
            for each in parts_of_sub(template, {}):
                yield from _referenced(each)
    elif is_dynamic(part):
        yield part
    elif isinstance(part, dict) and isinstance(part.get("Fn::ValueOf"), list):
        yield from (each for each in part["Fn::ValueOf"][:1] if isinstance(each, str))


def _pieces(texts: list[str]) -> list[str]:
    """Return texts, and those between the references of a Fn::Sub."""
    parts = [part for each in texts for part in parts_of_sub(each, {})]
    return _distinct([part for part in parts if isinstance(part, str)])


def _leaves(mapping: Any) -> Iterator[Any]:
    """Yield the keys and the values of mappings."""
    if isinstance(mapping, dict):
        for key, value in mapping.items():
            yield key
            yield from _leaves(value)
    else:
        yield mapping


def _distinct(values: list[Any]) -> list[Any]:
    return list({repr(each): each for each in values}.values())
