"""The errors that only SageMaker has."""

from sandbox.json_service.errors import ServiceError


def in_use(message: str) -> ServiceError:
    """Return the error for a name that is taken, or a resource that others depend on."""
    return ServiceError("ResourceInUse", message)


def not_found(message: str) -> ServiceError:
    """Return the error for a resource that does not exist."""
    return ServiceError("ResourceNotFound", message)
