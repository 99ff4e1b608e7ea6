"""The examination of an AWS: each belief is checked, and what the check created is removed."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from conformance.aws import Aws
from conformance.belief import PAGE, Check
from conformance.checks import all_checks
from conformance.expectations import BeliefBroken, Refusal
from conformance.removal import NotRemoved, clean_up, sweep
from project import ROOT

HELD, NOT_HELD, NOT_CHECKED, FAILED = "held", "not held", "not checked", "failed"


class CannotCheck(Exception):
    """The examination cannot begin; the message says why and what to do."""


class Verdict(NamedTuple):
    """The result of one check, and what was seen if the belief does not hold."""

    check: Check
    result: str
    seen: str = ""


class Examination(NamedTuple):
    """The result of all checks, and what could not be removed, if anything."""

    verdicts: list[Verdict]
    left: NotRemoved | None = None


def chosen(numbers: Sequence[str]) -> list[Check]:
    """The checks with these numbers, or all checks if there are no numbers.

    Raises CannotCheck for a number that no belief has.
    """
    known = {check.number: check for check in all_checks()}
    unknown = sorted(set(numbers) - known.keys())
    if unknown:
        page = PAGE.relative_to(ROOT)
        raise CannotCheck(f"There is no belief {', '.join(unknown)} in {page}.")
    return [check for check in known.values() if not numbers or check.number in numbers]


def examine(
    aws: Aws, checks: Sequence[Check], say: Callable[[str], None], started: Callable[[Check], None]
) -> Examination:
    """Check beliefs one by one, and remove everything that the checks created.

    say: prints a line. started: is called before each check. Raises CannotCheck and Interrupted;
    NotRemoved only together with them, or for what a killed run had left.
    """
    verdicts: list[Verdict] = []
    with _signals(aws):
        try:
            removed = sweep(aws)
            if removed:
                say(f"Removed what a killed run had left: {', '.join(removed)}.")
            _rehearse(aws)
            for check in checks:
                started(check)
                verdicts.append(_judge(aws, check))
                with suppress(NotRemoved):  # it is tried again at the end
                    clean_up(aws)
        except BaseException:
            _tidy_up(aws)
            raise
        try:
            _tidy_up(aws)
        except NotRemoved as left:
            return Examination(verdicts, left)
    return Examination(verdicts)


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
    except Exception as error:  # noqa: BLE001 - a check that breaks does not end the others
        return Verdict(check, FAILED, f"{type(error).__name__}: {error}")
    return Verdict(check, HELD)


def _rehearse(aws: Aws) -> None:
    """Create and remove one definition. Raises CannotCheck if not even that works."""
    try:
        aws.create()
        clean_up(aws)
    except (BeliefBroken, BotoCoreError, ClientError) as error:
        raise CannotCheck(
            f"Creating a definition failed, so nothing was checked: {error}\nThe caller needs the "
            "permissions of resource-role.yaml, and the role has to trust sagemaker.amazonaws.com."
        ) from error


def _tidy_up(aws: Aws) -> None:
    try:
        clean_up(aws)
        sweep(aws)
    except (BotoCoreError, ClientError) as error:
        raise NotRemoved(f"everything named {aws.prefix}-… ({error})") from error


@contextmanager
def _signals(aws: Aws) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the run between two requests, but never while it tidies up."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda got, _: aws.interrupt(got)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
