"""What the user asks for: a template and its parameters, checked before anything is deployed."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from project.words import did_you_mean, nearest_path
from tools.demo.errors import Refused

MAX_BODY = 51_200
"""The size in bytes of a template that a request contains (CloudFormation quotas)."""
ANOTHER = "make demo TEMPLATE=examples/regression.yaml"


def displayed(path: Path) -> str:
    """Return a path as messages have it: as the user gave it, but short below this folder."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def with_template(target: str, path: Path) -> str:
    """Return the command for a make target with a template, to be copied."""
    return f"make {target} TEMPLATE={shlex.quote(displayed(path))}"


def read_template(path: Path) -> str:
    """Return the text of a template. Raises Refused if there is none that a request can contain."""
    shown = displayed(path)
    try:
        if path.is_dir():
            raise Refused(f"{shown} is a folder. Name one template, such as:", _in_folder(path))
        size = path.stat().st_size
        if not path.is_file():
            raise Refused(f"{shown} is not a regular file. Name a template, such as:", ANOTHER)
        if size > MAX_BODY:
            raise Refused(
                f"{shown} has {size:,} bytes. The demo sends the template in a request, which "
                f"CloudFormation limits to {MAX_BODY:,}. To try a larger one, start a sandbox and "
                "use aws cloudformation deploy with --s3-bucket:",
                "make sandbox",
            )
        content = path.read_bytes()
    except FileNotFoundError:
        near = nearest_path(path)
        hint = "Did you mean this one?" if near else "Name a template that exists, such as:"
        command = _command(near) if near else ANOTHER
        raise Refused(f"There is no template {shown}. {hint}", command) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Refused(
            f"{shown} cannot be read: {reason}. Name a template, such as:", ANOTHER
        ) from None
    if not content.strip():
        raise Refused(f"{shown} is empty. Name a template, such as:", ANOTHER)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"{shown} is not UTF-8: line {line} has the byte 0x{content[error.start]:02x}. Save it "
            "as UTF-8, and try again:",
            _command(path),
        ) from None


def read_parameters(given: str) -> dict[str, str]:
    """Return parameters given as NAME=VALUE, with spaces between them and quotes as in a shell.

    Raises Refused if one is malformed or given twice.
    """
    parameters: dict[str, str] = {}
    example = "make demo TEMPLATE=path PARAMETERS=\"Name=value Other='two words'\""
    try:
        words = shlex.split(given)
    except ValueError:
        raise Refused(
            f"PARAMETERS is {given}, in which a quotation mark is not closed, or nothing follows a "
            "backslash. Both mean what they mean in a shell. Write, for instance:",
            example,
        ) from None
    for each in words:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise Refused(
                f"Cannot read '{each}' as a parameter. Write Name=value, with spaces between "
                "parameters, and quotes around a value that has spaces:",
                example,
            )
        if name in parameters:
            raise Refused(f"The parameter {name} is given twice. Give each one once:", example)
        parameters[name] = value
    return parameters


def section(template: str, name: str) -> dict[str, dict[str, Any]]:
    """Return a section of a template whose members are objects, such as Parameters.

    It is empty if there is none, and for what is not a template: CloudFormation says what is wrong
    with that.
    """
    from cfnlint.decode import decode_str

    document, _ = decode_str(template)
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        return {}
    return found


def check_parameters(path: Path, template: str, given: Mapping[str, str]) -> None:
    """Check which parameters of a template are given. Their values are checked by CloudFormation.

    Raises Refused if one is missing or unknown.
    """
    shown = displayed(path)
    declared = section(template, "Parameters")
    lines = [_unknown(shown, name, list(declared)) for name in given if name not in declared]
    missing = [
        name for name, each in declared.items() if "Default" not in each and name not in given
    ]
    if missing:
        lines.append(f"{shown} needs values for these parameters:")
        lines += [f"  {name}: {_described(declared[name])}" for name in missing]
    if lines:
        raise Refused(
            "\n".join([*lines, "Nothing was deployed. Try:"]),
            _with_parameters(path, declared, given, missing),
        )


def with_parameters(path: Path, template: str, given: Mapping[str, str]) -> str:
    """Return the command that gives a template these parameters, to be copied and changed."""
    return _with_parameters(path, section(template, "Parameters"), given)


def _with_parameters(
    path: Path,
    declared: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, str],
    missing: Sequence[str] = (),
) -> str:
    wanted = [
        f"{name}={shlex.quote(_example(name, each, given))}"
        for name, each in declared.items()
        if name in missing or name in given
    ]
    return _command(path, wanted)


def _unknown(shown: str, name: str, names: Sequence[str]) -> str:
    hint = did_you_mean(name, names) or f" It has {', '.join(names) or 'none'}."
    return f"{shown} has no parameter {name}.{hint}"


def _described(parameter: Mapping[str, Any]) -> str:
    description = " ".join(str(parameter.get("Description", "")).split())
    allowed = ", ".join(_allowed(parameter))
    notes = [description, f"Allowed values: {allowed}." if allowed else ""]
    return " ".join(note for note in notes if note) or str(parameter.get("Type", "String"))


def _allowed(parameter: Mapping[str, Any]) -> list[str]:
    values = parameter.get("AllowedValues")
    return [str(value) for value in values] if isinstance(values, list) else []


def _example(name: str, parameter: Mapping[str, Any], given: Mapping[str, str]) -> str:
    """What the command to copy has as a value. A secret is not repeated."""
    if name in given and parameter.get("NoEcho") not in (True, "true"):
        return given[name]
    return next(iter(_allowed(parameter)), "...")


def _command(path: Path, parameters: Sequence[str] = ()) -> str:
    given = f" PARAMETERS={shlex.quote(' '.join(parameters))}" if parameters else ""
    return f"{with_template('demo', path)}{given}"


def _in_folder(folder: Path) -> str:
    suffixes = (".json", ".template", ".yaml", ".yml")
    found = sorted(each for each in folder.iterdir() if each.suffix in suffixes)
    return _command(found[0]) if found else ANOTHER
