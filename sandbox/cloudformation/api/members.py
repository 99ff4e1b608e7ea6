"""Which members of each operation's request the sandbox uses. All others are refused.

A member of a member is named with a dot, and then so are all that are used of it. A member that is
not named here is refused if a request gives it a value that asks for something,
so a member that a newer API has is never accepted and ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_STACK = (
    "StackName TemplateBody TemplateURL Parameters Capabilities ResourceTypes RoleARN Tags "
    "NotificationARNs DisableValidation"
)
_OF_TYPE = "Arn Type TypeName VersionId"
_OF_STACK_SET = "StackSetName CallAs"
_INSTANCES = f"{_OF_STACK_SET} Accounts Regions OperationId"
_PAGE = "NextToken MaxResults"

USED: dict[str, frozenset[str]] = {
    operation: frozenset(members.split())
    for operation, members in {
        # stacks
        "CancelUpdateStack": "StackName ClientRequestToken",
        "ContinueUpdateRollback": "StackName RoleARN ResourcesToSkip ClientRequestToken",
        "CreateStack": f"{_STACK} ClientRequestToken DisableRollback EnableTerminationProtection "
        "OnFailure RetainExceptOnCreate StackPolicyBody StackPolicyURL TimeoutInMinutes",
        "DeleteStack": "StackName RetainResources RoleARN ClientRequestToken DeletionMode",
        "DescribeEvents": "StackName ChangeSetName OperationId Filters NextToken",
        "DescribeStackEvents": "StackName NextToken",
        "DescribeStackResource": "StackName LogicalResourceId",
        "DescribeStackResources": "StackName LogicalResourceId PhysicalResourceId",
        "DescribeStacks": "StackName NextToken",
        "GetStackPolicy": "StackName",
        "ListExports": "NextToken",
        "ListImports": "ExportName NextToken",
        "ListStackResources": "StackName NextToken",
        "ListStacks": "StackStatusFilter NextToken",
        "SetStackPolicy": "StackName StackPolicyBody StackPolicyURL",
        "UpdateStack": f"{_STACK} ClientRequestToken DisableRollback RetainExceptOnCreate "
        "StackPolicyBody StackPolicyDuringUpdateBody StackPolicyDuringUpdateURL StackPolicyURL "
        "UsePreviousTemplate",
        "UpdateTerminationProtection": "StackName EnableTerminationProtection",
        # change sets
        "CreateChangeSet": f"{_STACK} ChangeSetName ChangeSetType ClientToken DeploymentMode "
        "Description ImportExistingResources OnStackFailure ResourcesToImport UsePreviousTemplate",
        "DeleteChangeSet": "StackName ChangeSetName",
        "DescribeChangeSet": "StackName ChangeSetName NextToken",
        "ExecuteChangeSet": "StackName ChangeSetName ClientRequestToken DisableRollback "
        "RetainExceptOnCreate",
        "ListChangeSets": "StackName NextToken",
        # drift
        "DescribeStackDriftDetectionStatus": "StackDriftDetectionId",
        "DescribeStackResourceDrifts": f"StackName StackResourceDriftStatusFilters {_PAGE}",
        "DetectStackDrift": "StackName LogicalResourceIds",
        "DetectStackResourceDrift": "StackName LogicalResourceId",
        # templates
        "GetTemplate": "StackName ChangeSetName TemplateStage",
        "GetTemplateSummary": "StackName StackSetName CallAs TemplateBody TemplateURL",
        "ValidateTemplate": "TemplateBody TemplateURL",
        # the IaC generator
        "CreateGeneratedTemplate": "GeneratedTemplateName Resources StackName "
        "TemplateConfiguration",
        "DeleteGeneratedTemplate": "GeneratedTemplateName",
        "DescribeGeneratedTemplate": "GeneratedTemplateName",
        "DescribeResourceScan": "ResourceScanId",
        "GetGeneratedTemplate": "GeneratedTemplateName Format",
        "ListGeneratedTemplates": _PAGE,
        "ListResourceScanRelatedResources": f"ResourceScanId Resources {_PAGE}",
        "ListResourceScanResources": "ResourceScanId ResourceIdentifier ResourceTypePrefix TagKey "
        f"TagValue {_PAGE}",
        "ListResourceScans": f"ScanTypeFilter {_PAGE}",
        "StartResourceScan": "ClientRequestToken ScanFilters",
        # the registry
        "BatchDescribeTypeConfigurations": "TypeConfigurationIdentifiers",
        "DeregisterType": _OF_TYPE,
        "DescribeType": _OF_TYPE,
        "DescribeTypeRegistration": "RegistrationToken",
        "ListTypeRegistrations": f"Type TypeName TypeArn RegistrationStatusFilter {_PAGE}",
        "ListTypeVersions": f"Arn Type TypeName DeprecatedStatus {_PAGE}",
        "ListTypes": f"Visibility ProvisioningType DeprecatedStatus Type Filters "
        f"Filters.TypeNamePrefix {_PAGE}",
        "RegisterType": "Type TypeName SchemaHandlerPackage LoggingConfig ExecutionRoleArn "
        "ClientRequestToken",
        "SetTypeConfiguration": "TypeArn Configuration ConfigurationAlias TypeName Type",
        "SetTypeDefaultVersion": _OF_TYPE,
        "TestType": _OF_TYPE,
        # stack sets
        "CreateStackInstances": f"{_INSTANCES} ParameterOverrides",
        "CreateStackSet": f"{_OF_STACK_SET} AdministrationRoleARN Capabilities ClientRequestToken "
        "Description ExecutionRoleName Parameters PermissionModel Tags TemplateBody TemplateURL",
        "DeleteStackInstances": _INSTANCES,
        "DeleteStackSet": _OF_STACK_SET,
        "DescribeStackInstance": f"{_OF_STACK_SET} StackInstanceAccount StackInstanceRegion",
        "DescribeStackSet": _OF_STACK_SET,
        "DescribeStackSetOperation": f"{_OF_STACK_SET} OperationId",
        "ListStackInstances": f"{_OF_STACK_SET} StackInstanceAccount StackInstanceRegion {_PAGE}",
        "ListStackSetOperationResults": f"{_OF_STACK_SET} OperationId {_PAGE}",
        "ListStackSetOperations": f"{_OF_STACK_SET} {_PAGE}",
        "ListStackSets": f"CallAs Status {_PAGE}",
        "StopStackSetOperation": f"{_OF_STACK_SET} OperationId",
        "UpdateStackInstances": f"{_INSTANCES} ParameterOverrides",
        "UpdateStackSet": f"{_INSTANCES} AdministrationRoleARN Capabilities Description "
        "ExecutionRoleName Parameters PermissionModel Tags TemplateBody TemplateURL "
        "UsePreviousTemplate",
    }.items()
}

ONLY = {"CallAs": "SELF", "PermissionModel": "SELF_MANAGED", "Type": "RESOURCE"}
"""Members of which the sandbox has one choice."""

_OWN_ANSWER = {"ListTypes", "RegisterType", "SetTypeConfiguration"}
"""Operations that take every choice, and answer each."""


def refusal(operation: str, request: Mapping[str, Any]) -> str | None:
    """Return why the sandbox cannot do all that a request asks for; None if it can."""
    return next(_refusals(operation, request), None)


def _refusals(operation: str, request: Mapping[str, Any]) -> Iterator[str]:
    used = USED.get(operation, frozenset(request))
    named_inside = {name.partition(".")[0] for name in used if "." in name}
    for member, value in request.items():
        given = {member: value}
        if member in named_inside and isinstance(value, Mapping):
            given = {f"{member}.{name}": each for name, each in value.items()}
        for name, each in given.items():
            if name not in used and _asks(each):
                yield f"The sandbox does not support {name} of {operation}. Leave it out."
        one = None if operation in _OWN_ANSWER else ONLY.get(member)
        if one and value not in (None, one):
            yield f"The sandbox does not support {member} {value} of {operation}. Use {one}."


def _asks(value: Any) -> bool:
    """Whether a value asks for anything: neither false nor zero nor empty, on any level."""
    if isinstance(value, Mapping):
        return any(_asks(each) for each in value.values())
    return bool(value)
