"""The inputs of the contract tests: each kind of file is what the suite takes it for."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import regex
from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from project.settings import schema_path

INPUTS = schema_path().parent / "inputs"
SCHEMA: dict[str, Any] = json.loads(schema_path().read_text("utf-8"))
NUMBERS = sorted({path.name.split("_")[1] for path in INPUTS.iterdir()})

READ_ONLY = {pointer.rpartition("/")[2] for pointer in SCHEMA["readOnlyProperties"]}


def pattern(
    validator: Draft7Validator,  # noqa: ARG001 - the signature that jsonschema calls
    expression: str,
    instance: object,
    schema: dict[str, Any],  # noqa: ARG001
) -> Iterator[ValidationError]:
    """jsonschema's check, with the regex module, which knows the patterns' Unicode classes."""
    if isinstance(instance, str) and not regex.search(expression, instance):
        yield ValidationError(f"{instance!r} does not match {expression!r}")


VALIDATOR = extend(Draft7Validator, {"pattern": pattern})(SCHEMA)


def load(number: str, kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (INPUTS / f"inputs_{number}_{kind}.json").read_text("utf-8")
    )
    return loaded


def is_valid(properties: dict[str, Any]) -> bool:
    return VALIDATOR.is_valid(properties) and not READ_ONLY & properties.keys()


def members(value: object, path: str = "") -> Iterator[str]:
    """The path of each member, at every depth."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield f"{path}/{name}"
            yield from members(child, f"{path}/{name}")
    elif isinstance(value, list):
        for child in value:
            yield from members(child, f"{path}/[]")


def test_the_files_are_sets_of_three_counted_from_one() -> None:
    expected = {
        f"inputs_{number}_{kind}.json"
        for number in range(1, len(NUMBERS) + 1)
        for kind in ("create", "update", "invalid")
    }
    assert {path.name for path in INPUTS.iterdir()} == expected
    assert len(NUMBERS) >= 4


@pytest.mark.parametrize("number", NUMBERS)
def test_an_update_changes_what_can_be_changed_in_place(number: str) -> None:
    create, update = load(number, "create"), load(number, "update")
    assert is_valid(create)
    assert is_valid(update)
    assert create["Tags"] != update["Tags"]
    assert {**create, "Tags": None} == {**update, "Tags": None}


@pytest.mark.parametrize("number", NUMBERS)
def test_an_invalid_input_is_invalid(number: str) -> None:
    assert not is_valid(load(number, "invalid"))


def test_the_inputs_together_set_every_property_of_the_type() -> None:
    def named(node: dict[str, Any], path: str = "") -> Iterator[str]:
        while "$ref" in node:
            node = SCHEMA["definitions"][node["$ref"].rpartition("/")[2]]
        for name, child in node.get("properties", {}).items():
            yield f"{path}/{name}"
            yield from named(child, f"{path}/{name}")
        if "items" in node:
            yield from named(node["items"], f"{path}/[]")

    settable = {path for path in named(SCHEMA) if path.removeprefix("/") not in READ_ONLY}
    used = {path for number in NUMBERS for path in members(load(number, "create"))}
    assert settable - used == set()
