"""The operations on templates."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from sandbox.cloudformation.api.requests import StackRequests
from sandbox.cloudformation.api.wire import present
from sandbox.cloudformation.template.template import Template
from sandbox.hosting.scalars import text


class TemplateApi(StackRequests):
    """One method for each operation."""

    def get_template(self) -> ActionResult:
        """Handle GetTemplate."""
        change_set = self._get_param("ChangeSetName")
        if change_set:
            configuration = self.backend.operations.change_sets.get(
                change_set, self._get_param("StackName")
            ).target
        else:
            configuration = self.backend.records.get(self._get_param("StackName")).configuration
        template = configuration.template
        stage = self._get_param("TemplateStage", "Processed")
        body = template.processed if stage == "Processed" else template.text
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        """Handle GetTemplateSummary."""
        name = self._get_param("StackName")
        if stack_set := self._get_param("StackSetName"):
            return self._summary(
                Template.parse(self.backend.describe_stack_set(stack_set).template)
            )
        template = (
            self.backend.records.get(name).configuration.template
            if name
            else self.backend.operations.requests.check_template(self._new_template())
        )
        return self._summary(template)

    def _summary(self, template: Template) -> ActionResult:
        return ActionResult(
            {
                **_summarize_template(template),
                "ResourceTypes": template.resource_types,
                "ResourceIdentifierSummaries": self._importable(template),
            }
        )

    def validate_template(self) -> ActionResult:
        """Handle ValidateTemplate."""
        return ActionResult(
            _summarize_template(
                self.backend.operations.requests.check_template(self._new_template())
            )
        )

    def _importable(self, template: Template) -> list[dict[str, Any]]:
        """The types in a template that can be imported, with the properties that identify each."""
        kinds = {name: self.backend.catalog.find(name) for name in template.resource_types}
        return [
            {
                "ResourceType": type_name,
                "LogicalResourceIds": [
                    logical_id
                    for logical_id, definition in template.definitions
                    if definition["Type"] == type_name
                ],
                # Each item is one way to identify a resource; a comma stands between its parts.
                "ResourceIdentifiers": [",".join(kind.import_identifier)],
            }
            for type_name, kind in kinds.items()
            if kind and kind.import_identifier
        ]


def _summarize_template(template: Template) -> dict[str, Any]:
    capabilities, reason = template.needed_capabilities
    parameters = [
        present(
            {
                "ParameterKey": key,
                "DefaultValue": None if "Default" not in declared else text(declared["Default"]),
                "ParameterType": declared["Type"],
                "NoEcho": text(declared.get("NoEcho", False)).lower() == "true",
                "Description": declared.get("Description"),
                "ParameterConstraints": (
                    {"AllowedValues": [text(value) for value in declared["AllowedValues"]]}
                    if "AllowedValues" in declared
                    else {}
                ),
            }
        )
        for key, declared in template.parameters.items()
    ]
    return present(
        {
            "Description": template.description,
            "Parameters": parameters,
            "Capabilities": capabilities,
            "CapabilitiesReason": reason or None,
            "Version": template.body.get("AWSTemplateFormatVersion"),
            "DeclaredTransforms": list(template.declared_transforms),
        }
    )
