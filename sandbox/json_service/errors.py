"""The exception that becomes an error response, and the errors that all services share."""


class ServiceError(Exception):
    """An error response of a service; `str()` returns only the service's message.

    code: the error code, `__type` in the response. status: the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
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
