"""The configuration data of registered types, which their handlers receive with each request.

Sources: the API reference of SetTypeConfiguration and BatchDescribeTypeConfigurations, and the
CloudFormation CLI's user guide, "Defining the account-level configuration of an extension". An
alias is required for a resource type, as the reference says; users set `default`. Which of several
aliases the handlers get is documented nowhere: here it is `default`, or else the one set first.

Configuration data may be secret. No message contains a value of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from moto.core.utils import utcnow

from sandbox.hosting.hosted_type import ConfigurationFailed
from sandbox.hosting.place import Place
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import violations_without_values
from sandbox.registry.errors import RegistryError, TypeConfigurationNotFound

DEFAULT_ALIAS = "default"

Resolve = Callable[[Any], Any]
"""Returns a document with its dynamic references replaced by the values that they stand for.

Raises ConfigurationFailed."""


@dataclass(frozen=True)
class TypeConfiguration:
    """The configuration data of a type under an alias. text: the JSON document as it was set."""

    type_name: str
    arn: str
    alias: str
    text: str
    updated: datetime = field(default_factory=utcnow)


class TypeConfigurations:
    """The configuration data of the types of one account and region.

    resolve: resolves dynamic references, which handlers never see, before each invocation.
    """

    def __init__(self, place: Place, resolve: Resolve) -> None:
        self._place = place
        self._resolve = resolve
        self._by_type: dict[str, dict[str, TypeConfiguration]] = {}
        self._lock = Lock()

    def set(self, of_type: TypeSchema, alias: str | None, text: str) -> TypeConfiguration:
        """Set or replace the configuration data of a type. Returns it.

        text: a JSON document that the `typeConfiguration` of the type's schema describes.

        Raises RegistryError if there is no alias, the type has no configuration, the document is
        not valid, or a dynamic reference in it leads nowhere.
        """
        type_name = of_type.type_name
        if not alias:
            raise RegistryError(
                "A ConfigurationAlias is required to set the configuration of a resource type. "
                f"Handlers receive the one with the alias {DEFAULT_ALIAS}."
            )
        schema = configuration_schema(of_type.schema)
        if schema is None:
            raise RegistryError(
                f"The schema of type {type_name} has no typeConfiguration, so there is nothing to "
                "configure."
            )
        try:
            document = json.loads(text)
        except ValueError as error:
            raise RegistryError(f"The Configuration is not JSON: {type(error).__name__}.") from None
        if not isinstance(document, dict):
            raise RegistryError("The Configuration is not a JSON object.")
        try:
            document = self._resolve(document)
        except ConfigurationFailed as error:
            raise RegistryError(str(error)) from None
        if found := violations_without_values(document, schema):
            lines = "\n".join(found)
            raise RegistryError(
                f"The Configuration does not match the typeConfiguration of {type_name}:\n{lines}"
            )
        name = type_name.replace("::", "-")
        arn = self._place.arn("cloudformation", f"type-configuration/resource/{name}/{alias}")
        configuration = TypeConfiguration(type_name, arn, alias, text)
        with self._lock:
            self._by_type.setdefault(type_name, {})[alias] = configuration
        return configuration

    def find(self, arn: str) -> TypeConfiguration:
        """Return configuration data by its ARN. Raises TypeConfigurationNotFound."""
        for configurations in list(self._by_type.values()):
            for each in list(configurations.values()):
                if each.arn == arn:
                    return each
        raise TypeConfigurationNotFound(f"The type configuration '{arn}' cannot be found.")

    def of_type(self, type_name: str, alias: str | None) -> TypeConfiguration | None:
        """Return a type's configuration data with an alias, or what its handlers get if None.

        Returns None if no configuration data is set.

        Raises TypeConfigurationNotFound if there is no such alias.
        """
        configurations = self._by_type.get(type_name, {})
        if not alias:
            first = next(iter(configurations.values()), None)
            return configurations.get(DEFAULT_ALIAS, first)
        if alias not in configurations:
            raise TypeConfigurationNotFound(
                f"The type '{type_name}' has no configuration with the alias '{alias}'."
            )
        return configurations[alias]

    def document(self, type_name: str) -> Any:
        """Return what the type's handlers get: a JSON document, or None if nothing is set.

        Raises ConfigurationFailed if a dynamic reference leads nowhere any more.
        """
        configuration = self.of_type(type_name, None)
        if configuration is None:
            return None
        return self._resolve(json.loads(configuration.text))

    def remove(self, type_name: str) -> None:
        """Remove all configuration data of a type."""
        with self._lock:
            self._by_type.pop(type_name, None)

    def clear(self) -> None:
        """Remove all configuration data."""
        with self._lock:
            self._by_type.clear()


def configuration_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a type's configuration data, or None if the type has none.

    The CloudFormation CLI completes it in the same way before it generates code from it.
    """
    own = schema.get("typeConfiguration")
    if not isinstance(own, Mapping):
        return None
    return {**own, "definitions": schema.get("definitions", {}), "typeName": schema["typeName"]}
