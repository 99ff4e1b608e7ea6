"""Where the provider's functions run: in this process, one invocation at a time."""

import copy
import importlib
import json
import logging
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from tools.package_files import SETTINGS
from tools.type_name import hyphenated

ROOT = Path(__file__).resolve().parent.parent


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


class InProcessRuntime:
    """Imports the entry points of .rpdk-config, as Lambda does, and calls them here.

    Invocations follow one another: a Lambda process serves one at a time, and what the provider
    keeps in its process (clients, log handlers) may rely on that.
    """

    def __init__(self, project: Path = ROOT) -> None:
        config = json.loads((project / SETTINGS).read_text("utf-8"))
        # The CloudFormation CLI names the schema after the type: AWS::A::B is aws-a-b.json.
        schema_name = f"{hyphenated(config['typeName'])}.json"
        self.schema: dict[str, Any] = json.loads((project / schema_name).read_text("utf-8"))
        self.version = (project / "VERSION").read_text("utf-8").strip()
        self._entry_points: Mapping[str, str] = {
            "TypeFunction": config["entrypoint"],
            "TestEntrypoint": config["testEntrypoint"],
        }
        self.functions = frozenset(self._entry_points)
        self._one_at_a_time = threading.Lock()
        # Lambda keeps what a function logs by itself. Here, on the user's terminal, it is noise.
        package = config["entrypoint"].partition(".")[0]
        logging.getLogger(package).addHandler(logging.NullHandler())

    def invoke(self, function: str, event: Any) -> Any:
        """Call the entry point with a copy of ``event``, and no Lambda context."""
        with self._one_at_a_time:
            try:
                answer = _entry_point(self._entry_points[function])(copy.deepcopy(event), None)
                return json.loads(json.dumps(answer))
            except Exception as error:
                raise FunctionError.of(type(error).__name__, str(error)) from error

    def close(self) -> None:
        """Nothing runs but this process."""


def run_package(package: Path) -> Runtime:
    """What runs a package as Lambda does. Raises ValueError, whose text says why it cannot."""
    # Here, for it reads YAML and serves HTTP, and most sandboxes need neither.
    from sandbox.packaged_runtime import PackagedRuntime
    from sandbox.packaged_runtime.logs import write_log

    return PackagedRuntime(package, write_log=write_log)


@cache
def _entry_point(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)
