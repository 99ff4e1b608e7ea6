"""Makes guide/coverage.md: the resource types and the operations that the sandbox has.

They are read from the code: the types from the catalog, the operations from the sandbox's own
services and from moto's classes of responses.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import boto3
from moto.backends import get_backend
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores

from project.settings import type_name
from sandbox.account import AccountApp
from sandbox.cloud_control.service import CloudControlService
from sandbox.cloudformation.api.dispatch import CloudFormationResponse
from sandbox.cloudformation.catalog import Catalog
from sandbox.cloudformation.resources.inert import InertResource
from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.resource_type import ResourceType
from sandbox.cloudformation.resources.sagemaker_types import sagemaker_types
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.hosting.place import Place
from sandbox.registry.type_registry import TypeRegistry
from sandbox.sagemaker.service import SageMakerService

PAGE = Path("guide/coverage.md")
PLACE = Place("123456789012", "us-east-1", "aws")
# What templates and tools around model quality use. moto answers for many more services.
SERVICES = (
    *("account", "cloudcontrol", "cloudformation", "cloudwatch", "ecr", "events", "iam", "kms"),
    *("lambda", "logs", "resourcegroupstaggingapi", "s3", "sagemaker", "secretsmanager", "sns"),
    *("sqs", "ssm", "sts"),
)
_MODULES_OF_MOTO = {"lambda": "awslambda"}
_HEAD = """\
# What the sandbox has

`make generate` writes this page from the code. A template with another type of AWS is rejected:
"The sandbox has no …, which AWS has." A request for another operation is rejected likewise: "The
sandbox does not support the operation …" [The sandbox](sandbox.md) describes how it differs from
AWS, and [Templates](templates.md) what else a template can contain.

## Resource types

`{type_name}` and every type that you
[register](registering.md) have handlers, which create, update, delete, read and list. Stacks,
change sets, imports, drift detection, Cloud Control and the IaC generator work with them. Custom
resources (`Custom::…`) are created, updated and deleted by their provider.

The types in this table work in stacks only. All of them can be created and deleted, and replaced
where AWS replaces them. "Replaced" in the table means that AWS never updates the type in place
either. Where an update in place is missing, an update that needs it fails, and the event says so.
The event that a resource is complete names the properties that moto ignores.

| type | from | updated in place |
| --- | --- | --- |
"""
_OPERATIONS = """
## Operations

A service that is not on this page may be there, too: moto answers for
[many more](https://docs.getmoto.org/en/latest/docs/services/index.html).
"""


def page() -> str:
    """Return the text of the page."""
    rows = "".join(map(_row, types().items()))
    services = "".join(map(_paragraph, SERVICES))
    return f"{_HEAD.format(type_name=type_name())}{rows}{_OPERATIONS}{services}"


def types() -> dict[str, ResourceType]:
    """Return the types without handlers, by name."""
    unused = cast("Any", None)  # what makes nested stacks and registered types
    further = sagemaker_types(SageMakerService())
    catalog = Catalog(TypeRegistry(), PLACE, unused, unused, further)
    return {name: kind for name in catalog.names() if (kind := catalog.find(name))}


def operations(service: str) -> list[str]:
    """Return the operations of a service that the sandbox has, sorted."""
    return sorted({*_own(service), *_of_moto(service)})


def _own(service: str) -> Iterable[str]:
    unused = cast("Any", None)
    if service == "account":
        return AccountApp(unused).operations
    if service == "cloudcontrol":
        return CloudControlService(unused).operations
    return SageMakerService().operations if service == "sagemaker" else ()


def _of_moto(service: str) -> Iterator[str]:
    if service == "cloudcontrol":
        return
    classes = list(_responses(service))
    if service == "s3":
        # Its class of responses has methods for paths rather than for operations.
        classes.append(get_backend("s3").backend)
    for operation in _model(service).operation_names:
        name = camelcase_to_underscores(operation)
        if any(_implements(each, name) for each in classes):
            yield operation


def _responses(service: str) -> Iterator[type[Any]]:
    """The classes whose methods moto calls for the operations of a service."""
    if service == "cloudformation":
        yield CloudFormationResponse
        return
    module = importlib.import_module(f"moto.{_MODULES_OF_MOTO.get(service, service)}.responses")
    for each in vars(module).values():
        if inspect.isclass(each) and issubclass(each, BaseResponse) and each is not BaseResponse:
            yield each


def _implements(kind: type[Any], name: str) -> bool:
    method = getattr(kind, name, None)
    code = getattr(inspect.unwrap(method), "__code__", None) if method else None
    return code is not None and NotImplementedError.__name__ not in code.co_names


@cache
def _model(service: str) -> Any:
    client = boto3.client(
        cast("Any", service),
        region_name=PLACE.region,
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    return client.meta.service_model


def _row(named: tuple[str, ResourceType]) -> str:
    name, kind = named
    of = "moto" if isinstance(kind, MotoResource) else "the sandbox"
    if isinstance(kind, InertResource):
        of = "nothing is created"
    updated = "yes" if kind.can_update else "no"
    if isinstance(kind, SchemaResource) and not kind.can_update:
        updated = "replaced"
    return f"| `{name}` | {of} | {updated} |\n"


def _paragraph(service: str) -> str:
    title = _model(service).metadata["serviceId"]
    text = textwrap.fill(f"{', '.join(operations(service))}.", 100, break_on_hyphens=False)
    return f"\n### {title}\n\n{text}\n"
