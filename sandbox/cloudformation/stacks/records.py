"""The live and deleted stacks of one account and region."""

from __future__ import annotations

from threading import RLock

from moto.cloudformation.utils import generate_stack_id

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.stacks.history import StackOperation
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.hosting.place import Place


class StackRecords:
    """Live and deleted stacks by stack id. At most one live stack has a given name.

    Hold `lock` while checking whether an operation may start and starting it. Otherwise two
    requests could both find the stack idle.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.lock = RLock()
        self.live: dict[str, Stack] = {}
        self.deleted: dict[str, Stack] = {}
        self._ids_by_name: dict[str, str] = {}

    def find(self, name_or_stack_id: str) -> Stack | None:
        """Return a live stack by name or id, or None."""
        stack_id = self._ids_by_name.get(name_or_stack_id, name_or_stack_id)
        return self.live.get(stack_id)

    def get(self, name_or_stack_id: str) -> Stack:
        """Return a live stack by name or id, or a deleted stack by id.

        Raises ValidationError if there is no such stack.
        """
        stack = self.find(name_or_stack_id) or self.deleted.get(name_or_stack_id)
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_stack_id} does not exist")
        return stack

    def resources(self, name: str, logical_id: str | None = None) -> list[LogicalResource]:
        """Return the resources of a stack, or a list with only the requested resource.

        Raises ValidationError if there is no such stack or resource.
        """
        resources = self.get(name).described_resources
        if logical_id is None:
            return resources
        found = [resource for resource in resources if resource.logical_id == logical_id]
        if not found:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {name}")
        return found

    def holders(self) -> dict[tuple[str, str], Stack]:
        """Return the live stack of each physical resource, by type name and physical id.

        A resource that a stack is still to delete is among them.
        """
        return {
            (resource.type_name, instance.physical_id): stack
            for stack in list(self.live.values())
            for resource in list(stack.resources.values())
            for instance in (resource.instance, *resource.obsolete)
            if instance
        }

    def holder(self, physical_id: str) -> Stack:
        """Return the live stack that a physical resource belongs to.

        Raises ValidationError if it belongs to none.
        """
        for (_, held), stack in self.holders().items():
            if held == physical_id:
                return stack
        raise ValidationError(f"Stack for {physical_id} does not exist")

    @property
    def operations(self) -> list[StackOperation]:
        """The operations on all stacks."""
        stacks = [*self.live.values(), *self.deleted.values()]
        return [operation for stack in stacks for operation in stack.history.operations]

    def check_family(self, stack: Stack) -> None:
        """Raise ValidationError if a stack that contains this one, or is in it, has an operation.

        Each could change the other. A stack's own operation runs those of the stacks in it.
        """
        for other in [] if stack.in_progress else list(self.live.values()):
            if other.in_progress and (other in stack.ancestors or stack in other.ancestors):
                raise ValidationError(
                    f"Stack [{stack.stack_id}] cannot be changed while stack [{other.stack_id}] is "
                    f"in {other.status} state, because one contains the other."
                )

    def new_identity(self, name: str) -> StackIdentity:
        """Return an identity for a new stack."""
        stack_id = generate_stack_id(name, self.place.region, self.place.account_id)
        return StackIdentity(stack_id, name, self.place)

    def add(self, stack: Stack) -> None:
        """Add a new stack. No live stack may have its name."""
        self.live[stack.stack_id] = stack
        self._ids_by_name[stack.name] = stack.stack_id

    def retire(self, stack: Stack) -> None:
        """Record that a stack is deleted. Its name can be used again."""
        self.live.pop(stack.stack_id, None)
        self._ids_by_name.pop(stack.name, None)
        self.deleted[stack.stack_id] = stack
