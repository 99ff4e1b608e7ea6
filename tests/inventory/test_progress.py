"""Progress: shown on a terminal alone, and gone at the end."""

import os
import pty
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from inventory import progress
from inventory.progress import Progress

COLOUR = "\x1b[3"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEFORE_SHOWN", 0)


def shown(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    """What is shown on a terminal by calls from many threads."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **settings}.items():
        monkeypatch.setenv(name, value)
    ours, theirs = pty.openpty()
    before = set(threading.enumerate())
    with os.fdopen(theirs, "w", encoding="utf-8") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        with Progress() as bar, ThreadPoolExecutor(4) as pool:
            for done in range(5):
                pool.submit(bar.update, f"[red]{done} calls[/red]")
        for thread in set(threading.enumerate()) - before:
            thread.join(1)
            assert not thread.is_alive()
        bar.update("too late")
    text = b""
    # It can arrive in pieces. At its end, Linux gives an error and macOS nothing.
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while piece := screen.read(65536):
            text += piece
    return text.decode()


def test_a_bar_is_shown_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch)
    assert "calls[/red]" in text
    assert "too late" not in text
    erased, cursor = "\x1b[2K", "\x1b[?25h"
    assert text.endswith(erased)
    assert cursor in text
    assert COLOUR in text


def test_colour_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, NO_COLOR="1")
    assert "calls[/red]" in text
    assert COLOUR not in text


def test_nothing_is_shown_for_a_short_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEFORE_SHOWN", 60)
    assert shown(monkeypatch) == ""


def test_nothing_is_written_where_standard_error_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress() as bar:
        bar.update("2 calls")
    assert capsys.readouterr() == ("", "")
