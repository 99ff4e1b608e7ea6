"""The scripted SageMaker, as boto3 sees it."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from benchmarks.inventory import stub
from benchmarks.inventory.answers import CREATED, Region
from benchmarks.inventory.stub import Call, Stub, serving
from benchmarks.processes import address, started
from sandbox.process import ACCOUNT

pytestmark = pytest.mark.once

FULL, DENIED, LIMITED, HANGING = "us-east-1", "us-east-2", "us-west-1", "us-west-2"
REGIONS = {
    FULL: Region(definitions=250, schedules=3),
    DENIED: Region(definitions=1, denied=("ListTags",)),
    LIMITED: Region(per_second=2),
    HANGING: Region(hangs=True),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Stub]:
    with serving(REGIONS, delay=0) as running:
        yield running


@pytest.fixture
def there(server: Stub) -> Stub:
    """The server, with no call counted yet."""
    server.calls()
    return server


def client(there: Stub, region: str, service: str = "sagemaker", patience: float = 30) -> Any:
    """A client that sends each request once, and waits some seconds for the answer."""
    return boto3.client(
        service,
        endpoint_url=there.url,
        region_name=region,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=patience),
    )


def test_a_region_has_the_definitions_and_schedules_of_its_script(there: Stub) -> None:
    sagemaker = client(there, FULL)
    pages = list(
        sagemaker.get_paginator("list_model_quality_job_definitions").paginate(
            PaginationConfig={"PageSize": 100}
        )
    )
    assert [len(page["JobDefinitionSummaries"]) for page in pages] == [100, 100, 50]
    last = pages[-1]["JobDefinitionSummaries"][-1]
    name, arn = last["MonitoringJobDefinitionName"], last["MonitoringJobDefinitionArn"]
    described = sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    assert described["JobDefinitionArn"] == arn
    assert described["CreationTime"].timestamp() == CREATED
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"]
    for summary in sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]:
        found = sagemaker.describe_monitoring_schedule(
            MonitoringScheduleName=summary["MonitoringScheduleName"]
        )
        runs = found["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"]
        assert runs == summary["MonitoringJobDefinitionName"]
        assert sagemaker.list_tags(ResourceArn=found["MonitoringScheduleArn"])["Tags"]
    assert there.calls() == Counter(
        {
            Call("ListModelQualityJobDefinitions", FULL): 3,
            Call("DescribeModelQualityJobDefinition", FULL): 1,
            Call("ListMonitoringSchedules", FULL): 1,
            Call("DescribeMonitoringSchedule", FULL): 3,
            Call("ListTags", FULL): 4,
        }
    )


def test_a_region_without_a_script_is_empty_and_not_enabled(there: Stub) -> None:
    answer = client(there, "sa-east-1").list_model_quality_job_definitions()
    assert answer["JobDefinitionSummaries"] == []
    enabled = client(there, FULL, "account").list_regions()["Regions"]
    assert {each["RegionName"] for each in enabled} == REGIONS.keys()
    assert client(there, FULL, "sts").get_caller_identity()["Account"] == ACCOUNT


def code_of(call: Callable[[], object]) -> str | None:
    """The code that a call is refused with; None if it is not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


@pytest.mark.parametrize(
    ("region", "call", "code"),
    [
        (DENIED, lambda it: it.list_tags(ResourceArn="arn:x"), "AccessDeniedException"),
        (
            FULL,
            lambda it: it.describe_model_quality_job_definition(JobDefinitionName="none"),
            "ResourceNotFound",
        ),
        (
            FULL,
            lambda it: it.list_tags(ResourceArn=f"arn:aws:sagemaker:{FULL}:{ACCOUNT}:x/y-1"),
            "ResourceNotFound",
        ),
        # What is not scripted is refused: an answer that ignores a filter would be wrong.
        (
            FULL,
            lambda it: it.list_model_quality_job_definitions(NameContains="x"),
            "ValidationException",
        ),
        (FULL, lambda it: it.list_models(), "UnknownOperationException"),
    ],
)
def test_a_refusal_has_the_code_that_it_has_in_aws(
    region: str, call: Any, code: str, there: Stub
) -> None:
    assert code_of(lambda: call(client(there, region))) == code


def test_requests_above_the_limit_of_a_region_are_throttled_until_the_next_second(
    there: Stub,
) -> None:
    limited = client(there, LIMITED)
    # Two a second: five take place in two seconds at most.
    codes = [code_of(limited.list_model_quality_job_definitions) for _ in range(5)]
    assert codes[0] is None
    assert "ThrottlingException" in codes
    time.sleep(1 - time.monotonic() % 1)
    limited.list_model_quality_job_definitions()


def test_a_region_that_hangs_never_answers_and_holds_up_no_other(there: Stub) -> None:
    with pytest.raises(ReadTimeoutError):
        client(there, HANGING, patience=0.1).list_model_quality_job_definitions()
    client(there, FULL).list_model_quality_job_definitions()


def test_answers_are_delayed_side_by_side() -> None:
    delay, calls = 0.5, 10
    with serving({FULL: Region(1, delay=delay)}, delay=60) as there:
        sagemaker = client(there, FULL)
        began = time.perf_counter()
        with ThreadPoolExecutor(calls) as pool:
            list(pool.map(lambda _: sagemaker.list_model_quality_job_definitions(), range(calls)))
        # One after another they would take five seconds, and a busy machine takes one for the rest.
        assert delay <= time.perf_counter() - began < delay * calls


def test_a_process_of_its_own_counts_calls_and_ends_with_its_standard_input() -> None:
    with started(stub.__name__, json.dumps({FULL: {"definitions": 2}}), "--delay=0") as process:
        there = Stub({})
        there.url = address(process)
        listed = client(there, FULL).list_model_quality_job_definitions()
        assert len(listed["JobDefinitionSummaries"]) == 2
        counted = requests.get(f"{there.url}{stub.CALLS}", timeout=10).json()
        assert counted == {FULL: {"ListModelQualityJobDefinitions": 1}}
        assert requests.get(f"{there.url}{stub.CALLS}", timeout=10).json() == {}
    assert process.returncode == 0
