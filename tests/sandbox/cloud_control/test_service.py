"""The operations: what handlers receive, how requests end, and what is refused."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.iam.models import iam_backends

from sandbox.hosting import credentials
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.timing import Timing
from sandbox.json_service.caller import Caller
from sandbox.json_service.errors import ServiceError
from sandbox.process_wide import PROCESS
from tests.harness.cloud_control import ALL, Make
from tests.harness.handlers import THING, failed, in_progress, success

TAGGED = {**THING, "Size": 2}
MODEL = success(resourceModel=THING)
SIZE_2 = {"op": "replace", "path": "/Size", "value": 2}


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """What a handler may wait for; it never waits longer than the test."""
    event = threading.Event()
    yield event
    event.set()


def held_until(go_on: threading.Event, answer: Any) -> Callable[[], Any]:
    """An answer of a handler that returns only when the event is set."""

    def held() -> Any:
        assert go_on.wait(30)
        return answer

    return held


# --- create ---------------------------------------------------------------------------------------


def test_a_create_goes_on_in_the_background_and_is_asked_for_by_its_token(
    cloud_control: Make,
) -> None:
    cc = cloud_control(MODEL)
    before = time.time()
    first = cc.create({"Size": 1})
    assert first["OperationStatus"] == "IN_PROGRESS"
    assert (first["TypeName"], first["Operation"]) == (cc.type_name, "CREATE")
    assert before <= first["EventTime"] <= time.time()
    assert cc.ended(first) == {
        **first,
        "Identifier": "arn:thing",
        "OperationStatus": "SUCCESS",
    }


def test_the_event_of_a_create_has_no_stack_and_the_token_of_the_request(
    cloud_control: Make,
) -> None:
    cc = cloud_control(in_progress(THING, callbackContext={"step": 1}), MODEL)
    token = cc.ended(cc.create({"Size": 1}))["RequestToken"]
    for event in cc.handlers.events:
        assert (event["action"], event["bearerToken"], event["stackId"]) == ("CREATE", token, None)
        data = event["requestData"]
        assert (data["logicalResourceId"], data["systemTags"]) == (None, None)
        assert not data["stackTags"]
        assert (event["awsAccountId"], event["region"]) == cc.place[:2]
    first, second = cc.handlers.events
    assert first["requestData"]["resourceProperties"] == {"Size": 1}
    assert second["callbackContext"] == {"step": 1}


def test_the_identifier_is_told_as_soon_as_the_handler_tells_it(
    cloud_control: Make, go_on: threading.Event
) -> None:
    cc = cloud_control(in_progress(THING), held_until(go_on, MODEL), longest_hold=0.05)
    event = cc.create({"Size": 1})
    while "Identifier" not in (seen := cc.status(event["RequestToken"])):
        time.sleep(0.01)
    assert (seen["Identifier"], seen["OperationStatus"]) == ("arn:thing", "IN_PROGRESS")


def test_a_failed_create_has_the_handlers_code_and_message(cloud_control: Make) -> None:
    cc = cloud_control(failed("AlreadyExists", "It is there."))
    last = cc.ended(cc.create({"Size": 1}))
    assert last["OperationStatus"] == "FAILED"
    assert (last["ErrorCode"], last["StatusMessage"]) == ("AlreadyExists", "It is there.")
    assert "Identifier" not in last


def test_a_failed_create_names_the_resource_that_the_handler_says_exists(
    cloud_control: Make,
) -> None:
    left = cloud_control(in_progress(THING), failed("NotStabilized", resourceModel=THING))
    assert left.ended(left.create({}))["Identifier"] == "arn:thing"
    # A handler that fails without a model says that there is nothing, or nothing of this request.
    nothing = cloud_control(in_progress(THING), failed("AlreadyExists"))
    assert "Identifier" not in nothing.ended(nothing.create({}))
    # A handler that crashes says nothing: there may be a resource.
    crashed = cloud_control(in_progress(THING), RuntimeError("boom"))
    last = crashed.ended(crashed.create({}))
    assert (last["Identifier"], last["ErrorCode"]) == ("arn:thing", "InternalFailure")


def test_a_code_that_the_api_does_not_have_is_an_internal_failure(cloud_control: Make) -> None:
    cc = cloud_control(failed("OutOfPaper", "Fill it up."))
    last = cc.ended(cc.create({}))
    assert (last["ErrorCode"], last["StatusMessage"]) == ("InternalFailure", "Fill it up.")


def test_a_create_in_progress_without_an_identifier_fails(cloud_control: Make) -> None:
    cc = cloud_control(in_progress({"Size": 1}))
    last = cc.ended(cc.create({}))
    assert (last["OperationStatus"], last["ErrorCode"]) == ("FAILED", "InternalFailure")


@pytest.mark.parametrize(
    ("desired", "words"),
    [
        ("{", "DesiredState is not a JSON document."),
        ("[" * 100_000, "DesiredState is not a JSON document."),
        ('{"Size": NaN}', "DesiredState is not a JSON document."),
        ("[]", "Model validation failed (#: expected type: JSONObject, found: JSONArray)"),
        ("null", "Model validation failed (#: expected type: JSONObject, found: Null)"),
        (
            '{"Size": "2"}',
            "Model validation failed (#/Size: expected type: Integer, found: String [2])",
        ),
        (
            '{"Sise": 2, "Size": 2}',
            "Model validation failed (#: extraneous key [Sise] is not permitted)",
        ),
        (
            '{"Arn": "arn:mine", "Size": 2}',
            "Model validation failed (#/Arn: read-only property cannot be specified)",
        ),
        ("{}", "Model validation failed (#: required key [Size] not found)"),
        (
            '{"Sise": 2}',
            (
                "Model validation failed (#: 2 schema violations found)\n"
                "#: extraneous key [Sise] is not permitted\n#: required key [Size] not found"
            ),
        ),
    ],
)
def test_a_desired_state_that_the_schema_forbids_is_refused_at_once(
    cloud_control: Make, desired: str, words: str
) -> None:
    cc = cloud_control(additionalProperties=False, required=["Size"])
    refused = cc.refused("CreateResource", DesiredState=desired)
    assert refused.startswith(f"ValidationException: {words}")
    assert cc("ListResourceRequests") == {"ResourceRequestStatusSummaries": []}


# --- get and list ---------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["arn:thing", '{"Arn": "arn:thing"}'])
def test_a_get_reads_by_the_identifier_alone(cloud_control: Make, identifier: str) -> None:
    cc = cloud_control(MODEL)
    got = cc("GetResource", Identifier=identifier)
    assert got["TypeName"] == cc.type_name
    assert got["ResourceDescription"]["Identifier"] == "arn:thing"
    assert json.loads(got["ResourceDescription"]["Properties"]) == THING
    [event] = cc.handlers.events
    assert event["action"] == "READ"
    assert event["requestData"]["resourceProperties"] == {"Arn": "arn:thing"}


def test_a_get_does_not_show_what_is_write_only(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, writeOnlyProperties=["/properties/Size"])
    described = cc("GetResource", Identifier="arn:thing")["ResourceDescription"]
    assert json.loads(described["Properties"]) == {"Arn": "arn:thing"}


COMPOUND = {"primaryIdentifier": ["/properties/Arn", "/properties/Size"]}


@pytest.mark.parametrize("identifier", ["arn:thing|1", '{"Size": "1", "Arn": "arn:thing"}'])
def test_the_parts_of_an_identifier_are_joined_or_in_json_in_any_order(
    cloud_control: Make, identifier: str
) -> None:
    cc = cloud_control(MODEL, **COMPOUND)
    described = cc("GetResource", Identifier=identifier)["ResourceDescription"]
    assert described["Identifier"] == "arn:thing|1"
    [event] = cc.handlers.events
    assert event["requestData"]["resourceProperties"] == {"Arn": "arn:thing", "Size": "1"}


MISFITS = {
    "Identifier {0} is not valid for identifier {1}": ("arn:thing", "a|1|2", '["a", "1"]'),
    (
        "When specifying the identifier as JSON, you must specify exactly one identifier from "
        "[{1}], and no additional properties can be specified"
    ): (
        '{"Arn": "arn:thing"}',
        '{"Arn": "a", "Size": ""}',
        '{"Arn": "a", "Size": "1", "Colour": "red"}',
        '{"Arn": true, "Size": "1"}',
        '{"Arn": ["a"], "Size": "1"}',
    ),
}


@pytest.mark.parametrize(
    ("identifier", "words"), [(text, words) for words, texts in MISFITS.items() for text in texts]
)
@pytest.mark.parametrize("operation", ["GetResource", "DeleteResource", "UpdateResource"])
def test_an_identifier_that_does_not_fit_is_refused(
    cloud_control: Make, operation: str, identifier: str, words: str
) -> None:
    cc = cloud_control(**COMPOUND)
    more = {"PatchDocument": "[]"} if operation == "UpdateResource" else {}
    refused = cc.refused(operation, Identifier=identifier, **more)
    parts = "[/properties/Arn, /properties/Size]"
    assert refused == f"ValidationException: {words.format(identifier, parts)}"


FAILURES = [
    ("NotFound", "ResourceNotFoundException"),
    ("GeneralServiceException", "GeneralServiceException"),
    ("InternalFailure", "HandlerInternalFailureException"),
    ("AccessDenied", "AccessDeniedException"),
    ("AlreadyExists", "AlreadyExistsException"),
    ("InvalidRequest", "InvalidRequestException"),
    ("InvalidCredentials", "InvalidCredentialsException"),
    ("NotStabilized", "NotStabilizedException"),
    ("NotUpdatable", "NotUpdatableException"),
    ("ResourceConflict", "ResourceConflictException"),
    ("ServiceInternalError", "ServiceInternalErrorException"),
    ("ServiceLimitExceeded", "ServiceLimitExceededException"),
    ("Throttling", "ThrottlingException"),
    ("NetworkFailure", "NetworkFailureException"),
    ("ServiceTimeout", "HandlerFailureException"),
]


@pytest.mark.parametrize(("code", "exception"), FAILURES)
@pytest.mark.parametrize("operation", ["GetResource", "ListResources", "UpdateResource"])
def test_a_failed_read_or_list_is_an_exception(
    cloud_control: Make, operation: str, code: str, exception: str
) -> None:
    cc = cloud_control(failed(code, "said the handler"))
    request = {
        "GetResource": {"Identifier": "arn:thing"},
        "ListResources": {},
        "UpdateResource": {"Identifier": "arn:thing", "PatchDocument": "[]"},
    }[operation]
    refused = cc.refused(operation, **request)
    [event] = cc.handlers.events
    assert refused == (
        f"{exception}: {cc.type_name} Handler returned status FAILED: said the handler "
        f"(HandlerErrorCode: {code}, RequestToken: {event['bearerToken']})"
    )


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("boom"),
        {"status": "DONE"},
        {"status": "FAILED", "errorCode": []},
        success(resourceModel={"Arn": ["arn:thing"]}),
        in_progress(THING),
    ],
)
@pytest.mark.parametrize(
    ("type_name", "exception"),
    [
        ("Acme::Toys::Thing", "PrivateTypeException"),
        ("AWS::Toys::Thing", "HandlerInternalFailureException"),
    ],
)
def test_a_read_without_a_valid_answer_is_the_fault_of_a_private_type(
    cloud_control: Make, answer: Any, type_name: str, exception: str
) -> None:
    cc = cloud_control(answer, typeName=type_name)
    assert cc.refused("GetResource", Identifier="arn:thing").startswith(f"{exception}: {type_name}")


def test_a_list_has_the_pages_and_the_token_of_the_handler(cloud_control: Make) -> None:
    other = {"Arn": "arn:other"}
    cc = cloud_control(
        success(resourceModels=[THING, other], nextToken="page 2"), success(resourceModels=[])
    )
    first = cc("ListResources", MaxResults=1, ResourceModel='{"Size": 1}')
    assert first == {
        "TypeName": cc.type_name,
        "ResourceDescriptions": [
            {"Identifier": "arn:thing", "Properties": '{"Arn":"arn:thing","Size":1}'},
            {"Identifier": "arn:other", "Properties": '{"Arn":"arn:other"}'},
        ],
        "NextToken": "page 2",
    }
    last = cc("ListResources", NextToken="page 2")
    assert last == {"TypeName": cc.type_name, "ResourceDescriptions": []}
    one, two = cc.handlers.events
    assert (one["action"], one["nextToken"], two["nextToken"]) == ("LIST", None, "page 2")
    assert one["requestData"]["resourceProperties"] == {"Size": 1}
    assert two["requestData"]["resourceProperties"] == {}


def test_a_list_does_not_show_what_is_write_only(cloud_control: Make) -> None:
    listed = success(resourceModels=[THING])
    cc = cloud_control(listed, writeOnlyProperties=["/properties/Size"])
    [described] = cc("ListResources")["ResourceDescriptions"]
    assert json.loads(described["Properties"]) == {"Arn": "arn:thing"}


def test_a_list_without_what_its_handler_needs_is_refused(cloud_control: Make) -> None:
    handlers = {**ALL, "list": {"handlerSchema": {"required": ["Size"]}}}
    cc = cloud_control(success(resourceModels=[]), handlers=handlers)
    for model in ("{}", '{"Size": null}'):
        assert cc.refused("ListResources", ResourceModel=model) == cc.refused("ListResources")
    assert cc.refused("ListResources") == (
        "InvalidRequestException: Missing or invalid ResourceModel property in Acme::Toys::Thing "
        "list handler request input. Required property:  (#: required key [Size] not found)"
    )
    assert cc("ListResources", ResourceModel='{"Size": 1}')["ResourceDescriptions"] == []
    assert "is not a JSON document" in cc.refused("ListResources", ResourceModel="{")


# --- update and delete ----------------------------------------------------------------------------


def test_an_update_reads_then_patches_then_updates(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, success(resourceModel={**THING, "Size": 2}))
    event = cc.update("arn:thing", SIZE_2)
    assert (event["Operation"], event["Identifier"]) == ("UPDATE", "arn:thing")
    assert cc.ended(event)["OperationStatus"] == "SUCCESS"
    read, update = cc.handlers.events
    assert (read["action"], update["action"]) == ("READ", "UPDATE")
    assert read["requestData"]["resourceProperties"] == {"Arn": "arn:thing"}
    data = update["requestData"]
    assert data["resourceProperties"] == {**THING, "Size": 2}
    assert data["previousResourceProperties"] == THING
    assert not data["stackTags"]
    assert not data["previousStackTags"]
    assert update["bearerToken"] == event["RequestToken"] != read["bearerToken"]


def test_what_is_write_only_reaches_an_update_only_by_the_patch(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, MODEL, MODEL, MODEL, writeOnlyProperties=["/properties/Size"])
    cc.ended(cc.update("arn:thing"))
    cc.ended(cc.update("arn:thing", {**SIZE_2, "op": "add"}))
    without, with_it = (
        event["requestData"]["resourceProperties"]
        for event in cc.handlers.events
        if event["action"] == "UPDATE"
    )
    assert (without, with_it) == ({"Arn": "arn:thing"}, {"Arn": "arn:thing", "Size": 2})


def test_a_failed_test_is_refused_and_nothing_is_updated(cloud_control: Make) -> None:
    cc = cloud_control(MODEL)
    assert cc.update_refused(SIZE_2, {"op": "test", "path": "/Size", "value": 7}) == (
        "ValidationException: [TEST Operation] value mismatch [/Size]"
    )
    assert [event["action"] for event in cc.handlers.events] == ["READ"]
    assert cc("ListResourceRequests") == {"ResourceRequestStatusSummaries": []}


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        (
            {"op": "add", "path": "/Size", "value": "2"},
            "Model validation failed (#/Size: expected type: Integer, found: String [2])",
        ),
        (
            {"op": "remove", "path": "/Size"},
            "Model validation failed (#: required key [Size] not found)",
        ),
        (
            {"op": "add", "path": "/Colour", "value": "red"},
            "Model validation failed (#: extraneous key [Colour] is not permitted)",
        ),
        (
            {"op": "remove", "path": "/Arn"},
            "Invalid patch update: readOnlyProperties [/properties/Arn] cannot be updated",
        ),
        (
            {"op": "replace", "path": "", "value": []},
            "Invalid patch update: readOnlyProperties [/properties/Arn] cannot be updated",
        ),
    ],
)
def test_a_patch_to_what_the_schema_forbids_is_refused(
    cloud_control: Make, operation: Any, refusal: str
) -> None:
    cc = cloud_control(MODEL, additionalProperties=False, required=["Size"])
    assert cc.update_refused(operation) == f"ValidationException: {refusal}"


def test_a_patch_to_something_else_than_an_object_is_refused(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, readOnlyProperties=[])
    assert cc.update_refused({"op": "replace", "path": "", "value": []}) == (
        "ValidationException: Model validation failed "
        "(#: expected type: JSONObject, found: JSONArray)"
    )


def test_a_patch_is_looked_at_before_the_type(cloud_control: Make) -> None:
    cc = cloud_control()
    refused = cc.refused(
        "UpdateResource", TypeName="Acme::Toys::Other", Identifier="x", PatchDocument="{"
    )
    assert refused == "ValidationException: Invalid JSON Patch payload (not a JSON document)"


def test_a_failed_update_undoes_nothing(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, failed("NotUpdatable", "No."))
    last = cc.ended(cc.update("arn:thing", SIZE_2))
    assert (last["OperationStatus"], last["ErrorCode"]) == ("FAILED", "NotUpdatable")
    assert (last["Identifier"], last["StatusMessage"]) == ("arn:thing", "No.")
    assert cc.handlers.all_answered()


def test_a_delete_knows_the_identifier_alone(cloud_control: Make) -> None:
    cc = cloud_control(success(), failed("NotFound", "Gone."))
    event = cc.begin("DeleteResource", Identifier='{"Arn": "arn:thing"}')
    assert (event["Operation"], event["Identifier"]) == ("DELETE", "arn:thing")
    assert cc.ended(event)["OperationStatus"] == "SUCCESS"
    [invoked] = cc.handlers.events
    assert invoked["action"] == "DELETE"
    assert invoked["requestData"]["resourceProperties"] == {"Arn": "arn:thing"}


# --- types ----------------------------------------------------------------------------------------

EVERY = [
    ("CreateResource", {"DesiredState": "{}"}),
    ("GetResource", {"Identifier": "x"}),
    ("ListResources", {}),
    ("UpdateResource", {"Identifier": "x", "PatchDocument": "[]"}),
    ("DeleteResource", {"Identifier": "x"}),
]


@pytest.mark.parametrize(("operation", "request_"), EVERY)
def test_unknown_types_and_types_that_are_not_hosted_are_refused(
    cloud_control: Make, operation: str, request_: Any
) -> None:
    cc = cloud_control()
    assert cc.refused(operation, **request_, TypeName="Acme::Toys::Other") == (
        "TypeNotFoundException: The type 'Acme::Toys::Other' cannot be found."
    )
    assert cc.refused(operation, **request_, TypeName="AWS::S3::Bucket") == (
        "UnsupportedActionException: The resource AWS::S3::Bucket is not yet supported via "
        "Cloud Control API"
    )
    assert cc.refused(operation, **request_, TypeVersionId="00000009") == (
        "TypeNotFoundException: The type 'Acme::Toys::Thing 00000009' cannot be found."
    )


@pytest.mark.parametrize(("operation", "request_"), EVERY)
def test_an_unknown_version_of_a_hosted_type_cannot_be_found_under_awss_name_either(
    cloud_control: Make, operation: str, request_: Any
) -> None:
    cc = cloud_control(typeName="AWS::Toys::Thing")
    assert cc.refused(operation, **request_, TypeVersionId="00000009") == (
        "TypeNotFoundException: The type 'AWS::Toys::Thing 00000009' cannot be found."
    )


@pytest.mark.parametrize(("operation", "request_"), EVERY)
def test_a_type_without_the_handler_is_refused(
    cloud_control: Make, operation: str, request_: Any
) -> None:
    action = {"Get": "READ"}.get(name := operation.removesuffix("s").removesuffix("Resource"), name)
    cc = cloud_control(handlers={})
    code = "PrivateTypeException" if action == "List" else "UnsupportedActionException"
    assert cc.refused(operation, **request_) == (
        f"{code}: Resource type Acme::Toys::Thing does not support {action.upper()} action"
    )


def test_a_type_of_aws_that_cannot_be_listed_gets_another_error(cloud_control: Make) -> None:
    cc = cloud_control(handlers={}, typeName="AWS::Toys::Thing")
    assert cc.refused("ListResources") == (
        "UnsupportedActionException: Resource type AWS::Toys::Thing does not support LIST action"
    )


# --- credentials ----------------------------------------------------------------------------------


def callers(events: list[Any]) -> list[Any]:
    return [event["requestData"]["callerCredentials"] for event in events]


def test_handlers_get_the_callers_own_keys(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, MODEL, success(resourceModels=[]))
    cc.ended(cc.create({}))
    cc("GetResource", Identifier="arn:thing")
    cc("ListResources")
    keys = callers(cc.handlers.events)
    assert keys[0]["secretAccessKey"]
    shown = {"accessKeyId": "AKIACALLER", "sessionToken": "session"}
    assert keys == [{**shown, "secretAccessKey": keys[0]["secretAccessKey"]}] * 3


def test_keys_that_the_sandbox_issued_come_with_their_secret(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, MODEL)
    iam = iam_backends[cc.place.account_id]["aws"]
    iam.create_user("us-east-1", "someone")
    key = iam.create_access_key("someone")
    cc.caller = Caller(*cc.place[:2], key.access_key_id)
    cc("GetResource", Identifier="arn:thing")
    session = credentials.of_role(cc.place, cc.place.role_arn("deployer"))
    cc.caller = Caller(*cc.place[:2], session["accessKeyId"], session["sessionToken"])
    cc("GetResource", Identifier="arn:thing")
    own = {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}
    assert callers(cc.handlers.events) == [own, session]


def test_a_role_in_the_request_is_assumed(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, MODEL, MODEL, success(), MODEL)
    role = cc.place.role_arn("deployer")
    cc.ended(cc.create({}, RoleArn=role))
    cc.ended(cc.update("arn:thing", RoleArn=role))
    cc.ended(cc.begin("DeleteResource", Identifier="arn:thing", RoleArn=role))
    cc("GetResource", Identifier="arn:thing", RoleArn=role)
    assert callers(cc.handlers.events) == [credentials.of_role(cc.place, role)] * 5


@pytest.mark.parametrize(("operation", "request_"), EVERY)
def test_a_role_that_is_none_of_the_account_is_refused(
    cloud_control: Make, operation: str, request_: Any
) -> None:
    cc = cloud_control()
    own = cc.place.role_arn("deployer")
    for foreign in (
        own.replace(cc.place.account_id, "999999999999"),
        own.replace("arn:aws:", "arn:aws-cn:"),
    ):
        assert cc.refused(operation, **request_, RoleArn=foreign) == (
            "AccessDeniedException: Cross-account pass role is not allowed."
        )
    for malformed in (f"{own} it", own.replace("arn:aws:", "arn:other:")):
        assert cc.refused(operation, **request_, RoleArn=malformed) == (
            f"ValidationException: {malformed} is not a valid RoleArn"
        )


def test_the_execution_role_of_a_registered_type_is_assumed_whatever_the_request_names(
    cloud_control: Make,
) -> None:
    cc = cloud_control(MODEL, MODEL)
    role = cc.place.role_arn("execution")
    hosted = cc.handlers.hosted
    cc.handlers.hosted = HostedType(hosted.schema, hosted.invoke, execution_role_arn=role)
    cc("GetResource", Identifier="arn:thing", RoleArn=cc.place.role_arn("deployer"))
    cc("GetResource", Identifier="arn:thing")
    assert callers(cc.handlers.events) == [credentials.of_role(cc.place, role)] * 2


# --- requests -------------------------------------------------------------------------------------


def test_the_same_request_with_the_same_client_token_is_not_carried_out_again(
    cloud_control: Make,
) -> None:
    cc = cloud_control(MODEL, MODEL, MODEL, success())
    first = cc.ended(cc.create({"Size": 1}, ClientToken="mine"))
    assert cc.create({"Size": 1}, ClientToken="mine") == first
    patch = {"op": "test", "path": "/Size", "value": 1}
    # Once it is updated, its own test would fail.
    updated = cc.ended(cc.update("arn:thing", patch, SIZE_2, ClientToken="my-update"))
    assert cc.update("arn:thing", patch, SIZE_2, ClientToken="my-update") == updated
    deleted = cc.ended(cc.begin("DeleteResource", Identifier="arn:thing", ClientToken="my-delete"))
    again = cc.begin("DeleteResource", Identifier="arn:thing", ClientToken="my-delete")
    assert again == deleted
    assert cc.handlers.all_answered()


@pytest.mark.parametrize(("operation", "request_"), [EVERY[0], EVERY[3], EVERY[4]])
def test_another_request_with_the_same_client_token_is_a_conflict(
    cloud_control: Make, operation: str, request_: Any
) -> None:
    cc = cloud_control(MODEL, MODEL)
    first = cc.ended(cc.create({"Size": 1}, ClientToken="mine"))
    assert cc.refused(operation, **request_, ClientToken="mine") == (
        "ClientTokenConflictException: ClientToken mine is already associated with an existing "
        f"operation with RequestToken {first['RequestToken']}"
    )


def test_a_resource_has_one_operation_at_a_time(
    cloud_control: Make, go_on: threading.Event
) -> None:
    cc = cloud_control(held_until(go_on, success()), success(), failed("NotFound"))
    running = cc.begin("DeleteResource", Identifier="arn:thing")
    for operation, request_ in (EVERY[3], EVERY[4]):
        refused = cc.refused(operation, **{**request_, "Identifier": "arn:thing"})
        assert refused.startswith("ConcurrentOperationException: ")
        assert f"RequestToken {running['RequestToken']}" in refused
    # Another resource is not concerned, and neither is this one once the operation has ended.
    other = cc.ended(cc.begin("DeleteResource", Identifier="arn:other"))
    assert other["OperationStatus"] == "SUCCESS"
    go_on.set()
    cc.ended(running)
    assert cc.ended(cc.begin("DeleteResource", Identifier="arn:thing"))["ErrorCode"] == "NotFound"


def test_an_update_that_begins_while_another_one_is_decided_on_is_not_lost(
    cloud_control: Make, go_on: threading.Event
) -> None:
    # Both read before either updates. The second must not patch what the first has read.
    both_asked = threading.Event()

    def read_once_both_asked() -> Any:
        assert both_asked.wait(10)
        time.sleep(0.05)
        return MODEL

    cc = cloud_control(read_once_both_asked, held_until(go_on, MODEL))

    def update() -> str:
        return str(cc.update("arn:thing", SIZE_2)["OperationStatus"])

    outcomes = outcomes_of([update] * 2, both_asked)
    assert sorted(outcomes) == ["ConcurrentOperationException", "IN_PROGRESS"]


def outcomes_of(calls: list[Callable[[], str]], started: threading.Event) -> list[str]:
    """What calls in threads of their own return, or the codes of the errors that they raise."""
    outcomes: list[str] = []

    def run(call: Callable[[], str]) -> None:
        try:
            outcomes.append(call())
        except ServiceError as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    started.set()
    for thread in threads:
        thread.join(10)
    return outcomes


def test_simultaneous_updates_with_the_same_client_token_are_one_request(
    cloud_control: Make, go_on: threading.Event
) -> None:
    all_asked = threading.Event()

    def read_once_all_asked() -> Any:
        assert all_asked.wait(10)
        time.sleep(0.05)
        return MODEL

    cc = cloud_control(read_once_all_asked, held_until(go_on, MODEL), MODEL, MODEL)

    def update() -> str:
        return str(cc.update("arn:thing", SIZE_2, ClientToken="mine")["RequestToken"])

    tokens = outcomes_of([update] * 4, all_asked)
    assert len(tokens) == 4
    assert len(set(tokens)) == 1
    go_on.set()
    assert cc.status(tokens[0])["OperationStatus"] == "SUCCESS"
    assert len(cc.handlers.events) == 2
    # Nothing of it is in the way of the next update.
    assert cc.ended(cc.update("arn:thing", SIZE_2))["OperationStatus"] == "SUCCESS"


def test_a_create_whose_identifier_is_known_counts_as_an_operation_on_it(
    cloud_control: Make, go_on: threading.Event
) -> None:
    cc = cloud_control(in_progress(THING), held_until(go_on, MODEL), longest_hold=0.05)
    event = cc.create({"Size": 1})
    while "Identifier" not in cc.status(event["RequestToken"]):
        time.sleep(0.01)
    refused = cc.refused("DeleteResource", Identifier="arn:thing")
    assert f"RequestToken {event['RequestToken']}" in refused


def test_retry_after_tells_when_the_handler_is_invoked_again(
    cloud_control: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    cc = cloud_control(in_progress(THING, callbackDelaySeconds=600), longest_hold=0.05)
    monkeypatch.setattr(PROCESS, "timing", Timing())
    event = cc.create({})
    while "RetryAfter" not in (seen := cc.status(event["RequestToken"])):
        time.sleep(0.01)
    assert 590 < seen["RetryAfter"] - time.time() <= 600
    [listed] = cc("ListResourceRequests")["ResourceRequestStatusSummaries"]
    assert listed == seen
    cc("CancelResourceRequest", RequestToken=event["RequestToken"])
    assert "RetryAfter" not in cc.status(event["RequestToken"])


def test_there_is_no_retry_after_if_no_handler_asked_for_it_or_once_it_is_cancelled(
    cloud_control: Make, go_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_an_error = cloud_control(failed("Throttling"), longest_hold=0.05)
    asked_for = cloud_control(
        held_until(go_on, in_progress(THING, callbackDelaySeconds=600)), longest_hold=0.05
    )
    monkeypatch.setattr(PROCESS, "timing", Timing(first_delay=600))
    waiting = after_an_error.create({})
    while not after_an_error.handlers.all_answered():
        time.sleep(0.01)
    assert "RetryAfter" not in after_an_error.status(waiting["RequestToken"])
    after_an_error("CancelResourceRequest", RequestToken=waiting["RequestToken"])

    event = asked_for.create({})
    asked_for("CancelResourceRequest", RequestToken=event["RequestToken"])
    go_on.set()
    while (seen := asked_for.status(event["RequestToken"]))["OperationStatus"] != "CANCEL_COMPLETE":
        assert "RetryAfter" not in seen


def test_a_cancel_stops_further_invocations_and_undoes_nothing(
    cloud_control: Make, go_on: threading.Event
) -> None:
    cc = cloud_control(held_until(go_on, in_progress(THING)), longest_hold=0.05)
    token = cc.create({})["RequestToken"]
    cancelled = cc("CancelResourceRequest", RequestToken=token)["ProgressEvent"]
    assert (cancelled["RequestToken"], cancelled["OperationStatus"]) == (
        token,
        "CANCEL_IN_PROGRESS",
    )
    assert cc.status(token)["OperationStatus"] == "CANCEL_IN_PROGRESS"
    go_on.set()
    while (last := cc.status(token))["OperationStatus"] == "CANCEL_IN_PROGRESS":
        time.sleep(0.01)
    # The resource may exist, and its identifier says which it is.
    assert (last["OperationStatus"], last["Identifier"]) == ("CANCEL_COMPLETE", "arn:thing")
    assert len(cc.handlers.events) == 1
    # To cancel it once more changes nothing.
    assert cc("CancelResourceRequest", RequestToken=token)["ProgressEvent"] == last


@pytest.mark.parametrize("answer", [MODEL, failed("InvalidRequest")])
def test_what_ends_after_a_cancel_is_cancelled_however_it_ended(
    cloud_control: Make, go_on: threading.Event, answer: Any
) -> None:
    cc = cloud_control(held_until(go_on, answer))
    token = cc.create({})["RequestToken"]
    cc("CancelResourceRequest", RequestToken=token)
    go_on.set()
    last = cc.status(token)
    assert last["OperationStatus"] == "CANCEL_COMPLETE"
    assert last.get("Identifier") == ("arn:thing" if answer is MODEL else None)


def test_what_has_ended_cannot_be_cancelled(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, failed("InvalidRequest"))
    for status in ("SUCCESS", "FAILED"):
        token = cc.ended(cc.create({}))["RequestToken"]
        assert cc.refused("CancelResourceRequest", RequestToken=token) == (
            f"ValidationException: Request {token} is already in status {status}"
        )


@pytest.mark.parametrize("operation", ["GetResourceRequestStatus", "CancelResourceRequest"])
def test_an_unknown_token_is_refused(cloud_control: Make, operation: str) -> None:
    cc = cloud_control()
    assert cc.refused(operation, RequestToken="made-up") == (
        "RequestTokenNotFoundException: Request with token made-up was not found"
    )


def test_requests_of_other_accounts_and_regions_are_not_shown(cloud_control: Make) -> None:
    cc, other = cloud_control(MODEL), cloud_control()
    token = cc.ended(cc.create({}))["RequestToken"]
    assert "was not found" in other.refused("GetResourceRequestStatus", RequestToken=token)
    cc.caller = Caller(cc.place.account_id, "us-west-2")
    assert "was not found" in cc.refused("GetResourceRequestStatus", RequestToken=token)
    assert cc("ListResourceRequests") == {"ResourceRequestStatusSummaries": []}


def test_a_list_of_requests_has_filters_and_pages(cloud_control: Make) -> None:
    cc = cloud_control(MODEL, success(), success())
    created = cc.ended(cc.create({}))
    deleted = [
        cc.ended(cc.begin("DeleteResource", Identifier=name)) for name in ("arn:a", "arn:b")
    ][::-1]
    assert cc("ListResourceRequests")["ResourceRequestStatusSummaries"] == [*deleted, created]
    of_deletes = {"Operations": ["DELETE"], "OperationStatuses": ["SUCCESS"]}
    page = cc("ListResourceRequests", MaxResults=1, ResourceRequestStatusFilter=of_deletes)
    assert page["ResourceRequestStatusSummaries"] == deleted[:1]
    last = cc(
        "ListResourceRequests",
        MaxResults=1,
        ResourceRequestStatusFilter=of_deletes,
        NextToken=page["NextToken"],
    )
    assert last == {"ResourceRequestStatusSummaries": deleted[1:]}
    none = {"OperationStatuses": ["FAILED"]}
    assert cc("ListResourceRequests", ResourceRequestStatusFilter=none) == {
        "ResourceRequestStatusSummaries": []
    }


def test_a_status_is_held_while_the_request_runs_and_no_longer_than_that(
    cloud_control: Make, go_on: threading.Event
) -> None:
    cc = cloud_control(held_until(go_on, MODEL), longest_hold=0.2)
    event = cc.create({})
    started = time.monotonic()
    assert cc.status(event["RequestToken"])["OperationStatus"] == "IN_PROGRESS"
    assert time.monotonic() - started >= 0.2
    go_on.set()
    assert cc.ended(event)["OperationStatus"] == "SUCCESS"


def test_a_region_that_aws_does_not_have_is_refused(cloud_control: Make) -> None:
    cc = cloud_control()
    cc.caller = Caller(cc.place.account_id, "narnia-1")
    assert "no region 'narnia-1'" in cc.refused("ListResources")


def test_what_the_model_of_the_api_forbids_is_refused(cloud_control: Make) -> None:
    cc = cloud_control()
    assert cc.refused("GetResource").startswith(
        "ValidationException: 1 validation error detected: Value null at 'identifier'"
    )
    four_parts = cc.refused("ListResources", TypeName="Acme::Toys::Thing::MODULE")
    assert "at 'typeName' failed to satisfy constraint" in four_parts
