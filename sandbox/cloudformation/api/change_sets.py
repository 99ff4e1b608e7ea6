"""The operations on change sets."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudformation.api.descriptions import names_of, parameters_of, tag_list
from sandbox.cloudformation.api.requests import NAME, StackRequests
from sandbox.cloudformation.api.wire import present
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.change_sets import ChangeSet
from sandbox.cloudformation.stacks.importing import ResourceToImport


class ChangeSetApi(StackRequests):
    """One method for each operation."""

    def create_change_set(self) -> ActionResult:
        """Handle CreateChangeSet."""
        kind = self._get_param("ChangeSetType", "UPDATE")
        if kind not in ("CREATE", "UPDATE", "IMPORT"):
            raise ValidationError(f"The sandbox does not support change sets of type {kind}.")
        if mode := self._get_param("DeploymentMode"):
            raise ValidationError(f"The sandbox does not support DeploymentMode {mode}.")
        imports = self._resources_to_import()
        if imports and kind != "IMPORT":
            raise ValidationError(
                f"ResourcesToImport is only valid with ChangeSetType IMPORT, and not with {kind}."
            )
        name = self._get_param("ChangeSetName")
        if not NAME.fullmatch(name):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: "
                "[a-zA-Z][-a-zA-Z0-9]*"
            )
        creates = kind == "CREATE" or (
            kind == "IMPORT" and self.backend.records.find(self._get_param("StackName")) is None
        )
        change_set = self.backend.operations.change_sets.create(
            self._stack_name() if creates else self._get_param("StackName"),
            name,
            kind,
            self._request(self._template() or "" if creates else self._updated_template()),
            self._get_param("Description"),
            self._get_param("OnStackFailure", "ROLLBACK"),
            imports,
            self._flag("ImportExistingResources"),
        )
        return ActionResult({"Id": change_set.change_set_id, "StackId": change_set.stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        """Handle DescribeChangeSet."""
        change_set = self._change_set()
        configuration = change_set.target
        described = {
            **_summarize_change_set(change_set),
            "Parameters": parameters_of(configuration.parameters),
            "Tags": tag_list(configuration.tags),
            "NotificationARNs": list(configuration.notification_arns),
            "Capabilities": list(configuration.capabilities),
            "Changes": [change.describe() for change in change_set.changes],
        }
        return ActionResult(described)

    def list_change_sets(self) -> ActionResult:
        """Handle ListChangeSets."""
        change_sets = self.backend.operations.change_sets.of_stack(self._get_param("StackName"))
        return self.page("Summaries", change_sets, _summarize_change_set)

    def delete_change_set(self) -> ActionResult:
        """Handle DeleteChangeSet."""
        self.backend.operations.change_sets.delete(
            self._get_param("ChangeSetName"), self._get_param("StackName")
        )
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        """Handle ExecuteChangeSet."""
        self.backend.operations.execute(
            self._change_set(),
            disable_rollback=self._flag("DisableRollback"),
            retain_except_on_create=self._flag("RetainExceptOnCreate"),
            token=self._get_param("ClientRequestToken"),
        )
        return EmptyResult()

    def _resources_to_import(self) -> list[ResourceToImport]:
        return [
            ResourceToImport(
                each["LogicalResourceId"],
                each["ResourceType"],
                each.get("ResourceIdentifier") or {},
            )
            for each in self._get_param("ResourcesToImport", [])
        ]


def _summarize_change_set(change_set: ChangeSet) -> dict[str, Any]:
    return present(
        {
            **names_of(change_set.stack),
            "ChangeSetId": change_set.change_set_id,
            "ChangeSetName": change_set.name,
            "Description": change_set.description,
            "CreationTime": change_set.creation_time,
            "Status": change_set.status,
            "StatusReason": change_set.status_reason,
            "ExecutionStatus": change_set.execution_status,
            "OnStackFailure": change_set.on_stack_failure,
            "IncludeNestedStacks": False,
            "ImportExistingResources": change_set.import_existing or None,
        }
    )
