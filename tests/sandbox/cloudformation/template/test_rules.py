"""The Rules section: its form, its functions, and when it refuses a request."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.rules import RuleScope, check_rules, enforce_rules
from sandbox.hosting.place import Place
from tests.harness.cloudformation import Stacks, running, thing

PLACE = Place("123456789012", "us-east-1", "aws")
DECLARED = {
    "Stage": {"Type": "String"},
    "Names": {"Type": "CommaDelimitedList"},
    "Count": {"Type": "Number"},
    "Vpc": {"Type": "AWS::EC2::VPC::Id"},
    "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
    "Image": {"Type": "AWS::EC2::Image::Id"},
}
VALUES = {"Stage": "prod", "Names": ["a", "b"], "Count": 3, "AWS::Region": "us-east-1"}
TRUE = {"Fn::Equals": ["a", "a"]}
FALSE = {"Fn::Equals": ["a", "b"]}
CDK = "CDK bootstrap stack version 6 required. Please run 'cdk bootstrap'."


@pytest.fixture(name="sandbox", scope="module")
def _sandbox() -> Iterator[Stacks]:
    with running() as sandbox:
        yield sandbox


def asserting(*expressions: Any, condition: Any = None) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "Assertions": [
            {"Assert": expression, "AssertDescription": f"assertion {number}"}
            for number, expression in enumerate(expressions)
        ]
    }
    return {"Rule": {**rule, **({} if condition is None else {"RuleCondition": condition})}}


def failures(rules: Any) -> str:
    """The message of the rules that fail, or nothing."""
    check_rules(rules, DECLARED)
    try:
        enforce_rules(rules, RuleScope(DECLARED, VALUES.get, PLACE))
    except ValidationError as error:
        return str(error.message)
    return ""


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ({"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, True),
        ({"Fn::Equals": [{"Ref": "Count"}, 3]}, True),
        ({"Fn::Equals": [{"Ref": "Count"}, "4"]}, False),
        ({"Fn::Equals": [{"Ref": "Names"}, ["a", "b"]]}, True),
        ({"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Not": [FALSE]}, True),
        ({"Fn::Not": [TRUE]}, False),
        ({"Fn::And": [TRUE, TRUE]}, True),
        ({"Fn::And": [TRUE, FALSE]}, False),
        ({"Fn::Or": [FALSE, TRUE]}, True),
        ({"Fn::Or": [FALSE, FALSE]}, False),
        ({"Fn::Contains": [["dev", "prod"], {"Ref": "Stage"}]}, True),
        ({"Fn::Contains": [["dev"], {"Ref": "Stage"}]}, False),
        ({"Fn::Contains": [{"Ref": "Names"}, "b"]}, True),
        ({"Fn::Contains": [[{"Ref": "Names"}, "c"], "b"]}, True),
        ({"Fn::EachMemberEquals": [{"Ref": "Names"}, "a"]}, False),
        ({"Fn::EachMemberEquals": [["a", "a"], "a"]}, True),
        ({"Fn::EachMemberIn": [{"Ref": "Names"}, ["a", "b", "c"]]}, True),
        ({"Fn::EachMemberIn": [["a", "d"], {"Ref": "Names"}]}, False),
    ],
)
def test_each_function_has_its_meaning(expression: Any, holds: bool) -> None:
    assert failures(asserting(expression)) == (
        "" if holds else "Template error: rule Rule failed: assertion 0"
    )


def test_a_rule_whose_condition_is_false_is_not_checked() -> None:
    assert failures(asserting(FALSE, condition=FALSE)) == ""
    assert failures(asserting(FALSE, condition=TRUE)) != ""


def test_all_assertions_that_are_false_are_reported() -> None:
    rules = {**asserting(FALSE, TRUE, FALSE), "Other": {"Assertions": [{"Assert": FALSE}]}}
    assert failures(rules) == (
        "Template error: rule Rule failed: assertion 0; rule Rule failed: assertion 2; "
        "rule Other failed: an assertion is false"
    )


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (["a"], "[/Rules] Rules must be an object."),
        ({"R": 1}, "[/Rules/R] Every Rules member must be an object."),
        ({"R": {}}, "[/Rules/R/Assertions] Assertions must be a list"),
        ({"R": {"Assertions": "nothing"}}, "[/Rules/R/Assertions] Assertions must be a list"),
        ({"R": {"Assertions": []}}, "[/Rules/R/Assertions] Assertions must be a list"),
        ({"R": {"Assertions": [], "When": 1}}, "[/Rules/R] Encountered unsupported property When"),
        ({"R": {"Assertions": [{}]}}, "[/Rules/R/Assertions/0] Every assertion must be an object"),
        ({"R": {"Assertions": [{"Assert": TRUE, "Why": 1}]}}, "unsupported property Why"),
        (
            {"R": {"Assertions": [{"Assert": TRUE, "AssertDescription": [1]}]}},
            "[/Rules/R/Assertions/0/AssertDescription] AssertDescription must be a string.",
        ),
        (asserting(True), "/Assert] A rule function that returns true or false is required"),
        (asserting({"Ref": "Stage"}), "A rule function that returns true or false is required"),
        (asserting({"Fn::If": ["A", TRUE, TRUE]}), "Encountered unsupported function: Fn::If"),
        (asserting({"Condition": "A"}), "Encountered unsupported function: Condition"),
        (asserting(TRUE, condition={"Condition": "A"}), "/RuleCondition] Encountered unsupported"),
        (
            asserting({"Fn::Equals": [{"Fn::Sub": "a"}, "a"]}),
            "/Assert/Fn::Equals/0/Fn::Sub] Encountered unsupported function: Fn::Sub",
        ),
        (asserting({"Fn::Equals": ["a"]}), "Fn::Equals requires a list with a length of 2."),
        (asserting({"Fn::Not": TRUE}), "Fn::Not requires a list with a length of 1."),
        (asserting({"Fn::And": [TRUE]}), "Fn::And requires a list with a length of 2 to 10."),
        (asserting({"Fn::Or": [TRUE] * 11}), "Fn::Or requires a list with a length of 2 to 10."),
        (asserting({"Fn::Equals": [{"a": 1}, "a"]}), "Fn::Equals/0] A string, a list of strings"),
        (
            asserting({"Fn::Equals": [{"Ref": "Thing"}, "a"]}),
            "Unresolved dependencies [Thing]. Cannot reference resources in the Rules block",
        ),
        (
            asserting({"Fn::Equals": [{"Ref": ["Stage"]}, "a"]}),
            "Every argument of Ref must be a string.",
        ),
        (
            asserting({"Fn::Equals": [{"Fn::ValueOf": ["Gone", "VpcId"]}, "a"]}),
            "Unresolved dependencies [Gone]",
        ),
        (
            asserting({"Fn::Equals": [{"Fn::ValueOf": ["Stage", "VpcId"]}, "a"]}),
            "Fn::ValueOf requires an AWS-specific parameter type: String",
        ),
        (
            asserting({"Fn::Equals": [{"Fn::ValueOf": ["Vpc", "VpcId"]}, "a"]}),
            "AWS::EC2::VPC::Id has no attribute VpcId.",
        ),
        (
            asserting({"Fn::Contains": [{"Fn::RefAll": "AWS::EC2::Image::Id"}, "a"]}),
            "The sandbox does not support Fn::RefAll of AWS::EC2::Image::Id in Rules",
        ),
    ],
)
def test_a_malformed_section_is_refused_with_the_path(rules: Any, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_rules(rules, DECLARED)
    assert words in str(refused.value.message)


def test_rules_ask_for_attributes_of_what_the_parameters_name(sandbox: Stacks) -> None:
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Department", "Value": "IT"}])
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")[
            "Subnet"
        ]["SubnetId"]
        for n, z in enumerate("ab")
    ]
    given = {"Vpc": vpc, "Subnets": subnets}

    def holds(expression: Any) -> bool:
        rules = asserting(expression)
        check_rules(rules, DECLARED)
        try:
            enforce_rules(rules, RuleScope(DECLARED, given.get, PLACE))
        except ValidationError:
            return False
        return True

    def equal(left: Any, right: Any) -> bool:
        return holds({"Fn::Equals": [left, right]})

    assert equal({"Fn::ValueOf": ["Vpc", "Tags.Department"]}, "IT")
    assert equal({"Fn::ValueOf": ["Subnets", "AvailabilityZone"]}, ["us-east-1a", "us-east-1b"])
    assert equal({"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}, [vpc, vpc])
    everywhere = {"Fn::RefAll": "AWS::EC2::VPC::Id"}
    assert holds({"Fn::EachMemberIn": [[vpc, other], everywhere]})
    assert not holds({"Fn::Contains": [everywhere, "vpc-gone"]})
    group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    default = group["SecurityGroups"][0]["GroupId"]
    assert equal({"Fn::ValueOf": ["Vpc", "DefaultSecurityGroup"]}, default)
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    assert equal(
        {"Fn::ValueOf": ["Vpc", "DefaultNetworkAcl"]}, acl["NetworkAcls"][0]["NetworkAclId"]
    )


def refusal(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**request)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    return str(refused.value.response["Error"]["Message"])


def test_a_false_rule_refuses_create_update_and_change_set_and_leaves_nothing(
    stacks: Stacks,
) -> None:
    client = stacks.client()
    body = json.dumps(
        {
            "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
            "Rules": asserting({"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "prod"]}]}),
            "Resources": {"Thing": thing()},
        }
    )
    request = {"StackName": "shop", "TemplateBody": body}
    words = "Template error: rule Rule failed: assertion 0"
    client.validate_template(TemplateBody=body)
    assert refusal(client.create_stack, **request) == words
    new = {**request, "ChangeSetName": "new"}
    assert refusal(client.create_change_set, ChangeSetType="CREATE", **new) == words
    assert client.list_stacks()["StackSummaries"] == []
    stage = {"ParameterKey": "Stage", "ParameterValue": "dev"}
    client.create_stack(**request, Parameters=[stage])
    assert stacks.settled() == "CREATE_COMPLETE"
    assert refusal(client.update_stack, **request) == words
    again = {"StackName": "shop", "UsePreviousTemplate": True}
    assert refusal(client.update_stack, **again) == words
    assert refusal(client.create_change_set, **new) == words


def test_a_false_rule_of_a_nested_stack_fails_its_resource(stacks: Stacks) -> None:
    url = stacks.upload({"Inner": thing()}, Rules=asserting(FALSE))
    stacks.create(
        {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}
    )
    reason = stacks.reason("CREATE_FAILED", logical_id="Child")
    assert reason == "Template error: rule Rule failed: assertion 0"


def test_the_rule_of_every_cdk_template_asks_for_the_bootstrap_version(stacks: Stacks) -> None:
    name = "/cdk-bootstrap/hnb659fds/version"
    old = [str(version) for version in range(1, 6)]
    checks = {"Fn::Not": [{"Fn::Contains": [old, {"Ref": "BootstrapVersion"}]}]}
    body = json.dumps(
        {
            "Parameters": {
                "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}
            },
            "Rules": {
                "CheckBootstrapVersion": {
                    "Assertions": [{"Assert": checks, "AssertDescription": CDK}]
                }
            },
            "Resources": {"Thing": thing()},
        }
    )
    request = {"StackName": "shop", "TemplateBody": body}
    client, ssm = stacks.client(), stacks.client("ssm")
    assert refusal(client.create_stack, **request) == (
        f"Unable to fetch parameters [{name}] from parameter store for this account."
    )
    ssm.put_parameter(Name=name, Type="String", Value="5")
    assert refusal(client.create_stack, **request) == (
        f"Template error: rule CheckBootstrapVersion failed: {CDK}"
    )
    ssm.put_parameter(Name=name, Type="String", Value="21", Overwrite=True)
    client.create_stack(**request)
    assert stacks.settled() == "CREATE_COMPLETE"


def test_rules_of_a_template_with_transforms_are_enforced(stacks: Stacks) -> None:
    transforms = {"Transform": ["AWS::LanguageExtensions"]}
    body = json.dumps({**transforms, "Rules": asserting(FALSE), "Resources": {"Thing": thing()}})
    request = {"TemplateBody": body, "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
    message = refusal(stacks.client().create_stack, StackName="shop", **request)
    assert message == "Template error: rule Rule failed: assertion 0"
    malformed = json.dumps({**transforms, "Rules": {"R": {}}, "Resources": {"Thing": thing()}})
    message = refusal(stacks.client().validate_template, TemplateBody=malformed)
    assert "[/Rules/R/Assertions]" in message
