"""Failures of `make template`: each says why it failed and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.hosting.driving import HandlerFailed
from tools.aws_failures import AWS_ERRORS, CHECK_SETTINGS, LOG_IN, Advice, explanation
from tools.own_handlers import TagsNotShown, said

ALLOW = (
    "Allow the action that it names. To read a definition with its tags, "
    "sagemaker:DescribeModelQualityJobDefinition and sagemaker:ListTags are needed."
)
AGAIN = "If this may be temporary, run it again."
THEN = "Then run it again."
ADVICE = Advice(ALLOW, AGAIN, THEN)

STEPS = {
    "AccessDenied": ALLOW,
    "UnauthorizedTaggingOperation": ALLOW,
    "InvalidCredentials": LOG_IN,
    "NetworkFailure": f"{CHECK_SETTINGS} {THEN}",
}
"""What to do after a failure of READ, by its handler error code."""


class TemplateError(Exception):
    """There is no template; the message says why and what to do."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn what AWS's libraries and READ raise into a TemplateError that says what to do next."""
    try:
        yield
    except AWS_ERRORS as error:
        raise TemplateError(explanation(error, ADVICE)) from None
    except HandlerFailed as failure:
        raise TemplateError(f"{said(failure)}\n{STEPS.get(failure.code or '', AGAIN)}") from None
    except TagsNotShown as missing:
        raise TemplateError(f"{missing}\nRun it again.") from None
