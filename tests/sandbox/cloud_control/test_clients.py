"""Cloud Control as people use it: boto3, the AWS CLI, and the requests that other tools send.

Terraform, Pulumi and StackQL were not run. Their requests are sent as their sources build them:

- StackQL: stackql-registry, openapi/src/awscc/v00.00.00000/services/cloud_control.yaml
- aws_cloudcontrolapi_resource: terraform-provider-aws, internal/service/cloudcontrol/resource.go
- awscc: terraform-provider-awscc, internal/service/cloudcontrol and internal/generic
- pulumi-aws-native: provider/pkg/client and provider/pkg/resources/patching.go
"""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, WaiterError
from botocore.httpsession import URLLib3Session

from tests.harness.cloud_control import Patience
from tests.harness.provider import MINIMUM
from tests.harness.registry import Registry, new_type_name, registered
from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import (
    TYPE_NAME,
    Cli,
    Clients,
    Stacks,
    everything,
    inventory,
    tags_of,
    template_of,
)

REGION = "us-east-1"
ACME = "Acme::SageMaker::ModelQualityJobDefinition"
OLD = [{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}]


@pytest.fixture
def nothing_left(aws: Clients) -> Iterator[None]:
    """Sees to it that the test leaves nothing behind."""
    before = inventory(aws)
    yield
    assert inventory(aws) == before


@pytest.fixture
def cc(aws: Clients, nothing_left: None) -> Patience:  # noqa: ARG001 - it looks at the end
    """The AWS-named type in the shared sandbox."""
    return Patience(aws.cloudcontrol, TYPE_NAME)


# --- boto3 ----------------------------------------------------------------------------------------


def whole_life(cc: Patience, aws: Clients) -> None:
    """Create, get, update in tags, list and delete a definition."""
    waiter = cc.client.get_waiter("resource_request_success")
    desired = {**MINIMUM, "Tags": [{"Key": "team", "Value": "churn"}]}
    named = {"TypeName": cc.type_name}
    begun = cc.client.create_resource(**named, DesiredState=json.dumps(desired))["ProgressEvent"]
    assert begun["OperationStatus"] == "IN_PROGRESS"
    waiter.wait(RequestToken=begun["RequestToken"])
    arn = cc.client.get_resource_request_status(RequestToken=begun["RequestToken"])[
        "ProgressEvent"
    ]["Identifier"]

    properties = cc.properties(arn)
    assert properties["JobDefinitionArn"] == arn
    assert desired.items() <= {**properties, **MINIMUM}.items()
    assert tags_of(aws, arn) == {"team": "churn"}

    patch = json.dumps([{"op": "replace", "path": "/Tags/0/Value", "value": "loans"}])
    begun = cc.client.update_resource(**named, Identifier=arn, PatchDocument=patch)
    waiter.wait(RequestToken=begun["ProgressEvent"]["RequestToken"])
    assert tags_of(aws, arn) == {"team": "loans"}

    pages = cc.client.get_paginator("list_resources").paginate(**named)
    described = [each for page in pages for each in page["ResourceDescriptions"]]
    [listed] = [each for each in described if each["Identifier"] == arn]
    assert json.loads(listed["Properties"])["JobDefinitionArn"] == arn

    begun = cc.client.delete_resource(**named, Identifier=arn)
    waiter.wait(RequestToken=begun["ProgressEvent"]["RequestToken"])
    with pytest.raises(cc.client.exceptions.ResourceNotFoundException):
        cc.properties(arn)


def test_a_definition_lives_its_whole_life_under_awss_name(cc: Patience, aws: Clients) -> None:
    whole_life(cc, aws)


@pytest.mark.once
@pytest.mark.timeout(300)
def test_a_definition_lives_its_whole_life_under_a_registered_name(
    aws: Clients, package: Callable[[str], Path]
) -> None:
    role = "arn:aws:iam::123456789012:role/model-quality-execution"
    with registered(aws, REGION, ACME, package(ACME).read_bytes(), ExecutionRoleArn=role):
        whole_life(Patience(aws.cloudcontrol, ACME), aws)


@pytest.mark.once
@pytest.mark.timeout(300)
def test_a_definition_lives_its_whole_life_in_a_package(package: Callable[[str], Path]) -> None:
    with running_sandbox(package(ACME)) as url:
        aws = Clients(url)
        whole_life(Patience(aws.cloudcontrol, ACME), aws)


@pytest.mark.once
@pytest.mark.timeout(300)
def test_a_registered_type_is_used_in_its_default_version_or_the_one_asked_for(
    aws: Clients,
) -> None:
    registry, type_name = Registry(aws, REGION), new_type_name()
    first, second = (registry.register(type_name) for _ in range(2))
    cc = Patience(aws.cloudcontrol, type_name)
    assert cc.properties("thing")["Version"] == "00000001"
    assert cc.properties("thing", TypeVersionId="00000002")["Version"] == "00000002"
    registry.api.set_type_default_version(Arn=second)
    assert cc.properties("thing")["Version"] == "00000002"
    registry.api.deregister_type(Arn=first)
    not_there = cc.client.exceptions.TypeNotFoundException
    with pytest.raises(not_there):
        cc.properties("thing", TypeVersionId="00000001")
    # It is registered in one region of one account.
    elsewhere = Patience(Clients(aws.url, "eu-west-1").cloudcontrol, type_name)
    with pytest.raises(elsewhere.client.exceptions.TypeNotFoundException):
        elsewhere.properties("thing")
    registry.api.deregister_type(Arn=second)
    with pytest.raises(not_there):
        cc.properties("thing")


@pytest.mark.parametrize("type_name", ["Custom::Toys::Thing", "Acme::Toys::MODULE"])
def test_custom_resources_and_modules_are_no_types_that_aws_has_elsewhere(
    aws: Clients, type_name: str
) -> None:
    not_there = aws.cloudcontrol.exceptions.TypeNotFoundException
    with pytest.raises(not_there, match=f"The type '{type_name}' cannot be found"):
        aws.cloudcontrol.get_resource(TypeName=type_name, Identifier="x")


def test_an_unknown_version_of_the_type_cannot_be_found(aws: Clients) -> None:
    with pytest.raises(aws.cloudcontrol.exceptions.TypeNotFoundException, match="cannot be found"):
        aws.cloudcontrol.list_resources(TypeName=TYPE_NAME, TypeVersionId="99999999")


def test_the_waiter_fails_where_the_request_does(cc: Patience) -> None:
    begun = cc.client.delete_resource(TypeName=TYPE_NAME, Identifier="not-an-arn")
    with pytest.raises(WaiterError, match="FAILED"):
        cc.client.get_waiter("resource_request_success").wait(
            RequestToken=begun["ProgressEvent"]["RequestToken"]
        )


def test_the_paginator_of_requests_finds_them_all(aws: Clients) -> None:
    cc = Patience(Clients(aws.url, "eu-west-3").cloudcontrol, TYPE_NAME)
    tokens = [cc.delete(f"no-arn-{number}")["RequestToken"] for number in range(5)]
    pages = list(
        cc.client.get_paginator("list_resource_requests").paginate(
            ResourceRequestStatusFilter={"Operations": ["DELETE"], "OperationStatuses": ["FAILED"]},
            PaginationConfig={"PageSize": 2},
        )
    )
    assert [len(page["ResourceRequestStatusSummaries"]) for page in pages] == [2, 2, 1]
    summaries = [each for page in pages for each in page["ResourceRequestStatusSummaries"]]
    assert [each["RequestToken"] for each in summaries] == tokens[::-1]


def test_a_resource_of_a_stack_can_be_read_and_changed_too(
    cc: Patience, aws: Clients, stacks: Stacks
) -> None:
    arn = stacks.create(template_of(MINIMUM), tags={"Stage": "test"}).physical_id()
    assert cc.tags(arn) == {"Stage": "test"}
    added = {"op": "add", "path": "/Tags/-", "value": {"Key": "by", "Value": "hand"}}
    assert cc.update(arn, added)["OperationStatus"] == "SUCCESS"
    assert tags_of(aws, arn) == {"Stage": "test", "by": "hand"}


def test_all_properties_come_back_and_the_write_only_one_does_not(
    cc: Patience,
) -> None:
    desired = everything("EndpointInput")
    arn = cc.created(desired)
    properties = cc.properties(arn)
    for name in ("JobDefinitionArn", "CreationTime"):
        assert properties.pop(name)
    del desired["EndpointName"]
    by_key = sorted(desired.pop("Tags"), key=lambda tag: str(tag["Key"]))
    assert properties.pop("Tags") == by_key
    assert properties == desired
    cc.delete(arn)


# --- the AWS CLI ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.once
def test_the_aws_cli_creates_waits_reads_patches_lists_and_deletes(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "desired.json").write_text(json.dumps(MINIMUM))
    named = ("--type-name", TYPE_NAME)

    def ended(*command: str) -> str:
        token = cli("cloudcontrol", *command)["ProgressEvent"]["RequestToken"]
        cli("cloudcontrol", "wait", "resource-request-success", "--request-token", token)
        status = cli("cloudcontrol", "get-resource-request-status", "--request-token", token)
        return str(status["ProgressEvent"]["Identifier"])

    arn = ended("create-resource", *named, "--desired-state", "file://desired.json")
    patch = '[{"op": "add", "path": "Tags", "value": [{"Key": "team", "Value": "churn"}]}]'
    assert ended("update-resource", *named, "--identifier", arn, "--patch-document", patch) == arn
    got = cli("cloudcontrol", "get-resource", *named, "--identifier", arn)
    properties = json.loads(got["ResourceDescription"]["Properties"])
    assert properties["Tags"] == [{"Key": "team", "Value": "churn"}]
    listed = cli("cloudcontrol", "list-resources", *named)["ResourceDescriptions"]
    assert arn in [each["Identifier"] for each in listed]
    requests = cli("cloudcontrol", "list-resource-requests", "--max-items", "100")
    identifiers = [each.get("Identifier") for each in requests["ResourceRequestStatusSummaries"]]
    assert identifiers.count(arn) == 2
    ended("delete-resource", *named, "--identifier", arn)
    missing = cli.run("cloudcontrol", "get-resource", *named, "--identifier", arn)
    assert missing.returncode
    assert "(ResourceNotFoundException)" in missing.stderr


# --- StackQL --------------------------------------------------------------------------------------


@pytest.fixture
def stackql(sandbox_url: str) -> Callable[[str, Any], tuple[int, Any]]:
    """Posts a body as StackQL does: the operation is in the query string too."""

    def post(operation: str, body: Any) -> tuple[int, Any]:
        request = AWSRequest(
            "POST",
            f"{sandbox_url}/?Action={operation}&Version=2021-09-30",
            data=json.dumps(body).encode(),
            headers={
                "X-Amz-Target": f"CloudApiService.{operation}",
                "Content-Type": "application/x-amz-json-1.0",
            },
        )
        keys = ReadOnlyCredentials("sandbox", "sandbox", None)
        SigV4Auth(keys, "cloudcontrolapi", REGION).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        return answer.status_code, json.loads(answer.content)

    return post


@pytest.mark.usefixtures("nothing_left")
def test_stackqls_insert_selects_and_delete(
    stackql: Callable[[str, Any], tuple[int, Any]],
) -> None:
    named = {"TypeName": TYPE_NAME}
    # INSERT, with the columns as one desired state.
    status, answer = stackql("CreateResource", {**named, "DesiredState": json.dumps(MINIMUM)})
    assert status == 200
    token = answer["ProgressEvent"]["RequestToken"]
    status, answer = stackql("GetResourceRequestStatus", {"RequestToken": token})
    event = answer["ProgressEvent"]
    assert (status, event["OperationStatus"]) == (200, "SUCCESS")
    assert isinstance(event["EventTime"], float)
    arn = event["Identifier"]
    # The _list_only table takes job_definition_arn from the properties of the list.
    status, answer = stackql("ListResources", named)
    described = [json.loads(each["Properties"]) for each in answer["ResourceDescriptions"]]
    assert arn in [each["JobDefinitionArn"] for each in described]
    # SELECT of all columns: JSON_EXTRACT(Properties, '$.ModelQualityAppSpecification') and so on.
    status, answer = stackql("GetResource", {**named, "Identifier": arn})
    properties = json.loads(answer["ResourceDescription"]["Properties"])
    assert properties["ModelQualityAppSpecification"] == MINIMUM["ModelQualityAppSpecification"]
    # The older provider updates by data__PatchDocument, and filters requests.
    patch = json.dumps([{"op": "add", "path": "/Tags", "value": OLD}])
    status, answer = stackql("UpdateResource", {**named, "Identifier": arn, "PatchDocument": patch})
    token = answer["ProgressEvent"]["RequestToken"]
    assert stackql("GetResourceRequestStatus", {"RequestToken": token})[0] == 200
    only = {"OperationStatuses": ["SUCCESS"], "Operations": ["UPDATE"]}
    status, answer = stackql("ListResourceRequests", {"ResourceRequestStatusFilter": only})
    assert token in [each["RequestToken"] for each in answer["ResourceRequestStatusSummaries"]]
    # DELETE, and a SELECT of what is gone.
    status, answer = stackql("DeleteResource", {**named, "Identifier": arn})
    token = answer["ProgressEvent"]["RequestToken"]
    assert stackql("GetResourceRequestStatus", {"RequestToken": token})[0] == 200
    status, answer = stackql("GetResource", {**named, "Identifier": arn})
    assert status == 400
    assert answer["__type"] == "com.amazon.cloudapiservice#ResourceNotFoundException"
    assert "not found" in answer["Message"]


# --- Terraform ------------------------------------------------------------------------------------


@pytest.fixture
def tagged(cc: Patience) -> Iterator[str]:
    """A definition with two tags, which were written in another order than READ's."""
    arn = cc.created({**MINIMUM, "Tags": OLD}, ClientToken=f"terraform-{uuid.uuid4()}")
    yield arn
    cc.delete(arn)


def test_aws_cloudcontrolapi_resource_reads_the_schema_first(aws: Clients) -> None:
    described = aws.cloudformation.describe_type(Type="RESOURCE", TypeName=TYPE_NAME)
    schema = json.loads(described["Schema"])
    assert "/properties/RoleArn" in schema["createOnlyProperties"]
    assert schema["primaryIdentifier"] == ["/properties/JobDefinitionArn"]


def test_aws_cloudcontrolapi_resource_patches_by_index_in_its_own_desired_state(
    cc: Patience, tagged: str
) -> None:
    # It compares the old and the new desired_state, and never what READ gives, so that its indexes
    # follow the order of the template. READ sorts by key: tags should be written in that order.
    assert cc.properties(tagged)["Tags"] == sorted(OLD, key=lambda tag: tag["Key"])
    cc.update(tagged, {"op": "replace", "path": "/Tags/0/Value", "value": "2"})
    assert cc.tags(tagged) == {"a": "2", "b": "1"}
    cc.update(
        tagged,
        {"op": "remove", "path": "/Tags/1"},
        {"op": "add", "path": "/Tags/1", "value": {"Key": "c", "Value": "3"}},
    )
    assert cc.tags(tagged) == {"a": "2", "c": "3"}


def test_aws_cloudcontrolapi_resource_counts_a_missing_resource_as_deleted(
    cc: Patience,
) -> None:
    arn = cc.created(MINIMUM)
    assert cc.delete(arn)["OperationStatus"] == "SUCCESS"
    again = cc.delete(arn, ClientToken=f"terraform-{uuid.uuid4()}")
    assert (again["OperationStatus"], again["ErrorCode"]) == ("FAILED", "NotFound")
    with pytest.raises(ClientError, match="not found"):
        cc.properties(arn)


def test_awscc_replaces_whole_lists_and_removes_from_the_highest_index(
    cc: Patience, tagged: str
) -> None:
    new = [{"Key": "x", "Value": "1"}, {"Key": "y", "Value": "2"}, {"Key": "z", "Value": "3"}]
    cc.update(tagged, {"op": "replace", "path": "/Tags", "value": new})
    assert cc.tags(tagged) == {"x": "1", "y": "2", "z": "3"}
    cc.update(tagged, {"op": "remove", "path": "/Tags/2"}, {"op": "remove", "path": "/Tags/1"})
    assert cc.tags(tagged) == {"x": "1"}
    cc.update(tagged, {"op": "remove", "path": "/Tags"})
    assert cc.tags(tagged) == {}


def test_awscc_sends_a_patch_of_no_operations_where_nothing_differs(
    cc: Patience, tagged: str
) -> None:
    before = cc.properties(tagged)
    assert cc.update(tagged)["OperationStatus"] == "SUCCESS"
    assert cc.properties(tagged) == before


def test_awscc_keeps_no_identifier_of_a_create_that_made_nothing(cc: Patience) -> None:
    name = f"taken-{uuid.uuid4().hex[:8]}"
    arn = cc.created({**MINIMUM, "JobDefinitionName": name})
    # It would take the identifier of a failed create for a resource of its own, and delete it.
    second = cc.create({**MINIMUM, "JobDefinitionName": name})
    assert (second["OperationStatus"], second["ErrorCode"]) == ("FAILED", "AlreadyExists")
    assert "Identifier" not in second
    cc.delete(arn)


# --- Pulumi ---------------------------------------------------------------------------------------


def test_pulumi_adds_what_is_write_only_in_every_patch(cc: Patience, tagged: str) -> None:
    patch = (
        {"op": "replace", "path": "/Tags", "value": [{"Key": "a", "Value": "2"}]},
        {"op": "add", "path": "/EndpointName", "value": "churn"},
    )
    assert cc.update(tagged, *patch, ClientToken=str(uuid.uuid4()))["OperationStatus"] == "SUCCESS"
    assert cc.tags(tagged) == {"a": "2"}
    assert "EndpointName" not in cc.properties(tagged)


def test_pulumi_leaves_create_only_properties_out_of_its_patches_because_of_this_refusal(
    cc: Patience, tagged: str
) -> None:
    role = {"op": "add", "path": "/RoleArn", "value": MINIMUM["RoleArn"]}
    assert cc.refused(tagged, role) == (
        "NotUpdatableException: Invalid patch update: createOnlyProperties "
        "[/properties/RoleArn] cannot be updated"
    )


def test_pulumi_reads_right_after_a_create(cc: Patience) -> None:
    arn = cc.created(MINIMUM, ClientToken=str(uuid.uuid4()))
    # Without a name, stack and logical id, the definition's name is a generated one.
    assert cc.properties(arn)["JobDefinitionName"] == arn.rpartition("/")[2]
    cc.delete(arn)
