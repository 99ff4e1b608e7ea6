"""The errors of CloudFormation's API.

They are moto's service exceptions, so that moto's response layer puts them on the wire.
"""

from __future__ import annotations

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.exceptions import ValidationError as MotoValidationError


class ValidationError(MotoValidationError):
    """A request that CloudFormation refuses before it does anything."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


class ChangeSetNotFound(CloudFormationError):
    """No change set has that name or ARN."""

    code = "ChangeSetNotFound"


class InvalidChangeSetStatus(CloudFormationError):
    """The change set cannot be executed: empty, or executed before."""

    code = "InvalidChangeSetStatus"


class NoUpdates(ValidationError):
    """An update that would change nothing."""


class InsufficientCapabilities(CloudFormationError):
    """The caller has not acknowledged what the template may do."""

    code = "InsufficientCapabilitiesException"
