"""Values of a query as properties of a definition. Nothing is called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aws_sagemaker_modelqualityjobdefinition import tags
from aws_sagemaker_modelqualityjobdefinition.errors import HandlerError
from aws_sagemaker_modelqualityjobdefinition.properties import to_model
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import schema_violations, violations
from sandbox.json_service import strict_json

Properties = dict[str, Any]
TAGS = "Tags"


def property_value(name: str, value: Any, of_type: TypeSchema) -> Any:
    """A column's value as that of a property; None if the property is left out.

    Objects and arrays may be JSON, or DuckDB's own STRUCT, LIST and MAP. A NULL inside of an
    object leaves out its member. Tags may be an object, with a member for each tag, too.

    Raises ValueError if the value is something else, with a message that does not show it: it may
    have secrets.
    """
    subschema = of_type.schema["properties"].get(name, {})
    if isinstance(value, str) and subschema.get("type") != "string":
        try:
            value = strict_json.loads(value)
        except ValueError as error:
            raise ValueError(f"{name} is not JSON: {error}") from None
    try:
        value = _plain(value)
    except TypeError as error:
        raise ValueError(f"{name} has {error}.") from None
    return _tag_list(value) if name == TAGS else value


def problems(properties: Properties, of_type: TypeSchema) -> list[str]:
    """What is wrong with the properties of a definition that is to be created."""
    return violations(properties, of_type) or _tag_problems(properties.get(TAGS))


def problems_of_tags(value: Any, of_type: TypeSchema) -> list[str]:
    """What is wrong with new tags."""
    schema = of_type.schema
    only_tags = TypeSchema(
        {
            "properties": {TAGS: schema["properties"][TAGS]},
            "definitions": schema["definitions"],
        }
    )
    return schema_violations({TAGS: value}, only_tags) or _tag_problems(value)


def _tag_problems(value: Any) -> list[str]:
    """What the handlers would refuse about tags that the schema allows."""
    try:
        tags.desired(None, to_model({TAGS: value}).Tags)
    except HandlerError as error:
        return [error.message]
    return []


def _tag_list(value: Any) -> Any:
    """Tags as a list of Key and Value."""
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"Key", "Value"}:
        raise ValueError(
            f"{TAGS} is one tag and not a list. Write a list of it, "
            '[{"Key": …, "Value": …}], or an object with a member for each tag, {"team": "churn"}.'
        )
    return [{"Key": key, "Value": item} for key, item in value.items()]


def _plain(value: Any) -> Any:
    """The value as JSON has it. Raises TypeError, naming the value or its type, if not."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            raise TypeError(f"the number {value}, which JSON cannot have")
        return int(value) if value == int(value) else float(value)
    raise TypeError(
        f"a value of the type {type(value).__name__}, which JSON cannot have. Cast it to VARCHAR"
    )


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(
            f"a MAP with keys of the type {type(key).__name__}, which JSON cannot have. Cast them "
            "to VARCHAR"
        )
    return key
