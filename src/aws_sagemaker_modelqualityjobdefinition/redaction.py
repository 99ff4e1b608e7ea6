"""What must not be written to a message or a log: credentials, and the values of Environment.

An Environment often carries passwords, and services quote what they refuse. In every message and
every line of an invocation its values give way to ``***`` and the key.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

HIDDEN = "***"
# Shorter values ("1", "on") are also parts of other words and numbers. They are hidden where they
# stand as the value of their key, and nowhere else: a message of stars would help nobody.
_TELLING_LENGTH = 4
# From this length on a value is hidden within other words, too.
_LONG = 8
# No secret that SageMaker takes is longer. To look for one of megabytes would take minutes: after
# so much of it, the rest of the text goes too.
_LONGEST = 4096


class Secrets:
    """The secrets of one event, and how to keep them out of a text."""

    def __init__(self, credentials: list[Any], properties: list[Any]) -> None:
        """Take what may be credentials and resource properties; anything may be wrong with it."""
        rules = [rule for each in credentials for rule in _credential_rules(each)]
        for each in properties:
            for key, value in _environment(each):
                rules += _value_rules(key, value)
        # The longest first: one value may be part of another.
        self._rules = sorted(rules, key=lambda rule: len(rule[0].pattern), reverse=True)

    def hide(self, text: str) -> str:
        """``text`` with each secret in it hidden."""
        for pattern, replacement in self._rules:
            # In a replacement, a backslash would mean something.
            text = pattern.sub(replacement.replace("\\", r"\\"), text)
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


Rule = tuple[re.Pattern[str], str]


def _credential_rules(credentials: Any) -> Iterator[Rule]:
    if isinstance(credentials, Mapping):
        for value in credentials.values():
            if isinstance(value, str) and len(value) >= _LONG:
                yield re.compile(_literally(value)), HIDDEN


def _literally(value: str) -> str:
    return re.escape(value[:_LONGEST]) + (r"[\s\S]*" if len(value) > _LONGEST else "")


def _environment(properties: Any) -> Iterator[tuple[str, str]]:
    """The keys and values of the Environment in ``properties``, as SageMaker is sent them."""
    for name in ("ModelQualityAppSpecification", "Environment"):
        properties = properties.get(name) if isinstance(properties, Mapping) else None
    if not isinstance(properties, Mapping):
        properties = {"Environment": properties}
    for key, value in properties.items():
        if isinstance(value, str | int | float) and value != "":
            yield str(key), str(value).lower() if isinstance(value, bool) else str(value)


def _value_rules(key: str, value: str) -> Iterator[Rule]:
    text = _literally(value)
    # As services print a map: {KEY=value, OTHER=value}.
    yield re.compile(rf"(?<![\w-]){re.escape(key)}={text}(?![\w-])"), f"{key}={HIDDEN}"
    # As they print one value of it, before its path.
    of_environment = r"(?= at '[^']*environment)"
    yield re.compile(rf"'{text}'{of_environment}", re.IGNORECASE), f"'{HIDDEN}'"
    named = f"{HIDDEN} (Environment {key})"
    if len(value) >= _LONG:
        yield re.compile(text), named
    elif len(value) >= _TELLING_LENGTH:
        yield re.compile(rf"(?<![\w-]){text}(?![\w-])"), named
