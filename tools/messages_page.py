"""Makes guide/messages.md: every message of the provider that a stack event may have.

They are read from the source code, where each is an argument of a call listed in RAISED.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PAGE = Path("guide/messages.md")
# The calls that create a failure, and the position of the message among their arguments.
RAISED = {"HandlerError": 1, "SageMakerError": 1, "invalid_request": 0}
_HEAD = """\
# Messages

When a handler fails, the stack event has one of these messages, or one from SageMaker.
CloudFormation shows it as `Resource handler returned message: "..."`, and adds the request token
and the handler error code. Parts in angle brackets stand for actual values; values of `Environment`
appear as `***`. CloudFormation shows at most 1,024 characters. A longer message is shortened in the
middle, because its end tells where it comes from. Messages that begin with `#/` and mention keys
and types come from CloudFormation's own validation against the schema.

`make generate` generates this page from the source.

| handler error code | message | in |
| --- | --- | --- |
"""
_CODES = {"invalid_request": "InvalidRequest"}
_VARIES = "by the error, see ERROR_CODES"


def page(root: Path) -> str:
    """The text of the page for the source code in ``root``."""
    rows = sorted(row for path in _modules(root) for row in _rows(path))
    return _HEAD + "".join(f"| {code} | {text} | `{module}` |\n" for code, text, module in rows)


def _modules(root: Path) -> list[Path]:
    return [path for path in sorted(root.glob("src/*/*.py")) if path.name != "models.py"]


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        place = RAISED.get(call.func.id)
        if place is None:
            continue
        text = _text(call.args[place])
        if text is not None:
            code = _CODES.get(call.func.id) or _code(call.args[0])
            yield code, text.replace("|", "\\|").replace("\n", " "), path.name


def _code(argument: ast.expr) -> str:
    if isinstance(argument, ast.Attribute):
        return argument.attr
    return _VARIES


def _text(argument: ast.expr) -> str | None:
    """The message, with its variable parts in angle brackets; None if it is not written here."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if not isinstance(argument, ast.JoinedStr):
        return None
    parts = []
    for value in argument.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        elif isinstance(value, ast.FormattedValue):
            parts.append(f"&lt;{_name(value.value)}&gt;")
    return "".join(parts)


def _name(expression: ast.expr) -> str:
    """A name for the value of an expression: the last attribute or variable in it."""
    names = [
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(expression)
        if isinstance(node, ast.Attribute | ast.Name)
    ]
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(expression)
        if isinstance(node, ast.Call)
    }
    telling = [name for name in names if name not in called]
    return (telling or names or ["value"])[0].strip("_").replace("_", " ")
