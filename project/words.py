"""Words for messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of the names that a misspelt name probably means, in any case, if there is one."""
    by_lower = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=3)
    # Of names that are as similar, it is the one with the same letters: us-esat-1 is us-east-1.
    close.sort(key=lambda one: sorted(one) != sorted(name.lower()))
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question to append to a message about a name that does not exist, or nothing."""
    guess = nearest(name, names)
    return f" Did you mean {guess}?" if guess else ""


def nearest_path(path: Path) -> Path | None:
    """The file of the same folder that a misspelt path probably means, if there is one."""
    try:
        # Of files that differ only in their suffix, the one with the same suffix comes last.
        there = sorted(path.parent.iterdir(), key=lambda each: each.suffix == path.suffix)
    except OSError:
        return None
    # By their stems: all .yaml files have similar names.
    by_stem = {each.stem: each.name for each in there}
    stem = nearest(path.stem, by_stem)
    return path.with_name(by_stem[stem]) if stem else None


def listed(words: Sequence[str]) -> str:
    """The words as a sentence has them: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
