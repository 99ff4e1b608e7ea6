"""Makes guide/messages.md: every message of the provider that a stack event may have.

They are read from the source code: from the calls listed in RAISED, and from what is assigned to
the variables that these calls use. A message that cannot be read is an error.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PAGE = Path("guide/messages.md")
# The calls that create a failure, and the position of the message among their arguments.
RAISED = {"HandlerError": 1, "SageMakerError": 1, "invalid_request": 0}
_HEAD = """\
# Messages

When a handler fails, the stack event has one of these messages. CloudFormation shows it as
`Resource handler returned message: "..."`, and adds the request token and the handler error code.
Parts in angle brackets stand for actual values. CloudFormation shows at most 1,024 characters. A
longer message is shortened in the middle, because its end tells where it comes from. Messages that
begin with `#/` and mention keys and types come from CloudFormation's own validation against the
schema, before anything is created. The stack's events only count them; DescribeEvents shows them.

Values of `Environment` and items of `ContainerArguments` appear as `***`. If there are too many of
them to search for, the whole message is replaced by `***` and the reason.

Where the code is "as SageMaker's error", it depends on the name of that error, on its HTTP status
or on the exception of the AWS SDK: service_errors.py has the tables. If SageMaker accepted a create
or a delete, or may have, an error that may go away by itself has the code NotStabilized instead.

`make generate` generates this page from the source.

| handler error code | message | in |
| --- | --- | --- |
"""
_CODES = {"invalid_request": "InvalidRequest"}
# What decides the code, if the call does not name one.
_VARIES = {"SageMakerError": "as SageMaker's error", "HandlerError": "as the framework's error"}

Values = Mapping[str, list[ast.expr]]


class UnreadableError(Exception):
    """A message, or a part of it, whose text is not in the source where this module looks."""


def page(root: Path) -> str:
    """The text of the page for the source code in ``root``.

    Raises UnreadableError, with the file and the line, for a message that cannot be read.
    """
    rows = sorted({row for path in modules(root) for row in _rows(path)})
    return _HEAD + "".join(f"| {code} | {text} | `{module}` |\n" for code, text, module in rows)


def modules(root: Path) -> list[Path]:
    """The modules whose messages are on the page."""
    return [path for path in sorted(root.glob("src/*/*.py")) if path.name != "models.py"]


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    module = ast.parse(path.read_text("utf-8"))
    for call, function in _calls(module, None):
        name = _called(call)
        code = _CODES.get(name) or _code(call.args[0]) or _VARIES[name]
        try:
            if len(call.args) <= RAISED[name]:
                raise UnreadableError("The message is not a positional argument.")
            values = {**_values(module.body), **(_values(ast.walk(function)) if function else {})}
            for text in _messages(call.args[RAISED[name]], values):
                yield code, text.replace("|", "\\|").replace("\n", " "), path.name
        except UnreadableError as error:
            raise UnreadableError(f"{path}:{call.lineno}: {error}") from None


def _calls(
    node: ast.AST, function: ast.FunctionDef | None
) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
    """The calls that create a failure, each with the function around it."""
    if isinstance(node, ast.FunctionDef):
        function = node
    # A function that is listed itself passes the message of its caller on.
    if function and function.name in RAISED:
        return
    if isinstance(node, ast.Call) and _called(node) in RAISED:
        yield node, function
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, function)


def _called(call: ast.Call) -> str:
    return _name(call.func) or ""


def _name(expression: ast.expr) -> str | None:
    """The name of a variable or an attribute; None for any other expression."""
    if isinstance(expression, ast.Name):
        return expression.id
    return expression.attr if isinstance(expression, ast.Attribute) else None


def _code(argument: ast.expr) -> str | None:
    """The handler error code, if the argument is a member of an enumeration of codes."""
    if isinstance(argument, ast.Attribute) and (_name(argument.value) or "").endswith("ErrorCode"):
        return argument.attr
    return None


def _values(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """All values that are assigned to each variable. Values that are unpacked are not separated."""
    values: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if (
            not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr)
            or node.value is None
        ):
            continue
        value = node.value
        if isinstance(node, ast.AugAssign):
            value = ast.BinOp(node.target, node.op, value)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    values.setdefault(name.id, []).append(value)
    return values


def _messages(argument: ast.expr, values: Values) -> list[str]:
    """The texts that the message of a call may have."""
    if isinstance(argument, ast.Call) and _called(argument) == "str":
        return ["&lt;message of the error&gt;"]
    return _texts(argument, values)


def _texts(expression: ast.expr, values: Values) -> list[str]:
    """The texts that an expression may have, their variable parts in angle brackets."""
    if isinstance(expression, ast.Constant):
        return [str(expression.value)]
    if isinstance(expression, ast.JoinedStr):
        parts = [
            _parts(part.value, values)
            if isinstance(part, ast.FormattedValue)
            else _texts(part, values)
            for part in expression.values
        ]
        return ["".join(chosen) for chosen in itertools.product(*parts)]
    if isinstance(expression, ast.IfExp):
        return _texts(expression.body, values) + _texts(expression.orelse, values)
    if isinstance(expression, ast.Name) and any(map(_is_text, values.get(expression.id, []))):
        return _parts(expression, values)
    raise UnreadableError(
        f"{ast.unparse(expression)} is no text. Write the text in the call, or assign it to a "
        "variable in the same function."
    )


def _is_text(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant | ast.JoinedStr | ast.IfExp)


def _parts(expression: ast.expr, values: Values) -> list[str]:
    """The texts of a variable part: what is assigned to it, else its name in angle brackets."""
    name = _name(expression)
    if name is None:
        raise UnreadableError(
            f"{ast.unparse(expression)} has no name. Assign it to a variable whose name says what "
            "it is."
        )
    placeholder = f"&lt;{name.replace('_', ' ')}&gt;"
    if not isinstance(expression, ast.Name) or name not in values:
        return [placeholder]
    others = {other: assigned for other, assigned in values.items() if other != name}
    texts = [text for value in values[name] for text in _assigned(value, others, placeholder)]
    return list(dict.fromkeys(texts))


def _assigned(value: ast.expr, values: Values, placeholder: str) -> list[str]:
    """The texts of a value that is assigned to a variable, or the variable's placeholder.

    Raises UnreadableError if the value is no text, but contains words of a message.
    """
    try:
        return _parts(value, values) if isinstance(value, ast.Name) else _texts(value, values)
    except UnreadableError:
        for node in ast.walk(value):
            if isinstance(node, ast.Constant) and re.search(r"\w \w", str(node.value)):
                raise UnreadableError(f"Assign {node.value!r} to a variable on its own.") from None
        return [placeholder]
