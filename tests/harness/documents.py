"""Parse the commands, tables and links of a page, and do what it says in a terminal."""

import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from project import ROOT, environment
from tests.harness.fork_servers import programs
from tools.packaging.reuse import PACKAGES
from tools.packaging.wheels import wheels

SHELLS = {"sh", "bash", "shell", "console"}
#: A command in running text starts with one of these.
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
DOCUMENTED_PORT = "4566"
_PORT = re.compile(rf"\b{DOCUMENTED_PORT}\b")  # and not the end of an account's number
SANDBOX = re.compile(r"make sandbox\b")
SHELL = re.compile(r"make shell\b")


@dataclass(frozen=True)
class Fence:
    """A fenced block: its declared language, its content, and the line above it."""

    language: str
    text: str
    above: str


@dataclass(frozen=True)
class Document:
    """A Markdown page of the documentation."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Read the document at ``path``, which is relative to the project."""
        return cls(path, (ROOT / path).read_text("utf-8"))

    @property
    def _parts(self) -> list[str]:
        """Running text, then a block's language and content, and so on. Ends with running text."""
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
        """Every command in order. A command in running text appears only if it is new."""
        in_blocks = [
            list(_commands(fence.text)) if fence.language in SHELLS else [] for fence in self.fences
        ]
        seen = {command for block in in_blocks for command in block}
        found: list[str] = []
        # No block follows the last piece of text.
        for prose, block in zip(self.prose, [*in_blocks, []], strict=True):
            for command in _mentioned(prose):
                if command not in seen:
                    seen.add(command)
                    found.append(command)
            found += block
        return found

    def table(self, heading: str) -> list[dict[str, str]]:
        """Return the rows of the table below ``heading``, keyed by column name."""
        rows = [
            [cell.strip() for cell in line.strip("|").split(" | ")]
            for line in self.section(heading).splitlines()
            if line.startswith("|")
        ]
        names, _, *cells = rows
        return [dict(zip(names, row, strict=True)) for row in cells]

    def section(self, heading: str) -> str:
        """Return the text below the second-level ``heading``."""
        return self.text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]

    @property
    def anchors(self) -> set[str]:
        """The anchors of this document's headings, as GitHub generates them."""
        headings = re.findall(r"^#+ (.+)$", self.text, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}

    @property
    def links(self) -> list[str]:
        """The targets of all links."""
        no_code = re.sub(r"`[^`]+`|<code>.*?</code>", "", "\n".join(self.prose))
        return re.findall(r"\]\(([^)\s]+)\)", no_code) + re.findall(r'href="([^"]+)"', self.text)


def _mentioned(prose: str) -> Iterator[str]:
    """Yield the commands in running text: inline code that starts with a program's name."""
    for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", prose):
        words = span.split()
        if words[0] in PROGRAMS and (len(words) > 1 or words == ["make"]):
            yield " ".join(words)


def _commands(block: str) -> Iterator[str]:
    """Yield the commands of a shell block. A continued line, a function or a loop is one."""
    lines = re.sub(r"\s*\\\n\s*", " ", block)
    # What a function or a loop contains is indented, and the line that ends it is not.
    for command in re.split(r"\n(?!\s+\S|\}|done\b)", lines):
        if command.strip() and not command.startswith("#"):
            yield command.strip()


# --- a terminal for commands ----------------------------------------------------------------------


def working_copy(folder: Path) -> Path:
    """Copy the project to ``folder``, like a clone whose environments exist already.

    They are the environments of this checkout; ``dev`` is the one that this test runs in. The copy
    also shares the wheels that packages contain, and the packages, so that they are neither
    downloaded nor built again.
    Returns the resolved folder.
    """
    folder = copied(folder)
    lend_environment("dev", Path(sys.prefix), folder)
    for name in ("sandbox", "validation", "lambda-runtime"):
        lend_environment(name, environment.prepare(name).parent, folder)
    (folder / ".venv" / "wheels").symlink_to(wheels(ROOT / "requirements.txt").parent)
    PACKAGES.mkdir(exist_ok=True)
    (folder / ".venv" / PACKAGES.name).symlink_to(PACKAGES)
    return folder


def copied(folder: Path) -> Path:
    """Copy the project to ``folder``, like a clone. Returns the resolved folder."""
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
    return folder


def lend_environment(name: str, lender: Path, project: Path) -> None:
    """Let ``project`` use the environment ``lender`` of another folder as its own.

    The environment gets its own folder, and a stamp that names this folder. Therefore ``project``
    does not rebuild it.
    """
    borrowed = project / ".venv" / lender.name
    borrowed.mkdir(parents=True)
    for entry in lender.iterdir():
        if entry.name not in (environment.STAMP, environment.BYTECODE):
            (borrowed / entry.name).symlink_to(entry)
    # The bytecode of packages and of Python's own library is shared; the project's is not.
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
    """Return the variables of a reader's terminal, without those of make, this Python or AWS.

    more: variables to set.
    """
    ours = re.compile(r"AWS_|MAKE|MFLAGS|PYTEST|PYTHON|VIRTUAL_ENV|COVERAGE")
    return {
        **{name: value for name, value in os.environ.items() if not ours.match(name)},
        "PATH": os.pathsep.join(
            [str(programs()), sysconfig.get_path("scripts"), os.environ["PATH"]]
        ),
        # The Python that the environments were made with; make's default may differ.
        "PYTHON": sys.executable,
        # The reader's own settings must have no effect.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **more,
    }


class Terminal:
    """A shell to type commands into, one after another."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self._variables = variables
        self._others: list[subprocess.Popen[str]] = []
        self._shell = self._start("bash --norc --noprofile")

    def type(self, command: str) -> tuple[int, str]:
        """Run ``command``. Returns its exit code and output."""
        end = uuid.uuid4().hex
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{{ {command}\n}} </dev/null\necho {end} $?\n")
        self._shell.stdin.flush()
        said = _read_until(self._shell, rf"{end} (\d+)\n", command)
        output, _, code = said.rpartition(end)
        return int(code), output

    def enter(self, command: str) -> None:
        """Start ``command``, a shell that reads what is typed from now on."""
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{command}\n")
        self._shell.stdin.flush()

    def type_in_another(self, command: str, ready: str) -> str:
        """Start ``command`` in another terminal. Returns its output up to a line with ``ready``.

        ready: a regular expression.
        """
        self._others.append(self._start(command))
        return _read_until(self._others[-1], rf"{ready}.*\n", command)

    def close(self) -> None:
        """Press Ctrl-C in each terminal. The test fails if another terminal does not end."""
        for process in (*self._others, self._shell):
            _interrupt(process)
        left = [process for process in self._others if process.returncode == -signal.SIGKILL]
        assert not left, "a command in another terminal did not stop on Ctrl-C"

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
    """Open a terminal in ``folder``. At the end, close it and every terminal opened from it."""
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
        assert more, f"{command!r} ended before it printed {pattern!r}:\n{said.decode()}"
        said += more
    return said.decode()


def _interrupt(process: "subprocess.Popen[str]") -> None:
    """Send Ctrl-C to all processes of a terminal, then close its input."""
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


# --- what a page says, done -----------------------------------------------------------------------


def save_templates(page: Document, folder: Path) -> list[Path]:
    """Save each template that the line above it says to save. Returns where they are."""
    saved = []
    for fence in page.fences:
        if fence.language == "yaml" and re.search(r"\bsave\b", fence.above, re.IGNORECASE):
            [name] = re.findall(r"`(\S+\.yaml)`", fence.above)
            saved.append(folder / name)
            saved[-1].write_text(fence.text, "utf-8")
    return saved


def _save_scripts(page: Document, folder: Path) -> None:
    """Save each script and query of a page that the line above it has a file's name for."""
    for fence in page.fences:
        if fence.language in {"python", "sql"} and (
            name := re.search(r"`(\S+\.(?:py|sql))`", fence.above)
        ):
            (folder / name[1]).write_text(fence.text, "utf-8")


def _not_ignored(names: Sequence[str]) -> list[str]:
    """Return those of these names in the project's folder that git does not ignore.

    names: those of folders end with a slash.
    """
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", "-z", "--stdin"],
        input="\0".join(names),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted({*names} - {*asked.stdout.split("\0")})


def follow(
    page: Document,
    folder: Path,
    instead: Callable[[str], str] = lambda command: command,
    failing: Collection[str] = (),
    **variables: str,
) -> dict[str, list[str]]:
    """Do what ``page`` says, in order. Returns what each of its commands answered, each time.

    folder: a working copy of the project. instead: what is typed in the place of a command.
    failing: the commands that have to fail, as the page says.
    variables: variables to set in the terminal.
    """
    before = {*folder.iterdir()}
    save_templates(page, folder)
    _save_scripts(page, folder)
    port = _free_port()
    answers: dict[str, list[str]] = {}
    # The one place where the port that people read becomes one that is free: in what they type,
    # and in the Makefile's default.
    with terminal(folder, readers_environment(PORT=port, **variables)) as shell:
        for command in page.commands:
            typed = _PORT.sub(port, instead(command))
            stays = re.fullmatch(r"make shell( PORT=\d+)?", typed)
            if SHELL.match(typed) and "PORT=" not in typed:
                typed += " PORT=0"  # its default, which is not the one of the page's own sandbox
            if stays:
                shell.enter(typed)
                if "PATH" not in variables:
                    shell.type(f"PATH={shlex.quote(str(programs()))}:$PATH")  # its AWS CLI is slow
                code, output = 0, ""
            elif SANDBOX.match(typed):
                said = shell.type_in_another(typed, ready="Ctrl-C stops it")
                exports = [line.strip() for line in said.splitlines() if "  export " in line]
                assert len(exports) == 6, said
                code, output = shell.type("\n".join(exports))
            else:
                code, output = shell.type(typed)
            assert (code != 0) == (command in failing), f"{page.path}: {typed}\n{output}"
            answers.setdefault(command, []).append(output)
    assert answers.keys() == set(page.commands)
    new = [path.name + "/" * path.is_dir() for path in folder.iterdir() if path not in before]
    assert _not_ignored(new) == [], "git would offer readers to commit these; see .gitignore"
    return answers


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])
