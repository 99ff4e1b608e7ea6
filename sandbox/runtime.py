"""Where the provider's functions run: in this process, one invocation at a time."""

import copy
import importlib
import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parent.parent


class FunctionError(Exception):
    """A function that raised, as Lambda reports it: a type and a message."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error_type = type(error).__name__
        self.error_message = str(error)


class Runtime(Protocol):
    """Runs the functions that template.yml names TypeFunction and TestEntrypoint."""

    functions: frozenset[str]

    def invoke(self, function: str, event: Any) -> Any:
        """Give the function's answer to ``event``, both JSON; raise FunctionError if it raises."""


class InProcessRuntime:
    """Imports the entry points of .rpdk-config, as Lambda does, and calls them here.

    Invocations follow one another: a Lambda process serves one at a time, and what the provider
    keeps in its process (clients, log handlers) may rely on that.
    """

    def __init__(self, project: Path = ROOT) -> None:
        config = json.loads((project / ".rpdk-config").read_text())
        self._entry_points: Mapping[str, str] = {
            "TypeFunction": config["entrypoint"],
            "TestEntrypoint": config["testEntrypoint"],
        }
        self.functions = frozenset(self._entry_points)
        self._one_at_a_time = threading.Lock()

    def invoke(self, function: str, event: Any) -> Any:
        """Call the entry point with a copy of ``event``, and no Lambda context."""
        with self._one_at_a_time:
            try:
                answer = _entry_point(self._entry_points[function])(copy.deepcopy(event), None)
                return json.loads(json.dumps(answer))
            except Exception as error:
                raise FunctionError(error) from error


@cache
def _entry_point(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)
