"""Where a prediction is in a response, by what kind of problem the model solves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ._functions import scalar
from ._inputs import JOB_INPUT, SCHEDULING_GUIDE, inputs
from ._rule import DefinitionRule, Finding, finding
from ._values import Value

ENDPOINT_REFERENCE = (
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html"
)
# Which attributes have the prediction; one of them is needed.
NEEDED = {
    "Regression": ("InferenceAttribute",),
    "MulticlassClassification": ("InferenceAttribute",),
    "BinaryClassification": ("InferenceAttribute", "ProbabilityAttribute"),
}
_THRESHOLD = "ProbabilityThresholdAttribute"


def problem_types(properties: Value) -> Iterator[Value]:
    """Yield what the type of the problem can be."""
    yield from properties.get("ModelQualityAppSpecification", "ProblemType")


class _PredictionRule(DefinitionRule):
    """No attribute that has the prediction, in one of the inputs."""

    input_name: ClassVar[str] = ""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment whose input has no prediction."""
        for problem in problem_types(properties):
            if not (isinstance(problem.value, str) and problem.value in NEEDED):
                continue
            for each in properties.get(JOB_INPUT, self.input_name, given=problem):
                if not isinstance(each.value, dict):
                    continue
                for inference in each.written("InferenceAttribute"):
                    for probability in each.written("ProbabilityAttribute", given=inference):
                        found = {
                            "InferenceAttribute": inference,
                            "ProbabilityAttribute": probability,
                        }
                        needed = NEEDED[problem.value]
                        if all(found[name].absent for name in needed):
                            message = (
                                f"{self.input_name} has no {' and no '.join(needed)}, but "
                                f"ProblemType is {problem.value!r}; add the place of the "
                                "prediction in the response"
                            )
                            yield finding(each, message, given=probability)


class EndpointPrediction(_PredictionRule):
    """No prediction in what an endpoint returns."""

    input_name = "EndpointInput"
    id = "E9502"
    shortdesc = "EndpointInput says where the prediction is"
    description = (
        "SageMaker refuses an EndpointInput that does not say where a response has the prediction. "
        "A regression and a multiclass classification need InferenceAttribute; a binary "
        "classification needs that or ProbabilityAttribute."
    )
    source_url = "https://github.com/aws/sagemaker-python-sdk/issues/3959"
    background = """\
The issue has SageMaker's answer: "missing required field,
CreateModelQualityJobDefinitionInput.ModelQualityJobInputs.EndpointInput.InferenceAttribute". It
does not mention the type of the problem. For a binary classification, SageMaker accepts
`ProbabilityAttribute` alone, as a
[test that AWS runs in accounts](https://github.com/aws-controllers-k8s/sagemaker-controller/blob/main/test/e2e/resources/model_quality_job_definition_xgboost_churn.yaml)
shows. A definition without `ProblemType` is not judged.
"""


class TransformPrediction(_PredictionRule):
    """No prediction in what batch transforms write."""

    input_name = "BatchTransformInput"
    id = "W9503"
    shortdesc = "BatchTransformInput says where the prediction is"
    description = (
        "A job of batch transforms has to know where a record has the prediction. A regression and "
        "a multiclass classification need InferenceAttribute; a binary classification needs that "
        "or ProbabilityAttribute."
    )
    source_url = SCHEDULING_GUIDE
    background = """\
The guide's example and AWS's
[notebooks](https://github.com/aws/amazon-sagemaker-examples/tree/main/sagemaker_model_monitor/model_monitor_batch_transform)
always say it. For an [EndpointInput](E9502.md) it is on record that SageMaker insists. For a
`BatchTransformInput` it is not, so this is a warning.
"""


class ThresholdWithoutProbability(DefinitionRule):
    """A threshold for a probability that is not there."""

    id = "W9504"
    shortdesc = "ProbabilityThresholdAttribute comes with ProbabilityAttribute"
    description = (
        "The threshold turns the probability in ProbabilityAttribute into a class. Without "
        "ProbabilityAttribute there is nothing that it could apply to."
    )
    source_url = ENDPOINT_REFERENCE

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each threshold without a probability."""
        for _, each in inputs(properties):
            for threshold in each.written(_THRESHOLD):
                if not threshold.known:
                    continue
                for probability in each.written("ProbabilityAttribute", given=threshold):
                    if probability.absent:
                        message = (
                            f"{_THRESHOLD} has no effect without ProbabilityAttribute; add that, "
                            "or remove the threshold"
                        )
                        yield finding(threshold, message, given=probability)


class ThresholdRange(DefinitionRule):
    """A threshold that no probability can cross."""

    id = "W9505"
    shortdesc = "ProbabilityThresholdAttribute is between 0 and 1"
    description = (
        "A probability is between 0 and 1. With a threshold outside of this range, every record "
        "is in the same class, whatever the model predicts."
    )
    source_url = ENDPOINT_REFERENCE
    background = """\
SageMaker's API has no limits for the number, so that such a definition deploys. A percentage
has to be divided by 100.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each threshold out of range."""
        for _, each in inputs(properties):
            for threshold in each.get(_THRESHOLD):
                number = _number(threshold)
                if number is not None and not 0 <= number <= 1:
                    value = str(threshold.value)
                    message = f"{_THRESHOLD} is {value}; give a probability between 0 and 1"
                    yield finding(threshold, message)


class ProbabilityInRegression(DefinitionRule):
    """Probabilities in a regression."""

    id = "W9506"
    shortdesc = "A regression has no probabilities"
    description = (
        "ProbabilityAttribute and ProbabilityThresholdAttribute are for classifications. A "
        "regression predicts a number, which InferenceAttribute has."
    )
    source_url = ENDPOINT_REFERENCE
    background = """\
The reference says of `ProbabilityAttribute`: "In a classification problem, the attribute that
represents the class probability". The rule does not judge a member that a condition can leave out
and whose value is a parameter without a known value. Whoever deploys the template gives that value,
and can leave the member out for a regression.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each member about probabilities, if the problem is a regression."""
        for problem in problem_types(properties):
            if problem.value != "Regression":
                continue
            for _, each in inputs(properties, given=problem):
                for name in ("ProbabilityAttribute", _THRESHOLD):
                    for member in each.written(name):
                        if _certain(member, each):
                            message = (
                                f"{name} is for classifications, but ProblemType is 'Regression'; "
                                "remove it, or change ProblemType"
                            )
                            yield finding(member, message)


def _certain(member: Value, of: Value) -> bool:
    """Whether a member is always there, or has a known value where it is there.

    Any other member depends on a condition, and on a value that only the deployment gives. Whoever
    deploys the template can leave it out for a regression.
    """
    return member.known and (member.facts == of.facts or any(v.known for v in member.resolved()))


def _number(value: Value) -> float | None:
    text = scalar(value.value)
    try:
        # Python takes 1_0 for a number.
        return float(text) if text and "_" not in text else None
    except ValueError:
        return None
