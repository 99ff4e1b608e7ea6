"""A package is built anew if anything that it depends on has changed, and else reused."""

import shutil
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from project import ROOT
from project.package_files import sbom_path
from tools.packaging import project_copy, reuse
from tools.packaging.reuse import build_if_changed

pytestmark = pytest.mark.once

ACME = "Acme::SageMaker::ModelQualityJobDefinition"
OTHER = "Other::SageMaker::ModelQualityJobDefinition"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The files of the project that a package is built of."""
    for path in project_copy.parts():
        copied = tmp_path / "project" / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copied)
    return tmp_path / "project"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The packages that were built, each with its number as its content: a real one takes long."""
    packages: list[Path] = []

    def build(type_name: str, folder: Path, _root: Path) -> Path:
        folder.mkdir()
        packages.append(folder / f"{type_name.partition('::')[0]}.zip")
        for path in (packages[-1], sbom_path(packages[-1])):
            path.write_text(str(len(packages)), "utf-8")
        return packages[-1]

    monkeypatch.setattr(reuse, "PACKAGES", tmp_path / "packages")
    monkeypatch.setattr(reuse, "build", build)
    monkeypatch.setattr(reuse, "implementation", lambda _python: ("CPython", "3.12.1"))
    monkeypatch.setattr(reuse, "compiler", lambda _root: Path("python3.12"))
    return packages


def test_of_the_same_sources_a_package_and_its_materials_are_built_once(
    built: list[Path], root: Path, tmp_path: Path
) -> None:
    first = build_if_changed(ACME, tmp_path / "first", root)
    again = build_if_changed(ACME, tmp_path / "again", root)
    assert built == [first]
    assert again == tmp_path / "again" / first.name
    for path in (again, sbom_path(again)):
        assert path.read_text("utf-8") == "1"


def test_any_file_of_the_project_that_changes_has_it_built_anew(
    built: list[Path], root: Path, tmp_path: Path
) -> None:
    build_if_changed(ACME, tmp_path / "0", root)
    for number, path in enumerate(list(project_copy.parts(root)), 1):
        path.write_text(f"{path.read_text('utf-8')}\n", "utf-8")
        build_if_changed(ACME, tmp_path / str(number), root)
        assert len(built) == number + 1, path


@pytest.mark.parametrize(
    "change",
    [
        lambda settings: settings.setattr(reuse, "implementation", lambda _: ("CPython", "3.12.2")),
        lambda settings: settings.setattr(zlib, "ZLIB_RUNTIME_VERSION", "another"),
        lambda settings: settings.setattr(sys, "version", "another"),
    ],
    ids=["the compiler", "zlib", "this Python"],
)
def test_what_builds_it_has_it_built_anew_when_it_changes(
    built: list[Path],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[pytest.MonkeyPatch], None],
) -> None:
    build_if_changed(ACME, tmp_path / "first", root)
    change(monkeypatch)
    build_if_changed(ACME, tmp_path / "again", root)
    assert len(built) == 2


def test_each_type_name_has_a_package_of_its_own(
    built: list[Path], root: Path, tmp_path: Path
) -> None:
    for number, name in enumerate((ACME, OTHER, ACME, OTHER)):
        build_if_changed(name, tmp_path / str(number), root)
    assert [path.name for path in built] == ["Acme.zip", "Other.zip"]


def test_without_a_compiler_nothing_is_reused(
    built: list[Path], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuse, "compiler", lambda _root: None)
    for number in range(2):
        build_if_changed(ACME, tmp_path / str(number), root)
    assert len(built) == 2
    assert not reuse.PACKAGES.exists()


def test_the_ten_that_were_asked_for_last_are_kept(
    built: list[Path], root: Path, tmp_path: Path
) -> None:
    for number in range(11):
        (root / "VERSION").write_text(str(number), "utf-8")
        build_if_changed(ACME, tmp_path / str(number), root)
    assert len(list(reuse.PACKAGES.iterdir())) == 10
    for kept in (10, 1):
        (root / "VERSION").write_text(str(kept), "utf-8")
        build_if_changed(ACME, tmp_path / f"again-{kept}", root)
    assert len(built) == 11
