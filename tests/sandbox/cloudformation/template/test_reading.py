"""How a template's text becomes a document, and what is refused, with its place."""

import json
from typing import Any

import pytest

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.reading import MAX_DEPTH, MAX_TEMPLATE, decode, parse


def refusal(source: str) -> str:
    with pytest.raises(ValidationError) as refused:
        parse(source)
    return str(refused.value.message)


def test_a_key_is_the_text_that_stands_in_the_document() -> None:
    source = "{ON: a, 8080: b, 012345678901: c, 2020-01-01: d, ~: e, null: f, 1.10: g, 0x1F: h}"
    assert list(parse(f"A: {source}")["A"]) == [
        "ON", "8080", "012345678901", "2020-01-01", "~", "null", "1.10", "0x1F",
    ]  # fmt: skip
    assert list(parse("'8080': a\n\"ON\": b\n? >-\n  folded\n  key\n: c\n")) == [
        "8080",
        "ON",
        "folded key",
    ]


def test_a_name_that_refers_to_a_key_is_the_text_that_was_written_too() -> None:
    source = """
    A: {Ref: ON}
    B: !FindInMap [8080, 0123, NO, {DefaultValue: 0123}]
    C: {Fn::GetAtt: [1.0, Arn]}
    D: !If [ON, NO, OFF]
    E: {DependsOn: 8080, Condition: YES}
    F: {DependsOn: [8080, ON]}
    G: {Fn::FindInMap: [!Ref 0123, b, c]}
    """
    assert parse(source) == {
        "A": {"Ref": "ON"},
        "B": {"Fn::FindInMap": ["8080", "0123", "NO", {"DefaultValue": 83}]},
        "C": {"Fn::GetAtt": ["1.0", "Arn"]},
        "D": {"Fn::If": ["ON", False, False]},
        "E": {"DependsOn": "8080", "Condition": "YES"},
        "F": {"DependsOn": ["8080", "ON"]},
        "G": {"Fn::FindInMap": [{"Ref": "0123"}, "b", "c"]},
    }


@pytest.mark.parametrize("source", ["A:\n  ? [a]\n  : b\n", "A:\n  ? {a: b}\n  : c\n"])
def test_a_sequence_or_mapping_as_key_is_refused_with_its_place(source: str) -> None:
    assert refusal(source) == "Template format error: A key must be text. (line 2, column 5)"


def test_a_tag_before_a_key_is_refused() -> None:
    assert "A key must be text. (line 1, column 1)" in refusal("!Ref a: b\n")


@pytest.mark.parametrize("source", ["A: 1\nA: 2\n", '{"A": 1, "A": 2}'])
def test_the_last_of_equal_keys_counts(source: str) -> None:
    assert parse(source) == {"A": 2}


def test_short_forms_become_functions() -> None:
    source = """
    A: !If [Prod, !Sub ["${x}", {x: !GetAtt Thing.Arn}], !Ref AWS::NoValue]
    B: !Not [!Condition Prod]
    C: !Transform {Name: AWS::Include}
    D: !Sub 8080
    """
    assert parse(source) == {
        "A": {
            "Fn::If": [
                "Prod",
                {"Fn::Sub": ["${x}", {"x": {"Fn::GetAtt": "Thing.Arn"}}]},
                {"Ref": "AWS::NoValue"},
            ]
        },
        "B": {"Fn::Not": [{"Condition": "Prod"}]},
        "C": {"Fn::Transform": {"Name": "AWS::Include"}},
        "D": {"Fn::Sub": "8080"},
    }


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("A: 2020-01-01", "2020-01-01"),
        ("A: yes", True),
        ("A: 0123", 83),
        ("A: 1:30", 90),
        ("A: 1.50", 1.5),
        ("A: '1.50'", "1.50"),
        ("A: !!str 5", "5"),
        ("A: =", "="),
        ("A: &anchor 5", 5),
        ("\ufeffA: 5", 5),
        ('\ufeff{"A": 5}', 5),
        ("A: 5\r\n", 5),
        ("B: 4\rA: 5\r", 5),
        ("---\nA: 5\n...\n", 5),
    ],
)
def test_values_are_those_of_yaml_1_1(source: str, value: Any) -> None:
    assert parse(source)["A"] == value


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("A: &x [1]\nB: *x", "YAML aliases are not allowed in CloudFormation templates."),
        ("A: b\nB: &x [*x]", "YAML aliases are not allowed in CloudFormation templates."),
        ("A: b\nB:\n  <<: {a: b}", "YAML hash merges (<<) are not allowed"),
        ("A: b\nB: .nan", ".nan is not a valid number."),
        ("A: b\nB: -.inf", "-.inf is not a valid number."),
        ("A: b\nB: 1.0e+999", "1.0e+999 is not a valid number."),
        ("A: b\nB: 0x_", "0x_ is not a valid number."),
        ("A: b\nB: " + "9" * 5000, "... is not a valid number."),
        ("A: b\nB: !!int c", "c is not a valid number."),
        ("A: b\nB: !!bool c", "YAML not well-formed."),
        ("A: b\nB: !!binary aGk=", "The YAML tag !!binary is not supported"),
        ("A: b\nB: !!set {a}", "The YAML tag !!set is not supported"),
        ("A: b\nB: !!omap [a: b]", "The YAML tag !!omap is not supported"),
        ("A: b\nB: !!python/name:os.system x", "The YAML tag !!python/name:os.system is not"),
        ("A: b\nB: !Foo c", "The YAML tag !Foo is not supported"),
        ("A: b\nB: !Length [c]", "!Length is not supported. Write Fn::Length."),
        ("A: b\n--- # another\nB: c", "A template is a single YAML document."),
        ("A: b\n\tB: c", "YAML not well-formed."),
        ("A: b\nB: 'c", "YAML not well-formed."),
        ("A: b\nB: \0", "YAML not well-formed."),
        ("A: é\nB: \x01", "YAML not well-formed."),
        ('A: b\nB: "\\ud800"', "YAML not well-formed."),
        ("A: b\nB: \ud800", "YAML not well-formed."),
        ("A: b\nB: " + "[" * 100_000, "nested more than 100 levels deep."),
        ('{"A": "b",\n"B": }', "JSON not well-formed."),
        ('{"A": "b",\n"B": "\\ud800"}', "JSON not well-formed."),
        ('{"A": "b",\n"B": "\ud800"}', "JSON not well-formed."),
        ('{"A": "b",\n"B": NaN}', "NaN is not a valid number."),
        ('{"A": "NaN",\n"B": -Infinity}', "-Infinity is not a valid number."),
        ('{"A": "b",\n"B": 1e999}', "1e999 is not a valid number."),
        ('{"A": "b",\n"B": ' + "1" * 5000 + "}", "... is not a valid number."),
        ('{"A": "b",\n"B": ' + "[" * 100_000, "nested more than 100 levels deep."),
    ],
)
def test_what_no_template_can_hold_is_refused_with_its_line(source: str, words: str) -> None:
    message = refusal(source)
    assert words in message
    assert "(line 2, column " in message or "(line 3, column " in message, message
    assert len(message) < 200, "it does not repeat the template"


def test_a_template_may_be_nested_as_deep_as_the_limit() -> None:
    inner = MAX_DEPTH - 1
    for source in ("A: {}{}", '{{"A": {}{}}}'):
        assert parse(source.format("[" * inner, "]" * inner))["A"]
        assert "levels deep" in refusal(source.format("[" * MAX_DEPTH, "]" * MAX_DEPTH))


def test_an_object_under_the_same_key_twice_takes_no_more_memory_by_aliases() -> None:
    laughs = "a0: &a0 [lol]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)
    )
    assert "aliases are not allowed" in refusal(laughs)


@pytest.mark.parametrize("source", ["", " \n", "- a", "hello", "5", "# nothing", "[1]"])
def test_what_is_no_object_is_refused(source: str) -> None:
    assert refusal(source) in (
        "Template format error: unsupported structure.",
        "Template format error: At least one Resources member must be defined.",
    )


def test_a_null_is_refused_with_its_path() -> None:
    message = "Template format error: [/A/1/B] 'null' values are not allowed in templates"
    assert refusal("A:\n- 1\n- B:\n") == message
    assert refusal(json.dumps({"A": [1, {"B": None}]})) == message


def test_a_file_that_is_not_utf_8_or_too_large_is_refused() -> None:
    assert decode("A: é".encode()) == "A: é"
    with pytest.raises(ValidationError) as refused:
        decode("A: é\nB: ".encode() + b"\xff")
    assert str(refused.value.message) == (
        "Template format error: The template is not valid UTF-8. (line 2, column 4)"
    )
    with pytest.raises(ValidationError) as refused:
        decode(b"#" * (MAX_TEMPLATE + 1))
    assert str(refused.value.message) == "Template may not exceed 1000000 bytes in size."
