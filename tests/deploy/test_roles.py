"""The roles of deploy/ allow what the handlers do, each as narrowly as AWS can, and nothing else.

An operation of SageMaker, CloudWatch Logs and CloudWatch needs the action of its name. So says the
Service Authorization Reference, which is also where every other fact about actions is from:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
and its pages on Amazon CloudWatch, Amazon CloudWatch Logs and AWS IAM.

That no test of the whole suite sees the handlers do more is held in three ways. Where they call a
scripted AWS, `harness.provider.serving` looks at its end at all that they did. Where a package
runs, in contract tests and examples, its botocore has no operation but those that a role allows.
And their code names no other, wherever it runs.
"""

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from project import ROOT
from sandbox.cloudformation.template.template import Template
from tests.harness.provider import MINIMUM, Provider, ScriptedAws, client, with_telemetry
from tests.harness.roles import (
    EXECUTION,
    LOGGING,
    NEEDLESS_IN_DEPLOY,
    actions,
    properties,
    statements,
)
from tools.packaging.service_data import OPERATIONS
from tools.submit.role import ExecutionRole

SCHEMA = json.loads((ROOT / "aws-sagemaker-modelqualityjobdefinition.json").read_text("utf-8"))
GENERATED = ROOT / "resource-role.yaml"
TYPE_NAME = "Acme::SageMaker::ModelQualityJobDefinition"
TAGS = [{"Key": "Team", "Value": "churn"}, {"Key": "Stage", "Value": "test"}]

# What AWS checks when a definition is created without a call of its own: the dependent actions of
# CreateModelQualityJobDefinition, in the reference's table of actions.
CHECKED_WITHOUT_A_CALL = {
    "CREATE": {
        "iam:PassRole": "RoleArn is handed to SageMaker",
        "sagemaker:AddTags": "the definition is created with tags",
    }
}
# Actions for which the reference names no type of resource: they are allowed on * or not at all.
WITHOUT_A_RESOURCE = {"sagemaker:ListModelQualityJobDefinitions", "cloudwatch:PutMetricData"}


def done(provider: Provider, action: str, *arguments: Any, **more: Any) -> set[str]:
    """What one operation did, and what AWS checked on the way."""
    provider.aws.actions.clear()
    assert provider(action, *arguments, **more)["status"] == "SUCCESS"
    return provider.aws.actions | set(CHECKED_WITHOUT_A_CALL.get(action, ()))


@pytest.fixture
def done_by_handler(provider: Provider) -> dict[str, set[str]]:
    """What each handler did, where it had everything to do that it can have."""
    tagged = {**MINIMUM, "JobDefinitionName": "roles", "Tags": TAGS}
    found = {"create": done(provider, "CREATE", tagged)}
    [arn] = [
        each["JobDefinitionArn"]
        for each in provider("LIST", {})["resourceModels"]
        if each["JobDefinitionArn"].endswith("/roles")
    ]
    identifier = {"JobDefinitionArn": arn}
    wanted = {**tagged, **identifier, "Tags": [{"Key": "Team", "Value": "growth"}]}
    return {
        **found,
        "read": done(provider, "READ", identifier),
        "update": done(provider, "UPDATE", wanted, {**tagged, **identifier}),
        "list": done(provider, "LIST", {}),
        "delete": done(provider, "DELETE", identifier),
    }


def test_the_execution_role_allows_what_the_handlers_do_and_nothing_else(
    done_by_handler: dict[str, set[str]],
) -> None:
    assert set().union(*done_by_handler.values()) == actions(EXECUTION)


@pytest.mark.usefixtures("unhurried_telemetry")
def test_the_logging_role_allows_what_telemetry_does_and_nothing_else(
    provider: Provider, aws: ScriptedAws
) -> None:
    group = "the-group-of-the-stack"
    event = with_telemetry(provider.event("LIST", {}), group)
    client(aws, "logs").create_log_group(logGroupName=group)
    aws.actions.clear()
    assert provider.send(event)["status"] == "SUCCESS"
    assert aws.actions - actions(EXECUTION) == actions(LOGGING)


def test_a_package_can_call_what_the_roles_allow_and_nothing_more_than_is_explained() -> None:
    can_call = {f"{service}:{name}" for service, names in OPERATIONS.items() for name in names}
    without_a_call = set().union(*CHECKED_WITHOUT_A_CALL.values())
    allowed = actions(EXECUTION) | actions(LOGGING)
    assert can_call | without_a_call == allowed | NEEDLESS_IN_DEPLOY
    assert not allowed & NEEDLESS_IN_DEPLOY


def test_the_handlers_name_no_operation_but_those_that_a_package_can_call() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    words = set(re.findall(r"[a-z]+(?:_[a-z]+)+", code))
    for service, called in OPERATIONS.items():
        known = botocore.session.get_session().get_service_model(service).operation_names
        assert {name for name in known if xform_name(name) in words} == set(called)


def test_the_schema_asks_for_what_the_handlers_do_and_resource_role_allows_it(
    done_by_handler: dict[str, set[str]],
) -> None:
    asked = {name: set(handler["permissions"]) for name, handler in SCHEMA["handlers"].items()}
    assert asked.keys() == done_by_handler.keys()
    for name, made in done_by_handler.items():
        assert made <= asked[name], name
    generated = GENERATED.read_text("utf-8")
    assert actions(EXECUTION) == set().union(*asked.values())
    assert all(f'"{action}"' in generated for action in actions(EXECUTION))


@pytest.mark.parametrize("role", [EXECUTION, LOGGING])
def test_an_action_is_allowed_on_everything_only_where_it_knows_no_resource(role: str) -> None:
    on_everything = {
        action
        for statement in statements(role)
        if statement["Resource"] == "*"
        for action in statement["Action"]
    }
    assert on_everything == actions(role) & WITHOUT_A_RESOURCE


def test_resources_are_definitions_of_this_account_and_region_and_roles_of_this_account() -> None:
    resources = {
        action: statement["Resource"]["Fn::Sub"]
        for statement in statements(EXECUTION)
        for action in set(statement["Action"]) - WITHOUT_A_RESOURCE
    }
    assert resources.pop("iam:PassRole") == (
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${PassableRoles}"
    )
    place = "${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}"
    assert set(resources.values()) == {f"arn:{place}:model-quality-job-definition/*"}


def test_a_role_is_passed_to_sagemaker_alone_and_metrics_go_to_the_types_own_namespace() -> None:
    conditions = {
        action: statement["Condition"]
        for role in (EXECUTION, LOGGING)
        for statement in statements(role)
        if "Condition" in statement
        for action in statement["Action"]
    }
    assert conditions.keys() == {"iam:PassRole", "cloudwatch:PutMetricData"}
    assert conditions["iam:PassRole"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }
    [namespace] = conditions["cloudwatch:PutMetricData"]["StringEquals"].values()
    assert namespace["Fn::Sub"][0] == "AWS/CloudFormation/${Path}"


def test_make_submit_makes_the_execution_role_of_deploy_where_the_cli_makes_its_own() -> None:
    template = Template.parse(ExecutionRole(TYPE_NAME, "monitoring/*", None).template)
    role, cli = template.resources[EXECUTION], Template.parse(GENERATED.read_text("utf-8"))
    assert role["Properties"] == {"Path": "/", **properties(EXECUTION)}
    defaults = {key: each["Default"] for key, each in template.parameters.items()}
    assert defaults == {"TypeName": TYPE_NAME, "PassableRoles": "monitoring/*"}
    # What would make it another role, and not the same one with other permissions.
    assert template.resources.keys() == cli.resources.keys()
    assert role["Properties"]["Path"] == cli.resources[EXECUTION]["Properties"]["Path"]
    assert template.body["Outputs"] == cli.body["Outputs"]


def test_what_make_submit_tells_of_the_role_is_all_that_it_may_do() -> None:
    told = ExecutionRole(TYPE_NAME, None, None).allowed("aws-cn", "cn-north-1", "123456789012")
    assert set(re.findall(r"^    (\S+)$", told, re.MULTILINE)) == actions(EXECUTION)
    assert told.count("on ") == len(list(statements(EXECUTION)))
    assert told.count("where ") == 1
    assert "${" not in told


def test_logs_go_to_the_types_own_group_and_its_streams() -> None:
    [resource] = [
        statement["Resource"]
        for statement in statements(LOGGING)
        if set(statement["Action"]) - WITHOUT_A_RESOURCE
    ]
    assert resource == {"Fn::GetAtt": "LogGroup.Arn"}


@pytest.mark.parametrize("role", [EXECUTION, LOGGING])
def test_only_cloudformation_may_assume_a_role(role: str) -> None:
    [statement] = properties(role)["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Principal"] == {"Service": "resources.cloudformation.amazonaws.com"}


def test_the_execution_role_is_assumed_for_this_type_of_this_account_and_region_alone() -> None:
    [statement] = properties(EXECUTION)["AssumeRolePolicyDocument"]["Statement"]
    place = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}"
    name = {"Fn::Join": ["-", {"Fn::Split": ["::", {"Ref": "TypeName"}]}]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "StringLike": {
            "aws:SourceArn": {"Fn::Sub": [f"{place}:type/resource/${{Name}}/*", {"Name": name}]}
        },
    }


def test_the_logging_role_is_assumed_without_a_condition_on_the_source() -> None:
    [statement] = properties(LOGGING)["AssumeRolePolicyDocument"]["Statement"]
    assert "Condition" not in statement
