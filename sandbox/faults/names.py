"""Checks the service and the operation that a fault names."""

from collections.abc import Collection
from functools import cache

from project.words import nearest
from sandbox.json_service.models import service_model
from sandbox.services import SERVICES

ANY = "*"
# Requests of these protocols do not name their operation: the method and the path determine it.
_REST_PROTOCOLS = ("rest-json", "rest-xml")


def check_names(service: str, operation: str) -> None:
    """Raise ValueError unless the service and its operation are known; ``*`` is any.

    The message has the value, and all services or the nearest operation.
    """
    if service not in (*SERVICES, ANY):
        raise ValueError(
            f"service is {service!r}{_nearest(service, SERVICES)}; "
            f"it must be one of {', '.join(SERVICES)}, or {ANY}"
        )
    if operation == ANY:
        return
    known = [name for each in SERVICES if service in (each, ANY) for name in _operations(each)]
    if not known:
        raise ValueError(
            f"operation is {operation!r}; requests to {service} do not name their operation, "
            f"so it must be {ANY}"
        )
    if operation not in known:
        problem = (
            "no service of the sandbox has this operation"
            if service == ANY
            else f"{service} has no such operation"
        )
        raise ValueError(f"operation is {operation!r}; {problem}{_nearest(operation, known)}")


@cache
def _operations(service: str) -> tuple[str, ...]:
    """The operations that requests to a service can name."""
    # Cached, because SageMaker's model takes 0.25 s to parse.
    model = service_model(service)
    return () if model.protocol in _REST_PROTOCOLS else tuple(model.operation_names)


def _nearest(name: object, known: Collection[str]) -> str:
    found = nearest(str(name), known)
    return f" (did you mean {found!r}?)" if found else ""
