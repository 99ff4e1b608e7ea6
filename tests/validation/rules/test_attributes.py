"""Which thresholds are numbers, and what is judged of attributes whose values depend on others."""

from typing import Any

import pytest

from tests.harness.monitored import definition, template
from validation.lint import lint

pytestmark = pytest.mark.once


def ids(
    inputs: dict[str, Any], problem: Any = "BinaryClassification", **sections: Any
) -> list[str]:
    quality = definition(ModelQualityJobInput={"EndpointInput": inputs})
    quality["Properties"]["ModelQualityAppSpecification"]["ProblemType"] = problem
    return [each.rule.id for each in lint(template(Quality=quality, **sections))]


@pytest.mark.parametrize(
    ("threshold", "found"),
    [
        (0.5, []),
        ("0.5", []),
        (1, []),
        ("1_0", []),
        ("half", []),
        (True, []),
        (50, ["W9505"]),
        ("5e1", ["W9505"]),
        (-0.5, ["W9505"]),
        ("nan", ["W9505"]),
    ],
)
def test_only_numbers_are_out_of_range(threshold: Any, found: list[str]) -> None:
    inputs = {"ProbabilityAttribute": "0", "ProbabilityThresholdAttribute": threshold}
    assert ids(inputs) == found


def test_an_attribute_depends_on_the_condition_that_the_problem_type_depends_on() -> None:
    def choice(one: Any, other: Any) -> Any:
        return {"Fn::If": ["Regression", one, other]}

    no_value = {"Ref": "AWS::NoValue"}
    sections = {
        "Parameters": {"Kind": {"Type": "String"}},
        "Conditions": {"Regression": {"Fn::Equals": [{"Ref": "Kind"}, "regression"]}},
    }
    problem = {"Fn::Sub": ["${kind}", {"kind": choice("Regression", "BinaryClassification")}]}
    sound = {
        "InferenceAttribute": choice("0", no_value),
        "ProbabilityAttribute": choice(no_value, "1"),
    }
    assert ids(sound, problem, **sections) == []
    mistaken = {
        "InferenceAttribute": choice(no_value, "0"),
        "ProbabilityAttribute": choice("1", no_value),
    }
    assert sorted(ids(mistaken, problem, **sections)) == ["E9502", "W9506"]
