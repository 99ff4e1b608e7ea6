"""Parse a template's text, JSON or YAML, into a document. YAML tags become functions."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import yaml

from sandbox.cloudformation.errors import ValidationError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Loads YAML as CloudFormation does: dates stay text, and `!Name` is a function."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        argument: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        argument = loader.construct_sequence(node, deep=True)
    else:
        argument = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": argument}


_Loader.add_multi_constructor("!", _short_form)


def parse(source: str) -> dict[str, Any]:
    """Return the document in a template's text.

    Raises ValidationError if it is neither JSON nor YAML, is not an object, or contains a null.
    """
    if not source.strip():
        raise ValidationError(
            "Template format error: At least one Resources member must be defined."
        )
    looks_like_json = source.lstrip().startswith("{")
    try:
        body = json.loads(source) if looks_like_json else _Loader(source).get_single_data()
    except json.JSONDecodeError as error:
        raise ValidationError(
            "Template format error: JSON not well-formed. "
            f"(line {error.lineno}, column {error.colno})"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        position = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise ValidationError(f"Template format error: YAML not well-formed.{position}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ValidationError("Template format error: YAML not well-formed.") from None
    if not isinstance(body, dict):
        raise ValidationError("Template format error: unsupported structure.")
    _refuse_nulls(body)
    return body


def _refuse_nulls(value: Any, path: str = "") -> None:
    if value is None:
        raise ValidationError(
            f"Template format error: [{path}] 'null' values are not allowed in templates"
        )
    members = value.items() if isinstance(value, dict) else ()
    for name, member in enumerate(value) if isinstance(value, list) else members:
        _refuse_nulls(member, f"{path}/{name}")
