"""The sandbox's CloudFormation: real deployments on moto's backend, with hosted resource types.

install([HostedType(schema, invoke)])      # before moto's applications are created
hosted_types().register(HostedType(...))   # more types, at any time
stop()                                     # stops all running operations
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moto.cloudformation.models import cloudformation_backends

from sandbox.cloudformation.catalog import FURTHER_TYPES, MakeResourceType
from sandbox.cloudformation.models import CloudFormationBackend
from sandbox.cloudformation.resources.unknown_types import is_of_aws
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from sandbox.moto_seams import mend_sagemaker_names
from sandbox.process_wide import PROCESS
from sandbox.registry.type_registry import TypeRegistry

__all__ = [
    "HostedType",
    "Timing",
    "TypeRegistry",
    "find_type",
    "hosted_types",
    "install",
    "is_of_aws",
    "stop",
]


def install(
    types: Iterable[HostedType] = (),
    timing: Timing | None = None,
    resource_types: Mapping[str, MakeResourceType] | None = None,
) -> None:
    """Replace moto's CloudFormation with the sandbox's and register `types`.

    resource_types: implementations of types without handlers, by name.

    moto creates a backend for each account and region on first use, from the class in its
    `BackendDict`, and finds the URLs and their handlers in the module beside that class. Replacing
    that class is all that is needed: accounts, regions, resets and the server work as before.
    Call this before moto's WSGI applications are created. A second call replaces types and timing.
    """
    if cloudformation_backends.backend is not CloudFormationBackend:
        cloudformation_backends.backend = CloudFormationBackend
        cloudformation_backends.clear()
    mend_sagemaker_names()
    FURTHER_TYPES.clear()
    FURTHER_TYPES.update(resource_types or {})
    PROCESS.timing = timing or Timing()
    PROCESS.types.clear()
    for hosted in types:
        PROCESS.types.register(hosted)


def hosted_types() -> TypeRegistry:
    """Return the registry of the hosted types, global and private."""
    return PROCESS.types


def find_type(type_name: str, place: Place, version_id: str | None = None) -> HostedType | None:
    """Return a hosted type in its default version, or in the given one; None if there is none."""
    hosted = PROCESS.types.lookup(type_name, place.account_id, place.region)
    if version_id is None:
        return hosted
    backend = cloudformation_backends[place.account_id][place.region]
    if isinstance(backend, CloudFormationBackend) and backend.registrations.knows(type_name):
        versions = backend.registrations.versions(type_name)
        return next((each.hosted for each in versions if each.version_id == version_id), None)
    return hosted if hosted and hosted.version == version_id else None


def stop(timeout: float = 2.0) -> bool:
    """Stop all background work, Cloud Control's requests included, and all registered packages.

    Returns whether all threads ended within `timeout` seconds. They are daemon threads, so the
    process can exit in any case.
    """
    ended = PROCESS.workers.stop(timeout)
    for regions in list(cloudformation_backends.values()):
        for backend in list(regions.values()):
            if isinstance(backend, CloudFormationBackend):
                backend.registrations.clear()
    return ended
