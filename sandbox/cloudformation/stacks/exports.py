"""The exports of one account and region, and the stacks that import them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.cloudformation.parsing import Export

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.errors import DeploymentFailed
from sandbox.cloudformation.template.intrinsics import Unknown


class Exports:
    """Exports by name. Callers must hold the lock of the stack records.

    values: the exports by name; moto's own ListExports reads this dictionary.
    stack_name: returns the name for a stack id.
    """

    def __init__(self, values: dict[str, Export], stack_name: Callable[[str], str]) -> None:
        self.values = values
        self._stack_name = stack_name
        self._importers: dict[str, set[str]] = {}
        self._used_by: dict[str, set[str]] = {}
        self._of_stack: dict[str, set[str]] = {}

    def planned_value(self, name: str) -> Any:
        """Return the value of an export, or Unknown if it does not exist yet."""
        export = self.values.get(name)
        return export.value if export else Unknown({"Fn::ImportValue": name})

    def use(self, stack_id: str, name: str) -> str:
        """Record that a stack imports an export. Returns the export's value.

        Raises ValidationError if there is no such export.
        """
        export = self.values.get(name)
        if export is None:
            raise ValidationError(f"No export named {name} found.")
        self._importers.setdefault(name, set()).add(stack_id)
        self._used_by.setdefault(stack_id, set()).add(name)
        return export.value

    def uses(self, stack_id: str) -> frozenset[str]:
        """Return the names of the exports that a stack imports."""
        return frozenset(self._used_by.get(stack_id, ()))

    def keep_uses(self, stack_id: str, names: Iterable[str]) -> None:
        """Record that the stack imports only the exports `names`."""
        used = set(names)
        for name in self._used_by.pop(stack_id, set()) - used:
            self._importers[name].discard(stack_id)
        if used:
            self._used_by[stack_id] = used

    def importers(self, name: str) -> list[str]:
        """Return the names of the stacks that import an export, sorted."""
        return sorted(map(self._stack_name, self._importers.get(name, ())))

    def publish(self, stack_id: str, outputs: Iterable[Mapping[str, Any]]) -> None:
        """Replace the exports of a stack by those among `outputs`.

        Raises DeploymentFailed if another stack already exports a name, or if an export that is in
        use would change or be deleted.
        """
        wanted = {
            output["ExportName"]: output["OutputValue"]
            for output in outputs
            if "ExportName" in output
        }
        present = self._of_stack.get(stack_id, set())
        for name in wanted:
            if name in self.values and name not in present:
                other = self._stack_name(self.values[name].exporting_stack_id)
                raise DeploymentFailed(status_reasons.export_taken(name, other))
        for name in present:
            users = self.importers(name)
            if users and wanted.get(name) != self.values[name].value:
                verb = "updated" if name in wanted else "deleted"
                raise DeploymentFailed(status_reasons.export_in_use(name, verb, users))
        for name in present - set(wanted):
            del self.values[name]
        for name, value in wanted.items():
            self.values[name] = Export(stack_id, name, value)
        self._of_stack.pop(stack_id, None)
        if wanted:
            self._of_stack[stack_id] = set(wanted)
