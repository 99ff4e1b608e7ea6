"""The accounts whose definitions are read: those of the profiles, or of the SDK's own settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import botocore.session
from botocore.exceptions import NoCredentialsError, UnknownRegionError

from inventory.errors import InventoryError, QueryRefused
from project.words import did_you_mean, listed
from tools.aws_failures import AWS_ERRORS, Advice, code_of, explanation
from tools.caller import Caller, identified

ADVICE = Advice(
    allow="Allow the action that it names.",
    again="If this may be temporary, run it again.",
    then="Then run it again.",
)

REGION = "us-east-1"
"""Where STS is asked if no setting names a region. Any region has the same answer."""

MAX_THREADS = 16


@dataclass(frozen=True)
class Account:
    """An account, and how it is reached.

    profile: None for the SDK's own settings. session: a session of boto3, which has some region,
    and whose clients can be made in any thread.
    """

    id: str
    partition: str
    profile: str | None
    session: Any


class Failure(NamedTuple):
    """A profile whose account is not known. code: AWS's, or the name of the SDK's exception."""

    profile: str | None
    code: str
    message: str


class Accounts(NamedTuple):
    """The accounts of some profiles, in their order; what failed; and notes for the user."""

    found: tuple[Account, ...]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]


def accounts(profiles: str) -> Accounts:
    """The accounts of the profiles; without profiles, that of the SDK's own settings.

    STS identifies all of them at the same time.

    profiles: their names, separated by commas or blanks.

    Raises QueryRefused if there is no such profile, and InventoryError if no account is found.
    """
    names = separated(profiles)
    _refuse_unknown(names)
    asked: Sequence[str | None] = names or [None]
    if len(asked) == 1:
        callers = [_caller(asked[0])]
    else:
        threads = ThreadPoolExecutor(min(len(asked), MAX_THREADS))
        try:
            callers = list(threads.map(_caller, asked))
        finally:
            # After Ctrl-C, nobody waits for an answer that may never come.
            threads.shutdown(wait=False, cancel_futures=True)
    return _sorted_out(dict(zip(asked, callers, strict=True)))


def separated(text: str) -> list[str]:
    """The words of a list that commas or blanks separate, each once."""
    return list(dict.fromkeys(text.replace(",", " ").split()))


def _refuse_unknown(names: Sequence[str]) -> None:
    """Raise QueryRefused unless all of the profiles exist."""
    if not names:
        return
    with _explained():
        known = botocore.session.Session().available_profiles
    for name in names:
        if name not in known:
            raise QueryRefused(
                f"PROFILES names {name}, which is not a profile of your AWS config files."
                f"{did_you_mean(name, known)} `aws configure list-profiles` lists them."
            )


def _caller(profile: str | None) -> Caller | Failure:
    try:
        return identified(None, profile, REGION)
    except AWS_ERRORS as error:
        message = explanation(error, ADVICE)
        if isinstance(error, UnknownRegionError):
            message = f"{error}\nCorrect the region of the profile, or AWS_DEFAULT_REGION."
        if isinstance(error, NoCredentialsError) and profile is None:
            message += "\nOr name the profiles of the accounts to read: PROFILES=name"
        return Failure(profile, code_of(error), message)


def _sorted_out(callers: dict[str | None, Caller | Failure]) -> Accounts:
    """The accounts of the callers, each once. Raises InventoryError if there is none."""
    profiles: dict[str, list[str]] = {}
    found: dict[str, Account] = {}
    failures = []
    for profile, caller in callers.items():
        if isinstance(caller, Failure):
            failures.append(caller)
            continue
        profiles.setdefault(caller.account, []).append(profile or "")
        account = Account(caller.account, caller.partition, profile, caller.session)
        found.setdefault(caller.account, account)
    if not found:
        raise InventoryError("\n".join(map(_as_line, failures)))
    notes = [
        f"The profiles {listed(names)} are of the same account, {account}. It is read once, as "
        f"{names[0]}."
        for account, names in profiles.items()
        if len(names) > 1
    ]
    return Accounts(tuple(found.values()), tuple(failures), tuple(notes))


def _as_line(failure: Failure) -> str:
    return f"Profile {failure.profile}: {failure.message}" if failure.profile else failure.message


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the SDK raises into an InventoryError that says what to do next."""
    try:
        yield
    except AWS_ERRORS as error:
        raise InventoryError(explanation(error, ADVICE)) from None
