"""The errors of CloudFormation's API, and what ends a resource operation or a deployment.

API errors are moto's service exceptions, so that moto's response layer puts them on the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.exceptions import ValidationError as MotoValidationError

if TYPE_CHECKING:
    from sandbox.cloudformation.resources.resource_type import Instance


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


class RegistryError(CloudFormationError):
    """The registry refuses a request."""

    code = "CFNRegistryException"


class TypeNotFound(CloudFormationError):
    """No type, or no version of it, has that name or ARN."""

    code = "TypeNotFoundException"


class ResourceFailed(Exception):
    """An operation on one resource has failed; the text is its status reason.

    error_code: the handler error code, where a handler gave one.
    instance: after a failed create, what exists all the same and a rollback has to delete.
    """

    def __init__(
        self, reason: str, error_code: str | None = None, instance: Instance | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error_code = error_code
        self.instance = instance


class DeploymentFailed(Exception):
    """A stack operation has failed; the text becomes part of the stack's status reason."""


class OutOfTime(Exception):
    """The stack's TimeoutInMinutes is over."""


class Cancelled(Exception):
    """The user has asked for the running stack operation to end."""


class Stopped(BaseException):
    """The sandbox is shutting down or being reset: unwind without writing anything more."""
