"""The whole of a registration, from the artifact to the default version."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from textwrap import indent
from uuid import uuid4

from rpdk.core.upload import INFRA_STACK_NAME

from project.type_name import MAX_VERSIONS, hyphenated
from tools.aws_failures import ACCESS_DENIED, AWS_ERRORS, BAD_CREDENTIALS, code_of
from tools.caller import Caller
from tools.output import say, wrapped
from tools.submit.artifact import Artifact
from tools.submit.cli_stacks import CliStacks
from tools.submit.errors import (
    AGAIN,
    FIX,
    NOTHING_BEGUN,
    StillRegistering,
    SubmitError,
    explained,
)
from tools.submit.registered_type import (
    RegisteredType,
    RegistrationFailed,
    RegistrationRejected,
)
from tools.submit.role import ExecutionRole

MINUTES = 30.0
"""How long to wait for a registration, which usually takes one or two."""


class Submission:
    """The registration of one artifact in one account and region.

    caller: who registers, and where. role_arn: the role that the handlers run as; without it, it is
    the role of deploy/, in a stack that has the CLI's name for it. passable_roles: the roles that
    this role can pass, if given. Every method raises SubmitError, or AWS_ERRORS, which `explained`
    turns into SubmitError.
    """

    def __init__(
        self,
        artifact: Artifact,
        caller: Caller,
        role_arn: str | None,
        passable_roles: str | None = None,
    ) -> None:
        self.artifact = artifact
        self.caller = caller
        self.role_arn = role_arn
        cloudformation = caller.session.client("cloudformation")
        self.registered_type = RegisteredType(cloudformation, artifact.type_name)
        self.stacks = CliStacks(
            cloudformation, caller.session.client("s3"), artifact, passable_roles
        )

    def registered(self, role_arn: str | None) -> str | None:
        """The ARN of the version that has this package and role already, if there is one.

        Only the default version and the newest version are considered.
        """
        versions = self.registered_type.versions()
        candidates = [each for each in versions if each["IsDefaultVersion"]] + versions[-1:]
        for candidate in candidates:
            described = self.registered_type.version(candidate["Arn"])
            comment = json.loads(described["Schema"]).get("$comment")
            if comment == self.artifact.stamp and described.get("ExecutionRoleArn") == role_arn:
                return str(candidate["Arn"])
        return None

    def await_others(self, minutes: float) -> None:
        """Wait for earlier registrations of this type that are still in progress."""
        for token in self.registered_type.under_way():
            say("An earlier registration is still in progress; waiting for it.")
            with suppress(RegistrationFailed):
                self.registered_type.wait(token, minutes)

    def settle(self, minutes: float) -> tuple[str, bool]:
        """The ARN of this package's version, and whether it had to be registered.

        The role's stack is updated in any case, because the permissions of the role can change
        without a new version. If the registration fails, what was created for it is removed. If it
        is unknown whether it failed, everything stays, because a registration in progress needs it.
        """
        with ExitStack() as undo:
            role_arn = self.role_arn or self.stacks.make_role(undo)
            registered = self.registered(role_arn)
            arn = registered or self._register(role_arn, undo, minutes)
            undo.pop_all()
        return arn, registered is None

    def _register(self, role_arn: str, undo: ExitStack, minutes: float) -> str:
        """Register the artifact, and return the ARN of the new version."""
        url = self.stacks.upload(undo)
        request = {
            # If botocore retries a request that got no response, no second registration starts.
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
            return self.registered_type.wait(self.registered_type.begin(request), minutes)
        except RegistrationRejected as refusal:
            if code_of(refusal.error) in {*ACCESS_DENIED, *BAD_CREDENTIALS}:
                raise refusal.error from None
            step = FIX if code_of(refusal.error) == "ValidationError" else AGAIN
            raise SubmitError(f"{refusal}\n{self.registered_type.room() or step}") from None
        except RegistrationFailed as failure:
            raise SubmitError(
                f"The registry rejected the package: {failure}\n"
                f"{FIX}\n{self.registered_type.room()}".rstrip()
            ) from None
        except (StillRegistering, KeyboardInterrupt, *AWS_ERRORS):
            undo.pop_all()
            say("The upload is kept, because a registration that may be in progress needs it.")
            raise


@explained()
def submit(submission: Submission, minutes: float = MINUTES) -> None:
    """Register the artifact, make it the default version, and say so.

    Raises SubmitError if that fails.
    """
    artifact = submission.artifact
    say(f"{artifact.package} ({len(artifact.content):,} bytes)\n{artifact.stamp}")
    submission.await_others(minutes)
    arn, is_new = submission.settle(minutes)
    if not submission.registered_type.make_default(arn) and not is_new:
        say(f"Nothing was registered: this package is already the default version.\n{arn}")
        return
    if not is_new:
        say("This package was already registered, but was not the default version.")
    say(f"Version {arn.rpartition('/')[2]} is now the default version.\n{arn}")
    say(f"\nA first template; give its parameters your values:\n\n{artifact.first_template}")


@explained(NOTHING_BEGUN)
def tell(submission: Submission) -> None:
    """Say what `submit` would do, and change nothing.

    Raises SubmitError if AWS rejects a request.
    """
    artifact = submission.artifact
    say(f"{artifact.package} ({len(artifact.content):,} bytes)\n{artifact.stamp}")
    for token in submission.registered_type.under_way():
        say(
            f"An earlier registration is still in progress ({token}).\n"
            "`make submit` would first wait for it. Otherwise:"
        )
    role = None if submission.role_arn else submission.stacks.role()
    arn = submission.registered(role.arn if role else submission.role_arn)
    if arn:
        say(f"Nothing would be registered: this package is already registered.\n{arn}")
        if role:
            say(_role_told(submission, role))
        if submission.registered_type.is_default(arn):
            say("It is already the default version. Nothing was changed.")
        else:
            say("It would become the default version. Nothing was changed.")
        return
    step = (
        f"{'update' if role.stack else 'create'} the stack {submission.stacks.role_stack}:\n"
        "    the role of the handlers"
        if role
        else f"use the role {submission.role_arn}"
    )
    say(
        f"It would\n"
        f"  {step}\n"
        f"  create or update the stack {INFRA_STACK_NAME}:\n"
        f"    bucket, key, role of the logs\n"
        f"  upload the package\n"
        f"  register a version; there are {len(submission.registered_type.versions())} now\n"
        f"    (the limit is {MAX_VERSIONS}, unless the quota was raised)\n"
        f"  make it the default version"
    )
    if role:
        say(_role_told(submission, role))
    say("Nothing was changed.")


def _role_told(submission: Submission, role: ExecutionRole) -> str:
    """What the role of the handlers would be allowed to do."""
    caller = submission.caller
    allowed = role.allowed(caller.partition, caller.region, caller.account)
    lines = [
        wrapped(f"The role in the stack {submission.stacks.role_stack} would be allowed"),
        indent(allowed, "  "),
        wrapped(role.passes),
    ]
    if role.is_wide:
        lines.append("The existing role can pass any role to any service. It would be narrowed.")
    return "\n".join(lines)
