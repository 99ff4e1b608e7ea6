"""Dynamic references, rules and types of parameters. All need the type in stacks."""

import json
from typing import Any

from conformance.aws import Aws, Document
from conformance.belief import registered_type_belief
from conformance.checks.stacks import LOGICAL_ID, Stack
from conformance.expectations import expect, expect_equal, expect_refusal

GONE = "conformance-reference-to-nothing"
SECRET = f"{{{{resolve:secretsmanager:{GONE}:SecretString:key}}}}"


def _specification(aws: Aws, text: str) -> Document:
    """Properties with a text in the environment of the container."""
    specification = aws.request()["ModelQualityAppSpecification"]
    return {"ModelQualityAppSpecification": {**specification, "Environment": {"A": text}}}


class _Extended(Stack):
    """A stack of one definition, with an output."""

    def template(self, **changes: Any) -> str:
        template = json.loads(super().template(**changes))
        template["Outputs"] = {"Reference": {"Value": SECRET}}
        return json.dumps(template)


class _StoredParameter(Stack):
    """A stack of one parameter of Parameter Store, which has the stack's name."""

    def template(self, **changes: Any) -> str:
        properties = {"Name": self.name, "Type": "String", **changes}
        stored = {"Type": "AWS::SSM::Parameter", "Properties": properties}
        return json.dumps({"Resources": {"Stored": stored}})


def _refused(aws: Aws, words: str, properties: Document, **sections: Any) -> None:
    """Expect CreateStack to be refused, of a template with these properties and sections."""
    resource = {"Type": aws.type_name, "Properties": {**aws.request(), **properties}}
    expect_refusal(
        "ValidationError",
        aws.cloudformation.create_stack,
        words=(words,),
        StackName=aws.stack_name(),
        TemplateBody=json.dumps({"Resources": {LOGICAL_ID: resource}, **sections}),
    )


@registered_type_belief("B180")
def a_reference_to_a_label_of_a_stored_parameter_is_refused(aws: Aws) -> None:
    for service in ("ssm", "ssm-secure"):
        text = f"{{{{resolve:{service}:{GONE}:label}}}}"
        words = f"Incorrect format is used in the following SSM reference: [{text}]"
        _refused(aws, words, _specification(aws, text))


@registered_type_belief("B181")
def a_secure_string_is_refused_where_the_property_does_not_support_it(aws: Aws) -> None:
    path = "Properties/ModelQualityAppSpecification/Environment/A"
    words = f"SSM Secure reference is not supported in: [{aws.type_name}/{path}]"
    _refused(aws, words, _specification(aws, f"{{{{resolve:ssm-secure:{GONE}:1}}}}"))


@registered_type_belief("B182")
def a_reference_to_a_secret_that_is_gone_fails_the_resource(aws: Aws) -> None:
    stack = Stack(aws, **_specification(aws, SECRET)).ended_as("ROLLBACK_COMPLETE")
    words = "Secrets Manager can't find the specified secret."
    expect(any(words in reason for reason in stack.reasons()), stack.reasons())


@registered_type_belief("B183")
def a_reference_in_an_output_is_not_resolved(aws: Aws) -> None:
    stack = _Extended(aws).ended_as("CREATE_COMPLETE")
    expect_equal(stack.outputs(), {"Reference": SECRET})


@registered_type_belief("B184")
def a_parameter_that_names_no_stored_parameter_is_refused(aws: Aws) -> None:
    declared = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/{GONE}"}
    words = f"Unable to fetch parameters [/{GONE}] from parameter store for this account."
    _refused(aws, words, {}, Parameters={"Stored": declared})


@registered_type_belief("B185")
def a_parameter_of_an_unknown_type_is_refused(aws: Aws) -> None:
    words = "Template format error: Unrecognized parameter type: Strin"
    _refused(aws, words, {}, Parameters={"Text": {"Type": "Strin", "Default": "a"}})


@registered_type_belief("B186")
def a_false_assertion_refuses_the_request_with_its_description(aws: Aws) -> None:
    description = "The stage must not be prod"
    expression = {"Fn::Not": [{"Fn::Contains": [["prod"], {"Ref": "Stage"}]}]}
    rule = {"Assertions": [{"Assert": expression, "AssertDescription": description}]}
    stage = {"Type": "String", "Default": "prod"}
    _refused(aws, description, {}, Parameters={"Stage": stage}, Rules={"NotInProduction": rule})


@registered_type_belief("B187")
def an_update_with_the_same_template_resolves_a_stored_parameter_again(aws: Aws) -> None:
    stored = _StoredParameter(aws, Value="one").ended_as("CREATE_COMPLETE")
    properties = _specification(aws, f"{{{{resolve:ssm:{stored.name}}}}}")
    stack = Stack(aws, **properties).ended_as("CREATE_COMPLETE")
    stored.update(Value="two")
    stored.ended_as("UPDATE_COMPLETE")
    stack.update(**properties)
    stack.ended_as("UPDATE_COMPLETE")
    specification = aws.describe(stack.definition)["ModelQualityAppSpecification"]
    expect_equal(specification["Environment"], {"A": "two"})
