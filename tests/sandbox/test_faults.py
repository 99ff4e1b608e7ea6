"""Faults on demand as they are asked for: what is taken, what is refused, and with which words."""

import json
import math
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests

from sandbox.faults import PATH
from tests.faults.conftest import FailingAws
from tests.unit.provider_harness import MINIMUM, REGION, serving

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
        f"service is {service!r}{nearest}; it may be one of cloudformation, cloudwatch, iam, "
        "lambda, logs, s3, sagemaker, sts, or *"
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
        ("*", "ListTag", "no service here has it (did you mean 'ListTags'?)"),
        ("sagemaker", "PutLogEvents", "sagemaker has no such operation"),
        ("sts", "xyz", "sts has no such operation"),
        ("sts", None, "sts has no such operation"),
    ],
)
def test_an_operation_that_its_service_lacks_is_refused_with_the_nearest(
    faults: str, service: str, operation: Any, words: str
) -> None:
    message = refusal(faults, service=service, operation=operation)
    assert message == f"operation is {operation!r}, and {words}"


def test_an_operation_that_requests_do_not_name_is_refused_as_it_would_never_strike(
    faults: str,
) -> None:
    assert refusal(faults, service="s3", operation="PutObject") == (
        "operation is 'PutObject'; requests of s3 do not name their operation, "
        "so that it may only be *"
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
    ("service", "operation"),
    [("sagemaker", "CreateMonitoringSchedule"), ("sagemaker", "ListTags"), ("iam", "*")],
)
def test_a_lag_where_nothing_lags_is_refused_with_where_it_does(
    faults: str, service: str, operation: str
) -> None:
    assert refusal(faults, service=service, operation=operation, fault="lag") == (
        f"nothing lags at {operation!r} of {service!r}: only sagemaker's {DESCRIBE} does, "
        f"after {CREATE} or {DELETE}; operation may be one of these, or * for both"
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
    assert said == f"{member} is {value!r}; it has to be {limit}"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS"])
def test_another_method_is_refused_with_those_that_there_are(faults: str, method: str) -> None:
    answer = requests.request(method, faults, timeout=5)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST, DELETE"
    assert answer.json() == {
        "message": f"/_sandbox/faults takes GET, HEAD, POST, DELETE, and not {method}."
    }
