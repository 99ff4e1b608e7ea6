"""The transform AWS::Include: snippets in S3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Stacks, thing


@pytest.fixture
def snippets(stacks: Stacks) -> Any:
    """A function that puts a snippet into S3, and returns its location."""
    s3 = stacks.client("s3")
    s3.create_bucket(Bucket="snippets")

    def put(body: str | bytes) -> str:
        s3.put_object(Bucket="snippets", Key="snippet.yaml", Body=body)
        return "s3://snippets/snippet.yaml"

    return put


def call(location: Any) -> dict[str, Any]:
    return {"Name": "AWS::Include", "Parameters": {"Location": location}}


def create(stacks: Stacks, resources: Any, **sections: Any) -> str:
    stacks.create(resources, template=sections, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    return str(stacks.describe()["StackStatus"])


def test_a_snippet_is_put_where_it_is_called(stacks: Stacks, snippets: Any) -> None:
    location = snippets("Secret: from the snippet\nOpen: true\n")
    properties = {"Size": 1, "Fn::Transform": call({"Fn::Sub": "s3://${Bucket}/snippet.yaml"})}
    parameters = {"Bucket": {"Type": "String", "Default": "snippets"}}
    assert create(stacks, {"One": thing(properties)}, Parameters=parameters) == "CREATE_COMPLETE"
    assert stacks.shop.sent("CREATE") == [
        {"Size": 1, "Secret": "from the snippet", "Open": True}
    ], location


def test_a_snippet_may_hold_sections_and_resources(stacks: Stacks, snippets: Any) -> None:
    location = snippets("Outputs: {Made: {Value: {Fn::GetAtt: [One, Made]}}}")
    assert create(stacks, {"One": thing()}, Transform=call(location)) == "CREATE_COMPLETE"
    assert stacks.describe()["Outputs"][0]["OutputKey"] == "Made"


def test_a_loop_may_stand_in_a_snippet(stacks: Stacks, snippets: Any) -> None:
    location = snippets(
        "Fn::ForEach::L: [Id, [a, b], {'Thing${Id}': "
        "{Type: 'Toy::Shop::Thing', Properties: {Size: 1}}}]"
    )
    resources = {"Fn::Transform": call(location)}
    assert create(stacks, resources, Transform="AWS::LanguageExtensions") == "CREATE_COMPLETE"
    assert len(stacks.shop.things) == 2


@pytest.mark.parametrize(
    ("snippet", "location", "words"),
    [
        ("a: b", None, "Transform AWS::Include failed with: The Location parameter has not been"),
        ("a: b", "https://x", "Transform AWS::Include failed with: The location parameter is not"),
        ("a: b", {"Ref": "One"}, "Transform AWS::Include failed with: The location parameter is"),
        ("a: b", "s3://snippets/none", "Transform AWS::Include failed with: s3://snippets/none: "),
        ("a: ]", "s3://snippets/snippet.yaml", "YAML not well-formed. (line 1, column 4)"),
        (b"\xff", "s3://snippets/snippet.yaml", "The template is not valid UTF-8."),
        ("- a", "s3://snippets/snippet.yaml", "unsupported structure."),
        ("Fn::Transform: {}", "s3://snippets/snippet.yaml", "does not support Fn::Transform in a"),
    ],
)
def test_a_snippet_that_cannot_be_included_is_refused(
    stacks: Stacks, snippets: Any, snippet: str | bytes, location: Any, words: str
) -> None:
    snippets(snippet)
    included = call(location) if location else {"Name": "AWS::Include"}
    with pytest.raises(ClientError) as refused:
        create(stacks, {"One": thing({"Fn::Transform": included})})
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert words in refused.value.response["Error"]["Message"]


def test_another_transform_in_a_section_is_refused_by_its_name(stacks: Stacks) -> None:
    called = {"Name": "OwnMacro", "Parameters": {}}
    with pytest.raises(ClientError, match="The sandbox does not support the transform OwnMacro"):
        create(stacks, {"One": thing({"Fn::Transform": called})})


def test_parameters_in_a_snippet_are_refused(stacks: Stacks, snippets: Any) -> None:
    location = snippets("Parameters: {A: {Type: String}}")
    with pytest.raises(ClientError, match="does not support Parameters in a snippet"):
        create(stacks, {"One": thing()}, Transform=call(location))
