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

import copy
import glob
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from cfnlint.config import ConfigMixIn
from cfnlint.exceptions import CfnLintExitException
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.rules.errors import RuleError
from cfnlint.runner import Runner
from cfnlint.version import __version__

from project import ROOT
from project.settings import type_name
from project.type_name import hyphenated, own_names
from validation.settings import Settings, ValidationFailed, check_ignored, read

RULES = Path(__file__).resolve().with_name("rules")


def run(arguments: list[str]) -> int:
    """Validate templates, and print what was found. Returns cfn-lint's exit code.

    arguments: options of this command, options of cfn-lint, and templates.
    """
    try:
        settings = read(arguments)
        runner = _runner(settings)
        check_ignored(settings, runner.rules)
    except ValidationFailed as error:
        print(error, file=sys.stderr)
        return 1
    except CfnLintExitException as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    config = settings.config
    if not (config.templates or config.deployment_files or config.listrules):
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
        """Yield what is found, in one template after the other."""
        if self.config.deployment_files:
            # cfn-lint finds out itself which templates these name.
            yield from _reported(" ".join(self.config.deployment_files), super().run())
        for path in self.config.templates:
            # It has the same rules, which take long to load.
            alone = copy.copy(self)
            alone.config = self.config.evolve(templates=[glob.escape(path)])
            yield from _reported(path, Runner.run(alone))


def _reported(name: str, found: Iterator[Match]) -> Iterator[Match]:
    """Yield what is found in a template, and that cfn-lint fails on it, if it does."""
    try:
        yield from found
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


def _runner(settings: Settings) -> Runner:
    """cfn-lint, ready to validate what is asked for.

    Raises an exception of cfn-lint.
    """
    config = settings.config
    _leave_out_our_rules(config)
    _say_whether_regions_are_given(config)
    own = settings.type_names or _own_names([*settings.templates, *settings.deployed])
    # A list that is given here takes the place of the user's, unless cfn-lint is told to merge.
    # Of the rules, the first folder is cfn-lint's own, which it puts there by itself.
    schemas = [] if config.merge_configs else config.registry_schemas
    rules = [] if config.merge_configs else config.append_rules[1:]
    with tempfile.TemporaryDirectory(prefix="schemas-") as folder:
        write_schemas(Path(folder), {type_name(), *own})
        # cfn-lint reads the schemas and rules when this is made.
        return _Runner(
            config.evolve(registry_schemas=[*schemas, folder], append_rules=[*rules, str(RULES)])
        )


def write_schemas(folder: Path, names: Iterable[str]) -> None:
    """Write this project's schema to ``folder``, once for each of these names of the type."""
    schema = json.loads((ROOT / f"{hyphenated(type_name())}.json").read_text("utf-8"))
    for name in names:
        text = json.dumps({**schema, "typeName": name}, indent=2)
        (folder / f"{hyphenated(name)}.json").write_text(f"{text}\n", "utf-8")


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


def _say_whether_regions_are_given(config: ConfigMixIn) -> None:
    """Tell the rules about images that the regions are the user's, if they are.

    By themselves they cannot tell us-east-1 from cfn-lint's default. The user's settings of these
    rules count more.
    """
    if not (config.cli_args.regions or config.file_args.get("regions")):
        return
    # Where the user's settings of rules are, because cfn-lint takes only those of one place.
    given = vars(config.cli_args) if config.cli_args.configure_rules else config.file_args
    rules = given.get("configure_rules", {})
    told = {rule: {"regions_are_given": True, **rules.get(rule, {})} for rule in ("E9557", "W9558")}
    given["configure_rules"] = {**rules, **told}
