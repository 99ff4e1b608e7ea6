"""``make shell``: a sandbox, and a shell or a command in which the AWS CLI talks to it.

The sandbox stops when the shell ends, and with this process, however it ends. The user's own AWS
settings do not reach the shell. The AWS CLI in it is the one of this project's environment, because
an older one lacks commands that the guide uses.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

import psutil

from project.command_line import PORT, ArgumentParser, run
from sandbox.process import HOST, SandboxFailed, environment, sandbox_process, until_stopped

SECONDS_TO_END = 5
"""How long a shell that is asked to end may take, and what it has started."""

OF_THIS_PROCESS = {
    *("COMMAND", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKE_TERMERR", "MAKE_TERMOUT"),
    *("MFLAGS", "PACKAGE", "PORT", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV"),
}
"""What make and project/environment.py set for this process alone."""

BASHRC = """\
if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
unset ${{!AWS_@}}
unalias aws 2>/dev/null
unset -f aws
{exports}
PATH={folder}:$PATH
PS1="(sandbox) $PS1"
"""


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit code of the shell, or 1 if the sandbox has failed.

    A shell that a person leaves ends well, even if the last command in it failed.
    """
    parser = ArgumentParser(
        "make shell",
        description="Start a sandbox, and a shell or a command in which the AWS CLI talks to it.",
    )
    parser.add_argument("--command", help="run this, and no shell")
    parser.add_argument("--port", type=PORT, default=0, help="by default one that is free")
    parser.add_argument("--package", type=Path, help="run this package as Lambda does")
    asked = parser.parse_args(arguments)
    interactive = asked.command is None and sys.stdin.isatty()
    _on_end(_leave)
    if interactive:
        print("Starting a sandbox: AWS on this machine ...", file=sys.stderr)
    try:
        process = sandbox_process(asked.package, port=asked.port)
        with until_stopped(process) as url, tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            if interactive:
                print(f"In this shell the AWS CLI and SDKs talk to {url}.", file=sys.stderr)
                print("The sandbox stops when you leave the shell: exit", file=sys.stderr)
            command = _command(asked.command, interactive, url, folder)
            code = _run(command, _variables(url, folder), process, interactive=interactive)
            return code or (1 if process.poll() is not None else 0)
    except SandboxFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def _command(command: str | None, interactive: bool, url: str, folder: Path) -> list[str]:
    """What to run. The folder is for what it needs while it runs."""
    (folder / "bin").mkdir()
    aws = shutil.which("aws", path=str(Path(sys.executable).parent))
    if aws:
        (folder / "bin" / "aws").symlink_to(aws)
    if command is not None:
        return ["/bin/sh", "-c", command]
    shell = os.environ.get("SHELL") or "/bin/sh"
    if not interactive or Path(shell).name != "bash":
        return [shell]
    # The user's own settings come first, and may have AWS settings. Other shells have no option
    # like this one.
    exports = "\n".join(
        f"export {name}={shlex.quote(value)}"
        for name, value in environment(url, {}).items()
        if name.startswith("AWS_")
    )
    startup = folder / "bashrc"
    startup.write_text(BASHRC.format(exports=exports, folder=shlex.quote(f"{folder}/bin")), "utf-8")
    return [shell, "--rcfile", str(startup)]


def _variables(url: str, folder: Path) -> dict[str, str]:
    """The environment of the shell: the user's, as far as it is known, and the sandbox's."""
    own_folder = str(Path(sys.executable).parent)
    others = [entry for entry in os.get_exec_path() if entry != own_folder]
    kept = {name: value for name, value in os.environ.items() if name not in OF_THIS_PROCESS}
    # What else runs in the shell may need the user's own exceptions.
    own = kept.get("no_proxy") or kept.get("NO_PROXY")
    exceptions = dict.fromkeys(("NO_PROXY", "no_proxy"), f"{HOST},{own}") if own else {}
    path = os.pathsep.join([f"{folder}/bin", *others])
    return {**environment(url, kept), **exceptions, "PATH": path}


def _run(
    command: list[str],
    variables: Mapping[str, str],
    sandbox: subprocess.Popen[str],
    *,
    interactive: bool,
) -> int:
    """Run the shell until it ends; returns its exit code."""
    # The terminal sends these to everything that runs in it. They are for what the user runs.
    # With a handler, and not ignored, because the shell would inherit that.
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: None)
    received: list[int] = []
    started: list[subprocess.Popen[bytes]] = []
    ending: list[psutil.Process] = []

    def end(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        for shell in started:
            # An interactive shell ignores SIGTERM. At SIGHUP it ends what runs in it as well. One
            # that runs a command ends alone, and would leave the programs of the command running.
            if interactive:
                shell.send_signal(signal.SIGHUP)
            else:
                ending.extend(_with_all_that_it_started(shell.pid))
                for process in ending:
                    with suppress(psutil.Error):
                        process.send_signal(number)
            killer = threading.Timer(SECONDS_TO_END, shell.kill)
            killer.daemon = True
            killer.start()

    # Before the shell starts, because a signal can come as soon as it has.
    _on_end(end)
    try:
        shell = subprocess.Popen(command, env=dict(variables))
    except OSError as error:
        print(
            f"SHELL is {command[0]}, which cannot be run: {error.strerror}. "
            "Name another one: SHELL=/bin/sh make shell",
            file=sys.stderr,
        )
        return 1
    started.append(shell)
    if received:
        end(received[0], None)
    over = threading.Event()
    threading.Thread(target=_watch, args=(sandbox, over), daemon=True).start()
    try:
        code = shell.wait()
    finally:
        over.set()
    if received:
        _kill_what_is_left(ending)
        return 128 + received[0]
    if code < 0:
        return 128 - code
    return 0 if interactive else code


def _with_all_that_it_started(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _kill_what_is_left(processes: list[psutil.Process]) -> None:
    """Wait until these processes have ended, and kill those that take too long."""
    _, left = psutil.wait_procs(processes, SECONDS_TO_END)
    for process in left:
        with suppress(psutil.Error):
            process.kill()


def _watch(sandbox: subprocess.Popen[str], over: threading.Event) -> None:
    """Say so if the sandbox ends before the shell."""
    code = sandbox.wait()
    if not over.is_set():
        print(
            f"\nThe sandbox has ended (exit code {code}). Leave this shell and start another.",
            file=sys.stderr,
        )


def _on_end(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:], interrupted="Interrupted; the sandbox is stopped."))
