"""What users of Cloud Control have reported, and whether it can happen to this type.

Each test is about one report, or one group of reports of the same thing:

- a member that is write-only and create-only, so that no patch can have it
  (terraform-provider-awscc 2138): the first test
- create-only members that the service fills in, in READ but not in the user's state
  (pulumi-aws-native 1720 and 2936, carina 809)
- a read-only member in a patch (carina 806)
- READ leaves out what the schema requires, so that no update works
  (cloudformation-coverage-roadmap 2205)
- READ adds empty members that the schema forbids (terraform-provider-awscc 3292)
- write-only members that are lost in an update (cdkd 809 and 812)
- tags in another order than they were written in (terraform-provider-awscc 293, 2159, 2273, 3058)
- MaxResults has no effect, and pages are forgotten (aws-sdk 764, aws-cdk-cli 587)
- a failure without a message (aws-sdk 324)
- LIST with the wrong credentials (aws-cloudformation-resource-providers-cloudformation 82 and 113)
- a type that cannot be listed looks like one without resources (floci 2043)
- "not found" in a message makes Terraform forget a resource (terraform-provider-aws, resource.go)
- a create that is invoked again ends in AlreadyExists of its own resource
  (terraform-provider-awscc 338)
- ConcurrentOperationException instead of AlreadyExists (terraform-provider-awscc 2196)
- throttling that shows as GeneralServiceException ("Rate exceeded", in a public bug report)
- a poll whose answer was lost (cdkd 3236)
- paths without a leading slash (cloud-custodian 9296)
- a second delete: it ends as FAILED with NotFound
"""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.faults import PATH
from sandbox.hosting.type_schema import TypeSchema
from sandbox.hosting.validation import schema_violations
from tests.harness.cloud_control import Make, Patience
from tests.harness.documents import Document
from tests.harness.handlers import failed
from tests.harness.provider import BATCH, MINIMUM
from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import TYPE_NAME, Clients, everything, tags_of
from tests.harness.templates import SCHEMA

DESIRED = {
    "the least of an endpoint": MINIMUM,
    "the least of a batch transform": BATCH,
    "everything of an endpoint": everything("EndpointInput"),
    "everything of a batch transform": everything("BatchTransformInput"),
    "no tags, stated": {**MINIMUM, "Tags": []},
}
DESCRIBE = "DescribeModelQualityJobDefinition"


@pytest.fixture
def cc(aws: Clients) -> Patience:
    return Patience(aws.cloudcontrol, TYPE_NAME)


@pytest.fixture
def arn(cc: Patience) -> Iterator[str]:
    """A definition with tags that were not written in the order of their keys."""
    tags = [{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}]
    made = cc.created({**MINIMUM, "Tags": tags})
    yield made
    cc.delete(made)


class FailingSandbox(Patience):
    """A sandbox of its own, with faults; its client does not try again."""

    def __init__(self, url: str) -> None:
        once = Config(retries={"mode": "standard", "total_max_attempts": 1})
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        client = boto3.client(
            "cloudcontrol", endpoint_url=url, region_name="us-east-1", config=once, **keys
        )
        super().__init__(client, TYPE_NAME)
        self.faults = f"{url}{PATH}"
        self.trying_again = Patience(Clients(url).cloudcontrol, TYPE_NAME)

    def fault(self, fault: str, operation: str, **more: Any) -> None:
        """Have an operation fail from now on."""
        document = {"service": "sagemaker", "operation": operation, "fault": fault, **more}
        answer = requests.post(self.faults, json=document, timeout=5)
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def failing_sandbox() -> Iterator[FailingSandbox]:
    with running_sandbox() as url:
        yield FailingSandbox(url)


@pytest.fixture
def failing(failing_sandbox: FailingSandbox) -> Iterator[FailingSandbox]:
    """A sandbox whose faults end with the test."""
    yield failing_sandbox
    requests.delete(failing_sandbox.faults, timeout=5)


def test_the_write_only_member_is_not_create_only(cc: Patience, arn: str) -> None:
    added = {"op": "add", "path": "/EndpointName", "value": "churn"}
    tag = {"op": "replace", "path": "/Tags/0/Value", "value": "2"}
    assert cc.update(arn, added, tag)["OperationStatus"] == "SUCCESS"
    assert cc.tags(arn) == {"a": "2", "b": "1"}


@pytest.mark.parametrize(
    ("path", "property_"),
    [
        ("/StoppingCondition", "StoppingCondition"),
        ("/ModelQualityJobInput/EndpointInput/S3InputMode", "ModelQualityJobInput"),
        (
            "/ModelQualityJobOutputConfig/MonitoringOutputs/0/S3Output/S3UploadMode",
            "ModelQualityJobOutputConfig",
        ),
    ],
)
def test_a_removal_of_what_sagemaker_filled_in_is_refused_in_awss_words(
    cc: Patience, arn: str, path: str, property_: str
) -> None:
    before = cc.properties(arn)
    assert cc.refused(arn, {"op": "remove", "path": path}) == (
        "NotUpdatableException: Invalid patch update: createOnlyProperties "
        f"[/properties/{property_}] cannot be updated"
    )
    assert cc.properties(arn) == before


def test_a_read_only_member_in_a_patch_is_refused_in_awss_words(cc: Patience, arn: str) -> None:
    now = {"op": "replace", "path": "/CreationTime", "value": "2026-01-01T00:00:00.000Z"}
    assert cc.refused(arn, now) == (
        "ValidationException: Invalid patch update: readOnlyProperties "
        "[/properties/CreationTime] cannot be updated"
    )


@pytest.mark.parametrize("desired", DESIRED.values(), ids=DESIRED.keys())
def test_what_is_read_is_valid_so_that_every_definition_can_be_updated(
    cc: Patience, desired: dict[str, Any]
) -> None:
    arn = cc.created({**desired, "JobDefinitionName": f"valid-{uuid.uuid4().hex[:8]}"})
    properties = cc.properties(arn)
    schema = TypeSchema(json.loads(SCHEMA.read_text("utf-8")))
    assert schema_violations(properties, schema) == []
    assert set(schema.schema["required"]) <= properties.keys()
    tagged = {"op": "add", "path": "/Tags", "value": [{"Key": "a", "Value": "1"}]}
    for patch in ((), (tagged,)):
        assert cc.update(arn, *patch)["OperationStatus"] == "SUCCESS"
    cc.delete(arn)


def empty(document: Any, path: str = "") -> list[str]:
    """The paths of the empty objects and lists in a document."""
    if document in ({}, []):
        return [path]
    items: Any = enumerate(document) if isinstance(document, list) else ()
    if isinstance(document, dict):
        items = document.items()
    return [found for name, each in items for found in empty(each, f"{path}/{name}")]


@pytest.mark.parametrize("desired", DESIRED.values(), ids=DESIRED.keys())
def test_a_read_adds_no_empty_members(cc: Patience, desired: dict[str, Any]) -> None:
    arn = cc.created({**desired, "JobDefinitionName": f"empty-{uuid.uuid4().hex[:8]}"})
    # An empty list of tags is not returned. The format of a batch transform is stated as it is.
    assert set(empty(cc.properties(arn))) <= set(empty(desired)) - {"/Tags"}
    cc.delete(arn)


def test_an_update_without_the_write_only_member_loses_nothing(cc: Patience, aws: Clients) -> None:
    arn = cc.created({**MINIMUM, "EndpointName": "churn"})
    name = arn.rpartition("/")[2]
    before = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    cc.update(arn, {"op": "add", "path": "/Tags", "value": [{"Key": "a", "Value": "1"}]})
    after = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before
    cc.delete(arn)


def test_tags_are_read_in_the_order_of_their_keys_and_patched_in_that_order(
    cc: Patience, arn: str
) -> None:
    in_order = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]
    assert cc.properties(arn)["Tags"] == in_order
    cc.update(arn, {"op": "replace", "path": "/Tags", "value": in_order[::-1]})
    assert cc.properties(arn)["Tags"] == in_order
    cc.update(arn, {"op": "remove", "path": "/Tags/0"})
    assert cc.properties(arn)["Tags"] == in_order[1:]


def test_a_list_has_the_handlers_pages_whatever_max_results_says(aws: Clients) -> None:
    # A region that no other test lists.
    there = Clients(aws.url, "ap-southeast-2")
    cc = Patience(there.cloudcontrol, TYPE_NAME)
    count = 101
    for number in range(count):
        there.sagemaker.create_model_quality_job_definition(
            JobDefinitionName=f"listed-{number}", **MINIMUM
        )
    first = cc.client.list_resources(TypeName=TYPE_NAME, MaxResults=1)
    assert len(first["ResourceDescriptions"]) == 100
    pages = cc.client.get_paginator("list_resources").paginate(TypeName=TYPE_NAME)
    found = {each["Identifier"] for page in pages for each in page["ResourceDescriptions"]}
    assert len(found) == count
    of_another_endpoint = cc.client.list_resources(
        TypeName=TYPE_NAME, ResourceModel='{"EndpointName": "other"}'
    )
    assert of_another_endpoint["ResourceDescriptions"] == []
    for number in range(count):
        there.sagemaker.delete_model_quality_job_definition(JobDefinitionName=f"listed-{number}")


def test_a_failure_without_a_message_says_null(cloud_control: Make) -> None:
    for message in (None, ""):
        cc = cloud_control({"status": "FAILED", "errorCode": "InternalFailure", "message": message})
        refused = cc.refused("GetResource", Identifier="arn:thing")
        assert "Handler returned status FAILED: null (HandlerErrorCode: InternalFailure" in refused


@pytest.mark.parametrize(
    ("fault", "exception"),
    [("access-denied", "AccessDeniedException"), ("expired-credentials", "InvalidCredentials")],
)
def test_a_list_with_the_wrong_credentials_says_so(
    failing: FailingSandbox, fault: str, exception: str
) -> None:
    failing.fault(fault, "ListModelQualityJobDefinitions", calls=None)
    with pytest.raises(ClientError, match=exception) as caught:
        failing.client.list_resources(TypeName=TYPE_NAME)
    assert "Handler returned status FAILED: " in str(caught.value)


def test_a_type_that_cannot_be_listed_does_not_look_like_one_without_resources(
    aws: Clients, cloud_control: Make
) -> None:
    there = Clients(aws.url, "ap-northeast-3").cloudcontrol
    assert there.list_resources(TypeName=TYPE_NAME)["ResourceDescriptions"] == []
    with pytest.raises(there.exceptions.UnsupportedActionException, match="not yet supported"):
        there.list_resources(TypeName="AWS::SQS::Queue")
    assert cloud_control(handlers={"read": {}}).refused("ListResources") == (
        "PrivateTypeException: Resource type Acme::Toys::Thing does not support LIST action"
    )


def test_no_message_of_the_handlers_says_not_found_except_where_nothing_is_found() -> None:
    page = Document.read(Path("guide/messages.md"))
    rows = [line for line in page.text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 20
    messages = [(line.split(" | ")[0].strip("| "), line.lower()) for line in rows]
    assert "NotFound" in [code for code, _ in messages]
    others = [text for code, text in messages if code != "NotFound"]
    assert len(others) > 20
    assert [text for text in others if "not found" in text] == []


READ_FAILURES = [
    (DESCRIBE, fault)
    for fault in (
        *("throttle", "error-500", "error-503", "access-denied", "expired-credentials"),
        *("cut-before", "cut-after", "not-json", "truncated"),
    )
] + [
    ("ListTags", fault)
    for fault in ("throttle", "error-503", "expired-credentials", "resource-unknown", "not-json")
]


@pytest.mark.parametrize(("operation", "fault"), READ_FAILURES)
def test_a_read_that_fails_does_not_say_not_found_while_the_definition_is_there(
    failing: FailingSandbox, operation: str, fault: str
) -> None:
    arn = failing.created(MINIMUM)
    failing.fault(fault, operation, calls=None)
    with pytest.raises(ClientError) as caught:
        failing.properties(arn)
    error = caught.value.response["Error"]
    assert error["Code"] != "ResourceNotFoundException"
    assert "Handler returned status FAILED: " in error["Message"]
    assert "not found" not in str(caught.value).lower()


@pytest.mark.parametrize("problem", ["access-denied", "throttle"])
def test_a_get_of_a_missing_definition_says_not_found(
    failing: FailingSandbox, problem: str
) -> None:
    arn = failing.created(MINIMUM)
    failing.delete(arn)
    failing.fault(problem, "ListTags", calls=None)
    with pytest.raises(failing.client.exceptions.ResourceNotFoundException, match="not found"):
        failing.properties(arn)


def test_a_create_that_is_invoked_again_does_not_find_its_own_definition_in_its_way(
    failing: FailingSandbox,
) -> None:
    failing.fault("lag", DESCRIBE, calls=2)
    name = f"again-{uuid.uuid4().hex[:8]}"
    event = failing.create({**MINIMUM, "JobDefinitionName": name})
    assert event["OperationStatus"] == "SUCCESS", event
    assert event["Identifier"].endswith(f"/{name}")


def test_a_create_of_what_exists_is_already_exists_even_while_it_is_being_created(
    cc: Patience,
) -> None:
    desired = json.dumps({**MINIMUM, "JobDefinitionName": f"twice-{uuid.uuid4().hex[:8]}"})
    begun = [cc.client.create_resource(TypeName=TYPE_NAME, DesiredState=desired) for _ in range(2)]
    events = [cc.last(each) for each in begun]
    assert sorted(event["OperationStatus"] for event in events) == ["FAILED", "SUCCESS"]
    [failure] = [event for event in events if event["OperationStatus"] == "FAILED"]
    assert failure["ErrorCode"] == "AlreadyExists"
    [success] = [event for event in events if event["OperationStatus"] == "SUCCESS"]
    cc.delete(success["Identifier"])


def test_throttling_is_called_throttling(failing: FailingSandbox) -> None:
    arn = failing.created(MINIMUM)
    failing.fault("throttle", DESCRIBE, calls=None)
    with pytest.raises(failing.client.exceptions.ThrottlingException, match="Rate exceeded"):
        failing.properties(arn)


def test_throttling_of_a_create_is_called_throttling(cloud_control: Make) -> None:
    # What the provider's errors are called is the subject of tests/src.
    cc = cloud_control(*[failed("Throttling", "Rate exceeded")] * 5)
    last = cc.ended(cc.create({}))
    assert (last["ErrorCode"], last["StatusMessage"]) == ("Throttling", "Rate exceeded")


def test_a_poll_whose_answer_was_lost_can_be_repeated(failing: FailingSandbox) -> None:
    begun = failing.client.create_resource(TypeName=TYPE_NAME, DesiredState=json.dumps(MINIMUM))
    lost = {"service": "cloudcontrol", "operation": "GetResourceRequestStatus"}
    for fault in ("cut-after", "throttle"):
        document = {**lost, "fault": fault}
        assert requests.post(failing.faults, json=document, timeout=5).status_code == 201
    last = failing.trying_again.last(begun)
    assert last["OperationStatus"] == "SUCCESS"
    assert failing.last(begun) == last
    assert requests.get(failing.faults, timeout=5).json() == {"faults": []}


def test_paths_may_lack_their_leading_slash(cc: Patience, aws: Clients, arn: str) -> None:
    cc.update(arn, {"op": "replace", "path": "Tags/1/Value", "value": "2"})
    assert tags_of(aws, arn) == {"a": "1", "b": "2"}


def test_a_second_delete_fails_with_not_found(cc: Patience) -> None:
    arn = cc.created(MINIMUM)
    assert cc.delete(arn)["OperationStatus"] == "SUCCESS"
    again = cc.delete(arn)
    assert (again["OperationStatus"], again["ErrorCode"]) == ("FAILED", "NotFound")
    assert (again["Identifier"], "not found" in again["StatusMessage"]) == (arn, True)
