"""Creating and deleting definitions, and the schedules that use them."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from conformance.aws import Aws, Document
from conformance.belief import belief
from conformance.expectations import expect, expect_equal, expect_refusal, refusal

# Each operation has its own words for a role that cannot be assumed: those of CreateTransformJob
# and CreateTrainingJob, and those of CreateModel and CreateFeatureGroup.
_ROLE = re.compile(r"(could not|cannot) assume role|execution role arn .*is invalid", re.IGNORECASE)


@belief("B10")
def what_does_not_exist_is_not_found(aws: Aws) -> None:
    sagemaker = aws.sagemaker
    for call in (
        sagemaker.describe_model_quality_job_definition,
        sagemaker.delete_model_quality_job_definition,
    ):
        expect_refusal("ResourceNotFound", call, JobDefinitionName=aws.name())


@belief("B11")
def what_is_not_found_is_named_by_its_arn(aws: Aws) -> None:
    name = aws.name()
    describe = aws.sagemaker.describe_model_quality_job_definition
    words = ("Monitoring Job Definition arn:", f"/{name} not found")
    expect_refusal("ResourceNotFound", describe, words=words, JobDefinitionName=name)


@belief("B12")
def a_taken_name_is_answered_with_the_arn_of_who_has_it(aws: Aws) -> None:
    made = aws.create()
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal("ResourceInUse", create, words=(made.arn,), **aws.request(made.name))


@belief("B13")
def a_second_create_is_refused_before_describe_shows_the_first(aws: Aws) -> None:
    request = aws.request()
    create = aws.sagemaker.create_model_quality_job_definition
    with aws.fault("lag", "*", calls=3):
        create(**request)
        expect_refusal("ResourceInUse", create, **request)


@belief("B14")
def a_refused_create_leaves_nothing(aws: Aws) -> None:
    request = aws.request()
    request["ModelQualityJobInput"].pop("BatchTransformInput")
    refusal(aws.sagemaker.create_model_quality_job_definition, **request)
    expect(not aws.exists(request["JobDefinitionName"]), "a definition was left")


@belief("B15")
def the_name_of_what_describe_no_longer_shows_is_free(aws: Aws) -> None:
    made = aws.create()
    aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=made.name)
    aws.eventually(lambda: not aws.exists(made.name), lambda: "still shown")
    aws.sagemaker.create_model_quality_job_definition(**aws.request(made.name))


@belief("B16")
def a_role_that_cannot_be_assumed_is_refused_in_these_words(aws: Aws) -> None:
    absent = f"{aws.role_arn.rpartition('/')[0]}/{aws.prefix}-absent"
    request = aws.request(RoleArn=absent)
    create = aws.sagemaker.create_model_quality_job_definition
    with aws.fault("role-not-ready", "CreateModelQualityJobDefinition"):
        refused = refusal(create, **request)
    expect(refused.code == "ValidationException" and bool(_ROLE.search(refused.message)), refused)
    expect(not aws.exists(request["JobDefinitionName"]), "a definition was left")


# --- schedules ---


def _config(definition: str | None, **changes: Any) -> Document:
    """A configuration of a daily schedule whose first run is half a day away."""
    hour = (datetime.now(timezone.utc) + timedelta(hours=12)).hour
    config = {
        "ScheduleConfig": {"ScheduleExpression": f"cron(0 {hour} ? * * *)"},
        "MonitoringJobDefinitionName": definition,
        "MonitoringType": "ModelQuality",
        **changes,
    }
    return {member: value for member, value in config.items() if value is not None}


@belief("B17", needs="schedule")
def a_definition_in_use_cannot_be_deleted_and_the_user_is_named(aws: Aws) -> None:
    schedule = aws.schedule_name()
    made = aws.create()
    answer = aws.sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=schedule, MonitoringScheduleConfig=_config(made.name)
    )
    delete = aws.sagemaker.delete_model_quality_job_definition
    words = (answer["MonitoringScheduleArn"],)
    expect_refusal("ResourceInUse", delete, words=words, JobDefinitionName=made.name)


@belief("B18", needs="schedule")
def a_schedule_of_no_definition_is_refused(aws: Aws) -> None:
    expect_refusal(
        "ValidationException",
        aws.sagemaker.create_monitoring_schedule,
        MonitoringScheduleName=aws.schedule_name(),
        MonitoringScheduleConfig=_config(aws.name()),
    )


@belief("B19", needs="schedule")
def a_schedule_says_once_what_to_run(aws: Aws) -> None:
    schedule = aws.schedule_name()
    made = aws.create()
    request = aws.request()
    batch = request["ModelQualityJobInput"]["BatchTransformInput"]
    # Data quality takes none (boto3 issue 3794).
    del batch["InferenceAttribute"]
    inline = {
        "MonitoringInputs": [{"BatchTransformInput": batch}],
        "MonitoringOutputConfig": request["ModelQualityJobOutputConfig"],
        "MonitoringResources": request["JobResources"],
        "MonitoringAppSpecification": {"ImageUri": "analyzer"},
        "RoleArn": aws.role_arn,
    }
    alone = aws.schedule_name()
    aws.sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=alone,
        MonitoringScheduleConfig=_config(None, MonitoringJobDefinition=inline, MonitoringType=None),
    )
    shown = aws.sagemaker.describe_monitoring_schedule(MonitoringScheduleName=alone)
    expect_equal(shown["MonitoringScheduleConfig"].get("MonitoringType"), "DataQuality")
    for config in (
        _config(None),
        _config(made.name, MonitoringJobDefinition=inline),
        _config(made.name, MonitoringType=None),
    ):
        expect_refusal(
            "ValidationException",
            aws.sagemaker.create_monitoring_schedule,
            MonitoringScheduleName=schedule,
            MonitoringScheduleConfig=config,
        )


@belief("B20", needs="schedule")
def a_schedule_comes_to_be_scheduled_and_its_deletion_spares_the_definition(aws: Aws) -> None:
    schedule = aws.schedule_name()
    made = aws.create()
    aws.sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=schedule, MonitoringScheduleConfig=_config(made.name)
    )

    def status() -> str:
        answer = aws.sagemaker.describe_monitoring_schedule(MonitoringScheduleName=schedule)
        return str(answer["MonitoringScheduleStatus"])

    aws.eventually(lambda: status() == "Scheduled", status)
    aws.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=schedule)
    expect(aws.exists(made.name), "the definition went too")


@belief("B21")
def a_schedule_that_does_not_exist_is_named_by_its_arn(aws: Aws) -> None:
    name = aws.schedule_name()
    describe = aws.sagemaker.describe_monitoring_schedule
    words = ("Monitoring Schedule arn:", f"/{name} not found")
    expect_refusal("ResourceNotFound", describe, words=words, MonitoringScheduleName=name)


@belief("B110", needs="schedule")
def an_hourly_schedule_refuses_a_definition_that_may_run_for_more_than_1800_seconds(
    aws: Aws,
) -> None:
    hourly = {"ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"}}
    limits: list[Document] = [{}, {"StoppingCondition": {"MaxRuntimeInSeconds": 1801}}]
    for limit in limits:
        expect_refusal(
            "ValidationException",
            aws.sagemaker.create_monitoring_schedule,
            words=("1800",),
            MonitoringScheduleName=aws.schedule_name(),
            MonitoringScheduleConfig=_config(aws.create(**limit).name, **hourly),
        )


@belief("B111", needs="schedule")
def a_schedule_of_a_definition_with_both_inputs_is_refused(aws: Aws) -> None:
    inputs = aws.request()["ModelQualityJobInput"]
    made = aws.create(ModelQualityJobInput={**inputs, "EndpointInput": aws.endpoint_input()})
    expect_refusal(
        "ValidationException",
        aws.sagemaker.create_monitoring_schedule,
        MonitoringScheduleName=aws.schedule_name(),
        MonitoringScheduleConfig=_config(made.name),
    )


@belief("B112", needs="schedule")
def a_schedule_that_has_not_run_has_no_executions_and_no_alerts(aws: Aws) -> None:
    sagemaker = aws.sagemaker
    schedule: Document = {"MonitoringScheduleName": aws.schedule_name()}
    sagemaker.create_monitoring_schedule(
        **schedule, MonitoringScheduleConfig=_config(aws.create().name)
    )
    for call, member in (
        (sagemaker.list_monitoring_executions, "MonitoringExecutionSummaries"),
        (sagemaker.list_monitoring_alerts, "MonitoringAlertSummaries"),
        (sagemaker.list_monitoring_alert_history, "MonitoringAlertHistory"),
    ):
        expect_equal(call(**schedule)[member], [])


@belief("B113", needs="schedule")
def alerts_of_no_schedule_and_an_alert_that_is_not_there_are_not_found(aws: Aws) -> None:
    sagemaker = aws.sagemaker
    schedule: Document = {"MonitoringScheduleName": aws.schedule_name()}
    alert: Document = {
        "MonitoringAlertName": "no-such",
        "DatapointsToAlert": 1,
        "EvaluationPeriod": 1,
    }
    expect_refusal("ResourceNotFound", sagemaker.list_monitoring_alerts, **schedule)
    expect_refusal("ResourceNotFound", sagemaker.list_monitoring_alert_history, **schedule)
    expect_refusal("ResourceNotFound", sagemaker.update_monitoring_alert, **schedule, **alert)
    sagemaker.create_monitoring_schedule(
        **schedule, MonitoringScheduleConfig=_config(aws.create().name)
    )
    expect_refusal("ResourceNotFound", sagemaker.update_monitoring_alert, **schedule, **alert)


@belief("B114")
def executions_of_no_schedule_are_an_empty_list(aws: Aws) -> None:
    answer = aws.sagemaker.list_monitoring_executions(MonitoringScheduleName=aws.schedule_name())
    expect_equal(answer["MonitoringExecutionSummaries"], [])


@belief("B217", needs="schedule")
def a_schedule_names_a_definition_of_its_own_monitoring_type(aws: Aws) -> None:
    made = aws.create()
    expect_refusal(
        "ValidationException",
        aws.sagemaker.create_monitoring_schedule,
        MonitoringScheduleName=aws.schedule_name(),
        MonitoringScheduleConfig=_config(made.name, MonitoringType="DataQuality"),
    )
