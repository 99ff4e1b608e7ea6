"""Templates with job definitions and monitoring schedules, for tests of rules that read both."""

import json
from typing import Any

MODEL_QUALITY = "AWS::SageMaker::ModelQualityJobDefinition"
IMAGE = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
NAME_IN_ARN = {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Quality"}]}]}


def template(**sections: dict[str, Any]) -> str:
    """A template; ``sections`` may also be named like its resources, which are put together."""
    known = {"Parameters", "Mappings", "Conditions", "Rules"}
    resources = {name: body for name, body in sections.items() if name not in known}
    return json.dumps(
        {**{name: sections[name] for name in known & {*sections}}, "Resources": resources}
    )


def definition(
    type_name: str = MODEL_QUALITY, seconds: Any = 1800, image: Any = IMAGE, **properties: Any
) -> dict[str, Any]:
    """A definition of any kind, with those properties that the rules read."""
    kind = type_name.rpartition("::")[2].removesuffix("JobDefinition")
    stopping = {"StoppingCondition": {"MaxRuntimeInSeconds": seconds}} if seconds else {}
    return {
        "Type": type_name,
        "Properties": {f"{kind}AppSpecification": {"ImageUri": image}, **stopping, **properties},
    }


def schedule(
    name: Any = NAME_IN_ARN,
    kind: Any = "ModelQuality",
    expression: Any = "cron(0 * ? * * *)",
    **others: Any,
) -> dict[str, Any]:
    """A schedule that runs the job of a definition."""
    return {
        "Type": "AWS::SageMaker::MonitoringSchedule",
        "Properties": {
            "MonitoringScheduleName": "quality",
            "MonitoringScheduleConfig": {
                "MonitoringJobDefinitionName": name,
                "MonitoringType": kind,
                "ScheduleConfig": {"ScheduleExpression": expression},
            },
        },
        **others,
    }
