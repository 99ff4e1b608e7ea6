"""A type in the registry: its versions, and their registrations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from project.type_name import MAX_VERSIONS
from tools.aws_failures import AWS_ERRORS
from tools.output import say
from tools.submit.errors import StillRegistering


class RegistrationFailed(Exception):
    """The registration ended as FAILED; the message is the registry's reason."""


class RegistrationRejected(Exception):
    """The registry rejected RegisterType, so no registration was started."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(str(error))
        self.error = error


class RegisteredType:
    """One type in the registry of an account and region.

    cloudformation: a client for these. Methods raise AWS_ERRORS, and what they name.
    """

    def __init__(self, cloudformation: Any, type_name: str) -> None:
        self._cloudformation = cloudformation
        self._region: str = cloudformation.meta.region_name
        self._type = {"Type": "RESOURCE", "TypeName": type_name}

    def under_way(self) -> list[str]:
        """The tokens of this type's registrations that are in progress."""
        operation = self._cloudformation.list_type_registrations
        status = {"RegistrationStatusFilter": "IN_PROGRESS"}
        return list(self._listed(operation, "RegistrationTokenList", **status))

    def version(self, arn: str) -> dict[str, Any]:
        """What DescribeType answers of a version."""
        described: dict[str, Any] = self._cloudformation.describe_type(Arn=arn)
        return described

    def is_default(self, arn: str) -> bool:
        """Whether this version is the default, which is the version that stacks use."""
        return bool(self.version(arn)["IsDefaultVersion"])

    def make_default(self, arn: str) -> bool:
        """Make a version the default; returns whether that changed anything."""
        if self.is_default(arn):
            return False
        self._cloudformation.set_type_default_version(Arn=arn)
        return True

    def versions(self) -> list[dict[str, Any]]:
        """The versions that can be used, oldest first; empty if the type is not registered."""
        listed = self._listed(self._cloudformation.list_type_versions, "TypeVersionSummaries")
        return sorted(listed, key=lambda each: str(each["VersionId"]))

    def room(self) -> str:
        """How to make room for another version; empty if there is room."""
        versions: list[dict[str, Any]] = []
        with suppress(*AWS_ERRORS):  # the registry's own message is reported in any case
            versions = self.versions()
        if len(versions) < MAX_VERSIONS:
            return ""
        oldest = next(each["Arn"] for each in versions if not each["IsDefaultVersion"])
        return (
            f"{self._type['TypeName']} has {len(versions)} versions in {self._region}. The limit "
            f"is {MAX_VERSIONS}, unless Service Quotas has raised it. Have it raised, or "
            "deregister a version that no stack needs, for example the oldest:\n"
            f"    aws cloudformation deregister-type --region {self._region} --arn {oldest}"
        )

    def _listed(self, operation: Callable[..., Any], key: str, **request: str) -> Iterator[Any]:
        """All items of a list, for which botocore has no paginator.

        There are none if the registry does not know the type.
        """
        exceptions = self._cloudformation.exceptions
        with suppress(exceptions.TypeNotFoundException):
            while True:
                try:
                    page = operation(**self._type, **request)
                except exceptions.CFNRegistryException:
                    # The only error that the API reference has for these lists.
                    # It can mean anything.
                    if "NextToken" in request or self._is_known():
                        raise
                    return
                yield from page[key]
                if not page.get("NextToken"):
                    return
                request["NextToken"] = page["NextToken"]

    def _is_known(self) -> bool:
        """Whether the type is registered; DescribeType has a specific error for that."""
        try:
            described = self._cloudformation.describe_type(**self._type)
        except self._cloudformation.exceptions.TypeNotFoundException:
            return False
        return bool(described.get("DeprecatedStatus") != "DEPRECATED")

    def begin(self, request: Mapping[str, Any]) -> str:
        """Start a registration, and return its token.

        Raises RegistrationRejected, or AWS_ERRORS if it may have started all the same.
        """
        try:
            answer = self._cloudformation.register_type(**self._type, **request)
            return str(answer["RegistrationToken"])
        except ClientError as error:
            metadata = error.response["ResponseMetadata"]
            # An earlier attempt may have succeeded, and so may one that ended in a server error.
            if metadata["HTTPStatusCode"] < 500 and not metadata["RetryAttempts"]:
                raise RegistrationRejected(error) from None
            raise
        except KeyError:
            # botocore's parser raises it for XML that the registry did not write.
            raise ResponseParserError("The response did not come from the registry.") from None

    def wait(self, token: str, minutes: float) -> str:
        """Wait until a registration is complete, and return the ARN of its version.

        Raises StillRegistering if it takes longer than that, and RegistrationFailed if it fails.
        """
        started = said = time.monotonic()
        while time.monotonic() < started + minutes * 60:
            answer = self._cloudformation.describe_type_registration(RegistrationToken=token)
            status = answer["ProgressStatus"]
            if status == "COMPLETE":
                return str(answer["TypeVersionArn"])
            if status == "FAILED":
                raise RegistrationFailed(answer.get("Description", "no reason is given"))
            now = time.monotonic()
            if now - said >= min(30, (now - started) / 2):
                said = now
                say(f"  {now - started:3.0f} s: {status}")
            time.sleep(min(5, 0.5 + (now - started) / 10))
        raise StillRegistering(
            f"The registration is still in progress after {minutes:g} minutes, and continues in "
            "AWS. Run it again to keep waiting, or look at it with\n    aws cloudformation "
            f"describe-type-registration --region {self._region} --registration-token {token}"
        )
