"""The templates in examples/, deployed through CloudFormation, read back, changed and deleted."""

from pathlib import Path

from tests.harness.examples import (
    EXAMPLES,
    STACK_TAGS,
    Written,
    change_the_tag_in_place,
    each_example,
    expect_what_it_says,
    replace_the_definition,
)
from tests.harness.stacks import (
    Clients,
    InvokedProvider,
    Stacks,
    definition_name,
    description_of,
    inventory,
)


def test_there_is_an_example_for_each_kind_of_problem_and_input() -> None:
    assert {path.stem for path in EXAMPLES} >= {
        *("binary-classification", "multiclass", "regression"),
        *("batch-transform-csv", "batch-transform-json", "batch-transform-parquet"),
        *("vpc-kms", "baseline", "monitoring-schedule", "alarms"),
    }


@each_example
def test_an_example_deploys_and_the_definition_is_what_it_says(
    example: Path, stacks: Stacks, aws: Clients, provider: InvokedProvider
) -> None:
    stack = stacks.create(example.read_text(), tags=STACK_TAGS)
    expect_what_it_says(stack, Written(example.read_text()), aws, provider)


@each_example
def test_another_cost_center_changes_the_tag_in_place(
    example: Path, stacks: Stacks, aws: Clients
) -> None:
    change_the_tag_in_place(stacks.create(example.read_text(), tags=STACK_TAGS), aws)


@each_example
def test_another_volume_size_replaces_the_definition(
    example: Path, stacks: Stacks, aws: Clients
) -> None:
    written = Written(example.read_text())
    replace_the_definition(stacks.create(example.read_text(), tags=STACK_TAGS), written, aws)


@each_example
def test_an_example_deleted_leaves_nothing(example: Path, stacks: Stacks, aws: Clients) -> None:
    before = inventory(aws)
    stack = stacks.create(example.read_text())
    assert inventory(aws) != before
    stack.delete()
    assert inventory(aws) == before


def test_the_schedule_of_the_whole_example_follows_the_definition_that_replaces_the_old_one(
    stacks: Stacks, aws: Clients
) -> None:
    [example] = [path for path in EXAMPLES if path.stem == "monitoring-schedule"]
    stack = stacks.create(example.read_text())
    stack.update(parameters={"MonitoringInstanceType": "ml.m5.2xlarge"})
    schedule = aws.sagemaker.describe_monitoring_schedule(
        MonitoringScheduleName=stack.outputs["ScheduleArn"].rpartition("/")[2]
    )
    config = schedule["MonitoringScheduleConfig"]
    assert config["MonitoringJobDefinitionName"] == definition_name(stack.physical_id())


def test_the_baseline_example_keeps_the_name_of_the_job_that_made_the_baseline(
    stacks: Stacks, aws: Clients
) -> None:
    [example] = [path for path in EXAMPLES if path.stem == "baseline"]
    stack = stacks.create(example.read_text(), parameters={"BaseliningJobName": "churn-2026-11"})
    baseline = description_of(aws, stack.physical_id())["ModelQualityBaselineConfig"]
    assert baseline["BaseliningJobName"] == "churn-2026-11"


def test_the_alarms_watch_what_the_schedule_writes_and_tell_the_topic(
    stacks: Stacks, aws: Clients
) -> None:
    [example] = [path for path in EXAMPLES if path.stem == "alarms"]
    stack = stacks.create(example.read_text(), parameters={"MaximumRmse": "2.5"})
    schedule = stack.outputs["ScheduleArn"].rpartition("/")[2]
    names = [stack.outputs[name].rpartition(":")[2] for name in ("RmseAlarmArn", "R2AlarmArn")]
    alarms = aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert {each["MetricName"]: each["Threshold"] for each in alarms} == {"rmse": 2.5, "r2": 0.7}
    for alarm in alarms:
        assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
            "Endpoint": "example-endpoint",
            "MonitoringSchedule": schedule,
        }
        [topic] = alarm["AlarmActions"]
        [subscription] = aws.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert subscription["Endpoint"] == "model-owners@example.com"
