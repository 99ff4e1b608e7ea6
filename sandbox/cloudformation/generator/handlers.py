"""How the generator reads resources, and how its API identifies them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.hosting import credentials
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.place import Place
from sandbox.hosting.pointers import dig, put
from sandbox.hosting.type_schema import TypeSchema
from sandbox.process_wide import PROCESS

Identifier = dict[str, str]
"""The parts of a primary identifier by name, as the API has them."""


def handlers_of(hosted: HostedType, place: Place, interruption: Interruption) -> HandlerClient:
    """Return the handlers of a type in a place. They run with the type's execution role."""
    return HandlerClient(
        hosted,
        place,
        lambda: credentials.of_type(hosted, place),
        timing=PROCESS.timing,
        wait=interruption.wait,
    )


def part_names(of_type: TypeSchema) -> list[str]:
    """Return the names of the parts of the type's primary identifier."""
    return ["/".join(pointer) for pointer in of_type.primary_identifier]


def identifier_of(of_type: TypeSchema, model: Mapping[str, Any]) -> Identifier:
    """Return the primary identifier in a model."""
    values = [str(dig(model, pointer)) for pointer in of_type.primary_identifier]
    return dict(zip(part_names(of_type), values, strict=True))


def model_of(of_type: TypeSchema, identifier: Mapping[str, str]) -> dict[str, Any]:
    """Return a model with only the primary identifier: the reverse of `identifier_of`.

    Raises ValueError if these are not the parts of the type's identifier.
    """
    names = part_names(of_type)
    if sorted(identifier) != sorted(names):
        raise ValueError(
            f"Invalid resource identifier for resource type {of_type.type_name}. "
            f"Expected [{', '.join(names)}]"
        )
    model: dict[str, Any] = {}
    for name, pointer in zip(names, of_type.primary_identifier, strict=True):
        model = put(model, pointer, identifier[name])
    return model
