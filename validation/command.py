"""The command: cfn-lint, with this project's schema and rules.

A definition is validated by this project's schema under AWS's name, which only the sandbox has,
and under names of one's own: those that TYPE_NAME has, or else each name in the templates that
ends in ``::SageMaker::ModelQualityJobDefinition``. With TYPE_NAME, every other own name is one that
cfn-lint does not know (E3006), so that a misspelt one is found.

Everything else is cfn-lint's: its rules, options, formats and exit codes, and ``.cfnlintrc`` in the
working directory and in the home directory. What is added here reaches cfn-lint the way that a user
would add it: as folders of schemas (``--registry-schemas``) and of rules (``--append-rules``).
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from cfnlint.config import ConfigMixIn
from cfnlint.exceptions import CfnLintExitException
from cfnlint.helpers import REGIONS
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.rules.errors import RuleError
from cfnlint.runner import Runner, expand_deployment_files
from cfnlint.version import __version__

from project import ROOT
from project.command_line import ArgumentParser
from project.settings import type_name
from project.type_name import TypeNameError, hyphenated, own_names, refuse_reserved
from project.words import did_you_mean

RULES = Path(__file__).resolve().with_name("rules")
FORMATS = ("json", "junit", "parseable", "pretty", "quiet", "sarif")
"""cfn-lint's own formats, which its parser refuses others with a page of help."""

MISSING = "TEMPLATE is missing.\nName a template, or several: make validate TEMPLATE=path"

OWN_HELP = """\
  --type-name NAMES  the names of your own that there are; without it, all that end in
                     ::SageMaker::ModelQualityJobDefinition

All other options are cfn-lint's:"""


class ValidationFailed(Exception):
    """The templates cannot be validated; the message says why and what to do."""


def run(arguments: list[str]) -> int:
    """Validate templates, and print what was found. Returns cfn-lint's exit code.

    arguments: options of this command, options of cfn-lint, and templates.
    """
    parser = ArgumentParser(prog="make validate", add_help=False, allow_abbrev=False)
    parser.add_argument("--type-name", default="")
    parser.add_argument("--template", default="")
    parser.add_argument("--format", default="")
    asked, cfn_lints = parser.parse_known_args(arguments)
    if not {"-h", "--help"}.isdisjoint(cfn_lints):
        print(f"{OWN_HELP}\n")
    try:
        config = ConfigMixIn([_with_commas(argument) for argument in cfn_lints])
        runner = _runner(config, asked)
    except (ValidationFailed, TypeNameError) as error:
        print(error, file=sys.stderr)
        return 1
    except CfnLintExitException as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    settings = runner.config
    if not (settings.templates or settings.deployment_files or settings.listrules):
        # .cfnlintrc ignores all of them. cfn-lint would read standard input.
        return 0
    try:
        return _ended(runner)
    except OSError as error:
        # Python writes what is left when it ends, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            where = error.filename or "standard output"
            print(f"The findings cannot be written to {where}: {error.strerror}.", file=sys.stderr)
        return 1


class _Runner(Runner):  # type: ignore[misc]  # cfn-lint has no types
    """cfn-lint, which reports a template that it fails on, and goes on with the others.

    cfn-lint by itself ends with a traceback and without a report, for instance if the Metadata of
    a resource is a list.
    """

    def run(self) -> Iterator[Match]:
        """Yield what is found."""
        given: ConfigMixIn = self.config
        alone = {path: given.evolve(templates=[glob.escape(path)]) for path in given.templates}
        for name, config in (alone or {" ".join(given.deployment_files): given}).items():
            self.config: ConfigMixIn = config
            yield from self._found_in(name)
        self.config = given

    def _found_in(self, name: str) -> Iterator[Match]:
        try:
            yield from super().run()
        except Exception as error:  # noqa: BLE001 - whatever cfn-lint and rules of others raise
            yield Match.create(
                message=(
                    f"cfn-lint {__version__} fails on this template, which is not validated: "
                    f"{type(error).__name__}: {error}"
                ),
                filename=name,
                rule=RuleError(),
            )


def _ended(runner: Runner) -> int:
    """Validate, and print what was found. Returns cfn-lint's exit code.

    Raises OSError if it cannot be written; BrokenPipeError if nobody reads it, as after `| head`.
    """
    code = 0
    try:
        runner.cli()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    sys.stdout.flush()
    return code


def _runner(config: ConfigMixIn, asked: argparse.Namespace) -> Runner:
    """cfn-lint, ready to validate what was asked for.

    Raises ValidationFailed, TypeNameError, or an exception of cfn-lint.
    """
    for region in config.regions:
        _known("The region", region, REGIONS)
    shown = _known("FORMAT", asked.format or config.format or "pretty", FORMATS)
    deployed = _deployed(config)
    templates = _templates(config, asked.template)
    _leave_out_our_rules(config)
    names = [
        name if name == type_name() else refuse_reserved(name)
        for name in re.split(r"[\s,]+", asked.type_name)
        if name
    ]
    # A list that is given here takes the place of the user's, unless cfn-lint is told to merge.
    schemas = [] if config.merge_configs else config.registry_schemas
    rules = [] if config.merge_configs else config.append_rules[1:]
    for given in config.registry_schemas:
        for path in sorted(Path(given).rglob("*.json")):
            _check_schema(path)
    with tempfile.TemporaryDirectory(prefix="schemas-") as folder:
        write_schemas(Path(folder), {type_name(), *(names or _own_names([*templates, *deployed]))})
        # cfn-lint reads the schemas and rules when this is made.
        runner = _Runner(
            config.evolve(
                templates=[glob.escape(path) for path in templates],
                format=shown,
                registry_schemas=[*schemas, folder],
                append_rules=[*rules, str(RULES)],
            )
        )
    _check_ignored(config.cli_args.ignore_checks, runner.rules)
    return runner


def write_schemas(folder: Path, names: Iterable[str]) -> None:
    """Write this project's schema to ``folder``, once for each of these names of the type."""
    schema = json.loads((ROOT / f"{hyphenated(type_name())}.json").read_text("utf-8"))
    for name in names:
        text = json.dumps({**schema, "typeName": name}, indent=2)
        (folder / f"{hyphenated(name)}.json").write_text(f"{text}\n", "utf-8")


def _with_commas(argument: str) -> str:
    """An argument with a list that make passes on, which may have blanks, as cfn-lint reads it."""
    if argument.startswith(("--regions=", "--ignore-checks=")):
        return ",".join(re.split(r"[\s,]+", argument))
    return argument


def _known(variable: str, value: str, known: Iterable[str]) -> str:
    """Return ``value`` if it is known. Raises ValidationFailed, with the nearest, if not."""
    if value in known:
        return value
    close = get_close_matches(value.lower(), known, n=1)
    nearest = f"Did you mean {close[0]}? " if close else ""
    raise ValidationFailed(
        f"{variable} is {value!r}, which cfn-lint does not have. {nearest}"
        f"It has {', '.join(sorted(known))}."
    )


def _check_ignored(given: Iterable[str], rules: Iterable[str]) -> None:
    """Raise ValidationFailed if a rule is to be ignored that does not exist.

    Those that .cfnlintrc names may be rules of others, which are not always appended.

    given: ids, or beginnings of ids. rules: the ids of all rules.
    """
    for start in filter(None, given):
        if not any(rule.startswith(start) for rule in rules):
            raise ValidationFailed(
                f"IGNORE has {start}, but no rule's id begins with it.{did_you_mean(start, rules)} "
                "Give ids of rules or their beginnings, such as IGNORE=W2001 or IGNORE=W."
            )


def _templates(config: ConfigMixIn, given: str) -> list[str]:
    """The paths of the templates: those given, or else those that .cfnlintrc names.

    given: paths or patterns as in a shell, besides those that cfn-lint's own arguments have; or one
    path, which may have blanks.

    Raises ValidationFailed if there is none, or one that cannot be read.
    """
    if config.listrules or config.deployment_files:
        return []
    # Not Path.exists, which raises an error for a list that is too long for a path.
    one = os.path.exists(given)  # noqa: PTH110
    patterns = [glob.escape(given)] if one else _unquoted(given)
    patterns += config.cli_args.template_alt or config.cli_args.templates
    patterns = patterns or config.file_args.get("templates", [])
    if not patterns:
        raise ValidationFailed(MISSING)
    for pattern in patterns:
        if not glob.glob(pattern, recursive=True):  # noqa: PTH207 - as cfn-lint understands it
            raise ValidationFailed(f"There is no template {pattern}.")
    paths: list[str] = config.evolve(templates=patterns).templates
    for path in paths:
        _check_readable(Path(path))
    return paths


def _deployed(config: ConfigMixIn) -> list[str]:
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
        _check_readable(Path(path))
    return paths


def _unquoted(given: str) -> list[str]:
    try:
        return shlex.split(given)
    except ValueError as error:
        raise ValidationFailed(
            f"TEMPLATE is {given}, which is no list of paths: {error}."
        ) from None


def _check_readable(path: Path) -> None:
    """Raise ValidationFailed for what cfn-lint would report without saying what to do."""
    if path.is_dir():
        inside = f"{glob.escape(str(path))}/*.yaml"
        word = inside if _unquoted(inside) == [inside] else shlex.quote(inside)
        raise ValidationFailed(
            f'{path} is a folder. Name its templates: make validate TEMPLATE="{word}"'
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


def _own_names(templates: list[str]) -> set[str]:
    """The names of one's own that definitions in these templates have."""
    texts = [Path(path).read_text("utf-8") for path in templates]
    return {name for text in texts for name in own_names(text, type_name())}


def _leave_out_our_rules(config: ConfigMixIn) -> None:
    """Take folders with these rules, of this or another copy, out of what the user appends.

    An editor needs them in .cfnlintrc. cfn-lint refuses to load a rule twice.
    """
    ours = Rules.create_from_directory(str(RULES)).keys()
    for given in (vars(config.cli_args), config.file_args):
        given["append_rules"] = [
            folder
            for folder in given.get("append_rules", [])
            if not (
                Path(folder).expanduser().is_dir()
                and Rules.create_from_directory(folder).keys() & ours
            )
        ]
