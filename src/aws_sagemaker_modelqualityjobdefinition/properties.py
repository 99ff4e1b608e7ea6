"""Properties, from the JSON of an event to the generated models and back.

CloudFormation may send any scalar as a string, so each value is converted to its type in the
schema. A value that cannot be converted is rejected with a message that has its path.
"""

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
    """The model of ``properties``, with each scalar in the type that the schema declares.

    Raises HandlerError (InvalidRequest), with the path, for a value of the wrong type, and for an
    unknown property unless ``ignore_unknown``.

    Gaps: the framework's own deserialization drops an empty object, so ``Csv: {}`` is lost. It
    keeps the JSON types of a map's values, although SageMaker accepts only strings. It raises a
    bare KeyError for an unknown property.
    """
    model = _to_type(properties, ResourceModel, "#", ignore_unknown)
    assert isinstance(model, ResourceModel)  # noqa: S101 - tells mypy the type
    return model


def previous_model(properties: Mapping[str, Any]) -> ResourceModel:
    """The model of the previous properties, without those that cannot be read.

    Another version of the type may have accepted them, and a rollback starts from properties that
    were rejected.
    """
    hints = _type_hints(ResourceModel)
    model = ResourceModel(**dict.fromkeys(hints))
    for name, hint in hints.items():
        with suppress(HandlerError):
            setattr(model, name, _to_type(properties.get(name), hint, f"#/{name}", True))
    return model


def properties_of(model: ResourceModel) -> dict[str, Any]:
    """The inverse of to_model: the properties that are set in ``model``, as JSON values."""
    return dict(model._serialize())  # noqa: SLF001 - the framework has no public method


def to_string(value: Any, path: str) -> str:
    """The scalar ``value`` as a string; ``true`` and ``1`` are spelled as in JSON.

    Raises HandlerError (InvalidRequest), with the path, for null, an object and an array.
    """
    if value is None:
        raise _wrong_type(path, None, "a string")
    return str(_to_scalar(value, str, path))


@cache
def _type_hints(model: type) -> dict[str, Any]:
    """The field types of a generated model. All fields are Optional; that part is stripped."""
    return {name: get_args(hint)[0] for name, hint in get_type_hints(model).items()}


def _to_type(value: Any, hint: Any, path: str, ignore_unknown: bool) -> Any:
    """``value``, which is at ``path``, converted to the type ``hint`` of a model's field."""
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
        return value  # the common case
    if _is_huge(value):
        raise invalid_request(f"{path}: the number has thousands of digits. Give a shorter one.")
    if isinstance(value, Mapping | list):
        raise _wrong_type(path, value, f"a {_SCALARS[kind]}")
    if kind is str:
        return json.dumps(value)
    if kind is bool:
        text = str(value).lower()
        if text in ("true", "false"):
            return text == "true"
    elif _NUMBER.fullmatch(str(value)):
        # float() of a large int raises OverflowError; float() of its text returns infinity.
        number = float(str(value))
        if kind is float and math.isfinite(number):
            return number
        if kind is int and number.is_integer():
            return int(number)
    raise _wrong_type(path, value, f"a {_SCALARS[kind]}")


# A number in JSON's syntax. Python's float() would also accept "1_0", "nan" and " 1".
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_SCALARS = {str: "string", bool: "boolean", int: "whole number", float: "number"}
_SCALAR_PHRASES = {f"a {scalar}" for scalar in _SCALARS.values()}


def _is_huge(value: Any) -> bool:
    """Whether ``value`` is an integer with more digits than Python converts to text."""
    return isinstance(value, int) and value.bit_length() > 10_000


def _wrong_type(path: str, value: Any, expected_type: str) -> HandlerError:
    # A string in place of an object or an array may be a whole document that contains secrets.
    hidden = isinstance(value, str) and expected_type not in _SCALAR_PHRASES
    if hidden or isinstance(value, Mapping | list) or _is_huge(value):
        shown_value = kind_of(value)
    else:
        shown_value = json.dumps(value)
    return invalid_request(f"{path}: {shown_value} is not {expected_type}. Give {expected_type}.")


def _unknown_property(path: str, name: str, known: list[str]) -> HandlerError:
    # Imported here, because only this failure needs it and every cold start would wait for it.
    import difflib

    nearest_name = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    valid_properties = ", ".join(sorted(known))
    return invalid_request(
        f"{path}/{name}: there is no such property. Did you mean '{nearest_name}'? "
        f"Valid properties: {valid_properties}."
    )


def kind_of(value: Any) -> str:
    """The kind of ``value``, such as "an object", for a message that must not show the value."""
    if value is None:
        return "absent"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return f"a {_SCALARS.get(type(value), type(value).__name__)}"
