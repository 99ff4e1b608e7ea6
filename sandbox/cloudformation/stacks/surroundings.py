"""What a deployment needs from its account and region, and the values for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, Protocol

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.resource_type import Instance, ResourceType
from sandbox.cloudformation.stacks.provisioning import conceal
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.hosting.timing import Timing


class Surroundings(Protocol):
    """What a deployment needs from its account and region."""

    @property
    def timing(self) -> Timing:
        """Retries, delays and time limits."""

    def resource_type(self, type_name: str) -> ResourceType:
        """Return the implementation of a type. Raises ResourceFailed if it is unknown."""

    def validate(self, stack: Stack, target: Configuration) -> None:
        """Validate what a stack is to become, before anything is provisioned.

        Raises ValidationFailed if a resource is not valid, unless the validation is disabled.
        """

    def import_value(self, stack: Stack, name: str) -> Any:
        """Record that a stack imports an export. Returns the export's value.

        Raises ValidationError if there is no such export.
        """

    def publish(self, stack: Stack, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Replace the exports of a stack by those among `outputs`.

        Raises DeploymentFailed if another stack already exports a name, or if an export that is in
        use would change or be deleted.
        """

    def used_exports(self, stack: Stack) -> frozenset[str]:
        """Return the names of the exports that a stack imports."""

    def keep_used_exports(self, stack: Stack, names: Set[str]) -> None:
        """Record that the stack imports only the exports `names`."""

    def claim(self, resource: LogicalResource, existing: Instance) -> None:
        """Make `existing` the instance of `resource`, whose stack imports it.

        Raises ResourceFailed if a stack has it already.
        """

    def retire(self, stack: Stack) -> None:
        """Record that a stack is deleted."""


class StackValues:
    """The values of Ref, Fn::GetAtt and Fn::ImportValue during a deployment."""

    def __init__(self, stack: Stack, surroundings: Surroundings) -> None:
        self.stack = stack
        self.surroundings = surroundings
        self.used_exports: set[str] = set()

    def ref(self, logical_id: str) -> Any:
        """Return the physical id of a resource.

        Raises ValidationError if the resource does not exist yet.
        """
        return self._instance(logical_id).physical_id

    def get_att(self, logical_id: str, attribute: str) -> Any:
        """Return an attribute of a resource. The values of secure references are not shown in it.

        Raises ResourceFailed if it has no such attribute.
        Raises ValidationError if the resource does not exist yet.
        """
        instance = self._instance(logical_id)
        resource = self.stack.resources[logical_id]
        kind = self.surroundings.resource_type(resource.type_name)
        return conceal(kind.attribute(instance, attribute), instance.reference_values)

    def import_value(self, name: str) -> Any:
        """Return the value of an export. Raises ValidationError if there is no such export."""
        self.used_exports.add(name)
        return self.surroundings.import_value(self.stack, name)

    def _instance(self, logical_id: str) -> Instance:
        resource = self.stack.resources.get(logical_id)
        if resource is None or resource.instance is None:
            raise ValidationError(f"Unresolved resource dependency [{logical_id}]")
        return resource.instance
