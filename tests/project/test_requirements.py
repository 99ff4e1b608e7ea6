"""What ships, what the demo runs with and what is tested are the same packages, all locked."""

import re
from pathlib import Path

import pytest

from project import ROOT
from project.environment import LOCKS, PURPOSES

SHIPPED = ROOT / "requirements.txt"
ALL_LOCKS = [SHIPPED, *(LOCKS / f"{name}.txt" for name in PURPOSES)]

# A requirement, as far as its hashes; those follow on lines of their own.
REQUIREMENT = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[a-z,]+\])?==(?P<rest>.*?) \\$", re.MULTILINE)


def pins(lock: Path) -> set[tuple[str, str]]:
    """The packages of a lock, each with its version and the Pythons that it is for."""
    return {
        (match["name"], match["rest"]) for match in REQUIREMENT.finditer(lock.read_text("utf-8"))
    }


def test_what_ships_is_what_the_sandbox_runs_and_that_is_what_is_tested() -> None:
    assert pins(SHIPPED)
    assert pins(SHIPPED) < pins(LOCKS / "sandbox.txt") < pins(LOCKS / "dev.txt")


def test_there_is_a_list_for_every_lock_and_a_lock_for_every_list() -> None:
    lists = {path.stem for path in LOCKS.glob("*.in")}
    assert lists == {path.stem for path in LOCKS.glob("*.txt")} | {"lambda"}
    assert lists == set(PURPOSES) | {"lambda"}


@pytest.mark.parametrize("lock", ALL_LOCKS, ids=lambda lock: lock.stem)
def test_every_package_of_a_lock_has_a_version_and_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    entries = [
        entry
        for entry in re.split(r"\n(?=\S)", text)
        if entry.strip() and not entry.startswith("#")
    ]
    assert entries
    for entry in entries:
        assert REQUIREMENT.match(entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in text
    assert "index-url" not in text
