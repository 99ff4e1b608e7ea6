"""The layout, as CONTRIBUTING.md has it: what there is, and what may import what.

tests/project/test_imports.py shows that each of these checks can fail.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from project import ROOT
from project.settings import type_name
from project.type_name import module
from tests.harness.imports import Circle, Import, Tree

# It reads the sources, which are the same for every Python.
pytestmark = pytest.mark.once

MAY_IMPORT: dict[str, set[str]] = {
    "project": set(),
    "src": set(),
    # The sandbox loads the provider by the entry point's name, as Lambda does.
    "sandbox": {"project"},
    "conformance": {"project", "sandbox"},
    # Rules that cfn-lint loads without the project, and what lints with them.
    "validation": {"project"},
    "tools": {"project", "sandbox", "validation"},
    # It reads with the provider's translation, and writes through the handlers.
    "inventory": {"project", "src", "sandbox", "tools"},
    "benchmarks": {"project", "sandbox", "tools"},
    "tests": {
        "project",
        "src",
        "sandbox",
        "conformance",
        "tools",
        "inventory",
        "benchmarks",
        "validation",
    },
}
MODULES_OF_THE_PROVIDER = ROOT / "src" / module(type_name())
# What make and others make.
UNLISTED = {"build", "dist"}
# The folders of tests/ that mirror folders of the project. The others have tests of whole stacks,
# of the rows of guide/guarantees.md and of the schema, and what tests share.
MIRRORS = {
    *("sandbox", "src", "tools", "conformance", "inventory", "benchmarks", "validation"),
    *("project", "deploy", "examples", "guide"),
}
OTHER_TESTS = {"stacks", "guarantees", "schema", "harness", "data"}
# What drives a handler to its end knows no stack, and no AWS but what it is given.
DRIVING = Path("sandbox/hosting/driving.py")


@cache
def tree() -> Tree:
    # The textbook provider is written as the CLI's users write theirs.
    return Tree(ROOT, MAY_IMPORT, excluded=["benchmarks/textbook"])


def nothing_in_the_way(found: Sequence[Import | Circle]) -> None:
    if found:
        pytest.fail("\n".join(map(str, found)), pytrace=False)


def is_in(each: Import, folder: str) -> bool:
    return each.imported is not None and Path(folder) in each.imported.parents


def test_every_python_file_of_the_project_is_looked_at() -> None:
    # Without the environments, which have tens of thousands.
    folders = {path.name for path in ROOT.glob("[!.]*") if any(path.glob("**/*.py"))}
    assert folders - {"build", "dist"} == {*MAY_IMPORT}


def test_no_modules_import_each_other_in_a_circle() -> None:
    nothing_in_the_way(tree().circles_of_modules())


def test_no_files_and_subfolders_of_a_folder_import_each_other_in_a_circle() -> None:
    nothing_in_the_way(tree().circles())


def test_each_folder_imports_only_those_that_it_stands_on() -> None:
    nothing_in_the_way(tree().crossing(MAY_IMPORT))


def test_what_ships_imports_its_own_modules_relatively() -> None:
    # It runs under another name where the type has another name.
    nothing_in_the_way(tree().absolute_within("src"))


def test_what_tests_share_is_in_no_module_that_has_tests() -> None:
    # A whole module of tests may be imported, to compare its tests with a page.
    nothing_in_the_way(
        [
            each
            for each in tree().imports
            if each.imported
            and each.imported.match("test_*.py")
            and not each.name.endswith(f".{each.imported.stem}")
        ]
    )


def test_each_folder_of_tests_has_the_path_of_what_it_tests() -> None:
    tests = ROOT / "tests"
    folders = {
        path.relative_to(tests)
        for path in tests.glob("**/*")
        if path.is_dir() and not any(part.startswith("__") for part in path.parts)
    }
    assert {folder.parts[0] for folder in folders} == MIRRORS | OTHER_TESTS
    mirrors = {str(folder) for folder in folders if folder.parts[0] in MIRRORS}
    assert {name for name in mirrors if not (ROOT / name).is_dir()} == set()


def test_what_hosts_a_resource_type_knows_no_stack() -> None:
    way = tree().way(Path("sandbox/hosting"), lambda each: is_in(each, "sandbox/cloudformation"))
    nothing_in_the_way(way)


def test_what_drives_a_handler_to_its_end_does_without_moto() -> None:
    assert DRIVING in set(tree().modules.values()), f"there is no {DRIVING}"
    way = tree().way(DRIVING, lambda each: each.name.partition(".")[0] == "moto")
    nothing_in_the_way(way)


def test_the_json_protocol_knows_no_service() -> None:
    own = Path("sandbox/json_service")
    others = {
        str(path.parent)
        for path in tree().modules.values()
        if path.parts[0] == "sandbox" and len(path.parts) > 2 and own not in path.parents
    }
    assert others
    way = tree().way(own, lambda each: any(is_in(each, other) for other in others))
    nothing_in_the_way(way)


def test_contributing_lists_what_there_is() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    layout = text.partition("## How the code is laid out")[2].split("```")[1]
    listed: set[Path] = set()
    folders: list[Path] = []
    for indent, name in re.findall(r"^((?: {4})*)(\S+) +\S", layout, re.MULTILINE):
        folders[len(indent) // 4 :] = [Path(*folders[: len(indent) // 4][-1:], name)]
        listed.add(folders[-1])
    assert {str(path) for path in listed if not (ROOT / path).exists()} == set()
    assert len(listed) == len(layout.strip().splitlines()) - 1, "a line says nothing of its path"
    listed |= {parent for path in listed for parent in path.parents}
    there = {path for path in MODULES_OF_THE_PROVIDER.glob("*.py") if path.name != "__init__.py"}
    there |= {path for path in ROOT.iterdir() if path.is_dir() and path.name not in UNLISTED}
    there |= {path for name in ("sandbox", "tools") for path in (ROOT / name).iterdir()}
    unlisted = {
        str(path.relative_to(ROOT))
        for path in there
        if (path.is_dir() or path.parent == MODULES_OF_THE_PROVIDER)
        and not path.name.startswith((".", "__"))
    } - {str(path) for path in listed}
    assert unlisted == set()
