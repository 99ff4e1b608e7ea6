"""Runs the project's own code in this process, one invocation at a time."""

import copy
import importlib
import json
import logging
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from project import ROOT
from project.package_files import SETTINGS
from project.settings import schema_path
from sandbox.runtime.contract import FunctionError


class InProcessRuntime:
    """Imports the entry points of .rpdk-config, as Lambda does, and calls them here.

    There is one invocation at a time, as in a process of Lambda. The provider may rely on that
    for the objects that it keeps between invocations, such as clients and log handlers.
    """

    note: str | None = None

    def __init__(self, project: Path = ROOT) -> None:
        config = json.loads((project / SETTINGS).read_text("utf-8"))
        self.schema: dict[str, Any] = json.loads(schema_path(project).read_text("utf-8"))
        self.version = (project / "VERSION").read_text("utf-8").strip()
        self._entry_points: Mapping[str, str] = {
            "TypeFunction": config["entrypoint"],
            "TestEntrypoint": config["testEntrypoint"],
        }
        self.functions = frozenset(self._entry_points)
        self._one_at_a_time = threading.Lock()
        # Lambda collects what a function logs. Here it would clutter the user's terminal.
        package = config["entrypoint"].partition(".")[0]
        logging.getLogger(package).addHandler(logging.NullHandler())

    def invoke(self, function: str, event: Any) -> Any:
        """Call the entry point with a copy of ``event``, and no Lambda context.

        Raises FunctionError if it raises an exception.
        """
        with self._one_at_a_time:
            try:
                answer = _entry_point(self._entry_points[function])(copy.deepcopy(event), None)
                return json.loads(json.dumps(answer))
            except Exception as error:
                raise FunctionError.of(type(error).__name__, str(error)) from error

    def close(self) -> None:
        """Do nothing: this runtime has no processes and no files of its own."""


@cache
def _entry_point(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)
