"""Create, read, update, delete and list, through the entry point that CloudFormation calls."""

import copy
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cloudformation_cli_python_lib.interface import Action
from werkzeug.wrappers import Response

from aws_sagemaker_modelqualityjobdefinition import handlers, translation
from tests.sandbox.document_harness import Document
from tests.unit.provider_harness import (
    ACCOUNT,
    BATCH,
    MINIMUM,
    REGION,
    Provider,
    error,
)

CREATE = "CreateModelQualityJobDefinition"
DESCRIBE = "DescribeModelQualityJobDefinition"
DELETE = "DeleteModelQualityJobDefinition"
LIST = "ListModelQualityJobDefinitions"


def test_what_handlers_know_of_the_schema_is_what_it_says() -> None:
    schema = json.loads(Path("aws-sagemaker-modelqualityjobdefinition.json").read_text("utf-8"))

    def names(kind: str) -> set[str]:
        return {pointer.removeprefix("/properties/") for pointer in schema[kind]}

    assert schema["typeName"] == handlers.TYPE_NAME
    assert names("createOnlyProperties") == set(handlers.CREATE_ONLY)
    assert names("readOnlyProperties") == set(handlers.READ_ONLY)
    not_in_request = names("readOnlyProperties") | names("writeOnlyProperties")
    assert not_in_request == set(translation.NOT_IN_REQUEST)


def listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def shown(model: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in model.get("Tags", [])}


class TestCreate:
    def test_sends_what_the_template_says_and_nothing_else(self, provider: Provider) -> None:
        model = provider.created({**BATCH, "EndpointName": "churn"})
        assert provider.aws.requests(CREATE) == [
            {**BATCH, "JobDefinitionName": model["JobDefinitionName"]}
        ]

    def test_ends_with_the_resource_as_sagemaker_holds_it(self, provider: Provider) -> None:
        model = provider.created({**MINIMUM, "EndpointName": "churn"})
        name = model["JobDefinitionName"]
        assert re.fullmatch(r"churn-jobdefinition-[0-9a-f]{16}", name)
        assert model["JobDefinitionArn"] == (
            f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/{name}"
        )
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", model["CreationTime"])
        assert model["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
        assert "EndpointName" not in model
        assert "Tags" not in model
        assert (
            model
            == provider("READ", {"JobDefinitionArn": model["JobDefinitionArn"]})["resourceModel"]
        )

    def test_puts_the_resources_tags_over_the_stacks(self, provider: Provider) -> None:
        own = listed({"team": "fraud", "empty": ""})
        model = provider.created(
            {**MINIMUM, "Tags": own}, tags={"team": "platform", "stage": "prod", "AWS:x": "y"}
        )
        assert shown(model) == {"team": "fraud", "empty": "", "stage": "prod"}

    def test_gives_the_name_that_the_template_gives(self, provider: Provider) -> None:
        model = provider.created({**MINIMUM, "JobDefinitionName": "Churn-Given"})
        assert model["JobDefinitionName"] == "Churn-Given"
        assert provider.aws.operations[:2] == [DESCRIBE, CREATE]

    def test_answers_the_same_token_with_the_same_definition(self, provider: Provider) -> None:
        first = provider.created(token="one")
        assert provider.created(token="one") == first
        assert provider.created(token="two") != first

    @pytest.mark.parametrize("other", ["taken", "TAKEN"])
    def test_leaves_a_definition_of_that_name_alone(self, provider: Provider, other: str) -> None:
        name = f"{other}-by-another"
        provider("CREATE", {**MINIMUM, "JobDefinitionName": "taken-by-another"})
        provider.aws.reset()
        answer = provider("CREATE", {**MINIMUM, "JobDefinitionName": name})
        assert answer["errorCode"] == "AlreadyExists"
        assert f"'{name}'" in answer["message"]
        assert "leave it out" in answer["message"]
        assert "resourceModel" not in answer
        assert provider.aws.operations == [DESCRIBE]

    def test_does_not_take_over_a_name_that_another_took_since(self, provider: Provider) -> None:
        provider.aws.answer(CREATE, error("ResourceInUse"))
        answer = provider("CREATE", {**MINIMUM, "JobDefinitionName": "between"})
        assert answer["errorCode"] == "AlreadyExists"
        assert "resourceModel" not in answer

    @pytest.mark.parametrize("name", [None, "Given"])
    @pytest.mark.parametrize("done", [True, False])
    def test_settles_an_answer_that_was_lost(
        self, provider: Provider, name: str | None, done: bool
    ) -> None:
        properties = copy.deepcopy(MINIMUM)
        if name:
            properties["JobDefinitionName"] = f"Lost-{name}-{done}"
        lost = error("InternalFailure", "lost", status=500)
        provider.aws.answer(CREATE, lost, after_the_work=done)
        token = f"{name}{done}"
        waiting = provider("CREATE", properties, token=token)
        assert waiting["status"] == "IN_PROGRESS"
        assert waiting["callbackDelaySeconds"] > 0
        ended = provider(
            "CREATE", waiting["resourceModel"], context=waiting["callbackContext"], token=token
        )
        assert ended["status"] == "SUCCESS"
        identifier = ended["resourceModel"]["JobDefinitionArn"]
        assert waiting["resourceModel"]["JobDefinitionArn"] == identifier
        page = provider("LIST")["resourceModels"]
        assert [model["JobDefinitionArn"].lower() for model in page].count(identifier.lower()) == 1

    def test_waits_for_a_role_that_iam_has_not_spread(self, provider: Provider) -> None:
        refusal = error("ValidationException", "Could not assume role arn:aws:iam::1:role/monitor")
        provider.aws.answer(CREATE, refusal)
        properties = {**MINIMUM, "EndpointName": "churn"}
        waiting = provider("CREATE", properties, token="role")
        assert waiting["status"] == "IN_PROGRESS"
        assert waiting["resourceModel"]["EndpointName"] == "churn"
        assert waiting["resourceModel"]["JobDefinitionArn"]
        more = {"context": waiting["callbackContext"], "token": "role"}
        ended = provider("CREATE", waiting["resourceModel"], **more)
        assert ended["status"] == "SUCCESS"
        assert "EndpointName" not in ended["resourceModel"]

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({}, "SUCCESS"),
            ({"attempts": 1.0}, "SUCCESS"),  # so a writer of JSON may write 1
            ({"attempts": 1.5}, "FAILED"),
            ({"attempts": -1}, "FAILED"),
            ({"attempts": "1"}, "FAILED"),
            ({"started": "today"}, "FAILED"),
            ({"done": 2}, "FAILED"),
            ({"of another version": 1}, "SUCCESS"),
        ],
    )
    def test_goes_on_from_a_context_that_it_left_and_no_other(
        self, provider: Provider, change: dict[str, Any], status: str
    ) -> None:
        provider.aws.answer(CREATE, error("ValidationException", "Could not assume role"))
        token = f"context {change}"
        waiting = provider("CREATE", MINIMUM, token=token)
        context = {**waiting["callbackContext"], **change}
        answer = provider("CREATE", waiting["resourceModel"], context=context, token=token)
        assert answer["status"] == status
        if status == "FAILED":
            assert answer["errorCode"] == "InvalidRequest"
            assert f"callbackContext's {next(iter(change))}" in answer["message"]

    def test_gives_up_on_a_role_with_the_services_own_words(self, provider: Provider) -> None:
        refusal = error("ValidationException", "Could not assume role arn:aws:iam::1:role/monitor")
        provider.aws.answer(CREATE, refusal)
        answer = provider("CREATE", MINIMUM, context={"attempts": 9, "started": 0.0})
        assert (answer["status"], answer["errorCode"]) == ("FAILED", "InvalidRequest")
        assert "Could not assume role" in answer["message"]
        assert "resourceModel" not in answer

    def test_waits_for_sagemaker_to_show_what_it_made(self, provider: Provider) -> None:
        provider.aws.answer(DESCRIBE, error("ResourceNotFound"))
        waiting = provider("CREATE", MINIMUM, token="late")
        assert waiting["status"] == "IN_PROGRESS"
        more = {"context": waiting["callbackContext"], "token": "late"}
        assert provider("CREATE", waiting["resourceModel"], **more)["status"] == "SUCCESS"
        assert provider.aws.operations.count(CREATE) == 1

    @pytest.mark.parametrize(
        ("refusal", "code"),
        [("AccessDeniedException", "AccessDenied"), ("ThrottlingException", "NotStabilized")],
    )
    def test_names_what_it_made_in_every_later_failure(
        self, provider: Provider, refusal: str, code: str
    ) -> None:
        provider.aws.answer(DESCRIBE, error("ResourceNotFound"), *[error(refusal)] * 2)
        waiting = provider("CREATE", MINIMUM, token=refusal)
        expired = {**waiting["callbackContext"], "started": 0.0}
        answer = provider("CREATE", waiting["resourceModel"], context=expired, token=refusal)
        assert (answer["status"], answer["errorCode"]) == ("FAILED", code)
        arn = answer["resourceModel"]["JobDefinitionArn"]
        provider.aws.reset()
        assert provider("DELETE", {"JobDefinitionArn": arn})["status"] == "SUCCESS"

    def test_names_what_it_made_even_where_the_service_answers_nonsense(
        self, provider: Provider
    ) -> None:
        nonsense = json.dumps({"JobDefinitionArn": "x", "JobDefinitionName": "y"})
        provider.aws.answer(DESCRIBE, partial(Response, nonsense))
        answer = provider("CREATE", MINIMUM)
        assert (answer["status"], answer["errorCode"]) == ("FAILED", "InternalFailure")
        assert "KeyError in the CREATE handler, translation.py" in answer["message"]
        arn = answer["resourceModel"]["JobDefinitionArn"]
        assert provider("DELETE", {"JobDefinitionArn": arn})["status"] == "SUCCESS"

    @pytest.mark.parametrize("name", ["JobDefinitionArn", "CreationTime"])
    def test_refuses_a_read_only_property(self, provider: Provider, name: str) -> None:
        answer = provider("CREATE", {**MINIMUM, name: "x"})
        assert answer["errorCode"] == "InvalidRequest"
        assert name in answer["message"]
        assert provider.aws.operations == []


class TestRead:
    def test_gives_tags_of_all_pages_and_none_of_aws(self, provider: Provider) -> None:
        tags = {f"key-{number:02}": str(number) for number in range(49)}
        model = provider.created({**MINIMUM, "Tags": listed(tags)})
        pages = [
            {"Tags": listed({"aws:cloudformation:stack-name": "s"}), "NextToken": "2"},
            {"Tags": listed(tags)},
        ]
        provider.aws.answer("ListTags", *[partial(Response, json.dumps(page)) for page in pages])
        answer = provider("READ", {"JobDefinitionArn": model["JobDefinitionArn"]})
        assert shown(answer["resourceModel"]) == tags
        assert [request.get("NextToken") for request in provider.aws.requests("ListTags")][-2:] == [
            None,
            "2",
        ]

    def test_answers_with_the_identifier_that_it_was_asked_for(self, provider: Provider) -> None:
        arn = provider.created({**MINIMUM, "JobDefinitionName": "Mixed-Case"})["JobDefinitionArn"]
        answer = provider("READ", {"JobDefinitionArn": arn.lower()})
        assert answer["resourceModel"]["JobDefinitionArn"] == arn.lower()
        assert answer["resourceModel"]["JobDefinitionName"] == "Mixed-Case"

    @pytest.mark.parametrize("action", ["READ", "UPDATE", "DELETE"])
    @pytest.mark.parametrize(
        "identifier",
        [
            None,
            "",
            "churn",
            f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:data-quality-job-definition/churn",
            f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-quality-job-definition/there",
            f"arn:aws:sagemaker:{REGION}:999999999999:model-quality-job-definition/there",
            f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/missing",
        ],
    )
    def test_what_does_not_exist_here_is_not_found(
        self, provider: Provider, action: str, identifier: str | None
    ) -> None:
        provider("CREATE", {**MINIMUM, "JobDefinitionName": "there"})
        answer = provider(action, {"JobDefinitionArn": identifier}, {})
        assert (answer["status"], answer["errorCode"]) == ("FAILED", "NotFound")
        assert answer["message"]


class TestUpdate:
    def update(
        self, provider: Provider, before: dict[str, str], after: dict[str, str], **stack: Any
    ) -> dict[str, Any]:
        model = provider.created(
            {**MINIMUM, "Tags": listed(before)}, tags=stack.get("previous_tags")
        )
        provider.aws.reset()
        answer = provider(
            "UPDATE",
            {**MINIMUM, "JobDefinitionArn": model["JobDefinitionArn"], "Tags": listed(after)},
            {**MINIMUM, "JobDefinitionArn": model["JobDefinitionArn"], "Tags": listed(before)},
            **stack,
        )
        assert answer["status"] == "SUCCESS", answer
        read: dict[str, Any] = provider("READ", {"JobDefinitionArn": model["JobDefinitionArn"]})[
            "resourceModel"
        ]
        assert {**read, "Tags": read.get("Tags", [])} == answer["resourceModel"]
        return read

    def test_changes_tags_in_place(self, provider: Provider) -> None:
        read = self.update(provider, {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "x", "d": ""})
        assert shown(read) == {"a": "1", "b": "x", "d": ""}
        assert provider.aws.operations == [
            *(DESCRIBE, "ListTags", "DeleteTags", "AddTags"),
            *(DESCRIBE, "ListTags"),
        ]
        assert provider.aws.requests("DeleteTags")[0]["TagKeys"] == ["c"]
        assert provider.aws.requests("AddTags")[0]["Tags"] == listed({"b": "x", "d": ""})

    def test_follows_a_change_of_the_stacks_tags_alone(self, provider: Provider) -> None:
        stack = {"previous_tags": {"stage": "dev", "old": "1"}, "tags": {"stage": "prod"}}
        read = self.update(provider, {"a": "1"}, {"a": "1"}, **stack)
        assert shown(read) == {"a": "1", "stage": "prod"}

    def test_writes_nothing_where_nothing_differs(self, provider: Provider) -> None:
        self.update(provider, {"a": "1"}, {"a": "1"}, tags={"s": "1"}, previous_tags={"s": "1"})
        assert set(provider.aws.operations) == {DESCRIBE, "ListTags"}

    def test_leaves_the_tags_of_others(self, provider: Provider) -> None:
        arn = provider.created({**MINIMUM, "Tags": listed({"theirs": "1"})})["JobDefinitionArn"]
        mine = {**MINIMUM, "JobDefinitionArn": arn}
        answer = provider("UPDATE", {**mine, "Tags": listed({"mine": "2"})}, mine)
        assert shown(answer["resourceModel"]) == {"theirs": "1", "mine": "2"}

    def test_makes_room_before_it_fills_it(self, provider: Provider) -> None:
        before = {f"old-{number}": "" for number in range(50)}
        after = {f"new-{number}": "" for number in range(50)}
        assert shown(self.update(provider, before, after)) == after

    def test_of_the_endpoint_name_writes_nothing(self, provider: Provider) -> None:
        model = provider.created({**MINIMUM, "EndpointName": "one"})
        provider.aws.reset()
        after = {**MINIMUM, "EndpointName": "two", "JobDefinitionArn": model["JobDefinitionArn"]}
        answer = provider("UPDATE", after, {**after, "EndpointName": "one"})
        assert answer["resourceModel"] == model
        assert set(provider.aws.operations) == {DESCRIBE, "ListTags"}

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/other"}, "RoleArn"),
            ({"JobDefinitionName": "other"}, "JobDefinitionName"),
            ({"NetworkConfig": {"EnableNetworkIsolation": True}}, "NetworkConfig"),
            ({"StoppingCondition": {"MaxRuntimeInSeconds": 60}}, "StoppingCondition"),
            (
                {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/other", "ModelQualityBaselineConfig": {}},
                "ModelQualityBaselineConfig, RoleArn",
            ),
        ],
    )
    def test_names_a_create_only_property_that_is_to_change(
        self, provider: Provider, change: dict[str, Any], named: str
    ) -> None:
        before = {**MINIMUM, "JobDefinitionArn": provider.created()["JobDefinitionArn"]}
        provider.aws.reset()
        answer = provider("UPDATE", {**before, **change, "Tags": listed({"a": "b"})}, before)
        assert answer["errorCode"] == "NotUpdatable"
        assert answer["message"].startswith(f"{named}: create-only")
        assert "AddTags" not in provider.aws.operations

    @pytest.mark.parametrize("previous", ["the template's", "as read", None])
    def test_takes_a_default_that_sagemaker_filled_in_for_no_change(
        self, provider: Provider, previous: str | None
    ) -> None:
        model = provider.created({**BATCH, "JobDefinitionName": f"Defaults-{len(previous or '')}"})
        stated = {**BATCH, "JobDefinitionArn": model["JobDefinitionArn"]}
        before = {"the template's": stated, "as read": model}.get(previous or "")
        assert provider("UPDATE", stated, before)["status"] == "SUCCESS"
        assert provider("UPDATE", model, before)["status"] == "SUCCESS"


class TestDelete:
    def test_ends_with_no_resource_and_no_model(self, provider: Provider) -> None:
        arn = provider.created()["JobDefinitionArn"]
        answer = provider("DELETE", {"JobDefinitionArn": arn})
        assert answer["status"] == "SUCCESS"
        assert "resourceModel" not in answer
        assert provider("READ", {"JobDefinitionArn": arn})["errorCode"] == "NotFound"

    def test_waits_until_sagemaker_no_longer_shows_it(self, provider: Provider) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DELETE, partial(Response, "{}"))
        waiting = provider("DELETE", {"JobDefinitionArn": arn})
        assert waiting["status"] == "IN_PROGRESS"
        assert waiting["resourceModel"]["JobDefinitionArn"] == arn
        # Somebody else's delete; SageMaker's own would show at last in the same way.
        provider("DELETE", {"JobDefinitionArn": arn})
        context = waiting["callbackContext"]
        assert provider("DELETE", waiting["resourceModel"], context=context)["status"] == "SUCCESS"

    @pytest.mark.parametrize("done", [True, False])
    def test_settles_an_answer_that_was_lost(self, provider: Provider, done: bool) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DELETE, error("InternalFailure", status=500), after_the_work=done)
        waiting = provider("DELETE", {"JobDefinitionArn": arn})
        assert waiting["status"] == "IN_PROGRESS"
        context = waiting["callbackContext"]
        assert provider("DELETE", waiting["resourceModel"], context=context)["status"] == "SUCCESS"

    def test_without_an_arn_leaves_what_stood_before_a_failed_create(
        self, provider: Provider
    ) -> None:
        # After AlreadyExists a rollback has called the delete handler all the same, with what the
        # template says (cloudformation-cli-python-plugin issue 61).
        before = provider.created({**MINIMUM, "JobDefinitionName": "stood-before"})
        template = {**MINIMUM, "JobDefinitionName": "stood-before"}
        assert provider("CREATE", template)["errorCode"] == "AlreadyExists"
        provider.aws.reset()
        assert provider("DELETE", template)["errorCode"] == "NotFound"
        assert provider.aws.operations == []
        read = provider("READ", {"JobDefinitionArn": before["JobDefinitionArn"]})
        assert read["resourceModel"] == before

    def test_of_a_definition_in_use_is_a_conflict(self, provider: Provider) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DELETE, error("ResourceInUse", "used by schedule hourly"))
        answer = provider("DELETE", {"JobDefinitionArn": arn})
        assert answer["errorCode"] == "ResourceConflict"
        assert "used by schedule hourly" in answer["message"]


class TestList:
    def test_follows_the_page_token_to_the_end(self, provider: Provider) -> None:
        made = {
            provider.created({**MINIMUM, "JobDefinitionName": f"page-{number:03}"})[
                "JobDefinitionArn"
            ]
            for number in range(101)
        }
        provider.aws.reset()
        first = provider("LIST")
        assert len(first["resourceModels"]) == 100
        seen = list(first["resourceModels"])
        token = first["nextToken"]
        while token:
            page = provider("LIST", next_token=token)
            seen += page["resourceModels"]
            token = page.get("nextToken")
        arns = [model["JobDefinitionArn"] for model in seen]
        assert made <= set(arns)
        assert len(arns) == len(set(arns))
        assert set(provider.aws.operations) == {LIST}
        assert all(request["MaxResults"] == 100 for request in provider.aws.requests(LIST))

    def test_gives_identifier_name_and_time_alone(self, provider: Provider) -> None:
        provider.created()
        for model in provider("LIST")["resourceModels"]:
            assert set(model) == {"JobDefinitionArn", "JobDefinitionName", "CreationTime"}

    def test_filters_by_the_endpoint(self, provider: Provider) -> None:
        properties = copy.deepcopy(MINIMUM)
        properties["ModelQualityJobInput"]["EndpointInput"]["EndpointName"] = "only-this"
        arn = provider.created(properties)["JobDefinitionArn"]
        models = provider("LIST", {"EndpointName": "only-this"})["resourceModels"]
        assert [model["JobDefinitionArn"] for model in models] == [arn]

    def test_passes_the_token_of_an_empty_page_on(self, provider: Provider) -> None:
        properties = copy.deepcopy(MINIMUM)
        properties["ModelQualityJobInput"]["EndpointInput"]["EndpointName"] = "oldest"
        arn = provider.created(properties)["JobDefinitionArn"]
        # A page is cut before it is filtered, newest first: these fill the first one.
        for _ in range(100):
            provider.created()
        first = provider("LIST", {"EndpointName": "oldest"})
        assert (first["status"], first["resourceModels"]) == ("SUCCESS", [])
        second = provider("LIST", {"EndpointName": "oldest"}, next_token=first["nextToken"])
        assert [model["JobDefinitionArn"] for model in second["resourceModels"]] == [arn]

    def test_of_nothing_is_an_empty_list(self, provider: Provider) -> None:
        pages = [provider("LIST", {"EndpointName": "nobodys"})]
        while token := pages[-1].get("nextToken"):
            pages.append(provider("LIST", {"EndpointName": "nobodys"}, next_token=token))
        assert [page["status"] for page in pages] == ["SUCCESS"] * len(pages)
        assert [page["resourceModels"] for page in pages] == [[]] * len(pages)

    def test_refuses_a_token_that_is_not_sagemakers(self, provider: Provider) -> None:
        assert provider("LIST", next_token="foreign")["errorCode"] == "InvalidRequest"


STATED = Document.read(Path("docs/guarantees.md")).table("Service calls")
SHORT = {"Create": CREATE, "Describe": DESCRIBE, "Delete": DELETE, "List": LIST}
# The properties that are given beside the minimum.
CREATES: dict[str, dict[str, str]] = {
    "CREATE under a generated name": {},
    "CREATE under a given name": {"JobDefinitionName": "given"},
}
# The tags that are wanted of a definition that has a: 1 and b: 2.
OTHERS: dict[str, dict[str, str]] = {
    "READ": {},
    "UPDATE without a difference": {"a": "1", "b": "2"},
    "UPDATE with new tags or values": {"a": "1", "b": "x", "c": "3"},
    "UPDATE without some of the tags": {"a": "1"},
    "UPDATE with both": {"a": "x"},
    "DELETE": {},
    "LIST of one page": {},
}


def stated(invocation: str) -> list[str]:
    """The operations that the page of guarantees has for it."""
    [row] = [row for row in STATED if row["invocation"] == invocation]
    operations = [SHORT.get(name, name) for name in row["which, in order"].split(", ")]
    assert row["calls"] == str(len(operations))
    return operations


class TestTheFewestCallsThatTheContractAllows:
    def test_are_stated_for_each_handler(self) -> None:
        invocations = [row["invocation"] for row in STATED]
        assert invocations == [*CREATES, *OTHERS]
        assert {each.partition(" ")[0] for each in invocations} == {
            action.name for action in Action
        }

    @pytest.mark.parametrize("invocation", CREATES)
    def test_of_a_create(self, provider: Provider, invocation: str) -> None:
        provider.created({**MINIMUM, **CREATES[invocation]})
        assert provider.aws.operations == stated(invocation)

    @pytest.mark.parametrize("invocation", OTHERS)
    def test_of_the_others(self, provider: Provider, invocation: str) -> None:
        before = {**MINIMUM, "Tags": listed({"a": "1", "b": "2"})}
        arn = provider.created(before)["JobDefinitionArn"]
        before["JobDefinitionArn"] = arn
        provider.aws.reset()
        wanted = {**before, "Tags": listed(OTHERS[invocation])}
        answer = provider(invocation.partition(" ")[0], wanted, before)
        assert answer["status"] == "SUCCESS", answer
        assert provider.aws.operations == stated(invocation)
