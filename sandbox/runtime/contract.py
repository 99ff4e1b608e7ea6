"""What every runtime offers, and how a function fails."""

from collections.abc import Mapping
from typing import Any, Protocol


class FunctionError(Exception):
    """A function has failed.

    answer: what Lambda answers: ``errorType``, ``errorMessage``, and what the runtime adds
    (``stackTrace`` ...).
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{answer['errorType']}: {answer['errorMessage']}")
        self.answer = dict(answer)

    @classmethod
    def of(cls, error_type: str, message: str) -> "FunctionError":
        """A failure of which only the type and the message are known."""
        return cls({"errorType": error_type, "errorMessage": message})


class Runtime(Protocol):
    """Runs the functions that template.yml names TypeFunction and TestEntrypoint."""

    functions: frozenset[str]

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the resource type whose functions these are."""

    @property
    def version(self) -> str | None:
        """The version of the code, or None if it is not known."""

    def invoke(self, function: str, event: Any) -> Any:
        """The function's answer to ``event``, both JSON. Raises FunctionError if it fails."""

    def close(self) -> None:
        """End all processes and remove all files of the runtime."""
