"""Definitions that no stack made become templates, which deploy and import; real handlers."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.provider import MINIMUM
from tests.harness.registry import registered
from tests.harness.stacks import (
    TYPE_NAME,
    Cli,
    Clients,
    InvokedProvider,
    Stacks,
    everything,
    json_of,
)

ACME = "Acme::SageMaker::ModelQualityJobDefinition"
PATIENCE_SECONDS = 60


@pytest.fixture
def notebook(aws: Clients) -> Iterator[Callable[..., str]]:
    """Creates definitions as a notebook does, and deletes them after the test."""
    made: list[str] = []

    def create(**properties: Any) -> str:
        answer = aws.sagemaker.create_model_quality_job_definition(**properties)
        made.append(properties["JobDefinitionName"])
        return str(answer["JobDefinitionArn"])

    yield create
    for name in made:
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)


@pytest.fixture
def template_name(aws: Clients) -> Iterator[str]:
    """The name of a generated template, which is deleted after the test."""
    name = f"notebook-{uuid.uuid4().hex}"
    yield name
    aws.cloudformation.delete_generated_template(GeneratedTemplateName=name)


def settled(describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``describe`` answers once nothing is in progress."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (answer := describe())["Status"].endswith(("_PENDING", "IN_PROGRESS")):
        assert time.monotonic() < until, answer
        time.sleep(0.05)
    return answer


def written_in_notebook(*inputs: str) -> dict[str, Any]:
    """All properties but the one that SageMaker does not know; tags in the order of their keys."""
    properties = everything(*inputs)
    del properties["EndpointName"]
    return {**properties, "Tags": sorted(properties["Tags"], key=lambda tag: str(tag["Key"]))}


def test_a_scan_finds_a_definition_and_its_template_has_every_property_and_deploys(
    aws: Clients,
    stacks: Stacks,
    provider: InvokedProvider,
    notebook: Callable[..., str],
    template_name: str,
) -> None:
    cloudformation, properties = aws.cloudformation, written_in_notebook("EndpointInput")
    arn = notebook(**properties)

    scan = cloudformation.start_resource_scan(ScanFilters=[{"Types": [TYPE_NAME]}])
    ended = settled(lambda: cloudformation.describe_resource_scan(**_id(scan, "ResourceScanId")))
    assert ended["Status"] == "COMPLETE"
    [found] = cloudformation.list_resource_scan_resources(
        **_id(scan, "ResourceScanId"), ResourceIdentifier=arn, TagKey="team", TagValue="churn"
    )["Resources"]
    assert found == {
        "ResourceType": TYPE_NAME,
        "ResourceIdentifier": {"JobDefinitionArn": arn},
        "ManagedByStack": False,
    }

    del found["ManagedByStack"]
    cloudformation.create_generated_template(GeneratedTemplateName=template_name, Resources=[found])
    named = {"GeneratedTemplateName": template_name}
    described = settled(lambda: cloudformation.describe_generated_template(**named))
    assert described["Status"] == "COMPLETE"
    [resource] = described["Resources"]
    name = properties["JobDefinitionName"]
    assert resource["LogicalResourceId"] == (
        "SageMakerModelQualityJobDefinition" + name.replace("-", "")
    )
    [warning] = resource["Warnings"]
    assert warning["Type"] == "UNSUPPORTED_PROPERTIES"
    assert [each["PropertyPath"] for each in warning["Properties"]] == ["EndpointName"]

    answer = cloudformation.get_generated_template(**named, Format="YAML")
    template = yaml.safe_load(answer["TemplateBody"])
    [entry] = template["Resources"].values()
    assert (entry["Type"], entry["DeletionPolicy"]) == (TYPE_NAME, "Retain")
    assert json_of(entry["Properties"]) == json_of(properties)

    copy = {**properties, "JobDefinitionName": f"{name}-copy"}
    entry.update(Properties=copy, DeletionPolicy="Delete")
    stack = stacks.create(yaml.safe_dump(template, allow_unicode=True))
    model = provider("READ", {"JobDefinitionArn": f"{arn}-copy"})["resourceModel"]
    assert stack.physical_id(resource["LogicalResourceId"]) == model.pop("JobDefinitionArn")
    assert model.pop("CreationTime")
    assert json_of(model) == json_of(copy)


def test_what_is_generated_imports_and_is_in_sync(
    aws: Clients, stacks: Stacks, notebook: Callable[..., str], template_name: str
) -> None:
    cloudformation = aws.cloudformation
    arn = notebook(**written_in_notebook("EndpointInput"))
    cloudformation.create_generated_template(
        GeneratedTemplateName=template_name,
        Resources=[{"ResourceType": TYPE_NAME, "ResourceIdentifier": {"JobDefinitionArn": arn}}],
    )
    named = {"GeneratedTemplateName": template_name}
    described = settled(lambda: cloudformation.describe_generated_template(**named))
    members = ("ResourceType", "LogicalResourceId", "ResourceIdentifier")
    [resource] = [{name: each[name] for name in members} for each in described["Resources"]]
    answer = cloudformation.get_generated_template(**named, Format="YAML")

    change_set = cloudformation.create_change_set(
        StackName=stacks.name(),
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        ResourcesToImport=[resource],
        TemplateBody=answer["TemplateBody"],
    )
    stack = stacks.adopt(change_set["StackId"])
    cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    stack.rest("IMPORT_COMPLETE")
    assert stack.physical_id(resource["LogicalResourceId"]) == arn
    drift = cloudformation.detect_stack_resource_drift(
        StackName=stack.id, LogicalResourceId=resource["LogicalResourceId"]
    )["StackResourceDrift"]
    assert drift["StackResourceDriftStatus"] == "IN_SYNC", drift


@pytest.mark.once
def test_the_aws_cli_scans_generates_and_deploys(
    aws: Clients,
    cli: Cli,
    stacks: Stacks,
    notebook: Callable[..., str],
    template_name: str,
    tmp_path: Path,
) -> None:
    properties = written_in_notebook("BatchTransformInput")
    batch = properties["ModelQualityJobInput"]["BatchTransformInput"]
    arn = notebook(
        **{
            **properties,
            "ModelQualityJobInput": {
                **properties["ModelQualityJobInput"],
                # Parquet is an object in the API.
                "BatchTransformInput": {
                    **batch,
                    "DatasetFormat": {**batch["DatasetFormat"], "Parquet": {}},
                },
            },
        }
    )

    def cloudformation(*arguments: str) -> Any:
        return cli("cloudformation", *arguments)

    scan = cloudformation("start-resource-scan", "--scan-filters", f"Types={TYPE_NAME}")
    in_scan = ("--resource-scan-id", scan["ResourceScanId"])
    settled(lambda: dict(cloudformation("describe-resource-scan", *in_scan)))
    found = cloudformation("list-resource-scan-resources", *in_scan, "--resource-identifier", arn)
    [resource] = found["Resources"]
    listed = cloudformation("list-resource-scans", "--scan-type-filter", "PARTIAL")
    assert scan["ResourceScanId"] in {
        each["ResourceScanId"] for each in listed["ResourceScanSummaries"]
    }

    # As the user guide of the generator shows it, but for what names the logical resource.
    resources = [{**resource, "LogicalResourceId": "Definition"}]
    del resources[0]["ManagedByStack"]
    (tmp_path / "resources.json").write_text(json.dumps(resources))
    name = ("--generated-template-name", template_name)
    cloudformation(
        *("create-generated-template", *name, "--resources", "file://resources.json"),
        *("--template-configuration", "DeletionPolicy=DELETE,UpdateReplacePolicy=DELETE"),
    )
    settled(lambda: dict(cloudformation("describe-generated-template", *name)))
    body = cloudformation("get-generated-template", *name, "--format", "YAML")["TemplateBody"]
    template = yaml.safe_load(body)
    assert json_of(template["Resources"]["Definition"]["Properties"]) == json_of(properties)

    old_name = properties["JobDefinitionName"]
    assert body.count(old_name) == 1
    (tmp_path / "copy.yaml").write_text(body.replace(old_name, f"{old_name}-copy"))
    stack_name = stacks.name()
    answer = cli.run(
        *("cloudformation", "deploy", "--stack-name", stack_name),
        *("--template-file", "copy.yaml"),
    )
    assert answer.returncode == 0, answer
    [described] = aws.cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    stack = stacks.adopt(described["StackId"])
    assert stack.physical_id("Definition") == f"{arn}-copy"


@pytest.mark.once  # the functions run on Python 3.12 whichever the sandbox has
@pytest.mark.timeout(300)
def test_a_type_that_is_registered_under_another_name_is_scanned_and_generated_under_it(
    aws: Clients,
    notebook: Callable[..., str],
    template_name: str,
    package: Callable[[str], Path],
) -> None:
    with registered(aws, "us-east-1", ACME, package(ACME).read_bytes()):
        arn = notebook(**MINIMUM, JobDefinitionName=f"acme-{uuid.uuid4().hex}")

        scan = aws.cloudformation.start_resource_scan(
            ScanFilters=[{"Types": ["Acme::SageMaker::*"]}]
        )
        settled(lambda: aws.cloudformation.describe_resource_scan(**_id(scan, "ResourceScanId")))
        [found] = aws.cloudformation.list_resource_scan_resources(
            **_id(scan, "ResourceScanId"), ResourceIdentifier=arn
        )["Resources"]
        del found["ManagedByStack"]
        aws.cloudformation.create_generated_template(
            GeneratedTemplateName=template_name, Resources=[found]
        )
        named = {"GeneratedTemplateName": template_name}
        settled(lambda: aws.cloudformation.describe_generated_template(**named))
        answer = aws.cloudformation.get_generated_template(**named, Format="JSON")
        [entry] = json.loads(answer["TemplateBody"])["Resources"].values()
        assert entry["Type"] == ACME
        assert entry["Properties"]["JobDefinitionName"] == arn.rpartition("/")[2]


def _id(answer: dict[str, Any], member: str) -> dict[str, str]:
    return {member: answer[member]}
