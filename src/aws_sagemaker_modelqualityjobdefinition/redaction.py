"""What must not be written to a message or a log: credentials, and what the container is told.

The values of Environment and the items of ContainerArguments often carry passwords, and services
quote what they refuse. In every message and every line of an invocation they give way to ``***``
and the name of where they come from.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

HIDDEN = "***"
# Shorter values ("1", "on") are also parts of other words and numbers. They are hidden where they
# stand as the value of their key, and nowhere else: a message of stars would help nobody.
_TELLING_LENGTH = 4
# From this length on a value is hidden within other words, too.
_LONG = 8
# No secret that SageMaker takes is longer. To look for one of megabytes would take minutes: after
# so much of it, the rest of the text goes too.
_LONGEST = 4096
# Nor does SageMaker take more of them (50 each). To look for tens of thousands would take minutes.
_MOST_RULES = 2000
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<![\w-])", r"(?![\w-])"


class Secrets:
    """The secrets of one event, and how to keep them out of a text."""

    def __init__(self, credentials: list[Any], properties: list[Any]) -> None:
        """Take what may be credentials and resource properties; anything may be wrong with it."""
        rules = [rule for each in credentials for rule in _credential_rules(each)]
        for each in properties:
            specification = _member(each, "ModelQualityAppSpecification")
            rules += _environment_rules(_member(specification, "Environment"))
            rules += _argument_rules(_member(specification, "ContainerArguments"))
        # The longest first: one value may be part of another.
        self._rules = sorted(rules, key=lambda rule: len(rule.value), reverse=True)

    def hide(self, text: str) -> str:
        """``text`` with each secret in it hidden."""
        if len(self._rules) > _MOST_RULES:
            return (
                f"{HIDDEN} (hidden, because any of hundreds of values of Environment or "
                "ContainerArguments may be in it. SageMaker takes 50 of each: remove the others.)"
            )
        for rule in self._rules:
            # Most are not there; to compile the patterns of a thousand would take seconds.
            if rule.value[:_LONGEST] in text:
                text = rule.hide(text)
        return text

    @contextmanager
    def kept_out_of_logs(self, logger: logging.Logger) -> Iterator[None]:
        """Hide them in the lines of ``logger``, whoever handles these, for as long as it lasts."""

        def hide(record: logging.LogRecord) -> bool:
            record.msg, record.args = self.hide(record.getMessage()), ()
            return True

        logger.addFilter(hide)
        try:
            yield
        finally:
            logger.removeFilter(hide)


class _Rule(NamedTuple):
    """What becomes of a secret: where it stands between two patterns, the replacement does."""

    value: str
    replacement: str = HIDDEN
    before: str = ""
    after: str = ""

    def hide(self, text: str) -> str:
        value = re.escape(self.value[:_LONGEST])
        rest = r"[\s\S]*" if len(self.value) > _LONGEST else ""
        # In a replacement, a backslash would mean something.
        replacement = self.replacement.replace("\\", r"\\")
        return re.sub(f"{self.before}{value}{rest}{self.after}", replacement, text)


def _credential_rules(credentials: Any) -> Iterator[_Rule]:
    if isinstance(credentials, Mapping):
        for value in credentials.values():
            if isinstance(value, str) and len(value) >= _LONG:
                yield _Rule(value)


def _member(document: Any, name: str) -> Any:
    return document.get(name) if isinstance(document, Mapping) else None


def _text(value: Any) -> str | None:
    """``value`` as SageMaker is sent it, or None if it is no scalar or has nothing to hide."""
    if isinstance(value, bool):
        return str(value).lower()
    # Of an integer that is too long, Python makes no text. None of it can be written then.
    with suppress(ValueError):
        return str(value) if isinstance(value, str | int | float) and value != "" else None
    return None


def _environment_rules(environment: Any) -> Iterator[_Rule]:
    if not isinstance(environment, Mapping):
        environment = {"Environment": environment}
    for key, item in environment.items():
        value = _text(item)
        if value is None:
            continue
        # As services print a map: {KEY=value, OTHER=value}.
        before = rf"{_NO_WORD_BEFORE}{re.escape(str(key))}="
        yield _Rule(value, f"{key}={HIDDEN}", before, _NO_WORD_AFTER)
        yield from _value_rules(value, "environment", f"Environment {key}")


def _argument_rules(arguments: Any) -> Iterator[_Rule]:
    items = arguments if isinstance(arguments, list) else [arguments]
    values = [value for item in items if (value := _text(item)) is not None]
    # As services print a list: [first, second].
    yield from _quoted(f"[{', '.join(values)}]", "containerarguments")
    for value in values:
        yield from _value_rules(value, "containerarguments", "ContainerArguments")


def _value_rules(value: str, member: str, named: str) -> Iterator[_Rule]:
    yield from _quoted(value, member)
    replacement = f"{HIDDEN} ({named})"
    if len(value) >= _LONG:
        yield _Rule(value, replacement)
    elif len(value) >= _TELLING_LENGTH:
        yield _Rule(value, replacement, _NO_WORD_BEFORE, _NO_WORD_AFTER)


def _quoted(value: str, member: str) -> Iterator[_Rule]:
    """As services print what they refuse, before its path."""
    yield _Rule(value, f"'{HIDDEN}'", "'", rf"'(?= at '[^']*(?i:{member}))")
