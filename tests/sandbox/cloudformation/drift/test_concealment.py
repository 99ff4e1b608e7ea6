"""What drift results show of properties with dynamic references."""

from typing import Any

from sandbox.cloudformation.drift.comparison import differences
from sandbox.cloudformation.drift.concealment import Comparison, with_references
from sandbox.hosting.type_schema import TypeSchema
from tests.harness.cloudformation import SCHEMA

SECRET = "{{resolve:secretsmanager:hidden}}"  # a reference
PLAIN = "{{resolve:ssm:/plain}}"
VALUES = {SECRET: "hidden-value", PLAIN: "3"}


def compared(expected: Any, written: Any, actual: Any) -> Comparison:
    found = differences(TypeSchema(SCHEMA), expected, actual)
    return with_references(Comparison(expected, actual, found), written, VALUES)


def test_what_is_in_sync_shows_the_references() -> None:
    expected = {"Size": 3, "Environment": {"A": "hidden-value"}}
    written = {"Size": PLAIN, "Environment": {"A": SECRET}}
    assert compared(expected, written, expected) == (written, written, ())


def test_a_secret_that_differs_shows_neither_value() -> None:
    shown = compared(
        {"Environment": {"A": "hidden-value", "B": "b"}},
        {"Environment": {"A": SECRET, "B": "b"}},
        {"Environment": {"A": "former-value", "B": "c"}},
    )
    assert [each[:3] for each in shown.differences] == [
        ("/Environment/A", SECRET, "****"),
        ("/Environment/B", "b", "c"),
    ]
    assert shown.actual == {"Environment": {"A": "****", "B": "c"}}


def test_a_plain_value_that_differs_is_shown() -> None:
    shown = compared({"Size": 3}, {"Size": PLAIN}, {"Size": 4})
    assert [each[:3] for each in shown.differences] == [("/Size", PLAIN, "4")]
    assert shown.actual == {"Size": 4}


def test_items_of_lists_that_were_added_or_removed_are_concealed() -> None:
    tag = {"Key": "a", "Value": "hidden-value"}
    written = {"Tags": [{"Key": "a", "Value": SECRET}]}
    removed = compared({"Tags": [tag]}, written, {"Tags": []})
    assert [each.expected for each in removed.differences] == [f'{{"Key":"a","Value":"{SECRET}"}}']
    extra = {"Key": "b", "Value": "hidden-value"}
    added = compared({"Tags": [tag]}, written, {"Tags": [tag, extra]})
    assert [each.actual for each in added.differences] == [f'{{"Key":"b","Value":"{SECRET}"}}']
    assert "hidden-value" not in str((removed, added))
