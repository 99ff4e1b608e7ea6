"""Parse a template's text, JSON or YAML, into a document that JSON can hold.

YAML tags become functions. A key is the text that stands in the document, so that `ON:` is "ON"
and an account id without quotation marks is found by its digits. So is a name that refers to a key,
as in `Ref: ON`.

Source of what YAML may not contain: CloudFormation user guide, "CloudFormation template format".
That the last of several equal keys counts: https://github.com/go-to-k/cdk-real-drift/issues/1074.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import yaml
from yaml.constructor import SafeConstructor

from sandbox.cloudformation.errors import ValidationError

MAX_TEMPLATE = 1_000_000
MAX_BODY = 51_200
"""The size in bytes of a template, and of one that a request contains (CloudFormation quotas)."""
MAX_DEPTH = 100
"""How many levels deep a template may be nested. CloudFormation's limit is not known."""

SHORT_FORMS = {
    **{name: name for name in ("Condition", "Ref")},
    **{
        name: f"Fn::{name}"
        for name in (
            "And",
            "Base64",
            "Cidr",
            "Contains",
            "EachMemberEquals",
            "EachMemberIn",
            "Equals",
            "FindInMap",
            "GetAZs",
            "GetAtt",
            "If",
            "ImportValue",
            "Join",
            "Not",
            "Or",
            "RefAll",
            "Select",
            "Split",
            "Sub",
            "Transform",
            "ValueOf",
            "ValueOfAll",
        )
    },
}
"""The functions that have a tag, by the tag's name."""
NAMES = frozenset(("Condition", "DependsOn", "Ref"))
LISTS_OF_NAMES = frozenset(("DependsOn", "Fn::FindInMap", "Fn::GetAtt"))
"""Where a scalar is a name, and where the scalars of a sequence are."""
WITHOUT_SHORT_FORM = frozenset(("ForEach", "Length", "ToJsonString"))

_YAML = "tag:yaml.org,2002:"
_STRUCTURES = frozenset((None, "!", f"{_YAML}map", f"{_YAML}seq"))
_MERGE = f"{_YAML}merge"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Recognizes scalars as CloudFormation does: dates stay text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(source: str) -> dict[str, Any]:
    """Return the document in a template's text.

    Raises ValidationError if it is neither JSON nor YAML, is not an object, contains a null, or
    contains something that no JSON document can hold. The message says where.
    """
    body = parse_fragment(source)
    if not isinstance(body, dict):
        raise ValidationError("Template format error: unsupported structure.")
    _refuse_nulls(body)
    return body


def parse_fragment(source: str) -> Any:
    """Return the value in a text, JSON or YAML, which need not be a whole template.

    Raises ValidationError as `parse` does, but a null and a value that is no object are allowed.
    """
    source = source.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    if not source.strip():
        raise ValidationError(
            "Template format error: At least one Resources member must be defined."
        )
    return _parse_json(source) if source.lstrip().startswith("{") else _parse_yaml(source)


def decode(content: bytes) -> str:
    """Return the text of a template that lies in a file.

    Raises ValidationError if it is too large or not UTF-8.
    """
    if len(content) > MAX_TEMPLATE:
        raise ValidationError(f"Template may not exceed {MAX_TEMPLATE} bytes in size.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        readable = content[: error.start].decode()
        raise _misplaced("The template is not valid UTF-8.", readable, len(readable)) from None


# -- JSON ------------------------------------------------------------------------------------------

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]|[-+.\w]+', re.DOTALL)
_LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F][\da-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][\da-fA-F]{2})\\u[dD][c-fC-F][\da-fA-F]{2}"
)


def _parse_json(source: str) -> Any:
    _refuse_deep_json(source)

    def number(written: str) -> int | float:
        return _number(written, lambda: _position_of_token(source, written))

    try:
        body = json.loads(source, parse_int=number, parse_float=number, parse_constant=number)
    except json.JSONDecodeError as error:
        raise ValidationError(
            "Template format error: JSON not well-formed. "
            f"(line {error.lineno}, column {error.colno})"
        ) from None
    if _has_lone_surrogate(json.dumps(body, ensure_ascii=False)):
        found = _LONE_SURROGATE.search(source) or re.search("[\ud800-\udfff]", source)
        position = found.start() if found else 0
        raise _misplaced("JSON not well-formed.", source, position)
    return body


def _refuse_deep_json(source: str) -> None:
    depth = 0
    for token in _JSON_TOKEN.finditer(source):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise _too_deep(_place(source, token.start()))


def _position_of_token(source: str, written: str) -> str:
    found = (token for token in _JSON_TOKEN.finditer(source) if token[0] == written)
    token = next(found, None)
    return _place(source, token.start() if token else 0)


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


# -- YAML ------------------------------------------------------------------------------------------


@dataclass
class _Collection:
    """A sequence or mapping whose end has not been read. A mapping's keys and values alternate.

    function: the one that its tag stands for. key: the one that it is the value of.
    """

    start: Any
    function: str | None
    key: str | None
    items: list[Any] = field(default_factory=list)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.start, yaml.MappingStartEvent)

    @property
    def expects_key(self) -> bool:
        return self.is_mapping and len(self.items) % 2 == 0

    @property
    def last_key(self) -> str | None:
        """The key of the value that is read next."""
        return str(self.items[-1]) if self.is_mapping else None

    @property
    def expects_name(self) -> bool:
        """Whether a scalar in this place is the name of something in the template."""
        if self.is_mapping:
            return self.last_key in NAMES
        function = self.function or self.key
        return function in LISTS_OF_NAMES or (function == "Fn::If" and not self.items)

    def value(self) -> Any:
        items = self.items
        value = dict(zip(items[::2], items[1::2], strict=True)) if self.is_mapping else items
        return {self.function: value} if self.function else value


def _parse_yaml(source: str) -> Any:
    try:
        loader = _Loader(source)
        try:
            return _yaml_document(loader)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise _refused("YAML not well-formed.", error.problem_mark or error.context_mark) from None
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes, and the other reader characters. What precedes is readable.
        position = error.position
        if issubclass(_Loader, getattr(yaml, "CSafeLoader", ())):
            position = len(source.encode(errors="replace")[:position].decode(errors="replace"))
        raise _misplaced("YAML not well-formed.", source, position) from None
    except UnicodeEncodeError as error:
        raise _misplaced("YAML not well-formed.", source, error.start) from None


def _yaml_document(loader: Any) -> Any:
    """Build the document from the parser's events, so that deep nesting costs no stack."""
    opened: list[_Collection] = []
    document: list[Any] = []
    while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
        match event:
            case yaml.DocumentStartEvent() if document:
                raise _refused("A template is a single YAML document.", event.start_mark)
            case yaml.AliasEvent():
                raise _refused(
                    "YAML aliases are not allowed in CloudFormation templates.",
                    event.start_mark,
                    kind="Template error",
                )
            case yaml.ScalarEvent():
                holder = opened[-1].items if opened else document
                holder.append(_scalar_in(opened[-1] if opened else None, loader, event))
            case yaml.CollectionStartEvent():
                opened.append(_opened_in(opened[-1] if opened else None, event))
                if len(opened) > MAX_DEPTH:
                    raise _too_deep(_mark(event.start_mark))
            case yaml.CollectionEndEvent():
                value = opened.pop().value()
                (opened[-1].items if opened else document).append(value)
            case _:
                pass  # the beginning of the stream, and the ends of documents
    return document[0] if document else None


def _opened_in(holder: _Collection | None, event: Any) -> _Collection:
    if holder and holder.expects_key:
        raise _refused("A key must be text.", event.start_mark)
    return _Collection(event, _structure_function(event), holder.last_key if holder else None)


def _scalar_in(holder: _Collection | None, loader: Any, event: Any) -> Any:
    if holder and holder.expects_key:
        return _key(loader, event)
    value = _scalar(loader, event)
    is_name = holder is not None and holder.expects_name
    return event.value if is_name and isinstance(value, int | float) else value


def _key(loader: Any, event: Any) -> str:
    if event.tag not in (None, "!", f"{_YAML}str"):
        raise _refused("A key must be text.", event.start_mark)
    if loader.resolve(yaml.ScalarNode, event.value, event.implicit) == _MERGE:
        raise _refused(
            "YAML hash merges (<<) are not allowed in CloudFormation templates.", event.start_mark
        )
    return str(event.value)


def _scalar(loader: Any, event: Any) -> Any:
    if function := _function(event):
        return {function: event.value}
    tag = event.tag
    if tag is None or tag == "!":
        tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
    kind = str(tag).removeprefix(_YAML)
    if kind in ("str", "merge", "value"):
        return event.value
    if kind not in _CONSTRUCTORS:
        raise _unsupported_tag(event)
    try:
        value = _CONSTRUCTORS[kind](SafeConstructor(), yaml.ScalarNode(str(tag), event.value))
        if kind != "float" or math.isfinite(value):
            return value
    except KeyError:
        raise _refused("YAML not well-formed.", event.start_mark) from None
    except (IndexError, OverflowError, ValueError):
        pass
    raise _not_a_number(event.value, _mark(event.start_mark))


_CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    "bool": SafeConstructor.construct_yaml_bool,
    "float": SafeConstructor.construct_yaml_float,
    "int": SafeConstructor.construct_yaml_int,
    "null": SafeConstructor.construct_yaml_null,
}


def _structure_function(event: Any) -> str | None:
    function = _function(event)
    if function is None and event.tag not in _STRUCTURES:
        raise _unsupported_tag(event)
    return function


def _function(event: Any) -> str | None:
    """The function that the tag of a node stands for, or None if it is not a tag of that kind."""
    tag = event.tag
    if tag is None or tag == "!" or not tag.startswith("!"):
        return None
    name = tag[1:]
    if name in WITHOUT_SHORT_FORM:
        raise _refused(f"{tag} is not supported. Write Fn::{name}.", event.start_mark)
    if name not in SHORT_FORMS:
        raise _unsupported_tag(event)
    return SHORT_FORMS[name]


def _unsupported_tag(event: Any) -> ValidationError:
    written = str(event.tag).replace(_YAML, "!!")
    return _refused(f"The YAML tag {written} is not supported in templates.", event.start_mark)


# -- both ------------------------------------------------------------------------------------------


def _number(written: str, place: Callable[[], str]) -> int | float:
    try:
        value = int(written) if re.fullmatch(r"-?\d+", written) else float(written)
        if math.isfinite(value):
            return value
    except (OverflowError, ValueError):
        pass
    raise _not_a_number(written, place())


def _refused(problem: str, mark: Any, kind: str = "Template format error") -> ValidationError:
    return ValidationError(f"{kind}: {problem}{_mark(mark)}")


def _misplaced(problem: str, source: str, position: int) -> ValidationError:
    return ValidationError(f"Template format error: {problem}{_place(source, position)}")


def _not_a_number(written: str, place: str) -> ValidationError:
    shown = written if len(written) <= 40 else f"{written[:40]}..."
    return ValidationError(f"Template format error: {shown} is not a valid number.{place}")


def _too_deep(place: str) -> ValidationError:
    return ValidationError(
        "Template format error: The sandbox does not support templates that are nested more than "
        f"{MAX_DEPTH} levels deep.{place}"
    )


def _mark(mark: Any) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _place(source: str, position: int) -> str:
    before = source[:position]
    return f" (line {before.count(chr(10)) + 1}, column {position - before.rfind(chr(10))})"


def _refuse_nulls(value: Any, path: str = "") -> None:
    if value is None:
        raise ValidationError(
            f"Template format error: [{path}] 'null' values are not allowed in templates"
        )
    members = value.items() if isinstance(value, dict) else ()
    for name, member in enumerate(value) if isinstance(value, list) else members:
        _refuse_nulls(member, f"{path}/{name}")
