"""Makes what comes from the schema: models.py, docs/ and resource-role.yaml.

    python -m tools.generate           write them
    python -m tools.generate --check   name the stale ones and exit 1, changing nothing

They are what the CloudFormation CLI's own `cfn generate` makes, to the last byte. It runs in a
scratch copy, because in the project it would begin by deleting docs/ with all that people wrote
there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ".rpdk-config"
RUN_CFN = "from rpdk.core.cli import main; main()"


class CfnError(Exception):
    """The CloudFormation CLI failed; the message is its output."""


def type_name(root: Path = ROOT) -> str:
    """The name of the project's type, such as AWS::SageMaker::ModelQualityJobDefinition."""
    settings: dict[str, str] = json.loads((root / SETTINGS).read_text("utf-8"))
    return settings["typeName"]


def schema_path(root: Path = ROOT) -> Path:
    """The schema's file, which the CLI looks for under the type's name."""
    return root / f"{type_name(root).replace('::', '-').lower()}.json"


@contextmanager
def scratch_project(root: Path = ROOT) -> Iterator[Path]:
    """A temporary folder with as much of the project as the CLI needs: its settings and schema."""
    with tempfile.TemporaryDirectory(prefix="cfn-") as folder:
        project = Path(folder)
        shutil.copy(root / SETTINGS, project)
        shutil.copy(schema_path(root), project)
        (project / "src" / type_name(root).replace("::", "_").lower()).mkdir(parents=True)
        yield project


def cfn(command: str, project: Path) -> list[str]:
    """Run `cfn COMMAND` in a project and give the lines that it prints.

    It leaves its log, rpdk.log, in that folder. Raises CfnError.
    """
    answer = subprocess.run(
        [sys.executable, "-c", RUN_CFN, command],
        cwd=project,
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
        return {path.relative_to(project): path.read_text("utf-8") for path in sorted(made)}


def left_over(root: Path, fresh: dict[Path, str]) -> list[Path]:
    """Generated pages of docs/ whose part of the schema is gone.

    The CLI puts the type's name first in the title of each page; people's own pages don't.
    """
    title = f"# {type_name(root)}"
    pages = [page.relative_to(root) for page in sorted(root.glob("docs/*.md"))]
    return [
        page
        for page in pages
        if page not in fresh and (root / page).read_text("utf-8").startswith(title)
    ]


def stale(root: Path, fresh: dict[Path, str]) -> list[Path]:
    """The generated files that differ from the fresh ones, are missing, or are left over."""
    return [
        *(path for path, text in fresh.items() if _text(root / path) != text),
        *left_over(root, fresh),
    ]


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def write(root: Path, fresh: dict[Path, str]) -> None:
    """Bring the generated files up to date, and touch nothing else."""
    for page in left_over(root, fresh):
        (root / page).unlink()
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
