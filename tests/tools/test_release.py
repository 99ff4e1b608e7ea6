"""The release checklist: each step passes where it should, or else says what to do."""

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from project import ROOT
from project.package_files import SETTINGS
from tests.harness.benchmark_results import measured
from tests.harness.git import commit, git
from tools.measured_sources import sources, sources_of_inventory
from tools.release import checklist as release
from tools.release.changelog import changelog
from tools.release.checklist import Release

ENTRY = "## 1.2.3 - 2026-01-31\n\n### Fixed\n\n- Something.\n"
# Of what the figures in each page of benchmarks depend on.
SOURCE = Path("sandbox", "server.py")
SQL_SOURCE = Path("inventory", "statement.py")
TOMORROW = dt.datetime.now(dt.timezone.utc).date() + dt.timedelta(days=1)


@pytest.fixture
def project(tmp_path: Path) -> Release:
    """A project whose version 1.2.3 is ready, as far as git and its texts go."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "VERSION").write_text("1.2.3\n")
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n## Unreleased\n\n{ENTRY}")
    (root / release.BENCHMARKS).parent.mkdir()
    shutil.copy(ROOT / SETTINGS, root)
    for source in (SOURCE, SQL_SOURCE):
        (root / source).parent.mkdir()
        (root / source).write_text("as it was")
    measured(root)
    git(root, "init", "--quiet")
    commit(root)
    return Release(root, tmp_path / "release")


def test_a_project_that_is_ready_passes_the_steps_that_read_it(project: Release) -> None:
    assert release.version_is_semantic(project) == "1.2.3"
    assert release.changes_are_told(project) == "1.2.3, 2026-01-31"
    assert release.benchmarks_are_fresh(project) == "of 1.2.3, from the current sources"
    assert re.fullmatch("[0-9a-f]{7,}", release.work_tree_is_clean(project))
    assert release.tag_is_free(project) == "v1.2.3 does not exist yet"
    git(project.root, "tag", "v1.2.3")
    assert release.tag_is_free(project) == "v1.2.3 is the tag of this commit"


@pytest.mark.parametrize(
    "version",
    ["1.2", "v1.2.3", "1.2.03", "1.2.3 ", "1.2.3+build", "1.0.0-rc.1", "1.0.0-01", "1.2.٣", ""],
)
def test_a_version_that_is_none_is_refused(project: Release, version: str) -> None:
    (project.root / "VERSION").write_text(f"{version}x\n" if version.endswith(" ") else version)
    with pytest.raises(release.NotReady, match=r"VERSION is .* three numbers.* no pre-releases"):
        release.version_is_semantic(project)


def test_a_tag_of_another_version_is_refused(project: Release) -> None:
    tagged = Release(project.root, project.folder, tag="v1.2.4")
    with pytest.raises(release.NotReady, match=r"The tag is v1\.2\.4, and VERSION is 1\.2\.3"):
        release.version_is_semantic(tagged)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"## Unreleased\n\n- More.\n\n{ENTRY}", r"Move them to 1\.2\.3\."),
        ("## Unreleased\n", r"Add `## 1\.2\.3 - \d{4}-\d\d-\d\d`"),
        (f"## 1.3.0 - 2026-02-01\n\n- New.\n\n{ENTRY}", "does not begin with this version"),
        ("## [1.2.3] - 2026-01-31\n\n- Something.\n", r"Add `## 1\.2\.3 - "),
        ("## 1.2.3\n\n- Something.\n", "has None for the date"),
        ("## 1.2.3 - 31.1.2026\n\n- Something.\n", r"has '31\.1\.2026' for the date"),
        (f"## 1.2.3 - {TOMORROW}\n\n- Something.\n", "in the future"),
        ("## 1.2.3 - 2026-01-31\n", r"says nothing about 1\.2\.3"),
    ],
)
def test_a_changelog_that_does_not_tell_the_version_is_refused(
    project: Release, text: str, message: str
) -> None:
    (project.root / "CHANGELOG.md").write_text(text)
    with pytest.raises(release.NotReady, match=message):
        release.changes_are_told(project)


def test_benchmarks_of_another_version_are_refused(project: Release) -> None:
    (project.root / "VERSION").write_text("1.2.4\n")
    with pytest.raises(
        release.NotReady, match=r"of version 1\.2\.3, but this is 1\.2\.4\. Run `make"
    ):
        release.benchmarks_are_fresh(project)


@pytest.mark.parametrize(
    ("source", "digest", "command"),
    [(SOURCE, sources, "make bench"), (SQL_SOURCE, sources_of_inventory, "make bench-sql")],
)
def test_benchmarks_of_other_sources_are_refused_until_they_are_measured(
    source: Path, digest: Callable[[Path], str], command: str, project: Release
) -> None:
    before = digest(project.root)
    (project.root / source).write_text("as it is")
    with pytest.raises(
        release.NotReady,
        match=f"of sources {before}, but this is {digest(project.root)}. Run `{command}`,",
    ):
        release.benchmarks_are_fresh(project)
    measured(project.root)
    assert release.benchmarks_are_fresh(project)


@pytest.mark.parametrize("page", [release.BENCHMARKS, release.SQL_BENCHMARKS])
@pytest.mark.parametrize("what", ["Version", "Of the sources"])
def test_benchmarks_that_do_not_say_of_what_they_are_are_refused(
    what: str, page: Path, project: Release
) -> None:
    path = project.root / page
    path.write_text(re.sub(f"(?m)^{what} .*\n", "", path.read_text("utf-8")), "utf-8")
    with pytest.raises(release.NotReady, match=r"that it does not name, .* Run `make bench"):
        release.benchmarks_are_fresh(project)


def test_a_change_that_is_not_committed_is_named(project: Release) -> None:
    (project.root / "new.txt").touch()
    with pytest.raises(
        release.NotReady, match=r"1 files have uncommitted changes, such as new\.txt"
    ):
        release.work_tree_is_clean(project)


def test_a_tag_that_another_commit_has_is_not_moved(project: Release) -> None:
    git(project.root, "tag", "v1.2.3")
    commit(project.root)
    with pytest.raises(
        release.NotReady, match=r"is already the tag of \w+\. Raise the number in VERSION"
    ):
        release.tag_is_free(project)


def test_packages_without_bytecode_are_not_released(project: Release) -> None:
    (project.root / ".rpdk-config").write_text('{"runtime": "python3.99"}')
    with pytest.raises(release.NotReady, match=r"no Python 3\.99 .* Install Python 3\.99, and"):
        release.compiler_is_here(project)


def test_outside_of_a_clone_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(release.NotReady, match="not a git repository"):
        release.work_tree_is_clean(Release(tmp_path, tmp_path))


def test_the_checklist_is_gone_through_to_its_end_and_fails_where_one_step_does(
    project: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "VERSION").write_text("one")
    steps = ("version", "changelog", "committed")
    assert not release.check(project, {name: release.CHECKLIST[name] for name in steps})
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["NO", "NO", "NO"]
    assert "VERSION is 'one'" in lines[0]


def test_this_projects_version_is_the_newest_that_its_changelog_tells_of() -> None:
    version = release.version_is_semantic(Release(ROOT, ROOT / "dist"))
    names = [entry.name for entry in changelog(ROOT)]
    assert names[:2] == ["Unreleased", version]


class TestWorkflows:
    WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
    def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it(
        self, workflow: Path
    ) -> None:
        used = re.findall(r"uses: (.+)", workflow.read_text("utf-8"))
        assert used
        for action in used:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action

    @pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
    def test_a_job_may_read_and_no_more_unless_it_publishes(self, workflow: Path) -> None:
        document = yaml.safe_load(workflow.read_text("utf-8"))
        assert document["permissions"] == {"contents": "read"}
        writing = {
            name: set(job["permissions"])
            for name, job in document["jobs"].items()
            if "permissions" in job
        }
        publishing = {
            "release.yml": {"release": {"contents", "id-token", "attestations"}},
            "site.yml": {"publish": {"pages", "id-token"}},
        }
        assert writing == publishing.get(workflow.name, {})

    def test_the_release_is_made_of_what_the_checklist_leaves_after_the_tests(self) -> None:
        [workflow] = [path for path in self.WORKFLOWS if path.name == "release.yml"]
        jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
        assert jobs["release"]["needs"] == "test"
        runs = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
        assert ".ci/run" in runs
        [checklist] = [run for run in runs if run.startswith("make release-check ")]
        assert 'TAG="$GITHUB_REF_NAME"' in checklist
        # No text of a tag or a variable becomes a command.
        assert not any("${{" in run for run in runs)
        [attested] = [
            step["with"]
            for step in jobs["release"]["steps"]
            if "attest-build-provenance" in step.get("uses", "")
        ]
        assert attested == {"subject-checksums": f"dist/release/{release.CHECKSUMS}"}
