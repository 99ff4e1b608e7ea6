r"""The regular expressions of schemas, which are in Java's syntax.

CloudFormation's regular expressions follow `java.util.regex.Pattern`
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-regexes.html). The `regex`
package comes closest to it: it has Unicode properties, possessive quantifiers and, in its version
1, nested sets with `&&`. What it lacks or reads differently is translated here: surrogate pairs,
`\x{...}`, `\Q...\E`, `\k<name>`, `\p{java...}`, `\Z` and the classes that Java limits to ASCII.

A pattern that cannot be read after that is not enforced. This is logged once for each pattern, and
`unreadable` lists the patterns of a schema.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import regex

LOG = logging.getLogger(__name__)

MATCH_SECONDS = 2.0
"""How long one match may take. A pattern that takes longer is not enforced for that value."""

_WORD = "a-zA-Z0-9_"
_SPACE = r" \t\n\x0b\f\r"
_HORIZONTAL = r" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_VERTICAL = r"\n\x0b\f\r\x85\u2028\u2029"

# The members of classes of Java that `regex` lacks or takes for larger ones.
_CLASSES = {
    "d": "0-9",
    "h": _HORIZONTAL,
    "s": _SPACE,
    "v": _VERTICAL,
    "w": _WORD,
}
_PROPERTIES = {
    "ASCII": r"\x00-\x7f",
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "Digit": "0-9",
    "Graph": r"!-\x7e",
    "L1": r"\x00-\xff",
    "LD": r"\p{L}\p{Nd}",
    "Lower": "a-z",
    "Print": r" -\x7e",
    "Punct": r"!-\/:-@\[-`\{-\x7e",
    "Space": _SPACE,
    "Upper": "A-Z",
    "XDigit": "0-9a-fA-F",
    "all": r"\x00-\U0010ffff",
    "javaAlphabetic": r"\p{Alphabetic}",
    "javaDefined": r"\p{Assigned}",
    "javaDigit": r"\p{Nd}",
    "javaISOControl": r"\p{Cc}",
    "javaIdeographic": r"\p{Ideographic}",
    "javaJavaIdentifierPart": r"\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}\p{Cf}",
    "javaJavaIdentifierStart": r"\p{L}\p{Nl}\p{Sc}\p{Pc}",
    "javaLetter": r"\p{L}",
    "javaLetterOrDigit": r"\p{L}\p{Nd}",
    "javaLowerCase": r"\p{Lowercase}",
    "javaMirrored": r"\p{Bidi_Mirrored}",
    "javaSpaceChar": r"\p{Z}",
    "javaTitleCase": r"\p{Lt}",
    "javaUnicodeIdentifierPart": r"\p{ID_Continue}",
    "javaUnicodeIdentifierStart": r"\p{ID_Start}",
    "javaUpperCase": r"\p{Uppercase}",
    "javaWhitespace": (
        r"\t\n\x0b\f\r\x1c-\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000"
    ),
}

_TOKEN = regex.compile(
    r"""
    \\Q (?P<quoted> .*? ) (?: \\E | \Z )
  | \\u (?P<high> [dD][89abAB][0-9a-fA-F]{2} ) \\u (?P<low> [dD][c-fC-F][0-9a-fA-F]{2} )
  | \\[xu] \{ (?P<point> [0-9a-fA-F]+ ) \}
  | \\0 (?P<octal> [0-3][0-7]{2} | [0-7]{0,2} )
  | \\c (?P<control> [@-_] )
  | \\k < (?P<group> \w+ ) >
  | \\ (?P<kind> [pP] ) \{ (?P<property> \w+ ) \}
  | \\ (?P<class> [dDhHsSvVwW] )
  | (?P<escape> \\e )
  | (?P<end> \\Z )
  | \\ .
  | \(\? (?P<flags> [dimsuxU]* (?: -[dimsuxU]+ )? ) (?P<flags_end> [:)] )
  | (?P<doubled> -- | \|\| | ~~ )
  | .
    """,
    regex.VERBOSE | regex.DOTALL,
)


def finds(pattern: str, text: str) -> bool:
    """Return whether the pattern matches some part of `text`; True if it cannot be enforced."""
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    try:
        return compiled.search(text, timeout=MATCH_SECONDS) is not None
    except TimeoutError:
        LOG.warning("The pattern %s takes too long to match and is not enforced.", pattern)
        return True


def unreadable(schema: Any) -> list[str]:
    """Return the patterns in a schema document that cannot be read and so are not enforced."""
    return list(dict.fromkeys(each for each in patterns(schema) if _compiled(each) is None))


def patterns(schema: Any) -> Iterator[str]:
    """Yield each `pattern` and each key of `patternProperties` in a schema document."""
    if isinstance(schema, list):
        for item in schema:
            yield from patterns(item)
    if isinstance(schema, Mapping):
        if isinstance(pattern := schema.get("pattern"), str):
            yield pattern
        if isinstance(keyed := schema.get("patternProperties"), Mapping):
            yield from keyed
        for member in schema.values():
            yield from patterns(member)


def read(pattern: str) -> regex.Pattern[str]:
    """Return a pattern of Java, compiled. Raises ValueError if it cannot be read."""
    # Version 0 reads a bracket inside a class as a character, as JavaScript does. Java refuses it.
    for version in (regex.VERSION1, regex.VERSION0):
        with suppress(regex.error, OverflowError, RecursionError, ValueError):
            return regex.compile(translated(pattern), version)
    raise ValueError(f"The pattern {pattern} cannot be read.")


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    """The compiled pattern, or None if it cannot be read."""
    try:
        return read(pattern)
    except ValueError:
        LOG.warning("The pattern %s cannot be read and is not enforced.", pattern)
        return None


def translated(pattern: str) -> str:
    """Return a pattern of Java in the syntax of the `regex` package."""
    result: list[str] = []
    depth = 0  # of classes: [a[b]] has two
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        if text == "[":
            depth += 1
        elif text == "]" and depth:
            depth -= 1
        result.append(_translated(token, in_class=depth > 0))
    return "".join(result)


def _translated(token: regex.Match[str], in_class: bool) -> str:
    kind = token.lastgroup
    if kind is None or _ONLY_IN_CLASS.get(kind, in_class) is not in_class:
        return str(token.group())
    return _TRANSLATIONS[kind](token)


def _class(members: str, negated: bool) -> str:
    return f"[{'^' if negated else ''}{members}]"


def _character(point: int) -> str:
    return f"\\U{point:08x}"


def _pair(token: regex.Match[str]) -> str:
    high, low = int(token["high"], 16), int(token["low"], 16)
    return _character(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _property(token: regex.Match[str]) -> str:
    members = _PROPERTIES.get(token["property"])
    return _class(members, token["kind"] == "P") if members else str(token.group())


def _flags(token: regex.Match[str]) -> str:
    """An inline group of flags without those that only Java has."""
    on, _, off = token["flags"].translate(dict.fromkeys(map(ord, "dUu"))).partition("-")
    kept = f"{on}-{off}" if off else on
    end = token["flags_end"]
    return "" if not kept and end == ")" else f"(?{kept}{end}"


# What is translated, by the last group of the token.
_TRANSLATIONS: Mapping[str, Callable[[regex.Match[str]], str]] = {
    "quoted": lambda token: str(regex.escape(token["quoted"], special_only=False)),
    "low": _pair,
    "point": lambda token: _character(int(token["point"], 16)),
    "octal": lambda token: _character(int(token["octal"] or "0", 8)),
    "control": lambda token: _character(ord(token["control"]) ^ 64),
    "group": lambda token: f"(?P={token['group']})",
    "property": _property,
    "class": lambda token: _class(_CLASSES[token["class"].lower()], token["class"].isupper()),
    "escape": lambda _: _character(0x1B),
    "end": lambda _: r"(?=\n?\z)",
    "flags_end": _flags,
    # Operators on sets in `regex`, and plain characters in Java.
    "doubled": lambda token: f"\\{token['doubled']}",
}
_ONLY_IN_CLASS = {"doubled": True, "flags_end": False}
