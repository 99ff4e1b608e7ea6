"""A copy of the project under another type name, which the CloudFormation CLI then packages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from project import ROOT
from project.package_files import SETTINGS
from project.settings import type_name
from project.type_name import check_name, hyphenated, module, renamed

SCHEMA_FOLDER = "schema"
"""The folder that has the schema and nothing else: cfn-lint's --registry-schemas takes every JSON
file in a folder and below it for a schema, and fails for any other."""


def parts(root: Path = ROOT) -> Iterator[Path]:
    """The files that users of the type get, or that the CLI needs to package it."""
    name = type_name(root)
    patterns = (
        SETTINGS,
        f"{hyphenated(name)}.json",
        f"src/{module(name)}/*.py",
        "src/requirements.txt",
        "requirements.txt",
        "inputs/*.json",
        "template.yml",
        "resource-role.yaml",
        "docs/*.md",
        "examples/*",
        "LICENSE",
        "VERSION",
    )
    for pattern in patterns:
        yield from sorted(root.glob(pattern))


def write(name: str, folder: Path, root: Path = ROOT) -> Path:
    """Copy the project for the type ``name`` to ``folder``, which must not exist; returns it.

    The type's name is changed in the content and the name of every file, in all of its spellings
    (project/type_name.py lists them).

    Raises TypeNameError if the name is not valid.
    """
    check_name(name)
    old = type_name(root)
    folder.mkdir(parents=True)
    for path in parts(root):
        target = folder / renamed(path.relative_to(root).as_posix(), old, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(path.read_text("utf-8"), old, name), "utf-8")
    return folder


def replace(name: str, folder: Path, root: Path = ROOT) -> Path:
    """Like `write`, but replaces ``folder`` if it exists, and writes `SCHEMA_FOLDER` in it."""
    check_name(name)
    shutil.rmtree(folder, ignore_errors=True)
    write(name, folder, root)
    alone = folder / SCHEMA_FOLDER
    alone.mkdir()
    shutil.copy(folder / f"{hyphenated(name)}.json", alone)
    return folder
