"""A template for what exists: what it declares, and that its text says what was meant."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sandbox import generated_template
from sandbox.cloudformation.template import reading
from sandbox.hosting.type_schema import TypeSchema
from tests.harness.properties import SCHEMA, examples

NOTEBOOK = {
    "typeName": "Acme::Toys::Notebook",
    "properties": {
        "Name": {"type": "string"},
        "Arn": {"type": "string"},
        "Script": {"type": "string"},
        "Tags": {"type": "array"},
    },
    "primaryIdentifier": ["/properties/Arn"],
    "readOnlyProperties": ["/properties/Arn"],
}
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(" \t\n\r\x85\u2028\ufeff'\"#:-{}[]&*!|>%@`\\?,=<~"),
    ),
    max_size=30,
)
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.from_regex(r"\A[-+.]?[\d_]+([.:eExo-][-+]?[\d_]*)?\Z"),
    st.sampled_from(
        ["yes", "No", "on", "y", "N", "null", "~", "true", "<<", "=", "", "0o17", "1e3"]
    ),
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def yaml_of(properties: Mapping[str, Any]) -> str:
    entry = generated_template.resource(TypeSchema(NOTEBOOK), properties)
    return generated_template.as_yaml({"Resources": {"Notebook": entry}})


def test_a_resource_declares_what_a_template_can_declare_in_the_schemas_order() -> None:
    model = {
        "Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "x"}, {"Key": "a", "Value": ""}],
        "Script": "ls",
        "Arn": "arn:1",
        "Name": "n",
    }
    entry = generated_template.resource(TypeSchema(NOTEBOOK), model, "Delete")
    assert list(entry.items()) == [
        ("Type", "Acme::Toys::Notebook"),
        ("DeletionPolicy", "Delete"),
        ("UpdateReplacePolicy", "Retain"),
        ("Properties", {"Name": "n", "Script": "ls", "Tags": [{"Key": "a", "Value": ""}]}),
    ]
    assert list(entry["Properties"]) == ["Name", "Script", "Tags"]


def test_the_yaml_shows_lists_item_by_item_and_texts_line_by_line() -> None:
    subnets = ["subnet-1", "subnet-2"]
    long_text = "s3://bucket/" + "a long folder/" * 20
    assert yaml_of(
        {"Script": "import sys\n\nprint(sys.argv)\n", "A": subnets, "B": [long_text]}
    ) == (
        "Resources:\n"
        "  Notebook:\n"
        "    Type: Acme::Toys::Notebook\n"
        "    DeletionPolicy: Retain\n"
        "    UpdateReplacePolicy: Retain\n"
        "    Properties:\n"
        "      Script: |\n"
        "        import sys\n"
        "\n"
        "        print(sys.argv)\n"
        "      A:\n"
        "        - subnet-1\n"
        "        - subnet-2\n"
        "      B:\n"
        f"        - {long_text}\n"
    )


def test_the_yaml_repeats_a_value_that_occurs_twice() -> None:
    shared = {"Key": "a"}
    assert "&" not in yaml_of({"A": [shared, shared]})


@pytest.mark.parametrize("text", ["1e3", "0o17", "2010-09-09", "12:30", "y", "NO", "0x1F", "1.2.3"])
def test_the_yaml_quotes_a_text_that_some_parsers_take_for_something_else(text: str) -> None:
    assert f'Name: "{text}"\n' in yaml_of({"Name": text})


@pytest.mark.once
@examples(500)
@given(DOCUMENTS)
def test_both_texts_say_what_was_meant(document: Any) -> None:
    template = {"Resources": {"Notebook": {"Properties": document}}}
    as_yaml = generated_template.as_yaml(template)
    wanted = json.dumps(template)
    assert json.dumps(yaml.safe_load(as_yaml)) == wanted
    assert json.dumps(reading.parse(as_yaml)) == wanted
    assert json.dumps(reading.parse(generated_template.as_json(template))) == wanted


def test_a_comment_stands_above_its_member_and_changes_nothing() -> None:
    template = {"Resources": {"A": {"Steps": ["one", {"Mode": "File", "Name": "x"}]}}}
    steps = ("Resources", "A", "Steps")
    commented = generated_template.as_yaml(
        template,
        {
            (*steps, "1", "Name"): "the second",
            steps: "the first",
            (*steps, "7"): "of nothing",
            ("Resources", "B", "Steps"): "of nothing",
        },
    )
    assert commented == (
        "Resources:\n"
        "  A:\n"
        "    # the first\n"
        "    Steps:\n"
        "      - one\n"
        "      - Mode: File\n"
        "        # the second\n"
        "        Name: x\n"
    )
    assert yaml.safe_load(commented) == template


def test_the_projects_own_type_can_be_written() -> None:
    model = {"RoleArn": "arn:r", "JobDefinitionArn": "arn:d", "CreationTime": "now"}
    entry = generated_template.resource(TypeSchema(SCHEMA), model)
    assert entry["Properties"] == {"RoleArn": "arn:r"}
