"""Properties: how they become models and come back, and how an invalid one is refused."""

from typing import Any

import pytest

from aws_sagemaker_modelqualityjobdefinition.properties import properties_of, to_model
from tests.harness.provider import BATCH, MINIMUM, Provider


def test_an_empty_object_is_kept() -> None:
    assert properties_of(to_model(BATCH)) == BATCH


def test_values_of_a_map_become_strings() -> None:
    application = {"ImageUri": "i", "Environment": {"F": True, "N": 8, "D": 0.5, "S": "s"}}
    model = to_model({"ModelQualityAppSpecification": application})
    environment = properties_of(model)["ModelQualityAppSpecification"]["Environment"]
    assert environment == {"F": "true", "N": "8", "D": "0.5", "S": "s"}


@pytest.mark.parametrize("as_text", [str, lambda value: value])
def test_a_scalar_may_come_as_a_string_or_in_its_own_type(as_text: Any) -> None:
    cluster = {"InstanceCount": as_text(2), "VolumeSizeInGB": as_text(20)}
    source = {"ProbabilityThresholdAttribute": as_text(0.5)}
    network = {"EnableNetworkIsolation": as_text(True)}
    model = to_model(
        {
            "JobResources": {"ClusterConfig": cluster},
            "ModelQualityJobInput": {"EndpointInput": source},
            "NetworkConfig": network,
        }
    )
    assert properties_of(model) == {
        "JobResources": {"ClusterConfig": {"InstanceCount": 2, "VolumeSizeInGB": 20}},
        "ModelQualityJobInput": {"EndpointInput": {"ProbabilityThresholdAttribute": 0.5}},
        "NetworkConfig": {"EnableNetworkIsolation": True},
    }


def test_a_null_property_is_absent() -> None:
    assert properties_of(to_model({"NetworkConfig": None, "RoleArn": "r"})) == {"RoleArn": "r"}


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"Rolearn": "x"}, "#/Rolearn: there is no such property. Did you mean 'RoleArn'?"),
        (
            {"ModelQualityJobInput": {"EndpointInput": {"LocalPth": "x"}}},
            (
                "#/ModelQualityJobInput/EndpointInput/LocalPth: there is no such property. "
                "Did you mean 'LocalPath'?"
            ),
        ),
        (
            {"Tags": [{"Key": "a", "Value": "b"}, {"key": "c"}]},
            "#/Tags/1/key: there is no such property. Did you mean 'Key'?",
        ),
        ({"RoleArn": {"a": "b"}}, "#/RoleArn: an object is not a string."),
        ({"Tags": {"a": "b"}}, "#/Tags: an object is not an array."),
        ({"Tags": "a"}, "#/Tags: a string is not an array."),
        ({"JobResources": 1}, "#/JobResources: 1 is not an object."),
        (
            {"ModelQualityAppSpecification": '{"Environment": {"TOKEN": "hush"}}'},
            "#/ModelQualityAppSpecification: a string is not an object.",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": "soon"}},
            '#/StoppingCondition/MaxRuntimeInSeconds: "soon" is not a whole number.',
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 1.5}},
            "#/StoppingCondition/MaxRuntimeInSeconds: 1.5 is not a whole number.",
        ),
        (
            {"NetworkConfig": {"EnableNetworkIsolation": "yes"}},
            '#/NetworkConfig/EnableNetworkIsolation: "yes" is not a boolean.',
        ),
    ],
)
def test_an_invalid_property_is_named_by_its_path(
    provider: Provider, properties: dict[str, Any], message: str
) -> None:
    answer = provider("CREATE", {**MINIMUM, **properties})
    assert answer["errorCode"] == "InvalidRequest"
    assert message in answer["message"]
    assert provider.aws.calls == []
