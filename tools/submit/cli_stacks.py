"""The stacks of the CloudFormation CLI, and the upload to the bucket of one of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from botocore.exceptions import ClientError
from rpdk.core.exceptions import RPDKBaseException
from rpdk.core.upload import INFRA_STACK_NAME, Uploader

from project.type_name import hyphenated
from tools.aws_failures import AWS_ERRORS
from tools.output import say, wrapped
from tools.submit.artifact import Artifact
from tools.submit.errors import SubmitError
from tools.submit.role import ExecutionRole


class CliStacks:
    """The stacks that the CLI creates for an artifact in one account and region.

    cloudformation, s3: clients for these. passable_roles: PASSABLE_ROLES, if it was given. Methods
    register with ``undo`` how to delete what they create. They raise SubmitError or AWS_ERRORS.
    """

    def __init__(
        self, cloudformation: Any, s3: Any, artifact: Artifact, passable_roles: str | None
    ) -> None:
        self._cloudformation = cloudformation
        self._s3 = s3
        self._artifact = artifact
        self._passable_roles = passable_roles
        self._prefix = hyphenated(artifact.type_name)
        self._uploader = Uploader(cloudformation, s3)

    @property
    def role_stack(self) -> str:
        """The name that the CLI gives to the stack with the role."""
        return f"{self._prefix}-role-stack"

    def role(self) -> ExecutionRole:
        """The role of the handlers: as the stack has it, and as this run is to leave it."""
        stack = self._stack(self.role_stack)
        return ExecutionRole(self._artifact.type_name, self._passable_roles, stack)

    def make_role(self, undo: ExitStack) -> str:
        """Create or update the stack with the role, and return the role's ARN."""
        role = self.role()
        doing = "Updating" if role.stack else "Creating"
        say(wrapped(f"{doing} the stack {self.role_stack}, which has the role of the handlers ..."))
        if role.is_wide:
            say("The existing role can pass any role to any service. It is being narrowed.")
        template = self._artifact.project / "execution-role.yaml"
        template.write_text(role.template, "utf-8")
        with self._all_or_nothing(self.role_stack) as is_new:
            role_arn: str = self._uploader.create_or_update_role(template, self._prefix)
        if is_new:
            undo.callback(self._undo, self.role_stack, self._delete_stack)
        say(wrapped(role.passes))
        return role_arn

    def upload(self, undo: ExitStack) -> str:
        """Create or update the stack with the bucket, and upload the artifact.

        Returns its s3:// address.
        """
        say(f"Uploading to the bucket of the stack {INFRA_STACK_NAME} ...")
        with self._all_or_nothing(INFRA_STACK_NAME):
            # The CLI appends the time in seconds.
            name = f"{self._prefix}-{self._artifact.digest[:12]}"
            url: str = self._uploader.upload(name, io.BytesIO(self._artifact.stamped))
        undo.callback(self._undo, url, self._delete_object)
        return url

    def log_role_arn(self) -> str:
        """The ARN of the role that writes the handlers' logs, once `upload` has created it."""
        return str(self._uploader.get_log_delivery_role_arn())

    @contextmanager
    def _all_or_nothing(self, stack_name: str) -> Iterator[bool]:
        """Delete a stack that could not be created, and raise SubmitError with the reason.

        Yields whether the stack is new.
        """
        is_new = self._stack(stack_name) is None
        try:
            yield is_new
        except RPDKBaseException as error:
            if isinstance(error.__cause__, ClientError):
                raise error.__cause__ from None
            reason = self._reason(stack_name)
            if is_new:
                self._undo(stack_name, self._delete_stack)
            raise SubmitError(
                f"The stack {stack_name} could not be {'created' if is_new else 'updated'}: "
                f"{reason}\nFix that, and run it again. Nothing was registered."
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

    def _reason(self, stack_name: str) -> str:
        """The reason of the first failure among the stack's events."""
        pages = self._cloudformation.get_paginator("describe_stack_events")
        events = [
            event
            for page in pages.paginate(StackName=stack_name)
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED")
        ]
        return str(events[-1].get("ResourceStatusReason", "")) if events else "see its events"

    def _undo(self, what: str, delete: Callable[[str], None]) -> None:
        """Delete what this run created. If that fails too, say so; the first failure counts."""
        say(f"Deleting {what}, which this run created ...")
        try:
            delete(what)
        except AWS_ERRORS as error:
            say(f"Could not delete {what}; delete it manually: {error}")
        else:
            say("Deleted.")

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
        # The bucket keeps versions: deleting without a version would only hide the object.
        version = {"VersionId": found["VersionId"]} if "VersionId" in found else {}
        self._s3.delete_object(Bucket=bucket, Key=key, **version)
