"""Makes what comes from the schema (models.py, docs/, resource-role.yaml) and guide/messages.md.

    python -m tools.generate           write them
    python -m tools.generate --check   name the stale ones and exit 1, changing nothing

The first three are what the CloudFormation CLI's own `cfn generate` makes, except for what
it gets wrong in docs/ (see _corrected). It runs in a scratch copy, so that the project changes
only once everything has been made.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from project import ROOT
from project.package_files import SETTINGS
from project.settings import schema_path, type_name
from project.type_name import module
from tools import messages_page

RUN_CFN = "from rpdk.core.cli import main; main()"


class CfnError(Exception):
    """The CloudFormation CLI failed; the message is its output."""


@contextmanager
def scratch_project(root: Path = ROOT) -> Iterator[Path]:
    """A temporary folder with as much of the project as the CLI needs: its settings and schema."""
    with tempfile.TemporaryDirectory(prefix="cfn-") as folder:
        project = Path(folder)
        shutil.copy(root / SETTINGS, project)
        shutil.copy(schema_path(root), project)
        (project / "src" / module(type_name(root))).mkdir(parents=True)
        yield project


def cfn(
    command: str, project: Path, *options: str, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Run `cfn COMMAND` in a project and give the lines that it prints.

    It has the environment ``environ``, or this process's. It leaves its log, rpdk.log, in that
    folder. Raises CfnError.
    """
    answer = subprocess.run(
        [sys.executable, "-c", RUN_CFN, command, *options],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        message = f"cfn {command} failed:\n{answer.stdout}{answer.stderr}".strip()
        raise CfnError(message)
    return answer.stdout.splitlines()


def generated(root: Path = ROOT) -> dict[Path, str]:
    """What `cfn generate` makes of the schema: text by path, the paths relative to the project.

    Raises CfnError.
    """
    with scratch_project(root) as project:
        cfn("generate", project)
        made = [project / "resource-role.yaml", *project.glob("src/*/*"), *project.glob("docs/*")]
        texts = {path.relative_to(project): path.read_text("utf-8") for path in sorted(made)}
    schema = json.loads(schema_path(root).read_text("utf-8"))
    corrected = {path: _corrected(path, text, schema) for path, text in texts.items()}
    return {**corrected, messages_page.PAGE: messages_page.page(root)}


_UPDATES = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
    "using-cfn-updating-stacks-update-behaviors.html"
)
_IN_PLACE = f"[No interruption]({_UPDATES}#update-no-interrupt)"
_REPLACEMENT = f"[Replacement]({_UPDATES}#update-replacement)"
_ANCHOR = re.compile(r'(?<=href="#)[^"]+')


def _corrected(path: Path, text: str, schema: dict[str, Any]) -> str:
    """A page of docs/ with what the CLI gets wrong about nested structures put right.

    - It looks for the members of a structure among the create-only properties, which list only the
      property that holds the structure. So it writes that changing a member is no interruption.
    - It takes every member that anyOf names to be required, although one of them is enough.
    - It links to a heading by the whole name, also where that is a pattern. The anchor of a heading
      has only the letters, digits, underscores and hyphens of it.
    """
    names = {name.lower(): name for name in schema["definitions"]}
    name = names.get(path.stem.partition("-")[0]) if path.parent.name == "docs" else None
    if name is None:
        return text
    text = _ANCHOR.sub(lambda anchor: re.sub(r"[^\w-]", "", anchor[0]), text)
    if name not in _definitions_updated_in_place(schema):
        text = text.replace(_IN_PLACE, _REPLACEMENT)
    definition = schema["definitions"][name]
    for alternative in definition.get("anyOf", ()):
        for member in set(alternative["required"]) - set(definition.get("required", ())):
            before, heading, section = text.partition(f"#### {member}\n")
            section = section.replace("_Required_: Yes", "_Required_: No", 1)
            text = before + heading + section
    return text


def _definitions_updated_in_place(schema: dict[str, Any]) -> set[str]:
    """The definitions that a property refers to that is not create-only, at any depth."""
    create_only = {pointer.rpartition("/")[2] for pointer in schema["createOnlyProperties"]}
    found: set[str] = set()
    open_ends = [value for name, value in schema["properties"].items() if name not in create_only]
    while open_ends:
        part = open_ends.pop()
        if isinstance(part, list):
            open_ends += part
        elif isinstance(part, dict):
            open_ends += part.values()
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                open_ends.append(schema["definitions"][name])
    return found


def left_over(root: Path, fresh: dict[Path, str]) -> list[Path]:
    """Files of docs/ that are not generated, such as the page of a structure that is gone."""
    files = sorted(path for path in root.glob("docs/**/*") if path.is_file())
    return [path for path in (file.relative_to(root) for file in files) if path not in fresh]


def stale(root: Path, fresh: dict[Path, str]) -> list[Path]:
    """The generated files that differ from the fresh ones, are missing, or are left over."""
    return [
        *(path for path, text in fresh.items() if _text(root / path) != text),
        *left_over(root, fresh),
    ]


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def write(root: Path, fresh: dict[Path, str]) -> None:
    """Bring the generated files up to date, and leave nothing else in docs/."""
    for path in left_over(root, fresh):
        (root / path).unlink()
    for path, text in fresh.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description="See the module.")
    parser.add_argument("--check", action="store_true", help="name stale files, change nothing")
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
        print(f"{path} is stale: run `make generate`" if check else f"{path} is up to date now")
    return 1 if check and paths else 0


if __name__ == "__main__":
    sys.exit(main())
