"""Tags of job definitions and schedules, through boto3 and over a socket."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.sagemaker import ACCOUNT, REGION, Sandbox, minimal, running, schedule


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(tags_page_size=20) as it:
        yield it


@pytest.fixture
def sagemaker(sandbox: Sandbox) -> Any:
    return sandbox.client()


@pytest.fixture
def arn(sagemaker: Any) -> str:
    answer = sagemaker.create_model_quality_job_definition(
        **minimal("Quality", Tags=as_list({"team": "churn", "empty": ""}))
    )
    return str(answer["JobDefinitionArn"])


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def as_dict(tags: list[dict[str, str]]) -> dict[str, str]:
    assert len({tag["Key"] for tag in tags}) == len(tags)
    return {tag["Key"]: tag["Value"] for tag in tags}


def live(sagemaker: Any, arn: str) -> dict[str, str]:
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    return as_dict([tag for page in pages for tag in page["Tags"]])


def refused(message: str, call: Any, **request: Any) -> None:
    with pytest.raises(ClientError, match=message) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "ValidationException"


def test_tags_of_the_create_are_there_at_once(sagemaker: Any, arn: str) -> None:
    assert live(sagemaker, arn) == {"team": "churn", "empty": ""}


def test_adding_replaces_and_answers_with_all_tags(sagemaker: Any, arn: str) -> None:
    answer = sagemaker.add_tags(ResourceArn=arn, Tags=as_list({"team": "fraud", "Team": "x"}))
    expected = {"team": "fraud", "Team": "x", "empty": ""}
    assert as_dict(answer["Tags"]) == expected
    assert live(sagemaker, arn) == expected


def test_deleting_takes_what_is_there_and_minds_nothing_else(sagemaker: Any, arn: str) -> None:
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "absent"])
    assert live(sagemaker, arn) == {"empty": ""}


def test_fifty_tags_are_the_most(sagemaker: Any, arn: str) -> None:
    sagemaker.add_tags(ResourceArn=arn, Tags=as_list({f"k{n}": "v" for n in range(48)}))
    refused(
        "more than 50 tags", sagemaker.add_tags, ResourceArn=arn, Tags=as_list({"one-more": ""})
    )
    sagemaker.add_tags(ResourceArn=arn, Tags=as_list({"team": "changed"}))
    assert len(live(sagemaker, arn)) == 50


def test_a_create_with_more_than_fifty_tags_is_refused(sagemaker: Any) -> None:
    create = sagemaker.create_model_quality_job_definition
    tags = {f"k{n}": "v" for n in range(50)}
    refused(
        "at 'tags' failed to satisfy constraint: .* less than or equal to 50",
        create,
        **minimal("b", Tags=as_list({**tags, "one-more": ""})),
    )
    arn = create(**minimal("b", Tags=as_list(tags)))["JobDefinitionArn"]
    assert live(sagemaker, arn) == tags


def test_tags_of_aws_do_not_count_and_are_shown(sandbox: Sandbox, sagemaker: Any, arn: str) -> None:
    definition = sandbox.service.store.region(ACCOUNT, REGION).definitions().find("quality")
    assert definition is not None
    definition.tags["aws:cloudformation:stack-name"] = "stack"
    sagemaker.add_tags(ResourceArn=arn, Tags=as_list({f"k{n}": "v" for n in range(48)}))
    assert len(live(sagemaker, arn)) == 51


@pytest.mark.parametrize("key", ["aws:owner", "AWS:owner", "Aws:"])
def test_keys_of_aws_are_refused_from_callers(sagemaker: Any, arn: str, key: str) -> None:
    tags = as_list({"fine": "yes", key: "me"})
    message = f"System prefix 'aws:' reserved for AWS usage in tag key: {key}$"
    refused(message, sagemaker.add_tags, ResourceArn=arn, Tags=tags)
    refused(message, sagemaker.delete_tags, ResourceArn=arn, TagKeys=["team", key])
    refused(message, sagemaker.create_model_quality_job_definition, **minimal("b", Tags=tags))
    assert live(sagemaker, arn) == {"team": "churn", "empty": ""}


def test_a_key_that_comes_twice_is_refused(sagemaker: Any, arn: str) -> None:
    tags = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "1"}]
    refused("Duplicate tag key$", sagemaker.add_tags, ResourceArn=arn, Tags=tags)
    refused(
        "Duplicate tag key$",
        sagemaker.create_model_quality_job_definition,
        **minimal("b", Tags=tags),
    )


def test_a_list_of_tags_has_pages(sagemaker: Any, arn: str) -> None:
    sagemaker.add_tags(ResourceArn=arn, Tags=as_list({f"k{n}": "v" for n in range(43)}))
    pages = list(sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn))
    assert [len(page["Tags"]) for page in pages] == [20, 20, 5]
    assert len(live(sagemaker, arn)) == 45
    refused("NextToken is not valid", sagemaker.list_tags, ResourceArn=arn, NextToken="garbage")
    refused("greater than or equal to 50", sagemaker.list_tags, ResourceArn=arn, MaxResults=49)


@pytest.mark.parametrize("kind", ["model-quality-job-definition", "monitoring-schedule"])
def test_what_does_not_exist_has_no_tags(sagemaker: Any, kind: str) -> None:
    absent = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/absent"
    message = r"Resource does not exist\.$"
    refused(message, sagemaker.list_tags, ResourceArn=absent)
    refused(message, sagemaker.add_tags, ResourceArn=absent, Tags=as_list({"a": "b"}))
    refused(message, sagemaker.delete_tags, ResourceArn=absent, TagKeys=["a"])


def test_an_arn_in_another_case_does_not_exist(sagemaker: Any, arn: str) -> None:
    refused("Resource does not exist", sagemaker.list_tags, ResourceArn=arn.lower())


def test_a_request_without_an_arn_is_refused_in_the_services_words(sagemaker: Any) -> None:
    refused("Value null at 'resourceArn'", sagemaker.list_tags)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Value '' at 'resourceArn'"),
        ("churn", "Value 'churn' at 'resourceArn'"),
        ("arn:aws:s3:::bucket", "Value 'arn:aws:s3:::bucket' at 'resourceArn'"),
        (f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:churn", "Resource does not exist"),
    ],
)
def test_what_is_no_arn_of_sagemakers_is_refused_in_the_services_words(
    sagemaker: Any, text: str, words: str
) -> None:
    refused(words, sagemaker.list_tags, ResourceArn=text)
    refused(words, sagemaker.add_tags, ResourceArn=text, Tags=as_list({"a": "b"}))
    refused(words, sagemaker.delete_tags, ResourceArn=text, TagKeys=["a"])


def test_schedules_have_tags_too(sagemaker: Any, arn: str) -> None:
    created = sagemaker.create_monitoring_schedule(
        **schedule(definition="quality", Tags=as_list({"a": "1"}))
    )
    schedule_arn = created["MonitoringScheduleArn"]
    sagemaker.add_tags(ResourceArn=schedule_arn, Tags=as_list({"b": "2"}))
    sagemaker.delete_tags(ResourceArn=schedule_arn, TagKeys=["a"])
    assert live(sagemaker, schedule_arn) == {"b": "2"}
    assert live(sagemaker, arn) == {"team": "churn", "empty": ""}


def test_tags_of_other_resources_are_motos(sagemaker: Any) -> None:
    model = sagemaker.create_model(
        ModelName="model",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/model",
        PrimaryContainer={"Image": "image"},
        Tags=as_list({"a": "1"}),
    )
    try:
        sagemaker.add_tags(ResourceArn=model["ModelArn"], Tags=as_list({"b": "2"}))
        assert live(sagemaker, model["ModelArn"]) == {"a": "1", "b": "2"}
    finally:
        sagemaker.delete_model(ModelName="model")
