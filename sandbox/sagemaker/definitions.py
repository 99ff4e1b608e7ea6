"""Job definitions of all four kinds: the rules that botocore's model does not have."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.json_service.errors import invalid
from sandbox.sagemaker import listing
from sandbox.sagemaker.errors import in_use, not_found
from sandbox.sagemaker.kinds import Kind
from sandbox.sagemaker.store import JobDefinition, Region
from sandbox.sagemaker.tagging import new_tags

# Defaults that Describe shows: B22 to B25 of guide/assumptions.md.
_INPUTS = {"EndpointInput", "BatchTransformInput"}
_INPUT_DEFAULTS = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
_OUTPUT_DEFAULTS = {"S3UploadMode": "EndOfJob"}

# Each type of problem needs one of these attributes of an EndpointInput: B98 and B99.
_NEEDED_ATTRIBUTES = {
    "Regression": ("InferenceAttribute",),
    "MulticlassClassification": ("InferenceAttribute",),
    "BinaryClassification": ("InferenceAttribute", "ProbabilityAttribute"),
}

_FILTERS: dict[str, Callable[[Any, Any], bool]] = {
    **listing.FILTERS,
    "EndpointName": lambda definition, name: listing.same_name(definition.endpoint_name, name),
}


def create(
    kind: Kind,
    region: Region,
    request: dict[str, Any],
    endpoint_exists: Callable[[Region, str], bool],
) -> dict[str, Any]:
    """Create a definition. Its role, image and bucket need not exist."""
    name = request["JobDefinitionName"]
    tags = new_tags(request.get("Tags", ()))
    job_input = request[kind.job_input]
    if not job_input.keys() & _INPUTS:
        raise invalid(f"{kind.job_input} must have EndpointInput or BatchTransformInput.")
    _require_prediction(request)
    endpoint = job_input.get("EndpointInput", {}).get("EndpointName")
    if endpoint is not None and not endpoint_exists(region, endpoint):
        # The message of CreateDataQualityJobDefinition, as users quote it.
        raise invalid(f"Endpoint '{endpoint}' does not exist or is not valid")
    if taken := region.definitions(kind).find(name):
        raise in_use(
            "Job definition names must be unique within an AWS account and region, and a "
            f"definition with this name already exists ({taken.arn})"
        )
    apart = ("JobDefinitionName", "Tags")
    settings = {member: value for member, value in request.items() if member not in apart}
    fill_in(settings, [job_input], settings[kind.output_config])
    arn = region.arn(kind.in_arn, name)
    definition = JobDefinition(name, arn, tags, settings=settings, kind=kind)
    region.definitions(kind).add(definition)
    return {"JobDefinitionArn": definition.arn}


def fill_in(job: dict[str, Any], inputs: Iterable[dict[str, Any]], outputs: dict[str, Any]) -> None:
    """Add the defaults that Describe shows to a job."""
    job.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": 3600})
    for each in inputs:
        for member in each.keys() & _INPUTS:
            each[member] = _INPUT_DEFAULTS | each[member]
    for output in outputs["MonitoringOutputs"]:
        output["S3Output"] = _OUTPUT_DEFAULTS | output["S3Output"]


def describe(kind: Kind, region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Return a definition without its tags. Members that were not set are left out."""
    definition = _find(kind, region, request["JobDefinitionName"])
    return {
        "JobDefinitionArn": definition.arn,
        "JobDefinitionName": definition.name,
        "CreationTime": definition.created,
        **definition.settings,
    }


def delete(kind: Kind, region: Region, request: dict[str, Any]) -> None:
    """Delete a definition that no schedule uses."""
    definition = _find(kind, region, request["JobDefinitionName"])
    users = [
        schedule.arn for schedule in region.schedules.all() if _uses(schedule.config, definition)
    ]
    if users:
        raise in_use(
            f"Monitoring Job Definition {definition.arn} is in use by {', '.join(sorted(users))}"
        )
    region.definitions(kind).remove(definition)


def list_page(
    kind: Kind, region: Region, request: dict[str, Any], pages: listing.Pages
) -> dict[str, Any]:
    """Return one page of summaries."""
    listed = listing.Listing(f"List{kind.api_name}s", _FILTERS, listing.SORT_KEYS)
    page, token = pages.of_resources(region, listed, request, region.definitions(kind).all())
    return {"JobDefinitionSummaries": [_summary(definition) for definition in page], **token}


def _require_prediction(request: dict[str, Any]) -> None:
    """Reject an EndpointInput that does not say where a response has the prediction.

    Only model quality has types of problem.
    """
    endpoint_input = request.get("ModelQualityJobInput", {}).get("EndpointInput")
    problem_type = request.get("ModelQualityAppSpecification", {}).get("ProblemType")
    needed = _NEEDED_ATTRIBUTES.get(problem_type, ())
    if endpoint_input is None or not needed or any(name in endpoint_input for name in needed):
        return
    # The message, including ModelQualityJobInputs, is from aws/sagemaker-python-sdk issue 3959.
    raise invalid(
        "InvalidParameter: 1 validation error(s) found.\n- missing required field, "
        "CreateModelQualityJobDefinitionInput.ModelQualityJobInputs.EndpointInput."
        "InferenceAttribute.\n"
    )


def _uses(config: dict[str, Any], definition: JobDefinition) -> bool:
    """Return whether a MonitoringScheduleConfig uses the definition."""
    return config.get("MonitoringType") == definition.kind.monitoring_type and listing.same_name(
        config.get("MonitoringJobDefinitionName"), definition.name
    )


def _find(kind: Kind, region: Region, name: str) -> JobDefinition:
    definition = region.definitions(kind).find(name)
    if definition is None:
        # The message by which aws-controllers-k8s/sagemaker-controller recognizes this error.
        raise not_found(f"Monitoring Job Definition {region.arn(kind.in_arn, name)} not found")
    return definition


def _summary(definition: JobDefinition) -> dict[str, Any]:
    summary = {
        "MonitoringJobDefinitionName": definition.name,
        "MonitoringJobDefinitionArn": definition.arn,
        "CreationTime": definition.created,
    }
    # The model requires EndpointName, but a batch transform has no endpoint. The member is left
    # out, because an empty name would violate its pattern.
    if definition.endpoint_name is not None:
        summary["EndpointName"] = definition.endpoint_name
    return summary
