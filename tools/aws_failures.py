"""What AWS's libraries raise, explained to a person: why it failed, and what to do next."""

from __future__ import annotations

from typing import NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    LoginError,
    LoginInsufficientPermissions,
    MissingDependencyException,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnknownRegionError,
)
from botocore.parsers import ResponseParserError

AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call of AWS raises. ResponseParserError, for a response that AWS did not write, is no
BotoCoreError."""

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

BAD_REGION = "scoped to a valid region"
"""A part of what AWS says of a signature for a region that it does not have, with the code of a
wrong signature."""

NAME_A_REGION = "Name one: REGION=us-east-1"
CORRECT_THE_REGION = "Correct REGION, or the region in the settings of the AWS SDK."
LOG_IN = "Log in (with `aws sso login` or `aws configure`, for example), and run it again."
TRY_IT_HERE = "To try it without an account, run it in `make shell`, which starts a sandbox."
NAME_A_PROFILE = "Set AWS_PROFILE to an existing profile: `aws configure list-profiles` lists them."
EXPORT = (
    "Or export credentials: `aws configure export-credentials --format env` prints the commands."
)
CHECK_SETTINGS = (
    "Check REGION, AWS_PROFILE and AWS_ENDPOINT_URL, and whether the network lets you through."
)
FIX_SETTINGS = (
    "Fix the variable whose name begins with AWS_, or the setting in your AWS config file. An "
    "AWS_ENDPOINT_URL begins with http:// or https://."
)
NOT_AWS = (
    "The response did not come from AWS, but from something in between: a proxy, or the portal of "
    "a network. Log in to the network, or check HTTPS_PROXY and AWS_ENDPOINT_URL."
)


class InvalidSettings(BotoCoreError):  # type: ignore[misc]  # botocore has no types
    """A setting that the SDK cannot use, for which botocore itself has no exception."""

    fmt = "A setting of the AWS SDK is invalid: {problem}"


class NoSuchRegion(UnknownRegionError):  # type: ignore[misc]  # botocore has no types
    """AWS has no region with the name that was given; botocore itself would connect to none."""

    fmt = "{sentence}"


STEPS: dict[type[BotoCoreError], str] = {
    InvalidSettings: FIX_SETTINGS,
    **dict.fromkeys((NoRegionError, UnknownRegionError), NAME_A_REGION),
    ProfileNotFound: NAME_A_PROFILE,
    NoCredentialsError: f"{LOG_IN}\n{TRY_IT_HERE}",
    # The only dependency that can be missing here is that of `aws login`.
    MissingDependencyException: EXPORT,
    **dict.fromkeys(
        (
            CredentialRetrievalError,
            LoginError,
            NoAuthTokenError,
            PartialCredentialsError,
            SSOError,
            TokenRetrievalError,
        ),
        LOG_IN,
    ),
}
"""What to do when botocore fails before it reaches AWS; the first match counts."""


class Advice(NamedTuple):
    """What to do next, in the words of one command.

    allow: when a permission is missing. again: when the failure may be temporary. then: once the
    cause is removed.
    """

    allow: str
    again: str
    then: str


def explanation(error: Exception, advice: Advice) -> str:
    """What one of AWS_ERRORS says, and in the next line what to do."""
    if isinstance(error, ClientError):
        code = code_of(error)
        denied, unknown = code in ACCESS_DENIED, code in BAD_CREDENTIALS
        if BAD_REGION in str(error):
            return f"{error}\n{CORRECT_THE_REGION}"
        return f"{error}\n{advice.allow if denied else LOG_IN if unknown else advice.again}"
    if isinstance(error, ResponseParserError):
        # The lines after the first are the response, however long.
        return f"{str(error).splitlines()[0]}\n{NOT_AWS} {advice.then}"
    if isinstance(error, LoginInsufficientPermissions):
        return f"{error}\n{advice.allow}"
    known = next((step for kind, step in STEPS.items() if isinstance(error, kind)), None)
    if isinstance(error, NoSuchRegion) and str(error).endswith("?"):
        # It asks whether a similar one is meant.
        return str(error)
    return f"{error}\n{known or f'{CHECK_SETTINGS} {advice.then}'}"


def code_of(error: Exception) -> str:
    """The error code that AWS gave, or the name of what the SDK raised instead."""
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__
