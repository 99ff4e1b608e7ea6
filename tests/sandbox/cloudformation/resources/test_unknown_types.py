"""Resource types that the sandbox does not find, and what is said of each kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, thing

FIREHOSE = "AWS::KinesisFirehose::DeliveryStream"
LACKING = (
    "The sandbox has no {}, which AWS has. guide/coverage.md lists the resource types of the "
    "sandbox."
)


def body(*types: str) -> str:
    return json.dumps({"Resources": {f"R{n}": {"Type": each} for n, each in enumerate(types)}})


def refusal(ask: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as raised:
        ask()
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationError"
    return str(error["Message"])


def said(stacks: Stacks, *types: str, region: str = "us-east-1") -> str:
    client = stacks.client(region=region)
    return refusal(lambda: client.create_stack(StackName="shop", TemplateBody=body(*types)))


def test_types_that_aws_has_are_what_the_sandbox_lacks(stacks: Stacks) -> None:
    assert said(stacks, FIREHOSE) == LACKING.format(FIREHOSE)
    several = said(stacks, FIREHOSE, "AWS::Athena::WorkGroup", "Alexa::ASK::Skill", FIREHOSE)
    assert several == LACKING.format(f"{FIREHOSE}, AWS::Athena::WorkGroup, Alexa::ASK::Skill")


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("AWS::SageMaker::ModelQualtyJobDefinition", "AWS::SageMaker::ModelQualityJobDefinition"),
        ("AWS::SageMaker::ModelQuality", "AWS::SageMaker::ModelQualityJobDefinition"),
        ("aws::s3::bucket", "AWS::S3::Bucket"),
        ("Toy::Shop::Things", "Toy::Shop::Thing"),
    ],
)
def test_a_misspelt_type_is_unrecognized_and_the_nearest_name_is_suggested(
    stacks: Stacks, misspelt: str, meant: str
) -> None:
    message = said(stacks, misspelt)
    assert message.startswith(f"Template format error: Unrecognized resource types: [{misspelt}].")
    assert f"Instead of {misspelt}, did you mean {meant}" in message
    assert "The sandbox" not in message


def test_a_type_of_a_third_party_is_unrecognized_until_it_is_registered(stacks: Stacks) -> None:
    assert said(stacks, "Acme::Dynamite::Stick") == (
        "Template format error: Unrecognized resource types: [Acme::Dynamite::Stick]. "
        "Other types than AWS's must be registered in this account and region."
    )


def test_a_module_is_what_the_sandbox_does_not_support(stacks: Stacks) -> None:
    assert said(stacks, "Acme::S3::Safe::MODULE") == (
        "The sandbox does not support modules: Acme::S3::Safe::MODULE."
    )


def test_a_type_of_sam_needs_its_transform(stacks: Stacks) -> None:
    message = said(stacks, "AWS::Serverless::Function")
    assert "Unrecognized resource types: [AWS::Serverless::Function]" in message
    assert "AWS::Serverless-2016-10-31, which the sandbox does not support" in message


def test_a_type_that_aws_does_not_have_in_the_region_is_unrecognized(stacks: Stacks) -> None:
    ses = "AWS::SES::MailManagerArchive"
    assert said(stacks, ses) == LACKING.format(ses)
    message = said(stacks, ses, region="cn-north-1")
    assert message == (
        f"Template format error: Unrecognized resource types: [{ses}]. "
        f"In AWS, the region cn-north-1 does not have {ses}."
    )


def test_each_kind_in_one_template_is_named(stacks: Stacks) -> None:
    message = said(stacks, "Acme::A::B::MODULE", FIREHOSE, "AWS::S3::Buckt", "No::Such::Type")
    assert "Unrecognized resource types: [AWS::S3::Buckt, No::Such::Type]." in message
    assert LACKING.format(FIREHOSE) in message
    assert message.endswith("The sandbox does not support modules: Acme::A::B::MODULE.")


def test_every_request_with_a_template_says_it(stacks: Stacks) -> None:
    client, template = stacks.client(), body(FIREHOSE)
    stacks.create({"Thing": thing()})
    client.create_stack_set(
        StackSetName="set", TemplateBody=json.dumps({"Resources": {"A": thing()}})
    )
    for ask in (
        lambda: client.validate_template(TemplateBody=template),
        lambda: client.get_template_summary(TemplateBody=template),
        lambda: client.update_stack(StackName="shop", TemplateBody=template),
        lambda: client.create_change_set(
            StackName="new", ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=template
        ),
        lambda: client.create_stack_set(StackSetName="other", TemplateBody=template),
        lambda: client.update_stack_set(StackSetName="set", TemplateBody=template),
    ):
        assert refusal(ask) == LACKING.format(FIREHOSE)


def test_a_nested_stack_says_it(stacks: Stacks) -> None:
    url = stacks.upload(body(FIREHOSE))
    stacks.create(
        {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}
    )
    assert LACKING.format(FIREHOSE) in stacks.reason("CREATE_FAILED", logical_id="Nested")


def test_names_of_moto_that_are_no_types_are_not_found(stacks: Stacks) -> None:
    assert "Unrecognized resource types: [?, AWS::SERVICE::RESOURCE]" in said(
        stacks, "?", "AWS::SERVICE::RESOURCE"
    )
