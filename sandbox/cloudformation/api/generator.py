"""The operations of the IaC generator: resource scans, and templates for existing resources."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox import generated_template
from sandbox.cloudformation.api.wire import PAGE_SIZE, Wire, present
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.generator.scans import ResourceScan, ScannedResource
from sandbox.cloudformation.generator.templates import GeneratedTemplate, TemplateResource

SCANS_PER_PAGE = 10
TEMPLATES_PER_PAGE = 50


class GeneratorApi(Wire):
    """One method for each operation."""

    def start_resource_scan(self) -> ActionResult:
        """Handle StartResourceScan."""
        asked = self._checked()
        types = [name for each in asked.get("ScanFilters", ()) for name in each.get("Types", ())]
        scan = self.backend.scans.start(types, asked.get("ClientRequestToken"))
        return ActionResult({"ResourceScanId": scan.arn})

    def describe_resource_scan(self) -> ActionResult:
        """Handle DescribeResourceScan."""
        scan = self.backend.scans.get(self._checked()["ResourceScanId"])
        described = _scan_in_short(scan)
        if scan.status != "IN_PROGRESS":
            described.update(
                ResourceTypes=scan.type_names,
                ResourcesScanned=scan.listed,
                ResourcesRead=scan.read,
            )
        if scan.types:
            described["ScanFilters"] = [{"Types": list(scan.types)}]
        return ActionResult(described)

    def list_resource_scans(self) -> ActionResult:
        """Handle ListResourceScans."""
        asked = self._checked()
        scans = self.backend.scans.of_kind(asked.get("ScanTypeFilter", "FULL"))
        return self.page(
            "ResourceScanSummaries", scans, _summarize_scan, _page_size(asked, SCANS_PER_PAGE)
        )

    def list_resource_scan_resources(self) -> ActionResult:
        """Handle ListResourceScanResources."""
        asked = self._checked()
        scan = self.backend.scans.ended(asked["ResourceScanId"])
        managed = self.backend.records.holders()
        return self.page(
            "Resources",
            [resource for resource in scan.resources if _is_wanted(resource, asked)],
            lambda resource: {
                "ResourceType": resource.type_name,
                "ResourceIdentifier": resource.identifier,
                "ManagedByStack": (resource.type_name, resource.physical_id) in managed,
            },
            _page_size(asked, PAGE_SIZE),
        )

    def list_resource_scan_related_resources(self) -> ActionResult:
        """Handle ListResourceScanRelatedResources. The sandbox looks for no relations."""
        self.backend.scans.ended(self._checked()["ResourceScanId"])
        return ActionResult({"RelatedResources": []})

    def create_generated_template(self) -> ActionResult:
        """Handle CreateGeneratedTemplate."""
        asked = self._checked()
        if asked.get("StackName"):
            raise ValidationError(
                "The sandbox does not support StackName in CreateGeneratedTemplate: leave it out, "
                "and add the generated resources to the stack's template yourself."
            )
        template = self.backend.generated_templates.create(
            asked["GeneratedTemplateName"],
            asked.get("Resources", ()),
            asked.get("TemplateConfiguration", {}),
        )
        return ActionResult({"GeneratedTemplateId": template.arn})

    def describe_generated_template(self) -> ActionResult:
        """Handle DescribeGeneratedTemplate."""
        template = self._generated_template()
        described = {
            **_template_in_short(template),
            "Resources": [_describe_resource(each) for each in template.resources] or None,
            "Progress": _progress(template),
            "TemplateConfiguration": {
                "DeletionPolicy": template.deletion_policy,
                "UpdateReplacePolicy": template.update_replace_policy,
            },
            "TotalWarnings": sum(len(each.warnings) for each in template.resources),
        }
        return ActionResult(present(described))

    def get_generated_template(self) -> ActionResult:
        """Handle GetGeneratedTemplate."""
        template = self._generated_template()
        text_of = generated_template.as_json
        if self._checked().get("Format") == "YAML":
            text_of = generated_template.as_yaml
        return ActionResult({"Status": template.status, "TemplateBody": text_of(template.body())})

    def list_generated_templates(self) -> ActionResult:
        """Handle ListGeneratedTemplates."""
        templates = self.backend.generated_templates.all()
        size = self._checked().get("MaxResults", TEMPLATES_PER_PAGE)
        return self.page("Summaries", templates, _summarize_template, size)

    def delete_generated_template(self) -> ActionResult:
        """Handle DeleteGeneratedTemplate."""
        self.backend.generated_templates.delete(self._checked()["GeneratedTemplateName"])
        return EmptyResult()

    # -- helpers ----------------------------------------------------------------------------------

    def _generated_template(self) -> GeneratedTemplate:
        name = self._checked()["GeneratedTemplateName"]
        return self.backend.generated_templates.get(name)


def _page_size(asked: dict[str, Any], default: int) -> int:
    """The request's MaxResults. Raises ValidationError if it is not within 1 and 100.

    The API's model has no limits for it; its documentation has the upper one.
    """
    size: int = asked.get("MaxResults", default)
    if not 1 <= size <= 100:
        limit = "greater than or equal to 1" if size < 1 else "less than or equal to 100"
        raise ValidationError(
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy "
            f"constraint: Member must have value {limit}"
        )
    return size


def _is_wanted(resource: ScannedResource, asked: dict[str, Any]) -> bool:
    """Whether a resource passes the filters of ListResourceScanResources."""
    key, value = asked.get("TagKey"), asked.get("TagValue")
    return (
        any(asked.get("ResourceIdentifier", "") in part for part in resource.identifier.values())
        and resource.type_name.startswith(asked.get("ResourceTypePrefix", ""))
        and (
            (key is None and value is None)
            or any(
                key in (None, own_key) and value in (None, own_value)
                for own_key, own_value in resource.tags.items()
            )
        )
    )


def _scan_in_short(scan: ResourceScan) -> dict[str, Any]:
    return present(
        {
            "ResourceScanId": scan.arn,
            "Status": scan.status,
            "StatusReason": scan.reason,
            "StartTime": scan.started,
            "EndTime": scan.ended,
            "PercentageCompleted": scan.percentage,
        }
    )


def _summarize_scan(scan: ResourceScan) -> dict[str, Any]:
    return {**_scan_in_short(scan), "ScanType": scan.kind}


def _template_in_short(template: GeneratedTemplate) -> dict[str, Any]:
    return {
        "GeneratedTemplateId": template.arn,
        "GeneratedTemplateName": template.name,
        "Status": template.status,
        "StatusReason": template.reason,
        "CreationTime": template.created,
        "LastUpdatedTime": template.updated,
    }


def _summarize_template(template: GeneratedTemplate) -> dict[str, Any]:
    short = _template_in_short(template)
    return present({**short, "NumberOfResources": len(template.resources)})


def _describe_resource(resource: TemplateResource) -> dict[str, Any]:
    return present(
        {
            "ResourceType": resource.type_name,
            "LogicalResourceId": resource.logical_id,
            "ResourceIdentifier": resource.identifier,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason,
            "Warnings": resource.warnings,
        }
    )


def _progress(template: GeneratedTemplate) -> dict[str, int]:
    statuses = [resource.status for resource in template.resources]
    return {
        "ResourcesSucceeded": statuses.count("COMPLETE"),
        "ResourcesFailed": statuses.count("FAILED"),
        "ResourcesProcessing": statuses.count("IN_PROGRESS"),
        "ResourcesPending": statuses.count("PENDING"),
    }
