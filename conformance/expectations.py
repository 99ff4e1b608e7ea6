"""Expectations that checks state. Each of them raises BeliefBroken if it is not met."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

# Errors that say nothing about a belief: the caller lacks a permission, or AWS cannot answer now.
_UNRELATED = re.compile(r"Access|Auth|Credential|ExpiredToken|OptIn|Throttl|Limit|Unrecognized")


class BeliefBroken(Exception):
    """A belief does not hold; the message is what was seen instead."""


class Refusal(NamedTuple):
    """The error that a service answered with."""

    code: str
    status: int
    message: str

    def __str__(self) -> str:
        """All of it, for a person to read."""
        return f"{self.code} (HTTP {self.status}): {self.message}"

    @classmethod
    def of(cls, error: ClientError) -> "Refusal":
        """The error that botocore raised."""
        details, metadata = error.response["Error"], error.response["ResponseMetadata"]
        return cls(details["Code"], metadata["HTTPStatusCode"], details.get("Message", ""))

    @property
    def is_unrelated(self) -> bool:
        """Whether it is about the caller or the moment, not about what was requested."""
        return self.status >= 500 or bool(_UNRELATED.search(self.code))


def expect(holds: bool, seen: Any) -> None:
    """Raise BeliefBroken with what was seen, unless the condition holds."""
    if not holds:
        raise BeliefBroken(str(seen))


def expect_equal(seen: Any, wanted: Any) -> None:
    """Raise BeliefBroken with what was seen, unless it equals what was wanted."""
    expect(seen == wanted, seen)


def refusal(call: Callable[..., Any], **request: Any) -> Refusal:
    """The error that a call is answered with. Raises BeliefBroken if the call succeeds.

    Raises the ClientError itself if it says nothing about a belief.
    """
    try:
        call(**request)
    except ClientError as error:
        refused = Refusal.of(error)
        if refused.is_unrelated:
            raise
        return refused
    raise BeliefBroken("it was accepted")


def expect_refusal(
    code: str, call: Callable[..., Any], *, words: tuple[str, ...] = (), **request: Any
) -> None:
    """Raise BeliefBroken unless a call answers HTTP 400 with this error code and these words."""
    refused = refusal(call, **request)
    as_wanted = (refused.code, refused.status) == (code, 400)
    expect(as_wanted and all(word in refused.message for word in words), refused)
