"""The operations on change sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudformation.api.descriptions import names_of, parameters_of, tag_list
from sandbox.cloudformation.api.requests import StackRequests
from sandbox.cloudformation.api.wire import present
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.change_sets import ChangeSet
from sandbox.cloudformation.stacks.importing import ResourceToImport


class ChangeSetApi(StackRequests):
    """One method for each operation."""

    def create_change_set(self) -> ActionResult:
        """Handle CreateChangeSet."""
        asked = self._checked()
        kind = asked.get("ChangeSetType", "UPDATE")
        _check_options(kind, asked)
        change_sets = self.backend.operations.change_sets
        deploys_first = change_sets.deploys_first(asked["StackName"], kind)
        is_new = deploys_first and self.backend.records.find(asked["StackName"]) is None
        change_set = change_sets.create(
            self._stack_name() if is_new else asked["StackName"],
            asked["ChangeSetName"],
            kind,
            self._request(self._new_template() if deploys_first else self._updated_template()),
            asked.get("Description"),
            asked.get("OnStackFailure", "ROLLBACK"),
            [
                ResourceToImport(
                    each["LogicalResourceId"], each["ResourceType"], each["ResourceIdentifier"]
                )
                for each in asked.get("ResourcesToImport", ())
            ],
            self._flag("ImportExistingResources"),
            asked.get("ClientToken"),
            disable_validation=self._flag("DisableValidation"),
        )
        return ActionResult({"Id": change_set.change_set_id, "StackId": change_set.stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        """Handle DescribeChangeSet."""
        change_set = self._change_set()
        if token := self._get_param("NextToken"):
            raise ValidationError(f"Invalid next token: {token}")  # one page has all changes
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
        stack_name = self._checked()["StackName"]
        change_sets = self.backend.operations.change_sets.of_stack(stack_name)
        return self.page("Summaries", change_sets, _summarize_change_set)

    def delete_change_set(self) -> ActionResult:
        """Handle DeleteChangeSet."""
        asked = self._checked()
        self.backend.operations.change_sets.delete(asked["ChangeSetName"], asked.get("StackName"))
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


def _check_options(kind: str, asked: Mapping[str, Any]) -> None:
    """Raise ValidationError if a change set of this kind cannot have one of the options."""
    on_failure = asked.get("OnStackFailure")
    if mode := asked.get("DeploymentMode"):
        raise ValidationError(f"The sandbox does not support DeploymentMode {mode}.")
    if kind != "IMPORT" and asked.get("ResourcesToImport"):
        raise ValidationError(
            f"ResourcesToImport is only valid with ChangeSetType IMPORT, and not with {kind}."
        )
    if kind != "CREATE" and on_failure == "DELETE":
        raise ValidationError(
            f"OnStackFailure DELETE is only valid with ChangeSetType CREATE, and not with {kind}."
        )
    if kind == "IMPORT" and on_failure == "DO_NOTHING":
        raise ValidationError(
            "The sandbox does not support OnStackFailure DO_NOTHING with ChangeSetType IMPORT: an "
            "import that fails always rolls back. Use ROLLBACK."
        )
    if kind == "IMPORT" and asked.get("ImportExistingResources"):
        raise ValidationError(
            "The sandbox does not support ImportExistingResources with ChangeSetType IMPORT. Name "
            "each resource in ResourcesToImport."
        )


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
