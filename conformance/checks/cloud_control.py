"""What Cloud Control does with a registered type. All of these need the type to be registered."""

import json
import uuid
from typing import Any

from conformance.aws import Aws, Definition, Document
from conformance.belief import registered_type_belief
from conformance.expectations import (
    Refusal,
    expect,
    expect_equal,
    expect_refusal,
    refusal,
)

UNKNOWN = "Conformance::No::SuchType"
DESCRIBE = "DescribeModelQualityJobDefinition"
ENDS = ("SUCCESS", "FAILED", "CANCEL_COMPLETE")
TAG_A = {"op": "add", "path": "/Tags", "value": [{"Key": "a", "Value": "1"}]}


class CloudControl:
    """Cloud Control's client, and what checks do with it."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.api = aws.client("cloudcontrol")

    def create(self, desired: Document, **more: Any) -> Document:
        """Begin to create a definition. Returns the first event."""
        answer = self.api.create_resource(
            TypeName=self._aws.type_name, DesiredState=json.dumps(desired), **more
        )
        return dict(answer["ProgressEvent"])

    def delete(self, arn: str) -> Document:
        """Begin to delete a definition. Returns the first event."""
        answer = self.api.delete_resource(TypeName=self._aws.type_name, Identifier=arn)
        return dict(answer["ProgressEvent"])

    def update(self, arn: str, *operations: Document) -> Document:
        """Patch a definition. Returns the last event, which must be a success."""
        answer = self.api.update_resource(
            TypeName=self._aws.type_name, Identifier=arn, PatchDocument=json.dumps(operations)
        )
        return self.succeeded(answer["ProgressEvent"])

    def refused(self, arn: str, *operations: Document) -> Refusal:
        """Patch a definition. Returns the error. Raises BeliefBroken if it is accepted."""
        return refusal(
            self.api.update_resource,
            TypeName=self._aws.type_name,
            Identifier=arn,
            PatchDocument=json.dumps(operations),
        )

    def properties(self, arn: str) -> Document:
        """The properties of a definition."""
        got = self.api.get_resource(TypeName=self._aws.type_name, Identifier=arn)
        return dict(json.loads(got["ResourceDescription"]["Properties"]))

    def status(self, token: str) -> Document:
        """The event of a request."""
        return dict(self.api.get_resource_request_status(RequestToken=token)["ProgressEvent"])

    def ended(self, event: Document) -> Document:
        """Wait for the end of a request. Returns the last event."""
        token = event["RequestToken"]
        self._aws.eventually(
            lambda: self.status(token)["OperationStatus"] in ENDS, lambda: self.status(token)
        )
        return self.status(token)

    def succeeded(self, event: Document) -> Document:
        """Wait for the success of a request. Raises BeliefBroken if it ends otherwise."""
        last = self.ended(event)
        expect(last["OperationStatus"] == "SUCCESS", last)
        return last

    def definition(self, **changes: Any) -> Definition:
        """Create a definition."""
        desired = self._aws.request(**changes)
        last = self.succeeded(self.create(desired))
        return Definition(desired["JobDefinitionName"], last["Identifier"])

    def tagged(self) -> Definition:
        """Create a definition with the tags b and a, in this order."""
        return self.definition(Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}])

    def malformed(self, desired: Document) -> Refusal:
        """The error for a desired state. Raises BeliefBroken if it is accepted."""
        return refusal(
            self.api.create_resource,
            TypeName=self._aws.type_name,
            DesiredState=json.dumps(desired),
        )


def _has(seen: Refusal, code: str, *words: str) -> None:
    """Raise BeliefBroken unless an error has HTTP 400, this code and these words."""
    as_wanted = (seen.code, seen.status) == (code, 400)
    expect(as_wanted and all(word in seen.message for word in words), seen)


@registered_type_belief("B115")
def a_failed_read_is_an_exception_with_http_400(aws: Aws) -> None:
    cc = CloudControl(aws)
    gone = cc.definition()
    cc.succeeded(cc.delete(gone.arn))
    seen = refusal(cc.api.get_resource, TypeName=aws.type_name, Identifier=gone.arn)
    begin = f"{aws.type_name} Handler returned status FAILED: "
    _has(seen, "ResourceNotFoundException", "(HandlerErrorCode: NotFound, RequestToken: ")
    expect(seen.message.startswith(begin), seen)


@registered_type_belief("B116")
def an_unknown_type_cannot_be_found(aws: Aws) -> None:
    cc = CloudControl(aws)
    words = (f"The type '{UNKNOWN}' cannot be found.",)
    for call, request in (
        (cc.api.get_resource, {"Identifier": "x"}),
        (cc.api.delete_resource, {"Identifier": "x"}),
        (cc.api.list_resources, {}),
        (cc.api.create_resource, {"DesiredState": "{}"}),
    ):
        expect_refusal("TypeNotFoundException", call, words=words, TypeName=UNKNOWN, **request)


@registered_type_belief("B117")
def a_create_is_accepted_in_progress_and_ends_with_the_identifier(aws: Aws) -> None:
    cc = CloudControl(aws)
    first = cc.create(aws.request())
    expect_equal((first["OperationStatus"], first["Operation"]), ("IN_PROGRESS", "CREATE"))
    last = cc.succeeded(first)
    expect(last["Identifier"].startswith("arn:") and "ResourceModel" not in last, last)
    expect_equal(last["RequestToken"], first["RequestToken"])


@registered_type_belief("B118")
def a_desired_state_that_the_schema_forbids_is_refused_at_once(aws: Aws) -> None:
    seen = CloudControl(aws).malformed({**aws.request(), "RolArn": "misspelt"})
    words = "Model validation failed (#: extraneous key [RolArn] is not permitted"
    _has(seen, "ValidationException", words)


@registered_type_belief("B119")
def scalars_are_not_converted(aws: Aws) -> None:
    cluster = {"InstanceCount": "1", "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
    seen = CloudControl(aws).malformed(aws.request(JobResources={"ClusterConfig": cluster}))
    path = "#/JobResources/ClusterConfig/InstanceCount"
    words = f"{path}: expected type: Integer, found: String"
    _has(seen, "ValidationException", "Model validation failed (", words)


@registered_type_belief("B120")
def a_patch_is_read_before_the_type_is_looked_for(aws: Aws) -> None:
    expect_refusal(
        "ValidationException",
        CloudControl(aws).api.update_resource,
        TypeName=UNKNOWN,
        Identifier="x",
        PatchDocument="{",
    )


@registered_type_belief("B121")
def a_create_only_path_in_a_patch_is_refused_even_with_its_own_value(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.tagged().arn
    words = "Invalid patch update: createOnlyProperties [/properties/RoleArn] cannot be updated"
    for operation in (
        {"op": "replace", "path": "/RoleArn", "value": f"{aws.role_arn}2"},
        {"op": "add", "path": "/RoleArn", "value": aws.role_arn},
        {"op": "remove", "path": "/RoleArn"},
    ):
        _has(cc.refused(arn, operation), "NotUpdatableException", words)
    seen = cc.refused(arn, {"op": "remove", "path": "/StoppingCondition"})
    _has(seen, "NotUpdatableException", "[/properties/StoppingCondition]")


@registered_type_belief("B122")
def a_read_only_path_in_a_patch_is_refused(aws: Aws) -> None:
    cc = CloudControl(aws)
    seen = cc.refused(cc.tagged().arn, {"op": "replace", "path": "/CreationTime", "value": "x"})
    words = "Invalid patch update: readOnlyProperties [/properties/CreationTime] cannot be updated"
    _has(seen, "ValidationException", words)


@registered_type_belief("B123")
def a_write_only_path_can_only_be_added(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.tagged().arn
    cc.update(arn, {"op": "add", "path": "/EndpointName", "value": "conformance"})
    expect("EndpointName" not in cc.properties(arn), cc.properties(arn))
    seen = cc.refused(arn, {"op": "replace", "path": "/EndpointName", "value": "conformance"})
    words = "writeOnlyProperties [/EndpointName] can only be updated using 'add' operation"
    _has(seen, "ValidationException", f"Invalid patch update: {words}")


@registered_type_belief("B124")
def a_test_reads_any_path_and_a_failed_one_changes_nothing(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.tagged().arn
    before = cc.properties(arn)
    tests = [
        {"op": "test", "path": f"/{name}", "value": before[name]}
        for name in ("RoleArn", "JobDefinitionArn", "CreationTime")
    ]
    cc.update(arn, *tests)
    seen = cc.refused(arn, TAG_A, {"op": "test", "path": "/RoleArn", "value": "other"})
    _has(seen, "ValidationException", "[TEST Operation] value mismatch")
    expect_equal(cc.properties(arn), before)


@registered_type_belief("B125")
def a_path_may_lack_its_slash_and_a_patch_its_operations(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.tagged().arn
    cc.update(arn, {"op": "replace", "path": "Tags/0/Value", "value": "2"})
    before = cc.properties(arn)
    cc.update(arn)
    expect_equal(cc.properties(arn), before)
    expect(any(tag["Value"] == "2" for tag in before["Tags"]), before["Tags"])


@registered_type_belief("B126")
def an_operation_on_a_path_that_is_not_there_is_refused(aws: Aws) -> None:
    cc = CloudControl(aws)
    seen = cc.refused(cc.tagged().arn, {"op": "replace", "path": "/Tags/7/Value", "value": "2"})
    _has(seen, "ValidationException", "[REPLACE Operation] noSuchPath in source, path provided")


@registered_type_belief("B127")
def an_identifier_may_be_json(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.definition().arn
    as_json = json.dumps({"JobDefinitionArn": arn})
    expect_equal(cc.properties(as_json), cc.properties(arn))
    wrong = json.dumps({"JobDefinitionArn": arn, "JobDefinitionName": "x"})
    expect_refusal(
        "ValidationException",
        cc.api.get_resource,
        words=("exactly one identifier from [[/properties/JobDefinitionArn]]",),
        TypeName=aws.type_name,
        Identifier=wrong,
    )


@registered_type_belief("B128")
def an_index_in_a_patch_counts_in_the_order_of_the_read(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.tagged().arn
    first = cc.properties(arn)["Tags"][0]["Key"]
    cc.update(arn, {"op": "replace", "path": "/Tags/0/Value", "value": "2"})
    expect_equal({tag["Key"] for tag in cc.properties(arn)["Tags"] if tag["Value"] == "2"}, {first})


@registered_type_belief("B129")
def max_results_does_not_limit_a_page_of_resources(aws: Aws) -> None:
    cc = CloudControl(aws)
    for _ in range(2):
        cc.definition()
    page = cc.api.list_resources(TypeName=aws.type_name, MaxResults=1)
    expect(len(page["ResourceDescriptions"]) > 1, page)


@registered_type_belief("B130")
def a_client_token_stands_for_one_request(aws: Aws) -> None:
    cc = CloudControl(aws)
    desired, mine = aws.request(), str(uuid.uuid4())
    first = cc.create(desired, ClientToken=mine)
    expect_equal(cc.create(desired, ClientToken=mine)["RequestToken"], first["RequestToken"])
    expect_refusal(
        "ClientTokenConflictException",
        cc.api.create_resource,
        words=(
            f"ClientToken {mine} is already associated",
            f"RequestToken {first['RequestToken']}",
        ),
        TypeName=aws.type_name,
        DesiredState=json.dumps(aws.request()),
        ClientToken=mine,
    )
    cc.succeeded(first)


@registered_type_belief("B131")
def a_second_operation_on_a_resource_is_refused_with_the_token_of_the_first(aws: Aws) -> None:
    cc = CloudControl(aws)
    arn = cc.definition().arn
    with aws.fault("lag", DESCRIBE):
        first = cc.delete(arn)
        expect_refusal(
            "ConcurrentOperationException",
            cc.api.delete_resource,
            words=(f"RequestToken {first['RequestToken']}",),
            TypeName=aws.type_name,
            Identifier=arn,
        )
        cc.succeeded(first)


@registered_type_belief("B132")
def a_cancel_ends_a_running_request(aws: Aws) -> None:
    cc = CloudControl(aws)
    with aws.fault("lag", DESCRIBE):
        token = cc.create(aws.request())["RequestToken"]
        cancelled = cc.api.cancel_resource_request(RequestToken=token)["ProgressEvent"]
        expect(cancelled["OperationStatus"] in ("CANCEL_IN_PROGRESS", "CANCEL_COMPLETE"), cancelled)
        last = cc.ended(cancelled)
    expect_equal(last["OperationStatus"], "CANCEL_COMPLETE")
    again = cc.api.cancel_resource_request(RequestToken=token)["ProgressEvent"]
    expect_equal(again["OperationStatus"], "CANCEL_COMPLETE")


@registered_type_belief("B133")
def what_has_ended_and_what_is_unknown_cannot_be_cancelled(aws: Aws) -> None:
    cc = CloudControl(aws)
    token = cc.succeeded(cc.create(aws.request()))["RequestToken"]
    cancel = cc.api.cancel_resource_request
    words = (f"Request {token} is already in status SUCCESS",)
    expect_refusal("ValidationException", cancel, words=words, RequestToken=token)
    unknown = str(uuid.uuid4())
    for call in (cancel, cc.api.get_resource_request_status):
        words = (f"Request with token {unknown} was not found",)
        expect_refusal("RequestTokenNotFoundException", call, words=words, RequestToken=unknown)


@registered_type_belief("B134")
def a_handlers_failure_is_told_by_the_event(aws: Aws) -> None:
    cc = CloudControl(aws)
    made = cc.definition()
    failures = {
        "AlreadyExists": cc.create(aws.request(made.name)),
        "NotFound": cc.delete(f"{made.arn}-not-there"),
    }
    for code, event in failures.items():
        last = cc.ended(event)
        expect_equal((last["OperationStatus"], last.get("ErrorCode")), ("FAILED", code))
        expect(bool(last.get("StatusMessage")), last)
