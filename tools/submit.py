"""`make submit`: registers the type in an account and region, and makes it what stacks meet there.

It goes the way of `cfn submit`, with the CloudFormation CLI's own uploader and stacks, but with the
package of `make package`; it says what it will change before it does, and changes nothing where the
same package is registered already. docs/registering.md tells more.

How it knows: what it registers is the package with the package's checksum in the schema's
`$comment`, and the registry gives a registered schema back as it was.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import yaml
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    LoginError,
    LoginInsufficientPermissions,
    MissingDependencyException,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnknownRegionError,
)
from botocore.parsers import ResponseParserError
from rpdk.core.exceptions import RPDKBaseException
from rpdk.core.upload import INFRA_STACK_NAME, Uploader

from tools.environment import ROOT
from tools.generate import type_name
from tools.packaging import PackagingError, archive, build
from tools.packaging.project import replace
from tools.type_name import MAX_VERSIONS, TypeNameError, hyphenated, refuse_reserved

ROLE = r"([!-~]+/)?[\w+=,.@-]{1,64}"
"""What follows `role/` in an ARN, a path and a name:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

MINUTES = 30.0
"""How long a registration is waited for. It usually takes one or two."""

SCHEMA = "schema.json"
STAMP = "Package with the sha256 {}"

ACCESS_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
ALLOW = "Have the action that it names allowed; docs/registering.md lists those that are needed."
NAME_A_REGION = "Name one: REGION=us-east-1"
LOG_IN = "Log in again (`aws sso login`, or whatever gives you credentials), and run it again."
NAME_A_PROFILE = "Name a profile that there is: AWS_PROFILE (`aws configure list-profiles`)"
EXPORT = "Or export them: `aws configure export-credentials --format env` prints how."
AGAIN = "If that may pass, run it again: it goes on from where it was."
MEND = "Mend what it names, and run it again. Nothing was registered."

STEPS: dict[type[BotoCoreError], str] = {
    UnknownRegionError: NAME_A_REGION,
    ProfileNotFound: NAME_A_PROFILE,
    # It is that of `aws login`: all else that is used here is installed.
    MissingDependencyException: EXPORT,
    LoginInsufficientPermissions: ALLOW,
    **dict.fromkeys(
        (
            CredentialRetrievalError,
            LoginError,
            NoAuthTokenError,
            NoCredentialsError,
            PartialCredentialsError,
            SSOError,
            TokenRetrievalError,
        ),
        LOG_IN,
    ),
}
"""What to do where botocore has not come to ask AWS; the first that fits."""

LOOK = (
    "Look at REGION, AWS_PROFILE and AWS_ENDPOINT_URL, and whether the network lets you through; "
    "then run it again: it goes on from where it was."
)

AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call of AWS raises; what is no answer of AWS's at all is no BotoCoreError."""

NOT_AWS = (
    "That was not AWS that answered, but something between here and there: a proxy, or the portal "
    "of a network. Log in to the network, or look at HTTPS_PROXY and AWS_ENDPOINT_URL; then run it "
    "again: it goes on from where it was."
)

OF_AN_ACCOUNT = {
    ("RoleArn",): ("RoleArn", "The role that the monitoring jobs run as."),
    ("ImageUri",): (
        "ImageUri",
        "Model Monitor's image. Each region has another; see ModelMonitorRegistry in examples/.",
    ),
    ("EndpointName",): (
        "EndpointName",
        "The endpoint to monitor. It has to capture its requests and answers.",
    ),
    ("GroundTruthS3Input", "S3Uri"): (
        "GroundTruth",
        "Where you put the labels, such as s3://bucket/ground-truth.",
    ),
    ("S3Output", "S3Uri"): ("Reports", "Where the reports go, such as s3://bucket/reports."),
}
"""Properties whose values differ from account to account, by the end of their path; for each, the
parameter that the first template has for it, and what that is."""


class SubmitError(Exception):
    """It did not come to a registered default version; the message says why and what to do."""


class StillRegistering(SubmitError):
    """The registration goes on, and was left to itself."""


@dataclass(frozen=True)
class Artifact:
    """What is to be registered: the package of `make package`, and the project that it is of."""

    type_name: str
    package: Path
    project: Path

    @cached_property
    def content(self) -> bytes:
        """The package."""
        return self.package.read_bytes()

    @cached_property
    def digest(self) -> str:
        """The package's sha256, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def stamp(self) -> str:
        """What tells a registered schema to be of this package."""
        return STAMP.format(self.digest)

    @cached_property
    def stamped(self) -> bytes:
        """The package with its stamp in the schema, which is what gets uploaded."""
        files = archive.unpack(self.package)
        schema = {"$comment": self.stamp, **json.loads(files[SCHEMA])}
        return archive.pack({**files, SCHEMA: json.dumps(schema, indent=4).encode()})

    @property
    def first_template(self) -> str:
        """A template with the shortest of the inputs that the contract tests create from.

        What the input has made up of an account is parameters.
        """
        inputs = [path.read_text("utf-8") for path in self.project.glob("inputs/*_create.json")]
        parameters: dict[str, Any] = {}
        properties = _parametrized(json.loads(min(inputs, key=len)), (), parameters)
        resource = {"Type": self.type_name, "Properties": properties}
        template = {"Resources": {"JobDefinition": resource}}
        if parameters:
            template = {"Parameters": parameters, **template}
        return yaml.safe_dump(template, sort_keys=False, width=100)


def _parametrized(value: Any, path: tuple[str, ...], parameters: dict[str, Any]) -> Any:
    """``value``, whose place is ``path``, with references to parameters, which it adds."""
    for end, (name, description) in OF_AN_ACCOUNT.items():
        if path[-len(end) :] == end:
            parameters[name] = {"Type": "String", "Description": description}
            return {"Ref": name}
    if isinstance(value, dict):
        return {
            key: _parametrized(member, (*path, key), parameters) for key, member in value.items()
        }
    if isinstance(value, list):
        return [_parametrized(item, path, parameters) for item in value]
    return value


class Submission:
    """The registration of one artifact in one account and region.

    session: boto3's, for that region. role_arn: the role that the handlers are to run as; without
    it, the one of a stack that the CLI makes from resource-role.yaml.
    Every method raises SubmitError.
    """

    def __init__(self, artifact: Artifact, session: Any, role_arn: str | None) -> None:
        self.artifact = artifact
        self.region: str = session.region_name
        self.role_arn = role_arn
        self._cloudformation = session.client("cloudformation")
        self._s3 = session.client("s3")
        self._prefix = hyphenated(artifact.type_name)
        self._type = {"Type": "RESOURCE", "TypeName": artifact.type_name}

    @property
    def role_stack(self) -> str:
        """The name that the CLI gives the stack of the role."""
        return f"{self._prefix}-role-stack"

    def registered(self) -> str | None:
        """The ARN of the version that this package is already, if it is the one to be kept.

        That is the default version, or else the newest.
        """
        versions = self._versions()
        role_arn = self.role_arn or self._stack_output(self.role_stack, "ExecutionRoleArn")
        candidates = [each for each in versions if each["IsDefaultVersion"]] + versions[-1:]
        for candidate in candidates:
            described = self._cloudformation.describe_type(Arn=candidate["Arn"])
            comment = json.loads(described["Schema"]).get("$comment")
            if comment == self.artifact.stamp and described.get("ExecutionRoleArn") == role_arn:
                return str(candidate["Arn"])
        return None

    def number(self) -> int:
        """How many versions there are."""
        return len(self._versions())

    def under_way(self) -> list[str]:
        """The tokens of the registrations of this type that have not ended."""
        operation = self._cloudformation.list_type_registrations
        status = {"RegistrationStatusFilter": "IN_PROGRESS"}
        return list(self._listed(operation, "RegistrationTokenList", **status))

    def await_others(self, minutes: float) -> None:
        """Wait for registrations of this type that were begun before and are still under way."""
        for token in self.under_way():
            _say("A registration that was begun before is still under way.")
            with suppress(_Failed):
                self._await(token, minutes)

    def register(self, minutes: float) -> str:
        """Register the artifact; the ARN of the new version.

        Where that fails, what was made for it is removed again; where it cannot be told whether it
        has failed, it stays, for a registration that is under way needs it.
        """
        with ExitStack() as undo:
            uploader = Uploader(self._cloudformation, self._s3)
            role_arn = self.role_arn or self._make_role(uploader, undo)
            _say(f"Uploading, to the bucket of the stack {INFRA_STACK_NAME} ...")
            with self._made_whole(INFRA_STACK_NAME):
                # The CLI adds the time to the second.
                name = f"{self._prefix}-{self.artifact.digest[:12]}"
                url = uploader.upload(name, io.BytesIO(self.artifact.stamped))
            undo.callback(self._undo, url, self._delete_object)
            request = {
                **self._type,
                # So that botocore's second request, for want of an answer, begins no second one.
                "ClientRequestToken": str(uuid4()),
                "SchemaHandlerPackage": url,
                "ExecutionRoleArn": role_arn,
                "LoggingConfig": {
                    "LogRoleArn": uploader.get_log_delivery_role_arn(),
                    "LogGroupName": f"{self._prefix}-logs",
                },
            }
            _say("Registering ...")
            try:
                arn = self._await(self._begin(request), minutes)
            except _Refused as refusal:
                if _code(refusal.error) in {*ACCESS_DENIED, *BAD_CREDENTIALS}:
                    raise refusal.error from None
                step = MEND if _code(refusal.error) == "ValidationError" else AGAIN
                raise SubmitError(f"{refusal}\n{self._room() or step}") from None
            except _Failed as failure:
                raise SubmitError(
                    f"The registry has refused the package: {failure}\n"
                    f"{MEND}\n{self._room()}".rstrip()
                ) from None
            except (StillRegistering, KeyboardInterrupt, *AWS_ERRORS):
                undo.pop_all()
                _say("What was uploaded stays: a registration that may be under way needs it.")
                raise
            undo.pop_all()
            return arn

    def is_default(self, arn: str) -> bool:
        """Whether stacks meet this version."""
        return bool(self._cloudformation.describe_type(Arn=arn)["IsDefaultVersion"])

    def make_default(self, arn: str) -> bool:
        """Have stacks meet a version from now on; whether they did not before."""
        if self.is_default(arn):
            return False
        self._cloudformation.set_type_default_version(Arn=arn)
        return True

    # -- the registry -----------------------------------------------------------------------------

    def _versions(self) -> list[dict[str, Any]]:
        """The versions that can be used, the oldest first; none where there is no such type."""
        listed = self._listed(self._cloudformation.list_type_versions, "TypeVersionSummaries")
        return sorted(listed, key=lambda each: str(each["VersionId"]))

    def _room(self) -> str:
        """How to make room, where there may be too many versions for one more."""
        versions: list[dict[str, Any]] = []
        with suppress(*AWS_ERRORS):  # what the registry has said is told in any case
            versions = self._versions()
        if len(versions) < MAX_VERSIONS:
            return ""
        oldest = next(each["Arn"] for each in versions if not each["IsDefaultVersion"])
        return (
            f"{self.artifact.type_name} has {len(versions)} versions in {self.region}, and there "
            f"cannot be more than {MAX_VERSIONS}, unless Service Quotas has raised that. Have it "
            "raised, or deregister one that no stack needs, for instance the oldest:\n"
            f"    aws cloudformation deregister-type --region {self.region} --arn {oldest}"
        )

    def _listed(self, operation: Callable[..., Any], key: str, **request: str) -> Iterator[Any]:
        """All items of a list; botocore has no paginators for these.

        None where the registry does not know the type.
        """
        exceptions = self._cloudformation.exceptions
        with suppress(exceptions.TypeNotFoundException):
            while True:
                try:
                    page = operation(**self._type, **request)
                except exceptions.CFNRegistryException:
                    # The one error that these lists have in the API reference: it may be any.
                    if "NextToken" in request or self._is_known():
                        raise
                    return
                yield from page[key]
                if not page.get("NextToken"):
                    return
                request["NextToken"] = page["NextToken"]

    def _is_known(self) -> bool:
        """Whether the type is registered; DescribeType has an error for that alone."""
        try:
            described = self._cloudformation.describe_type(**self._type)
        except self._cloudformation.exceptions.TypeNotFoundException:
            return False
        return bool(described.get("DeprecatedStatus") != "DEPRECATED")

    def _begin(self, request: Mapping[str, Any]) -> str:
        """The token of a new registration. Raises _Refused, and AWS_ERRORS where that is unsure."""
        try:
            return str(self._cloudformation.register_type(**request)["RegistrationToken"])
        except ClientError as error:
            answer = error.response["ResponseMetadata"]
            # A request before this one may have got through, and so may one with a server's error.
            if answer["HTTPStatusCode"] < 500 and not answer["RetryAttempts"]:
                raise _Refused(error) from None
            raise
        except KeyError:
            # botocore's parser, where the answer is XML but not of the registry.
            raise ResponseParserError("The registry gave no answer of its own.") from None

    def _await(self, token: str, minutes: float) -> str:
        """The ARN of the version that a registration makes. Raises StillRegistering, _Failed."""
        started = said = time.monotonic()
        while time.monotonic() < started + minutes * 60:
            answer = self._cloudformation.describe_type_registration(RegistrationToken=token)
            status = answer["ProgressStatus"]
            if status == "COMPLETE":
                return str(answer["TypeVersionArn"])
            if status == "FAILED":
                raise _Failed(answer.get("Description", "it gives no reason"))
            now = time.monotonic()
            if now - said >= min(30, (now - started) / 2):
                said = now
                _say(f"  {now - started:3.0f} s: {status}")
            time.sleep(min(5, 0.5 + (now - started) / 10))
        raise StillRegistering(
            f"The registration has not ended within {minutes:g} minutes. It goes on by itself: "
            "run it again to wait on, or look with\n    aws cloudformation "
            f"describe-type-registration --region {self.region} --registration-token {token}"
        )

    # -- stacks and uploads -----------------------------------------------------------------------

    def _make_role(self, uploader: Uploader, undo: ExitStack) -> str:
        _say(f"Bringing the stack {self.role_stack} up to date ...")
        is_new = self._stack(self.role_stack) is None
        template = self.artifact.project / "resource-role.yaml"
        with self._made_whole(self.role_stack):
            role_arn: str = uploader.create_or_update_role(template, self._prefix)
        if is_new:
            undo.callback(self._undo, self.role_stack, self._delete_stack)
        return role_arn

    @contextmanager
    def _made_whole(self, stack_name: str) -> Iterator[None]:
        """See to it that a stack that could not be made is not left behind, and tell why."""
        is_new = self._stack(stack_name) is None
        try:
            yield
        except RPDKBaseException as error:
            if isinstance(error.__cause__, ClientError):
                raise error.__cause__ from None
            reason = self._reason(stack_name)
            if is_new:
                self._undo(stack_name, self._delete_stack)
            raise SubmitError(
                f"The stack {stack_name} could not be brought up to date: {reason}\n"
                "Mend that, and run it again. Nothing was registered."
            ) from error

    def _stack(self, name: str) -> dict[str, Any] | None:
        try:
            stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=name)["Stacks"][
                0
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return stack

    def _stack_output(self, stack_name: str, key: str) -> str | None:
        outputs = (self._stack(stack_name) or {}).get("Outputs", ())
        return next((each["OutputValue"] for each in outputs if each["OutputKey"] == key), None)

    def _reason(self, stack_name: str) -> str:
        """The first failure that the stack's events tell of."""
        pages = self._cloudformation.get_paginator("describe_stack_events")
        events = [
            event
            for page in pages.paginate(StackName=stack_name)
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED")
        ]
        return str(events[-1].get("ResourceStatusReason", "")) if events else "see its events"

    def _undo(self, what: str, delete: Callable[[str], None]) -> None:
        """Delete what this run made; where that fails too, say so, and let the first failure be."""
        _say(f"Deleting {what} again ...")
        try:
            delete(what)
        except AWS_ERRORS as error:
            _say(f"That failed, please do it yourself: {error}")
        else:
            _say("It is deleted.")

    def _delete_stack(self, name: str) -> None:
        self._cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=False
        )
        self._cloudformation.delete_stack(StackName=name)
        deleted = self._cloudformation.get_waiter("stack_delete_complete")
        deleted.wait(StackName=name, WaiterConfig={"Delay": 2})

    def _delete_object(self, url: str) -> None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        found = self._s3.head_object(Bucket=bucket, Key=key)
        # The bucket keeps versions; a deletion without naming one would only hide it.
        version = {"VersionId": found["VersionId"]} if "VersionId" in found else {}
        self._s3.delete_object(Bucket=bucket, Key=key, **version)


class _Failed(Exception):
    """A registration that ended as FAILED; the text is the registry's reason."""


class _Refused(Exception):
    """A registration that the registry has not begun."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(str(error))
        self.error = error


def main(arguments: list[str]) -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="make submit", description=__doc__)
    parser.add_argument("--type-name", default=type_name())
    parser.add_argument("--region")
    parser.add_argument("--role-arn")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    asked = parser.parse_args(arguments)
    # The CLI logs what it also raises.
    logging.getLogger("rpdk").addHandler(logging.NullHandler())
    try:
        refuse_reserved(asked.type_name)
        session = _session(asked.region, asked.role_arn)
        _say(f"Packaging {asked.type_name} ...")
        artifact = Artifact(
            asked.type_name,
            build(asked.type_name, asked.folder),
            replace(asked.type_name, asked.folder / hyphenated(asked.type_name)),
        )
        submission = Submission(artifact, session, asked.role_arn)
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


@contextmanager
def explained() -> Iterator[None]:
    """Turn what AWS's libraries raise into SubmitError with the next step."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        step = ALLOW if code in ACCESS_DENIED else LOG_IN if code in BAD_CREDENTIALS else AGAIN
        raise SubmitError(f"{error}\n{step}") from None
    except ResponseParserError as error:
        # The lines after it are the answer, however long.
        raise SubmitError(f"{str(error).splitlines()[0]}\n{NOT_AWS}") from None
    except BotoCoreError as error:
        step = next((step for kind, step in STEPS.items() if isinstance(error, kind)), LOOK)
        raise SubmitError(f"{error}\n{step}") from None


@explained()
def _session(region: str | None, role_arn: str | None) -> Any:
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
    _say(f"Account {caller['Account']}, region {session.region_name}, as {caller['Arn']}")
    return session


def _refuse_foreign(role_arn: str, partition: str, account: str) -> None:
    """Raise SubmitError where ``role_arn`` is no role of the account, or no ARN of a role at all.

    No role of another account can be passed to a service:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    begin = f"arn:{partition}:iam::{account}:role/"
    if not re.fullmatch(re.escape(begin) + ROLE, role_arn, re.ASCII):
        raise SubmitError(
            f"ROLE_ARN is {role_arn!r}, which is not the ARN of a role of the account {account}, "
            f"and no other can be passed to the registry. Give one like ROLE_ARN={begin}…"
        )


@explained()
def submit(submission: Submission, minutes: float = MINUTES) -> None:
    """Have the artifact registered and the default, and tell of it. Raises SubmitError."""
    artifact = submission.artifact
    _say(f"{artifact.package} ({len(artifact.content):,} bytes)\n{artifact.stamp}")
    submission.await_others(minutes)
    arn = submission.registered()
    is_new = arn is None
    if arn is None:
        arn = submission.register(minutes)
    if not submission.make_default(arn) and not is_new:
        _say(f"Nothing has changed: this package is the default version already.\n{arn}")
        return
    if not is_new:
        _say("This package is registered already, and was not the default version.")
    _say(f"Version {arn.rpartition('/')[2]} is the default version now.\n{arn}")
    _say(f"\nA first template, whose parameters are yours to give:\n\n{artifact.first_template}")


@explained()
def tell(submission: Submission) -> None:
    """Say what would be done, and do nothing. Raises SubmitError."""
    artifact = submission.artifact
    _say(f"{artifact.package} ({len(artifact.content):,} bytes)\n{artifact.stamp}")
    for token in submission.under_way():
        _say(
            f"A registration that was begun before is still under way ({token}).\n"
            "It would wait for that, and go by what there is then; by what there is now:"
        )
    arn = submission.registered()
    if arn:
        _say(f"Nothing would be registered: this package is registered already.\n{arn}")
        if submission.is_default(arn):
            _say("It is the default version already. Nothing was changed.")
        else:
            _say("It would be made the default version. Nothing was changed.")
        return
    role = (
        f"use the role {submission.role_arn}"
        if submission.role_arn
        else f"create or update the stack {submission.role_stack}: the role of the handlers"
    )
    _say(
        f"It would\n"
        f"  {role}\n"
        f"  create or update the stack {INFRA_STACK_NAME}: bucket, key, role of the logs\n"
        f"  upload the package\n"
        f"  register a version, beside {submission.number()} that there are "
        f"({MAX_VERSIONS} at most, unless the quota was raised)\n"
        f"  make it the default version\n"
        f"Nothing was changed."
    )


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
