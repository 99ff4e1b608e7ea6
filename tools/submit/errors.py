"""Failures of `make submit`: each says why it failed and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    LoginError,
    LoginInsufficientPermissions,
    MissingDependencyException,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnknownRegionError,
)
from botocore.parsers import ResponseParserError

ACCESS_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
ALLOW = "Allow the action that it names; guide/registering.md lists all actions that are needed."
NAME_A_REGION = "Name one: REGION=us-east-1"
LOG_IN = "Log in (with `aws sso login` or `aws configure`, for example), and run it again."
NAME_A_PROFILE = "Set AWS_PROFILE to an existing profile: `aws configure list-profiles` lists them."
EXPORT = (
    "Or export credentials: `aws configure export-credentials --format env` prints the commands."
)
AGAIN = "If this may be temporary, run it again: it continues where it stopped."
FIX = "Fix what it names, and run it again. Nothing was registered."

STEPS: dict[type[BotoCoreError], str] = {
    UnknownRegionError: NAME_A_REGION,
    ProfileNotFound: NAME_A_PROFILE,
    # The only dependency that can be missing here is that of `aws login`.
    MissingDependencyException: EXPORT,
    LoginInsufficientPermissions: ALLOW,
    **dict.fromkeys(
        (
            CredentialRetrievalError,
            LoginError,
            NoAuthTokenError,
            NoCredentialsError,
            PartialCredentialsError,
            SSOError,
            TokenRetrievalError,
        ),
        LOG_IN,
    ),
}
"""What to do when botocore fails before it reaches AWS; the first match counts."""

CHECK_SETTINGS = (
    "Check REGION, AWS_PROFILE and AWS_ENDPOINT_URL, and whether the network lets you through. "
    "Then run it again: it continues where it stopped."
)

AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call of AWS raises. ResponseParserError, for a response that AWS did not write, is no
BotoCoreError."""

NOT_AWS = (
    "The response did not come from AWS, but from something in between: a proxy, or the portal of "
    "a network. Log in to the network, or check HTTPS_PROXY and AWS_ENDPOINT_URL. Then run it "
    "again: it continues where it stopped."
)


class SubmitError(Exception):
    """Registration did not complete; the message says why and what to do."""


class StillRegistering(SubmitError):
    """The registration is still in progress; waiting for it was given up."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn what AWS's libraries raise into a SubmitError that says what to do next."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        step = ALLOW if code in ACCESS_DENIED else LOG_IN if code in BAD_CREDENTIALS else AGAIN
        raise SubmitError(f"{error}\n{step}") from None
    except ResponseParserError as error:
        # The lines after the first are the response, however long.
        raise SubmitError(f"{str(error).splitlines()[0]}\n{NOT_AWS}") from None
    except BotoCoreError as error:
        step = next(
            (step for kind, step in STEPS.items() if isinstance(error, kind)), CHECK_SETTINGS
        )
        raise SubmitError(f"{error}\n{step}") from None


def code_of(error: ClientError) -> str:
    """The error code that AWS gave."""
    return str(error.response["Error"]["Code"])
