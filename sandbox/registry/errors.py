"""The errors of the registry's API.

They are moto service exceptions, so that moto's response layer serializes them.
"""

from __future__ import annotations

from moto.cloudformation.exceptions import CloudFormationError


class RegistryError(CloudFormationError):
    """The registry rejects a request."""

    code = "CFNRegistryException"


class TypeNotFound(CloudFormationError):
    """No type or version has the requested name or ARN."""

    code = "TypeNotFoundException"


class TypeConfigurationNotFound(CloudFormationError):
    """No configuration data has the requested ARN or alias."""

    code = "TypeConfigurationNotFoundException"
