"""Requests that no SDK sends, and answers that XML cannot hold."""

import xml.etree.ElementTree as ET
from urllib.parse import urlencode

import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.harness.cloudformation import THING, Stacks


def refused(stacks: Stacks, action: str, **parameters: str) -> str:
    """Send parameters as they are. Returns the message of the ValidationError."""
    form = {"Action": action, "Version": "2010-05-15", **parameters}
    answer = urllib3.request(
        "POST",
        stacks.url,
        body=urlencode(form),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIATESTTESTTESTTEST/20261120/us-east-1/"
            "cloudformation/aws4_request, SignedHeaders=host, Signature=0",
        },
    )
    assert answer.status == 400, answer.data
    root = ET.fromstring(answer.data)  # noqa: S314  # the sandbox's own
    found = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
    assert found["Code"] == "ValidationError"
    return str(found["Message"])


@pytest.mark.parametrize("size", ["abc", "1e3", "", "\N{SUPERSCRIPT TWO}"])
def test_a_number_that_is_none_is_refused_and_named(stacks: Stacks, size: str) -> None:
    message = refused(stacks, "ListGeneratedTemplates", MaxResults=size)
    assert message.startswith("The request has a malformed value: ")
    assert repr(size) in message


@pytest.mark.parametrize(
    "token", ["abc", "-1", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_token_that_no_answer_had_is_refused(stacks: Stacks, token: str) -> None:
    with pytest.raises(ClientError) as error:
        stacks.client().list_stacks(NextToken=token)
    assert error.value.response["Error"]["Code"] == "ValidationError"
    assert error.value.response["Error"]["Message"] == f"Invalid next token: {token}"


def test_characters_that_xml_cannot_hold_are_replaced(stacks: Stacks) -> None:
    client = stacks.client()
    odd, shown = "a\x01\x0b\ufffeb\t\U0001f511", "a\ufffd\ufffd\ufffdb\t\U0001f511"
    client.create_generated_template(
        GeneratedTemplateName="odd",
        Resources=[{"ResourceType": THING, "ResourceIdentifier": {"Arn": odd}}],
    )
    answer = client.describe_generated_template(GeneratedTemplateName="odd")
    assert answer["Resources"][0]["ResourceIdentifier"] == {"Arn": shown}
    with pytest.raises(ClientError) as error:
        client.describe_generated_template(GeneratedTemplateName=odd)
    assert shown in error.value.response["Error"]["Message"]
