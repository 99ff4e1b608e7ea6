"""The whole of a registration, from the artifact to the default version."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from textwrap import indent
from typing import Any
from uuid import uuid4

from rpdk.core.upload import INFRA_STACK_NAME

from project.type_name import MAX_VERSIONS, hyphenated
from tools.submit.artifact import Artifact
from tools.submit.messages import (
    ACCESS_DENIED,
    AGAIN,
    AWS_ERRORS,
    BAD_CREDENTIALS,
    MEND,
    StillRegistering,
    SubmitError,
    code_of,
    explained,
    say,
)
from tools.submit.registry import Failed, Refused, Registry
from tools.submit.role import ExecutionRole
from tools.submit.stacks import Stacks

MINUTES = 30.0
"""How long a registration is waited for. It usually takes one or two."""


class Submission:
    """The registration of one artifact in one account and region.

    session: boto3's, for that region. role_arn: the role that the handlers are to run as; without
    it, the role of deploy/, in a stack of the CLI's name for it. passable_roles: the roles that
    this one is to pass, if that is given.
    Every method raises SubmitError, or AWS_ERRORS, which `explained` turns into that.
    """

    def __init__(
        self,
        artifact: Artifact,
        session: Any,
        role_arn: str | None,
        passable_roles: str | None = None,
    ) -> None:
        self.artifact = artifact
        self.session = session
        self.role_arn = role_arn
        cloudformation = session.client("cloudformation")
        self.registry = Registry(cloudformation, artifact.type_name)
        self.stacks = Stacks(cloudformation, session.client("s3"), artifact, passable_roles)

    def registered(self, role_arn: str | None) -> str | None:
        """The ARN of the version that this package is already, if it is the one to be kept.

        That is the default version, or else the newest; its role is the one of ``role_arn``.
        """
        versions = self.registry.versions()
        candidates = [each for each in versions if each["IsDefaultVersion"]] + versions[-1:]
        for candidate in candidates:
            described = self.registry.version(candidate["Arn"])
            comment = json.loads(described["Schema"]).get("$comment")
            if comment == self.artifact.stamp and described.get("ExecutionRoleArn") == role_arn:
                return str(candidate["Arn"])
        return None

    def await_others(self, minutes: float) -> None:
        """Wait for registrations of this type that were begun before and are still under way."""
        for token in self.registry.under_way():
            say("A registration that was begun before is still under way.")
            with suppress(Failed):
                self.registry.wait(token, minutes)

    def settle(self, minutes: float) -> tuple[str, bool]:
        """The ARN of this package's version, and whether it had to be registered for that.

        The role's stack is brought up to date in any case: what the role may do can change without
        another version. Where a registration fails, what was made for it is removed again; where it
        cannot be told whether it has failed, it stays, for a registration that is under way needs
        it.
        """
        with ExitStack() as undo:
            role_arn = self.role_arn or self.stacks.make_role(undo)
            registered = self.registered(role_arn)
            arn = registered or self._register(role_arn, undo, minutes)
            undo.pop_all()
        return arn, registered is None

    def _register(self, role_arn: str, undo: ExitStack, minutes: float) -> str:
        """Register the artifact; the ARN of the new version."""
        url = self.stacks.upload(undo)
        request = {
            # So that botocore's second request, for want of an answer, begins no second one.
            "ClientRequestToken": str(uuid4()),
            "SchemaHandlerPackage": url,
            "ExecutionRoleArn": role_arn,
            "LoggingConfig": {
                "LogRoleArn": self.stacks.log_role_arn(),
                "LogGroupName": f"{hyphenated(self.artifact.type_name)}-logs",
            },
        }
        say("Registering ...")
        try:
            return self.registry.wait(self.registry.begin(request), minutes)
        except Refused as refusal:
            if code_of(refusal.error) in {*ACCESS_DENIED, *BAD_CREDENTIALS}:
                raise refusal.error from None
            step = MEND if code_of(refusal.error) == "ValidationError" else AGAIN
            raise SubmitError(f"{refusal}\n{self.registry.room() or step}") from None
        except Failed as failure:
            raise SubmitError(
                f"The registry has refused the package: {failure}\n"
                f"{MEND}\n{self.registry.room()}".rstrip()
            ) from None
        except (StillRegistering, KeyboardInterrupt, *AWS_ERRORS):
            undo.pop_all()
            say("What was uploaded stays: a registration that may be under way needs it.")
            raise


@explained()
def submit(submission: Submission, minutes: float = MINUTES) -> None:
    """Have the artifact registered and the default, and tell of it. Raises SubmitError."""
    artifact = submission.artifact
    say(f"{artifact.package} ({len(artifact.content):,} bytes)\n{artifact.stamp}")
    submission.await_others(minutes)
    arn, is_new = submission.settle(minutes)
    if not submission.registry.make_default(arn) and not is_new:
        say(f"Nothing was registered: this package is the default version already.\n{arn}")
        return
    if not is_new:
        say("This package is registered already, and was not the default version.")
    say(f"Version {arn.rpartition('/')[2]} is the default version now.\n{arn}")
    say(f"\nA first template, whose parameters are yours to give:\n\n{artifact.first_template}")


@explained()
def tell(submission: Submission) -> None:
    """Say what would be done, and do nothing. Raises SubmitError."""
    artifact = submission.artifact
    say(f"{artifact.package} ({len(artifact.content):,} bytes)\n{artifact.stamp}")
    for token in submission.registry.under_way():
        say(
            f"A registration that was begun before is still under way ({token}).\n"
            "It would wait for that, and go by what there is then; by what there is now:"
        )
    role = None if submission.role_arn else submission.stacks.role()
    arn = submission.registered(role.arn if role else submission.role_arn)
    if arn:
        say(f"Nothing would be registered: this package is registered already.\n{arn}")
        if role:
            say(_role_told(submission, role))
        if submission.registry.is_default(arn):
            say("It is the default version already. Nothing was changed.")
        else:
            say("It would be made the default version. Nothing was changed.")
        return
    step = (
        f"create or update the stack {submission.stacks.role_stack}: the role of the handlers"
        if role
        else f"use the role {submission.role_arn}"
    )
    say(
        f"It would\n"
        f"  {step}\n"
        f"  create or update the stack {INFRA_STACK_NAME}: bucket, key, role of the logs\n"
        f"  upload the package\n"
        f"  register a version, beside {len(submission.registry.versions())} that there are "
        f"({MAX_VERSIONS} at most, unless the quota was raised)\n"
        f"  make it the default version"
    )
    if role:
        say(_role_told(submission, role))
    say("Nothing was changed.")


def _role_told(submission: Submission, role: ExecutionRole) -> str:
    """What the role of the handlers would be allowed."""
    caller = submission.session.client("sts").get_caller_identity()["Arn"]
    _, partition, _, _, account, _ = caller.split(":", 5)
    allowed = role.allowed(partition, submission.session.region_name, account)
    lines = [
        f"The role in the stack {submission.stacks.role_stack} would be allowed",
        indent(allowed, "  "),
        role.passes,
    ]
    if role.is_wide:
        lines.append("At present it can pass any role to any service. It would be narrowed.")
    return "\n".join(lines)
