"""The configuration data of registered types, over a real socket."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.registry import Registry, new_type_name, packaged, schema_of
from tests.harness.stacks import TYPE_NAME, Clients, Stacks
from tools.packaging import archive

REGION = "eu-west-3"
SECRET = "s3cr3t-token"
pytestmark = [pytest.mark.once, pytest.mark.timeout(120)]

#: Shows what it got, and fails with nothing of it.
HANDLERS = """
def resource(event, context):
    configuration = event["requestData"]["typeConfiguration"]
    thing = {"Id": "1", "Version": (configuration or {}).get("Account", "none")}
    return {"status": "SUCCESS", "resourceModel": thing}
"""
CONFIGURATION_SCHEMA = {
    "properties": {
        "Account": {"type": "string", "maxLength": 8},
        "Token": {"$ref": "#/definitions/Token"},
    },
    "required": ["Account"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def registry(sandbox_url: str) -> Registry:
    return Registry(Clients(sandbox_url, REGION), REGION)


@pytest.fixture
def type_name(registry: Registry) -> str:
    name = new_type_name()
    registry.register(name, package_of(name))
    return name


def package_of(name: str) -> bytes:
    definitions = {"Token": {"type": "string", "pattern": "^\\p{Alnum}{4,}$"}}
    schema = schema_of(name, typeConfiguration=CONFIGURATION_SCHEMA, definitions=definitions)
    module = name.replace("::", "_").lower()
    return packaged(
        name,
        {
            "schema.json": json.dumps(schema),
            "ResourceProvider.zip": archive.pack({f"{module}/handlers.py": HANDLERS.encode()}),
        },
    )


def configure(registry: Registry, type_name: str, document: Any, **more: Any) -> str:
    parameters = {
        "Type": "RESOURCE",
        "TypeName": type_name,
        "ConfigurationAlias": "default",
        "Configuration": json.dumps(document),
        **more,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    return str(registry.api.set_type_configuration(**given)["ConfigurationArn"])


def refusal(registry: Registry, type_name: str, document: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        configure(registry, type_name, document, **more)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def seen_by_the_handler(registry: Registry, type_name: str) -> str:
    stacks = Stacks(registry.aws)
    output = {"V": {"Value": {"Fn::GetAtt": ["T", "Version"]}}}
    made = stacks.create(json.dumps({"Resources": {"T": {"Type": type_name}}, "Outputs": output}))
    stacks.clear()
    return str(made.outputs["V"])


def test_handlers_get_the_configuration_until_the_type_is_deregistered(
    registry: Registry, type_name: str
) -> None:
    named = {"Type": "RESOURCE", "TypeName": type_name}
    assert seen_by_the_handler(registry, type_name) == "none"
    [unset] = registry.api.batch_describe_type_configurations(TypeConfigurationIdentifiers=[named])[
        "TypeConfigurations"
    ]
    assert (unset["Configuration"], "LastUpdated" in unset, "Arn" in unset) == ("{}", False, False)

    document = {"Account": "mine", "Token": SECRET.replace("-", "")}
    arn = configure(registry, type_name, document)
    assert arn == (
        f"arn:aws:cloudformation:{REGION}:123456789012:type-configuration/resource/"
        f"{type_name.replace('::', '-')}/default"
    )
    assert seen_by_the_handler(registry, type_name) == "mine"
    for identifier in (named, {"TypeConfigurationArn": arn}):
        answer = registry.api.batch_describe_type_configurations(
            TypeConfigurationIdentifiers=[identifier]
        )
        [found] = answer["TypeConfigurations"]
        assert json.loads(found["Configuration"]) == document
        assert (found["Alias"], found["Arn"]) == ("default", arn)
        assert (found["TypeName"], found["IsDefaultConfiguration"]) == (type_name, True)

    configure(registry, type_name, {"Account": "other"}, ConfigurationAlias="second")
    assert seen_by_the_handler(registry, type_name) == "mine"
    registry.api.deregister_type(**named)
    registry.register(type_name, package_of(type_name))
    assert seen_by_the_handler(registry, type_name) == "none"


def test_the_configuration_schema_is_described_with_its_definitions(
    registry: Registry, type_name: str
) -> None:
    described = registry.api.describe_type(Type="RESOURCE", TypeName=type_name)
    schema = json.loads(described["ConfigurationSchema"])
    assert schema["properties"] == CONFIGURATION_SCHEMA["properties"]
    assert "Token" in schema["definitions"]
    own = registry.api.describe_type(Type="RESOURCE", TypeName=TYPE_NAME)
    assert "ConfigurationSchema" not in own


def test_dynamic_references_are_resolved_for_handlers_alone(
    registry: Registry, type_name: str
) -> None:
    ssm, named = registry.aws.ssm, {"Type": "RESOURCE", "TypeName": type_name}
    parameter = f"/{type_name.replace('::', '/')}"
    ssm.put_parameter(Name=parameter, Value="stored", Type="SecureString")
    reference = f"{{{{resolve:ssm-secure:{parameter}}}}}"
    configure(registry, type_name, {"Account": reference})
    [found] = registry.api.batch_describe_type_configurations(TypeConfigurationIdentifiers=[named])[
        "TypeConfigurations"
    ]
    assert json.loads(found["Configuration"]) == {"Account": reference}
    assert seen_by_the_handler(registry, type_name) == "stored"

    ssm.delete_parameter(Name=parameter)
    stacks = Stacks(registry.aws)
    failed = stacks.create({"Resources": {"T": {"Type": type_name}}}, expect="ROLLBACK_COMPLETE")
    assert "cannot be found" in failed.reason("CREATE_FAILED", "T")
    assert "InvalidTypeConfiguration" in failed.reason("CREATE_FAILED", "T")
    stacks.clear()
    code, message = refusal(registry, type_name, {"Account": reference})
    assert (code, "cannot be found" in message) == ("CFNRegistryException", True)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"Token": SECRET}, "#: required key [Account] not found"),
        ({"Account": "me", "Token": SECRET}, "#/Token: does not match the schema's pattern: "),
        ({"Account": SECRET}, "#/Account: does not match the schema's maxLength: 8"),
        ({"Account": "me", "Other": SECRET}, "#: extraneous key [Other] is not permitted"),
        ([SECRET], "The Configuration is not a JSON object."),
    ],
)
def test_a_configuration_that_is_not_valid_is_refused_without_showing_a_value(
    registry: Registry, type_name: str, document: Any, reason: str
) -> None:
    code, message = refusal(registry, type_name, document)
    assert code == "CFNRegistryException"
    assert reason in message
    assert SECRET not in message


def test_what_cannot_be_configured_is_refused_in_words(registry: Registry, type_name: str) -> None:
    document = {"Account": "me"}
    code, message = refusal(registry, type_name, document, ConfigurationAlias=None)
    assert (code, "ConfigurationAlias is required" in message) == ("CFNRegistryException", True)
    code, message = refusal(registry, "Acme::No::Thing", document)
    assert (code, "cannot be found" in message) == ("TypeNotFoundException", True)
    code, message = refusal(registry, TYPE_NAME, document)
    assert (code, "has no typeConfiguration" in message) == ("CFNRegistryException", True)
    code, message = refusal(registry, type_name, document, Type="HOOK")
    assert (code, "no HOOK" in message) == ("CFNRegistryException", True)
    code, message = refusal(registry, type_name, document, Configuration=f"{{{SECRET}")
    assert (code, SECRET in message) == ("CFNRegistryException", False)


def test_what_a_batch_does_not_find_is_among_its_errors(registry: Registry, type_name: str) -> None:
    asked = [
        {"Type": "RESOURCE", "TypeName": "Acme::No::Thing"},
        {"Type": "RESOURCE", "TypeName": type_name, "TypeConfigurationAlias": "none"},
        {"TypeName": type_name, "Type": "RESOURCE"},
    ]
    answer = registry.api.batch_describe_type_configurations(TypeConfigurationIdentifiers=asked)
    assert [each["ErrorCode"] for each in answer["Errors"]] == [
        "TypeNotFoundException",
        "TypeConfigurationNotFoundException",
    ]
    assert answer["Errors"][0]["TypeConfigurationIdentifier"] == asked[0]
    assert len(answer["TypeConfigurations"]) == 1


@pytest.mark.parametrize("operation", ["activate_type", "deactivate_type", "publish_type"])
def test_operations_on_public_types_are_refused_in_words(
    registry: Registry, operation: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(registry.api, operation)(Type="RESOURCE", TypeName="Acme::Some::Thing")
    name = operation.title().replace("_", "")
    said = f"The sandbox does not support the operation {name} of CloudFormation."
    assert said in str(caught.value)
