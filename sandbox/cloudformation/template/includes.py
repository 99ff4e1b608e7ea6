"""Apply the transform AWS::Include: put snippets from S3 into a template.

Source: CloudFormation template reference, "AWS::Include transform".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.configuration import Configuration, Later
from sandbox.cloudformation.template.intrinsics import evaluate
from sandbox.cloudformation.template.reading import decode, parse
from sandbox.cloudformation.template.template import (
    INCLUDE,
    TRANSFORM_CALL,
    Template,
    nodes,
    unsupported_transform,
)

Fetch = Callable[[str], bytes]
"""Returns the content of an S3 object. Raises ValidationError if there is none."""


def include(configuration: Configuration, fetch: Fetch) -> Template:
    """Return the template of a configuration with the snippets that it includes.

    Raises ValidationError if a snippet cannot be read, or if another transform is called.
    """
    template = configuration.template
    including = _Including(configuration, fetch)
    body: dict[str, Any] = {
        name: including.included(section)
        for name, section in template.body.items()
        if name not in ("Transform", TRANSFORM_CALL)
    }
    declared = template.body.get("Transform", [])
    left = []
    for each in declared if isinstance(declared, list) else [declared]:
        if each == INCLUDE or (isinstance(each, Mapping) and each.get("Name") == INCLUDE):
            body.update(including.snippet(each))
        else:
            left.append(each)
    if TRANSFORM_CALL in template.body:
        body.update(including.snippet(template.body[TRANSFORM_CALL]))
    if left:
        body["Transform"] = left
    if body.get("Parameters") != template.body.get("Parameters"):
        raise ValidationError(
            "The sandbox does not support Parameters in a snippet that a template includes."
        )
    return template.transformed(body)


def _failed(problem: str) -> ValidationError:
    return ValidationError(f"Transform {INCLUDE} failed with: {problem}")


class _Including:
    def __init__(self, configuration: Configuration, fetch: Fetch) -> None:
        self._scope = configuration.scope(Later())
        self._fetch = fetch

    def included(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.included(item) for item in value]
        if not isinstance(value, dict):
            return value
        members = {
            name: self.included(member) for name, member in value.items() if name != TRANSFORM_CALL
        }
        if TRANSFORM_CALL in value:
            members.update(self.snippet(value[TRANSFORM_CALL]))
        return members

    def snippet(self, call: Any) -> dict[str, Any]:
        """The content of the snippet that a call of the transform names."""
        match call:
            case {"Name": str(name)} if name != INCLUDE:
                raise unsupported_transform(name)
            case {"Name": str(), "Parameters": {"Location": location}}:
                pass
            case _:
                raise _failed("The Location parameter has not been specified")
        url = evaluate(location, self._scope)
        if not isinstance(url, str) or not url.startswith("s3://"):
            raise _failed("The location parameter is not a valid S3 uri.")
        try:
            content = parse(decode(self._fetch(url)))
        except ValidationError as error:
            raise _failed(f"{url}: {error.message}") from None
        if any(isinstance(node, dict) and TRANSFORM_CALL in node for node in nodes(content)):
            raise ValidationError(
                f"The sandbox does not support {TRANSFORM_CALL} in a snippet that a template "
                f"includes ({url})."
            )
        return content
