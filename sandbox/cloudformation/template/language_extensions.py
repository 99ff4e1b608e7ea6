"""Apply the transform AWS::LanguageExtensions: expand loops, and resolve the names in functions.

The processed template holds the resources, conditions and outputs that loops stand for. It holds
the values of Fn::Length, Fn::ToJsonString and Fn::FindInMap where they do not depend on resources.

An identifier is replaced in the keys of its loop's fragment (`${Name}`, or `&{Name}` without the
characters that are not alphanumeric), in `Ref` and in the text of `Fn::Sub`. Other text is kept.

Sources: CloudFormation template reference, "AWS::LanguageExtensions transform" and "Fn::ForEach";
https://github.com/aws-cloudformation/cfn-language-discussion, RFC 9; and for what is replaced and
the error messages https://github.com/ministackorg/ministack/pull/1739, measured in an account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.configuration import Configuration, Later
from sandbox.cloudformation.template.intrinsics import (
    NO_VALUE,
    contains_unknown,
    evaluate,
    intrinsic,
    split_sub,
)
from sandbox.cloudformation.template.reading import MAX_TEMPLATE
from sandbox.cloudformation.template.references import references
from sandbox.cloudformation.template.template import (
    DELETION_POLICIES,
    FOR_EACH,
    LANGUAGE_EXTENSIONS,
    Template,
    nodes,
)
from sandbox.hosting.scalars import text

SECTIONS = ("Conditions", "Resources", "Outputs")
"""The sections in which the transform's functions may be used."""
ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
PLACEHOLDER = re.compile(r"([$&])\{\s*([A-Za-z0-9]+)\s*\}")

Loops = Mapping[str, str]
"""The current items of the loops around a place, by the loops' identifiers."""


def expand(configuration: Configuration) -> Template:
    """Return the processed template of a configuration whose template declares the transform.

    Raises ValidationError if a loop or another function of the transform is malformed, or if it
    depends on a value that is unknown before the deployment.
    """
    template = configuration.template
    _check_loops(template)
    conditions = _Expansion(configuration).section("Conditions")
    # What follows may depend on conditions.
    body = {**template.body, "Conditions": conditions}
    expansion = _Expansion(configuration.with_template(template.transformed(body)))
    body["Resources"] = {
        logical_id: expansion.attributes(logical_id, definition)
        for logical_id, definition in expansion.section("Resources").items()
    }
    body["Outputs"] = {
        name: expansion.attributes(name, definition)
        for name, definition in expansion.section("Outputs").items()
    }
    present = {name: section for name, section in body.items() if name in template.body}
    return template.transformed(present)


def failed(problem: str) -> ValidationError:
    """Return the error for a template that the transform cannot process."""
    return ValidationError(f"Transform {LANGUAGE_EXTENSIONS} failed with: {problem}")


def _check_loops(template: Template) -> None:
    """Raise ValidationError if a loop has the name of another, or is where no loop may be."""
    names: set[str] = set()
    for section, content in template.body.items():
        for key in (key for node in nodes(content) if isinstance(node, dict) for key in node):
            if not key.startswith(FOR_EACH):
                continue
            if section not in SECTIONS:
                raise failed(f"Fn::ForEach is not supported in the {section} section")
            name = key.removeprefix(FOR_EACH)
            if name in names or name in template.resources:
                raise failed(f"The name {name} of a loop in Fn::ForEach must be unique")
            names.add(name)


class _Expansion:
    """Expands the sections of one template."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._size = 0
        self._functions: dict[str, Callable[[Any, Loops], Any]] = {
            "Ref": self._ref,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Length": self._length,
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": self._to_json_string,
        }

    def section(self, name: str) -> dict[str, Any]:
        """Return a section with its loops expanded."""
        members = self._members(self._configuration.template.body.get(name, {}), {})
        for key in members:
            if not ALPHANUMERIC.fullmatch(key):
                noun = "OutputKey" if name == "Outputs" else "LogicalId"
                raise failed(f"{noun} '{key}' should be alphanumeric")
        return members

    def attributes(self, name: str, definition: Any) -> Any:
        """Return a resource or output with the values of the attributes that must be text."""
        if not isinstance(definition, dict):
            return definition
        resolved = dict(definition)
        for attribute in ("Condition", *DELETION_POLICIES):
            if isinstance(resolved.get(attribute), dict):
                value = self._known(resolved[attribute], {}, f"{attribute} of {name}")
                if value is NO_VALUE:
                    del resolved[attribute]
                else:
                    resolved[attribute] = value
        return resolved

    def _expanded(self, value: Any, loops: Loops) -> Any:
        self._measure(value)
        call = intrinsic(value)
        if call and not call[0].startswith(FOR_EACH):
            function, argument = call
            special = self._functions.get(function)
            return special(argument, loops) if special else self._call(function, argument, loops)
        if isinstance(value, dict):
            return self._members(value, loops)
        if isinstance(value, list):
            return [self._expanded(item, loops) for item in value]
        return value

    def _measure(self, value: Any) -> None:
        """Raise ValidationError if the processed template becomes larger than a template may be."""
        self._size += 1 + (len(value) if isinstance(value, str) else 0)
        if self._size > MAX_TEMPLATE:
            raise ValidationError(f"Template may not exceed {MAX_TEMPLATE} bytes in size.")

    # -- loops ------------------------------------------------------------------------------------

    def _members(self, value: Mapping[str, Any], loops: Loops) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, member in value.items():
            if not key.startswith(FOR_EACH):
                produced: Iterable[tuple[str, Any]] = [(key, self._expanded(member, loops))]
            else:
                produced = self._loop(key, member, loops)
            for name, content in produced:
                if name in members:
                    raise failed(
                        f"Duplicate key '{name}' when merging keys to parent object in Fn::ForEach"
                    )
                members[name] = content
        return members

    def _loop(self, name: str, argument: Any, loops: Loops) -> Iterator[tuple[str, Any]]:
        match argument:
            case [str(identifier), dict() | list() as collection, dict() as fragment] if (
                name != FOR_EACH and ALPHANUMERIC.fullmatch(identifier)
            ):
                pass
            case _:
                raise failed("Fn::ForEach layout is incorrect")
        for item in self._items(collection, loops):
            self._measure(item)
            inner = {**loops, identifier: item}
            for key, content in fragment.items():
                self._measure(key)
                if key.startswith(FOR_EACH):
                    yield from self._loop(key, content, inner)
                    continue
                if identifier not in {found for _, found in PLACEHOLDER.findall(key)}:
                    raise failed(
                        f"The key '{key}' in Fn::ForEach must contain ${{{identifier}}} or "
                        f"&{{{identifier}}}"
                    )
                yield _key(key, inner), self._expanded(content, inner)

    def _items(self, collection: Any, loops: Loops) -> list[str]:
        items = self._value(collection, loops)
        if not isinstance(items, list) or contains_unknown(items):
            raise failed("Could not find a collection or could not be resolved for Fn::ForEach")
        if any(isinstance(item, dict | list) for item in items):
            raise failed("Every item in the collection of Fn::ForEach must be a string")
        return [text(item) for item in items]

    # -- functions --------------------------------------------------------------------------------

    def _value(self, value: Any, loops: Loops) -> Any:
        """The value of an expression. It contains Unknown where it depends on resources."""
        return evaluate(self._expanded(value, loops), self._configuration.scope(Later()))

    def _known(self, value: Any, loops: Loops, subject: str) -> Any:
        """The value of an expression that must be text. Raises ValidationError if it is not."""
        found = self._value(value, loops)
        if found is NO_VALUE or isinstance(found, str):
            return found
        raise failed(f"{subject} could not be resolved to a string")

    def _call(self, function: str, argument: Any, loops: Loops) -> Any:
        return {function: self._expanded(argument, loops)}

    def _ref(self, argument: Any, loops: Loops) -> Any:
        name = self._known(argument, loops, "Ref") if isinstance(argument, dict) else argument
        if isinstance(name, str) and name in loops:
            return loops[name]
        return {"Ref": name}

    def _get_att(self, argument: Any, loops: Loops) -> Any:
        if not isinstance(argument, list):
            return {"Fn::GetAtt": argument}
        return {
            "Fn::GetAtt": [
                self._known(part, loops, "Fn::GetAtt") if isinstance(part, dict) else part
                for part in argument
            ]
        }

    def _sub(self, argument: Any, loops: Loops) -> Any:
        source, variables = split_sub(argument)
        own = {
            name: item.replace("${", "${!")  # an item is text, even if it looks like a variable
            for name, item in loops.items()
            if name not in variables
        }
        replaced = PLACEHOLDER.sub(
            lambda match: own[match[2]] if match[1] == "$" and match[2] in own else match[0],
            source,
        )
        self._measure(replaced)
        if not variables:
            return {"Fn::Sub": replaced} if "${" in replaced else replaced
        return {"Fn::Sub": [replaced, self._expanded(dict(variables), loops)]}

    def _if(self, argument: Any, loops: Loops) -> Any:
        match argument:
            case [str(condition), then, otherwise]:
                branches = [self._expanded(then, loops), self._expanded(otherwise, loops)]
                return {"Fn::If": [condition, *branches]}
        raise failed("Fn::If layout is incorrect")

    def _find_in_map(self, argument: Any, loops: Loops) -> Any:
        return self._shown(self._call("Fn::FindInMap", argument, loops))

    def _length(self, argument: Any, loops: Loops) -> Any:
        items = self._value(argument, loops)
        if not isinstance(items, list):
            raise failed("The Fn::Length value could not be resolved for properties")
        return len(items)

    def _to_json_string(self, argument: Any, loops: Loops) -> Any:
        return self._shown(self._call("Fn::ToJsonString", argument, loops))

    def _shown(self, call: Any) -> Any:
        """The value of a call. The call itself if its value is not known, or must not be shown."""
        parameters = self._configuration.parameters
        mentioned = {reference.name for reference in references(call)}
        if any(parameters[name].no_echo for name in mentioned & set(parameters)):
            return call
        value = evaluate(call, self._configuration.scope(Later()))
        if value is NO_VALUE:
            return {"Ref": "AWS::NoValue"}
        return call if contains_unknown(value) else value


def _key(key: str, loops: Loops) -> str:
    """The key with each placeholder of a loop replaced by that loop's item."""

    def item(match: re.Match[str]) -> str:
        form, identifier = match.groups()
        if identifier not in loops:
            return match[0]
        found = loops[identifier]
        return re.sub("[^A-Za-z0-9]", "", found) if form == "&" else found

    return PLACEHOLDER.sub(item, key)
