"""What the contract tests of a type need: a stack, and values for patterns of Java."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find

from tests.harness.cloudformation import CREDENTIALS, REGION, Stacks, running, thing
from tools.contract_setup import STACK_NAME, SetupFailed, check_exports, deployed
from tools.contract_values import tolerate_unknown_patterns

pytestmark = pytest.mark.once


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> Any:
    with running() as sandbox:
        settings = {name.upper(): value for name, value in CREDENTIALS.items()}
        for name, value in {
            **settings,
            "AWS_ENDPOINT_URL": sandbox.url,
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            monkeypatch.setenv(name, value)
        yield sandbox


def template(**resources: Any) -> str:
    exported = {"Value": "made", "Export": {"Name": "Made"}}
    return json.dumps({"Resources": resources, "Outputs": {"Made": exported}})


@pytest.mark.parametrize("ending", [None, RuntimeError, KeyboardInterrupt])
def test_the_stack_is_there_meanwhile_and_deleted_however_that_ends(
    stacks: Stacks, ending: type[BaseException] | None, tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "inputs_1_create.json").write_text('{"Name": "{{Made}}", "Other": "{{ Made }}"}')

    def run() -> None:
        with deployed(template(Thing=thing())):
            assert stacks.describe(STACK_NAME)["StackStatus"] == "CREATE_COMPLETE"
            check_exports(tmp_path)
            if ending:
                raise ending

    if ending:
        with pytest.raises(ending):
            run()
    else:
        run()
    assert stacks.client().list_exports()["Exports"] == []
    assert stacks.shop.things == {}
    with pytest.raises(SetupFailed, match=r"inputs_1_create\.json names exports .* have: Made\."):
        check_exports(tmp_path)


def test_a_stack_that_fails_says_why_and_is_deleted(stacks: Stacks) -> None:
    failing = thing({"Size": 0})
    with (
        pytest.raises(SetupFailed, match="CREATE_FAILED") as caught,
        deployed(template(Thing=failing)),
    ):
        pytest.fail("the stack failed")
    assert "Thing: " in str(caught.value)
    assert stacks.client().describe_stacks()["Stacks"] == []
    with pytest.raises(SetupFailed, match="is refused"), deployed("{}"):
        pytest.fail("the template has no resources")


def test_a_template_that_the_validation_finds_wrong_says_where(stacks: Stacks) -> None:
    with (
        pytest.raises(SetupFailed, match=r"Thing: #: extraneous key \[Sizes\] is not permitted"),
        deployed(template(Thing=thing({"Sizes": 1}))),
    ):
        pytest.fail("the stack failed")
    assert stacks.client().describe_stacks()["Stacks"] == []


def test_without_a_template_nothing_is_deployed(stacks: Stacks) -> None:
    with deployed(None):
        assert stacks.client().describe_stacks()["Stacks"] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": r"^\p{javaLowerCase}+$"},
        {"type": "string", "format": "AWS::IAM::Role.Arn"},
        {"type": "string", "pattern": "("},
    ],
)
def test_any_text_stands_for_a_pattern_that_python_cannot_read(
    schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rpdk.core.contract.resource_generator import ResourceGenerator

    kept = staticmethod(ResourceGenerator.generate_string_strategy)
    monkeypatch.setattr(ResourceGenerator, "generate_string_strategy", kept)
    tolerate_unknown_patterns()
    made = ResourceGenerator.generate_string_strategy(schema)
    assert isinstance(find(made, lambda _: True), str)
