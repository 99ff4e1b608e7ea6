"""A hosted type whose handlers answer by a script and keep the events that they are sent."""

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
    """The answer of a handler that is done."""
    return {"status": "SUCCESS", **more}


def in_progress(model: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The answer of a handler that wants to be asked again."""
    return {"status": "IN_PROGRESS", "resourceModel": model, **more}


def failed(code: str, message: str = "said the handler", **more: Any) -> dict[str, Any]:
    """The answer of a handler that has failed."""
    return {"status": "FAILED", "errorCode": code, "message": message, **more}


class Handlers:
    """Gives the answers in order; an exception among them is raised. ``events``: what came."""

    def __init__(self, *answers: Any, **schema: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self._answers = deque(answers)
        self.hosted = HostedType({**SCHEMA, **schema}, self._invoke, log_group="thing-logs")

    def _invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        answer = self._answers.popleft()
        if isinstance(answer, BaseException):
            raise answer
        return dict(answer) if isinstance(answer, dict) else answer

    def all_answered(self) -> bool:
        """Whether no answer is left over."""
        return not self._answers
