"""The errors of the generator's API.

They are moto service exceptions, so that moto's response layer serializes them.
"""

from __future__ import annotations

from moto.cloudformation.exceptions import CloudFormationError


class ResourceScanInProgress(CloudFormationError):
    """A scan is running: no other can be started, and its resources cannot be listed yet."""

    code = "ResourceScanInProgress"


class ResourceScanLimitExceeded(CloudFormationError):
    """As many scans were started in the last 24 hours as an account may start."""

    code = "ResourceScanLimitExceeded"


class ResourceScanNotFound(CloudFormationError):
    """No scan has the requested ARN."""

    code = "ResourceScanNotFound"


class GeneratedTemplateNotFound(CloudFormationError):
    """No generated template has the requested name or ARN."""

    code = "GeneratedTemplateNotFound"


class LimitExceeded(CloudFormationError):
    """There are as many generated templates as an account may have."""

    code = "LimitExceededException"


class ConcurrentResourcesLimitExceeded(CloudFormationError):
    """As many templates are being generated as an account may generate at once.

    Also: the template to delete is being generated.
    """

    code = "ConcurrentResourcesLimitExceeded"
