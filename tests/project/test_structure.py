"""What of the project may import what, as the README's part about its layout has it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from project import ROOT

OURS = {"sandbox", "tools", "benchmarks", "tests"}


def imported(*paths: Path) -> Iterator[str]:
    """The modules of the project, outside of src/, that files import by their full names."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (name for name in names if name.partition(".")[0] in OURS)


def test_what_ships_imports_nothing_of_the_tools_around_it() -> None:
    assert set(imported(*ROOT.glob("src/**/*.py"))) == set()


def test_the_sandbox_imports_of_the_tools_only_what_imports_nothing_of_the_project() -> None:
    modules = {
        Path(*name.split(".")[:2])
        for name in imported(*ROOT.glob("sandbox/**/*.py"))
        if not name.startswith("sandbox")
    }
    assert modules == {
        Path("tools", name) for name in ("environment", "package_files", "type_name")
    }
    assert set(imported(*(ROOT / module.with_suffix(".py") for module in modules))) == set()
