"""Generates files from the schema (models.py, docs/, resource-role.yaml), and pages of the guide.

    python -m tools.generate           write them
    python -m tools.generate --check   list the stale ones and exit with 1, changing nothing

Except for the corrections of property_pages.py, the files are what the CloudFormation CLI's own
`cfn generate` makes. It runs in a scratch copy, so that the project changes only once all files
have been generated.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from project import ROOT
from project.command_line import ArgumentParser, run
from project.settings import schema_path
from tools import coverage_page, messages_page, rule_pages
from tools.cloudformation_cli import CfnError, cfn, scratch_project
from tools.property_pages import corrected


def generated(root: Path = ROOT) -> dict[Path, str]:
    """The files that are generated from schema and code: each text by its path in the project.

    Raises CfnError if `cfn generate` fails.
    """
    with scratch_project(root) as project:
        cfn("generate", project)
        made = [project / "resource-role.yaml", *project.glob("src/*/*"), *project.glob("docs/*")]
        texts = {path.relative_to(project): path.read_text("utf-8") for path in sorted(made)}
    schema = json.loads(schema_path(root).read_text("utf-8"))
    pages = {path: corrected(path, text, schema) for path, text in texts.items()}
    return {
        **pages,
        messages_page.PAGE: messages_page.page(root),
        coverage_page.PAGE: coverage_page.page(),
        **rule_pages.pages(),
    }


def left_over(root: Path, fresh: dict[Path, str]) -> list[Path]:
    """Files among generated pages that are not generated, such as that of a structure now gone."""
    folders = [Path("docs"), rule_pages.FOLDER]
    files = sorted(
        path for folder in folders for path in (root / folder).glob("**/*") if path.is_file()
    )
    return [path for path in (file.relative_to(root) for file in files) if path not in fresh]


def stale(root: Path, fresh: dict[Path, str]) -> list[Path]:
    """The generated files that differ from the fresh ones, are missing, or are obsolete."""
    return [
        *(path for path, text in fresh.items() if _text(root / path) != text),
        *left_over(root, fresh),
    ]


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def write(root: Path, fresh: dict[Path, str]) -> None:
    """Update the generated files, and leave nothing else in docs/ and guide/rules/."""
    for path in left_over(root, fresh):
        (root / path).unlink()
    for path, text in fresh.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; returns its exit code."""
    parser = ArgumentParser(prog="python -m tools.generate", description="See the module.")
    parser.add_argument("--check", action="store_true", help="list stale files, change nothing")
    check = parser.parse_args(arguments).check
    try:
        fresh = generated(root)
    except CfnError as error:
        print(error, file=sys.stderr)
        return 1
    paths = stale(root, fresh)
    if not check:
        write(root, fresh)
    for path in paths:
        print(f"{path} is stale: run `make generate`" if check else f"{path} is now up to date")
    return 1 if check and paths else 0


if __name__ == "__main__":
    sys.exit(run(main))
