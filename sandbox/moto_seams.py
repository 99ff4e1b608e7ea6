"""The places where the sandbox changes or uses moto's internals."""

from collections.abc import Callable
from functools import cache, lru_cache
from threading import RLock
from typing import Any

import boto3
from moto.cloudformation.parsing import get_name_type_map
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sagemaker.models import (
    FakeEndpoint,
    FakeEndpointConfig,
    FakeSagemakerNotebookInstance,
    FakeSageMakerNotebookInstanceLifecycleConfig,
    Model,
)
from moto.utilities.utils import get_partition

MOTO_LOCK = RLock()
"""Hold this lock while using moto's models outside a request; they are not thread-safe. Never wait
while holding it."""

_MAX_NAME = 63
_NAME_PROPERTIES: dict[Any, str] = {
    FakeEndpoint: "EndpointName",
    FakeEndpointConfig: "EndpointConfigName",
    FakeSageMakerNotebookInstanceLifecycleConfig: "NotebookInstanceLifecycleConfigName",
    FakeSagemakerNotebookInstance: "NotebookInstanceName",
    Model: "ModelName",
}


@cache
def mend_sagemaker_names() -> None:
    """Make moto give SageMaker's resources in stacks names that SageMaker accepts.

    moto generates a name for each of its resources, even if the template sets one. With a long
    stack name, the generated name is longer than SageMaker allows. Calling this again does nothing.
    """
    for model, name_property in _NAME_PROPERTIES.items():
        model.cloudformation_name_type = staticmethod(lambda named=name_property: named)
        create = model.create_from_cloudformation_json.__func__
        model.create_from_cloudformation_json = classmethod(_with_short_name(create))
    get_name_type_map.cache_clear()


def _with_short_name(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_with_short_name(cls: Any, resource_name: str, *args: Any, **kwargs: Any) -> Any:
        return create(cls, shortened(resource_name), *args, **kwargs)

    return create_with_short_name


def shortened(name: str, limit: int = _MAX_NAME) -> str:
    """Return a generated name with at most `limit` characters, without changing its suffix."""
    if len(name) <= limit:
        return name
    stack_and_logical_id, _, suffix = name.rpartition("-")
    return f"{stack_and_logical_id[: limit - len(suffix) - 1].rstrip('-')}-{suffix}"


class _Services(DomainDispatcherApplication):
    def get_application(self, environ: dict[str, Any]) -> Any:
        try:
            return super().get_application(environ)
        except Exception as error:
            # Whatever a missing module, a missing header or an unknown host leads to there.
            raise NotImplementedError("moto has no such service") from error

    def get_backend_for_host(self, host: str | None) -> Any:
        is_of_aws = "amazonaws.com" in (host or "")
        if is_of_aws and not any(
            pattern.match(f"http://{host}") for _, pattern in self.backend_url_patterns
        ):
            # moto would print how its developers add a service.
            raise NotImplementedError("moto has no such service")
        return super().get_backend_for_host(host)


def application() -> DomainDispatcherApplication:
    """Return moto's services as one WSGI application that caches how it finds a host's service.

    Without the cache, it lists moto's folders twice for each request, which takes a fifth of the
    request's time. It raises NotImplementedError for a request to a service that moto lacks.
    """
    made = _Services(create_backend_app)
    found = lru_cache(maxsize=1024)(made.get_backend_for_host)
    made.get_backend_for_host = found  # type: ignore[method-assign]
    return made


@cache
def enable_all_regions() -> None:
    """Make EC2 call every region enabled, because moto answers in every region.

    moto says of those that an account has to opt in to that it has not. Calling this again does
    nothing.
    """
    for region in RegionsAndZonesBackend.regions:
        if region.opt_in_status == "not-opted-in":
            region.opt_in_status = "opted-in"


@cache
def regions(of_partition_of: str) -> dict[str, str]:
    """The regions of a region's partition with their opt-in status, as Account Management has it.

    The names are botocore's, as EC2's in moto are, and so is which of them need no opting in.
    """
    partition = get_partition(of_partition_of)
    names = boto3.Session().get_available_regions("ec2", partition)
    opted_in = {
        region.name
        for region in RegionsAndZonesBackend.regions
        if region.opt_in_status == "opted-in"
    }
    return {name: "ENABLED" if name in opted_in else "ENABLED_BY_DEFAULT" for name in sorted(names)}
