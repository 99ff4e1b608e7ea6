"""What the command is asked for: its options, cfn-lint's options, and ``.cfnlintrc``.

All of it is checked before anything is validated. cfn-lint answers some mistakes with its whole
help, and others with a traceback.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from cfnlint.config import CliArgs, ConfigMixIn
from cfnlint.decode.cfn_yaml import CfnParseError
from cfnlint.helpers import REGIONS
from cfnlint.runner import expand_deployment_files
from cfnlint.version import __version__
from yaml import MarkedYAMLError, YAMLError

from project import ROOT
from project.settings import type_name
from project.type_name import TypeNameError, refuse_reserved
from project.words import did_you_mean, nearest_path
from validation.front_doors import FRONT_DOORS, FrontDoor

FORMATS = ("json", "junit", "parseable", "pretty", "quiet", "sarif")
EXIT_CODES = ("informational", "warning", "error", "none")
"""cfn-lint's own values, which its parser refuses others with a page of help."""


class ValidationFailed(Exception):
    """The templates cannot be validated; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """What is asked for, without a mistake.

    config: cfn-lint's settings. templates: paths. deployed: paths of the templates that deployment
    files name. type_names: the names of one's own that there are; none if all are accepted.
    """

    config: ConfigMixIn
    templates: list[str]
    deployed: list[str]
    type_names: list[str]
    front_door: FrontDoor


def read(arguments: list[str]) -> Settings:
    """Return what the command is asked for. Prints help or a version, and exits, if that is it.

    Raises ValidationFailed if a setting is wrong, or an exception of cfn-lint.
    """
    asked, cfn_lints = _own_parser().parse_known_args(arguments)
    front_door = FRONT_DOORS[asked.front_door]
    config = _Config([_with_commas(argument) for argument in cfn_lints])
    for region in config.regions:
        _known(_giver_of_region(region, config, front_door), region, REGIONS)
    shown = _known(front_door.format, asked.format or config.format or "pretty", FORMATS)
    exit_code = _known(front_door.exit_code, asked.non_zero_exit_code, EXIT_CODES)
    deployed = _deployed(config, front_door)
    templates = _templates(config, asked.template, front_door)
    type_names = _type_names(asked.type_name, front_door)
    for folder in config.registry_schemas:
        for path in sorted(Path(folder).rglob("*.json")):
            _check_schema(path)
    config = config.evolve(
        templates=[glob.escape(path) for path in templates],
        format=shown,
        non_zero_exit_code=exit_code,
    )
    try:
        config.validate(allow_stdin=True)
    except ValueError as error:
        raise ValidationFailed(f"{error}.") from None
    return Settings(config, templates, deployed, type_names, front_door)


def check_ignored(settings: Settings, rules: Iterable[str]) -> None:
    """Raise ValidationFailed if a rule is to be ignored that does not exist.

    Those that .cfnlintrc names may be rules of others, which are not always appended.

    rules: the ids of all rules.
    """
    name, equals = settings.front_door.ignored, settings.front_door.equals
    for start in filter(None, settings.config.cli_args.ignore_checks):
        if not any(rule.startswith(start) for rule in rules):
            raise ValidationFailed(
                f"{name} has {start}, but no rule's id begins with it."
                f"{did_you_mean(start, rules)} Give ids of rules or their beginnings, such as "
                f"{name}{equals}W2001 or {name}{equals}W."
            )


class _OwnParser(argparse.ArgumentParser):
    """A parser of the options that are not left to cfn-lint."""

    def error(self, message: str) -> NoReturn:
        _refuse(message)


class _Config(ConfigMixIn):  # type: ignore[misc]  # cfn-lint has no types
    """cfn-lint's settings. A mistake raises ValidationFailed."""

    def create_parser(self) -> Any:
        """Return cfn-lint's parser of options, which would print its help for a mistake."""
        parser = super().create_parser()
        parser.error = _refuse
        # Help that was asked for is printed before. These two print it before they exit.
        parser.print_help = lambda: _refuse(
            "--configure-rule takes RULE:setting=value, and --parameters takes Name=value"
        )
        return parser

    def _read_config(self, config: Any) -> dict[str, Any]:
        path = Path(config)
        shown = path.name if path.parent == Path.cwd() else path
        try:
            read: dict[str, Any] = super()._read_config(config)
        except OSError as error:
            raise ValidationFailed(f"{shown} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise ValidationFailed(f"{shown} is not a text in UTF-8, as it has to be.") from None
        except YAMLError as error:
            raise ValidationFailed(f"{shown} is not YAML: {_where(error)}.") from None
        return read


def _where(error: YAMLError) -> str:
    """What is wrong with YAML, and the lines to correct."""
    if isinstance(error, CfnParseError):
        repeated = sorted({match.linenumber for match in error.matches})
        if len(repeated) > 1:
            return f"line {repeated[0]} and line {repeated[-1]} have the same key; delete one"
        # cfn-lint does not say where.
        said = " ".join(error.matches[0].message.split())
        return f"{said.removeprefix('Template could not be parsed: ')}; correct it"
    if not isinstance(error, MarkedYAMLError) or not error.problem_mark:
        return " ".join(str(error).split())
    last = error.problem_mark.line + 1
    first = error.context_mark.line + 1 if error.context_mark else last
    lines = f"line {last}" if first == last else f"lines {first} to {last}"
    return f"{error.problem} in line {last}; correct {lines}"


def _own_parser() -> argparse.ArgumentParser:
    version = (ROOT / "VERSION").read_text("utf-8").strip()
    parser = _OwnParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--front-door", choices=FRONT_DOORS, default="make")
    parser.add_argument("--type-name", default="")
    parser.add_argument("--template", default="")
    parser.add_argument("-f", "--format", default="")
    parser.add_argument("--non-zero-exit-code", default="informational")
    parser.add_argument("-h", "--help", action=_Help, nargs=0)
    parser.add_argument(
        "-v",
        "--version",
        action="version",
        version=f"cfn-lint {__version__}, with the rules of version {version} of this project",
    )
    return parser


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(_help(), end="")
        parser.exit()


def _help() -> str:
    # A parser that is for nothing else: cfn-lint's own would take --type for --type-name.
    parser = CliArgs([]).parser
    parser.usage = "validate.sh [options] [--] TEMPLATE ..."
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = (
        f"Finds mistakes in CloudFormation templates, with cfn-lint {__version__} and this "
        "project's\nschema and rules. All options but --type-name are cfn-lint's."
    )
    parser.add_argument_group("Of this command").add_argument(
        "--type-name",
        metavar="NAMES",
        help="the names of your own that there are; without it, all that end in "
        "::SageMaker::ModelQualityJobDefinition",
    )
    return str(parser.format_help())


def _refuse(message: str) -> NoReturn:
    """Raise ValidationFailed for what argparse says of options."""
    if unknown := re.match(r"unrecognized arguments: ([^\s=]+)", message):
        option = unknown[1]
        if not option.startswith("-"):
            raise ValidationFailed(f"Give {option} beside the other templates, after all options.")
        guess = did_you_mean(option, sorted(set(re.findall(r"--[a-z-]+", _help()))))
        raise ValidationFailed(
            f"There is no option {option}.{guess or ' validate.sh --help lists them all.'}"
        )
    if empty := re.fullmatch(r"argument (?:-\w/)?(\S+): expected .*", message):
        raise ValidationFailed(f"{empty[1]} has no value: write {empty[1]}=value, or leave it out.")
    raise ValidationFailed(f"{message.removeprefix('argument ')}.")


def _with_commas(argument: str) -> str:
    """An argument with a list that make passes on, which may have blanks, as cfn-lint reads it."""
    if argument.startswith(("--regions=", "--ignore-checks=")):
        return ",".join(re.split(r"[\s,]+", argument))
    return argument


def _giver_of_region(region: str, config: ConfigMixIn, front_door: FrontDoor) -> str:
    """The name of the setting or variable that has a region."""
    if region in config.cli_args.regions:
        return front_door.regions
    if region in config.file_args.get("regions", []):
        return "regions in .cfnlintrc"
    return "AWS_REGION" if "AWS_REGION" in os.environ else "AWS_DEFAULT_REGION"


def _known(name: str, value: str, known: Iterable[str]) -> str:
    """Return ``value`` if it is known. Raises ValidationFailed, with the nearest, if not."""
    if value in known:
        return value
    hint = did_you_mean(value, known) or f" It has {', '.join(sorted(known))}."
    raise ValidationFailed(f"{name} is {value!r}, which cfn-lint does not have.{hint}")


def _type_names(given: str, front_door: FrontDoor) -> list[str]:
    try:
        return [
            name if name == type_name() else refuse_reserved(name)
            for name in re.split(r"[\s,]+", given)
            if name
        ]
    except TypeNameError as error:
        name = front_door.type_name
        said = str(error).replace("TYPE_NAME=", f"{name}{front_door.equals}")
        raise ValidationFailed(said.replace("TYPE_NAME", name)) from None


def _templates(config: ConfigMixIn, given: str, front_door: FrontDoor) -> list[str]:
    """The paths of the templates: those given, or else those that .cfnlintrc names.

    given: paths or patterns as in a shell, besides those that cfn-lint's own arguments have; or one
    path, which may have blanks.

    Raises ValidationFailed if there is none, or one that cannot be read.
    """
    if config.listrules or config.deployment_files:
        return []
    # Not Path.exists, which raises an error for a list that is too long for a path.
    one = os.path.exists(given)  # noqa: PTH110
    patterns = [glob.escape(given)] if one else _unquoted(given, front_door)
    patterns += config.cli_args.template_alt or config.cli_args.templates
    patterns = patterns or config.file_args.get("templates", [])
    if not patterns:
        example = front_door.one_template.format("path")
        raise ValidationFailed(f"No template is given. Name one, or several: {example}")
    for pattern in patterns:
        if not glob.glob(pattern, recursive=True):  # noqa: PTH207 - as cfn-lint understands it
            raise ValidationFailed(_no_template(pattern))
    paths: list[str] = config.evolve(templates=patterns).templates
    for path in paths:
        _check_readable(Path(path), front_door)
    return paths


def _no_template(pattern: str) -> str:
    near = nearest_path(Path(pattern)) if pattern == glob.escape(pattern) else None
    return f"There is no template {pattern}." + (f" Did you mean {near}?" if near else "")


def _deployed(config: ConfigMixIn, front_door: FrontDoor) -> list[str]:
    """The paths of the templates that deployment files name.

    Raises ValidationFailed if such a template cannot be read, or a file with parameters is missing.
    """
    try:
        # cfn-lint would look for it only later.
        _ = config.parameter_files
        paths: list[str] = [
            path for each, _ in expand_deployment_files(config) if each for path in each.templates
        ]
    except ValueError as error:
        raise ValidationFailed(f"A file is missing: {error}.") from None
    for path in paths:
        _check_readable(Path(path), front_door)
    return paths


def _unquoted(given: str, front_door: FrontDoor) -> list[str]:
    try:
        return shlex.split(given)
    except ValueError:
        # A quotation mark without a second one, or a backslash at the end.
        odd = next(word for word in given.split() if re.search(r"[\"'\\]", word))
        quoted = shlex.quote(odd) if re.search(r"[\"\\]", odd) else f'"{odd}"'
        raise ValidationFailed(
            f"{front_door.template} is {given}, where a quotation mark or a backslash has no "
            f"counterpart. Quote the path that it belongs to, as in {quoted}."
        ) from None


def _check_readable(path: Path, front_door: FrontDoor) -> None:
    """Raise ValidationFailed for what cfn-lint would report without saying what to do."""
    if path.is_dir():
        inside = f"{glob.escape(str(path))}/*.yaml"
        word = shlex.quote(inside) if re.search(r"[\s\"'\\]", inside) else inside
        raise ValidationFailed(
            f"{path} is a folder. Name its templates: {front_door.templates.format(word)}"
        )
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ValidationFailed(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValidationFailed(f"{path} is not a text in UTF-8, as a template has to be.") from None
    if not text.strip():
        raise ValidationFailed(f"{path} is empty.")


def _check_schema(path: Path) -> None:
    """Raise ValidationFailed for a file that cfn-lint would fail on without naming it."""
    try:
        json.loads(path.read_text("utf-8"))["typeName"]
    except (KeyError, TypeError, ValueError):
        raise ValidationFailed(
            f"{path} is not the schema of a resource type. A folder of registry_schemas can have "
            "no other .json files."
        ) from None
