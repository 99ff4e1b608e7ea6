"""The services that are meant to be used here, and their operations by botocore's models."""

import difflib
from collections.abc import Collection
from functools import cache

import botocore.session

# moto, behind it all, answers for many more.
SERVICES = ("cloudformation", "cloudwatch", "iam", "lambda", "logs", "s3", "sagemaker", "sts")
ANY = "*"
# A request of these says by its method and path what it wants, and not by an operation's name.
_REST_PROTOCOLS = ("rest-json", "rest-xml")


def check_names(service: str, operation: str) -> None:
    """Raise ValueError unless an operation of a service, either of them ``*`` for any, is known.

    The text names the value and the known ones: all of them, or the nearest where they are many.
    """
    if service not in (*SERVICES, ANY):
        raise ValueError(
            f"service is {service!r}{_nearest(service, SERVICES)}; "
            f"it may be one of {', '.join(SERVICES)}, or {ANY}"
        )
    if operation == ANY:
        return
    known = [name for each in SERVICES if service in (each, ANY) for name in _operations(each)]
    if not known:
        raise ValueError(
            f"operation is {operation!r}; requests of {service} do not name their operation, "
            f"so that it may only be {ANY}"
        )
    if operation not in known:
        whose = "no service here has it" if service == ANY else f"{service} has no such operation"
        raise ValueError(f"operation is {operation!r}, and {whose}{_nearest(operation, known)}")


@cache
def _operations(service: str) -> tuple[str, ...]:
    """The operations that requests of a service name; sagemaker's take a quarter of a second."""
    model = botocore.session.get_session().get_service_model(service)
    return () if model.protocol in _REST_PROTOCOLS else tuple(model.operation_names)


def _nearest(name: object, known: Collection[str]) -> str:
    found = difflib.get_close_matches(str(name), known, n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""
