"""The private types of one account and region: their registrations and versions.

Sources: the API reference of RegisterType, DescribeTypeRegistration, SetTypeDefaultVersion,
DescribeType, ListTypes, ListTypeVersions and DeregisterType
(https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/), and the CloudFormation CLI:
its `cfn submit` writes the packages, and the registry checks schemas by the CLI's rules.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from uuid import uuid4

from moto.core.utils import utcnow

from project.type_name import MAX_VERSIONS, is_reserved
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.registry.configurations import Resolve, TypeConfigurations
from sandbox.registry.errors import RegistryError, TypeNotFound
from sandbox.registry.type_registry import TypeRegistry
from sandbox.registry.uploaded_package import Fetch, PackageRefused, Started, log_group, start
from sandbox.runtime.contract import Runtime

LOG = logging.getLogger(__name__)

NEEDED_HANDLERS = frozenset(("create", "read", "delete"))
"""The handlers that CloudFormation needs to provision a type (API reference, DescribeType)."""

NO_TESTS = "The sandbox does not run TestType's contract tests. `make contract` runs the CLI's own."


@dataclass(eq=False)
class TypeVersion:
    """One registered version of a type.

    request: the parameters of RegisterType. schema: the schema's text as uploaded.
    runtime: runs its handlers. configuration: returns the type's configuration data.
    is_live: False once the version is deregistered.
    """

    arn: str
    version_id: str
    request: Mapping[str, Any]
    schema: str
    runtime: Runtime
    configuration: Callable[[], Any]
    created: datetime = field(default_factory=utcnow)
    is_live: bool = True
    is_default: bool = False
    was_tested: bool = False

    @cached_property
    def hosted(self) -> HostedType:
        """The version as stacks use it."""
        return HostedType(
            schema=json.loads(self.schema),
            invoke=lambda event: self.runtime.invoke("TypeFunction", event),
            version=self.version_id,
            log_group=log_group(self.request),
            log_role_arn=(self.request.get("LoggingConfig") or {}).get("LogRoleArn"),
            execution_role_arn=self.request.get("ExecutionRoleArn"),
            configuration=self.configuration,
        )

    @property
    def type_name(self) -> str:
        """The type name, such as Acme::SageMaker::ModelQualityJobDefinition."""
        return str(self.request["TypeName"])

    @property
    def type_arn(self) -> str:
        """The ARN of the type, without the version."""
        return self.arn.rpartition("/")[0]


@dataclass
class Registration:
    """One RegisterType request and its progress.

    status: IN_PROGRESS, COMPLETE or FAILED. version: set once the status is COMPLETE.
    reason: why it failed, or what differs here for the version.
    """

    token: str
    request: Mapping[str, Any]
    status: str = "IN_PROGRESS"
    reason: str = ""
    version: TypeVersion | None = None

    @property
    def description(self) -> str:
        """The status as a sentence, in the form of the API reference's examples."""
        stage = "COMPLETED" if self.status == "COMPLETE" else self.status
        return f"Deployment is currently in DEPLOY_STAGE of status {stage}; {self.reason}"


class Registrations:
    """The private types of one account and region, their versions and registrations.

    Stacks use the default version of a type: the first one, until another one is set.
    A version number is never reused.

    configurations: the configuration data of these types.
    """

    def __init__(self, types: TypeRegistry, fetch: Fetch, place: Place, resolve: Resolve) -> None:
        self.configurations = TypeConfigurations(place, resolve)
        self._types = types
        self._fetch = fetch
        self._place = place
        self._registrations: dict[str, Registration] = {}
        self._versions: dict[str, list[TypeVersion]] = {}
        self._lock = threading.RLock()

    def clear(self) -> None:
        """Remove all types and registrations, and close their runtimes."""
        with self._lock:
            every = [version for versions in self._versions.values() for version in versions]
            for version in every:
                self._retire(version)
                self._types.deregister(
                    version.type_name, self._place.account_id, self._place.region
                )
            self._versions.clear()
            self._registrations.clear()
            self.configurations.clear()

    # -- registration -----------------------------------------------------------------------------

    def register(self, request: Mapping[str, Any], seconds: float) -> Registration:
        """Start to register a version in the background.

        request: the parameters of RegisterType. seconds: an extra delay.
        Returns the registration; `registration` finds it later by its token. A request with a
        known ClientRequestToken returns the earlier registration.

        Raises RegistryError if the type is not a RESOURCE, its namespace is reserved, or it has
        too many versions.
        """
        type_name = request["TypeName"]
        if request.get("Type", "RESOURCE") != "RESOURCE":
            raise RegistryError(
                f"The sandbox registers only RESOURCE types, not {request['Type']}."
            )
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
        """Return the registration with this token. Raises RegistryError if there is none."""
        try:
            return self._registrations[token]
        except KeyError:
            raise RegistryError(f"No registration token matches the identifier {token}") from None

    def registrations(self, type_name: str | None, status: str | None) -> list[Registration]:
        """Return the registrations, newest first. None for `type_name` or `status` matches all."""
        every = list(self._registrations.values())[::-1]
        return [
            registration
            for registration in every
            if type_name in (None, registration.request["TypeName"])
            and status in (None, registration.status)
        ]

    def _complete(self, registration: Registration, seconds: float) -> None:
        try:
            started = start(registration.request, self._fetch, self._place)
            threading.Event().wait(seconds)
            with self._lock:
                if self._registrations.get(registration.token) is not registration:
                    started.runtime.close()  # `clear` was called in the meantime
                    return
                registration.version = self._add(registration.request, started)
                registration.reason = " ".join(started.notes)
                registration.status = "COMPLETE"
        except PackageRefused as refusal:
            registration.reason = str(refusal)
            registration.status = "FAILED"
        except Exception as error:  # a sandbox bug must not leave a registration IN_PROGRESS
            LOG.exception("%s: internal error", registration.request["TypeName"])
            registration.reason = f"Internal Failure: {type(error).__name__}: {error}"
            registration.status = "FAILED"

    def _add(self, request: Mapping[str, Any], started: Started) -> TypeVersion:
        type_name = request["TypeName"]
        versions = self._versions.setdefault(type_name, [])
        version_id = f"{len(versions) + 1:08}"
        type_arn = self.type_arn(type_name)
        version = TypeVersion(
            f"{type_arn}/{version_id}",
            version_id,
            request,
            started.schema,
            started.runtime,
            partial(self.configurations.document, type_name),
        )
        is_first = not self.versions(type_name)
        versions.append(version)
        if is_first:
            self._make_default(version)
        return version

    # -- registered types -------------------------------------------------------------------------

    def type_arn(self, type_name: str) -> str:
        """Return the ARN of a type in this account and region, registered or not."""
        return self._place.arn("cloudformation", f"type/resource/{type_name.replace('::', '-')}")

    def types(self, live: bool = True) -> list[TypeVersion]:
        """Return the default version of each registered type.

        live: if False, return the last default version of each deregistered type instead.
        """
        return [
            version
            for type_name, versions in sorted(self._versions.items())
            for version in versions
            if version.is_default and bool(self.versions(type_name)) is live
        ]

    def knows(self, type_name: str) -> bool:
        """Return whether the type is or was registered."""
        return type_name in self._versions

    def versions(self, type_name: str, live: bool = True) -> list[TypeVersion]:
        """Return the live versions of a type, or its deregistered versions if `live` is False."""
        return [each for each in self._versions.get(type_name, ()) if each.is_live is live]

    def find(
        self, arn: str | None, type_name: str | None, version_id: str | None = None
    ) -> TypeVersion:
        """Return a version by its ARN, or by type name and version id.

        The ARN or name of a type alone finds its default version. Deregistered versions are found
        too.

        Raises TypeNotFound if there is no such version.
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

    # -- changes ----------------------------------------------------------------------------------

    def set_default(self, version: TypeVersion) -> None:
        """Set the version that stacks use. Raises TypeNotFound if it is deregistered."""
        with self._lock:
            if not version.is_live:
                raise TypeNotFound(f"Version {version.arn} is deprecated.")
            self._make_default(version)

    def deregister(self, version: TypeVersion) -> None:
        """Deregister a version. Deregistering the last version also deregisters the type.

        Raises RegistryError if it is the default version and there are others. The message is from
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
                self.configurations.remove(version.type_name)
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
            version.runtime.close()


def provisioning_type(schema: Mapping[str, Any]) -> str:
    """Return the ProvisioningType of a schema: FULLY_MUTABLE, IMMUTABLE or NON_PROVISIONABLE."""
    handlers = schema.get("handlers", ())
    if not NEEDED_HANDLERS.issubset(handlers):
        return "NON_PROVISIONABLE"
    return "FULLY_MUTABLE" if "update" in handlers else "IMMUTABLE"
