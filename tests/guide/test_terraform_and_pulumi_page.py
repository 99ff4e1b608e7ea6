"""guide/terraform-and-pulumi.md: its table, its snippets, and what the tools send.

The tools were not run. Their requests are made here as their sources make them, and sent to the
sandbox with boto3:

- aws_cloudcontrolapi_resource: terraform-provider-aws, internal/service/cloudcontrol/resource.go
- its patches: mattbaird/jsonpatch, jsonpatch.go
- which of them replace: aws-cloudformation-resource-schema-sdk-go, property_json_pointer.go
"""

import ast
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.validation import violations
from tests.harness.cloud_control import Patience
from tests.harness.documents import Document
from tests.harness.provider import MINIMUM
from tests.harness.stacks import TYPE_NAME, Clients, definition_name, tags_of
from tests.harness.templates import SCHEMA, takes_an_hourly_schedule

pytestmark = [pytest.mark.once]

PAGE = Document.read(Path("guide/terraform-and-pulumi.md"))
OURS = "Acme::SageMaker::ModelQualityJobDefinition"
ROLE = "arn:aws:iam::123456789012:role/monitoring"
THE_SCHEMA: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
CREATE_ONLY = [
    pointer.removeprefix("/properties") for pointer in THE_SCHEMA["createOnlyProperties"]
]
#: The optional structures that a minimal definition lacks.
OPTIONAL = {
    "ModelQualityBaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://bucket/constraints"}},
    "NetworkConfig": {"EnableNetworkIsolation": True},
    "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
}


def block(language: str, word: str) -> str:
    """The one block of a language that has a word in it."""
    [found] = [each.text for each in PAGE.fences if each.language == language and word in each.text]
    return found


# --- the provider's patches -----------------------------------------------------------------------


def patch_of(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """The operations that the provider makes of two desired states."""
    if isinstance(old, dict) and isinstance(new, dict):
        changed = [
            operation
            for name, value in new.items()
            for operation in (
                patch_of(old[name], value, f"{path}/{name}")
                if name in old
                else [{"op": "add", "path": f"{path}/{name}", "value": value}]
            )
        ]
        removed = [{"op": "remove", "path": f"{path}/{name}"} for name in old if name not in new]
        return changed + removed
    if isinstance(old, list) and isinstance(new, list):
        if len(old) == len(new):
            pairs = enumerate(zip(old, new, strict=True))
            return [each for i, pair in pairs for each in patch_of(*pair, f"{path}/{i}")]
        gone = [i for i, value in enumerate(old) if value not in new]
        added = [(i, value) for i, value in enumerate(new) if value not in old]
        return [
            *({"op": "remove", "path": f"{path}/{i}"} for i in reversed(gone)),
            *({"op": "add", "path": f"{path}/{i}", "value": value} for i, value in added),
        ]
    return [] if old == new else [{"op": "replace", "path": path, "value": new}]


def replaces(patch: list[dict[str, Any]]) -> bool:
    """Whether the provider plans a replacement because of this patch."""
    return any(operation["path"] in CREATE_ONLY for operation in patch)


def changed(value: Any) -> Any:
    """A value with one difference, as deep inside as it goes."""
    if isinstance(value, dict):
        name = next(iter(value))
        return {**value, name: changed(value[name])}
    if isinstance(value, list):
        return [changed(value[0]), *value[1:]]
    return f"{value}x" if isinstance(value, str) else (not value if value is True else value + 1)


@pytest.fixture
def cc(aws: Clients) -> Patience:
    """The AWS-named type in the shared sandbox."""
    return Patience(aws.cloudcontrol, TYPE_NAME)


@pytest.fixture
def definition(cc: Patience) -> Iterator[tuple[str, dict[str, Any]]]:
    """A definition: its ARN, and the desired state that it was created with."""
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]
    desired = {**copy.deepcopy(MINIMUM), **OPTIONAL, "Tags": tags}
    arn = cc.created(desired)
    yield arn, desired
    cc.delete(arn)


# --- the table ------------------------------------------------------------------------------------


def expected(name: str) -> list[str]:
    """What the table has to say of a property, by the schema."""
    pointer = f"/properties/{name}"
    if pointer in THE_SCHEMA["readOnlyProperties"]:
        return ["read-only"] * 3
    if pointer in THE_SCHEMA["writeOnlyProperties"]:
        return ["no effect", *["no effect if added, else refused"] * 2]
    if pointer not in THE_SCHEMA["createOnlyProperties"]:
        return ["in place"] * 3
    if "$ref" not in THE_SCHEMA["properties"][name]:
        through_cloud_control = "replaced"
    elif name in THE_SCHEMA["required"]:
        through_cloud_control = "refused"
    else:
        through_cloud_control = "replaced if added or removed, else refused"
    return ["replaced", through_cloud_control, "replaced"]


def test_the_table_says_of_every_property_what_follows_from_the_schema() -> None:
    rows = [list(row.values()) for row in PAGE.table("What a change does")]
    properties = [*THE_SCHEMA["properties"]]
    assert sorted(rows) == sorted([f"`{name}`", *expected(name)] for name in properties)


def test_what_the_table_calls_replaced_or_refused_is_planned_so_and_refused_by_cloud_control(
    cc: Patience, definition: tuple[str, dict[str, Any]]
) -> None:
    arn, desired = definition
    for pointer in CREATE_ONLY:
        name = pointer.removeprefix("/")
        [_, said, _] = expected(name)
        if name not in desired:
            assert replaces(patch_of(desired, {**desired, name: "x"}))
            continue
        patch = patch_of(desired, {**desired, name: changed(desired[name])})
        assert len(patch) == 1
        assert replaces(patch) is (said == "replaced")
        assert cc.refused(arn, *patch).startswith("NotUpdatableException: Invalid patch update")
        if "added or removed" in said:
            without = {key: value for key, value in desired.items() if key != name}
            assert replaces(patch_of(desired, without))
            assert replaces(patch_of(without, desired))


def test_the_endpoints_name_can_be_added_and_not_changed_or_removed(
    cc: Patience, definition: tuple[str, dict[str, Any]]
) -> None:
    arn, desired = definition
    before = cc.properties(arn)
    with_name = {**desired, "EndpointName": "churn"}
    added = cc.update(arn, *patch_of(desired, with_name))
    assert added["OperationStatus"] == "SUCCESS"
    assert cc.properties(arn) == before
    for new in ({**desired, "EndpointName": "fraud"}, desired):
        patch = patch_of(with_name, new)
        assert not replaces(patch)
        assert cc.refused(arn, *patch).startswith("ValidationException")


def test_tags_change_in_place(
    cc: Patience, aws: Clients, definition: tuple[str, dict[str, Any]]
) -> None:
    arn, desired = definition
    for tags in (
        [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}],
        [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}, {"Key": "c", "Value": "3"}],
        [{"Key": "b", "Value": "1"}],
    ):
        patch = patch_of(desired, new := {**desired, "Tags": tags})
        assert not replaces(patch)
        assert cc.update(arn, *patch)["OperationStatus"] == "SUCCESS"
        assert tags_of(aws, arn) == {tag["Key"]: tag["Value"] for tag in tags}
        desired = new


def test_a_patch_changes_the_wrong_tag_if_others_put_tags_on_the_definition(
    cc: Patience, aws: Clients, definition: tuple[str, dict[str, Any]]
) -> None:
    arn, desired = definition
    aws.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "A", "Value": "theirs"}])
    tags = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "1"}]
    cc.update(arn, *patch_of(desired, {**desired, "Tags": tags}))
    assert tags_of(aws, arn) == {"A": "2", "a": "1", "b": "1"}


def test_read_only_properties_cannot_be_set(
    cc: Patience, definition: tuple[str, dict[str, Any]]
) -> None:
    arn, desired = definition
    for name in ("JobDefinitionArn", "CreationTime"):
        patch = patch_of(desired, {**desired, name: "x"})
        assert "readOnlyProperties" in cc.refused(arn, *patch)


def test_a_definition_that_a_schedule_uses_is_replaced_by_creating_first(
    cc: Patience, aws: Clients, definition: tuple[str, dict[str, Any]]
) -> None:
    old, desired = definition

    def scheduled(arn: str) -> dict[str, Any]:
        return {
            "MonitoringScheduleName": "terraform",
            "MonitoringScheduleConfig": {
                "MonitoringType": "ModelQuality",
                "MonitoringJobDefinitionName": definition_name(arn),
                "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            },
        }

    aws.sagemaker.create_monitoring_schedule(**scheduled(old))
    # The old one could not be deleted now: tests/sandbox/sagemaker/test_schedules.py.
    new = cc.created({**desired, "RoleArn": ROLE})
    aws.sagemaker.update_monitoring_schedule(**scheduled(new))
    assert cc.delete(old)["OperationStatus"] == "SUCCESS"
    aws.sagemaker.delete_monitoring_schedule(MonitoringScheduleName="terraform")
    assert cc.delete(new)["OperationStatus"] == "SUCCESS"
    # A destroy of what is gone counts as done.
    assert cc.delete(new)["ErrorCode"] == "NotFound"


# --- the snippets ---------------------------------------------------------------------------------


def test_the_desired_state_with_a_role_is_what_the_schema_asks_for() -> None:
    state = json.loads(block("json", "ImageUri"))
    hosted = HostedType(THE_SCHEMA, invoke=dict)
    assert violations({**state, "RoleArn": ROLE}, hosted) == []
    # The snippets add the role; nothing else is missing.
    [missing] = violations(state, hosted)
    assert "RoleArn" in missing
    assert takes_an_hourly_schedule(state)


def test_every_snippet_of_cloud_control_names_the_type_and_reads_the_desired_state() -> None:
    for snippet in (block("hcl", "aws_cloudcontrolapi_resource"), block("python", "pulumi_aws")):
        assert f'"{OURS}"' in snippet
        assert "definition.json" in snippet
        assert "RoleArn" in snippet


def test_pulumi_is_told_the_create_only_and_write_only_properties_of_the_schema() -> None:
    program = ast.parse(block("python", "pulumi_aws"))
    [listed] = [
        ast.literal_eval(each.value)
        for each in program.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "create_only"
    ]
    assert listed == [pointer.removeprefix("/") for pointer in CREATE_ONLY]
    [write_only] = [
        ast.literal_eval(each.value)
        for each in ast.walk(program)
        if isinstance(each, ast.keyword) and each.arg == "write_only"
    ]
    assert [f"/properties/{name}" for name in write_only] == THE_SCHEMA["writeOnlyProperties"]


def test_terraform_replaces_because_of_all_but_the_tags() -> None:
    updatable = THE_SCHEMA["properties"].keys() - {
        pointer.rpartition("/")[2]
        for kind in ("createOnlyProperties", "readOnlyProperties", "writeOnlyProperties")
        for pointer in THE_SCHEMA[kind]
    }
    assert updatable == {"Tags"}
    assert 'if name != "Tags" }' in block("hcl", "aws_cloudcontrolapi_resource")
