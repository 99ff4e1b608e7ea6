"""A model quality monitor's life in the SageMaker Python SDK, run in the SDK's own environment.

sagemaker_sdk_client.py NAME: names the schedule and its endpoint. The last line that it prints is
what it saw, as JSON.
"""

import json
import sys

from botocore.exceptions import ClientError
from sagemaker.model_monitor import CronExpressionGenerator, EndpointInput, ModelQualityMonitor
from sagemaker.session import Session


def main(name: str) -> None:
    """Take a monitor through its life."""
    monitor = ModelQualityMonitor(
        role="arn:aws:iam::123456789012:role/model-monitor",
        instance_type="ml.m5.large",
        max_runtime_in_seconds=1800,
        sagemaker_session=Session(default_bucket=name),
    )
    definitions: list[str] = []
    statuses: list[str] = []

    def look() -> None:
        described = monitor.describe_schedule()
        statuses.append(described["MonitoringScheduleStatus"])
        config = described["MonitoringScheduleConfig"]
        definitions.append(config["MonitoringJobDefinitionName"])

    monitor.create_monitoring_schedule(
        monitor_schedule_name=name,
        endpoint_input=EndpointInput(name, "/opt/ml/processing/input", inference_attribute="0"),
        ground_truth_input=f"s3://{name}/truth",
        problem_type="Regression",
        output_s3_uri=f"s3://{name}/reports",
        schedule_cron_expression=CronExpressionGenerator.hourly(),
    )
    look()
    for instance_type in ("ml.m5.xlarge", "ml.m5.2xlarge"):
        monitor.update_monitoring_schedule(instance_type=instance_type)
        look()
    monitor.stop_monitoring_schedule()
    look()
    monitor.start_monitoring_schedule()
    look()
    executions = monitor.list_executions()
    alerts, _ = monitor.list_monitoring_alerts()
    history, _ = monitor.list_monitoring_alert_history()
    try:
        refused = monitor.update_monitoring_alert("drift", 1, 1)
    except ClientError as error:
        refused = error.response["Error"]["Code"]
    monitor.delete_monitoring_schedule()
    seen = {
        "definitions": definitions,
        "statuses": statuses,
        "executions": executions,
        "alerts": alerts,
        "history": history,
        "update of an alert": refused,
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
