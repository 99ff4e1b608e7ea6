"""The inputs of a definition: which there are."""

from __future__ import annotations

from collections.abc import Iterator

from ._rule import DefinitionRule, Finding, finding
from ._values import Value

INPUTS = ("EndpointInput", "BatchTransformInput")


class ExactlyOneInput(DefinitionRule):
    """Both inputs, or neither."""

    id = "E9501"
    shortdesc = "A definition has exactly one of EndpointInput and BatchTransformInput"
    description = (
        "A model quality job reads predictions either from an endpoint or from batch transforms. "
        "SageMaker refuses a definition that has neither. One that has both is not a documented "
        "input."
    )
    source_url = (
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-schedule.html"
    )

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment with both inputs, or with neither."""
        for job_input in properties.get("ModelQualityJobInput"):
            if not isinstance(job_input.value, dict):
                continue
            for endpoint in job_input.get("EndpointInput"):
                for transform in job_input.get("BatchTransformInput", given=endpoint):
                    if endpoint.known and transform.known:
                        message = (
                            "BatchTransformInput and EndpointInput exclude each other; remove one, "
                            "or write two definitions"
                        )
                        yield finding(transform, message)
                    elif endpoint.absent and transform.absent:
                        message = (
                            "ModelQualityJobInput has neither EndpointInput nor "
                            "BatchTransformInput; add the one that has the predictions"
                        )
                        yield finding(job_input, message, given=transform)
