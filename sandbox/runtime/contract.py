"""What runs the functions of a provider, and how a function fails."""

from collections.abc import Mapping
from typing import Any, Protocol


class FunctionError(Exception):
    """A function that failed, with what Lambda answers in its place.

    answer: ``errorType``, ``errorMessage``, and what the runtime adds (``stackTrace`` ...).
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{answer['errorType']}: {answer['errorMessage']}")
        self.answer = dict(answer)

    @classmethod
    def of(cls, error_type: str, message: str) -> "FunctionError":
        """The failure that is known by no more than a type and a message."""
        return cls({"errorType": error_type, "errorMessage": message})


class Runtime(Protocol):
    """Runs the functions that template.yml names TypeFunction and TestEntrypoint."""

    functions: frozenset[str]

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the resource type whose functions these are."""

    @property
    def version(self) -> str | None:
        """The version of the code, where it names one."""

    def invoke(self, function: str, event: Any) -> Any:
        """Give the function's answer to ``event``, both JSON; raise FunctionError if it fails."""

    def close(self) -> None:
        """End what runs, and leave nothing behind."""
