"""The words in which a request is refused."""

import base64
from typing import Any

import pytest

from sandbox.json_service import constraints
from sandbox.json_service.constraints import parse
from sandbox.json_service.errors import ServiceError
from sandbox.json_service.models import input_shape
from tests.harness.sagemaker import EVERYTHING, minimal

CREATE = "CreateModelQualityJobDefinition"


def checked(operation: str, request: Any) -> dict[str, Any]:
    return constraints.checked(input_shape("sagemaker", operation), request)


def refusal(operation: str, request: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        checked(operation, request)
    return f"{caught.value.code}: {caught.value.message}"


def test_a_valid_request_comes_back_as_a_copy() -> None:
    request = checked(CREATE, EVERYTHING)
    assert request == EVERYTHING
    request["JobResources"]["ClusterConfig"].clear()
    assert EVERYTHING["JobResources"]["ClusterConfig"]


def test_one_violation_is_counted_in_the_singular() -> None:
    assert refusal(CREATE, minimal(RoleArn=None)) == (
        "ValidationException: 1 validation error detected: Value null at 'roleArn' failed to "
        "satisfy constraint: Member must not be null"
    )


def test_all_violations_are_told_at_once() -> None:
    assert refusal("DescribeModelQualityJobDefinition", {"JobDefinitionName": "_" * 64}) == (
        "ValidationException: 2 validation errors detected: "
        f"Value '{'_' * 64}' at 'jobDefinitionName' failed to satisfy constraint: "
        "Member must have length less than or equal to 63; "
        f"Value '{'_' * 64}' at 'jobDefinitionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param(
            {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c#", "Value": "d"}]},
            r"Value 'c#' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy "
            r"regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)",
            id="a member of a structure in a list",
        ),
        pytest.param(
            {"Tags": [{"Key": "a"}]},
            "Value null at 'tags.1.member.value' failed to satisfy constraint: "
            "Member must not be null",
            id="a missing member of a structure in a list",
        ),
        pytest.param(
            {"StoppingCondition": {"MaxRuntimeInSeconds": 86401}},
            "Value '86401' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy "
            "constraint: Member must have value less than or equal to 86400",
            id="a number out of range",
        ),
        pytest.param(
            {"ModelQualityAppSpecification": {"ImageUri": "i", "ProblemType": "Ranking"}},
            "Value 'Ranking' at 'modelQualityAppSpecification.problemType' failed to satisfy "
            "constraint: Member must satisfy enum value set: "
            "[BinaryClassification, MulticlassClassification, Regression]",
            id="an enumeration",
        ),
        pytest.param(
            {"ModelQualityAppSpecification": {"ImageUri": "i", "ContainerArguments": []}},
            "Value '[]' at 'modelQualityAppSpecification.containerArguments' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1",
            id="an empty list",
        ),
        pytest.param(
            {"ModelQualityAppSpecification": {"ImageUri": "i", "ContainerArguments": ["a\nb"]}},
            "Value '[a\nb]' at 'modelQualityAppSpecification.containerArguments' failed to "
            "satisfy constraint: Member must satisfy constraint: [Member must have length less "
            "than or equal to 256, Member must have length greater than or equal to 0, Member "
            "must satisfy regular expression pattern: .*, Member must not be null]",
            id="a scalar in a list",
        ),
        pytest.param(
            {"ModelQualityAppSpecification": {"ImageUri": "i", "Environment": {"A-B": "c"}}},
            "Value '{A-B=c}' at 'modelQualityAppSpecification.environment' failed to satisfy "
            "constraint: Map keys must satisfy constraint: [Member must have length less than or "
            "equal to 256, Member must have length greater than or equal to 0, Member must "
            "satisfy regular expression pattern: [a-zA-Z_][a-zA-Z0-9_]*, Member must not be null]",
            id="a key of a map",
        ),
        pytest.param(
            {"ModelQualityAppSpecification": {"ImageUri": "i", "Environment": {"A": None}}},
            "Value '{A=null}' at 'modelQualityAppSpecification.environment' failed to satisfy "
            "constraint: Map value must satisfy constraint: [Member must have length less than or "
            "equal to 256, Member must have length greater than or equal to 0, Member must "
            r"satisfy regular expression pattern: [\S\s]*, Member must not be null]",
            id="a null in a map",
        ),
    ],
)
def test_a_violation_names_value_path_and_constraint(
    changes: dict[str, Any], sentence: str
) -> None:
    expected = f"ValidationException: 1 validation error detected: {sentence}"
    assert refusal(CREATE, minimal(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RoleArn": 5}, "NUMBER_VALUE can not be converted to a String"),
        ({"RoleArn": True}, "TRUE_VALUE can not be converted to a String"),
        ({"RoleArn": ["x"]}, "Start of list found where not expected"),
        ({"RoleArn": {}}, "Start of structure or map found where not expected."),
        ({"Tags": "x"}, "Unexpected field type"),
        ({"Tags": {"Key": "x"}}, "Start of structure or map found where not expected."),
        ({"StoppingCondition": 5}, "Unexpected field type"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": "60"}},
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": True}},
            "TRUE_VALUE can not be converted to an Integer",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60.5}},
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 2**31}},
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (
            {"NetworkConfig": {"EnableNetworkIsolation": "true"}},
            "STRING_VALUE can not be converted to a Boolean",
        ),
    ],
)
def test_a_wrong_json_type_is_named_before_any_constraint(
    changes: dict[str, Any], message: str
) -> None:
    request = {**minimal(), "JobDefinitionName": "!", **changes}
    assert refusal(CREATE, request) == f"SerializationException: {message}"


def test_unknown_and_null_members_are_dropped_at_every_depth() -> None:
    request = minimal(StoppingCondition=None, Colour="red")
    request["JobResources"] = {
        "ClusterConfig": {**request["JobResources"]["ClusterConfig"], "VolumeKmsKeyId": None},
        "Colour": "red",
    }
    cleaned = checked(CREATE, request)
    assert cleaned["JobResources"] == {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
    }
    assert not {"StoppingCondition", "Colour"} & set(cleaned)


def test_patterns_match_whole_values_and_know_letters_of_all_scripts() -> None:
    tags = [{"Key": "équipe", "Value": "データ 科学"}]
    assert checked(CREATE, minimal(Tags=tags))["Tags"] == tags
    arabic_digits = "arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/monitor"
    assert "'roleArn'" in refusal(CREATE, minimal(RoleArn=arabic_digits))
    assert "'jobDefinitionName'" in refusal(CREATE, minimal("name\n"))


def test_an_integer_serves_as_a_double_and_an_empty_structure_stays() -> None:
    request = minimal()
    request["ModelQualityJobInput"]["EndpointInput"]["ProbabilityThresholdAttribute"] = 1
    request["NetworkConfig"] = {}
    assert checked(CREATE, request) == request


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a": NaN}', b"1e999", b"[" * 100_000])
def test_a_body_that_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ServiceError, match="not a JSON document") as caught:
        parse(body)
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7"])
def test_a_body_that_is_not_an_object_is_refused(body: bytes) -> None:
    assert refusal(CREATE, parse(body)).startswith("SerializationException: ")


def test_a_number_that_json_cannot_give_back_is_refused() -> None:
    request = minimal()
    request["ModelQualityJobInput"]["EndpointInput"]["ProbabilityThresholdAttribute"] = float("inf")
    assert refusal(CREATE, request).startswith("SerializationException: ")


def test_a_blob_is_base64_whose_bytes_are_counted() -> None:
    def encrypt(size: int) -> dict[str, Any]:
        plaintext = base64.b64encode(b"x" * size).decode()
        return {"KeyId": "alias/key", "Plaintext": plaintext}

    shape = input_shape("kms", "Encrypt")
    assert constraints.checked(shape, encrypt(4096)) == encrypt(4096)
    with pytest.raises(ServiceError, match=r"'plaintext' failed .* less than or equal to 4096"):
        constraints.checked(shape, encrypt(4097))


def test_a_value_that_the_model_calls_sensitive_is_not_shown() -> None:
    with pytest.raises(ServiceError) as caught:
        constraints.checked(
            input_shape("cloudcontrol", "CreateResource"),
            {"TypeName": "AWS::S3::Bucket", "DesiredState": ""},
        )
    assert caught.value.message == (
        "1 validation error detected: Value at 'desiredState' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )
