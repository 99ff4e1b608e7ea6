"""What all operations of the API have in common: the backend of a request, and pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse as MotoResponse
from moto.core.responses import ActionResult

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.models import CloudFormationBackend
from sandbox.json_service.constraints import refusal
from sandbox.json_service.models import input_shape

PAGE_SIZE = 100


class Wire(MotoResponse):
    """One request and its backend."""

    # moto's transformers rename the attributes of moto's own objects. The results here already have
    # the API's shape, except for stack sets.
    RESPONSE_KEY_PATH_TO_TRANSFORMER: ClassVar[dict[str, Callable[[Any], Any]]] = {  # type: ignore[misc]  # moto's is no ClassVar
        key: transformer
        for key, transformer in MotoResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER.items()
        if "StackSet" in key
    }

    @property
    def backend(self) -> CloudFormationBackend:
        """The backend of the caller's account and region; `install` has replaced moto's."""
        return cast(
            "CloudFormationBackend", cloudformation_backends[self.current_account][self.region]
        )

    def _checked(self) -> dict[str, Any]:
        """The request's parameters. Raises ValidationError if they violate the API's model."""
        operation = self._get_action()
        parameters: dict[str, Any] = dict(self._get_params())
        if found := refusal(input_shape("cloudformation", operation), parameters):
            raise ValidationError(found)
        return parameters

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


def present(described: dict[str, Any]) -> dict[str, Any]:
    """Return `described` without the members whose value is None."""
    return {key: value for key, value in described.items() if value is not None}
