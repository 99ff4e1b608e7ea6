"""``make demo``: shows what this resource type does, in a sandbox of its own."""

import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from threading import Thread

from project import ROOT
from project.command_line import ArgumentParser
from tools.demo.errors import Refused, StoryFailed, TemplateRejected
from tools.demo.request import (
    check_parameters,
    displayed,
    read_parameters,
    read_template,
    with_template,
)

EXAMPLE = ROOT / "examples" / "monitoring-schedule.yaml"


def main() -> int:
    """Run the command; the exit code is 0 if everything went as described."""
    parser = ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--template", type=Path, default=EXAMPLE)
    parser.add_argument("--parameters", default="", metavar="NAME=VALUE ...")
    arguments = parser.parse_args()
    # make and CI stop a process this way, and the sandbox has to stop with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return tell(arguments.template, arguments.parameters)
    except KeyboardInterrupt:
        print("\nInterrupted; the sandbox is stopped.", file=sys.stderr)
        return 130


def tell(path: Path, given: str) -> int:
    """Tell the story of a template with parameters (NAME=VALUE); returns the exit code."""
    # Imported here, because this takes a moment and Ctrl-C meanwhile must not end in a traceback.
    from botocore.exceptions import BotoCoreError, ClientError
    from rich.console import Console

    from sandbox.process import SandboxFailed, running_sandbox, use
    from tools.demo.screen import Screen

    screen, errors = Screen(Console()), Screen(Console(stderr=True))
    started = time.monotonic()
    is_example = path.resolve() == EXAMPLE
    try:
        parameters = read_parameters(given)
        template = read_template(path)
        check_parameters(path, template, parameters)
        screen.say("Starting a sandbox: AWS on this machine, without an account ...")
        # boto3 and more are imported while the sandbox starts, which takes longer.
        Thread(target=import_module, args=("tools.demo.story",), daemon=True).start()
        with running_sandbox() as url:
            use(url)
            from tools.demo.account import Account
            from tools.demo.story import Story

            account = Account(url)
            screen.say(f"It answers at {url}. The template is {displayed(path)}.")
            tally = Story(account, screen, template, parameters).tell(with_mistakes=is_example)
    except Refused as refusal:
        errors.say(str(refusal))
        errors.command(refusal.command)
        return 1
    except TemplateRejected as rejection:
        errors.say(f"CloudFormation rejects {displayed(path)}: {rejection}")
        return 1
    except (StoryFailed, SandboxFailed, BotoCoreError, ClientError) as failure:
        errors.say(f"\nThe demo failed. {failure}", style="bold red")
        if isinstance(failure, StoryFailed) and not is_example:
            errors.say("Find mistakes in the template:")
            errors.command(with_template("validate", path))
        return 1
    took = time.monotonic() - started
    screen.say(f"\nDone in {took:.0f} s: {tally.sentence()}.", style="bold")
    if is_example:
        screen.say("Try your own template: make demo TEMPLATE=path")
    else:
        screen.say("Find mistakes that deploy, and fail later:")
        screen.command(with_template("validate", path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
