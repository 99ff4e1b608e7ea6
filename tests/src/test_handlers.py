"""Create, read, update, delete and list, through the entry point that CloudFormation calls."""

import copy
import json
import re
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cloudformation_cli_python_lib.interface import Action
from werkzeug.wrappers import Response

from aws_sagemaker_modelqualityjobdefinition import handlers, translation
from aws_sagemaker_modelqualityjobdefinition.stabilization import DENIED_SECONDS
from tests.harness.documents import Document
from tests.harness.provider import ACCOUNT, BATCH, MINIMUM, REGION, Provider, client, error

CREATE = "CreateModelQualityJobDefinition"
DESCRIBE = "DescribeModelQualityJobDefinition"
DELETE = "DeleteModelQualityJobDefinition"
LIST = "ListModelQualityJobDefinitions"
DENIED = error("AccessDeniedException", "User: u is not authorized to perform: sagemaker:x")
# How a tag operation says that it does not know a definition: boto3 issue 4606.
RESOURCE_UNKNOWN = "Resource does not exist."
# How AddTags may be refused, and what CloudFormation is told.
TAGGING_REFUSALS = {
    "AccessDeniedException": "UnauthorizedTaggingOperation",
    "ResourceLimitExceeded": "ServiceLimitExceeded",
    "ThrottlingException": "Throttling",
    "ValidationException": "InvalidRequest",
}


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

    @pytest.mark.parametrize(
        "words",
        [
            "Could not assume role arn:aws:iam::1:role/monitor",
            "COULD NOT ASSUME ROLE arn:aws:iam::1:role/monitor",
            "Cannot assume role arn:aws:iam::1:role/monitor",
            "The execution role ARN is invalid. Please ensure that the role exists.",
            (
                "The execution role ARN arn:aws:iam::1:role/monitor is invalid. Its trust policy "
                "has to allow sts:AssumeRole."
            ),
        ],
    )
    def test_knows_a_role_that_is_not_ready_in_all_words_on_record(
        self, provider: Provider, words: str
    ) -> None:
        provider.aws.answer(CREATE, error("ValidationException", words))
        answer = provider("CREATE", MINIMUM)
        assert answer["status"] == "IN_PROGRESS"
        assert answer["message"].startswith(words)

    def test_waits_for_no_role_where_another_value_is_refused(self, provider: Provider) -> None:
        refusal = error("ValidationException", "The role session name is invalid.")
        provider.aws.answer(CREATE, refusal)
        assert provider("CREATE", MINIMUM)["errorCode"] == "InvalidRequest"

    def test_waits_for_the_tags_that_it_sent(self, provider: Provider) -> None:
        properties = {**MINIMUM, "Tags": listed({"a": "1"})}
        stale = [{"Tags": []}, {"Tags": listed({"a": "0"})}, {"Tags": listed({"theirs": "1"})}]
        provider.aws.answer("ListTags", *[partial(Response, json.dumps(page)) for page in stale])
        more: dict[str, Any] = {"token": "tags shown late", "tags": {"stage": "prod"}}
        answer = provider("CREATE", properties, **more)
        for _ in stale:
            assert answer["status"] == "IN_PROGRESS"
            assert answer["resourceModel"]["Tags"] == listed({"a": "1"})
            more["context"] = answer["callbackContext"]
            answer = provider("CREATE", answer["resourceModel"], **more)
        assert shown(answer["resourceModel"]) == {"a": "1", "stage": "prod"}
        assert provider.aws.operations.count(CREATE) == 1

    @pytest.mark.parametrize(
        "late",
        [partial(Response, '{"Tags": []}'), error("ValidationException", RESOURCE_UNKNOWN)],
        ids=["not shown", "definition unknown"],
    )
    def test_past_the_budget_ends_with_the_tags_that_it_sent(
        self, provider: Provider, late: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        provider.aws.answer("ListTags", late, late)
        more = {"token": f"never shown {late}"}
        waiting = provider("CREATE", {**MINIMUM, "Tags": listed({"a": "1"})}, **more)
        assert waiting["status"] == "IN_PROGRESS"
        past = {**waiting["callbackContext"], "started": 0.0}
        answer = provider("CREATE", waiting["resourceModel"], context=past, **more)
        assert answer["status"] == "SUCCESS"
        assert shown(answer["resourceModel"]) == {"a": "1"}
        assert "has not shown them" in caplog.text

    @pytest.mark.parametrize("tags", [{}, {"a": "1"}])
    def test_waits_until_the_tag_operations_know_what_it_made(
        self, provider: Provider, tags: dict[str, str]
    ) -> None:
        provider.aws.answer("ListTags", error("ValidationException", RESOURCE_UNKNOWN))
        more: dict[str, Any] = {"token": f"unknown {tags}"}
        waiting = provider("CREATE", {**MINIMUM, "Tags": listed(tags)}, **more)
        assert waiting["status"] == "IN_PROGRESS"
        more["context"] = waiting["callbackContext"]
        assert provider("CREATE", waiting["resourceModel"], **more)["status"] == "SUCCESS"

    @pytest.mark.parametrize(
        ("own", "of_stack", "named"),
        [
            ({"aws:cost": "1"}, {}, "'aws:cost'"),
            ({"AWS:Cost": "1"}, {}, "'AWS:Cost'"),
            ({f"own-{number}": "" for number in range(50)}, {"s": ""}, "51 tags are desired"),
            ({}, {"s": None}, "stackTags/s: null is not a string"),
        ],
    )
    def test_refuses_tags_before_anything_is_made(
        self, provider: Provider, own: dict[str, str], of_stack: Any, named: str
    ) -> None:
        properties = {**MINIMUM, "Tags": listed(own)}
        answer = provider("CREATE", properties, tags=of_stack)
        assert answer["errorCode"] == "InvalidRequest"
        assert named in answer["message"]
        assert provider.aws.operations == []

    def test_takes_a_stacks_tags_that_are_no_text_as_it_takes_its_own(
        self, provider: Provider
    ) -> None:
        own = [{"Key": "own", "Value": True}, {"Key": "number", "Value": 8}]
        tags: Any = {"flag": True, "eight": 8, "half": 0.5}
        model = provider.created({**MINIMUM, "Tags": own}, tags=tags)
        assert shown(model) == {
            "own": "true",
            "number": "8",
            "flag": "true",
            "eight": "8",
            "half": "0.5",
        }

    def test_needs_no_tagging_permission_where_no_tags_are_wanted(
        self, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        provider.aws.answer("ListTags", DENIED)
        assert "Tags" not in provider.created()
        assert "Tags are missing in the answer" in caplog.text

    @pytest.mark.parametrize(
        ("operation", "code", "action"),
        [
            (DESCRIBE, "AccessDenied", "DescribeModelQualityJobDefinition"),
            ("ListTags", "UnauthorizedTaggingOperation", "sagemaker:ListTags"),
        ],
    )
    def test_waits_a_while_for_the_permission_to_see_what_it_made(
        self, provider: Provider, operation: str, code: str, action: str
    ) -> None:
        provider.aws.answer(operation, DENIED, DENIED)
        more = {"token": f"denied {operation}"}
        waiting = provider("CREATE", {**MINIMUM, "Tags": listed({"a": "1"})}, **more)
        assert waiting["status"] == "IN_PROGRESS"
        context = waiting["callbackContext"]
        past = {**context, "started": context["started"] - DENIED_SECONDS}
        answer = provider("CREATE", waiting["resourceModel"], context=past, **more)
        assert (answer["status"], answer["errorCode"]) == ("FAILED", code)
        assert action in answer["message"]
        assert answer["resourceModel"]["JobDefinitionArn"]
        ended = provider("CREATE", waiting["resourceModel"], context=context, **more)
        assert ended["status"] == "SUCCESS"

    def test_that_may_not_add_tags_misses_a_tagging_permission(self, provider: Provider) -> None:
        words = "User: u is not authorized to perform: sagemaker:AddTags on resource: r"
        provider.aws.answer(CREATE, error("AccessDeniedException", words))
        answer = provider("CREATE", {**MINIMUM, "Tags": listed({"a": "1"})})
        assert answer["errorCode"] == "UnauthorizedTaggingOperation"
        assert "Allow the action sagemaker:AddTags" in answer["message"]
        assert "resourceModel" not in answer

    def test_that_is_throttled_under_a_generated_name_is_waited_for(
        self, provider: Provider
    ) -> None:
        provider.aws.answer(CREATE, error("ThrottlingException"))
        waiting = provider("CREATE", MINIMUM, token="throttled")
        assert waiting["status"] == "IN_PROGRESS"
        more = {"context": waiting["callbackContext"], "token": "throttled"}
        ended = provider("CREATE", waiting["resourceModel"], **more)
        assert ended["status"] == "SUCCESS"
        identifier = ended["resourceModel"]["JobDefinitionArn"]
        assert waiting["resourceModel"]["JobDefinitionArn"] == identifier

    def test_that_is_throttled_under_a_given_name_tells_no_identifier(
        self, provider: Provider
    ) -> None:
        provider.aws.answer(CREATE, error("ThrottlingException"))
        answer = provider("CREATE", {**MINIMUM, "JobDefinitionName": "throttled"})
        assert (answer["status"], answer["errorCode"]) == ("FAILED", "Throttling")
        assert "resourceModel" not in answer

    def test_says_that_someone_deleted_what_it_had_made(self, provider: Provider) -> None:
        provider.aws.answer("ListTags", partial(Response, '{"Tags": []}'))
        properties = {**MINIMUM, "JobDefinitionName": "gone", "Tags": listed({"a": "1"})}
        waiting = provider("CREATE", properties, token="gone")
        provider("DELETE", waiting["resourceModel"])
        more = {"context": waiting["callbackContext"], "token": "gone"}
        answer = provider("CREATE", waiting["resourceModel"], **more)
        assert (answer["status"], answer["errorCode"]) == ("FAILED", "NotStabilized")
        assert "'gone' was created, but someone deleted it" in answer["message"]

    @pytest.mark.parametrize("name", ["JobDefinitionArn", "CreationTime"])
    def test_refuses_a_read_only_property(self, provider: Provider, name: str) -> None:
        answer = provider("CREATE", {**MINIMUM, name: "x"})
        assert answer["errorCode"] == "InvalidRequest"
        assert name in answer["message"]
        assert provider.aws.operations == []


class TestCreateUnderAGivenNameThatItMayNotLookFor:
    """Where permissions are granted by tags, nobody may see what has none yet."""

    def create(self, provider: Provider, name: str) -> dict[str, Any]:
        provider.aws.answer(DESCRIBE, DENIED)
        answer = provider("CREATE", {**MINIMUM, "JobDefinitionName": name})
        assert provider.aws.operations[:2] == [DESCRIBE, CREATE]
        return dict(answer)

    def test_is_sent_all_the_same(self, provider: Provider) -> None:
        model = self.create(provider, "unseen")["resourceModel"]
        assert model["JobDefinitionName"] == "unseen"

    def test_never_adopts_what_stood_before(self, provider: Provider) -> None:
        provider.created({**MINIMUM, "JobDefinitionName": "unseen-taken"})
        provider.aws.reset()
        answer = self.create(provider, "unseen-taken")
        assert answer["errorCode"] == "AlreadyExists"
        assert "resourceModel" not in answer

    @pytest.mark.parametrize(
        ("refusal", "code"),
        [
            (error("ValidationException", "Could not assume role r"), "InvalidRequest"),
            (error("ThrottlingException"), "Throttling"),
            (error("InternalFailure", "lost", status=500), "ServiceInternalError"),
            (error("AccessDeniedException"), "AccessDenied"),
        ],
        ids=["role not ready", "throttled", "lost", "denied"],
    )
    @pytest.mark.parametrize("stood_before", [False, True])
    def test_tells_no_identifier_before_sagemaker_has_accepted_it(
        self, provider: Provider, refusal: Any, code: str, stood_before: bool
    ) -> None:
        name = f"unseen-{code}-{stood_before}"
        if stood_before:
            provider.created({**MINIMUM, "JobDefinitionName": name})
            provider.aws.reset()
        provider.aws.answer(CREATE, refusal)
        answer = self.create(provider, name)
        assert (answer["status"], answer["errorCode"]) == ("FAILED", code)
        assert "resourceModel" not in answer

    def test_names_what_it_made_once_sagemaker_has_accepted_it(self, provider: Provider) -> None:
        provider.aws.answer(DESCRIBE, DENIED, DENIED)
        properties = {**MINIMUM, "JobDefinitionName": "unseen-late"}
        waiting = provider("CREATE", properties, token="unseen-late")
        assert waiting["status"] == "IN_PROGRESS"
        identifier = waiting["resourceModel"]["JobDefinitionArn"]
        more = {"context": waiting["callbackContext"], "token": "unseen-late"}
        ended = provider("CREATE", waiting["resourceModel"], **more)
        assert ended["status"] == "SUCCESS"
        assert ended["resourceModel"]["JobDefinitionArn"] == identifier


class TestWhatAnEventHoldsBesideTheIdentifier:
    """After a roll-back of the type, it is what a newer version of it knew."""

    OF_A_NEWER_VERSION: ClassVar[dict[str, Any]] = {
        "JobResources": "large",
        "Tags": {"a": "b"},
        "Retries": {"Most": 3},
        "CreationTime": [1],
    }

    @pytest.mark.parametrize("action", ["READ", "DELETE"])
    def test_changes_nothing(self, provider: Provider, action: str) -> None:
        model = provider.created({**MINIMUM, "Tags": listed({"a": "1"})})
        identifier = {"JobDefinitionArn": model["JobDefinitionArn"]}
        event = provider.event(
            action, {**self.OF_A_NEWER_VERSION, **identifier}, self.OF_A_NEWER_VERSION
        )
        event["requestData"].update(stackTags=[1], previousStackTags="none")
        answer = provider.send(event)
        assert answer["status"] == "SUCCESS"
        assert answer.get("resourceModel", model) == model

    def test_changes_nothing_in_a_list(self, provider: Provider) -> None:
        provider.created()
        without = provider("LIST", {"EndpointName": "churn"})
        event = provider.event("LIST", {**self.OF_A_NEWER_VERSION, "EndpointName": "churn"})
        assert provider.send(event) == without

    @pytest.mark.parametrize("action", ["CREATE", "UPDATE"])
    def test_is_refused_where_it_is_asked_for(self, provider: Provider, action: str) -> None:
        asked = {**MINIMUM, "JobDefinitionArn": provider.created()["JobDefinitionArn"]}
        answer = provider(action, {**asked, "Retries": 3}, asked)
        assert answer["errorCode"] == "InvalidRequest"
        assert "#/Retries: there is no such property" in answer["message"]


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
            f"arn:aws-cn:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/there",
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

    def test_goes_without_tags_where_listing_them_is_denied(
        self, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        model = provider.created({**MINIMUM, "Tags": listed({"a": "1"})})
        provider.aws.answer("ListTags", DENIED)
        answer = provider("READ", {"JobDefinitionArn": model["JobDefinitionArn"]})
        assert answer["status"] == "SUCCESS"
        assert answer["resourceModel"] == {
            name: value for name, value in model.items() if name != "Tags"
        }
        assert "Tags are missing in the answer" in caplog.text

    @pytest.mark.parametrize("action", ["READ", "UPDATE"])
    @pytest.mark.parametrize("gone", [True, False])
    @pytest.mark.parametrize("refusal", ["ValidationException", "ResourceNotFound"])
    def test_looks_again_where_the_tag_operations_do_not_know_a_definition(
        self, provider: Provider, refusal: str, gone: bool, action: str
    ) -> None:
        asked = {**MINIMUM, "JobDefinitionArn": provider.created()["JobDefinitionArn"]}
        provider.aws.reset()
        provider.aws.answer("ListTags", error(refusal, RESOURCE_UNKNOWN))
        if gone:
            shown_once = provider("READ", asked)  # which uses the answer up
            assert shown_once["errorCode"] == "ServiceInternalError"
            description = client(provider.aws, "sagemaker").describe_model_quality_job_definition(
                JobDefinitionName=asked["JobDefinitionArn"].rpartition("/")[2]
            )
            body = {name: description[name] for name in ("JobDefinitionArn", "JobDefinitionName")}
            body["CreationTime"] = 1.5
            provider("DELETE", asked)
            provider.aws.reset()
            provider.aws.answer(DESCRIBE, partial(Response, json.dumps({**MINIMUM, **body})))
        answer = provider(action, asked, asked)
        assert answer["errorCode"] == ("NotFound" if gone else "ServiceInternalError")
        assert provider.aws.operations[-3:] == [DESCRIBE, "ListTags", DESCRIBE]


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
            *(DESCRIBE, "ListTags", "AddTags", "DeleteTags"),
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

    def tagged(self, provider: Provider, tags: dict[str, str]) -> str:
        """The ARN of a new definition with these tags."""
        model = provider.created({**MINIMUM, "Tags": listed(tags)})
        provider.aws.reset()
        return str(model["JobDefinitionArn"])

    def change(
        self, provider: Provider, arn: str, before: dict[str, str] | None, after: dict[str, str]
    ) -> dict[str, Any]:
        """The answer to an update of these tags alone; ``before`` None: it was never said."""
        mine = {**MINIMUM, "JobDefinitionArn": arn}
        previous = None if before is None else {**mine, "Tags": listed(before)}
        return dict(provider("UPDATE", {**mine, "Tags": listed(after)}, previous))

    def live(self, provider: Provider, arn: str) -> dict[str, str]:
        tags = client(provider.aws, "sagemaker").list_tags(ResourceArn=arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def show_late(self, provider: Provider, tags: dict[str, str]) -> None:
        page = json.dumps({"Tags": listed(tags)})
        provider.aws.answer("ListTags", partial(Response, page))

    def test_removes_what_a_late_read_does_not_show_yet(self, provider: Provider) -> None:
        arn = self.tagged(provider, {"a": "1"})
        self.show_late(provider, {})
        answer = self.change(provider, arn, {"a": "1"}, {})
        assert answer["resourceModel"]["Tags"] == []
        assert self.live(provider, arn) == {}

    def test_and_its_rollback_a_second_later_end_in_the_old_tags(self, provider: Provider) -> None:
        old, new = {"key": "a", "old": ""}, {"key": "b", "new": ""}
        arn = self.tagged(provider, old)
        for before, after in ((old, new), (new, old)):
            # Whichever is wished for, a read shows the old ones.
            self.show_late(provider, old)
            answer = self.change(provider, arn, before, after)
            assert shown(answer["resourceModel"]) == after == self.live(provider, arn)

    def test_shows_the_tags_as_they_are_and_not_as_a_late_read_has_them(
        self, provider: Provider
    ) -> None:
        arn = self.tagged(provider, {"a": "1", "b": "1", "theirs": "1"})
        self.show_late(provider, {"b": "0", "theirs": "1"})
        mine = {"a": "1", "b": "1"}
        assert shown(self.change(provider, arn, mine, mine)["resourceModel"]) == {
            **mine,
            "theirs": "1",
        }

    @pytest.mark.parametrize("before", [{"a": "1"}, None])
    @pytest.mark.parametrize(
        ("tags", "named"),
        [
            ({str(number): "" for number in range(60)}, "60 tags are desired"),
            ({"aws:cost": "2"}, "'aws:cost'"),
        ],
    )
    def test_refuses_tags_before_anything_is_written(
        self, provider: Provider, tags: dict[str, str], named: str, before: Any
    ) -> None:
        arn = self.tagged(provider, {"a": "1"})
        answer = self.change(provider, arn, before, tags)
        assert answer["errorCode"] == "InvalidRequest"
        assert named in answer["message"]
        assert provider.aws.operations == []
        # And the rollback of it is none the worse.
        assert self.change(provider, arn, tags, {"a": "1"})["status"] == "SUCCESS"
        assert self.live(provider, arn) == {"a": "1"}

    @pytest.mark.parametrize("refusal", [*TAGGING_REFUSALS])
    def test_that_may_not_add_leaves_every_old_tag(self, provider: Provider, refusal: str) -> None:
        old = {"a": "1", "b": "1"}
        arn = self.tagged(provider, old)
        provider.aws.answer("AddTags", *[error(refusal)] * 2)
        answer = self.change(provider, arn, old, {"c": "1"})
        assert answer["errorCode"] == TAGGING_REFUSALS[refusal]
        assert self.live(provider, arn) == old
        assert "DeleteTags" not in provider.aws.operations

    @pytest.mark.parametrize("refusal", [*TAGGING_REFUSALS])
    def test_puts_back_what_it_removed_to_make_room(self, provider: Provider, refusal: str) -> None:
        old = {f"old-{number}": str(number) for number in range(50)}
        arn = self.tagged(provider, old)
        tries = 2 if refusal == "ThrottlingException" else 1
        provider.aws.answer("AddTags", *[error(refusal)] * tries)
        answer = self.change(provider, arn, old, {"new": "1"})
        assert answer["errorCode"] == TAGGING_REFUSALS[refusal]
        assert self.live(provider, arn) == old

    def test_names_what_it_could_not_put_back(self, provider: Provider) -> None:
        old = {f"old-{number}": str(number) for number in range(50)}
        arn = self.tagged(provider, old)
        provider.aws.answer("AddTags", DENIED, DENIED)
        kept = {key: old[key] for key in list(old)[2:]}
        answer = self.change(provider, arn, old, {**kept, "new": "1"})
        assert answer["errorCode"] == "UnauthorizedTaggingOperation"
        assert "Add them again if they are missing: 'old-0', 'old-1'." in answer["message"]
        assert self.live(provider, arn) == kept

    @pytest.mark.parametrize("number", [1, 25])
    @pytest.mark.parametrize("denied", ["AddTags", "AddTags and DeleteTags"])
    def test_whose_new_tags_were_denied_can_be_rolled_back(
        self, provider: Provider, denied: str, number: int
    ) -> None:
        old, new = ({f"{kind}-{each}": "1" for each in range(number)} for kind in ("old", "new"))
        arn = self.tagged(provider, old)
        for operation in denied.split(" and "):
            provider.aws.answer(operation, *[DENIED] * 2)
        answer = self.change(provider, arn, old, new)
        assert answer["errorCode"] == "UnauthorizedTaggingOperation"
        provider.aws.reset()
        for operation in denied.split(" and "):
            provider.aws.answer(operation, *[DENIED] * 2)
        rollback = self.change(provider, arn, new, old)
        assert rollback["status"] == "SUCCESS"
        assert shown(rollback["resourceModel"]) == old == self.live(provider, arn)
        # None of the new ones was there, so that none is put back.
        assert provider.aws.operations.count("AddTags") == 1

    def test_that_rolls_back_names_no_tags_that_were_never_there(self, provider: Provider) -> None:
        old, new = ({f"{kind}-{each}": "1" for each in range(30)} for kind in ("old", "new"))
        arn = self.tagged(provider, old)
        provider.aws.answer("AddTags", DENIED)
        assert self.change(provider, arn, old, new)["status"] == "FAILED"
        provider.aws.answer("AddTags", *[error("ThrottlingException")] * 2)
        rollback = self.change(provider, arn, new, old)
        assert rollback["errorCode"] == "Throttling"
        assert "new-" not in rollback["message"]
        assert self.live(provider, arn) == old

    def test_removes_what_it_may_though_it_may_not_add(self, provider: Provider) -> None:
        arn = self.tagged(provider, {"key": "b", "new": "1"})
        self.show_late(provider, {"key": "a"})
        provider.aws.answer("AddTags", DENIED)
        answer = self.change(provider, arn, {"key": "b", "new": "1"}, {"key": "a"})
        assert answer["status"] == "SUCCESS"
        assert self.live(provider, arn) == {"key": "b"}

    def test_puts_back_what_was_desired_before_and_not_what_a_late_read_shows(
        self, provider: Provider
    ) -> None:
        old = {f"old-{number}": str(number) for number in range(50)}
        arn = self.tagged(provider, old)
        self.show_late(provider, {**old, "old-0": "of an hour ago"})
        provider.aws.answer("AddTags", DENIED)
        answer = self.change(provider, arn, old, {"new": "1"})
        assert answer["errorCode"] == "UnauthorizedTaggingOperation"
        assert self.live(provider, arn) == old

    @pytest.mark.parametrize("operation", ["ListTags", "AddTags", "DeleteTags"])
    def test_names_the_tagging_permission_that_is_missing(
        self, provider: Provider, operation: str
    ) -> None:
        arn = self.tagged(provider, {"a": "1"})
        provider.aws.answer(operation, DENIED)
        answer = self.change(provider, arn, {"a": "1"}, {"b": "1"})
        assert answer["errorCode"] == "UnauthorizedTaggingOperation"
        assert f"Allow the action sagemaker:{operation}" in answer["message"]

    def test_needs_no_tagging_permission_where_no_tags_are_wanted_or_were(
        self, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        arn = self.tagged(provider, {})
        provider.aws.answer("ListTags", DENIED)
        assert self.change(provider, arn, {}, {})["status"] == "SUCCESS"
        assert "Tags are missing in the answer" in caplog.text

    @pytest.mark.parametrize("operation", ["AddTags", "DeleteTags"])
    def test_looks_again_where_a_write_does_not_know_the_definition(
        self, provider: Provider, operation: str
    ) -> None:
        arn = self.tagged(provider, {"a": "1"})
        provider.aws.answer(operation, error("ValidationException", RESOURCE_UNKNOWN))
        answer = self.change(provider, arn, {"a": "1"}, {"b": "1"})
        assert answer["errorCode"] == "ServiceInternalError"
        assert provider.aws.operations[-2:] == [operation, DESCRIBE]

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

    def test_that_was_accepted_is_done_where_the_look_afterwards_is_denied(
        self, provider: Provider
    ) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DESCRIBE, DENIED)
        answer = provider("DELETE", {"JobDefinitionArn": arn})
        assert answer["status"] == "SUCCESS"
        assert provider("READ", {"JobDefinitionArn": arn})["errorCode"] == "NotFound"

    def test_that_is_denied_is_not_done(self, provider: Provider) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DELETE, DENIED)
        assert provider("DELETE", {"JobDefinitionArn": arn})["errorCode"] == "AccessDenied"

    def test_that_is_throttled_is_waited_for(self, provider: Provider) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DELETE, error("ThrottlingException"))
        waiting = provider("DELETE", {"JobDefinitionArn": arn})
        assert waiting["status"] == "IN_PROGRESS"
        context = waiting["callbackContext"]
        assert provider("DELETE", waiting["resourceModel"], context=context)["status"] == "SUCCESS"

    def test_past_the_budget_of_throttling_ends_in_that(self, provider: Provider) -> None:
        arn = provider.created()["JobDefinitionArn"]
        provider.aws.answer(DELETE, error("ThrottlingException"))
        context = {"attempts": 9, "started": 0.0}
        answer = provider("DELETE", {"JobDefinitionArn": arn}, context=context)
        assert answer["errorCode"] == "Throttling"

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


STATED = Document.read(Path("guide/guarantees.md")).table("Service calls")
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
