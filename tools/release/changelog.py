"""CHANGELOG.md, version by version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEADING = re.compile(r"^## (?P<name>.+?)(?: - (?P<date>.+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One version of CHANGELOG.md."""

    name: str
    date: str | None
    text: str


def changelog(root: Path) -> list[Entry]:
    """The entries of CHANGELOG.md, newest first, including the one for unreleased changes."""
    text = (root / "CHANGELOG.md").read_text("utf-8")
    headings = list(HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [
        Entry(heading["name"], heading["date"], text[heading.end() : end].strip())
        for heading, end in zip(headings, ends, strict=True)
    ]
