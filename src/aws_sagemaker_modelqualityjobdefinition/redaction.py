"""Keeps secrets out of messages and logs: credentials, and what the container is configured with.

The values of Environment and the items of ContainerArguments often contain passwords, and services
quote the values that they reject. In every message and log line of an invocation, they are replaced
by ``***`` and the name of the property that they come from.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

HIDDEN = "***"
# Shorter values, such as "1" and "on", also occur in other words and numbers. They are hidden only
# where they follow their key or are quoted. Otherwise a message would become unreadable.
_MIN_WORD_LENGTH = 4
# Values of at least this length are hidden inside other words too.
_MIN_SUBSTRING_LENGTH = 8
# SageMaker accepts no longer secret. Searching for one of megabytes would take minutes, so only the
# beginning is searched for, and the text after it is hidden as well.
_MAX_SEARCHED_LENGTH = 4096
# SageMaker accepts 50 of each. Searching for tens of thousands would take minutes.
_MAX_RULES = 2000
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<![\w-])", r"(?![\w-])"


class Secrets:
    """The secrets of one event, and how to hide them in a text."""

    def __init__(self, credentials: list[Any], properties: list[Any]) -> None:
        """Collect the secrets in ``credentials`` and ``properties``, which may be malformed."""
        rules = [rule for each in credentials for rule in _credential_rules(each)]
        for each in properties:
            specification = _member(each, "ModelQualityAppSpecification")
            rules += _environment_rules(_member(specification, "Environment"))
            rules += _argument_rules(_member(specification, "ContainerArguments"))
        # The longest comes first, because one value may be part of another.
        self._rules = sorted(rules, key=lambda rule: len(rule.value), reverse=True)

    def hide(self, text: str) -> str:
        """``text`` with every secret in it hidden."""
        if len(self._rules) > _MAX_RULES:
            return (
                f"{HIDDEN} (hidden, because it may contain any of hundreds of values of "
                "Environment or ContainerArguments. SageMaker accepts 50 of each. Remove the "
                "others.)"
            )
        for rule in self._rules:
            # Most values are not in the text, and compiling a thousand patterns takes seconds.
            if rule.value[:_MAX_SEARCHED_LENGTH] in text:
                text = rule.hide(text)
        return text

    @contextmanager
    def kept_out_of_logs(self, logger: logging.Logger) -> Iterator[None]:
        """Hide the secrets in all lines of ``logger``, for all its handlers, in the block."""

        def hide(record: logging.LogRecord) -> bool:
            record.msg, record.args = self.hide(record.getMessage()), ()
            return True

        logger.addFilter(hide)
        try:
            yield
        finally:
            logger.removeFilter(hide)


class _Rule(NamedTuple):
    """Replaces a secret wherever it occurs between the patterns ``before`` and ``after``."""

    value: str
    replacement: str = HIDDEN
    before: str = ""
    after: str = ""

    def hide(self, text: str) -> str:
        value = re.escape(self.value[:_MAX_SEARCHED_LENGTH])
        rest = r"[\s\S]*" if len(self.value) > _MAX_SEARCHED_LENGTH else ""
        # A backslash has a special meaning in a replacement.
        replacement = self.replacement.replace("\\", r"\\")
        return re.sub(f"{self.before}{value}{rest}{self.after}", replacement, text)


def _credential_rules(credentials: Any) -> Iterator[_Rule]:
    if isinstance(credentials, Mapping):
        for value in credentials.values():
            if isinstance(value, str) and len(value) >= _MIN_SUBSTRING_LENGTH:
                yield _Rule(value)


def _member(document: Any, name: str) -> Any:
    return document.get(name) if isinstance(document, Mapping) else None


def _text(value: Any) -> str | None:
    """``value`` as it is sent to SageMaker, or None if it is empty or not a scalar."""
    if isinstance(value, bool):
        return str(value).lower()
    # Python raises ValueError for an integer with too many digits, so no text can contain it.
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
        # Services print a map as {KEY=value, OTHER=value}.
        before = rf"{_NO_WORD_BEFORE}{re.escape(str(key))}="
        yield _Rule(value, f"{key}={HIDDEN}", before, _NO_WORD_AFTER)
        yield from _value_rules(value, "environment", f"Environment {key}")


def _argument_rules(arguments: Any) -> Iterator[_Rule]:
    items = arguments if isinstance(arguments, list) else [arguments]
    values = [value for item in items if (value := _text(item)) is not None]
    # Services print a list as [first, second].
    yield from _quoted(f"[{', '.join(values)}]", "containerarguments")
    for value in values:
        yield from _value_rules(value, "containerarguments", "ContainerArguments")


def _value_rules(value: str, member: str, named: str) -> Iterator[_Rule]:
    yield from _quoted(value, member)
    replacement = f"{HIDDEN} ({named})"
    if len(value) >= _MIN_SUBSTRING_LENGTH:
        yield _Rule(value, replacement)
    elif len(value) >= _MIN_WORD_LENGTH:
        yield _Rule(value, replacement, _NO_WORD_BEFORE, _NO_WORD_AFTER)


def _quoted(value: str, member: str) -> Iterator[_Rule]:
    """Services quote a value that they reject, followed by its path."""
    yield _Rule(value, f"'{HIDDEN}'", "'", rf"'(?= at '[^']*(?i:{member}))")
