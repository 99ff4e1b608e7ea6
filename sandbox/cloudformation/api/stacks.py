"""The operations on stacks."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox.background import LONGEST_HOLD
from sandbox.cloudformation.api.descriptions import (
    drift_of_resource,
    drift_of_stack,
    names_of,
    parameters_of,
    tag_list,
)
from sandbox.cloudformation.api.requests import StackRequests
from sandbox.cloudformation.api.wire import present
from sandbox.cloudformation.drift.results import StackDrift
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.deployment import CreateOptions, UpdateOptions
from sandbox.cloudformation.stacks.stack import LogicalResource, Stack, properties_text


class StackApi(StackRequests):
    """One method for each operation."""

    def create_stack(self) -> ActionResult:
        """Handle CreateStack."""
        self._checked()
        on_failure = self._get_param("OnFailure")
        disable_rollback = self._get_bool_param("DisableRollback")
        if on_failure and disable_rollback is not None:
            raise ValidationError(
                "You can specify either DisableRollback or OnFailure, but not both"
            )
        on_failure = on_failure or ("DO_NOTHING" if disable_rollback else "ROLLBACK")
        stack = self.backend.operations.create(
            self._stack_name(),
            self._request(self._new_template()),
            CreateOptions(on_failure, self._flag("RetainExceptOnCreate")),
            timeout_in_minutes=self._get_param("TimeoutInMinutes"),
            enable_termination_protection=self._flag("EnableTerminationProtection"),
            policy=self._policy("StackPolicy"),
            disable_validation=self._flag("DisableValidation"),
            token=self._get_param("ClientRequestToken"),
        )
        return _started(stack, "CREATE_STACK")

    def update_stack(self) -> ActionResult:
        """Handle UpdateStack."""
        self._checked()
        stack = self.backend.operations.update(
            self._get_param("StackName"),
            self._request(self._updated_template()),
            UpdateOptions(
                self._flag("DisableRollback"),
                self._flag("RetainExceptOnCreate"),
                self._policy("StackPolicy"),
                self._policy("StackPolicyDuringUpdate"),
            ),
            self._get_param("ClientRequestToken"),
            disable_validation=self._flag("DisableValidation"),
        )
        return _started(stack, "UPDATE_STACK")

    def delete_stack(self) -> ActionResult:
        """Handle DeleteStack."""
        self._checked()
        self._role()
        self.backend.operations.delete(
            self._get_param("StackName"),
            self._get_param("RetainResources", []),
            self._get_param("DeletionMode") == "FORCE_DELETE_STACK",
            self._get_param("ClientRequestToken"),
        )
        return EmptyResult()

    def cancel_update_stack(self) -> ActionResult:
        """Handle CancelUpdateStack."""
        self._checked()
        self.backend.operations.cancel_update(
            self._get_param("StackName"), self._get_param("ClientRequestToken")
        )
        return EmptyResult()

    def continue_update_rollback(self) -> ActionResult:
        """Handle ContinueUpdateRollback."""
        self._checked()
        self._role()
        self.backend.operations.continue_update_rollback(
            self._get_param("StackName"),
            self._get_param("ResourcesToSkip", []),
            self._get_param("ClientRequestToken"),
        )
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        """Handle UpdateTerminationProtection."""
        self._checked()
        stack = self.backend.records.get(self._get_param("StackName"))
        stack.enable_termination_protection = self._flag("EnableTerminationProtection")
        return ActionResult({"StackId": stack.stack_id})

    def get_stack_policy(self) -> ActionResult:
        """Handle GetStackPolicy."""
        stack = self.backend.records.get(self._checked()["StackName"])
        policy = stack.current_policy
        return ActionResult(present({"StackPolicyBody": policy.text if policy else None}))

    def set_stack_policy(self) -> ActionResult:
        """Handle SetStackPolicy."""
        name, policy = self._checked()["StackName"], self._policy("StackPolicy")
        if policy is None:
            raise ValidationError("Specify either StackPolicyBody or StackPolicyURL.")
        self.backend.operations.set_policy(name, policy)
        return EmptyResult()

    def describe_stacks(self) -> ActionResult:
        """Handle DescribeStacks."""
        name = self._get_param("StackName")
        if not name:
            stacks = list(self.backend.records.live.values())
            return self.page("Stacks", stacks, self._described)
        stack = self.backend.records.get(name)
        stack.wait_for_end(LONGEST_HOLD)
        return self.page("Stacks", [stack], self._described)

    def list_stacks(self) -> ActionResult:
        """Handle ListStacks."""
        wanted = self._get_param("StackStatusFilter")
        every = [*self.backend.records.live.values(), *self.backend.records.deleted.values()]
        stacks = [stack for stack in every if not wanted or stack.status in wanted]
        return self.page(
            "StackSummaries", stacks, lambda stack: _summarize_stack(stack, self._drift(stack))
        )

    def describe_stack_resource(self) -> ActionResult:
        """Handle DescribeStackResource."""
        self._checked()
        name = self._get_param("StackName")
        (resource,) = self.backend.records.resources(name, self._get_param("LogicalResourceId"))
        stack = self.backend.records.get(name)
        detail = {
            **names_of(stack),
            **_summarize_resource(resource, self._drift(stack)),
            "Metadata": _metadata(resource),
        }
        return ActionResult({"StackResourceDetail": detail})

    def describe_stack_resources(self) -> ActionResult:
        """Handle DescribeStackResources."""
        name, physical_id = self._get_param("StackName"), self._get_param("PhysicalResourceId")
        if bool(name) == bool(physical_id):
            raise ValidationError("Specify either StackName or PhysicalResourceId.")
        name = name or self.backend.records.holder(physical_id).stack_id
        resources = self.backend.records.resources(name, self._get_param("LogicalResourceId"))
        stack = self.backend.records.get(name)
        drift = self._drift(stack)
        described = [
            {
                **names_of(stack),
                **_summarize_resource(resource, drift),
                "Timestamp": resource.changed,
            }
            for resource in resources
        ]
        return ActionResult({"StackResources": described})

    def list_stack_resources(self) -> ActionResult:
        """Handle ListStackResources."""
        self._checked()
        name = self._get_param("StackName")
        resources = self.backend.records.resources(name)
        drift = self._drift(self.backend.records.get(name))
        return self.page(
            "StackResourceSummaries", resources, lambda each: _summarize_resource(each, drift)
        )

    def list_exports(self) -> ActionResult:
        """Handle ListExports."""
        return self.page(
            "Exports",
            list(self.backend.exports.values()),
            lambda export: {
                "ExportingStackId": export.exporting_stack_id,
                "Name": export.name,
                "Value": export.value,
            },
        )

    def list_imports(self) -> ActionResult:
        """Handle ListImports."""
        self._checked()
        export = self._get_param("ExportName")
        names = self.backend.export_index.importers(export)
        if not names:
            raise ValidationError(f"Export '{export}' is not imported by any stack.")
        return self.page("Imports", names, lambda name: name)

    def _drift(self, stack: Stack) -> StackDrift:
        return self.backend.drift.of_stack(stack)

    def _described(self, stack: Stack) -> dict[str, Any]:
        return _describe_stack(stack, self._drift(stack))


def _started(stack: Stack, operation_type: str) -> ActionResult:
    """The answer of an operation that has started."""
    operation_id = stack.history.newest(operation_type).operation_id
    return ActionResult({"StackId": stack.stack_id, "OperationId": operation_id})


def _summarize_stack(stack: Stack, drift: StackDrift) -> dict[str, Any]:
    return present(
        {
            **names_of(stack),
            "TemplateDescription": stack.configuration.template.description,
            "CreationTime": stack.creation_time,
            "LastUpdatedTime": stack.last_updated_time,
            "DeletionTime": stack.deletion_time,
            "StackStatus": stack.status,
            "StackStatusReason": stack.status_reason,
            "ParentId": stack.parent.stack_id if stack.parent else None,
            "RootId": stack.root.stack_id if stack.parent else None,
            "DriftInformation": drift_of_stack(drift),
            "LastOperations": [
                {"OperationType": each.operation_type, "OperationId": each.operation_id}
                for each in stack.history.last
            ],
        }
    )


def _describe_stack(stack: Stack, drift: StackDrift) -> dict[str, Any]:
    configuration = stack.configuration
    return present(
        {
            **_summarize_stack(stack, drift),
            "Description": configuration.template.description,
            "ChangeSetId": stack.change_set_id,
            "Parameters": parameters_of(configuration.parameters),
            "Outputs": stack.outputs,
            "Tags": tag_list(configuration.tags),
            "Capabilities": list(configuration.capabilities),
            "NotificationARNs": list(configuration.notification_arns),
            "RoleARN": configuration.role_arn,
            "TimeoutInMinutes": stack.timeout_in_minutes,
            "DisableRollback": stack.disable_rollback,
            "EnableTerminationProtection": stack.enable_termination_protection,
            "RollbackConfiguration": {},
        }
    )


def _summarize_resource(resource: LogicalResource, drift: StackDrift) -> dict[str, Any]:
    return present(
        {
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id or None,
            "ResourceType": resource.type_name,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason,
            "LastUpdatedTimestamp": resource.changed,
            "Description": resource.definition.get("Description"),
            "DriftInformation": drift_of_resource(drift, resource.logical_id),
        }
    )


def _metadata(resource: LogicalResource) -> str:
    return properties_text(resource.definition.get("Metadata", {}))
