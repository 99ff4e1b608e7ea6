"""The stacks of one account and region."""

from __future__ import annotations

from threading import RLock

from moto.cloudformation.utils import generate_stack_id

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack
from sandbox.hosting.place import Place


class StackRecords:
    """live and deleted are keyed by stack id; a name stands for the one live stack that has it.

    Whatever is decided about stacks and then begun is done under `lock`, so that two requests
    cannot both find a stack idle.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.lock = RLock()
        self.live: dict[str, Stack] = {}
        self.deleted: dict[str, Stack] = {}
        self._ids_by_name: dict[str, str] = {}

    def find(self, name_or_stack_id: str) -> Stack | None:
        """A live stack by name or id, or None."""
        stack_id = self._ids_by_name.get(name_or_stack_id, name_or_stack_id)
        return self.live.get(stack_id)

    def get(self, name_or_stack_id: str) -> Stack:
        """A live stack by name or id, or a deleted one by id. Raises ValidationError: none."""
        stack = self.find(name_or_stack_id) or self.deleted.get(name_or_stack_id)
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_stack_id} does not exist")
        return stack

    def resources(self, name: str, logical_id: str | None = None) -> list[LogicalResource]:
        """The resources of a stack, or the one asked for. Raises ValidationError: no such one."""
        resources = self.get(name).described_resources
        if logical_id is None:
            return resources
        found = [resource for resource in resources if resource.logical_id == logical_id]
        if not found:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {name}")
        return found

    def new_identity(self, name: str) -> StackIdentity:
        """The identity of a stack that is about to be made."""
        stack_id = generate_stack_id(name, self.place.region, self.place.account_id)
        return StackIdentity(stack_id, name, self.place)

    def add(self, stack: Stack) -> None:
        """Take a new stack, whose name is free."""
        self.live[stack.stack_id] = stack
        self._ids_by_name[stack.name] = stack.stack_id

    def retire(self, stack: Stack) -> None:
        """Take note that a stack is deleted, which frees its name."""
        self.live.pop(stack.stack_id, None)
        self._ids_by_name.pop(stack.name, None)
        self.deleted[stack.stack_id] = stack
