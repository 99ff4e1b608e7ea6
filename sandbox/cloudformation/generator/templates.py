"""Generated templates: each is written in the background, from what READ returns."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from moto.cloudformation.exceptions import AlreadyExistsException
from moto.core.utils import utcnow

from sandbox import generated_template
from sandbox.background import Worker, Workers
from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.generator.errors import (
    ConcurrentResourcesLimitExceeded,
    GeneratedTemplateNotFound,
    LimitExceeded,
)
from sandbox.cloudformation.generator.handlers import handlers_of
from sandbox.hosting.conversion import convert
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.place import Place
from sandbox.hosting.subschemas import Subschema
from sandbox.logical_id import LOGICAL_ID, MAX_LOGICAL_ID
from sandbox.process_wide import PROCESS
from sandbox.registry.type_registry import TypeRegistry

MAX_TEMPLATES = 1000
MAX_CONCURRENT = 5
COMPLETE = "All resources complete"
FAILED = "See template resources for details of the failure."
RESOURCE_COMPLETE = "Resource Template complete"

Policy = Literal["DELETE", "RETAIN"]
ResourceStatus = Literal["PENDING", "IN_PROGRESS", "COMPLETE", "FAILED"]


class ResourceRefused(Exception):
    """The sandbox cannot read such a resource. The message is its status reason."""


@dataclass(eq=False)
class TemplateResource:
    """One resource of a template.

    identifier: the parts of its primary identifier by name.
    entry: its entry in `Resources`, once it is COMPLETE.
    """

    type_name: str
    identifier: Mapping[str, str]
    logical_id: str
    status: ResourceStatus = "PENDING"
    reason: str | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    entry: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class GeneratedTemplate:
    """A generated template. It is CREATE_PENDING, CREATE_IN_PROGRESS, COMPLETE or FAILED."""

    arn: str
    name: str
    deletion_policy: Policy
    update_replace_policy: Policy
    resources: Sequence[TemplateResource]
    status: str = "CREATE_PENDING"
    reason: str | None = None
    created: datetime = field(default_factory=utcnow)
    updated: datetime = field(default_factory=utcnow)

    @property
    def in_progress(self) -> bool:
        """Whether it is still being written."""
        return self.status.startswith("CREATE_")

    def body(self) -> dict[str, Any]:
        """Return the template. It has no resources unless the status is COMPLETE."""
        complete = self.resources if self.status == "COMPLETE" else ()
        return {
            "Metadata": {"AWSToolsMetrics": {"IaC_Generator": self.arn}},
            "Resources": {resource.logical_id: resource.entry for resource in complete},
        }

    def enter(self, status: str, reason: str | None = None) -> None:
        """Set the status and the reason for it."""
        self.reason, self.updated = reason, utcnow()
        self.status = status


class GeneratedTemplates:
    """The generated templates of one account and region, by ARN."""

    def __init__(self, types: TypeRegistry, place: Place) -> None:
        self._types = types
        self._place = place
        self._templates: dict[str, GeneratedTemplate] = {}
        self._workers = Workers(PROCESS.workers)
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Stop writing all templates."""
        self._workers.stop()

    def create(
        self,
        name: str,
        resources: Sequence[Mapping[str, Any]],
        configuration: Mapping[str, Policy],
    ) -> GeneratedTemplate:
        """Start to write a template and return it.

        resources: ResourceType, ResourceIdentifier and perhaps LogicalResourceId of each.
        configuration: DeletionPolicy and UpdateReplacePolicy, both RETAIN by default.

        Raises AlreadyExistsException if the name is taken.
        Raises LimitExceeded or ConcurrentResourcesLimitExceeded if there are too many templates.
        Raises ValidationError if a logical id is not valid, or if a logical id or a resource is
        given twice.
        """
        with self._lock:
            self._check_limits(name)
            arn = self._place.arn("cloudformation", f"generatedTemplate/{uuid4()}")
            template = GeneratedTemplate(
                arn,
                name,
                configuration.get("DeletionPolicy", "RETAIN"),
                configuration.get("UpdateReplacePolicy", "RETAIN"),
                _with_logical_ids(resources),
            )
            self._templates[arn] = template
            self._start(template)
            return template

    def get(self, name_or_arn: str) -> GeneratedTemplate:
        """Return a template. Raises GeneratedTemplateNotFound if there is none."""
        for template in self.all():
            if name_or_arn in (template.name, template.arn):
                return template
        raise GeneratedTemplateNotFound(f"Generated template {name_or_arn} does not exist")

    def delete(self, name_or_arn: str) -> None:
        """Delete a template.

        Raises GeneratedTemplateNotFound if there is none.
        Raises ConcurrentResourcesLimitExceeded if it is being generated.
        """
        with self._lock:
            template = self.get(name_or_arn)
            if template.in_progress:
                raise ConcurrentResourcesLimitExceeded(
                    f"Generated template {template.name} is being generated: try again when it is "
                    "complete"
                )
            del self._templates[template.arn]

    def all(self) -> list[GeneratedTemplate]:
        """Return all templates, newest first."""
        return list(self._templates.values())[::-1]

    def _check_limits(self, name: str) -> None:
        templates = self._templates.values()
        if any(template.name == name for template in templates):
            raise AlreadyExistsException(f"Generated template {name} already exists")
        if len(templates) >= MAX_TEMPLATES:
            raise LimitExceeded(
                f"Limit of {MAX_TEMPLATES} generated templates exceeded: delete one first"
            )
        if sum(template.in_progress for template in templates) >= MAX_CONCURRENT:
            raise ConcurrentResourcesLimitExceeded(
                f"{MAX_CONCURRENT} templates are already being generated: try again when one of "
                "them is complete"
            )

    def _start(self, template: GeneratedTemplate) -> None:
        interruption = Interruption()
        self._workers.start(
            Worker(
                f"generated template:{template.name}",
                lambda: self._write(template, interruption),
                interruption,
                lambda error: template.enter("FAILED", status_reasons.internal_failure(error)),
            )
        )

    def _write(self, template: GeneratedTemplate, interruption: Interruption) -> None:
        template.enter("CREATE_IN_PROGRESS")
        for resource in template.resources:
            interruption.check()
            resource.status = "IN_PROGRESS"
            try:
                self._generate(template, resource, interruption)
            except HandlerFailed as failure:
                resource.reason = status_reasons.handler_failed(
                    failure.message, failure.token, failure.code
                )
                resource.status = "FAILED"
            except ResourceRefused as refusal:
                resource.reason = str(refusal)
                resource.status = "FAILED"
            else:
                resource.reason = RESOURCE_COMPLETE
                resource.status = "COMPLETE"
        if all(resource.status == "COMPLETE" for resource in template.resources):
            template.enter("COMPLETE", COMPLETE)
        else:
            template.enter("FAILED", FAILED)

    def _generate(
        self, template: GeneratedTemplate, resource: TemplateResource, interruption: Interruption
    ) -> None:
        """Write one resource.

        Raises HandlerFailed if READ fails.
        Raises ResourceRefused if the type is not hosted or has another identifier.
        """
        hosted = self._types.lookup(resource.type_name, self._place.account_id, self._place.region)
        if hosted is None:
            raise ResourceRefused(
                f"The sandbox cannot generate {resource.type_name}: it runs no handlers of it."
            )
        try:
            asked = hosted.identified_by(resource.identifier)
        except ValueError as error:
            raise ResourceRefused(str(error)) from None
        handlers = handlers_of(hosted, self._place, interruption)
        model = handlers.read(convert(asked, hosted.schema))
        resource.entry = generated_template.resource(
            hosted,
            model,
            template.deletion_policy.capitalize(),
            template.update_replace_policy.capitalize(),
        )
        resource.warnings = _warnings(hosted)


def _warnings(hosted: HostedType) -> list[dict[str, Any]]:
    """The warnings of a resource in the API's form: that its write-only properties are missing."""
    whole = Subschema.of(hosted.schema)
    properties = [
        {
            "PropertyPath": "/".join(pointer),
            "Required": pointer[-1] in whole.at(pointer[:-1]).required,
            "Description": whole.at(pointer).description,
        }
        for pointer in hosted.write_only
    ]
    return [{"Type": "UNSUPPORTED_PROPERTIES", "Properties": properties}] if properties else []


def _with_logical_ids(resources: Sequence[Mapping[str, Any]]) -> list[TemplateResource]:
    """The resources of a new template, each with a logical id of its own.

    Raises ValidationError if a logical id in the request is not valid, or if a logical id or a
    resource is given twice.
    """
    named: list[tuple[str, Mapping[str, str]]] = []
    for each in resources:
        type_name, identifier = each["ResourceType"], each["ResourceIdentifier"]
        if (type_name, identifier) in named:
            raise ValidationError(
                f"Resource {'|'.join(identifier.values())} of type {type_name} is given more than "
                "once"
            )
        named.append((type_name, identifier))
    given = [each["LogicalResourceId"] for each in resources if each.get("LogicalResourceId")]
    for logical_id in given:
        if not LOGICAL_ID.fullmatch(logical_id):
            raise ValidationError(
                f"Logical id {logical_id} is not valid: it can have up to {MAX_LOGICAL_ID} letters "
                "and digits"
            )
        if given.count(logical_id) > 1:
            raise ValidationError(f"Logical id {logical_id} is given to more than one resource")
    taken = set(given)
    made = []
    for each in resources:
        type_name, identifier = each["ResourceType"], dict(each["ResourceIdentifier"])
        logical_id = each.get("LogicalResourceId")
        if not logical_id:
            logical_id = _new_logical_id(type_name, identifier, taken)
            taken.add(logical_id)
        made.append(TemplateResource(type_name, identifier, logical_id))
    return made


def _new_logical_id(type_name: str, identifier: Mapping[str, str], taken: set[str]) -> str:
    """The service, the type and the end of the identifier, and a number if that is taken."""
    ends = [re.sub("[^A-Za-z0-9]", "", re.split("[/:]", part)[-1]) for part in identifier.values()]
    words = [*type_name.split("::")[1:], *(end[:1].upper() + end[1:] for end in ends)]
    stem = "".join(words)[: MAX_LOGICAL_ID - 3]
    logical_id, number = stem, 1
    while logical_id in taken:
        number += 1
        logical_id = f"{stem}{number}"
    return logical_id
