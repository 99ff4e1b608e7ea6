"""Templates in S3, and the operations that look at a template without deploying it."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, template, thing


def test_a_template_may_lie_in_s3_and_a_missing_one_is_refused(stacks: Stacks) -> None:
    url = stacks.upload({"Thing": thing()})
    client = stacks.client()
    client.create_stack(StackName="shop", TemplateURL=url)
    assert stacks.settled() == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="S3 error"):
        client.create_stack(StackName="other", TemplateURL=f"{stacks.url}/templates/none.json")


def test_templates_are_validated_and_summarized_without_a_stack(stacks: Stacks) -> None:
    body = template({"Thing": thing()}, {"Parameters": {"A": {"Type": "String", "Default": "x"}}})
    client = stacks.client()
    validated = client.validate_template(TemplateBody=body)
    assert validated["Parameters"][0]["DefaultValue"] == "x"
    summary = client.get_template_summary(TemplateBody=body)
    assert summary["ResourceTypes"] == ["Toy::Shop::Thing"]
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        client.validate_template(TemplateBody=json.dumps({"Resources": {"A": {"Type": "A::B::C"}}}))


def test_a_summary_says_what_identifies_each_resource_that_can_be_imported(stacks: Stacks) -> None:
    resources = {"A": thing(), "Bucket": {"Type": "AWS::S3::Bucket"}, "B": thing()}
    client = stacks.client()
    summary = client.get_template_summary(TemplateBody=template(resources))
    identifiers = [
        {
            "ResourceType": "Toy::Shop::Thing",
            "LogicalResourceIds": ["A", "B"],
            "ResourceIdentifiers": ["Arn"],
        }
    ]
    assert summary["ResourceIdentifierSummaries"] == identifiers
    stacks.create(resources)
    of_stack = client.get_template_summary(StackName="shop")
    assert of_stack["ResourceIdentifierSummaries"] == identifiers


def test_no_template_at_all_is_refused(stacks: Stacks) -> None:
    for call in (stacks.client().validate_template, stacks.client().get_template_summary):
        with pytest.raises(ClientError, match="Either Template URL or Template Body must be spec"):
            call()
