"""Monitoring schedules, as far as they use job definitions and prevent their deletion."""

import re
from typing import Any, Literal

from sandbox.json_service.errors import invalid
from sandbox.sagemaker import definitions, listing
from sandbox.sagemaker.errors import in_use, not_found
from sandbox.sagemaker.kinds import BY_MONITORING_TYPE
from sandbox.sagemaker.store import (
    SCHEDULE,
    JobDefinition,
    MonitoringSchedule,
    Region,
    now,
)
from sandbox.sagemaker.tagging import new_tags

# Every hour, every day at an hour, every few hours from an hour on, or once. Source: the model's
# documentation of ScheduleConfig.ScheduleExpression, whose examples have hours of one digit too.
# The service's message for other expressions is not documented.
_SCHEDULE_EXPRESSION = re.compile(
    r"NOW|cron\(0 (\*|([01]?\d|2[0-3])(/(0?[1-9]|1\d|2[0-4]))?) \? \* \* \*\)", re.ASCII
)
# An interval continues across midnight: in the same documentation, 17/12 is every 12 hours. An
# interval of one hour is hourly, whichever hour it starts at.
_HOURLY = re.compile(r"cron\(0 (\*|\d+/0?1) ", re.ASCII)
# Source: the model's documentation of MonitoringStoppingCondition.MaxRuntimeInSeconds.
_HOURLY_MODEL_QUALITY_SECONDS = 1800


def create(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Create a schedule, which is Scheduled at once. Executions never start."""
    name = request["MonitoringScheduleName"]
    config = request["MonitoringScheduleConfig"]
    tags = new_tags(request.get("Tags", ()))
    _fill_in(config)
    _check(region, config)
    if taken := region.schedules.find(name):
        raise in_use(
            "Monitoring schedule names must be unique within an AWS account and region, and a "
            f"schedule with this name already exists ({taken.arn})"
        )
    schedule = MonitoringSchedule(name, region.arn(SCHEDULE, name), tags, config=config)
    schedule.modified = schedule.created
    region.schedules.add(schedule)
    return {"MonitoringScheduleArn": schedule.arn}


def describe(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Return a schedule as it was configured, with its defaults."""
    schedule = find(region, request)
    return {**_outline(region, schedule), "MonitoringScheduleConfig": schedule.config}


def update(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Replace the whole configuration of a schedule."""
    schedule = find(region, request)
    config = request["MonitoringScheduleConfig"]
    _fill_in(config)
    _check(region, config)
    schedule.config = config
    schedule.modified = now()
    return {"MonitoringScheduleArn": schedule.arn}


def delete(region: Region, request: dict[str, Any]) -> None:
    """Delete a schedule; its job definition stays."""
    region.schedules.remove(find(region, request))


def start(region: Region, request: dict[str, Any]) -> None:
    """Start a schedule. A schedule that is already Scheduled does not change."""
    _set_status(find(region, request), "Scheduled")


def stop(region: Region, request: dict[str, Any]) -> None:
    """Stop a schedule. A schedule that is already Stopped does not change."""
    _set_status(find(region, request), "Stopped")


def list_page(region: Region, request: dict[str, Any], pages: listing.Pages) -> dict[str, Any]:
    """Return one page of summaries."""
    filters = {
        **listing.FILTERS,
        "EndpointName": lambda it, name: listing.same_name(_endpoint_name(region, it), name),
        "LastModifiedTimeBefore": lambda it, moment: it.modified < moment,
        "LastModifiedTimeAfter": lambda it, moment: it.modified > moment,
        "StatusEquals": lambda it, status: it.status == status,
        "MonitoringTypeEquals": lambda it, kind: it.config.get("MonitoringType") == kind,
        "MonitoringJobDefinitionName": lambda it, name: listing.same_name(
            it.config.get("MonitoringJobDefinitionName"), name
        ),
    }
    sort_keys = {
        **listing.SORT_KEYS,
        "Status": lambda schedule: (schedule.status, schedule.name.lower()),
    }
    page, token = pages.of_resources(
        region,
        listing.Listing("ListMonitoringSchedules", filters, sort_keys),
        request,
        region.schedules.all(),
    )
    return {"MonitoringScheduleSummaries": [_summary(region, each) for each in page], **token}


def _check(region: Region, config: dict[str, Any]) -> None:
    """Check that the configuration has one job, and a schedule on which that job can run.

    A missing definition is not ResourceNotFound, because CreateMonitoringSchedule does not model
    that error.

    Raises ServiceError (ValidationException) if it does not.
    """
    expression = config.get("ScheduleConfig", {}).get("ScheduleExpression", "NOW")
    if not _SCHEDULE_EXPRESSION.fullmatch(expression):
        raise invalid(
            f"ScheduleExpression '{expression}' is not supported. Supported are NOW, "
            "cron(0 * ? * * *), cron(0 [00-23] ? * * *) and cron(0 [00-23]/[01-24] ? * * *)."
        )
    name = config.get("MonitoringJobDefinitionName")
    if (name is None) == ("MonitoringJobDefinition" not in config):
        raise invalid(
            "MonitoringScheduleConfig must have either MonitoringJobDefinition or "
            "MonitoringJobDefinitionName."
        )
    if name is None:
        job = config["MonitoringJobDefinition"]
        _check_job(config, job, *job["MonitoringInputs"])
        return
    if "MonitoringType" not in config:
        raise invalid("MonitoringType is required with MonitoringJobDefinitionName.")
    kind = BY_MONITORING_TYPE[config["MonitoringType"]]
    definition = region.definitions(kind).find(name)
    if definition is None:
        raise invalid(f"Could not find {kind.in_words} {region.arn(kind.in_arn, name)}")
    _check_job(config, definition.settings, definition.job_input)


def _check_job(config: dict[str, Any], job: dict[str, Any], inputs: dict[str, Any]) -> None:
    """Check that the schedule can run the job with its inputs.

    See B110 and B111 of guide/assumptions.md. job: a job with its defaults filled in.

    Raises ServiceError (ValidationException) if it cannot.
    """
    if "EndpointInput" in inputs and "BatchTransformInput" in inputs:
        raise invalid(
            "A monitoring schedule takes either an EndpointInput or a BatchTransformInput, "
            "and its job has both."
        )
    seconds = job["StoppingCondition"]["MaxRuntimeInSeconds"]
    if (
        config.get("MonitoringType") == "ModelQuality"
        and _HOURLY.match(config.get("ScheduleConfig", {}).get("ScheduleExpression", ""))
        and seconds > _HOURLY_MODEL_QUALITY_SECONDS
    ):
        raise invalid(
            "MaxRuntimeInSeconds of a model quality job on an hourly schedule can be up to "
            f"{_HOURLY_MODEL_QUALITY_SECONDS} seconds, and is {seconds}."
        )


def _fill_in(config: dict[str, Any]) -> None:
    """Add the defaults that Describe shows to a definition inside a schedule.

    Source: tests/corpus/AWS__SageMaker__MonitoringSchedule.HuntSchedule.json of
    go-to-k/cdk-real-drift, which has a schedule as declared and as read.
    """
    job = config.get("MonitoringJobDefinition")
    if job is not None:
        config.setdefault("MonitoringType", "DataQuality")
        definitions.fill_in(job, job["MonitoringInputs"], job["MonitoringOutputConfig"])


def find(region: Region, request: dict[str, Any]) -> MonitoringSchedule:
    """Return the schedule that a request names.

    Raises ServiceError (ResourceNotFound) if it does not exist.
    """
    name = request["MonitoringScheduleName"]
    schedule = region.schedules.find(name)
    if schedule is None:
        # The service's message: aws/sagemaker-python-sdk pull 2708.
        raise not_found(f"Monitoring Schedule {region.arn(SCHEDULE, name)} not found")
    return schedule


def _set_status(schedule: MonitoringSchedule, status: Literal["Scheduled", "Stopped"]) -> None:
    if schedule.status != status:
        schedule.status = status
        schedule.modified = now()


def _definition(region: Region, schedule: MonitoringSchedule) -> JobDefinition | None:
    name = schedule.config.get("MonitoringJobDefinitionName")
    if not name:
        return None
    return region.definitions(BY_MONITORING_TYPE[schedule.config["MonitoringType"]]).find(name)


def _endpoint_name(region: Region, schedule: MonitoringSchedule) -> str | None:
    """Return the endpoint that a schedule monitors, by its definition or its inline definition."""
    if definition := _definition(region, schedule):
        return definition.endpoint_name
    inline = schedule.config.get("MonitoringJobDefinition", {}).get("MonitoringInputs", [{}])
    name: str | None = inline[0].get("EndpointInput", {}).get("EndpointName")
    return name


def _outline(region: Region, schedule: MonitoringSchedule) -> dict[str, Any]:
    """Return the members that Describe and List both show."""
    outline = {
        "MonitoringScheduleName": schedule.name,
        "MonitoringScheduleArn": schedule.arn,
        "MonitoringScheduleStatus": schedule.status,
        "CreationTime": schedule.created,
        "LastModifiedTime": schedule.modified,
        "EndpointName": _endpoint_name(region, schedule),
        "MonitoringType": schedule.config.get("MonitoringType"),
    }
    return {name: value for name, value in outline.items() if value is not None}


def _summary(region: Region, schedule: MonitoringSchedule) -> dict[str, Any]:
    summary = _outline(region, schedule)
    if name := schedule.config.get("MonitoringJobDefinitionName"):
        summary["MonitoringJobDefinitionName"] = name
    return summary
