"""The sandbox's CloudFormation: real deployments on moto's backend, with hosted resource types.

install([HostedType(schema, invoke)])      # before moto's applications are made
registry().register(HostedType(...))       # further types, at any time
stop()                                     # breaks off what is running
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moto.cloudformation.models import cloudformation_backends

from sandbox.cloudformation.catalog import FURTHER_TYPES, MakeResourceType
from sandbox.cloudformation.models import CloudFormationBackend
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.timing import Timing
from sandbox.moto_seams import mend_sagemaker_names
from sandbox.process_wide import PROCESS
from sandbox.registry.type_registry import TypeRegistry

__all__ = [
    "HostedType",
    "Timing",
    "TypeRegistry",
    "install",
    "registry",
    "stop",
]


def install(
    types: Iterable[HostedType] = (),
    timing: Timing | None = None,
    resource_types: Mapping[str, MakeResourceType] | None = None,
) -> None:
    """Put our CloudFormation in the place of moto's and register `types`.

    resource_types: implementations of types without handlers, by name.

    moto makes a backend for an account and region when it is first asked for, by the class that its
    `BackendDict` names, and takes the URLs and their handlers from the module beside that class.
    Naming ours there is the one seam: accounts, regions, resets and the server work as before.
    Call it before moto's WSGI applications are made; calling it again replaces types and timing.
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


def registry() -> TypeRegistry:
    """The types that are hosted now."""
    return PROCESS.types


def stop(timeout: float = 2.0) -> bool:
    """Break off all stack operations; whether every thread ended within `timeout` seconds.

    The threads are daemons: the process may end in any case. Registered packages end, too.
    """
    ended = PROCESS.workers.stop(timeout)
    for regions in list(cloudformation_backends.values()):
        for backend in list(regions.values()):
            if isinstance(backend, CloudFormationBackend):
                backend.registrations.clear()
    return ended
