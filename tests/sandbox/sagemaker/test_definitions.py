"""The sandbox's job definitions, through boto3 and over a socket."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conformance.aws import make_endpoint, remove_endpoint
from sandbox.json_service.caller import Caller
from tests.harness.sagemaker import (
    ACCOUNT,
    EVERYTHING,
    REGION,
    Sandbox,
    batch,
    minimal,
    running,
    schedule,
)

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        yield it


@pytest.fixture
def sagemaker(sandbox: Sandbox) -> Any:
    return sandbox.client()


def code(error: "pytest.ExceptionInfo[ClientError]") -> str:
    return str(error.value.response["Error"]["Code"])


def describe(sagemaker: Any, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    del answer["ResponseMetadata"]
    return answer


def names(answer: dict[str, Any]) -> list[str]:
    return [each["MonitoringJobDefinitionName"] for each in answer["JobDefinitionSummaries"]]


def test_describe_gives_back_what_was_created(sagemaker: Any) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    created = sagemaker.create_model_quality_job_definition(**EVERYTHING)
    described = describe(sagemaker, "Churn-Quality")

    assert created["JobDefinitionArn"] == f"{ARN}/Churn-Quality"
    assert before <= described.pop("CreationTime") <= datetime.now(timezone.utc)
    without_tags = {name: value for name, value in EVERYTHING.items() if name != "Tags"}
    assert described == {"JobDefinitionArn": f"{ARN}/Churn-Quality", **without_tags}


@pytest.mark.parametrize(
    ("request_for", "member"), [(minimal, "EndpointInput"), (batch, "BatchTransformInput")]
)
def test_describe_fills_in_the_services_defaults_and_holds_no_null(
    sandbox: Sandbox, sagemaker: Any, request_for: Any, member: str
) -> None:
    request = request_for("plain")
    sagemaker.create_model_quality_job_definition(**request)
    described = sandbox.post(
        "DescribeModelQualityJobDefinition", {"JobDefinitionName": "plain"}
    ).json

    assert described.pop("CreationTime") == pytest.approx(time.time(), abs=60)
    request["ModelQualityJobInput"][member] |= {
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    [output] = request["ModelQualityJobOutputConfig"]["MonitoringOutputs"]
    output["S3Output"]["S3UploadMode"] = "EndOfJob"
    assert described == {
        **request,
        "JobDefinitionArn": f"{ARN}/plain",
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


def test_answers_have_the_shape_of_those_that_a_real_definition_was_recorded_with(
    sandbox: Sandbox, sagemaker: Any
) -> None:
    # The recordings: cloud-custodian/cloud-custodian, tests/data/placebo/
    # test_sagemaker_model_quality_job_definition_{tag,delete}. What the definition was made with
    # is not recorded; that what it is asked for here says least is this test's choice.
    recorded = minimal(
        "recorded",
        ModelQualityAppSpecification={"ImageUri": "image", "ProblemType": "Regression"},
        JobResources={
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.t3.medium",
                "VolumeSizeInGB": 1,
            }
        },
        Tags=[{"Key": "Owner", "Value": "c7n"}],
    )
    recorded["ModelQualityJobInput"]["EndpointInput"]["InferenceAttribute"] = "test"
    arn = sagemaker.create_model_quality_job_definition(**recorded)["JobDefinitionArn"]

    def answer(operation: str, **request: str) -> dict[str, Any]:
        return sandbox.post(operation, request).json

    described = answer("DescribeModelQualityJobDefinition", JobDefinitionName="recorded")
    created = described["CreationTime"]
    assert created == round(created, 3)
    assert described == {
        "JobDefinitionArn": f"{ARN}/recorded",
        "JobDefinitionName": "recorded",
        "CreationTime": created,
        "ModelQualityAppSpecification": {"ImageUri": "image", "ProblemType": "Regression"},
        "ModelQualityJobInput": {
            "EndpointInput": {
                "EndpointName": "churn",
                "LocalPath": "/in",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
                "InferenceAttribute": "test",
            },
            "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
        },
        "ModelQualityJobOutputConfig": {
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": "s3://bucket/out",
                        "LocalPath": "/out",
                        "S3UploadMode": "EndOfJob",
                    }
                }
            ]
        },
        "JobResources": recorded["JobResources"],
        "RoleArn": recorded["RoleArn"],
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    summary = {
        "MonitoringJobDefinitionName": "recorded",
        "MonitoringJobDefinitionArn": described["JobDefinitionArn"],
        "CreationTime": created,
        "EndpointName": "churn",
    }
    assert answer("ListModelQualityJobDefinitions") == {"JobDefinitionSummaries": [summary]}
    assert answer("ListTags", ResourceArn=arn) == {"Tags": [{"Key": "Owner", "Value": "c7n"}]}
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["Owner"])
    assert answer("ListTags", ResourceArn=arn) == {"Tags": []}
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="recorded")
    assert answer("ListModelQualityJobDefinitions") == {"JobDefinitionSummaries": []}


def test_creation_time_is_seconds_to_the_millisecond(sandbox: Sandbox, sagemaker: Any) -> None:
    sagemaker.create_model_quality_job_definition(**minimal())
    answer = sandbox.post("DescribeModelQualityJobDefinition", {"JobDefinitionName": "quality"})
    creation_time = answer.json["CreationTime"]
    assert isinstance(creation_time, float)
    assert round(creation_time, 3) == creation_time


def test_a_definition_needs_an_input(sagemaker: Any) -> None:
    inputs = {"GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"}}
    with pytest.raises(ClientError, match="EndpointInput or BatchTransformInput") as error:
        sagemaker.create_model_quality_job_definition(**minimal(ModelQualityJobInput=inputs))
    assert code(error) == "ValidationException"


def predicting(problem_type: str | None, **attributes: str) -> dict[str, Any]:
    """A request for a kind of problem, whose endpoint's predictions are at ``attributes`` alone."""
    request = minimal()
    request["ModelQualityJobInput"]["EndpointInput"].update(attributes)
    if problem_type:
        request["ModelQualityAppSpecification"]["ProblemType"] = problem_type
    return request


@pytest.mark.parametrize(
    ("problem_type", "attributes"),
    [
        ("Regression", {}),
        ("Regression", {"ProbabilityAttribute": "0"}),
        ("MulticlassClassification", {}),
        ("MulticlassClassification", {"ProbabilityAttribute": "0"}),
        ("BinaryClassification", {}),
    ],
)
def test_an_endpoint_without_a_prediction_is_refused_with_the_path(
    sagemaker: Any, problem_type: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as error:
        sagemaker.create_model_quality_job_definition(**predicting(problem_type, **attributes))
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": (
            "InvalidParameter: 1 validation error(s) found.\n- missing required field, "
            "CreateModelQualityJobDefinitionInput.ModelQualityJobInputs.EndpointInput."
            "InferenceAttribute.\n"
        ),
    }
    assert names(sagemaker.list_model_quality_job_definitions()) == []


@pytest.mark.parametrize(
    ("problem_type", "attributes"),
    [
        ("Regression", {"InferenceAttribute": "0"}),
        ("MulticlassClassification", {"InferenceAttribute": "0"}),
        ("BinaryClassification", {"InferenceAttribute": "0"}),
        ("BinaryClassification", {"ProbabilityAttribute": "0"}),
        (None, {}),
    ],
)
def test_an_endpoint_with_a_prediction_or_no_kind_of_problem_is_accepted(
    sagemaker: Any, problem_type: str | None, attributes: dict[str, str]
) -> None:
    sagemaker.create_model_quality_job_definition(**predicting(problem_type, **attributes))
    shown = describe(sagemaker, "quality")["ModelQualityJobInput"]["EndpointInput"]
    assert attributes.items() <= shown.items()


def test_a_batch_transform_may_be_without_a_prediction(sagemaker: Any) -> None:
    specification = {"ImageUri": "image", "ProblemType": "Regression"}
    request = batch(ModelQualityAppSpecification=specification)
    sagemaker.create_model_quality_job_definition(**request)
    assert describe(sagemaker, "quality")["ModelQualityAppSpecification"] == specification


@pytest.mark.parametrize("again", ["Churn", "churn", "CHURN"])
def test_a_name_is_taken_and_found_whatever_its_case(sagemaker: Any, again: str) -> None:
    sagemaker.create_model_quality_job_definition(**minimal("Churn"))
    with pytest.raises(sagemaker.exceptions.ResourceInUse, match=f"{ARN}/Churn"):
        sagemaker.create_model_quality_job_definition(**minimal(again))
    assert describe(sagemaker, again)["JobDefinitionName"] == "Churn"
    sagemaker.delete_model_quality_job_definition(JobDefinitionName=again)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        describe(sagemaker, "Churn")


def test_one_of_many_concurrent_creates_wins(sandbox: Sandbox) -> None:
    outcomes = []

    def create() -> None:
        answer = sandbox.post("CreateModelQualityJobDefinition", minimal())
        outcomes.append(answer.json.get("__type", "created"))

    threads = [threading.Thread(target=create) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ResourceInUse"] * 15 + ["created"]


def test_what_does_not_exist_is_not_found(sagemaker: Any) -> None:
    for operation in ("describe", "delete"):
        call = getattr(sagemaker, f"{operation}_model_quality_job_definition")
        with pytest.raises(sagemaker.exceptions.ResourceNotFound, match=f"{ARN}/absent not found"):
            call(JobDefinitionName="absent")


def test_a_refused_create_leaves_nothing(sagemaker: Any) -> None:
    tags = [{"Key": "aws:owner", "Value": "me"}]
    with pytest.raises(ClientError):
        sagemaker.create_model_quality_job_definition(**minimal(Tags=tags))
    assert names(sagemaker.list_model_quality_job_definitions()) == []


def test_a_definition_in_use_cannot_be_deleted(sagemaker: Any) -> None:
    sagemaker.create_model_quality_job_definition(**minimal("Quality"))
    arn = sagemaker.create_monitoring_schedule(**schedule("nightly", "quality"))
    with pytest.raises(
        sagemaker.exceptions.ResourceInUse, match=arn["MonitoringScheduleArn"]
    ) as error:
        sagemaker.delete_model_quality_job_definition(JobDefinitionName="quality")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="nightly")
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="quality")


def test_accounts_and_regions_are_kept_apart(sandbox: Sandbox, sagemaker: Any) -> None:
    other_role = "arn:aws:iam::210987654321:role/other"
    keys = sandbox.client("sts").assume_role(RoleArn=other_role, RoleSessionName="s")["Credentials"]
    elsewhere = {
        "arn:aws:sagemaker:us-east-1:210987654321": sandbox.client(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        ),
        "arn:aws:sagemaker:eu-west-1:123456789012": sandbox.client(region="eu-west-1"),
        "arn:aws-cn:sagemaker:cn-north-1:123456789012": sandbox.client(region="cn-north-1"),
        "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012": sandbox.client(
            region="us-gov-west-1"
        ),
    }
    here = sagemaker.create_model_quality_job_definition(**minimal())["JobDefinitionArn"]
    for prefix, client in elsewhere.items():
        assert names(client.list_model_quality_job_definitions()) == []
        arn = client.create_model_quality_job_definition(**minimal())["JobDefinitionArn"]
        assert arn == f"{prefix}:model-quality-job-definition/quality"
        with pytest.raises(ClientError, match="Resource does not exist"):
            client.list_tags(ResourceArn=here)
        client.delete_model_quality_job_definition(JobDefinitionName="quality")
    assert names(sagemaker.list_model_quality_job_definitions()) == ["quality"]


def test_the_case_of_a_name_in_an_arn_is_a_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    for options, variable in ({"arn_case": "lower"}, "kept"), ({}, "lower"):
        monkeypatch.setenv("SANDBOX_SAGEMAKER_ARN_CASE", variable)
        with running(**options) as sandbox:
            sagemaker = sandbox.client()
            created = sagemaker.create_model_quality_job_definition(**minimal("Churn"))
            described = describe(sagemaker, "churn")
            listed = sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"][0]
            assert created["JobDefinitionArn"] == f"{ARN}/churn"
            assert described["JobDefinitionArn"] == f"{ARN}/churn"
            assert listed["MonitoringJobDefinitionArn"] == f"{ARN}/churn"
            assert described["JobDefinitionName"] == "Churn"
            assert sagemaker.list_tags(ResourceArn=f"{ARN}/churn")["Tags"] == []


@pytest.mark.parametrize(
    ("switch", "words"),
    [
        ({"arn_case": "upper"}, "kept or lower, not 'upper'"),
        ({"endpoints_are": "there"}, "assumed or checked, not 'there'"),
    ],
)
def test_another_value_of_a_switch_is_an_error_at_once(switch: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words), running(**switch):
        pass


def test_that_an_endpoint_has_to_exist_is_a_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_SAGEMAKER_ENDPOINTS", "checked")
    with running() as sandbox, running(endpoints_are="assumed") as careless:
        here, elsewhere = sandbox.client(), sandbox.client(region="eu-west-1")

        def create(sagemaker: Any, **request: Any) -> None:
            sagemaker.create_model_quality_job_definition(**request)

        def refused(sagemaker: Any) -> None:
            words = "Endpoint 'churn' does not exist or is not valid$"
            with pytest.raises(ClientError, match=words) as error:
                create(sagemaker, **minimal("refused"))
            assert code(error) == "ValidationException"
            assert names(sagemaker.list_model_quality_job_definitions(NameContains="refused")) == []

        refused(here)
        create(here, **batch("offline"))
        create(careless.client(), **minimal())
        make_endpoint(here, "Churn")
        create(here, **minimal())
        refused(elsewhere)
        remove_endpoint(here, "Churn")
        refused(here)


def test_a_summary_names_the_endpoint_where_there_is_one(sagemaker: Any) -> None:
    sagemaker.create_model_quality_job_definition(**minimal("online"))
    sagemaker.create_model_quality_job_definition(**batch("offline"))
    summaries = sagemaker.list_model_quality_job_definitions(SortBy="Name", SortOrder="Descending")
    online, offline = summaries["JobDefinitionSummaries"]
    assert online.pop("CreationTime") == describe(sagemaker, "online")["CreationTime"]
    assert online == {
        "MonitoringJobDefinitionName": "online",
        "MonitoringJobDefinitionArn": f"{ARN}/online",
        "EndpointName": "churn",
    }
    assert "EndpointName" not in offline


def test_a_list_is_filtered_and_sorted_as_asked(sandbox: Sandbox, sagemaker: Any) -> None:
    for name in ("beta", "Alpha", "gamma-2"):
        sagemaker.create_model_quality_job_definition(**minimal(name))
    sagemaker.create_model_quality_job_definition(**batch("delta"))
    stored = sandbox.service.store.region(ACCOUNT, REGION).definitions().all()
    for moment, definition in enumerate(stored, start=1000):
        definition.created = float(moment)

    def listed(**query: Any) -> list[str]:
        return names(sagemaker.list_model_quality_job_definitions(**query))

    assert listed() == ["delta", "gamma-2", "Alpha", "beta"]
    assert listed(SortOrder="Ascending") == ["beta", "Alpha", "gamma-2", "delta"]
    assert listed(SortBy="Name", SortOrder="Ascending") == ["Alpha", "beta", "delta", "gamma-2"]
    assert listed(SortBy="Name") == ["gamma-2", "delta", "beta", "Alpha"]
    assert listed(EndpointName="CHURN") == ["gamma-2", "Alpha", "beta"]
    assert listed(EndpointName="other") == []
    assert listed(NameContains="A-2") == ["gamma-2"]
    assert listed(CreationTimeBefore=1001) == ["beta"]
    assert listed(CreationTimeAfter=1001, CreationTimeBefore=1003) == ["gamma-2"]


def test_pages_hold_ten_unless_asked_otherwise_and_each_definition_once(sagemaker: Any) -> None:
    for number in range(25):
        sagemaker.create_model_quality_job_definition(**minimal(f"q{number:02}"))
    assert len(names(sagemaker.list_model_quality_job_definitions())) == 10
    for order in ("Ascending", "Descending"):
        pages = list(
            sagemaker.get_paginator("list_model_quality_job_definitions").paginate(
                MaxResults=10, SortBy="Name", SortOrder=order
            )
        )
        listed = [name for page in pages for name in names(page)]
        assert [len(names(page)) for page in pages] == [10, 10, 5]
        assert listed == sorted(listed, reverse=order == "Descending")
        assert len(set(listed)) == 25
    whole = sagemaker.list_model_quality_job_definitions(MaxResults=25)
    assert len(names(whole)) == 25
    assert "NextToken" not in whole


def test_a_filtered_page_may_be_empty_and_have_a_token(sagemaker: Any) -> None:
    for name in ("wanted", "newer", "newest"):
        sagemaker.create_model_quality_job_definition(**minimal(name))
    pages = sagemaker.get_paginator("list_model_quality_job_definitions").paginate(
        NameContains="wanted", MaxResults=1
    )
    assert [(names(page), "NextToken" in page) for page in pages] == [
        ([], True),
        ([], True),
        (["wanted"], False),
    ]


def test_a_definition_deleted_between_pages_hides_no_other(sagemaker: Any) -> None:
    for name in "abcd":
        sagemaker.create_model_quality_job_definition(**minimal(name))
    query = {"SortBy": "Name", "SortOrder": "Ascending", "MaxResults": 2}
    first = sagemaker.list_model_quality_job_definitions(**query)
    sagemaker.delete_model_quality_job_definition(JobDefinitionName="b")
    second = sagemaker.list_model_quality_job_definitions(**query, NextToken=first["NextToken"])
    assert names(first) + names(second) == ["a", "b", "c", "d"]


def test_a_token_of_another_list_is_refused(sandbox: Sandbox, sagemaker: Any) -> None:
    for name in "abc":
        sagemaker.create_model_quality_job_definition(**minimal(name))
    token = sagemaker.list_model_quality_job_definitions(MaxResults=1)["NextToken"]
    with running() as another:
        refused = [
            (sagemaker, {"NextToken": "garbage"}),
            (sagemaker, {"NextToken": "ü"}),
            (sagemaker, {"NextToken": token[:-4]}),
            (sagemaker, {"NextToken": token, "SortBy": "Name"}),
            (sagemaker, {"NextToken": token, "NameContains": "a"}),
            (sandbox.client(region="eu-west-1"), {"NextToken": token}),
            (another.client(), {"NextToken": token}),
        ]
        for client, query in refused:
            with pytest.raises(ClientError, match="NextToken is not valid") as error:
                client.list_model_quality_job_definitions(MaxResults=1, **query)
            assert code(error) == "ValidationException"
    # The size of a page may change on the way.
    rest = sagemaker.list_model_quality_job_definitions(MaxResults=5, NextToken=token)
    assert len(names(rest)) == 2


def test_ten_thousand_definitions_are_created_and_listed_quickly(sandbox: Sandbox) -> None:
    caller = Caller(ACCOUNT, REGION)
    for number in range(10_000):
        sandbox.service.call(caller, "CreateModelQualityJobDefinition", minimal(f"q{number}"))
    started = time.monotonic()
    found: set[str] = set()
    request: dict[str, Any] = {"MaxResults": 100}
    while True:
        page = sandbox.service.call(caller, "ListModelQualityJobDefinitions", request)
        assert page is not None
        found.update(names(page))
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert len(found) == 10_000
    # A hundred pages, some 10 ms each on a slow machine.
    assert time.monotonic() - started < 30
