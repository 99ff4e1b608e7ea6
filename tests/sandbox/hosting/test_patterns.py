"""Patterns of schemas: written for Java, and matched here as Java matches them."""

import logging

import pytest

from sandbox.hosting.patterns import finds, unreadable

# Each pattern with a text that it matches and one that it does not.
JAVA = [
    (r"^[\uD800\uDC00-\uDBFF\uDFFF]+$", "😀", "a"),
    (r"^\uD83D\uDE00$", "😀", "😁"),
    (r"^\x{1F600}$", "😀", "x"),
    (r"^\u{1F600}$", "😀", "u"),
    (r"^[\x{41}-\x{43}]+$", "ABC", "D"),
    (r"^\p{javaLowerCase}+$", "aé", "A"),
    (r"^[\P{javaWhitespace}-]+$", "a-b", "a b"),
    (r"^\p{javaLetterOrDigit}+$", "é1", "_"),
    (r"^[\p{javaJavaIdentifierStart}.]+$", "$a_.", "1"),
    (r"^\p{Punct}+$", "!-/[]{}~", "a"),
    (r"^\p{Alpha}+$", "az", "é"),
    (r"^\p{L}+$", "é", "1"),
    (r"^\p{IsAlphabetic}+\p{InGreek}$", "éα", "éa"),
    (r"^(?:a|b)++c$", "abc", "ab"),
    (r"^a*+a$|b", "b", "aaa"),
    (r"^(?>a|ab)c$|d", "d", "abc"),
    (r"a\Z", "a\n", "ab"),
    (r"a\z", "a", "a\n"),
    (r"^(?<letter>[ab])\k<letter>$", "aa", "ab"),
    (r"^\Qa.b*\E+$", "a.b**", "axb"),
    (r"^[a-z&&[^aeiou]]+$", "xyz", "xaz"),
    (r"^[a[0-3]]+$", "a12", "a4"),
    (r"^[--/]+$", "-./", ","),
    (r"^[~~||]+$", "~|", "a"),
    (r"^\h\H\v\V$", " a\nb", "ab\nc"),
    (r"^[\w-.]+$", "a-._", "é"),
    (r"^\d\D\s\S\W$", "1a b-", "٣a b-"),
    (r"^\e\cA\0101$", "\x1b\x01A", "A"),
    (r"(?U)^(?i:a)b$", "Ab", "AB"),
    (r"^(?d)a$", "a", "b"),
    (r"^[a-z@[\]+]+$", "a[]+", "("),
]


@pytest.mark.parametrize(("pattern", "text", "other"), JAVA, ids=[each[0] for each in JAVA])
def test_a_pattern_of_java_matches_what_java_matches(pattern: str, text: str, other: str) -> None:
    assert unreadable({"pattern": pattern}) == []
    assert finds(pattern, text)
    assert not finds(pattern, other)


@pytest.mark.parametrize("pattern", ["(", "*a", "[^]", r"\p{NoSuchProperty}", r"\i", "a{2,1}"])
def test_a_pattern_that_cannot_be_read_is_named_logged_once_and_not_enforced(
    pattern: str, caplog: pytest.LogCaptureFixture
) -> None:
    schema = {"properties": {"A": {"pattern": pattern, "items": [{"pattern": "a"}]}}}
    with caplog.at_level(logging.WARNING):
        assert unreadable(schema) == [pattern]
        assert unreadable({"patternProperties": {pattern: True}}) == [pattern]
        assert finds(pattern, "anything")
    assert caplog.messages in ([], [f"The pattern {pattern} cannot be read and is not enforced."])


def test_a_property_of_the_name_pattern_is_no_pattern() -> None:
    assert unreadable({"properties": {"pattern": {"type": "string"}}, "required": ["("]}) == []


def test_a_pattern_that_takes_for_ever_is_given_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.hosting.patterns.MATCH_SECONDS", 0.05)
    with caplog.at_level(logging.WARNING):
        assert finds(r"^(a|a)*$", "a" * 60 + "b")
    assert "takes too long to match" in caplog.text
