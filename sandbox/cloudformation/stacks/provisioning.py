"""Gives resource types the values of dynamic references, and stacks the references.

Stacks compare, record and show properties with the references in them. A handler receives the
values, which are read just before it is called.

A value that changed makes an update by itself if the reference is an `ssm` reference. Those of
secure references (`ssm-secure`, `secretsmanager`) are read only when something else updates the
resource (guide/assumptions.md, B187; for `ssm-secure` the CloudFormation user guide: change sets
compare the reference).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.resource_type import (
    Instance,
    Operation,
    ResourceFailed,
    ResourceType,
)
from sandbox.cloudformation.stacks.stack import LogicalResource
from sandbox.cloudformation.template.dynamic_references import (
    contains,
    parse_reference,
    references_in,
    substitute,
)
from sandbox.cloudformation.template.stored_values import NoValue, value_of
from sandbox.hosting.place import Place

_SHORTEST_SECRET = 4
"""Shorter values are not looked for inside other text: they would be found everywhere."""

Values = Mapping[str, str]
"""The values of references, by their text."""


# -- what is compared ------------------------------------------------------------------------------


def plain_values(properties: Any, place: Place) -> dict[str, str]:
    """Return the values of the `ssm` references in properties.

    Raises ResourceFailed if one leads nowhere.
    """
    with _reference_errors():
        return {
            reference.text: value_of(reference, place)
            for reference in map(parse_reference, references_in(properties))
            if not reference.is_secure
        }


def known_plain_values(properties: Any, place: Place) -> dict[str, str]:
    """Return the values of the `ssm` references in properties, without those that have none."""
    found: dict[str, str] = {}
    for text in references_in(properties):
        with suppress(ResourceFailed):
            found.update(plain_values(text, place))
    return found


def comparable(kind: ResourceType, properties: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return properties with the values of `ssm` references. Secure references stay."""
    if not contains(properties):
        return dict(properties)
    return kind.convert(_with_values(properties, without_secure(values)))


def comparable_resource(kind: ResourceType, resource: LogicalResource) -> LogicalResource:
    """Return a resource whose instance has `comparable` properties."""
    instance = resource.instance
    if instance is None or not instance.reference_values:
        return resource
    properties = comparable(kind, instance.properties, instance.reference_values)
    return replace(resource, instance=replace(instance, properties=properties))


# -- what a resource type receives -----------------------------------------------------------------


class Provisioning:
    """The operations of one resource type on one logical resource.

    Instances that go in and come out, also to `identified`, have the references.
    """

    def __init__(self, kind: ResourceType, operation: Operation) -> None:
        self._kind = kind
        self._operation = operation

    def values(self, properties: Mapping[str, Any], plain: Values | None = None) -> dict[str, str]:
        """Return the values of the references in properties, as far as the type receives them.

        plain: the values of `ssm` references, where they are not to be read.

        Raises ResourceFailed if a reference leads nowhere, or if the properties with the values
        violate the schema.
        """
        place = self._operation.stack.place
        values = plain_values(properties, place) if plain is None else dict(plain)
        if self._kind.takes_secrets:
            with _reference_errors():
                for text in references_in(properties):
                    if text not in values:
                        values[text] = value_of(parse_reference(text), place)
        if values:
            with self._concealing(properties, values):
                found = self._kind.violations(self._sent(properties, values))
                if found:
                    raise ResourceFailed(
                        status_reasons.invalid_properties(self._operation.logical_id, found)
                    )
        return values

    def create(self, properties: Mapping[str, Any]) -> Instance:
        """Create a physical resource. Raises ResourceFailed if that fails."""
        values = self.values(properties)
        operation = self._reporting(properties, values)
        with self._concealing(properties, values):
            made = self._kind.create(operation, self._sent(properties, values))
        return _shown(made, properties, values)

    def update(self, instance: Instance, properties: Mapping[str, Any], values: Values) -> Instance:
        """Update a physical resource in place. Raises ResourceFailed if that fails.

        values: those of the references, from `values`.
        """
        before = instance.reference_values
        with self._concealing(properties, {**before, **values}):
            updated = self._kind.update(
                self._operation, self._as_sent(instance), self._sent(properties, values)
            )
        return _shown(updated, properties, values)

    def apply_stack_tags(self, instance: Instance) -> Instance:
        """Apply the stack's tags to an imported resource. Raises ResourceFailed if that fails."""
        properties, values = instance.properties, instance.reference_values
        with self._concealing(properties, values):
            updated = self._kind.apply_stack_tags(self._operation, self._as_sent(instance))
        return _shown(updated, properties, values)

    def delete(self, instance: Instance) -> None:
        """Delete a physical resource. Raises ResourceFailed if that fails.

        The values are those of the last operation: what they were read from may be gone.
        """
        with self._concealing(instance.properties, instance.reference_values):
            self._kind.delete(self._operation, self._as_sent(instance))

    def _sent(self, properties: Mapping[str, Any], values: Values) -> dict[str, Any]:
        return self._kind.convert(_with_values(properties, values)) if values else dict(properties)

    def _as_sent(self, instance: Instance) -> Instance:
        return as_sent(self._kind, instance)

    def _reporting(self, properties: Mapping[str, Any], values: Values) -> Operation:
        """The operation, with an `identified` that receives the references."""
        identified = self._operation.identified
        return replace(
            self._operation,
            identified=lambda made: identified(_shown(made, properties, values)),
        )

    @contextmanager
    def _concealing(self, properties: Mapping[str, Any], values: Values) -> Iterator[None]:
        """Put the references into the failure of an operation."""
        try:
            yield
        except ResourceFailed as failure:
            failure.reason = conceal(failure.reason, values)
            failure.args = (failure.reason,)
            if failure.instance:
                failure.instance = _shown(failure.instance, properties, values)
            raise


def as_sent(kind: ResourceType, instance: Instance) -> Instance:
    """Return an instance with the properties that its resource type last received."""
    if not instance.reference_values:
        return instance
    sent = kind.convert(_with_values(instance.properties, instance.reference_values))
    return replace(instance, properties=sent)


def _shown(made: Instance, properties: Mapping[str, Any], values: Values) -> Instance:
    return replace(made, properties=properties, reference_values=values)


def _with_values(properties: Any, values: Values) -> Any:
    return substitute(properties, lambda text: values.get(text, text))


@contextmanager
def _reference_errors() -> Iterator[None]:
    """Turn errors of references into ResourceFailed."""
    try:
        yield
    except NoValue as error:
        raise ResourceFailed(str(error)) from None
    except ValidationError as error:
        raise ResourceFailed(str(error.message)) from None


# -- what is shown ---------------------------------------------------------------------------------


def conceal(value: Any, values: Values) -> Any:
    """Return what is shown of a value: in its text, secure references instead of their values.

    For what a resource type returns, such as the messages and attributes of a handler.
    """
    secrets = _without_plain(values)
    if not secrets:
        return value
    whole = {secret: reference for reference, secret in secrets.items() if secret}
    parts = {
        written: reference
        for secret, reference in whole.items()
        if len(secret) >= _SHORTEST_SECRET
        for written in (secret, json.dumps(secret)[1:-1])
    }
    longest_first = sorted(parts, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def concealed(text: str) -> str:
        return whole.get(text) or pattern.sub(lambda found: parts[found[0]], text)

    return _map_texts(value, concealed)


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _map_texts(member, change) for name, member in value.items()}
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    return value


def without_secure(values: Values) -> dict[str, str]:
    """Return the values of `ssm` references among `values`."""
    return {text: value for text, value in values.items() if not parse_reference(text).is_secure}


def _without_plain(values: Values) -> dict[str, str]:
    return {text: value for text, value in values.items() if parse_reference(text).is_secure}
