"""A hosted type with scripted handlers that record the events that they receive."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from sandbox.hosting.hosted_type import HostedType

SCHEMA: dict[str, Any] = {
    "typeName": "Acme::Toys::Thing",
    "properties": {"Arn": {"type": "string"}, "Size": {"type": "integer"}},
    "primaryIdentifier": ["/properties/Arn"],
    "readOnlyProperties": ["/properties/Arn"],
    "handlers": {"create": {"timeoutInMinutes": 2}, "read": {}, "update": {}, "list": {}},
}
THING = {"Arn": "arn:thing", "Size": 1}


def success(**more: Any) -> dict[str, Any]:
    """Return a progress event with status SUCCESS."""
    return {"status": "SUCCESS", **more}


def in_progress(model: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a progress event with status IN_PROGRESS."""
    return {"status": "IN_PROGRESS", "resourceModel": model, **more}


def failed(code: str, message: str = "said the handler", **more: Any) -> dict[str, Any]:
    """Return a progress event with status FAILED."""
    return {"status": "FAILED", "errorCode": code, "message": message, **more}


class Handlers:
    """Handlers that return `answers` in order, or raise those that are exceptions.

    An answer may be a function that returns the answer.

    events: the events that they received. schema: members to replace in the schema.
    """

    def __init__(self, *answers: Any, **schema: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self._answers = deque(answers)
        self.hosted = HostedType({**SCHEMA, **schema}, self._invoke, log_group="thing-logs")

    def _invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        answer = self._answers.popleft()
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return dict(answer) if isinstance(answer, dict) else answer

    def all_answered(self) -> bool:
        """Return whether all answers were used."""
        return not self._answers
