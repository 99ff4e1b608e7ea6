"""Faults on demand as they are asked for: what is taken, what is refused, and with which words."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.faults import PATH
from tests.faults.conftest import FailingAws
from tests.unit.provider_harness import serving

CREATE = "CreateModelQualityJobDefinition"


@pytest.fixture(scope="module")
def faults() -> Iterator[str]:
    """The address that faults are asked for at."""
    with serving(FailingAws()) as aws:
        yield f"{aws.url}{PATH}"


def refusal(faults: str, **changes: Any) -> str:
    """The words in which a fault is refused, and is not pending."""
    fault = {"service": "sagemaker", "operation": CREATE, "fault": "throttle", **changes}
    answer = requests.post(faults, json=fault, timeout=5)
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
