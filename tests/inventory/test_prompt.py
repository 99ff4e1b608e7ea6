"""The prompt: what is answered, what it lists and completes, and what ends nothing."""

import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from inventory.errors import InventoryError, QueryRefused
from inventory.prompt import HELP, _FileHistory, _Words, run
from project import ROOT

DEFINITIONS = "aws.sagemaker.model_quality_job_definitions"
ERRORS = "aws.sagemaker.errors"
TABLES = {
    DEFINITIONS: {"job_definition_arn": "VARCHAR", "tags": "JSON"},
    ERRORS: {"region": "VARCHAR"},
}
QUERIES = {"@orphans": "what no schedule uses", "@untagged tag=…": "what lacks a tag"}
CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history"


def typing(text: str, history: Path, answer: Callable[[str], None] | None = None) -> list[str]:
    """What is answered of what is typed, which has to end."""
    asked: list[str] = []
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(text)
        assert run(TABLES, QUERIES, answer or asked.append, history) == 0
    return asked


def test_a_query_ends_with_the_semicolon_at_the_end_of_a_line(history: Path) -> None:
    text = "SELECT ';' AS a,\r  1; -- one\r  ; \r\r@orphans\r@untagged tag=a\r" + CTRL_D
    assert typing(text, history) == [
        "SELECT ';' AS a,\n  1; -- one\n  ;",
        "@orphans",
        "@untagged tag=a",
    ]


def test_the_commands_list_what_there_is(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def printed(command: str) -> str:
        assert typing(f"{command}\r.quit\r", history) == []
        return capsys.readouterr().out

    assert printed(".tables") == f"{DEFINITIONS}\n{ERRORS}\n"
    definitions = f"{DEFINITIONS}\n  job_definition_arn  VARCHAR\n  tags                JSON\n"
    assert printed(f".schema {DEFINITIONS};") == definitions
    assert printed(".schema Model_Quality_Job_Definitions") == definitions
    assert printed(".schema") == f"{definitions}{ERRORS}\n  region  VARCHAR\n"
    assert printed(".queries") == (
        "@orphans\n  what no schedule uses\n@untagged tag=…\n  what lacks a tag\n"
    )
    assert printed(".help") == HELP
    assert len(HELP.splitlines()) == 10


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (".table", "There is no command .table. Did you mean .tables? .help lists them."),
        (".schema eror", f"There is no table eror. Did you mean {ERRORS}? .tables lists them."),
        (".schema xyz", "There is no table xyz. .tables lists them."),
        (".schema ors", f"There is no table ors. Did you mean {ERRORS}?"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_the_nearest(
    history: Path, capsys: pytest.CaptureFixture[str], typed: str, words: str
) -> None:
    typing(f"{typed}\r.quit\r", history)
    said = capsys.readouterr()
    assert (said.out, said.err[: len(words)]) == ("", words)


@pytest.mark.parametrize("error", [QueryRefused("no"), InventoryError("no"), KeyboardInterrupt()])
def test_a_query_that_fails_or_is_interrupted_ends_nothing_else(
    history: Path, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    asked = []

    def answer(query: str) -> None:
        asked.append(query)
        raise error

    typing(f"SELECT 1;\rSELECT 2;\r{CTRL_D}", history, answer)
    assert asked == ["SELECT 1;", "SELECT 2;"]
    assert capsys.readouterr().err == ("" if isinstance(error, KeyboardInterrupt) else "no\nno\n")


@pytest.mark.parametrize("word", ["exit", "quit;", "QUIT"])
def test_help_and_the_end_need_no_dot(
    history: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert typing(f"help\r{word}\r", history) == []
    assert capsys.readouterr().out == HELP


def test_ctrl_c_clears_what_is_typed(history: Path) -> None:
    assert typing(f"SELECT\r1{CTRL_C}SELECT 2;\r{CTRL_D}", history) == ["SELECT 2;"]


def test_what_was_typed_comes_back_later_and_only_for_this_user(history: Path) -> None:
    typing(f"SELECT 1;\r{CTRL_D}", history)
    assert typing(f"{UP}\r{CTRL_D}", history) == ["SELECT 1;"]
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700


def test_it_works_where_no_history_can_be_kept() -> None:
    assert typing(f"SELECT 1;\r{CTRL_D}", Path("/dev/null/history")) == ["SELECT 1;"]
    # The disk may be full later.
    _FileHistory("/dev/full").store_string("SELECT 1;")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("sel", ["SELECT"]),
        ("SELECT 1 FROM AWS.sagemaker.m", [DEFINITIONS]),
        ("WHERE job", ["job_definition_arn"]),
        ("WHERE d.ta", ["tags"]),
        ("@", list(QUERIES)),
        (".q", [".queries", ".quit"]),
        ("SELECT ", []),
    ],
)
def test_words_are_completed(before: str, expected: list[str]) -> None:
    found = _Words(TABLES, QUERIES).get_completions(Document(before), CompleteEvent())
    assert [each.text for each in found] == expected


def test_on_a_real_terminal_ctrl_c_interrupts_the_query_and_comes_back(tmp_path: Path) -> None:
    code = """if True:
        import sys, time
        from inventory.prompt import run

        def answer(query):
            print("running", flush=True)
            # A signal that another thread receives does not end a sleep.
            for _ in range(0 if "2" in query else 600):
                time.sleep(0.1)
            print("finished", flush=True)

        sys.exit(run({}, {}, answer))
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", code]
    settings = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "XDG_STATE_HOME": str(tmp_path)}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **settings, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        try:
            os.close(theirs)
            screen = Screen(ours)
            screen.read_until(b"sql>")
            os.write(ours, b"SELECT\r1;\r")
            screen.read_until(b"running")
            process.send_signal(signal.SIGINT)
            screen.read_until(b"sql>")
            os.write(ours, b"SELECT 2;\r")
            screen.read_until(b"finished")
            screen.read_until(b"sql>")
            os.write(ours, CTRL_D.encode())
            assert process.wait(5) == 0
        finally:
            process.kill()
    os.close(ours)
    assert list(tmp_path.rglob("history"))


class Screen:
    """What a terminal shows."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._left = b""

    def read_until(self, expected: bytes) -> None:
        """Wait until it shows this, after all that was waited for before."""
        until = time.monotonic() + 20
        while expected not in self._left:
            readable, _, _ = select.select([self._terminal], [], [], until - time.monotonic())
            assert readable, self._left
            self._left += os.read(self._terminal, 65536)
        self._left = self._left.partition(expected)[2]
