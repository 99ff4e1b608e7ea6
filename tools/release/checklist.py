"""The steps of the checklist, and the files that they make."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from project import settings
from project.type_name import EXAMPLE, TypeNameError
from tools import generate
from tools.cloudformation_cli import CfnError
from tools.measured_sources import sources, sources_of_inventory
from tools.packaging import PackagingError, build, sbom_path
from tools.packaging.lambda_python import compiler, implementation, without_compiler
from tools.release.changelog import changelog

CHECKSUMS = "SHA256SUMS"
NOTES = "notes.md"
BENCHMARKS = Path("guide", "benchmarks.md")
SQL_BENCHMARKS = Path("guide", "sql-benchmarks.md")
# https://semver.org/spec/v2.0.0.html, without pre-releases and build metadata: each tag is released
# as the latest version.
VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
MEASURED = re.compile(r"^Version (\S+), Python ", re.MULTILINE)
MEASURED_SOURCES = re.compile(r"^Of the sources `(\w+)`", re.MULTILINE)


class NotReady(Exception):
    """A step of the checklist failed; the message says why and what to do."""


@dataclass(frozen=True)
class Release:
    """What is to be released.

    root: the project. folder: where the files go. own_name: the type's name in the second package.
    tag: the tag of the release, if it exists already.
    """

    root: Path
    folder: Path
    own_name: str = EXAMPLE
    tag: str | None = None

    @property
    def version(self) -> str:
        """The version, which only the file VERSION has."""
        return (self.root / "VERSION").read_text("utf-8").strip()


def version_is_semantic(release: Release) -> str:
    """VERSION has a semantic version, and the tag is the same."""
    version = release.version
    if not VERSION.fullmatch(version):
        raise NotReady(
            f"VERSION is {version!r}. Write three numbers, such as 1.2.3, and nothing else: there "
            "are no pre-releases."
        )
    if release.tag not in (None, f"v{version}"):
        raise NotReady(f"The tag is {release.tag}, and VERSION is {version}. Tag it v{version}.")
    return version


def changes_are_told(release: Release) -> str:
    """CHANGELOG.md begins with the version, its date and what changed."""
    entries = changelog(release.root)
    unreleased = [entry for entry in entries if entry.name == "Unreleased"]
    if any(entry.text for entry in unreleased):
        raise NotReady(
            f"CHANGELOG.md has changes under Unreleased. Move them to {release.version}."
        )
    released = [entry for entry in entries if entry.name != "Unreleased"]
    if not released or released[0].name != release.version:
        raise NotReady(
            f"CHANGELOG.md does not begin with this version. Add "
            f"`## {release.version} - {_today()}`, and below it what changed for users."
        )
    entry = released[0]
    try:
        date = dt.date.fromisoformat(entry.date or "")
    except ValueError:
        raise NotReady(
            f"CHANGELOG.md has {entry.date!r} for the date of {entry.name}. Write {_today()}."
        ) from None
    if date > _today():
        raise NotReady(f"CHANGELOG.md dates {entry.name} to {date}, which is in the future.")
    if not entry.text:
        raise NotReady(
            f"CHANGELOG.md says nothing about {entry.name}. Write what changed for users."
        )
    return f"{entry.name}, {entry.date}"


def benchmarks_are_fresh(release: Release) -> str:
    """Both pages of figures were written for this version, from these sources."""
    for page, command, digest in (
        (BENCHMARKS, "make bench", sources(release.root)),
        (SQL_BENCHMARKS, "make bench-sql", sources_of_inventory(release.root)),
    ):
        text = (release.root / page).read_text("utf-8")
        for what, pattern, here in (
            ("version", MEASURED, release.version),
            ("sources", MEASURED_SOURCES, digest),
        ):
            found = pattern.search(text)
            if not found or found[1] != here:
                raise NotReady(
                    f"{page} is of {what} {found[1] if found else 'that it does not name'}, but "
                    f"this is {here}. Run `{command}`, and commit."
                )
    return f"of {release.version}, from the current sources"


def work_tree_is_clean(release: Release) -> str:
    """Everything that would be released is committed."""
    changed = _git(release.root, "status", "--porcelain").splitlines()
    if changed:
        raise NotReady(
            f"{len(changed)} files have uncommitted changes, such as {changed[0][3:]}. Commit or "
            "stash them."
        )
    return _git(release.root, "rev-parse", "--short", "HEAD")


def tag_is_free(release: Release) -> str:
    """No other commit has the tag of the version."""
    tag = f"v{release.version}"
    if tag not in _git(release.root, "tag", "--list", tag).splitlines():
        return f"{tag} does not exist yet"
    tagged = _git(release.root, "rev-parse", f"{tag}^{{commit}}")
    if tagged != _git(release.root, "rev-parse", "HEAD"):
        raise NotReady(f"{tag} is already the tag of {tagged[:7]}. Raise the number in VERSION.")
    return f"{tag} is the tag of this commit"


def generated_files_are_fresh(release: Release) -> str:
    """models.py, docs/ and resource-role.yaml match the schema."""
    stale = generate.stale(release.root, generate.generated(release.root))
    if stale:
        raise NotReady(f"{stale[0]} is stale. Run `make generate`, and commit.")
    return "match the schema"


def compiler_is_here(release: Release) -> str:
    """There is a Python of Lambda's version, without which packages have no bytecode."""
    python = compiler(release.root)
    if python is None:
        raise NotReady(without_compiler(release.root))
    return " ".join(implementation(python))


def packages_are_made(release: Release) -> str:
    """The package is built under the type's own name, and under one that can be registered."""
    names = (settings.type_name(release.root), release.own_name)
    packages = [build(name, release.folder, release.root) for name in names]
    return ", ".join(f"{path.name} ({path.stat().st_size:,} bytes)" for path in packages)


def package_is_reproducible(release: Release) -> str:
    """Another build, in another folder, gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="release-") as elsewhere:
        again = build(settings.type_name(release.root), Path(elsewhere), release.root)
        for path in (again, sbom_path(again)):
            if path.read_bytes() != (release.folder / path.name).read_bytes():
                raise NotReady(
                    f"Two builds of {path.name} differ. Something in it depends on the time, on a "
                    "path or on an order."
                )
    return "a second build gives the same bytes"


def materials_are_listed(release: Release) -> str:
    """Each package has a bill of materials with this version and this hash."""
    packages = sorted(release.folder.glob("*.zip"))
    for package in packages:
        component = json.loads(sbom_path(package).read_text("utf-8"))["metadata"]["component"]
        if component["version"] != release.version:
            raise NotReady(f"{sbom_path(package).name} is of version {component['version']}.")
        if _sha256(package) not in [each["content"] for each in component["hashes"]]:
            raise NotReady(f"{sbom_path(package).name} does not belong to the package beside it.")
    return f"for {len(packages)} packages"


def checksums_are_written(release: Release) -> str:
    """SHA256SUMS, which `sha256sum --check` reads, and the notes are written."""
    files = sorted(path for path in release.folder.iterdir() if path.name != NOTES)
    sums = "".join(f"{_sha256(path)}  {path.name}\n" for path in files)
    (release.folder / CHECKSUMS).write_text(sums, "utf-8")
    notes = next(entry for entry in changelog(release.root) if entry.name == release.version)
    (release.folder / NOTES).write_text(f"{notes.text}\n", "utf-8")
    return f"{release.folder}/{CHECKSUMS}, for {len(files)} files"


CHECKLIST: dict[str, Callable[[Release], str]] = {
    "version": version_is_semantic,
    "changelog": changes_are_told,
    "benchmarks": benchmarks_are_fresh,
    "committed": work_tree_is_clean,
    "tag": tag_is_free,
    "generated files": generated_files_are_fresh,
    "compiler": compiler_is_here,
    "packages": packages_are_made,
    "reproducible": package_is_reproducible,
    "materials": materials_are_listed,
    "checksums": checksums_are_written,
}
"""The steps, in order, by what each of them checks."""


def check(release: Release, checklist: dict[str, Callable[[Release], str]] = CHECKLIST) -> bool:
    """Go through the checklist, and print a line for each step; returns whether all passed."""
    shutil.rmtree(release.folder, ignore_errors=True)
    release.folder.mkdir(parents=True)
    passed = True
    for name, step in checklist.items():
        try:
            outcome, mark = step(release), "ok"
        except (NotReady, PackagingError, TypeNameError, CfnError, OSError) as failure:
            outcome, mark, passed = str(failure), "NO", False
        print(f"{mark}  {name:16} {outcome}", flush=True)
    return passed


def _git(root: Path, *arguments: str) -> str:
    """What git prints. Raises NotReady if it fails, for example outside of a clone."""
    answer = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise NotReady(f"git {arguments[0]}: {answer.stderr.strip()}")
    return answer.stdout.strip("\n")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _today() -> dt.date:
    return dt.datetime.now(dt.timezone.utc).date()
