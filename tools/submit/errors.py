"""Failures of `make submit`: each says why it failed and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tools.aws_failures import AWS_ERRORS, Advice, explanation

ALLOW = "Allow the action that it names; guide/registering.md lists all actions that are needed."
AGAIN = "If this may be temporary, run it again: it continues where it stopped."
FIX = "Fix what it names, and run it again. Nothing was registered."
ADVICE = Advice(ALLOW, AGAIN, "Then run it again: it continues where it stopped.")
NOTHING_BEGUN = Advice(ALLOW, "If this may be temporary, run it again.", "Then run it again.")
"""Before anything was changed, and in a dry run."""


class SubmitError(Exception):
    """Registration did not complete; the message says why and what to do."""


class StillRegistering(SubmitError):
    """The registration is still in progress; waiting for it was given up."""


@contextmanager
def explained(advice: Advice = ADVICE) -> Iterator[None]:
    """Turn what AWS's libraries raise into a SubmitError that says what to do next."""
    try:
        yield
    except AWS_ERRORS as error:
        raise SubmitError(explanation(error, advice)) from None
