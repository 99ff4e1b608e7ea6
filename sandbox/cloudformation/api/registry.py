"""The operations on resource types: private types, and the types that the sandbox provides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudformation.api.wire import PAGE_SIZE, Wire, present
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.unknown_types import is_of_aws
from sandbox.hosting.hosted_type import HostedType
from sandbox.process_wide import PROCESS
from sandbox.registry.configurations import TypeConfiguration, configuration_schema
from sandbox.registry.errors import RegistryError, TypeConfigurationNotFound, TypeNotFound
from sandbox.registry.registrations import (
    NO_TESTS,
    Registration,
    TypeVersion,
    provisioning_type,
)


class RegistryApi(Wire):
    """One method for each operation."""

    def register_type(self) -> ActionResult:
        """Handle RegisterType."""
        registration = self.backend.registrations.register(
            self._checked(), PROCESS.timing.registration_seconds
        )
        return ActionResult({"RegistrationToken": registration.token})

    def describe_type_registration(self) -> ActionResult:
        """Handle DescribeTypeRegistration."""
        token = self._checked()["RegistrationToken"]
        return ActionResult(_describe_registration(self.backend.registrations.registration(token)))

    def list_type_registrations(self) -> ActionResult:
        """Handle ListTypeRegistrations."""
        asked = self._checked()
        found = self.backend.registrations.registrations(
            self._name(asked), asked.get("RegistrationStatusFilter")
        )
        size = asked.get("MaxResults", PAGE_SIZE)
        return self.page("RegistrationTokenList", found, lambda each: each.token, size)

    def set_type_default_version(self) -> ActionResult:
        """Handle SetTypeDefaultVersion."""
        asked = self._checked()
        if not asked.get("Arn") and not asked.get("VersionId"):
            raise ValidationError("Specify either the Arn of a version, or TypeName and VersionId.")
        self.backend.registrations.set_default(self._version(asked))
        return EmptyResult()

    def deregister_type(self) -> ActionResult:
        """Handle DeregisterType."""
        version = self._version(self._checked())
        if not version.is_live:
            raise TypeNotFound(f"The type '{version.arn}' cannot be found.")
        self.backend.registrations.deregister(version)
        return EmptyResult()

    def describe_type(self) -> ActionResult:
        """Handle DescribeType."""
        asked = self._checked()
        try:
            return ActionResult(_describe_version(self._version(asked)))
        except TypeNotFound:
            for hosted in PROCESS.types.everywhere():
                if hosted.type_name == self._name(asked):
                    return ActionResult(_describe_public(hosted, self._public_arn(hosted)))
            name = self._name(asked) or ""
            if is_of_aws(name, self.backend.place.region):
                raise TypeNotFound(
                    f"The sandbox's registry has no {name}, which AWS's has: it has types with "
                    "handlers only."
                ) from None
            raise

    def list_types(self) -> ActionResult:
        """Handle ListTypes."""
        asked = self._checked()
        prefix = (asked.get("Filters") or {}).get("TypeNamePrefix", "")
        provisioning = asked.get("ProvisioningType")
        if asked.get("Type", "RESOURCE") != "RESOURCE":
            return ActionResult({"TypeSummaries": []})
        if asked.get("Visibility") == "PUBLIC":
            found = [
                (each, _summarize_public(each, self._public_arn(each)))
                for each in PROCESS.types.everywhere()
            ]
        else:
            live = asked.get("DeprecatedStatus", "LIVE") == "LIVE"
            found = [
                (each.hosted, _summarize_type(each))
                for each in self.backend.registrations.types(live)
            ]
        summaries = [
            summary
            for hosted, summary in found
            if hosted.type_name.startswith(prefix)
            and provisioning in (None, provisioning_type(hosted.schema))
        ]
        size = asked.get("MaxResults", PAGE_SIZE)
        return self.page("TypeSummaries", summaries, lambda summary: summary, size)

    def list_type_versions(self) -> ActionResult:
        """Handle ListTypeVersions."""
        asked = self._checked()
        live = asked.get("DeprecatedStatus", "LIVE") == "LIVE"
        name = self._name(asked) or ""
        if not self.backend.registrations.knows(name) and name not in {
            hosted.type_name for hosted in PROCESS.types.everywhere()
        }:
            # The operation's only error. The CreateHandler of AWS's ResourceVersion expects it.
            raise RegistryError(f"The type '{asked.get('Arn') or name}' cannot be found.")
        versions = self.backend.registrations.versions(name, live)
        size = asked.get("MaxResults", PAGE_SIZE)
        return self.page("TypeVersionSummaries", versions, _summarize_version, size)

    def test_type(self) -> ActionResult:
        """Handle TestType. It runs no tests, and DescribeType says so."""
        version = self._version(self._checked())
        version.was_tested = True
        return ActionResult({"TypeVersionArn": version.arn})

    def set_type_configuration(self) -> ActionResult:
        """Handle SetTypeConfiguration."""
        asked = self._checked()
        _check_kind(asked)
        configuration = self.backend.registrations.configurations.set(
            self._live(asked), asked.get("ConfigurationAlias"), asked["Configuration"]
        )
        return ActionResult({"ConfigurationArn": configuration.arn})

    def batch_describe_type_configurations(self) -> ActionResult:
        """Handle BatchDescribeTypeConfigurations."""
        answer: dict[str, list[dict[str, Any]]] = {
            "Errors": [],
            "UnprocessedTypeConfigurations": [],
            "TypeConfigurations": [],
        }
        for identifier in self._checked()["TypeConfigurationIdentifiers"]:
            key, described = self._described_or_error(identifier)
            answer[key].append(described)
        return ActionResult(answer)

    # -- helpers ----------------------------------------------------------------------------------

    def _version(self, asked: dict[str, Any]) -> TypeVersion:
        return self.backend.registrations.find(
            asked.get("Arn"), asked.get("TypeName"), asked.get("VersionId")
        )

    def _live(self, asked: dict[str, Any]) -> HostedType:
        """The type of a request, private or public. Raises TypeNotFound if there is none."""
        arn, name = asked.get("TypeArn"), asked.get("TypeName")
        if not arn and not name:
            raise RegistryError("Specify either TypeArn, or Type and TypeName.")
        if public := [t for t in PROCESS.types.everywhere() if t.type_name == self._name(asked)]:
            return public[0]
        version = self.backend.registrations.find(arn, None if arn else name)
        if not version.is_live or arn == version.arn:
            raise TypeNotFound(f"The type '{arn or name}' cannot be found.")
        return version.hosted

    def _described_or_error(self, identifier: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The list of the answer that an identifier belongs to, and its item in that list."""
        try:
            return "TypeConfigurations", self._describe_configuration(identifier)
        except (TypeNotFound, TypeConfigurationNotFound, RegistryError) as error:
            return "Errors", {
                "ErrorCode": error.code,
                "ErrorMessage": str(error.message),
                "TypeConfigurationIdentifier": identifier,
            }

    def _describe_configuration(self, identifier: dict[str, Any]) -> dict[str, Any]:
        """The configuration data that an identifier names; empty if none is set for the type."""
        _check_kind(identifier)
        configurations = self.backend.registrations.configurations
        if arn := identifier.get("TypeConfigurationArn"):
            found: TypeConfiguration | None = configurations.find(arn)
            type_name = configurations.find(arn).type_name
        else:
            type_name = self._live(identifier).type_name
            found = configurations.of_type(type_name, identifier.get("TypeConfigurationAlias"))
        return present(
            {
                "Arn": found.arn if found else None,
                "Alias": found.alias if found else None,
                "Configuration": found.text if found else "{}",
                "LastUpdated": found.updated if found else None,
                "TypeArn": self.backend.registrations.type_arn(type_name),
                "TypeName": type_name,
                "IsDefaultConfiguration": found == configurations.of_type(type_name, None),
            }
        )

    def _name(self, asked: dict[str, Any]) -> str | None:
        """The name of the type that the request specifies by name or ARN, or None."""
        arn = asked.get("Arn") or asked.get("TypeArn")
        if not arn:
            return asked.get("TypeName")
        try:
            return self.backend.registrations.find(arn, None).type_name
        except TypeNotFound:
            of_arn = [t for t in PROCESS.types.everywhere() if self._public_arn(t) == arn]
            return of_arn[0].type_name if of_arn else None

    def _public_arn(self, hosted: HostedType) -> str:
        """The ARN of a public type. It contains no account."""
        return (
            f"arn:{self.backend.partition}:cloudformation:{self.region}::"
            f"type/resource/{hosted.type_name.replace('::', '-')}"
        )


def _check_kind(asked: dict[str, Any]) -> None:
    """Raise RegistryError if a request is about a module or a hook."""
    if asked.get("Type", "RESOURCE") != "RESOURCE":
        raise RegistryError(f"The sandbox has only RESOURCE types, and no {asked['Type']}.")


def _configuration_schema(schema: Mapping[str, Any]) -> str | None:
    found = configuration_schema(schema)
    return json.dumps(found) if found else None


def _describe_registration(registration: Registration) -> dict[str, Any]:
    version = registration.version
    return present(
        {
            "ProgressStatus": registration.status,
            "Description": registration.description,
            "TypeArn": version.type_arn if version else None,
            "TypeVersionArn": version.arn if version else None,
        }
    )


def _describe_version(version: TypeVersion) -> dict[str, Any]:
    schema = version.hosted.schema
    return present(
        {
            "Arn": version.arn,
            "Type": "RESOURCE",
            "TypeName": version.type_name,
            "DefaultVersionId": version.version_id if version.is_default else None,
            "IsDefaultVersion": version.is_default,
            "TypeTestsStatus": "NOT_TESTED",
            "TypeTestsStatusDescription": NO_TESTS if version.was_tested else None,
            "Description": schema.get("description"),
            "Schema": version.schema,
            "ConfigurationSchema": _configuration_schema(schema),
            "ProvisioningType": provisioning_type(schema),
            "DeprecatedStatus": "LIVE" if version.is_live else "DEPRECATED",
            "LoggingConfig": version.request.get("LoggingConfig"),
            "ExecutionRoleArn": version.request.get("ExecutionRoleArn"),
            "Visibility": "PRIVATE",
            "SourceUrl": schema.get("sourceUrl"),
            "DocumentationUrl": schema.get("documentationUrl"),
            "LastUpdated": version.created,
            "TimeCreated": version.created,
            "IsActivated": False,
        }
    )


def _describe_public(hosted: HostedType, arn: str) -> dict[str, Any]:
    return present(
        {
            "Arn": arn,
            "Type": "RESOURCE",
            "TypeName": hosted.type_name,
            "Description": hosted.schema.get("description"),
            "Schema": json.dumps(hosted.schema),
            "ProvisioningType": provisioning_type(hosted.schema),
            "DeprecatedStatus": "LIVE",
            "Visibility": "PUBLIC",
            "SourceUrl": hosted.schema.get("sourceUrl"),
            "DocumentationUrl": hosted.schema.get("documentationUrl"),
        }
    )


def _summarize_type(default: TypeVersion) -> dict[str, Any]:
    return present(
        {
            "Type": "RESOURCE",
            "TypeName": default.type_name,
            "DefaultVersionId": default.version_id,
            "TypeArn": default.type_arn,
            "LastUpdated": default.created,
            "Description": default.hosted.schema.get("description"),
        }
    )


def _summarize_public(hosted: HostedType, arn: str) -> dict[str, Any]:
    return present(
        {
            "Type": "RESOURCE",
            "TypeName": hosted.type_name,
            "TypeArn": arn,
            "Description": hosted.schema.get("description"),
        }
    )


def _summarize_version(version: TypeVersion) -> dict[str, Any]:
    return present(
        {
            "Type": "RESOURCE",
            "TypeName": version.type_name,
            "VersionId": version.version_id,
            "IsDefaultVersion": version.is_default,
            "Arn": version.arn,
            "TimeCreated": version.created,
            "Description": version.hosted.schema.get("description"),
        }
    )
