"""Paths in the container, which a template may not know as a whole."""

from typing import Any

import pytest

from tests.harness.monitored import definition, template
from validation.lint import lint

pytestmark = pytest.mark.once

PARAMETERS = {
    "Free": {"Type": "String"},
    "Root": {"Type": "String", "AllowedValues": ["/opt/ml/processing", "/var"]},
}


IN_FREE = {"Fn::Sub": "/opt/ml/processing/${Free}"}


def found(source: Any, target: Any = "/opt/ml/processing/output") -> list[str]:
    quality = definition(
        ModelQualityJobInput={"EndpointInput": {"LocalPath": source}},
        ModelQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": {"LocalPath": target}}]},
    )
    return [
        f"{each.rule.id} {each.message}"
        for each in lint(template(Parameters=PARAMETERS, Quality=quality))
        if each.rule.id in ("E9510", "W9511")
    ]


@pytest.mark.parametrize(
    ("path", "better"),
    [
        ("/opt/ml/input", "input"),
        ("/opt/ml/processing", "input"),
        ("/opt/ml/processing/../model", "model"),
        ("/opt/ml/processing2/input", "input"),
        ("/opt/ml/Processing/input", "input"),
        ("opt/ml/processing/data", "data"),
        ("", "input"),
    ],
)
def test_a_path_elsewhere_is_found(path: str, better: str) -> None:
    advice = f"is outside of /opt/ml/processing/; use /opt/ml/processing/{better}"
    assert found(path) == [f"E9510 LocalPath {path!r} {advice}"]


@pytest.mark.parametrize(
    "path",
    [
        "/opt/ml/processing/",
        "/opt/ml/processing/input/",
        "/opt/ml/processing//input",
        "/opt/ml/processing/a/../b",
        "/opt/ml/processing/output/below",
        {"Ref": "Free"},
        {"Fn::Sub": "/opt/ml/${Free}"},
        {"Fn::Sub": "/opt/ml/processing/${Free}"},
        {"Fn::ImportValue": "path"},
        "{{resolve:ssm:path}}",
    ],
    ids=str,
)
def test_a_path_that_may_be_inside_is_let_be(path: Any) -> None:
    assert found(path) == []


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ({"Fn::Sub": "/var/${Free}"}, "/var/${Free}"),
        ({"Fn::Join": ["/", ["/opt/ml/model", {"Ref": "Free"}]]}, "/opt/ml/model/${Free}"),
        (
            {"Fn::Sub": ["/var/${Name}", {"Name": {"Fn::ImportValue": "name"}}]},
            '/var/${Fn::ImportValue "name"}',
        ),
    ],
    ids=str,
)
def test_the_beginning_of_a_path_is_enough(path: Any, written: str) -> None:
    [message] = found(path)
    assert message.startswith(f"E9510 LocalPath {written!r} is outside")


def test_a_path_is_judged_for_each_value_of_a_parameter() -> None:
    [message] = found({"Fn::Sub": "${Root}/input"})
    assert message.endswith("(if the parameter 'Root' is '/var')")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("/opt/ml/processing/output/", "/opt/ml/processing/output"),
        ("/opt/ml/processing/./output", "/opt/ml/processing//output"),
        ({"Ref": "Free"}, {"Ref": "Free"}),
        ({"Fn::Sub": "${Free}/data"}, {"Fn::Join": ["/", [{"Ref": "Free"}, "data"]]}),
        (IN_FREE, {"Fn::Sub": "/opt/ml/processing//${Free}/"}),
        ({"Fn::ImportValue": "path"}, {"Fn::ImportValue": "path"}),
    ],
    ids=str,
)
def test_one_path_for_input_and_output_is_found(source: Any, target: Any) -> None:
    [message] = found(source, target)
    assert message.startswith("W9511")


def test_paths_that_may_differ_are_let_be() -> None:
    assert found({"Ref": "Free"}, {"Fn::Sub": "${Free}/output"}) == []
    assert found("/opt/ml/processing/x", {"Ref": "Free"}) == []
    empty = {"Fn::Sub": ["/opt/ml/processing/${Free}x", {"Free": ""}]}
    assert found(empty, {"Fn::Sub": "/opt/ml/processing/${Free}x"}) == []
    assert found({"Fn::ImportValue": "one"}, {"Fn::ImportValue": "other"}) == []
    # Nobody knows how many names there are to take back.
    assert found("/opt/ml/processing/x", {"Fn::Sub": "/opt/ml/processing/${Free}/../x"}) == []


@pytest.mark.parametrize("path", [["a"], {"a": "b"}, True, []], ids=str)
def test_what_is_no_text_is_no_path(path: Any) -> None:
    assert found(path, path) == []
