"""Which tags the demo gives the stack of a template, and whether there is room for them."""

import json
from typing import Any

import pytest

from tools.demo.__main__ import EXAMPLE
from tools.demo.tags import free_key, most_tags


@pytest.mark.parametrize(
    ("template", "parameters", "key"),
    [
        (EXAMPLE.read_text("utf-8"), {}, "Stage"),
        ("Tags: [{ Key: Stage, Value: prod }]", {}, "DemoStage"),
        ("Tags: [{ Key: STAGE, Value: prod }]", {}, "DemoStage"),
        ("Tags: [{ Key: Stage }, { Key: demostage }]", {}, "DemoDemoStage"),
        ("Tags: [{ Key: !Ref Key }]", {"Key": "Stage"}, "DemoStage"),
    ],
)
def test_a_key_is_one_that_no_resource_can_have_itself(
    template: str, parameters: dict[str, str], key: str
) -> None:
    assert free_key("Stage", template, parameters) == key


@pytest.mark.parametrize(
    ("tags", "most"),
    [
        (None, 0),
        ([], 0),
        ([{"Key": "a", "Value": "b"}] * 3, 3),
        ({"Fn::If": ["Is", [{"Key": "a"}] * 5, {"Ref": "AWS::NoValue"}]}, 5),
        ({"a": "b"}, 0),
    ],
)
def test_tags_are_counted_where_a_function_chooses_them_too(tags: Any, most: int) -> None:
    resources = {"Other": {"Type": "T", "Properties": []}, "Bare": {"Type": "T"}}
    resources["Definition"] = {"Type": "T", "Properties": {"Tags": tags}}
    assert most_tags(json.dumps({"Resources": resources})) == most


def test_what_is_no_template_has_no_tags() -> None:
    assert most_tags("hello") == 0
