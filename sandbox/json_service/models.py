"""botocore's models of services, each parsed once."""

from functools import cache

import botocore.session
from botocore.model import ServiceModel, Shape


@cache
def service_model(service: str) -> ServiceModel:
    """Return a service's model as the installed botocore ships it, by botocore's name for it."""
    return botocore.session.get_session().get_service_model(service)


@cache
def input_shape(service: str, operation: str) -> Shape:
    """Return the shape of an operation's request."""
    # Cached, because botocore builds a new shape for each call.
    return service_model(service).operation_model(operation).input_shape
