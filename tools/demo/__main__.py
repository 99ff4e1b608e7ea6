"""``make demo``: shows what this resource type does, in a sandbox of its own."""

import os
import signal
import sys
import time
from pathlib import Path

from project import ROOT
from project.command_line import ArgumentParser

EXAMPLE = ROOT / "examples" / "monitoring-schedule.yaml"


def main() -> int:
    """Run the command; the exit code is 0 if everything went as described."""
    parser = ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--template", type=Path, default=EXAMPLE)
    parser.add_argument("--parameters", nargs="*", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    # make and CI stop a process this way, and the sandbox has to stop with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return tell(arguments.template, arguments.parameters)
    except KeyboardInterrupt:
        print("\nInterrupted; the sandbox is stopped.", file=sys.stderr)
        return 130


def tell(path: Path, parameters: list[str]) -> int:
    """Tell the story of a template with ``parameters`` (NAME=VALUE); returns the exit code."""
    # Imported here, because this takes a second and Ctrl-C meanwhile must not end in a traceback.
    from botocore.exceptions import BotoCoreError, ClientError
    from rich.console import Console

    from sandbox.process import SandboxFailed, running_sandbox, use
    from tools.demo.story import Story, StoryFailed

    console, errors = Console(), Console(stderr=True)
    wrong = [parameter for parameter in parameters if "=" not in parameter]
    if wrong:
        errors.print(f"Write a parameter as NAME=VALUE, not as {wrong[0]!r}.", markup=False)
        return 1
    try:
        template = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        errors.print(f"Could not read the template {path}: {error}", markup=False)
        return 1
    started = time.monotonic()
    shown = os.path.relpath(path)
    try:
        console.print("Starting a sandbox: AWS on this machine, without an account ...")
        with running_sandbox() as url:
            console.print(f"It answers at {url}. The template is {shown}.", highlight=False)
            use(url)
            given = dict(parameter.split("=", 1) for parameter in parameters)
            Story(url, console, given).tell(template)
    except (StoryFailed, SandboxFailed, BotoCoreError, ClientError) as failure:
        errors.print(f"\nThe demo failed: {failure}", style="bold red", markup=False)
        return 1
    console.print(
        f"\nDone in {time.monotonic() - started:.0f} s. "
        "Try your own template: make demo TEMPLATE=path",
        highlight=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
