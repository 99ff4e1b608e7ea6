"""The interface of every runtime, and the failure of a function."""

from collections.abc import Mapping
from typing import Any, Protocol


class FunctionError(Exception):
    """A function has failed.

    answer: Lambda's response: ``errorType``, ``errorMessage``, and the members that the runtime
    adds (``stackTrace`` ...).
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{answer['errorType']}: {answer['errorMessage']}")
        self.answer = dict(answer)

    @classmethod
    def of(cls, error_type: str, message: str) -> "FunctionError":
        """Return a failure that has only a type and a message."""
        return cls({"errorType": error_type, "errorMessage": message})


class Runtime(Protocol):
    """Runs the functions that template.yml names TypeFunction and TestEntrypoint."""

    functions: frozenset[str]
    note: str | None
    """What differs from the runtime that the code is for, if anything does."""

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the resource type whose functions these are."""

    @property
    def version(self) -> str | None:
        """The version of the code, or None if it is not known."""

    def invoke(self, function: str, event: Any) -> Any:
        """Return the function's answer to ``event``; both are JSON documents.

        Raises FunctionError if the function fails.
        """

    def close(self) -> None:
        """End all processes and remove all files of the runtime."""
