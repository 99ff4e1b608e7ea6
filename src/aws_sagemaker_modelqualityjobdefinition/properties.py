"""Properties, from the JSON of an event to the generated models and back.

CloudFormation may send every scalar as a string, so each value is converted to its type in the
schema. A value that cannot be converted is refused with its path.
"""

import difflib
import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from cloudformation_cli_python_lib.interface import BaseModel

from .errors import HandlerError, invalid_request
from .models import ResourceModel


def to_model(properties: Mapping[str, Any], *, ignore_unknown: bool = False) -> ResourceModel:
    """The model of ``properties``, each scalar in the type that the schema gives it.

    CloudFormation may hand every scalar over as a string. Raises HandlerError (InvalidRequest),
    with the path, for a value of the wrong type and for a property that the schema does not know,
    unless ``ignore_unknown``.

    Gaps: the framework's own deserialization takes an empty object for none, so that
    ``Csv: {}`` is lost; leaves the JSON types of a map's values as they are, where SageMaker
    takes strings alone; and answers an unknown property with a bare KeyError.
    """
    model = _to_type(properties, ResourceModel, "#", ignore_unknown)
    assert isinstance(model, ResourceModel)  # noqa: S101 - tells mypy what the line above gives
    return model


def previous_model(properties: Mapping[str, Any]) -> ResourceModel:
    """The model of the properties that were before, less those that cannot be read.

    Another version of the type may have taken them, and a rollback comes from what was refused.
    """
    hints = _type_hints(ResourceModel)
    model = ResourceModel(**dict.fromkeys(hints))
    for name, hint in hints.items():
        with suppress(HandlerError):
            setattr(model, name, _to_type(properties.get(name), hint, f"#/{name}", True))
    return model


def properties_of(model: ResourceModel) -> dict[str, Any]:
    """The reverse of to_model: the properties that ``model`` has, as JSON has them."""
    return dict(model._serialize())  # noqa: SLF001 - the framework offers no other way


def to_string(value: Any, path: str) -> str:
    """``value`` as SageMaker takes a tag's or an environment variable's: as text.

    Raises HandlerError (InvalidRequest), with the path, for null, an object and an array.
    """
    if value is None:
        raise _wrong_type(path, None, "a string")
    return str(_to_scalar(value, str, path))


@cache
def _type_hints(model: type) -> dict[str, Any]:
    """The annotations of a generated model's fields, each of which is Optional, without that."""
    return {name: get_args(hint)[0] for name, hint in get_type_hints(model).items()}


def _to_type(value: Any, hint: Any, path: str, ignore_unknown: bool) -> Any:
    """``value`` as the annotation ``hint`` of the generated models wants it."""
    if value is None:
        return None
    if isinstance(hint, type):
        if issubclass(hint, BaseModel):
            return _to_nested_model(value, hint, path, ignore_unknown)
        return _to_scalar(value, hint, path)
    container, items = get_origin(hint), get_args(hint)
    if issubclass(container, Mapping):
        if not isinstance(value, Mapping):
            raise _wrong_type(path, value, "an object")
        return {
            key: _to_type(item, items[1], f"{path}/{key}", ignore_unknown)
            for key, item in value.items()
        }
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _wrong_type(path, value, "an array")
    if None in value:
        raise _wrong_type(f"{path}/{value.index(None)}", None, "an item")
    return [
        _to_type(item, items[0], f"{path}/{index}", ignore_unknown)
        for index, item in enumerate(value)
    ]


def _to_nested_model(value: Any, model: Any, path: str, ignore_unknown: bool) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong_type(path, value, "an object")
    hints = _type_hints(model)
    if not ignore_unknown and (unknown := value.keys() - hints.keys()):
        raise _unknown_property(path, min(map(str, unknown)), list(hints))
    given = {
        name: _to_type(item, hints[name], f"{path}/{name}", ignore_unknown)
        for name, item in value.items()
        if name in hints
    }
    return model(**{**dict.fromkeys(hints), **given})


def _to_scalar(value: Any, kind: type, path: str) -> Any:
    if kind is str and isinstance(value, str):
        return value  # as nearly all are
    if _is_endless(value):
        raise invalid_request(f"{path}: a number of thousands of digits. Give a shorter one.")
    if isinstance(value, Mapping | list):
        raise _wrong_type(path, value, f"a {_SCALARS[kind]}")
    if kind is str:
        return json.dumps(value)
    if kind is bool:
        text = str(value).lower()
        if text in ("true", "false"):
            return text == "true"
    elif _NUMBER.fullmatch(str(value)):
        # Of its text: of an int as long as that, Python makes no float, not even an infinite one.
        number = float(str(value))
        if kind is float and math.isfinite(number):
            return number
        if kind is int and number.is_integer():
            return int(number)
    raise _wrong_type(path, value, f"a {_SCALARS[kind]}")


# A number as JSON has it: Python itself would also read "1_0", "nan" and " 1".
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_SCALARS = {str: "string", bool: "boolean", int: "whole number", float: "number"}
_SHOWN_FOR = {f"a {scalar}" for scalar in _SCALARS.values()}


def _is_endless(value: Any) -> bool:
    """Whether it is a number of thousands of digits, of which Python makes no text."""
    return isinstance(value, int) and value.bit_length() > 10_000


def _wrong_type(path: str, value: Any, wanted: str) -> HandlerError:
    # In the place of an object or an array, a text may be a whole document, with secrets in it.
    hidden = isinstance(value, str) and wanted not in _SHOWN_FOR
    if hidden or isinstance(value, Mapping | list) or _is_endless(value):
        shown = kind_of(value)
    else:
        shown = json.dumps(value)
    return invalid_request(f"{path}: {shown} is not {wanted}. Give {wanted}.")


def _unknown_property(path: str, name: str, known: list[str]) -> HandlerError:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    return invalid_request(
        f"{path}/{name}: there is no such property. Did you mean '{nearest}'? "
        f"Properties here: {', '.join(sorted(known))}."
    )


def kind_of(value: Any) -> str:
    """What ``value`` is, for a message that must not show what is in it."""
    if value is None:
        return "absent"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return f"a {_SCALARS.get(type(value), type(value).__name__)}"
