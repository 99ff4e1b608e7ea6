"""The errors of CloudFormation's API.

They are moto service exceptions, so that moto's response layer serializes them.
"""

from __future__ import annotations

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.exceptions import ValidationError as MotoValidationError
from moto.core.errors import COMMON_ERROR_CODES


class ValidationError(MotoValidationError):
    """A request that CloudFormation rejects before it does anything."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


class ChangeSetNotFound(CloudFormationError):
    """No change set has the requested name or ARN."""

    code = "ChangeSetNotFound"


class InvalidChangeSetStatus(CloudFormationError):
    """The change set cannot be executed because it is empty or was executed before."""

    code = "InvalidChangeSetStatus"


# moto warns of an error that is neither in the API's model nor in this list.
COMMON_ERROR_CODES.append("AccessDenied")


class AccessDenied(CloudFormationError):
    """The caller may not pass the role (adcreare/cloudformation issue 3)."""

    code = "AccessDenied"


class NoUpdates(ValidationError):
    """An update that would change nothing."""


class InsufficientCapabilities(CloudFormationError):
    """The caller has not acknowledged a capability that the template needs."""

    code = "InsufficientCapabilitiesException"
