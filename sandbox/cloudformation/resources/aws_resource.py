"""What the types of AWS have in common that moto or the sandbox provides, without handlers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sandbox.cloudformation.resources.published_schema import published_schema
from sandbox.cloudformation.resources.resource_type import ResourceFailed, ResourceType
from sandbox.hosting.pointers import Pointer, property_pointers


class AwsResource(ResourceType):
    """A type of AWS, of whose schema only the create-only properties matter here."""

    def __init__(self, type_name: str, region: str) -> None:
        self.type_name = type_name
        self.region = region

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        """As AWS's published schema of the type says."""
        return _published_create_only(self.type_name, self.region)

    def unknown_attribute(self, name: str) -> ResourceFailed:
        """The failure of a Fn::GetAtt for an attribute that is not provided."""
        return ResourceFailed(f"The sandbox does not know the attribute {name} of {self.type_name}")

    @contextmanager
    def failing_readably(self) -> Iterator[None]:
        """Turn any exception into ResourceFailed with a readable reason."""
        try:
            yield
        except Exception as error:
            words = getattr(error, "message", None) or getattr(error, "description", None)
            if isinstance(error, KeyError):
                words = f"required key [{error.args[0]}] not found"
            raise ResourceFailed(
                f"{words or error} (Type: {self.type_name}, Error: {type(error).__name__})"
            ) from error


@lru_cache(maxsize=256)
def _published_create_only(type_name: str, region: str) -> tuple[Pointer, ...]:
    """The create-only properties of AWS's own schema; none where there is no such schema."""
    return property_pointers(published_schema(type_name, region).get("createOnlyProperties", ()))
