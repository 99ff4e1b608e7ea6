"""The Resource Groups Tagging API finds, tags and untags definitions and schedules."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.sagemaker import ACCOUNT, REGION, Sandbox, minimal, running, schedule

DEFINITION = "sagemaker:model-quality-job-definition"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        yield it


@pytest.fixture
def api(sandbox: Sandbox) -> Any:
    return sandbox.client("resourcegroupstaggingapi")


def tag(key: str, value: str) -> dict[str, str]:
    return {"Key": key, "Value": value}


def define(sandbox: Sandbox, name: str, **tags: str) -> str:
    """Create a definition with these tags; return its ARN."""
    asked = minimal(name, Tags=[tag(key, value) for key, value in tags.items()])
    made = sandbox.client().create_model_quality_job_definition(**asked)
    arn: str = made["JobDefinitionArn"]
    return arn


def found(api: Any, **asked: Any) -> dict[str, dict[str, str]]:
    """The tags of what GetResources finds, over all pages, by ARN."""
    pages = api.get_paginator("get_resources").paginate(**asked)
    listed = [each for page in pages for each in page["ResourceTagMappingList"]]
    return {
        each["ResourceARN"]: {one["Key"]: one["Value"] for one in each["Tags"]} for each in listed
    }


def test_definitions_are_found_by_tag_and_by_type(sandbox: Sandbox, api: Any) -> None:
    red = define(sandbox, "red", team="churn", stage="test")
    blue = define(sandbox, "blue", team="fraud")
    define(sandbox, "untagged")
    sandbox.client().create_monitoring_schedule(**schedule("daily", "red", Tags=[tag("team", "x")]))
    daily = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/daily"
    assert found(api, ResourceTypeFilters=[DEFINITION]) == {
        red: {"team": "churn", "stage": "test"},
        blue: {"team": "fraud"},
    }
    assert set(found(api, ResourceTypeFilters=["sagemaker"])) == {red, blue, daily}
    assert set(found(api, ResourceTypeFilters=["sagemaker:monitoring-schedule"])) == {daily}
    assert found(api, ResourceTypeFilters=["s3"]) == {}
    assert set(found(api, TagFilters=[{"Key": "team", "Values": ["churn", "x"]}])) == {red, daily}
    assert set(found(api, TagFilters=[{"Key": "stage"}, {"Key": "team"}])) == {red}
    assert set(found(api, ResourceARNList=[blue])) == {blue}


def test_resources_of_moto_are_found_beside_them(sandbox: Sandbox, api: Any) -> None:
    quality, sns = define(sandbox, "quality", team="churn"), sandbox.client("sns")
    news = sns.create_topic(Name="news", Tags=[tag("team", "churn")])["TopicArn"]
    assert set(found(api)) >= {quality, news}
    sns.delete_topic(TopicArn=news)  # the topics of a process outlive its sandbox


def test_pages_have_every_definition_once(sandbox: Sandbox, api: Any) -> None:
    arns = {define(sandbox, f"page-{number}", team="churn") for number in range(5)}
    first = api.get_resources(ResourcesPerPage=2, ResourceTypeFilters=[DEFINITION])
    assert len(first["ResourceTagMappingList"]) == 2
    assert set(found(api, ResourcesPerPage=2, ResourceTypeFilters=[DEFINITION])) == arns


def test_each_key_and_value_is_listed_once(sandbox: Sandbox, api: Any) -> None:
    define(sandbox, "one", squad="red")
    define(sandbox, "two", squad="red")
    define(sandbox, "three", squad="blue")
    assert api.get_tag_keys()["TagKeys"].count("squad") == 1
    assert sorted(api.get_tag_values(Key="squad")["TagValues"]) == ["blue", "red"]


def test_definitions_are_tagged_and_untagged_by_their_arn(sandbox: Sandbox, api: Any) -> None:
    arn = define(sandbox, "quality", team="churn")
    answer = api.tag_resources(ResourceARNList=[arn], Tags={"stage": "test"})
    assert answer["FailedResourcesMap"] == {}
    api.untag_resources(ResourceARNList=[arn], TagKeys=["team"])
    assert sandbox.client().list_tags(ResourceArn=arn)["Tags"] == [tag("stage", "test")]


def test_what_cannot_be_tagged_is_told_with_sagemakers_error(sandbox: Sandbox, api: Any) -> None:
    arn = define(sandbox, "quality")
    gone = arn.replace("quality", "gone").replace("model-gone", "model-quality")
    answer = api.tag_resources(ResourceARNList=[arn, gone], Tags={"stage": "test"})
    assert answer["FailedResourcesMap"] == {
        gone: {
            "StatusCode": 400,
            "ErrorCode": "ValidationException",
            "ErrorMessage": "Resource does not exist.",
        }
    }
    assert found(api, ResourceTypeFilters=[DEFINITION]) == {arn: {"stage": "test"}}


def test_accounts_and_regions_are_apart(sandbox: Sandbox, api: Any) -> None:
    define(sandbox, "quality", team="churn")
    elsewhere = sandbox.client("resourcegroupstaggingapi", region="eu-west-1")
    assert found(elsewhere, ResourceTypeFilters=["sagemaker"]) == {}
    assert len(found(api, ResourceTypeFilters=["sagemaker"])) == 1
