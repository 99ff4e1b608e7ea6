"""The private types of one account and region: what RegisterType makes, and what becomes of it.

Sources: the API reference of RegisterType, DescribeTypeRegistration, SetTypeDefaultVersion,
DescribeType, ListTypes, ListTypeVersions and DeregisterType
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/), and the CloudFormation CLI,
whose `cfn submit` writes the packages and whose rules for schemas are the registry's own.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from moto.core.utils import utcnow

from project.type_name import MAX_VERSIONS, is_reserved
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.registry.errors import RegistryError, TypeNotFound
from sandbox.registry.type_registry import TypeRegistry
from sandbox.registry.uploaded_package import (
    Fetch,
    PackageRefused,
    unpack,
)
from sandbox.runtime.contract import Runtime

LOG = logging.getLogger(__name__)

NEEDED_HANDLERS = frozenset(("create", "read", "delete"))
"""Those without which CloudFormation cannot provision a type (API reference, DescribeType)."""

NO_TESTS = "The sandbox does not run TestType's contract tests. `make contract` runs the CLI's own."


@dataclass(eq=False)
class TypeVersion:
    """One registered version.

    request: RegisterType's parameters. schema: its text, as it was uploaded.
    """

    arn: str
    version_id: str
    request: Mapping[str, Any]
    schema: str
    package: Runtime
    created: datetime = field(default_factory=utcnow)
    is_live: bool = True
    is_default: bool = False
    was_tested: bool = False

    @cached_property
    def hosted(self) -> HostedType:
        """The version as stacks use it."""
        logging_config = self.request.get("LoggingConfig") or {}
        return HostedType(
            schema=json.loads(self.schema),
            invoke=lambda event: self.package.invoke("TypeFunction", event),
            version=self.version_id,
            log_group=logging_config.get("LogGroupName"),
            log_role_arn=logging_config.get("LogRoleArn"),
            execution_role_arn=self.request.get("ExecutionRoleArn"),
        )

    @property
    def type_name(self) -> str:
        """Such as Acme::SageMaker::ModelQualityJobDefinition."""
        return str(self.request["TypeName"])

    @property
    def type_arn(self) -> str:
        """The ARN that all versions have in common."""
        return self.arn.rpartition("/")[0]


@dataclass
class Registration:
    """One RegisterType, followed until it is COMPLETE or FAILED.

    version: set when it is complete.
    """

    token: str
    request: Mapping[str, Any]
    status: str = "IN_PROGRESS"
    reason: str = ""
    version: TypeVersion | None = None

    @property
    def description(self) -> str:
        """The status in words; those of the API reference's examples."""
        stage = "COMPLETED" if self.status == "COMPLETE" else self.status
        return f"Deployment is currently in DEPLOY_STAGE of status {stage}; {self.reason}"


class Registrations:
    """Private types, their versions, and the registrations that make them.

    Stacks use a type's default version: the first one, until another is chosen.
    Version numbers of a type are never given twice.
    """

    def __init__(self, types: TypeRegistry, fetch: Fetch, place: Place) -> None:
        self._types = types
        self._fetch = fetch
        self._place = place
        self._registrations: dict[str, Registration] = {}
        self._versions: dict[str, list[TypeVersion]] = {}
        self._lock = threading.RLock()

    def clear(self) -> None:
        """Forget everything, and end what runs."""
        with self._lock:
            every = [version for versions in self._versions.values() for version in versions]
            for version in every:
                self._retire(version)
                self._types.deregister(
                    version.type_name, self._place.account_id, self._place.region
                )
            self._versions.clear()
            self._registrations.clear()

    # -- registering ------------------------------------------------------------------------------

    def register(self, request: Mapping[str, Any], seconds: float) -> Registration:
        """Begin to register a version; `registration` tells how far it is.

        request: RegisterType's parameters. seconds: how long it takes beside the work.
        The same ClientRequestToken gives the same registration.
        raises RegistryError: the kind of type, its namespace, or too many versions.
        """
        type_name = request["TypeName"]
        if request.get("Type", "RESOURCE") != "RESOURCE":
            raise RegistryError(f"The sandbox registers no {request['Type']}, only RESOURCE.")
        if is_reserved(type_name):
            namespace = type_name.partition("::")[0]
            raise RegistryError(f"Namespace {namespace} is reserved: type {type_name}")
        with self._lock:
            token = request.get("ClientRequestToken")
            for registration in self._registrations.values():
                if token and registration.request.get("ClientRequestToken") == token:
                    return registration
            under_way = self.registrations(type_name, "IN_PROGRESS")
            if len(self.versions(type_name)) + len(under_way) >= MAX_VERSIONS:
                raise RegistryError(
                    f"Version limit of {MAX_VERSIONS} exceeded for type {type_name}"
                )
            registration = Registration(str(uuid4()), request)
            self._registrations[registration.token] = registration
        threading.Thread(
            target=self._complete,
            args=(registration, seconds),
            name=f"registration:{type_name}",
            daemon=True,
        ).start()
        return registration

    def registration(self, token: str) -> Registration:
        """The registration with a token. Raises RegistryError: there is none."""
        try:
            return self._registrations[token]
        except KeyError:
            raise RegistryError(f"No registration token matches the identifier {token}") from None

    def registrations(self, type_name: str | None, status: str | None) -> list[Registration]:
        """Those of one type, or in one status, or all; the newest first."""
        every = list(self._registrations.values())[::-1]
        return [
            registration
            for registration in every
            if type_name in (None, registration.request["TypeName"])
            and status in (None, registration.status)
        ]

    def _complete(self, registration: Registration, seconds: float) -> None:
        try:
            schema, package = unpack(registration.request, self._fetch)
            threading.Event().wait(seconds)
        except PackageRefused as refusal:
            registration.reason = str(refusal)
            registration.status = "FAILED"
        except Exception as error:  # a registration must never stay IN_PROGRESS by our own fault
            LOG.exception("%s: the registration broke off", registration.request["TypeName"])
            registration.reason = f"Internal Failure: {type(error).__name__}: {error}"
            registration.status = "FAILED"
        else:
            with self._lock:
                if self._registrations.get(registration.token) is not registration:
                    package.close()  # everything was forgotten meanwhile
                    return
                registration.version = self._add(registration.request, schema, package)
                registration.status = "COMPLETE"

    def _add(self, request: Mapping[str, Any], schema: str, package: Runtime) -> TypeVersion:
        type_name = request["TypeName"]
        versions = self._versions.setdefault(type_name, [])
        version_id = f"{len(versions) + 1:08}"
        type_arn = self.type_arn(type_name)
        version = TypeVersion(f"{type_arn}/{version_id}", version_id, request, schema, package)
        is_first = not self.versions(type_name)
        versions.append(version)
        if is_first:
            self._make_default(version)
        return version

    # -- what is registered -----------------------------------------------------------------------

    def type_arn(self, type_name: str) -> str:
        """The ARN of a type here, registered or not."""
        return (
            f"arn:{self._place.partition}:cloudformation:{self._place.region}:"
            f"{self._place.account_id}:"
            f"type/resource/{type_name.replace('::', '-')}"
        )

    def types(self, live: bool = True) -> list[TypeVersion]:
        """Each type's default version, or, of those that are deregistered, the last default."""
        return [
            version
            for type_name, versions in sorted(self._versions.items())
            for version in versions
            if version.is_default and bool(self.versions(type_name)) is live
        ]

    def knows(self, type_name: str) -> bool:
        """Whether the type is registered, or was."""
        return type_name in self._versions

    def versions(self, type_name: str, live: bool = True) -> list[TypeVersion]:
        """The versions of a type that can be used, or those that were deregistered."""
        return [each for each in self._versions.get(type_name, ()) if each.is_live is live]

    def find(
        self, arn: str | None, type_name: str | None, version_id: str | None = None
    ) -> TypeVersion:
        """A version by its ARN, or a type's default one by the ARN or name of the type.

        Deregistered ones are found, too. Raises TypeNotFound.
        """
        for name, versions in self._versions.items():
            for version in versions:
                if version_id:
                    found = name == type_name and version.version_id == version_id
                elif arn:
                    found = arn == version.arn or (arn == version.type_arn and version.is_default)
                else:
                    found = name == type_name and version.is_default
                if found:
                    return version
        what = arn or " ".join(filter(None, (type_name, version_id)))
        raise TypeNotFound(f"The type '{what}' cannot be found.")

    # -- changing it ------------------------------------------------------------------------------

    def set_default(self, version: TypeVersion) -> None:
        """Have stacks use this version from now on. Raises TypeNotFound: it is deregistered."""
        with self._lock:
            if not version.is_live:
                raise TypeNotFound(f"Version {version.arn} is deprecated.")
            self._make_default(version)

    def deregister(self, version: TypeVersion) -> None:
        """Take a version out of use, and with the last one the type.

        raises RegistryError: it is the default version and there are others. The words are those of
        https://github.com/aws-quickstart/quickstart-amazon-eks-cluster-resource-provider/issues/16
        """
        with self._lock:
            if version.is_default and len(self.versions(version.type_name)) > 1:
                raise RegistryError(
                    f"Version '{version.version_id}' is the default version and cannot be "
                    f"deregistered. Deregister the resource type '{version.type_name}' instead."
                )
            self._retire(version)
            if not self.versions(version.type_name):
                self._types.deregister(
                    version.type_name, self._place.account_id, self._place.region
                )

    def _make_default(self, version: TypeVersion) -> None:
        for each in self._versions[version.type_name]:
            each.is_default = each is version
        self._types.register(version.hosted, self._place.account_id, self._place.region)

    def _retire(self, version: TypeVersion) -> None:
        if version.is_live:
            version.is_live = False
            version.package.close()


def provisioning_type(schema: Mapping[str, Any]) -> str:
    """What CloudFormation can do with a type, by the handlers of its schema."""
    handlers = schema.get("handlers", ())
    if not NEEDED_HANDLERS.issubset(handlers):
        return "NON_PROVISIONABLE"
    return "FULLY_MUTABLE" if "update" in handlers else "IMMUTABLE"
