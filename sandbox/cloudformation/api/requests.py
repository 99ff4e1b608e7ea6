"""Read the parameters that requests about stacks have in common."""

from __future__ import annotations

import re

from sandbox.cloudformation.api.wire import Wire
from sandbox.cloudformation.errors import AccessDenied, ValidationError
from sandbox.cloudformation.stacks.change_sets import ChangeSet
from sandbox.cloudformation.stacks.requests import StackRequest
from sandbox.cloudformation.stacks.stack_policy import MAX_LENGTH, StackPolicy
from sandbox.cloudformation.stored_objects import object_at
from sandbox.cloudformation.template.reading import MAX_BODY, decode

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
"""Valid names of stacks and change sets."""
_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+", re.ASCII)


class StackRequests(Wire):
    """Reads the parameters of one request. Raises ValidationError if they are not valid."""

    def _request(self, template: str | None) -> StackRequest:
        return StackRequest(
            template=template,
            parameters=self._get_param("Parameters", []),
            tags=self._tags(),
            role_arn=self._role(),
            notification_arns=self._get_param("NotificationARNs"),
            capabilities=self._get_param("Capabilities", []),
            resource_types=self._resource_types(),
        )

    def _role(self) -> str | None:
        """The role that CloudFormation would assume. It need not exist, as it is not assumed."""
        role: str | None = self._get_param("RoleARN")
        if role is None:
            return None
        if not _ROLE.fullmatch(role):
            # glassechidna/stackit issue 21 has these words.
            raise ValidationError(f"{role} is not a valid RoleARN")
        if not self.backend.place.has_role(role):
            raise AccessDenied("Cross-account pass role is not allowed.")
        return role

    def _resource_types(self) -> list[str]:
        types: list[str] = self._get_param("ResourceTypes", [])
        if types and self._get_param("Capabilities"):
            raise ValidationError(
                "Only one of the Capabilities and ResourceTypes parameters can be specified."
            )
        return types

    def _stack_name(self) -> str:
        """The name of a new stack."""
        name = str(self._get_param("StackName"))
        if not NAME.fullmatch(name):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        return name

    def _template(self) -> str | None:
        """The text of TemplateBody or of the object at TemplateURL, or None without either."""
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        if body and url:
            raise ValidationError("Specify exactly one of 'TemplateBody' and 'TemplateURL'.")
        if url:
            return decode(object_at(self.backend.place, url))
        if body is not None and len(str(body).encode(errors="replace")) > MAX_BODY:
            raise ValidationError(
                "1 validation error detected: Value at 'templateBody' failed to satisfy "
                f"constraint: Member must have length less than or equal to {MAX_BODY}"
            )
        return None if body is None else str(body)

    def _new_template(self) -> str:
        """The text of the template of a new stack."""
        template = self._template()
        if template is None:
            raise ValidationError("Either Template URL or Template Body must be specified.")
        return template

    def _updated_template(self) -> str | None:
        """The text of the new template of an update, or None for UsePreviousTemplate."""
        previous = self._flag("UsePreviousTemplate")
        if previous and self._template() is not None:
            raise ValidationError(
                "You cannot specify both usePreviousTemplate and Template Body/Template URL."
            )
        return None if previous else self._new_template()

    def _policy(self, name: str) -> StackPolicy | None:
        """The policy in a member such as StackPolicyBody or StackPolicyURL; None without either.

        name: of both members, without Body and URL.
        """
        body, url = self._get_param(f"{name}Body"), self._get_param(f"{name}URL")
        if body and url:
            # LocalStack's snapshots of AWS have these words.
            raise ValidationError(f"You cannot specify both {name}URL and {name}Body")
        if url:
            body = object_at(self.backend.place, url).decode(errors="replace")
            if len(body) > MAX_LENGTH:
                raise ValidationError(
                    f"Error validating stack policy: it has {len(body)} characters, and can have "
                    f"no more than {MAX_LENGTH}"
                )
        return None if body is None else StackPolicy.parse(body)

    def _tags(self) -> dict[str, str] | None:
        """The tags, or None if the request has no Tags. An empty list (`Tags=`) removes them."""
        given = self._get_param("Tags")
        if given is None:
            return None
        tags = {tag["Key"]: tag["Value"] for tag in given}
        if len(tags) < len(given):
            # cilium/cilium issue 44695 and elastic/cloud-on-k8s issue 9232 have these words.
            raise ValidationError("Tags contain duplicate keys; tag keys must be unique")
        return tags

    def _flag(self, name: str) -> bool:
        return bool(self._get_bool_param(name, False))

    def _change_set(self) -> ChangeSet:
        asked = self._checked()
        return self.backend.operations.change_sets.get(
            asked["ChangeSetName"], asked.get("StackName")
        )
