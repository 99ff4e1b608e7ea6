"""What all operations of the API have in common: the backend of a request, and pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse as MotoResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.parse import UNDEFINED
from moto.core.responses import ActionResult

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.models import CloudFormationBackend
from sandbox.json_service.constraints import refusal
from sandbox.json_service.models import input_shape

PAGE_SIZE = 100
# No answer in XML 1.0 can hold these, not even escaped (its production 2, `Char`).
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Wire(MotoResponse):
    """One request and its backend."""

    # moto's transformers rename the attributes of moto's own objects. The results here already have
    # the API's shape, except for stack sets.
    RESPONSE_KEY_PATH_TO_TRANSFORMER: ClassVar[dict[str, Callable[[Any], Any]]] = {  # type: ignore[misc]  # moto's is no ClassVar
        key: transformer
        for key, transformer in MotoResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER.items()
        if "StackSet" in key
    }

    unreadable: ValidationError | None = None
    """Why the request's parameters cannot be read. If they can, None."""

    def parse_parameters(self, request: Any) -> None:
        """Read the request's parameters. moto itself would answer HTTP 500 if it cannot."""
        try:
            super().parse_parameters(request)
        except ValueError as error:  # such as MaxResults=abc
            self.params = {}
            self.unreadable = ValidationError(f"The request has a malformed value: {error}")

    def serialized(self, action_result: ActionResult) -> TYPE_RESPONSE:
        """Return the answer, with the replacement character for what XML cannot hold."""
        status, headers, body = super().serialized(action_result)
        return status, headers, _NOT_IN_XML.sub("\ufffd", body) if isinstance(body, str) else body

    @property
    def backend(self) -> CloudFormationBackend:
        """The backend of the caller's account and region; `install` has replaced moto's."""
        return cast(
            "CloudFormationBackend", cloudformation_backends[self.current_account][self.region]
        )

    def _checked(self) -> dict[str, Any]:
        """The request's parameters. Raises ValidationError if they violate the API's model."""
        operation = self._get_action()
        parameters: dict[str, Any] = _with_nulls(dict(self._get_params()))
        if found := refusal(input_shape("cloudformation", operation), parameters):
            raise ValidationError(found)
        return parameters

    def _given(self) -> dict[str, Any]:
        """The request's parameters. The answer of a custom resource has none of the API's."""
        return _with_nulls(dict(self.params)) if self.automated_parameter_parsing else {}

    def page(
        self, key: str, items: Sequence[Any], describe: Callable[[Any], Any], size: int = PAGE_SIZE
    ) -> ActionResult:
        """Return one page of `items`. NextToken is the index of the next page's first item.

        key: the name of the list in the result. describe: returns an item in the API's form.

        Raises ValidationError if the request's NextToken is not valid.
        """
        token = self._get_param("NextToken") or "0"
        if not (token.isascii() and token.isdecimal()):
            raise ValidationError(f"Invalid next token: {token}")
        start = int(token)
        stop = start + size
        result: dict[str, Any] = {key: [describe(item) for item in items[start:stop]]}
        if stop < len(items):
            result["NextToken"] = str(stop)
        return ActionResult(result)


def _with_nulls(value: Any) -> Any:
    """Return a request's value with None for what moto's parser found to be missing in a map."""
    if isinstance(value, dict):
        return {key: _with_nulls(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    return None if value is UNDEFINED else value


def present(described: dict[str, Any]) -> dict[str, Any]:
    """Return `described` without the members whose value is None."""
    return {key: value for key, value in described.items() if value is not None}
