"""The registry's part: versions of a type, and their registrations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from project.type_name import MAX_VERSIONS
from tools.submit.messages import AWS_ERRORS, StillRegistering, say


class Failed(Exception):
    """A registration that ended as FAILED; the text is the registry's reason."""


class Refused(Exception):
    """A registration that the registry has not begun."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(str(error))
        self.error = error


class Registry:
    """One type in the registry of an account and region; cloudformation: the client there.

    Methods raise AWS_ERRORS, and what they name.
    """

    def __init__(self, cloudformation: Any, type_name: str) -> None:
        self._cloudformation = cloudformation
        self._region: str = cloudformation.meta.region_name
        self._type = {"Type": "RESOURCE", "TypeName": type_name}

    def under_way(self) -> list[str]:
        """The tokens of the registrations of this type that have not ended."""
        operation = self._cloudformation.list_type_registrations
        status = {"RegistrationStatusFilter": "IN_PROGRESS"}
        return list(self._listed(operation, "RegistrationTokenList", **status))

    def version(self, arn: str) -> dict[str, Any]:
        """What DescribeType answers of a version."""
        described: dict[str, Any] = self._cloudformation.describe_type(Arn=arn)
        return described

    def is_default(self, arn: str) -> bool:
        """Whether stacks meet this version."""
        return bool(self.version(arn)["IsDefaultVersion"])

    def make_default(self, arn: str) -> bool:
        """Have stacks meet a version from now on; whether they did not before."""
        if self.is_default(arn):
            return False
        self._cloudformation.set_type_default_version(Arn=arn)
        return True

    def versions(self) -> list[dict[str, Any]]:
        """The versions that can be used, the oldest first; none where there is no such type."""
        listed = self._listed(self._cloudformation.list_type_versions, "TypeVersionSummaries")
        return sorted(listed, key=lambda each: str(each["VersionId"]))

    def room(self) -> str:
        """How to make room, where there may be too many versions for one more."""
        versions: list[dict[str, Any]] = []
        with suppress(*AWS_ERRORS):  # what the registry has said is told in any case
            versions = self.versions()
        if len(versions) < MAX_VERSIONS:
            return ""
        oldest = next(each["Arn"] for each in versions if not each["IsDefaultVersion"])
        return (
            f"{self._type['TypeName']} has {len(versions)} versions in {self._region}, and there "
            f"cannot be more than {MAX_VERSIONS}, unless Service Quotas has raised that. Have it "
            "raised, or deregister one that no stack needs, for instance the oldest:\n"
            f"    aws cloudformation deregister-type --region {self._region} --arn {oldest}"
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

    def begin(self, request: Mapping[str, Any]) -> str:
        """The token of a new registration. Raises Refused, and AWS_ERRORS where that is unsure."""
        try:
            answer = self._cloudformation.register_type(**self._type, **request)
            return str(answer["RegistrationToken"])
        except ClientError as error:
            metadata = error.response["ResponseMetadata"]
            # A request before this one may have got through, and so may one with a server's error.
            if metadata["HTTPStatusCode"] < 500 and not metadata["RetryAttempts"]:
                raise Refused(error) from None
            raise
        except KeyError:
            # botocore's parser, where the answer is XML but not of the registry.
            raise ResponseParserError("The registry gave no answer of its own.") from None

    def wait(self, token: str, minutes: float) -> str:
        """The ARN of the version that a registration makes. Raises StillRegistering, Failed."""
        started = said = time.monotonic()
        while time.monotonic() < started + minutes * 60:
            answer = self._cloudformation.describe_type_registration(RegistrationToken=token)
            status = answer["ProgressStatus"]
            if status == "COMPLETE":
                return str(answer["TypeVersionArn"])
            if status == "FAILED":
                raise Failed(answer.get("Description", "it gives no reason"))
            now = time.monotonic()
            if now - said >= min(30, (now - started) / 2):
                said = now
                say(f"  {now - started:3.0f} s: {status}")
            time.sleep(min(5, 0.5 + (now - started) / 10))
        raise StillRegistering(
            f"The registration has not ended within {minutes:g} minutes. It goes on by itself: "
            "run it again to wait on, or look with\n    aws cloudformation "
            f"describe-type-registration --region {self._region} --registration-token {token}"
        )
