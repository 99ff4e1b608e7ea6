"""The few differences between properties and SageMaker's request and description."""

import copy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from aws_sagemaker_modelqualityjobdefinition import translation
from tests.harness.provider import BATCH, MINIMUM

NOON = datetime(2026, 11, 20, 20, 21, 24, 397000, tzinfo=timezone.utc)


def dataset_format(document: dict[str, Any]) -> Any:
    return document["ModelQualityJobInput"]["BatchTransformInput"]["DatasetFormat"]


def batch(**formats: Any) -> dict[str, Any]:
    job_input = BATCH["ModelQualityJobInput"]
    source = {**job_input["BatchTransformInput"], "DatasetFormat": formats}
    return {**BATCH, "ModelQualityJobInput": {**job_input, "BatchTransformInput": source}}


def test_what_the_two_share_passes_through() -> None:
    request = translation.to_request(MINIMUM, "churn", {})
    assert request == {**MINIMUM, "JobDefinitionName": "churn"}


def test_what_is_no_member_of_the_request_stays_here() -> None:
    extra = {"EndpointName": "e", "JobDefinitionArn": "arn", "CreationTime": "now", "Tags": []}
    request = translation.to_request({**MINIMUM, **extra}, "churn", {"team": ""})
    assert request == {
        **MINIMUM,
        "JobDefinitionName": "churn",
        "Tags": [{"Key": "team", "Value": ""}],
    }


@pytest.mark.parametrize("empty", [{"Csv": {}}, {"Json": {}}, {"Csv": {}, "Json": {}}])
def test_empty_objects_stay_objects(empty: dict[str, Any]) -> None:
    assert dataset_format(translation.to_request(batch(**empty), "churn", {})) == empty


@pytest.mark.parametrize(("boolean", "sent"), [(True, {"Parquet": {}}), (False, {})])
def test_parquet_is_a_boolean_here_and_an_empty_object_there(boolean: bool, sent: Any) -> None:
    assert dataset_format(translation.to_request(batch(Parquet=boolean), "churn", {})) == sent


def test_a_description_becomes_properties_without_nulls() -> None:
    described = {**batch(Parquet={}), "NetworkConfig": None, "CreationTime": NOON}
    properties = translation.to_properties(described, "arn:known")
    assert properties == {
        **batch(Parquet=True),
        "CreationTime": "2026-11-20T20:21:24.397Z",
        "JobDefinitionArn": "arn:known",
    }


def test_the_services_arn_is_taken_where_no_other_is_known() -> None:
    described = {**MINIMUM, "CreationTime": NOON, "JobDefinitionArn": "arn:service"}
    assert translation.to_properties(described)["JobDefinitionArn"] == "arn:service"


def test_a_time_is_told_in_utc_to_the_millisecond() -> None:
    elsewhere = datetime(2026, 11, 21, 1, 51, 24, tzinfo=timezone(timedelta(hours=5.5)))
    assert translation.to_instant(elsewhere) == "2026-11-20T20:21:24.000Z"


def test_a_default_that_is_stated_equals_one_that_is_left_out() -> None:
    stated = batch(Csv={}, Parquet=False)
    stated["StoppingCondition"] = {"MaxRuntimeInSeconds": 3600}
    stated["ModelQualityJobInput"]["BatchTransformInput"].update(
        S3InputMode="File", S3DataDistributionType="FullyReplicated"
    )
    [output] = copy.deepcopy(stated["ModelQualityJobOutputConfig"]["MonitoringOutputs"])
    output["S3Output"]["S3UploadMode"] = "EndOfJob"
    stated["ModelQualityJobOutputConfig"] = {"MonitoringOutputs": [output]}
    filled = translation.with_service_defaults(batch(Csv={}))
    assert translation.with_service_defaults(stated) == filled
    assert translation.with_service_defaults({**stated, "RoleArn": "other"}) != filled


def test_translation_leaves_what_it_is_given_alone() -> None:
    given = batch(Parquet=True)
    translation.to_request(given, "churn", {})
    translation.with_service_defaults(given)
    assert given == batch(Parquet=True)
