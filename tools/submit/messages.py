"""What `make submit` says where it fails: why, and what to do next."""

from __future__ import annotations

import os
import sys
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
ALLOW = "Have the action that it names allowed; guide/registering.md lists those that are needed."
NAME_A_REGION = "Name one: REGION=us-east-1"
LOG_IN = "Log in (`aws sso login`, `aws configure`, or what else gives you some), and run it again."
NAME_A_PROFILE = "Name a profile that there is: AWS_PROFILE (`aws configure list-profiles`)"
EXPORT = "Or export them: `aws configure export-credentials --format env` prints how."
AGAIN = "If that may pass, run it again: it goes on from where it was."
MEND = "Mend what it names, and run it again. Nothing was registered."

STEPS: dict[type[BotoCoreError], str] = {
    UnknownRegionError: NAME_A_REGION,
    ProfileNotFound: NAME_A_PROFILE,
    # It is that of `aws login`: all else that is used here is installed.
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
"""What to do where botocore has not come to ask AWS; the first that fits."""

LOOK = (
    "Look at REGION, AWS_PROFILE and AWS_ENDPOINT_URL, and whether the network lets you through; "
    "then run it again: it goes on from where it was."
)

AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call of AWS raises; what is no answer of AWS's at all is no BotoCoreError."""

NOT_AWS = (
    "That was not AWS that answered, but something between here and there: a proxy, or the portal "
    "of a network. Log in to the network, or look at HTTPS_PROXY and AWS_ENDPOINT_URL; then run it "
    "again: it goes on from where it was."
)


class SubmitError(Exception):
    """It did not come to a registered default version; the message says why and what to do."""


class StillRegistering(SubmitError):
    """The registration goes on, and was left to itself."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn what AWS's libraries raise into SubmitError with the next step."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        step = ALLOW if code in ACCESS_DENIED else LOG_IN if code in BAD_CREDENTIALS else AGAIN
        raise SubmitError(f"{error}\n{step}") from None
    except ResponseParserError as error:
        # The lines after it are the answer, however long.
        raise SubmitError(f"{str(error).splitlines()[0]}\n{NOT_AWS}") from None
    except BotoCoreError as error:
        step = next((step for kind, step in STEPS.items() if isinstance(error, kind)), LOOK)
        raise SubmitError(f"{error}\n{step}") from None


def code_of(error: ClientError) -> str:
    """What AWS calls the error."""
    return str(error.response["Error"]["Code"])


def say(line: str) -> None:
    """Print a line at once, also where the output is a file or a pipe.

    Where whoever read the pipe is gone, such as `head`, the work goes on without a word.
    """
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
