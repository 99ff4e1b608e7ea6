"""What the registry refuses. moto's service exceptions, so that its response layer answers them."""

from __future__ import annotations

from moto.cloudformation.exceptions import CloudFormationError


class RegistryError(CloudFormationError):
    """The registry refuses a request."""

    code = "CFNRegistryException"


class TypeNotFound(CloudFormationError):
    """No type, or no version of it, has that name or ARN."""

    code = "TypeNotFoundException"
