"""Failures of `make template`: each says why it failed and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.hosting.driving import HandlerFailed
from tools.aws_failures import AWS_ERRORS, LOG_IN, Advice, explanation

ALLOW = (
    "Allow the action that it names. To read a definition with its tags, "
    "sagemaker:DescribeModelQualityJobDefinition and sagemaker:ListTags are needed."
)
AGAIN = "If this may be temporary, run it again."
ADVICE = Advice(ALLOW, AGAIN, "Then run it again.")

STEPS = {
    "AccessDenied": ALLOW,
    "UnauthorizedTaggingOperation": ALLOW,
    "InvalidCredentials": LOG_IN,
}
"""What to do after a failure of READ, by its handler error code."""


class TemplateError(Exception):
    """There is no template; the message says why and what to do."""


@contextmanager
def explained(not_found: str = AGAIN) -> Iterator[None]:
    """Turn what AWS's libraries and READ raise into a TemplateError that says what to do next.

    not_found: what to do if there is no such definition.
    """
    try:
        yield
    except AWS_ERRORS as error:
        raise TemplateError(explanation(error, ADVICE)) from None
    except HandlerFailed as failure:
        step = not_found if failure.code == "NotFound" else STEPS.get(failure.code or "", AGAIN)
        raise TemplateError(f"{failure}\n{step}") from None
