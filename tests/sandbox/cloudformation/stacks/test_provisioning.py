"""What resource types receive of dynamic references, and what is shown of their values."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto.cloudformation.models import cloudformation_backends

from sandbox.cloudformation.catalog import Catalog
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceType
from sandbox.cloudformation.stacks.provisioning import Provisioning, conceal
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from tests.harness.cloudformation import Stacks, running

PLACE = Place("123456789012", "us-east-1", "aws")
PLAIN = "{{resolve:ssm:/plain}}"
SECRET = "{{resolve:secretsmanager:hidden}}"  # a reference
OTHER = "{{resolve:ssm-secure:/other}}"


class Recorder(ResourceType):
    """A type that records what it receives."""

    def __init__(self, takes_secrets: bool) -> None:
        self.takes_secrets = takes_secrets
        self.received: list[Mapping[str, Any]] = []

    def has_attribute(self, _name: str) -> bool:
        return False

    def attribute(self, _instance: Instance, name: str) -> Any:
        raise AssertionError(name)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        self.received.append(properties)
        operation.identified(Instance("made", properties))
        return Instance("made", properties)

    def update(
        self, _operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        self.received.extend((instance.properties, properties))
        return Instance("made", properties)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        self.received.append(instance.properties)


@pytest.fixture(name="identified")
def _identified() -> list[Instance]:
    return []


@pytest.fixture(name="operation")
def _operation(identified: list[Instance]) -> Iterator[Operation]:
    with running() as sandbox:
        sandbox.client("ssm").put_parameter(Name="/plain", Type="String", Value="open")
        sandbox.client("secretsmanager").create_secret(Name="hidden", SecretString="secret-value")
        yield Operation(
            stack=StackIdentity("arn:aws:cloudformation:us-east-1:1:stack/shop/1", "shop", PLACE),
            logical_id="Thing",
            stack_tags={},
            timing=Timing(),
            interruption=Interruption(),
            identified=identified.append,
        )


def test_a_type_receives_values_and_instances_have_references(
    operation: Operation, identified: list[Instance]
) -> None:
    kind = Recorder(takes_secrets=True)
    provisioning = Provisioning(kind, operation)
    made = provisioning.create({"A": PLAIN, "B": [f"x{SECRET}"]})
    assert kind.received == [{"A": "open", "B": ["xsecret-value"]}]
    assert [each.properties for each in (made, *identified)] == [
        {"A": PLAIN, "B": [f"x{SECRET}"]}
    ] * 2
    updated = provisioning.update(made, {"A": SECRET}, provisioning.values({"A": SECRET}))
    assert kind.received[1:] == [{"A": "open", "B": ["xsecret-value"]}, {"A": "secret-value"}]
    assert updated.properties == {"A": SECRET}
    provisioning.delete(updated)
    assert kind.received[-1] == {"A": "secret-value"}
    assert "secret-value" not in repr((made, updated))


def test_a_type_that_takes_no_secrets_receives_secure_references(operation: Operation) -> None:
    kind = Recorder(takes_secrets=False)
    Provisioning(kind, operation).create({"A": PLAIN, "B": SECRET})
    assert kind.received == [{"A": "open", "B": SECRET}]


def test_custom_resources_and_nested_stacks_take_no_secrets(stacks: Stacks) -> None:
    del stacks  # a sandbox that runs
    backend: Any = cloudformation_backends[PLACE.account_id][PLACE.region]
    catalog: Catalog = backend.catalog
    for name in (
        "Custom::Thing",
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::Stack",
    ):
        kind = catalog.find(name)
        assert kind
        assert not kind.takes_secrets


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("secret", "secret"),
        ("a secret-value b", f"a {SECRET} b"),
        ("open", "open"),
        ({"a": ["secret-value", 1, None]}, {"a": [SECRET, 1, None]}),
        ('{"a": "say \\"it\\""}', f'{{"a": "{OTHER}"}}'),
        ('say "it"', OTHER),
    ],
)
def test_secrets_are_concealed_in_any_text(value: Any, shown: Any) -> None:
    values = {PLAIN: "open", SECRET: "secret-value", OTHER: 'say "it"'}
    assert conceal(value, values) == shown


def test_a_short_secret_is_concealed_only_where_it_stands_alone() -> None:
    assert conceal(["abc", "abcd"], {SECRET: "abc"}) == [SECRET, "abcd"]
    assert conceal("any", {SECRET: ""}) == "any"


def test_a_value_that_is_part_of_a_reference_is_not_looked_for_in_it() -> None:
    values = {SECRET: "hidden", OTHER: "secretsmanager"}
    assert conceal("hidden secretsmanager", values) == f"{SECRET} {OTHER}"
