"""How the demo is printed: wrapped between words on a terminal, not wrapped at all elsewhere."""

import math
import os
import re
import textwrap
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import yaml
from rich.console import Console
from rich.text import Text

from tools.demo.errors import OutputFailed

LINE = 80
"""The length of a heading's line. It may be shorter on a narrow terminal."""
STATUS = 18
NAME = 14
"""The widths of an event's columns. Longer values push what follows to the right."""
KEY = re.compile(r"^( *(?:- )*)([\w.:/-]+:)(?: (?=\S)|$)")


class _Dumper(yaml.SafeDumper):
    """Writes times without quotation marks. CloudFormation reads them as text."""


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


class Screen:
    """Prints on ``console``.

    No word is cut on a terminal. One that is longer than a line, such as an ARN, is printed whole
    for the terminal to break, so that it can be copied.

    Every method raises OutputFailed if it cannot print. If nobody reads, as after `| head`, rich
    ends the process with exit code 1.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = console.width if console.is_terminal else None

    def chapter(self, title: str, text: str) -> None:
        """Begin a chapter."""
        line = "─" * (min(self._width or LINE, LINE) - len(title) - 1)
        self._print(Text.assemble("\n", (title, "bold"), " ", (line, "green")))
        self.say(text)

    def say(self, text: str, indent: int = 0, style: str = "") -> None:
        """Print a text. Its lines stay lines."""
        for paragraph in text.splitlines() or [""]:
            for line in self._wrapped(paragraph, indent):
                self._print(Text(line, style))

    def event(self, status: str, name: str, type_name: str, style: str) -> None:
        """Print what happened to a resource, and its type in a line of its own if need be."""
        begin = f"  {status:<{STATUS}}  {name:<{NAME}}  " if type_name else f"  {status}  {name}"
        if not self._fits(f"{begin}{type_name}"):
            begin = f"{begin.rstrip()}\n    "
        shown = Text.assemble(begin, (type_name, "dim"))
        shown.stylize(style, 2, 2 + len(status))
        self._print(shown)

    def command(self, command: str) -> None:
        """Print a command to copy."""
        self._print(Text(f"  {command}", "bold"))

    def outline(self, values: Mapping[str, Any], indent: int = 0) -> None:
        """Print nested values as YAML."""
        text = yaml.dump(
            _readable(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf
        )
        for line in text.splitlines():
            self._print(self._outlined(" " * indent + line))

    def shortened(self, arn: str, room: int) -> str:
        """Return an ARN that was shown before, without its middle if it is longer than a line.

        room: what else has to fit into the line.
        """
        parts = re.fullmatch(r"((?:[^:]*:){5}).+(/[^/]+)", arn)
        if self._fits(" " * room + arn) or not parts:
            return arn
        return f"{parts[1]}…{parts[2]}"

    def _outlined(self, line: str) -> Text:
        shown = Text(line)
        found = KEY.match(line)
        if not found:
            return shown
        if not self._fits(line) and found.end() < len(line):
            # YAML wants the value to be further right than its key.
            shown = Text(f"{found[1]}{found[2]}\n{'':{len(found[1]) + 1}}{line[found.end() :]}")
        shown.stylize("cyan", found.start(2), found.end(2))
        return shown

    def _wrapped(self, text: str, indent: int) -> list[str]:
        margin = " " * indent
        if self._width is None:
            return [margin + text]
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]

    def _fits(self, line: str) -> bool:
        return self._width is None or len(line) <= self._width

    def _print(self, text: Text) -> None:
        try:
            self._console.print(text, soft_wrap=True, highlight=False)
        except OSError as error:
            # Python writes what is left when it ends, which must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._console.file.fileno())
            raise OutputFailed(error.strerror) from error


def utc(time: datetime) -> str:
    """Return a time as the type's CreationTime has it."""
    shown = time.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return shown.replace("+00:00", "Z")


def _readable(value: Any) -> Any:
    match value:
        case dict():
            return {name: _readable(member) for name, member in value.items()}
        case list():
            return [_readable(member) for member in value]
        case datetime():
            return utc(value)
    return value
