"""Templates with a mistake, beside those without it: a folder for each rule.

In ``mistaken-*.yaml`` the first line says what the mistake is, and ``# E9501`` ends each line at
which that rule has a finding. ``sound.yaml`` is without the mistake; ``sound-x.yaml`` belongs to
the templates whose names begin with ``mistaken-x``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
_MARK = re.compile(r" +# ([EWI]\d{4})$", re.MULTILINE)


@dataclass(frozen=True)
class Mistaken:
    """A template with a mistake."""

    path: Path
    sound: Path

    @property
    def text(self) -> str:
        """The template."""
        return self.path.read_text("utf-8")

    @property
    def title(self) -> str:
        """What the mistake is."""
        return self.text.partition("\n")[0].lstrip("# ").rstrip(".")

    @property
    def unmarked(self) -> str:
        """The template without its title and marks."""
        return _MARK.sub("", self.text.partition("\n")[2])

    @property
    def expected(self) -> list[tuple[int, str]]:
        """The lines at which there are findings, and of which rules."""
        return [
            (number, match[1])
            for number, line in enumerate(self.text.splitlines(), 1)
            if (match := _MARK.search(line))
        ]


def mistaken(rule: str) -> list[Mistaken]:
    """Return a rule's templates with mistakes."""
    paths = sorted((FOLDER / rule).glob("mistaken*.yaml"))
    return [Mistaken(path, _sound(path)) for path in paths]


def sound() -> list[Path]:
    """Return the templates without mistakes, of all rules."""
    return sorted(FOLDER.glob("*/sound*.yaml"))


def _sound(path: Path) -> Path:
    name = path.stem.removeprefix("mistaken")
    candidates = sorted(path.parent.glob("sound*.yaml"), key=lambda each: -len(each.stem))
    return next(each for each in candidates if name.startswith(each.stem.removeprefix("sound")))
