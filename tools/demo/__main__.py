"""`make demo`: shows what this resource type does, in a sandbox of its own."""

import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from project import ROOT
from project.command_line import ArgumentParser, run
from project.settings import type_name
from project.type_name import own_names
from project.words import listed
from tools.demo.errors import OutputFailed, Refused, StoryFailed, TemplateRejected
from tools.demo.request import (
    check_parameters,
    displayed,
    read_parameters,
    read_template,
    with_parameters,
    with_template,
)

if TYPE_CHECKING:
    from tools.demo.screen import Screen
    from tools.demo.tally import Tally

EXAMPLE = ROOT / "examples" / "monitoring-schedule.yaml"


def main() -> int:
    """Run the command; the exit code is 0 if everything went as described."""
    parser = ArgumentParser(
        prog="make demo", description="Show what this resource type does, in a sandbox of its own."
    )
    parser.add_argument(
        "--template", type=Path, default=EXAMPLE, help="by default an example with a schedule"
    )
    parser.add_argument(
        "--parameters",
        default="",
        metavar="NAME=VALUE ...",
        help="of the template, with spaces between them and quotes as in a shell",
    )
    arguments = parser.parse_args()
    try:
        return tell(arguments.template, arguments.parameters)
    except OutputFailed as failure:
        print(f"The demo cannot be written to standard output: {failure}.", file=sys.stderr)
        return 1


def tell(path: Path, given: str) -> int:
    """Tell the story of a template with parameters (NAME=VALUE); returns the exit code."""
    # Imported here, because this takes a moment and Ctrl-C meanwhile must not end in a traceback.
    from botocore.exceptions import BotoCoreError, ClientError
    from rich.console import Console

    from sandbox.process import SandboxFailed
    from tools.demo.screen import Screen

    screen, errors = Screen(Console()), Screen(Console(stderr=True))
    is_example = path.resolve() == EXAMPLE
    try:
        parameters = read_parameters(given)
        template = read_template(path)
        check_parameters(path, template, parameters)
    except Refused as refusal:
        errors.say(str(refusal))
        errors.command(refusal.command)
        return 1
    validate = ("Find mistakes in the template:", with_template("validate", path))
    value = (
        "If the reason is a parameter's value, give it another one:",
        with_parameters(path, template, parameters),
    )
    started = time.monotonic()
    try:
        tally = _told(screen, path, template, parameters, with_mistakes=is_example)
    except TemplateRejected as rejection:
        errors.say(f"CloudFormation rejects {displayed(path)}: {rejection}")
        of_value = bool(parameters) and _is_about_a_value(str(rejection))
        advice = [value if of_value else validate]
    except StoryFailed as failure:
        errors.say(f"\nThe demo failed. {failure}", style="bold red")
        advice = [*([value] if parameters else []), *([] if is_example else [validate])]
    except (SandboxFailed, BotoCoreError, ClientError) as failure:
        errors.say(f"\nThe demo failed. {failure}", style="bold red")
        advice = []
    else:
        took = time.monotonic() - started
        screen.say(f"\nDone in {took:.0f} s: {tally.sentence()}.", style="bold")
        if is_example:
            screen.say("Try your own template: make demo TEMPLATE=path")
        else:
            screen.say("Find mistakes that deploy, and fail later:")
            screen.command(with_template("validate", path))
        return 0
    for what, command in advice:
        errors.say(what)
        errors.command(command)
    return 1


def _told(
    screen: "Screen", path: Path, template: str, parameters: Mapping[str, str], with_mistakes: bool
) -> "Tally":
    """Tell the story in a sandbox of its own. Returns what was made, changed and left."""
    from sandbox.process import running_sandbox, use

    screen.say("Starting a sandbox: AWS on this machine, without an account ...")
    # boto3 and more are imported while the sandbox starts, which takes longer.
    Thread(target=import_module, args=("tools.demo.story",), daemon=True).start()
    own = sorted(own_names(template, type_name()))
    with running_sandbox(type_names=own) as url:
        use(url)
        from tools.demo.account import Account
        from tools.demo.story import Story

        screen.say(f"It answers at {url}. The template is {displayed(path)}.")
        if own:
            screen.say(f"There the type is registered as {listed(own)}, too.")
        account = Account(url, [type_name(), *own])
        return Story(account, screen, template, parameters).tell(with_mistakes)


def _is_about_a_value(rejection: str) -> bool:
    """Whether CloudFormation rejects a parameter's value, and not what the template says of it."""
    return "parameter" in rejection.lower() and not rejection.startswith("Template ")


if __name__ == "__main__":
    stopped = "Interrupted; the sandbox is stopped."
    sys.exit(run(main, interrupted=stopped))
