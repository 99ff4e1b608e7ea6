"""Templates as people have them deploy, change and go: by the CDK, by a pipeline, with secrets.

They are written after public ones: what the CDK synthesizes for monitoring constructs, the model
quality template of an MLOps orchestrator, and stacks whose values other teams maintain.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.harness.fixtures import BOOTSTRAP_VERSION
from tests.harness.stacks import (
    Clients,
    Stacks,
    definition_name,
    description_of,
    inventory,
    json_of,
    tags_of,
)

FIELD = Path(__file__).resolve().parents[1] / "data" / "field"
TOKEN = "t0ken-that-nobody-may-see"


@pytest.mark.usefixtures("bootstrapped")
def test_a_stack_of_the_cdk_deploys_changes_and_goes(aws: Clients, stacks: Stacks) -> None:
    before = inventory(aws)
    template = (FIELD / "cdk-synthesized.json").read_text()
    stack = stacks.create(template, parameters={"EndpointName": "churn"})
    arn = stack.physical_id("ModelQualityJobDefinition")
    [exported] = stack.describe()["Outputs"]
    assert exported["OutputValue"] == definition_name(arn)
    assert exported["ExportName"].startswith(f"{stack.name}:ExportsOutput")
    schedule = aws.sagemaker.describe_monitoring_schedule(
        MonitoringScheduleName="churn-model-quality"
    )
    scheduled = schedule["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"]
    assert scheduled == definition_name(arn)

    document = json.loads(template)
    definition = document["Resources"]["ModelQualityJobDefinition"]["Properties"]
    definition["Tags"][0]["Value"] = "data-science"
    stack.update(document, parameters={"EndpointName": None})
    assert stack.physical_id("ModelQualityJobDefinition") == arn
    assert tags_of(aws, arn)["team"] == "data-science"

    # The schedule goes on with the definition that replaces this one.
    definition["ModelQualityAppSpecification"]["ProblemType"] = "MulticlassClassification"
    stack.update(document, parameters={"EndpointName": None})
    new = stack.physical_id("ModelQualityJobDefinition")
    assert new != arn
    schedule = aws.sagemaker.describe_monitoring_schedule(
        MonitoringScheduleName="churn-model-quality"
    )
    scheduled = schedule["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"]
    assert scheduled == definition_name(new)

    stack.delete()
    assert inventory(aws) == before


def test_a_stack_of_the_cdk_is_refused_where_the_bootstrap_is_too_old(
    aws: Clients, stacks: Stacks
) -> None:
    template = (FIELD / "cdk-synthesized.json").read_text()
    aws.ssm.put_parameter(Name=BOOTSTRAP_VERSION, Value="5", Type="String")
    name = stacks.name()
    try:
        with pytest.raises(ClientError, match="CDK bootstrap stack version 6 required"):
            stacks.begin(template, name=name, parameters={"EndpointName": "churn"})
    finally:
        aws.ssm.delete_parameter(Name=BOOTSTRAP_VERSION)
    with pytest.raises(ClientError, match="does not exist"):
        aws.cloudformation.describe_stacks(StackName=name)


def test_the_monitoring_stack_of_a_pipeline_deploys_changes_and_goes(
    aws: Clients, stacks: Stacks
) -> None:
    before = inventory(aws)
    parameters = {
        "EndpointName": "credit-risk",
        "ProblemType": "BinaryClassification",
        "ProbabilityAttribute": "probability",
    }
    stack = stacks.create((FIELD / "monitoring-pipeline.yaml").read_text(), parameters=parameters)
    arn = stack.physical_id("ModelQuality")
    name = definition_name(arn)
    assert stack.outputs == {
        "JobName": name,
        "ScheduleName": "credit-risk-quality",
        "Console": "https://us-east-1.console.aws.amazon.com/sagemaker/home#/endpoints/"
        f"credit-risk?definition={name}",
    }
    made = description_of(aws, arn)
    image = made["ModelQualityAppSpecification"]["ImageUri"]
    assert image.startswith("156813124566.dkr.ecr.us-east-1.")
    endpoint = made["ModelQualityJobInput"]["EndpointInput"]
    assert endpoint["ProbabilityAttribute"] == "probability"
    assert endpoint["ProbabilityThresholdAttribute"] == 0.5
    assert "KmsKeyId" not in made["ModelQualityJobOutputConfig"]
    assert tags_of(aws, arn)["owner"] == "ml-platform"
    assert "criticality" not in tags_of(aws, arn)

    # To production: bigger instances replace the definition, and its schedule follows.
    unchanged = dict.fromkeys(parameters)
    stack.update(parameters={**unchanged, "Stage": "prod"})
    new = stack.physical_id("ModelQuality")
    assert new != arn
    assert tags_of(aws, new)["criticality"] == "high"
    cluster = description_of(aws, new)["JobResources"]["ClusterConfig"]
    assert (cluster["InstanceCount"], cluster["InstanceType"]) == (2, "ml.m5.2xlarge")
    schedule = aws.sagemaker.describe_monitoring_schedule(
        MonitoringScheduleName="credit-risk-quality"
    )["MonitoringScheduleConfig"]
    assert schedule["MonitoringJobDefinitionName"] == definition_name(new)
    assert schedule["ScheduleConfig"]["ScheduleExpression"] == "cron(0 * ? * * *)"
    assert stack.outputs["Topic"].startswith("arn:aws:sns:")

    stack.delete()
    assert inventory(aws) == before
    assert not aws.sns.list_topics()["Topics"]


@pytest.fixture
def maintained(aws: Clients) -> Iterator[None]:
    """What other teams have put into Parameter Store and Secrets Manager."""
    values = {
        "/ml/churn/endpoint": "churn",
        "/ml/images/analyzer": "123456789012.dkr.ecr.us-east-1.amazonaws.com/analyzer",
        "/ml/images/analyzer-tag": "1.2.0",
        "/ml/monitoring/instance-type": "ml.m5.large",
    }
    for name, value in values.items():
        aws.ssm.put_parameter(Name=name, Value=value, Type="String")
    secret = json.dumps({"user": "monitor", "token": TOKEN})
    aws.secretsmanager.create_secret(Name="ml/churn/label-store", SecretString=secret)
    yield
    aws.ssm.delete_parameters(Names=list(values))
    aws.secretsmanager.delete_secret(
        SecretId="ml/churn/label-store", ForceDeleteWithoutRecovery=True
    )


@pytest.mark.usefixtures("maintained")
def test_a_stack_with_secrets_deploys_changes_and_goes_without_showing_one(
    aws: Clients, stacks: Stacks
) -> None:
    before = inventory(aws)
    template = (FIELD / "with-secrets.yaml").read_text()
    stack = stacks.create(template)
    arn = stack.physical_id("Definition")
    made = description_of(aws, arn)
    application = made["ModelQualityAppSpecification"]
    assert application["ImageUri"] == (
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/analyzer:1.2.0"
    )
    assert application["Environment"] == {"LABEL_STORE_USER": "monitor", "LABEL_STORE_TOKEN": TOKEN}
    assert made["JobResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.large"

    changed = template.replace("VolumeSizeInGB: 20", "VolumeSizeInGB: 40")
    change_set = aws.cloudformation.create_change_set(
        StackName=stack.id, ChangeSetName="bigger", TemplateBody=changed, **_CAPABILITIES
    )
    planned = aws.cloudformation.describe_change_set(ChangeSetName=change_set["Id"])
    aws.cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    stack.rest("UPDATE_COMPLETE")
    new = stack.physical_id("Definition")
    assert new != arn
    environment = description_of(aws, new)["ModelQualityAppSpecification"]["Environment"]
    assert environment["LABEL_STORE_TOKEN"] == TOKEN

    shown = [stack.describe(), stack.events(), planned]
    shown.append(aws.cloudformation.get_template(StackName=stack.id))
    shown.append(aws.cloudformation.describe_stack_resources(StackName=stack.id))
    assert TOKEN not in json_of(json.loads(json.dumps(shown, default=str)))
    assert "{{resolve:secretsmanager:ml/churn/label-store:SecretString:token::}}" in json.dumps(
        stack.events(), default=str
    )

    stack.delete()
    assert inventory(aws) == before


_CAPABILITIES = {"Capabilities": ["CAPABILITY_IAM"]}
