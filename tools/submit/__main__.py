"""`make submit`: registers the type in an account and region, and makes it the default version.

It works like `cfn submit`, with the CloudFormation CLI's own uploader and stacks, but registers the
package of `make package`. It says what it will change before it changes it, and changes nothing if
the same package is registered already. guide/registering.md has the details.

To recognize a registered package, it puts the package's checksum into the `$comment` of the schema
that it registers. The registry returns a registered schema unchanged.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from project import ROOT
from project.command_line import ArgumentParser, run
from project.type_name import TypeNameError, hyphenated, missing, refuse_reserved
from tools.output import OutputError, say
from tools.packaging import PackagingError
from tools.packaging.project_copy import replace
from tools.packaging.reuse import build_if_changed
from tools.submit.artifact import Artifact
from tools.submit.caller import identified
from tools.submit.errors import SubmitError
from tools.submit.role import check_passable_roles
from tools.submit.submission import MINUTES, Submission, submit, tell


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    parser = ArgumentParser(prog="make submit", description=__doc__)
    parser.add_argument("--type-name", default="")
    parser.add_argument("--region")
    parser.add_argument("--role-arn")
    parser.add_argument("--passable-roles")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    asked = parser.parse_args(arguments)
    # The CLI logs what it raises as well.
    logging.getLogger("rpdk").addHandler(logging.NullHandler())
    try:
        if not asked.type_name:
            raise TypeNameError(missing("make submit", "to register the type under"))
        refuse_reserved(asked.type_name)
        if asked.passable_roles:
            check_passable_roles(asked.passable_roles, asked.role_arn)
        caller = identified(asked.region, asked.role_arn)
        say(f"Packaging {asked.type_name} ...")
        artifact = Artifact(
            asked.type_name,
            build_if_changed(asked.type_name, asked.folder),
            replace(asked.type_name, asked.folder / hyphenated(asked.type_name)),
        )
        submission = Submission(artifact, caller, asked.role_arn, asked.passable_roles)
        if asked.dry_run:
            tell(submission)
        else:
            submit(submission, asked.minutes)
    except (TypeNameError, PackagingError, SubmitError, OutputError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    again = "Interrupted. Run it again to continue."
    sys.exit(run(main, sys.argv[1:], interrupted=again))
