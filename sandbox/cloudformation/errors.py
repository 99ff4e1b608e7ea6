"""The errors of CloudFormation's API.

They are moto service exceptions, so that moto's response layer serializes them.
"""

from __future__ import annotations

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.exceptions import ValidationError as MotoValidationError


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


class NoUpdates(ValidationError):
    """An update that would change nothing."""


class InsufficientCapabilities(CloudFormationError):
    """The caller has not acknowledged a capability that the template needs."""

    code = "InsufficientCapabilitiesException"
