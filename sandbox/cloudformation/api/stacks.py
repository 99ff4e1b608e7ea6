"""CloudFormation's API on the wire: parameters in, described things out.

moto's response class does the query protocol, accounts and regions, and the operations of stack
sets and policies, which are not overridden here.
"""

from __future__ import annotations

import re
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudformation.api.registry import RegistryResponse
from sandbox.cloudformation.api.wire import present
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.models import ChangeSet, StackRequest
from sandbox.cloudformation.stacks.deployment import CreateOptions, UpdateOptions
from sandbox.cloudformation.stacks.stack import Resource, Stack
from sandbox.cloudformation.template.configuration import properties_text
from sandbox.cloudformation.template.template import Template

STACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


class CloudFormationResponse(RegistryResponse):
    """One request. A method for each operation, under its name in snake case: moto's convention."""

    @classmethod
    def cfnresponse(cls, request: Any, full_url: str, headers: Any) -> Any:
        """Take a custom resource's report; moto's own method makes an instance of moto's class."""
        response = cls()
        response.automated_parameter_parsing = False
        return response._dispatch(
            request=request, full_url=f"{full_url}&Action=ProcessCfnResponse", headers=headers
        )

    def call_action(self) -> Any:
        """Answer an operation; one that moto lacks in CloudFormation's own wire form."""
        try:
            return super().call_action()
        # moto's word for that; let out, it gives the client a page of HTML for XML.
        except NotImplementedError:
            lacking = ValidationError(f"The sandbox has no {self._get_action()}.")
            return self.serialized(ActionResult(lacking))

    # -- stacks -----------------------------------------------------------------------------------

    def create_stack(self) -> ActionResult:
        """Answer CreateStack."""
        on_failure = self._get_param("OnFailure")
        disable_rollback = self._get_bool_param("DisableRollback")
        if on_failure and disable_rollback is not None:
            raise ValidationError(
                "You can specify either DisableRollback or OnFailure, but not both"
            )
        on_failure = on_failure or ("DO_NOTHING" if disable_rollback else "ROLLBACK")
        stack = self.backend.create(
            self._stack_name(),
            self._request(self._template() or ""),
            CreateOptions(on_failure, self._flag("RetainExceptOnCreate")),
            timeout_in_minutes=self._get_param("TimeoutInMinutes"),
            enable_termination_protection=self._flag("EnableTerminationProtection"),
            policy=self._get_param("StackPolicyBody"),
            token=self._get_param("ClientRequestToken"),
        )
        return ActionResult({"StackId": stack.stack_id})

    def update_stack(self) -> ActionResult:
        """Answer UpdateStack."""
        stack = self.backend.update(
            self._get_param("StackName"),
            self._request(self._updated_template()),
            UpdateOptions(self._flag("DisableRollback"), self._flag("RetainExceptOnCreate")),
            self._get_param("ClientRequestToken"),
        )
        return ActionResult({"StackId": stack.stack_id})

    def delete_stack(self) -> ActionResult:
        """Answer DeleteStack."""
        self.backend.delete_stack(
            self._get_param("StackName"),
            self._get_param("RetainResources", []),
            self._get_param("DeletionMode") == "FORCE_DELETE_STACK",
            self._get_param("ClientRequestToken"),
        )
        return EmptyResult()

    def cancel_update_stack(self) -> ActionResult:
        """Answer CancelUpdateStack."""
        self.backend.cancel_update_stack(self._get_param("StackName"))
        return EmptyResult()

    def continue_update_rollback(self) -> ActionResult:
        """Answer ContinueUpdateRollback."""
        self.backend.continue_update_rollback(
            self._get_param("StackName"), self._get_param("ResourcesToSkip", [])
        )
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        """Answer UpdateTerminationProtection."""
        stack = self.backend.get_stack(self._get_param("StackName"))
        stack.enable_termination_protection = self._flag("EnableTerminationProtection")
        return ActionResult({"StackId": stack.stack_id})

    def describe_stacks(self) -> ActionResult:
        """Answer DescribeStacks."""
        name = self._get_param("StackName")
        stacks = [self.backend.get_stack(name)] if name else list(self.backend.stacks.values())
        return self.page("Stacks", stacks, _describe_stack)

    def list_stacks(self) -> ActionResult:
        """Answer ListStacks."""
        wanted = self._get_param("StackStatusFilter")
        every = [*self.backend.stacks.values(), *self.backend.deleted_stacks.values()]
        stacks = [stack for stack in every if not wanted or stack.status in wanted]
        return self.page("StackSummaries", stacks, _summarize_stack)

    def describe_stack_events(self) -> ActionResult:
        """Answer DescribeStackEvents."""
        events = self.backend.get_stack(self._get_param("StackName")).events[::-1]
        return self.page("StackEvents", events, lambda event: event)

    def describe_stack_resource(self) -> ActionResult:
        """Answer DescribeStackResource."""
        name = self._get_param("StackName")
        (resource,) = self.backend.resources(name, self._get_param("LogicalResourceId"))
        detail = {
            **_of_stack(self.backend.get_stack(name)),
            **_summarize_resource(resource),
            "Metadata": _metadata(resource),
        }
        return ActionResult({"StackResourceDetail": detail})

    def describe_stack_resources(self) -> ActionResult:
        """Answer DescribeStackResources."""
        name = self._get_param("StackName")
        resources = self.backend.resources(name, self._get_param("LogicalResourceId"))
        stack = self.backend.get_stack(name)
        described = [
            {**_of_stack(stack), **_summarize_resource(resource), "Timestamp": resource.changed}
            for resource in resources
        ]
        return ActionResult({"StackResources": described})

    def list_stack_resources(self) -> ActionResult:
        """Answer ListStackResources."""
        resources = self.backend.resources(self._get_param("StackName"))
        return self.page("StackResourceSummaries", resources, _summarize_resource)

    def get_template(self) -> ActionResult:
        """Answer GetTemplate."""
        change_set = self._get_param("ChangeSetName")
        if change_set:
            chosen = self.backend.get_change_set(change_set, self._get_param("StackName"))
            body = chosen.target.template.text
        else:
            body = self.backend.get_stack(self._get_param("StackName")).template
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        """Answer GetTemplateSummary."""
        name = self._get_param("StackName")
        template = (
            self.backend.get_stack(name).configuration.template
            if name
            else Template.parse(self._template() or "")
        )
        return ActionResult(
            {**_summarize_template(template), "ResourceTypes": template.resource_types}
        )

    def validate_template(self) -> ActionResult:
        """Answer ValidateTemplate."""
        return ActionResult(
            _summarize_template(self.backend.check_template(self._template() or ""))
        )

    def list_imports(self) -> ActionResult:
        """Answer ListImports."""
        export = self._get_param("ExportName")
        names = self.backend.export_index.importers(export)
        if not names:
            raise ValidationError(f"Export '{export}' is not imported by any stack.")
        return ActionResult({"Imports": names})

    # -- change sets ------------------------------------------------------------------------------

    def create_change_set(self) -> ActionResult:
        """Answer CreateChangeSet."""
        kind = self._get_param("ChangeSetType", "UPDATE")
        if kind not in ("CREATE", "UPDATE"):
            raise ValidationError(f"The sandbox has no change sets of type {kind}.")
        name = self._get_param("ChangeSetName")
        if not STACK_NAME.fullmatch(name):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: "
                "[a-zA-Z][-a-zA-Z0-9]*"
            )
        creates = kind == "CREATE"
        change_set = self.backend.plan_change_set(
            self._stack_name() if creates else self._get_param("StackName"),
            name,
            kind,
            self._request(self._template() or "" if creates else self._updated_template()),
            self._get_param("Description"),
            self._get_param("OnStackFailure", "ROLLBACK"),
        )
        return ActionResult({"Id": change_set.change_set_id, "StackId": change_set.stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        """Answer DescribeChangeSet."""
        change_set = self._change_set()
        configuration = change_set.target
        described = {
            **_summarize_change_set(change_set),
            "Parameters": _parameters(configuration.parameters),
            "Tags": _tag_list(configuration.tags),
            "NotificationARNs": list(configuration.notification_arns),
            "Capabilities": list(configuration.capabilities),
            "Changes": [change.describe() for change in change_set.changes],
        }
        return ActionResult(described)

    def list_change_sets(self) -> ActionResult:
        """Answer ListChangeSets."""
        change_sets = self.backend.change_sets_of(self._get_param("StackName"))
        return self.page("Summaries", change_sets, _summarize_change_set)

    def delete_change_set(self) -> ActionResult:
        """Answer DeleteChangeSet."""
        self.backend.delete_change_set(
            self._get_param("ChangeSetName"), self._get_param("StackName")
        )
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        """Answer ExecuteChangeSet."""
        self.backend.execute(
            self._change_set(),
            disable_rollback=self._flag("DisableRollback"),
            retain_except_on_create=self._flag("RetainExceptOnCreate"),
            token=self._get_param("ClientRequestToken"),
        )
        return EmptyResult()

    # -- helpers ----------------------------------------------------------------------------------

    def _request(self, template: str | None) -> StackRequest:
        return StackRequest(
            template=template,
            parameters=self._get_param("Parameters", []),
            tags=self._tags(),
            role_arn=self._get_param("RoleARN"),
            notification_arns=self._get_param("NotificationARNs"),
            capabilities=self._get_param("Capabilities", []),
        )

    def _stack_name(self) -> str:
        name = str(self._get_param("StackName"))
        if not STACK_NAME.fullmatch(name):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        return name

    def _template(self) -> str | None:
        """The text of TemplateBody, or of what TemplateURL points to."""
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        if body and url:
            raise ValidationError("Specify exactly one of 'TemplateBody' and 'TemplateURL'.")
        if url:
            return self.backend.template_at(url)
        return None if body is None else str(body)

    def _updated_template(self) -> str | None:
        """The same, or None for the previous template."""
        template = self._template()
        previous = self._flag("UsePreviousTemplate")
        if previous and template is not None:
            raise ValidationError(
                "You cannot specify both usePreviousTemplate and Template Body/Template URL."
            )
        if not previous and template is None:
            raise ValidationError("Either Template URL or Template Body must be specified.")
        return template

    def _tags(self) -> dict[str, str] | None:
        """None where the request has no Tags; an empty list (`Tags=` on the wire) clears them."""
        tags = self._get_param("Tags")
        return None if tags is None else {tag["Key"]: tag["Value"] for tag in tags}

    def _flag(self, name: str) -> bool:
        return bool(self._get_bool_param(name, False))

    def _change_set(self) -> ChangeSet:
        return self.backend.get_change_set(
            self._get_param("ChangeSetName"), self._get_param("StackName")
        )


def _tag_list(tags: Any) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _parameters(parameters: Any) -> list[dict[str, Any]]:
    return [parameter.describe(key) for key, parameter in parameters.items()]


def _of_stack(stack: Stack) -> dict[str, Any]:
    return {"StackId": stack.stack_id, "StackName": stack.name}


def _summarize_stack(stack: Stack) -> dict[str, Any]:
    return present(
        {
            **_of_stack(stack),
            "TemplateDescription": stack.configuration.template.description,
            "CreationTime": stack.creation_time,
            "LastUpdatedTime": stack.last_updated_time,
            "DeletionTime": stack.deletion_time,
            "StackStatus": stack.status,
            "StackStatusReason": stack.status_reason,
            "ParentId": stack.parent.stack_id if stack.parent else None,
            "RootId": stack.root.stack_id if stack.parent else None,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def _describe_stack(stack: Stack) -> dict[str, Any]:
    configuration = stack.configuration
    return present(
        {
            **_summarize_stack(stack),
            "Description": configuration.template.description,
            "ChangeSetId": stack.change_set_id,
            "Parameters": _parameters(configuration.parameters),
            "Outputs": stack.outputs,
            "Tags": _tag_list(configuration.tags),
            "Capabilities": list(configuration.capabilities),
            "NotificationARNs": list(configuration.notification_arns),
            "RoleARN": configuration.role_arn,
            "TimeoutInMinutes": stack.timeout_in_minutes,
            "DisableRollback": stack.disable_rollback,
            "EnableTerminationProtection": stack.enable_termination_protection,
            "RollbackConfiguration": {},
        }
    )


def _summarize_resource(resource: Resource) -> dict[str, Any]:
    return present(
        {
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id or None,
            "ResourceType": resource.type_name,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason,
            "LastUpdatedTimestamp": resource.changed,
            "Description": resource.definition.get("Description"),
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
    )


def _metadata(resource: Resource) -> str:
    return properties_text(resource.definition.get("Metadata", {}))


def _summarize_template(template: Template) -> dict[str, Any]:
    capabilities, reason = template.needed_capabilities
    parameters = [
        present(
            {
                "ParameterKey": key,
                "DefaultValue": None if "Default" not in declared else str(declared["Default"]),
                "ParameterType": declared["Type"],
                "NoEcho": str(declared.get("NoEcho", False)).lower() == "true",
                "Description": declared.get("Description"),
                "ParameterConstraints": (
                    {"AllowedValues": [str(value) for value in declared["AllowedValues"]]}
                    if "AllowedValues" in declared
                    else {}
                ),
            }
        )
        for key, declared in template.parameters.items()
    ]
    return present(
        {
            "Description": template.description,
            "Parameters": parameters,
            "Capabilities": capabilities,
            "CapabilitiesReason": reason or None,
            "Version": template.body.get("AWSTemplateFormatVersion"),
            "DeclaredTransforms": template.transforms,
        }
    )


def _summarize_change_set(change_set: ChangeSet) -> dict[str, Any]:
    return present(
        {
            **_of_stack(change_set.stack),
            "ChangeSetId": change_set.change_set_id,
            "ChangeSetName": change_set.name,
            "Description": change_set.description,
            "CreationTime": change_set.creation_time,
            "Status": change_set.status,
            "StatusReason": change_set.status_reason,
            "ExecutionStatus": change_set.execution_status,
            "OnStackFailure": change_set.on_stack_failure,
            "IncludeNestedStacks": False,
        }
    )
