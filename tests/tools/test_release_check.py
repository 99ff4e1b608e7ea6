"""`make release-check`, from a clone to the files of a release."""

import fnmatch
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.harness.benchmark_results import measured
from tests.harness.documents import Document, readers_environment, working_copy
from tests.harness.git import commit, git
from tools.packaging.lambda_python import compiler
from tools.release import checklist as release
from tools.release.checklist import Release

# It builds three packages.
pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this project where the steps before the checklist are done, for version 99.0.0."""
    root = working_copy(tmp_path / "clone")
    changed = {
        Path("VERSION"): (r".+", "99.0.0"),
        Path("CHANGELOG.md"): (r"## Unreleased\n", "\\g<0>\n## 99.0.0 - 2026-01-31\n\n- New.\n"),
    }
    for path, (before, after) in changed.items():
        text, count = re.subn(before, after, (root / path).read_text("utf-8"))
        assert count == 1, path
        (root / path).write_text(text, "utf-8")
    measured(root)
    git(root, "init", "--quiet")
    commit(root)
    git(root, "tag", "v99.0.0")
    return root


def test_make_release_check_in_a_clone_leaves_the_files_that_the_page_lists(clone: Path) -> None:
    checked = subprocess.run(
        ["make", "release-check", "TAG=v99.0.0"],
        cwd=clone,
        env=readers_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = checked.stdout.partition("\n\n")[0].splitlines()
    marks = {line[4:].partition("  ")[0]: line[:2] for line in lines}
    # What ships is compiled by a Python that not every machine has.
    others = {} if compiler() else {"compiler": "NO"}
    assert marks == {**dict.fromkeys(release.CHECKLIST, "ok"), **others}
    assert checked.returncode == len(others), checked.stdout + checked.stderr

    here = Release(clone, clone / "dist" / "release")
    left = {path.name for path in here.folder.iterdir()}
    rows = Document.read(Path("guide/releasing.md")).table("What a release has")
    listed = [row["file"].strip("`") for row in rows]
    packages = [name for name in listed if name.endswith(".zip")]
    materials = {Path(name).with_suffix(".cdx.json").name for name in packages}
    assert materials == set(fnmatch.filter(left, "*.cdx.json"))
    assert left == {*listed, *materials} - {"*.cdx.json"}

    sums = (here.folder / release.CHECKSUMS).read_text("utf-8").splitlines()
    stated = {name: digest for digest, name in (line.split("  ") for line in sums)}
    assert stated.keys() == {*packages, *materials}
    for name, digest in stated.items():
        assert hashlib.sha256((here.folder / name).read_bytes()).hexdigest() == digest
    for name in materials:
        document = json.loads((here.folder / name).read_text("utf-8"))
        assert document["metadata"]["component"]["version"] == "99.0.0"
    assert (here.folder / release.NOTES).read_text("utf-8").startswith("- New.\n")

    (here.folder / packages[0]).write_bytes(b"another")
    with pytest.raises(release.NotReady, match="does not belong to the package beside it"):
        release.materials_are_listed(here)
