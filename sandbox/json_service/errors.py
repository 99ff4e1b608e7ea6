"""The service's errors."""


class ServiceError(Exception):
    """An answer that is an error, as the wire will carry it.

    `str()` of it is the service's message alone.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Take the error code (`__type` on the wire), the message and the HTTP status."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> ServiceError:
    """Return the error for a request that breaks a rule."""
    return ServiceError("ValidationException", message)


def malformed(message: str) -> ServiceError:
    """Return the error for a body that does not have the operation's JSON types."""
    return ServiceError("SerializationException", message)


def in_use(message: str) -> ServiceError:
    """Return the error for a name that is taken, or a resource that others depend on."""
    return ServiceError("ResourceInUse", message)


def not_found(message: str) -> ServiceError:
    """Return the error for a name that nothing has."""
    return ServiceError("ResourceNotFound", message)
