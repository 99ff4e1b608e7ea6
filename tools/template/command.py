"""The command: what is asked for, what it prints, and its exit code.

The definition may have been made by anything: a notebook, a script, another tool. The template goes
to standard output, and the commands that import the definition into a stack to standard error. It
works in the account and region that the SDK's settings lead to, a sandbox included, and changes
nothing there. guide/from-a-notebook.md has an example.
"""

from __future__ import annotations

import argparse
import sys

from project.command_line import ArgumentParser
from project.settings import type_name
from project.type_name import TypeNameError, check_name
from sandbox.hosting.type_schema import TypeSchema
from tools.caller import identified
from tools.output import OutputError, say
from tools.own_handlers import provider
from tools.template.definition import arn_of, read
from tools.template.errors import TemplateError, explained
from tools.template.importing import Import, instructions
from tools.template.text import DEFAULT_LOGICAL_ID, check_logical_id, template

MISSING = (
    "DEFINITION is missing.\nGive the name or the ARN of a model quality job definition: "
    "make template DEFINITION=name. This lists them: aws sagemaker "
    "list-model-quality-job-definitions"
)


def run(arguments: list[str]) -> int:
    """Print a template, and how to import it; or what went wrong. Returns the exit code."""
    parser = ArgumentParser(prog="make template", description=__doc__)
    parser.add_argument("--definition")
    parser.add_argument("--region")
    parser.add_argument("--type-name", default=type_name())
    parser.add_argument("--logical-id", default=DEFAULT_LOGICAL_ID)
    asked = parser.parse_args(arguments)
    try:
        text, what = _made(asked)
        say(text.removesuffix("\n"))
    except (TypeNameError, TemplateError, OutputError) as error:
        print(error, file=sys.stderr)
        return 1
    print(instructions(what, len(text.encode())), file=sys.stderr)
    return 0


def _made(asked: argparse.Namespace) -> tuple[str, Import]:
    """The template's text, and what there is to import.

    Raises TypeNameError or TemplateError.
    """
    if not asked.definition:
        raise TemplateError(MISSING)
    check_name(asked.type_name)
    check_logical_id(asked.logical_id)
    with explained():
        caller = identified(asked.region)
    hosted = provider()
    arn = arn_of(asked.definition, caller, hosted)
    of_type = TypeSchema({**hosted.schema, "typeName": asked.type_name})
    text = template(arn, read(arn, caller, hosted), of_type, asked.logical_id)
    return text, Import(asked.type_name, asked.logical_id, arn, caller.region)
