"""What asks before much is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from inventory.writes.terminal import asking


@pytest.mark.parametrize(
    ("typed", "expected"), [("y", True), ("Yes", True), ("n", False), ("", False), ("\x04", False)]
)
def test_only_a_yes_is_one_and_the_question_is_on_standard_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    expected: bool,
) -> None:
    controller, terminal = os.openpty()
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(controller, f"{typed}\n".encode() if typed != "\x04" else b"\x04")
        ask = asking()
        assert ask
        assert ask("arn\nDelete this definition?") is expected
    os.close(controller)
    assert capsys.readouterr() == ("", "arn\nDelete this definition? [y/N] ")


def test_where_standard_input_is_no_terminal_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Path(os.devnull).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert asking() is None
