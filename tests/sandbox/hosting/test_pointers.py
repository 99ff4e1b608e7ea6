"""Paths of schemas, and what stands there in a document."""

from sandbox.hosting.pointers import dig, parse, property_pointers


def test_what_is_escaped_in_a_pointer_is_read_as_it_was_meant() -> None:
    assert parse("/definitions/A~1B~0C~01") == ("definitions", "A/B~C~1")
    assert parse("#/definitions/A") == ("definitions", "A")
    assert property_pointers(["/properties/A~1B", "/properties/C/*/D"]) == (
        ("A/B",),
        ("C", "*", "D"),
    )


def test_a_star_collects_the_members_of_a_list_and_what_is_absent_is_none() -> None:
    document = {"C": [{"D": 1}, {}], "A/B": {"x": 2}}
    assert dig(document, ("C", "*", "D")) == [1, None]
    assert dig(document, ("A/B", "x")) == 2
    assert dig(document, ("A/B", "x", "y")) is None
