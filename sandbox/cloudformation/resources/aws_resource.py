"""What the types of AWS have in common that moto or the sandbox provides, without handlers."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.published_schema import (
    published_schema,
    published_violations,
)
from sandbox.cloudformation.resources.resource_type import ResourceFailed, ResourceType
from sandbox.hosting.conversion import convert
from sandbox.hosting.pointers import Pointer, property_pointers
from sandbox.hosting.subschemas import Subschema
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import schema_violations

# The packages whose exceptions are answers of a service, and not failures of moto's own code.
_SERVICES = frozenset(("botocore", "moto", "sandbox", "werkzeug"))

NO_PROPERTIES: Mapping[str, Any] = MappingProxyType({})


class AwsResource(ResourceType):
    """A type of AWS, which has a published schema."""

    def __init__(self, type_name: str, region: str) -> None:
        self.type_name = type_name
        self.region = region

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """As AWS's published schema of the type says."""
        return _published_create_only(self.type_name, self.region)

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return resolved properties, converted to the types of AWS's published schema."""
        schema = published_schema(self.type_name, self.region)
        converted: dict[str, Any] = convert(dict(properties), schema)
        return converted

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """Return the members that AWS's published schema lacks, requires or has otherwise."""
        return published_violations(properties, self.type_name, self.region)

    def unknown_attribute(self, name: str) -> ResourceFailed:
        """The failure of a Fn::GetAtt for an attribute that is not provided."""
        return ResourceFailed(status_reasons.no_attribute_in_sandbox(self.type_name, name))

    @contextmanager
    def failing_readably(
        self, verb: str = "create", properties: Mapping[str, Any] = NO_PROPERTIES
    ) -> Iterator[None]:
        """Turn any exception into ResourceFailed with a readable reason.

        verb: what is tried: create, update or delete. properties: those of the resource.
        """
        try:
            yield
        except ResourceFailed:
            raise
        except Exception as error:
            raise ResourceFailed(self._reason(error, verb, properties)) from error

    def _reason(self, error: Exception, verb: str, properties: Mapping[str, Any]) -> str:
        """The words of a service, or what the sandbox lacks if moto's own code fails.

        If that fails and a required property is missing, the words are CloudFormation's. The
        message of an error in moto's code is left out: it can hold a value of the template.
        """
        name = type(error).__name__
        if type(error).__module__.partition(".")[0] in _SERVICES:
            words = getattr(error, "message", None) or getattr(error, "description", None)
            return f"{words or error} (Type: {self.type_name}, Error: {name})"
        schema = published_schema(self.type_name, self.region)
        key = error.args[0] if isinstance(error, KeyError) and error.args else None
        required = f"required key [{'' if key is None else f'{key}] not found'}"
        if missing := [
            v for v in schema_violations(properties, TypeSchema(schema)) if required in v
        ]:
            return f"{' '.join(missing)} (Type: {self.type_name})"
        if key in _names(Subschema.of(schema), properties):
            return status_reasons.needed_by_moto(verb, self.type_name, str(key))
        return status_reasons.failed_in_moto(verb, self.type_name, f"{name} in {_place(error)}")


def _names(schema: Subschema, value: Any) -> set[str]:
    """The names of all properties that the schema has for the value, and for the values inside."""
    found = set(schema.declared)
    if isinstance(value, Mapping):
        for name, member in value.items():
            found |= _names(schema.member(str(name)), member)
    elif isinstance(value, list):
        for item in value:
            found |= _names(schema.items, item)
    return found


def _place(error: Exception) -> str:
    """The module and line that raised an error."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{frame.f_globals.get('__name__')}, line {line}"


@lru_cache(maxsize=256)
def _published_create_only(type_name: str, region: str) -> tuple[Pointer, ...]:
    """The create-only properties of AWS's own schema; none where there is no such schema."""
    return property_pointers(published_schema(type_name, region).get("createOnlyProperties", ()))
