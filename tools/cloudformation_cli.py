"""Runs the CloudFormation CLI (`cfn`) as a process of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from project import ROOT
from project.child import run_program
from project.package_files import SETTINGS
from project.settings import schema_path, type_name
from project.type_name import module

LEAVE_OUT_CFN_LINT = """
import sys, types
for name in ("cfnlint", "cfnlint.config", "cfnlint.core"):
    sys.modules.setdefault(name, types.ModuleType(name))
"""
"""The CLI imports cfn-lint, which it needs for modules only. That takes most of the CLI's start."""

RUN_CFN = f"{LEAVE_OUT_CFN_LINT}from rpdk.core.cli import main; main()"


class CfnError(Exception):
    """The CloudFormation CLI failed; the message is its output."""


@contextmanager
def scratch_project(root: Path = ROOT) -> Iterator[Path]:
    """A temporary folder with the parts of the project that the CLI needs: settings and schema."""
    with tempfile.TemporaryDirectory(prefix="cfn-") as folder:
        project = Path(folder)
        shutil.copy(root / SETTINGS, project)
        shutil.copy(schema_path(root), project)
        (project / "src" / module(type_name(root))).mkdir(parents=True)
        yield project


def cfn(
    command: str, project: Path, *options: str, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Run `cfn COMMAND` in the folder of a project, and return the lines that it prints.

    environ: its environment, if not the one of this process. It writes its log, rpdk.log, to that
    folder.

    Raises CfnError if the command fails.
    """
    answer = run_program(
        [sys.executable, "-c", RUN_CFN, command, *options], cwd=project, env=environ
    )
    if answer.returncode:
        message = f"cfn {command} failed:\n{answer.stdout}{answer.stderr}".strip()
        raise CfnError(message)
    return answer.stdout.splitlines()
