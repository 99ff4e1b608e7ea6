"""cfn-lint as editors and people run it, and what it finds."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from project import ROOT

COMMAND = (sys.executable, str(ROOT / "validation"))
STOCK = (str(Path(sysconfig.get_path("scripts")) / "cfn-lint"),)
_NO_NETWORK = """import socket

def refused(*arguments, **more):
    raise AssertionError("the network is used")

socket.socket.connect = socket.create_connection = refused
"""


@dataclass(frozen=True)
class Finding:
    """A mistake that was found: in which template, by which rule, at which line, in which words."""

    template: str
    rule: str
    line: int
    message: str


class Linter:
    """A command with cfn-lint's options, in a home of its own, without a network.

    folder: the working directory. command: `COMMAND` or `STOCK`.
    """

    def __init__(self, folder: Path, home: Path, command: Sequence[str] = COMMAND) -> None:
        self.folder = folder
        self.home = home
        self._command = command
        for made in (folder, home / "tmp"):
            made.mkdir(parents=True, exist_ok=True)
        (home / "sitecustomize.py").write_text(_NO_NETWORK)

    def run(
        self, *arguments: str | Path, stdout: int | IO[str] = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        """Run the command; returns its exit code and what it printed, if not to ``stdout``."""
        return subprocess.run(
            [*self._command, *map(str, arguments)],
            cwd=self.folder,
            env={
                **os.environ,
                "HOME": str(self.home),
                "TMPDIR": str(self.home / "tmp"),
                "PYTHONPATH": os.pathsep.join([str(self.home), str(ROOT)]),
            },
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )

    def findings(self, *arguments: str | Path) -> list[Finding]:
        """What the command finds, in the order of templates and lines."""
        ran = self.run("--format", "json", *arguments)
        assert ran.stderr == "", ran.stderr
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return [
            Finding(
                Path(each["Filename"]).name,
                each["Rule"]["Id"],
                each["Location"]["Start"]["LineNumber"],
                each["Message"],
            )
            for each in found
        ]
