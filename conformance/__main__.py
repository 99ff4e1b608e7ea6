"""``make conformance``: checks what this project believes of AWS, in a sandbox or an account."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from conformance.account import Asked, account
from conformance.aws import AS_STRICT_AS_AWS, Aws, Interrupted
from conformance.belief import Check
from conformance.examination import CannotCheck, chosen, examine
from conformance.removal import NotRemoved
from conformance.report import report
from project.command_line import ArgumentParser, run
from sandbox.process import SandboxFailed, running_sandbox, use

#: The width of a table in a pipe or a file, which have none of their own.
WIDTH = 100


def main() -> int:
    """Run the command; the exit code is 0 if every belief that could be checked held."""
    parser = ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("--aws", action="store_true", help="check in an account (opt-in)")
    parser.add_argument("--role-arn", help="the role that definitions name")
    parser.add_argument("--region", help="the region, if not the SDK's default")
    parser.add_argument("--type-name", help="the type's registered name; adds its checks")
    parser.add_argument("--schedule", action="store_true", help="allow monitoring schedules")
    parser.add_argument("--endpoint", help="an existing endpoint, which definitions only name")
    parser.add_argument("--generator", action="store_true", help="allow scans and templates")
    parser.add_argument("--sandbox", metavar="URL", help="the address of a running sandbox")
    parser.add_argument("--only", default="", help="numbers of beliefs, such as 'B01 B04'")
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        return _run(asked, console)
    except Interrupted as interrupted:
        errors.print(f"Interrupted by {interrupted}; everything is removed.")
        return 128 + interrupted.number
    except KeyboardInterrupt:
        errors.print("Interrupted before anything was created.")
        return 130
    except NotRemoved as left:
        errors.print(f"Could not remove {left}; delete it manually.")
    except (CannotCheck, SandboxFailed) as failure:
        errors.print(str(failure))
    return 1


def _run(asked: argparse.Namespace, console: Console) -> int:
    checks = chosen(asked.only.split())

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False)

    def checked(aws: Aws) -> int:
        return _examined(aws, checks, console)

    if asked.aws:
        given = Asked(
            asked.role_arn,
            asked.region,
            asked.type_name,
            asked.schedule,
            asked.endpoint,
            asked.generator,
        )
        return checked(account(given, say))
    if asked.sandbox:
        return checked(_sandbox(asked.sandbox))
    say("Checking in a sandbox of its own; AWS=1 checks in an account.")
    with running_sandbox(variables=AS_STRICT_AS_AWS) as url:
        return checked(_sandbox(url))


def _examined(aws: Aws, checks: Sequence[Check], console: Console) -> int:
    """Check beliefs and report; the exit code. Raises NotRemoved after the report."""
    with console.status("") as status:
        examined = examine(
            aws,
            checks,
            say=lambda line: console.print(line, markup=False),
            started=lambda check: status.update(f"{check.number} {check.name.replace('_', ' ')}"),
        )
    code = report(examined.verdicts, console, in_sandbox=aws.sandbox is not None)
    if examined.left:
        raise examined.left
    return code


def _sandbox(url: str) -> Aws:
    """The sandbox at ``url``, whatever the user's own settings are."""
    use(url)
    return Aws.of_sandbox(url)


if __name__ == "__main__":
    sys.exit(run(main))
