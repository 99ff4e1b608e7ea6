"""Paths of schemas, and what stands there in a document."""

from sandbox.hosting.pointers import dig, parse, property_pointers, put, without


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


def test_a_member_is_left_out_of_a_copy_and_of_every_item_where_a_star_stands() -> None:
    document = {"C": [{"D": 1, "E": 2}, {"D": 3}], "F": {"G": 4, "H": 5}}
    assert without(document, ("C", "*", "D")) == {"C": [{"E": 2}, {}], "F": document["F"]}
    assert without(document, ("F", "G")) == {"C": document["C"], "F": {"H": 5}}
    assert without(document, ("F", "no", "such")) == document
    assert document["C"] == [{"D": 1, "E": 2}, {"D": 3}]


def test_a_member_is_put_into_a_copy_with_the_objects_on_its_way() -> None:
    document = {"A": {"B": 1}}
    assert put(document, ("A", "C", "D"), 2) == {"A": {"B": 1, "C": {"D": 2}}}
    assert document == {"A": {"B": 1}}
