"""What people read, taken apart into commands, tables and links, and a terminal to type into."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from project import ROOT, environment
from tools.packaging.wheels import wheels

SHELLS = {"sh", "bash", "shell", "console"}
#: What a command in running text begins with.
PROGRAMS = {
    "aws",
    "cd",
    "cfn",
    "curl",
    "export",
    "git",
    "make",
    "pip",
    "pre-commit",
    "python3",
    "sam",
}
TIME_LIMIT_SECONDS = 240


@dataclass(frozen=True)
class Fence:
    """A fenced block: what is said to be in it, what is, and the line above it."""

    language: str
    text: str
    above: str


@dataclass(frozen=True)
class Document:
    """A page that people read."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> "Document":
        """The document at ``path``, which is relative to the project."""
        return cls(path, (ROOT / path).read_text("utf-8"))

    @property
    def _parts(self) -> list[str]:
        """Running text, a language, a block in it, and so on: text first and last."""
        return re.split(r"^```(\w*)\n(.*?)^```$", self.text, flags=re.MULTILINE | re.DOTALL)

    @property
    def prose(self) -> list[str]:
        """The running text before, between and after the fenced blocks."""
        return self._parts[::3]

    @property
    def fences(self) -> list[Fence]:
        """The fenced blocks, in order."""
        parts = self._parts
        return [
            Fence(language, text, prose.strip().rpartition("\n")[2])
            for prose, language, text in zip(parts[::3], parts[1::3], parts[2::3], strict=False)
        ]

    @property
    def commands(self) -> list[str]:
        """Every command, in order: those of shell blocks, and those in running text but once."""
        in_blocks = [
            list(_commands(fence.text)) if fence.language in SHELLS else [] for fence in self.fences
        ]
        seen = {command for block in in_blocks for command in block}
        found: list[str] = []
        # The last text has no block behind it.
        for prose, block in zip(self.prose, [*in_blocks, []], strict=True):
            for command in _mentioned(prose):
                if command not in seen:
                    seen.add(command)
                    found.append(command)
            found += block
        return found

    def table(self, heading: str) -> list[dict[str, str]]:
        """The rows of the table below ``heading``, by the names of its columns."""
        rows = [
            [cell.strip() for cell in line.strip("|").split(" | ")]
            for line in self.section(heading).splitlines()
            if line.startswith("|")
        ]
        names, _, *cells = rows
        return [dict(zip(names, row, strict=True)) for row in cells]

    def section(self, heading: str) -> str:
        """What stands below ``heading`` of the second level."""
        return self.text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]

    @property
    def anchors(self) -> set[str]:
        """What a link to a heading of this document may name, as GitHub makes it."""
        headings = re.findall(r"^#+ (.+)$", self.text, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}

    @property
    def links(self) -> list[str]:
        """The targets of all links."""
        no_code = re.sub(r"`[^`]+`|<code>.*?</code>", "", "\n".join(self.prose))
        return re.findall(r"\]\(([^)\s]+)\)", no_code) + re.findall(r'href="([^"]+)"', self.text)


def _mentioned(prose: str) -> Iterator[str]:
    """The commands in running text: what stands as code, and begins with a program's name."""
    for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", prose):
        words = span.split()
        if words[0] in PROGRAMS and (len(words) > 1 or words == ["make"]):
            yield " ".join(words)


def _commands(block: str) -> Iterator[str]:
    """The commands of a shell block: its lines, continued ones as one."""
    for command in re.sub(r"\s*\\\n\s*", " ", block).splitlines():
        if command.strip() and not command.startswith("#"):
            yield command.strip()


# --- where commands are typed ---------------------------------------------------------------------


def working_copy(folder: Path) -> Path:
    """A copy of the project as a clone of it would be, whose environments are made already.

    The environments are the checkout's: ``dev`` is the one that this test runs in. So are the
    wheels that packages are made of, which would be fetched again.
    """
    folder = folder.resolve()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    lend_environment("dev", Path(sys.prefix), folder)
    for name in ("sandbox", "lambda-runtime"):
        lend_environment(name, environment.prepare(name).parent, folder)
    (folder / ".venv" / "wheels").symlink_to(wheels(ROOT / "requirements.txt").parent)
    return folder


def lend_environment(name: str, lender: Path, project: Path) -> None:
    """Have ``project`` take an environment of another folder for one that it made itself.

    Its own folder and stamp, which names that folder, keep it from making the lender's anew.
    """
    borrowed = project / ".venv" / lender.name
    borrowed.mkdir(parents=True)
    for entry in lender.iterdir():
        if entry.name not in (environment.STAMP, environment.BYTECODE):
            (borrowed / entry.name).symlink_to(entry)
    # Bytecode of the packages and of Python's own library is shared; that of the project is not.
    stdlib = Path(sysconfig.get_path("stdlib"))
    for here, there in ((borrowed, lender), (stdlib, stdlib)):
        lent = environment.mirrored(there, lender / environment.BYTECODE)
        lent.mkdir(parents=True, exist_ok=True)
        taken = environment.mirrored(here, borrowed / environment.BYTECODE)
        taken.parent.mkdir(parents=True, exist_ok=True)
        taken.symlink_to(lent)
    key = environment._key(name, borrowed, lender / "bin" / "python")
    (borrowed / environment.STAMP).write_text(key, "utf-8")


def readers_environment(**more: str) -> dict[str, str]:
    """The variables of a reader's terminal: nothing of make's, of this Python's or of AWS."""
    ours = re.compile(r"AWS_|MAKE|MFLAGS|PYTEST|PYTHON|VIRTUAL_ENV|COVERAGE")
    return {
        **{name: value for name, value in os.environ.items() if not ours.match(name)},
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
        # What the environments were made with; make's own default may be another one.
        "PYTHON": sys.executable,
        # The reader's own settings must not matter.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **more,
    }


class Terminal:
    """A shell that commands are typed into, one after the other."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self._variables = variables
        self._others: list[subprocess.Popen[str]] = []
        self._shell = self._start("bash --norc --noprofile")

    def type(self, command: str) -> tuple[int, str]:
        """Run ``command``; its exit code and what it said."""
        end = uuid.uuid4().hex
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{{ {command}\n}} </dev/null\necho {end} $?\n")
        self._shell.stdin.flush()
        said = _read_until(self._shell, rf"{end} (\d+)\n", command)
        output, _, code = said.rpartition(end)
        return int(code), output

    def type_in_another(self, command: str, ready: str) -> str:
        """Start ``command`` in another terminal; what it says up to a line with ``ready``."""
        self._others.append(self._start(command))
        return _read_until(self._others[-1], rf"{ready}.*\n", command)

    def close(self) -> None:
        """Press Ctrl-C in each terminal; what doesn't end by that fails the test."""
        for process in (*self._others, self._shell):
            _interrupt(process)
        left = [process for process in self._others if process.returncode == -signal.SIGKILL]
        assert not left, "what was started in another terminal did not stop by Ctrl-C"

    def _start(self, command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self._variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            start_new_session=True,
        )


@contextmanager
def terminal(folder: Path, variables: dict[str, str]) -> Iterator[Terminal]:
    """A terminal in ``folder``, closed at the end with all that was started from it."""
    opened = Terminal(folder, variables)
    try:
        yield opened
    finally:
        opened.close()


def _read_until(process: "subprocess.Popen[str]", pattern: str, command: str) -> str:
    assert process.stdout is not None
    said = b""
    until = time.monotonic() + TIME_LIMIT_SECONDS
    while not re.search(pattern, said.decode(errors="replace")):
        left = until - time.monotonic()
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, left))
        assert readable, f"{command!r} took more than {TIME_LIMIT_SECONDS} s:\n{said.decode()}"
        more = os.read(process.stdout.fileno(), 65536)
        assert more, f"{command!r} ended before it said {pattern!r}:\n{said.decode()}"
        said += more
    return said.decode()


def _interrupt(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C for all of a terminal's processes, then the end of its input."""
    assert process.stdin is not None
    assert process.stdout is not None
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()
