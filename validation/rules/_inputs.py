"""The inputs of a definition: which there are, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator

from ._rule import DefinitionRule, Finding, finding
from ._values import Value

JOB_INPUT = "ModelQualityJobInput"
INPUTS = ("EndpointInput", "BatchTransformInput")
SCHEDULING_GUIDE = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-schedule.html"
)


def inputs(properties: Value, given: Value | None = None) -> Iterator[tuple[str, Value]]:
    """Yield each input that there is, with its name."""
    for name in INPUTS:
        for each in properties.get(JOB_INPUT, name, given=given):
            if each.known:
                yield name, each


class ExactlyOneInput(DefinitionRule):
    """Both inputs, or neither."""

    id = "E9501"
    shortdesc = "A definition has exactly one of EndpointInput and BatchTransformInput"
    description = (
        "A model quality job reads predictions either from an endpoint or from batch transforms. "
        "A definition without either has nothing to monitor, and SageMaker's guide excludes both."
    )
    source_url = SCHEDULING_GUIDE
    background = """\
The guide says that you can specify either a batch transform input or an endpoint input, but not
both. The SageMaker Python SDK rejects both, and neither, before it sends a request. Nothing is on
record about what the service itself answers to both.

Where neither is there and cfn-lint has the type's schema, its own rules E3003 and E3017 report each
input as missing. One input is enough for all of them.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment with both inputs, or with neither."""
        for job_input in properties.get(JOB_INPUT):
            if not isinstance(job_input.value, dict):
                continue
            for endpoint in job_input.written("EndpointInput"):
                for transform in job_input.written("BatchTransformInput", given=endpoint):
                    if endpoint.known and transform.known:
                        message = (
                            "BatchTransformInput and EndpointInput exclude each other; remove one, "
                            "or write two definitions"
                        )
                        yield finding(transform, message)
                    elif endpoint.absent and transform.absent:
                        message = (
                            f"{JOB_INPUT} has neither EndpointInput nor BatchTransformInput; add "
                            "one, not both: the one that has the predictions"
                        )
                        yield finding(job_input, message, given=transform)


class GroundTruth(DefinitionRule):
    """No place of the labels."""

    id = "W9512"
    shortdesc = "GroundTruthS3Input says where the labels are"
    description = (
        "A model quality job merges predictions with the labels in GroundTruthS3Input. Without an "
        "S3Uri it has nothing to compare the predictions with."
    )
    source_url = (
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html"
    )
    background = """\
SageMaker's API does not require `S3Uri`; the guide asks for the location of the labels when the job
is created. AWS's own CloudFormation type requires `S3Uri`, so that cfn-lint also reports E3003 for
an empty `GroundTruthS3Input` of `AWS::SageMaker::ModelQualityJobDefinition`.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment without the place of the labels."""
        for truth in properties.get(JOB_INPUT, "GroundTruthS3Input"):
            if not isinstance(truth.value, dict):
                continue
            for uri in truth.written("S3Uri"):
                if uri.absent:
                    message = "GroundTruthS3Input has no S3Uri; add the location of the labels"
                    yield finding(uri, message)


class OneDatasetFormat(DefinitionRule):
    """No format of the data of batch transforms, or several."""

    id = "W9513"
    shortdesc = "DatasetFormat is exactly one of Csv, Json and Parquet"
    description = (
        "A job of batch transforms is told in which one format their data is. With none it cannot "
        "know, and with several it is not documented which one counts."
    )
    source_url = (
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html"
    )
    background = """\
The job's container gets the format in the environment variable `dataset_format`, for which the
guide lists CSV, JSON and Parquet, one at a time. `Parquet: false` counts as absent.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment with no format, or with several."""
        for chosen in properties.get(JOB_INPUT, "BatchTransformInput", "DatasetFormat"):
            if not isinstance(chosen.value, dict):
                continue
            for csv in chosen.get("Csv"):
                for json in chosen.get("Json", given=csv):
                    for parquet in chosen.get("Parquet", given=json):
                        yield from self._of(chosen, {"Csv": csv, "Json": json, "Parquet": parquet})

    def _of(self, chosen: Value, formats: dict[str, Value]) -> Iterator[Finding]:
        last = formats["Parquet"]
        off = last.known and str(last.value).lower() == "false"
        there = {
            name: each
            for name, each in formats.items()
            if each.known and not (off and each is last)
        }
        if len(there) > 1:
            message = f"DatasetFormat has {' and '.join(there)}; keep the one that the data has"
            yield finding([*there.values()][-1], message, given=last)
        elif not there and all(each.absent or each.known for each in formats.values()):
            message = "DatasetFormat has no format; add Csv, Json or Parquet"
            yield finding(chosen, message, given=last)
