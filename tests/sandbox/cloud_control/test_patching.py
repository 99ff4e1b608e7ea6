"""Patches of a model: what they do, and what they must not touch."""

import json
from typing import Any

import pytest

from sandbox.cloud_control.patching import Patch
from sandbox.hosting.type_schema import TypeSchema
from sandbox.json_service.errors import ServiceError

SCHEMA = TypeSchema(
    {
        "typeName": "Acme::Toys::Thing",
        "createOnlyProperties": [
            "/properties/Name",
            "/properties/Box/Colour",
            "/properties/Parts/*/Maker",
        ],
        "readOnlyProperties": ["/properties/Arn", "/properties/Created"],
        "writeOnlyProperties": ["/properties/Secret", "/properties/Box/Key"],
    }
)
MODEL: dict[str, Any] = {
    "Arn": "arn:thing",
    "Created": "today",
    "Name": "one",
    "Box": {"Colour": "red", "Size": 1},
    "Parts": [{"Maker": "Acme", "Size": 1}],
    "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
}


def patched(*operations: Any) -> Any:
    return Patch.parse(json.dumps(operations)).applied(MODEL, SCHEMA)


def refusal(*operations: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        patched(*operations)
    return f"{caught.value.code}: {caught.value.message}"


def operation(op: str, path: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"op": op, "path": path, "value": value, **more}


def test_each_operation_works_on_the_result_of_the_one_before() -> None:
    after = patched(
        operation("add", "/Tags/-", {"Key": "c", "Value": "3"}),
        operation("remove", "/Tags/0"),
        operation("replace", "/Tags/0/Value", "4"),
        operation("test", "/Tags/0/Value", "4"),
        operation("copy", "/Tags/-", **{"from": "/Tags/0"}),
        operation("move", "/First", **{"from": "/Tags/1"}),
        operation("add", "/Box/Size", 2),
    )
    assert after == {
        **MODEL,
        "Box": {"Colour": "red", "Size": 2},
        "Tags": [{"Key": "b", "Value": "4"}, {"Key": "b", "Value": "4"}],
        "First": {"Key": "c", "Value": "3"},
    }


def test_the_model_itself_stays_as_it_is() -> None:
    before = repr(MODEL)
    patched(operation("add", "/Box/Size", 2), operation("remove", "/Tags/0"))
    assert repr(MODEL) == before


def test_a_patch_of_no_operations_changes_nothing() -> None:
    assert patched() == MODEL


def test_a_path_may_lack_its_leading_slash() -> None:
    assert patched(operation("replace", "Tags/0/Value", "9"))["Tags"][0]["Value"] == "9"
    moved = patched(operation("move", "Others", **{"from": "Tags"}))
    assert moved["Others"] == MODEL["Tags"]


@pytest.mark.parametrize("op", ["add", "replace", "remove"])
def test_a_create_only_property_is_refused_even_with_its_own_value(op: str) -> None:
    words = (
        "NotUpdatableException: Invalid patch update: createOnlyProperties [{}] cannot be updated"
    )
    assert refusal(operation(op, "/Name", "one")) == words.format("/properties/Name")
    nested = refusal(operation(op, "Box/Colour", "red"), operation(op, "/Name", "two"))
    assert nested == words.format("/properties/Name, /properties/Box/Colour")
    assert refusal(operation(op, "/Parts/0/Maker", "Acme")) == words.format(
        "/properties/Parts/*/Maker"
    )


def test_a_create_only_property_is_refused_as_the_source_of_a_move_and_may_be_copied() -> None:
    assert "createOnlyProperties [/properties/Name]" in refusal(
        operation("move", "/Title", **{"from": "/Name"})
    )
    assert patched(operation("copy", "/Title", **{"from": "/Name"}))["Title"] == "one"


def test_what_is_around_a_create_only_property_may_be_replaced_if_the_property_is_kept() -> None:
    assert patched(operation("replace", "/Box", {"Colour": "red", "Size": 3}))["Box"]["Size"] == 3
    assert refusal(operation("replace", "/Box", {"Size": 3})) == (
        "NotUpdatableException: Invalid patch update: createOnlyProperties "
        "[/properties/Box/Colour] cannot be updated"
    )
    assert "createOnlyProperties [/properties/Name]" in refusal(
        operation("replace", "", {**MODEL, "Name": "two"})
    )


LISTED = TypeSchema(
    {
        "typeName": "Acme::Toys::Thing",
        "createOnlyProperties": ["/properties/Parts/*/Maker"],
        "readOnlyProperties": ["/properties/Parts/*/Id"],
        "writeOnlyProperties": ["/properties/Parts/*/Key"],
    }
)
PARTS: dict[str, Any] = {
    "Parts": [{"Id": "1", "Maker": "Acme", "Size": 1}, {"Id": "2", "Maker": "Bcme", "Size": 1}]
}


@pytest.mark.parametrize(
    ("of_patch", "sizes"),
    [
        (operation("add", "/Parts/-", {"Size": 3}), [1, 1, 3]),
        (operation("add", "/Parts/0", {"Size": 3}), [3, 1, 1]),
        (operation("remove", "/Parts/0"), [1]),
        (operation("move", "/Parts/1", **{"from": "/Parts/0"}), [1, 1]),
        (operation("replace", "/Parts/1", {**PARTS["Parts"][1], "Size": 2}), [1, 2]),
        (operation("replace", "/Parts", []), []),
    ],
)
def test_items_with_such_properties_are_added_without_them_changed_around_them_and_removed(
    of_patch: Any, sizes: list[int]
) -> None:
    after = Patch.parse(json.dumps([of_patch])).applied(PARTS, LISTED)
    assert [part["Size"] for part in after["Parts"]] == sizes


@pytest.mark.parametrize(
    ("of_patch", "kind"),
    [
        (operation("add", "/Parts/-", {"Id": "3", "Size": 3}), "readOnlyProperties"),
        (operation("add", "/Parts/-", {"Maker": "Acme"}), "createOnlyProperties"),
        (operation("copy", "/Parts/-", **{"from": "/Parts/0"}), "createOnlyProperties"),
        (operation("replace", "/Parts/0", {"Id": "1", "Size": 1}), "createOnlyProperties"),
        (operation("replace", "/Parts/0", {"Maker": "Acme"}), "readOnlyProperties"),
        (operation("replace", "/Parts", [{**PARTS["Parts"][0], "Id": "9"}]), "readOnlyProperties"),
        (operation("replace", "/Parts", [{**PARTS["Parts"][0], "Key": "k"}]), "writeOnlyP"),
        (operation("add", "/Parts/0/Id", "1"), "readOnlyProperties"),
    ],
)
def test_items_are_not_given_such_properties_and_do_not_lose_them(of_patch: Any, kind: str) -> None:
    with pytest.raises(ServiceError, match=f"Invalid patch update: {kind}"):
        Patch.parse(json.dumps([of_patch])).applied(PARTS, LISTED)


def test_a_write_only_property_may_be_in_an_item_that_is_added() -> None:
    added = operation("add", "/Parts/-", {"Key": "k"})
    after = Patch.parse(json.dumps([added])).applied(PARTS, LISTED)
    assert after["Parts"][2] == {"Key": "k"}


def test_a_patch_that_makes_the_model_too_large_is_refused_before_it_has_become_larger() -> None:
    doubled = operation("copy", "/Tags/-", **{"from": "/Tags"})
    words = "the properties would have more than 262144 characters"
    assert refusal(*[doubled] * 40) == f"ValidationException: Invalid patch update: {words}"
    room = 262_144 - len(json.dumps({**MODEL, "Fill": ""}, separators=(",", ":")))
    assert patched(operation("add", "/Fill", "é" * room))["Fill"]
    assert words in refusal(operation("add", "/Fill", "é" * (room + 1)))


def test_a_property_with_a_longer_name_is_another_one() -> None:
    assert patched(operation("add", "/NameOfOwner", "x"))["NameOfOwner"] == "x"


def test_a_read_only_property_is_refused() -> None:
    assert refusal(operation("replace", "/Created", "x"), operation("remove", "/Arn")) == (
        "ValidationException: Invalid patch update: readOnlyProperties "
        "[/properties/Arn, /properties/Created] cannot be updated"
    )


def test_a_write_only_property_can_only_be_added() -> None:
    after = patched(operation("add", "/Secret", "s"), operation("add", "/Box/Key", "k"))
    assert (after["Secret"], after["Box"]["Key"]) == ("s", "k")
    for op in ("replace", "remove"):
        assert refusal(operation(op, "/Secret", "s"), operation(op, "/Box/Key", "k")) == (
            "ValidationException: Invalid patch update: writeOnlyProperties "
            "[/Secret, /Box/Key] can only be updated using 'add' operation"
        )


@pytest.mark.parametrize(("path", "value"), [("/Name", "one"), ("/Arn", "arn:thing")])
def test_a_test_may_name_properties_that_nothing_may_change(path: str, value: str) -> None:
    assert patched(operation("test", path, value)) == MODEL
    assert refusal(operation("test", path, "other")) == (
        f"ValidationException: [TEST Operation] value mismatch [{path}]"
    )


def test_a_test_tells_numbers_from_booleans() -> None:
    assert "value mismatch" in refusal(operation("test", "/Box/Size", True))


@pytest.mark.parametrize(
    ("of_patch", "words"),
    [
        (operation("replace", "/Nope", 1), "[REPLACE Operation] {} //Nope"),
        (operation("remove", "/Tags/2"), "[REMOVE Operation] {} //Tags/2"),
        (operation("add", "/Nope/At", 1), "[ADD Operation] {} //Nope/At"),
        (operation("test", "/Nope", 1), "[TEST Operation] {} //Nope"),
        (operation("copy", "/To", **{"from": "/Nope"}), "[COPY Operation] {} //Nope"),
        (operation("move", "/Nope/To", **{"from": "/Tags"}), "[MOVE Operation] {} //Nope/To"),
    ],
)
def test_an_operation_on_what_is_not_there_is_refused(of_patch: Any, words: str) -> None:
    missing = words.format("noSuchPath in source, path provided :")
    assert refusal(of_patch) == f"ValidationException: {missing}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[NaN",
        "[NaN]",
        '[{"op": "add", "path": "/Size", "value": 1e999}]',
        '{"op": "add", "path": "/Name", "value": 1}',
        '"add"',
        "[1]",
        '["add"]',
        "[{}]",
        '[{"op": "add", "value": 1}]',
        '[{"op": "put", "path": "/Name", "value": 1}]',
        '[{"op": ["add"], "path": "/Name", "value": 1}]',
        '[{"op": "add", "path": 7, "value": 1}]',
        '[{"op": "add", "path": "/a~2b", "value": 1}]',
        "[" * 100_000,
    ],
)
def test_what_is_no_patch_is_refused(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        Patch.parse(text)
    assert caught.value.code == "ValidationException"
    assert caught.value.message.startswith("Invalid JSON Patch payload (")


@pytest.mark.parametrize(
    "of_patch",
    [
        {"op": "add", "path": "/Title"},
        {"op": "replace", "path": "/Tags"},
        {"op": "test", "path": "/Tags"},
        {"op": "move", "path": "/Title"},
        {"op": "copy", "path": "/Title"},
        {"op": "copy", "path": "/Title", "from": 7},
        {"op": "copy", "path": "/Title", "from": "/a~2b"},
        {"op": "move", "path": "/Title", "from": "/a~2b"},
    ],
)
def test_an_operation_without_what_it_needs_is_refused(of_patch: Any) -> None:
    assert refusal(of_patch).startswith("ValidationException: Invalid JSON Patch payload (")
