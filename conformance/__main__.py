"""``make conformance``: what this project believes of AWS, checked in a sandbox or an account.

guide/assumptions.md states the beliefs, tests/conformance/ has a check for each.
"""

import argparse
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from conformance.aws import AS_STRICT_AS_AWS, Aws, Interrupted, Left
from conformance.belief import BeliefBroken, Check, Refusal, checks, stated
from project.role_arn import ROLE_ARN
from sandbox.process import SandboxFailed, running_sandbox, use

HELD, NOT_HELD, NOT_CHECKED, FAILED = "held", "not held", "not checked", "failed"
STYLES = {HELD: "green", NOT_HELD: "red", NOT_CHECKED: "dim", FAILED: "red"}
#: A table for a pipe or a file is as wide as a line of this project.
WIDTH = 100


class Refused(Exception):
    """The checks cannot begin; the text says what to do."""


class Verdict(NamedTuple):
    """What came of one check."""

    check: Check
    result: str
    seen: str = ""


def examine(aws: Aws, check: Check) -> Verdict:
    """Check one belief, and remove what that made. Raises Interrupted and Left."""
    verdict = _judge(aws, check)
    aws.clean_up()
    return verdict


def _judge(aws: Aws, check: Check) -> Verdict:
    lack = aws.lacks(check.needs)
    if lack:
        return Verdict(check, NOT_CHECKED, lack)
    try:
        check.run(aws)
    except BeliefBroken as broken:
        return Verdict(check, NOT_HELD, str(broken))
    except ClientError as error:
        answer = Refusal.of(error)
        seen = f"{error.operation_name} answered {answer}"
        return Verdict(check, FAILED if answer.is_unrelated else NOT_HELD, seen)
    except Exception as error:  # noqa: BLE001 - one check that breaks does not end the others
        return Verdict(check, FAILED, f"{type(error).__name__}: {error}")
    return Verdict(check, HELD)


def report(aws: Aws, console: Console, verdicts: Sequence[Verdict]) -> int:
    """Print a table and a summary that says where was looked; the exit code."""
    texts = {each.number: each.text for each in stated()}
    table = Table(title="Beliefs about AWS", title_justify="left")
    for header in ("", "Belief", "Result", "Seen instead"):
        table.add_column(header, overflow="fold", no_wrap=header in ("", "Result"))
    for verdict in verdicts:
        number = verdict.check.number
        # What services answer may look like rich's markup, and is not.
        table.add_row(
            number,
            _plain(texts[number]),
            f"[{STYLES[verdict.result]}]{verdict.result}[/]",
            _plain(verdict.seen),
        )
    console.print(table)
    counts = {result: [each.result for each in verdicts].count(result) for result in STYLES}
    said = ", ".join(f"{count} {result}" for result, count in counts.items() if count)
    where = "in the sandbox" if aws.sandbox else "in AWS"
    nothing = " Nothing was checked in AWS." if aws.sandbox else ""
    console.print(f"{len(verdicts)} beliefs, checked {where}: {said}.{nothing}", highlight=False)
    return 1 if counts[NOT_HELD] or counts[FAILED] else 0


def _plain(text: str) -> str:
    """A text of the page, or of a service, as rich prints it literally."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("[", r"\[")


def run(aws: Aws, wanted: Sequence[Check], console: Console) -> int:
    """Check beliefs, remove all that was made, report; the exit code."""
    verdicts: list[Verdict] = []
    with _signals(aws):
        try:
            _remove_leftovers(aws, console)
            _rehearse(aws)
            with console.status("") as status:
                for check in wanted:
                    status.update(f"{check.number} {check.name.replace('_', ' ')}")
                    verdicts.append(examine(aws, check))
        finally:
            _tidy_up(aws)
    return report(aws, console, verdicts)


def chosen(numbers: Sequence[str]) -> list[Check]:
    """The checks of these numbers, or all for none. Raises Refused for a number that none has."""
    known = {check.number: check for check in checks()}
    unknown = sorted(set(numbers) - known.keys())
    if unknown:
        raise Refused(f"There is no belief {', '.join(unknown)} in guide/assumptions.md.")
    return [check for check in known.values() if not numbers or check.number in numbers]


def _tidy_up(aws: Aws) -> None:
    try:
        aws.clean_up()
        aws.sweep()
    except (BotoCoreError, ClientError) as error:
        raise Left(f"all that is named {aws.prefix}-… ({error})") from error


def _remove_leftovers(aws: Aws, console: Console) -> None:
    removed = aws.sweep()
    if removed:
        console.print(f"Removed, left by a run that was killed: {', '.join(removed)}.")


def _rehearse(aws: Aws) -> None:
    """Make and remove one definition. Raises Refused where not even that works."""
    try:
        aws.create()
        aws.clean_up()
    except (BeliefBroken, BotoCoreError, ClientError) as error:
        raise Refused(
            f"No definition can be made, so nothing was checked: {error}\nThe caller needs the "
            "permissions of resource-role.yaml; the role has to trust sagemaker.amazonaws.com."
        ) from error


@contextmanager
def _signals(aws: Aws) -> Iterator[None]:
    """Have SIGINT and SIGTERM end the run between two requests, and never its tidying up."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda got, _: aws.interrupt(got)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def sandbox(url: str) -> Aws:
    """The sandbox at ``url``, whatever the user's own settings are."""
    use(url)
    return Aws.of_sandbox(url)


def account(asked: argparse.Namespace, console: Console) -> Aws:
    """The account that the SDK's settings lead to; says what will happen there.

    Raises Refused where something is missing.
    """
    if not ROLE_ARN.fullmatch(asked.role_arn or ""):
        raise Refused(
            "ROLE_ARN=arn:aws:iam::…:role/… is needed with AWS=1: a role that "
            "sagemaker.amazonaws.com may assume. Definitions name it; nothing ever runs as it."
        )
    if (asked.type_name or "").startswith("AWS::"):
        raise Refused(
            "TYPE_NAME is the name that this type is registered under in the account; a name "
            "that begins with AWS:: is a type of AWS's own."
        )
    try:
        session = boto3.Session(region_name=asked.region or None)
        if not session.region_name:
            raise Refused("No region is set: give REGION=…, for instance REGION=us-east-1.")
        if not session.get_credentials():
            raise Refused(
                "No AWS credentials are found. Give them in one of the SDK's ways: AWS_PROFILE, "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws login`."
            )
        aws = Aws(
            session,
            role_arn=asked.role_arn,
            type_name=asked.type_name,
            schedules=asked.schedule,
            endpoint=asked.endpoint,
        )
        caller = aws.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"AWS does not take the credentials: {error}") from error
    _announce(aws, caller, console)
    return aws


def _announce(aws: Aws, caller: dict[str, str], console: Console) -> None:
    makes = ["model quality job definitions with tags, a few at a time"]
    if not aws.lacks("schedule"):
        makes.append("monitoring schedules, one at a time, whose first run is half a day away")
    if not aws.lacks("stacks"):
        makes.append(
            f"stacks of one {aws.type_name} each, one at a time (CloudFormation charges for "
            "handler operations of registered types)"
        )
    lines = (
        f"Account {caller['Account']}, region {aws.region}, as {caller['Arn']}.",
        f"Will create there, named {aws.prefix}-…: {'; '.join(makes)}.",
        "Will create no endpoint, no job, no bucket. Definitions and tags cost nothing.",
        "Removes everything again, after each check and when it is interrupted.",
        "Also removes what a run left that was killed: such things, older than an hour, named",
        "conformance-<12 hexadecimal digits>-….",
    )
    for line in lines:
        console.print(line, highlight=False, markup=False)


def main() -> int:
    """Check the beliefs; 0 if all that could be checked held."""
    parser = argparse.ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("--aws", action="store_true", help="check in an account: the opt-in")
    parser.add_argument("--role-arn", help="the role that definitions name")
    parser.add_argument("--region", help="where, if not in the SDK's region")
    parser.add_argument("--type-name", help="what the type is registered as: checks stacks too")
    parser.add_argument("--schedule", action="store_true", help="a schedule may be made, too")
    parser.add_argument("--endpoint", help="one that is there; definitions name it, nothing more")
    parser.add_argument("--sandbox", metavar="URL", help="a sandbox that runs already")
    parser.add_argument("--only", default="", help="the numbers of some beliefs, such as 'B01 B04'")
    asked = parser.parse_args()
    # A pipe has no width of its own.
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        wanted = chosen(asked.only.split())
        if asked.aws:
            return run(account(asked, console), wanted, console)
        if asked.sandbox:
            return run(sandbox(asked.sandbox), wanted, console)
        console.print("In a sandbox of its own; AWS=1 checks in an account.", highlight=False)
        with running_sandbox(variables=AS_STRICT_AS_AWS) as url:
            return run(sandbox(url), wanted, console)
    except Interrupted as interrupted:
        errors.print(f"Interrupted by {interrupted}; everything is removed.")
        return 128 + interrupted.number
    except KeyboardInterrupt:
        errors.print("Interrupted before anything was made.")
        return 130
    except Left as left:
        errors.print(f"Could not be removed, please do: {left}")
    except (Refused, SandboxFailed) as refused:
        errors.print(str(refused))
    return 1


if __name__ == "__main__":
    sys.exit(main())
