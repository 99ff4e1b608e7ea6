"""Faults on demand as they are asked for: what is taken, what is refused, and with which words."""

import json
import math
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from werkzeug.test import Client
from werkzeug.wrappers import Response

from sandbox.faults import PATH, FaultsApp
from tests.harness.failing_aws import FailingAws
from tests.harness.provider import ACCOUNT, MINIMUM, REGION, serving

CREATE = "CreateModelQualityJobDefinition"
DELETE = "DeleteModelQualityJobDefinition"
DESCRIBE = "DescribeModelQualityJobDefinition"


@pytest.fixture(scope="module")
def faults() -> Iterator[str]:
    """The address that faults are asked for at."""
    with serving(FailingAws()) as aws:
        yield f"{aws.url}{PATH}"


@pytest.fixture
def sagemaker(faults: str) -> Iterator[Any]:
    """A client of the SageMaker that faults strike; they are cleared at the end."""
    yield boto3.client(
        "sagemaker",
        endpoint_url=faults.removesuffix(PATH),
        region_name=REGION,
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    requests.delete(faults, timeout=5)


MEMBERS = "calls, fault, operation, rate, seconds, seed, service"


def ask(faults: str, fault: str, operation: str, calls: int | None) -> None:
    """Have an operation of SageMaker fail so."""
    document = {"service": "sagemaker", "operation": operation, "fault": fault, "calls": calls}
    assert requests.post(faults, json=document, timeout=5).status_code == 201


def create(sagemaker: Any, name: str, **tags: str) -> str:
    """The ARN of a new definition."""
    answer = sagemaker.create_model_quality_job_definition(
        JobDefinitionName=name, Tags=listed(tags), **MINIMUM
    )
    return str(answer["JobDefinitionArn"])


def listed(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as requests have them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def live_tags(sagemaker: Any, arn: str) -> dict[str, str]:
    """What ListTags shows."""
    return {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}


def error(call: Any, **request: Any) -> dict[str, Any]:
    """The error that a call is answered with: its code, message and HTTP status."""
    with pytest.raises(ClientError) as raised:
        call(**request)
    response: Any = raised.value.response
    return {**response["Error"], "Status": response["ResponseMetadata"]["HTTPStatusCode"]}


def is_denied(sagemaker: Any, name: str) -> bool:
    """Whether Describe is denied; that it finds nothing is no denial."""
    try:
        shown(sagemaker, name)
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return True
    return False


def shown(sagemaker: Any, name: str) -> bool:
    """Whether Describe shows a definition."""
    try:
        sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    except sagemaker.exceptions.ResourceNotFound:
        return False
    return True


def refusal(faults: str, **changes: Any) -> str:
    """The words in which a fault is refused, and is not pending."""
    fault = {"service": "sagemaker", "operation": CREATE, "fault": "throttle", **changes}
    # Python reads and writes more numbers than JSON has, and requests refuses these.
    answer = requests.post(faults, json.dumps(fault), timeout=5)
    assert answer.status_code == 400
    assert requests.get(faults, timeout=5).json() == {"faults": []}
    message: str = answer.json()["message"]
    return message


@pytest.mark.parametrize(
    ("service", "nearest"),
    [("sagemakr", " (did you mean 'sagemaker'?)"), ("monitoring", ""), ("", ""), (7, "")],
)
def test_a_service_that_is_not_there_is_refused_with_those_that_are(
    faults: str, service: Any, nearest: str
) -> None:
    message = refusal(faults, service=service)
    assert message == (
        f"service is {service!r}{nearest}; it must be one of cloudcontrol, account, "
        "cloudformation, cloudwatch, iam, lambda, logs, resourcegroupstaggingapi, s3, sagemaker, "
        "secretsmanager, ssm, sts, or *"
    )


@pytest.mark.parametrize(
    ("service", "operation", "words"),
    [
        (
            "sagemaker",
            "CreateModelQualityJobDefinitions",
            f"sagemaker has no such operation (did you mean '{CREATE}'?)",
        ),
        ("logs", "PutLogEvent", "logs has no such operation (did you mean 'PutLogEvents'?)"),
        ("*", "ListTag", "no service of the sandbox has this operation (did you mean 'ListTags'?)"),
        ("sagemaker", "PutLogEvents", "sagemaker has no such operation"),
        ("sts", "xyz", "sts has no such operation"),
        ("sts", None, "sts has no such operation"),
    ],
)
def test_an_operation_that_its_service_lacks_is_refused_with_the_nearest(
    faults: str, service: str, operation: Any, words: str
) -> None:
    message = refusal(faults, service=service, operation=operation)
    assert message == f"operation is {operation!r}; {words}"


def test_an_operation_that_requests_do_not_name_is_refused_as_it_would_never_strike(
    faults: str,
) -> None:
    assert refusal(faults, service="s3", operation="PutObject") == (
        "operation is 'PutObject'; requests to s3 do not name their operation, so it must be *"
    )


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("*", "*"),
        ("s3", "*"),
        ("cloudwatch", "PutMetricData"),
        ("*", "ListTags"),
        ("iam", "GetRole"),
    ],
)
def test_known_names_are_taken(faults: str, service: str, operation: str) -> None:
    fault = {"service": service, "operation": operation, "fault": "throttle"}
    assert requests.post(faults, json=fault, timeout=5).status_code == 201
    requests.delete(faults, timeout=5)


@pytest.mark.parametrize(
    ("fault", "operations"),
    [
        ("lag", f"AddTags, {CREATE}, {DELETE}, DeleteTags, {DESCRIBE}, ListTags"),
        ("denied-until-tagged", f"AddTags, {DELETE}, DeleteTags, {DESCRIBE}, ListTags"),
        ("resource-unknown", "AddTags, DeleteTags, ListTags"),
    ],
)
@pytest.mark.parametrize(
    ("service", "operation"), [("sagemaker", "CreateMonitoringSchedule"), ("iam", "*")]
)
def test_a_fault_of_some_operations_is_refused_elsewhere_with_their_names(
    faults: str, service: str, operation: str, fault: str, operations: str
) -> None:
    assert refusal(faults, service=service, operation=operation, fault=fault) == (
        f"{fault} does not exist for {operation!r} of {service!r}; "
        f"service must be sagemaker, and operation one of {operations}, or *"
    )


@pytest.mark.parametrize(
    ("operation", "after_create", "after_delete"),
    [("*", 2, 2), (DESCRIBE, 2, 2), (CREATE, 2, 0), (DELETE, 0, 2)],
)
def test_describe_lags_behind_the_writes_that_were_asked_for(
    faults: str, sagemaker: Any, operation: str, after_create: int, after_delete: int
) -> None:
    name = f"lags-{operation.strip('*') or 'any'}"
    fault = {"service": "sagemaker", "operation": operation, "fault": "lag", "calls": 2}
    assert requests.post(faults, json=fault, timeout=5).status_code == 201
    sagemaker.create_model_quality_job_definition(JobDefinitionName=name, **MINIMUM)
    assert [shown(sagemaker, name) for _ in range(3)] == [
        number >= after_create for number in range(3)
    ]
    sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
    assert [shown(sagemaker, name) for _ in range(3)] == [
        number < after_delete for number in range(3)
    ]


def test_a_lag_without_a_number_of_calls_lasts_until_it_is_cleared(
    faults: str, sagemaker: Any
) -> None:
    fault = {"service": "sagemaker", "operation": CREATE, "fault": "lag", "calls": None}
    assert requests.post(faults, json=fault, timeout=5).status_code == 201
    sagemaker.create_model_quality_job_definition(JobDefinitionName="unseen", **MINIMUM)
    assert not any(shown(sagemaker, "unseen") for _ in range(5))
    requests.delete(faults, timeout=5)
    assert shown(sagemaker, "unseen")


def test_each_answer_of_a_lag_has_a_request_id_of_its_own(faults: str, sagemaker: Any) -> None:
    ask(faults, "lag", CREATE, calls=3)
    create(sagemaker, "asked-often")
    ids = set()
    for _ in range(3):
        with pytest.raises(ClientError) as raised:
            sagemaker.describe_model_quality_job_definition(JobDefinitionName="asked-often")
        response: Any = raised.value.response
        ids.add(response["ResponseMetadata"]["RequestId"])
    assert len(ids) == 3


def test_what_a_person_asks_for_in_a_shell_ends_with_a_newline(faults: str) -> None:
    assert requests.get(faults, timeout=5).text == '{"faults": []}\n'


def test_a_lag_of_one_region_is_not_another_ones(faults: str, sagemaker: Any) -> None:
    elsewhere = boto3.client(
        "sagemaker",
        endpoint_url=faults.removesuffix(PATH),
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    elsewhere.create_model_quality_job_definition(JobDefinitionName="both", **MINIMUM)
    fault = {"service": "sagemaker", "operation": CREATE, "fault": "lag", "calls": None}
    assert requests.post(faults, json=fault, timeout=5).status_code == 201
    sagemaker.create_model_quality_job_definition(JobDefinitionName="both", **MINIMUM)
    assert shown(elsewhere, "both")
    assert not shown(sagemaker, "both")


@pytest.mark.parametrize("operation", ["*", DESCRIBE, CREATE, DELETE])
def test_a_lag_of_describe_leaves_tags_as_they_are(
    faults: str, sagemaker: Any, operation: str
) -> None:
    ask(faults, "lag", operation, calls=None)
    arn = create(sagemaker, f"tags-{operation.strip('*') or 'any'}", a="1")
    assert live_tags(sagemaker, arn) == {"a": "1"}


def test_tags_of_a_create_show_late_and_none_are_shown_until_then(
    faults: str, sagemaker: Any
) -> None:
    ask(faults, "lag", "ListTags", calls=2)
    arn = create(sagemaker, "late-tags", a="1")
    # Describe does not lag: the tags alone do.
    assert shown(sagemaker, "late-tags")
    seen = [live_tags(sagemaker, arn) for _ in range(3)]
    assert seen == [{}, {}, {"a": "1"}]


@pytest.mark.parametrize(
    ("operation", "after_create", "after_add", "after_delete"),
    [("ListTags", 2, 2, 2), ("AddTags", 0, 2, 0), ("DeleteTags", 0, 0, 2)],
)
def test_tags_lag_behind_the_writes_that_were_asked_for(
    faults: str,
    sagemaker: Any,
    operation: str,
    after_create: int,
    after_add: int,
    after_delete: int,
) -> None:
    ask(faults, "lag", operation, calls=2)

    def late(before: dict[str, str], after: dict[str, str]) -> int:
        """How many reads show the tags of before; the reads after them show those of after."""
        seen = [live_tags(sagemaker, arn) for _ in range(4)]
        reads = seen.index(after)
        assert seen == [before] * reads + [after] * (4 - reads)
        return reads

    arn = create(sagemaker, f"lags-{operation}", a="1")
    assert late({}, {"a": "1"}) == after_create
    sagemaker.add_tags(ResourceArn=arn, Tags=listed({"a": "2", "b": "3"}))
    assert late({"a": "1"}, {"a": "2", "b": "3"}) == after_add
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert late({"a": "2", "b": "3"}, {"b": "3"}) == after_delete


def test_writes_soon_after_one_another_each_show_so_many_reads_later(
    faults: str, sagemaker: Any
) -> None:
    arn = create(sagemaker, "two-writes", a="1")
    ask(faults, "lag", "ListTags", calls=2)
    sagemaker.add_tags(ResourceArn=arn, Tags=listed({"a": "2"}))
    seen = [live_tags(sagemaker, arn)]
    sagemaker.add_tags(ResourceArn=arn, Tags=listed({"a": "3"}))
    seen += [live_tags(sagemaker, arn) for _ in range(3)]
    assert [tags["a"] for tags in seen] == ["1", "1", "2", "3"]


def test_late_tags_do_not_outlast_their_definition(faults: str, sagemaker: Any) -> None:
    arn = create(sagemaker, "again", a="1")
    ask(faults, "lag", "AddTags", calls=None)
    sagemaker.add_tags(ResourceArn=arn, Tags=listed({"a": "2"}))
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="again")
    assert error(sagemaker.list_tags, ResourceArn=arn)["Code"] == "ValidationException"
    create(sagemaker, "again", b="1")
    assert live_tags(sagemaker, arn) == {"b": "1"}


@pytest.mark.parametrize("operation", ["ListTags", "AddTags", "DeleteTags"])
def test_a_tag_operation_does_not_know_a_definition_for_so_many_calls(
    faults: str, sagemaker: Any, operation: str
) -> None:
    arn = create(sagemaker, f"unknown-{operation}", a="1")
    ask(faults, "resource-unknown", operation, calls=2)
    calls: dict[str, tuple[Any, dict[str, Any]]] = {
        "ListTags": (sagemaker.list_tags, {}),
        "AddTags": (sagemaker.add_tags, {"Tags": listed({"a": "2"})}),
        "DeleteTags": (sagemaker.delete_tags, {"TagKeys": ["a"]}),
    }
    call, request = calls[operation]
    for _ in range(2):
        refused = error(call, ResourceArn=arn, **request)
        assert refused == {
            "Code": "ValidationException",
            "Message": "Resource does not exist.",
            "Status": 400,
        }
        assert shown(sagemaker, f"unknown-{operation}")
    call(ResourceArn=arn, **request)


def test_a_resource_that_is_unknown_to_any_operation_is_so_to_the_tag_operations(
    faults: str, sagemaker: Any
) -> None:
    ask(faults, "resource-unknown", "*", calls=1)
    arn = create(sagemaker, "unknown-to-any", a="1")
    assert shown(sagemaker, "unknown-to-any")
    assert error(sagemaker.list_tags, ResourceArn=arn)["Message"] == "Resource does not exist."
    assert live_tags(sagemaker, arn) == {"a": "1"}


def test_what_tags_allow_is_denied_before_a_create_for_a_while_after_it_and_after_a_delete(
    faults: str, sagemaker: Any
) -> None:
    ask(faults, "denied-until-tagged", DESCRIBE, calls=2)
    assert is_denied(sagemaker, "scoped")
    arn = create(sagemaker, "scoped", team="churn")
    assert [is_denied(sagemaker, "scoped") for _ in range(3)] == [True, True, False]
    # Of the operations, the one that was asked for.
    assert live_tags(sagemaker, arn) == {"team": "churn"}
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="scoped")
    assert all(is_denied(sagemaker, "scoped") for _ in range(4))


def test_a_denial_is_in_the_words_of_a_policy_that_allows_nothing(
    faults: str, sagemaker: Any
) -> None:
    ask(faults, "denied-until-tagged", "*", calls=0)
    refused = error(sagemaker.describe_model_quality_job_definition, JobDefinitionName="nobodys")
    action = f"sagemaker:{DESCRIBE}"
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/nobodys"
    assert refused == {
        "Code": "AccessDeniedException",
        "Message": (
            f"User: arn:aws:iam::{ACCOUNT}:user/caller is not authorized to perform: {action} "
            f"on resource: {arn} because no identity-based policy allows the {action} action"
        ),
        "Status": 400,
    }


def test_all_operations_on_a_definition_may_be_denied_until_it_is_tagged(
    faults: str, sagemaker: Any
) -> None:
    ask(faults, "denied-until-tagged", "*", calls=1)
    arn = create(sagemaker, "all-scoped", team="churn")
    of_it = {"JobDefinitionName": "all-scoped"}
    calls: list[tuple[Any, dict[str, Any]]] = [
        (sagemaker.describe_model_quality_job_definition, of_it),
        (sagemaker.list_tags, {"ResourceArn": arn}),
        (sagemaker.add_tags, {"ResourceArn": arn, "Tags": listed({"a": "1"})}),
        (sagemaker.delete_tags, {"ResourceArn": arn, "TagKeys": ["a"]}),
        (sagemaker.delete_model_quality_job_definition, of_it),
    ]
    for call, request in calls:
        assert error(call, **request)["Code"] == "AccessDeniedException"
        call(**request)


def test_only_what_does_not_exist_is_denied_where_tags_are_known_at_once(
    faults: str, sagemaker: Any
) -> None:
    ask(faults, "denied-until-tagged", DESCRIBE, calls=0)
    assert is_denied(sagemaker, "at-once")
    create(sagemaker, "at-once", team="churn")
    assert not is_denied(sagemaker, "at-once")


def test_a_definition_that_stood_before_the_fault_has_its_tags(faults: str, sagemaker: Any) -> None:
    create(sagemaker, "stood", team="churn")
    ask(faults, "denied-until-tagged", DESCRIBE, calls=None)
    assert shown(sagemaker, "stood")


def test_a_denial_comes_before_a_lag(faults: str, sagemaker: Any) -> None:
    ask(faults, "lag", DESCRIBE, calls=1)
    ask(faults, "denied-until-tagged", DESCRIBE, calls=1)
    create(sagemaker, "both-faults", team="churn")
    assert is_denied(sagemaker, "both-faults")
    assert not shown(sagemaker, "both-faults")
    assert shown(sagemaker, "both-faults")


@pytest.mark.parametrize(
    ("member", "value", "limit"),
    [
        ("seconds", math.nan, "from 0 to 3600"),
        ("seconds", math.inf, "from 0 to 3600"),
        ("seconds", 3601, "from 0 to 3600"),
        ("seconds", -1, "from 0 to 3600"),
        ("rate", 1.5, "from 0 to 1"),
        ("rate", math.nan, "from 0 to 1"),
        ("calls", 0, "at least 1"),
    ],
)
def test_a_number_beyond_its_limits_is_refused_with_them(
    faults: str, member: str, value: float, limit: str
) -> None:
    said = refusal(faults, **{member: value})
    assert said == f"{member} is {value!r}; it must be {limit}"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("[]", f"a fault must be a JSON object with the members {MEMBERS}"),
        ('{"servise": "sagemaker"}', f"unknown member 'servise'; known: {MEMBERS}"),
        ('{"service": "sagemaker", "fault": "throttle"}', "operation is missing"),
        ("{}", "fault, operation, service are missing"),
    ],
)
def test_a_document_that_is_no_fault_is_refused_with_the_members(
    faults: str, document: str, words: str
) -> None:
    answer = requests.post(faults, document, timeout=5)
    assert answer.status_code == 400
    assert answer.json() == {"message": words}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS"])
def test_another_method_is_refused_with_those_that_there_are(faults: str, method: str) -> None:
    answer = requests.request(method, faults, timeout=5)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST, DELETE"
    assert answer.json() == {
        "message": f"/_sandbox/faults takes GET, HEAD, POST, DELETE, not {method}."
    }


@pytest.mark.parametrize("fault", ["throttle", "error-503"])
def test_an_error_of_cloud_control_has_the_shape_of_cloud_controls_errors(
    fault: str,
) -> None:
    client = Client(FaultsApp(Response("handed on")))
    document = {"service": "cloudcontrol", "operation": "GetResource", "fault": fault}
    assert client.post(PATH, json=document).status_code == 201
    credential = "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/cloudcontrolapi/aws4_request"
    headers = {"X-Amz-Target": "CloudApiService.GetResource", "Authorization": credential}
    answer = client.post("/", headers=headers)
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
    name, message = {
        "throttle": ("com.amazon.cloudapiservice#ThrottlingException", "Rate exceeded"),
        "error-503": (
            "com.amazon.coral.service#ServiceUnavailable",
            "The service is unavailable. Please try again.",
        ),
    }[fault]
    assert json.loads(answer.data) == {"__type": name, "Message": message}
