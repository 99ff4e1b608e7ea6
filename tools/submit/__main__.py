"""`make submit`: registers the type in an account and region, and makes it what stacks meet there.

It goes the way of `cfn submit`, with the CloudFormation CLI's own uploader and stacks, but with the
package of `make package`; it says what it will change before it does, and changes nothing where the
same package is registered already. guide/registering.md tells more.

How it knows: what it registers is the package with the package's checksum in the schema's
`$comment`, and the registry gives a registered schema back as it was.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

import boto3

from project import ROOT
from project.role_arn import ROLE_ARN
from project.settings import type_name
from project.type_name import TypeNameError, hyphenated, refuse_reserved
from tools.packaging import PackagingError, build
from tools.packaging.project import replace
from tools.submit.artifact import Artifact
from tools.submit.messages import LOG_IN, NAME_A_REGION, NOT_AWS, SubmitError, explained, say
from tools.submit.role import check_passable_roles
from tools.submit.submission import MINUTES, Submission, submit, tell


def main(arguments: list[str]) -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="make submit", description=__doc__)
    parser.add_argument("--type-name", default=type_name())
    parser.add_argument("--region")
    parser.add_argument("--role-arn")
    parser.add_argument("--passable-roles")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    asked = parser.parse_args(arguments)
    # The CLI logs what it also raises.
    logging.getLogger("rpdk").addHandler(logging.NullHandler())
    try:
        refuse_reserved(asked.type_name)
        if asked.passable_roles:
            check_passable_roles(asked.passable_roles, asked.role_arn)
        session = callers_session(asked.region, asked.role_arn)
        say(f"Packaging {asked.type_name} ...")
        artifact = Artifact(
            asked.type_name,
            build(asked.type_name, asked.folder),
            replace(asked.type_name, asked.folder / hyphenated(asked.type_name)),
        )
        submission = Submission(artifact, session, asked.role_arn, asked.passable_roles)
        if asked.dry_run:
            tell(submission)
        else:
            submit(submission, asked.minutes)
    except (TypeNameError, PackagingError, SubmitError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run it again to go on from where it was.", file=sys.stderr)
        return 130
    return 0


@explained()
def callers_session(region: str | None, role_arn: str | None) -> Any:
    """A session that AWS knows the caller of; says whose account it is that will be changed.

    role_arn: a role that has to be of that account.
    """
    session = boto3.Session(region_name=region)
    if session.region_name is None:
        raise SubmitError(f"No region is given. {NAME_A_REGION}")
    if session.get_credentials() is None:
        raise SubmitError(f"There are no AWS credentials. {LOG_IN}")
    partition = session.get_partition_for_region(session.region_name)
    try:
        caller = session.client("sts").get_caller_identity()
    except KeyError:
        # botocore's parser, where the answer is XML (a page, for instance) but not of STS.
        raise SubmitError(f"STS gave no answer of its own.\n{NOT_AWS}") from None
    if role_arn:
        _refuse_foreign(role_arn, partition, caller["Account"])
    # Where a sandbox or a proxy stands in the place of AWS, its address says so.
    endpoint = session.client("cloudformation").meta.endpoint_url
    place = f"Account {caller['Account']}, region {session.region_name}"
    say(f"{place}, as {caller['Arn']}, at {endpoint}")
    return session


def _refuse_foreign(role_arn: str, partition: str, account: str) -> None:
    """Raise SubmitError where ``role_arn`` is no role of the account, or no ARN of a role at all.

    No role of another account can be passed to a service:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    begin = f"arn:{partition}:iam::{account}:role/"
    if not (ROLE_ARN.fullmatch(role_arn) and role_arn.startswith(begin)):
        raise SubmitError(
            f"ROLE_ARN is {role_arn!r}, which is not the ARN of a role of the account {account}, "
            f"and no other can be passed to the registry. Give one like ROLE_ARN={begin}…"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
