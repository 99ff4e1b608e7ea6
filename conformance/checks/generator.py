"""What the IaC generator finds, and what is in the templates that it writes.

In an account these are templates of AWS's own type: the documentation has no others.
"""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.aws import Aws, Definition, Document
from conformance.belief import Run, belief
from conformance.checks.stacks import Stack
from conformance.expectations import expect, expect_equal, refusal

generator_belief: Callable[[str], Callable[[Run], Run]] = partial(belief, needs="generator")
AWS_TYPE = "AWS::SageMaker::ModelQualityJobDefinition"
LOGICAL_ID = "SageMakerModelQualityJobDefinition"


class Template:
    """A generated template, which is settled."""

    def __init__(self, aws: Aws, *resources: Document, ending: str = "", **more: Any) -> None:
        """Generate it of these resources.

        ending: of its name. more: further arguments of the request.
        """
        self._aws = aws
        self.name = aws.template_name() + ending
        answer = aws.cloudformation.create_generated_template(
            GeneratedTemplateName=self.name, Resources=list(resources), **more
        )
        self.arn = answer["GeneratedTemplateId"]
        aws.eventually(lambda: self.status in ("COMPLETE", "FAILED"), self.describe)

    def describe(self) -> Document:
        """What DescribeGeneratedTemplate answers."""
        named = {"GeneratedTemplateName": self.name}
        return dict(self._aws.cloudformation.describe_generated_template(**named))

    @property
    def status(self) -> str:
        """Its status."""
        return str(self.describe()["Status"])

    def completed(self) -> "Template":
        """Raise BeliefBroken unless it is complete."""
        expect(self.status == "COMPLETE", self.describe())
        return self

    def body(self, **more: Any) -> str:
        """The template as text. more: the format."""
        named = {"GeneratedTemplateName": self.name}
        answer = self._aws.cloudformation.get_generated_template(**named, **more)
        return str(answer["TemplateBody"])

    def document(self) -> Document:
        """The template."""
        return dict(json.loads(self.body(Format="JSON")))

    def resource(self) -> Document:
        """Its only resource, as the template has it."""
        [entry] = self.document()["Resources"].values()
        return dict(entry)


def _type_name(aws: Aws) -> str:
    """AWS's own type, or the one that the sandbox has under whichever name."""
    return str(aws.type_name) if aws.sandbox else AWS_TYPE


def _of(aws: Aws, made: Definition, **more: str) -> Document:
    """What names a definition in a request."""
    identifier = {"JobDefinitionArn": made.arn}
    return {"ResourceType": _type_name(aws), "ResourceIdentifier": identifier, **more}


def _scan(aws: Aws, type_name: str) -> tuple[dict[str, str], Document]:
    """Scan the resources of a type. Returns what names the scan, and its description."""
    request = {"ScanFilters": [{"Types": [type_name]}]}
    answer = aws.cloudformation.start_resource_scan(**request)
    scan = {"ResourceScanId": str(answer["ResourceScanId"])}

    def described() -> Document:
        return dict(aws.cloudformation.describe_resource_scan(**scan))

    aws.eventually(lambda: described()["Status"] != "IN_PROGRESS", described)
    expect_equal(described()["Status"], "COMPLETE")
    return scan, described()


@generator_belief("B157")
def a_template_is_generated_without_a_scan(aws: Aws) -> None:
    template = Template(aws, _of(aws, aws.create())).completed().describe()
    expect_equal(template["StatusReason"], "All resources complete")
    [resource] = template["Resources"]
    expect_equal(resource["ResourceStatus"], "COMPLETE")
    expect_equal(template["Progress"]["ResourcesSucceeded"], 1)


@generator_belief("B158")
def a_generated_resource_is_retained_unless_the_request_says_otherwise(aws: Aws) -> None:
    made = aws.create()
    configurations: tuple[Document, ...] = (
        {},
        {"TemplateConfiguration": {"DeletionPolicy": "DELETE"}},
    )
    policies = [
        (entry["DeletionPolicy"], entry["UpdateReplacePolicy"])
        for more in configurations
        for entry in [Template(aws, _of(aws, made), **more).completed().resource()]
    ]
    expect_equal(policies, [("Retain", "Retain"), ("Delete", "Retain")])


@generator_belief("B159")
def a_generated_template_says_which_one_it_is(aws: Aws) -> None:
    template = Template(aws, _of(aws, aws.create())).completed()
    expect(":generatedTemplate/" in template.arn, template.arn)
    expect(template.body().lstrip().startswith("{"), template.body()[:100])
    expect_equal(
        template.document()["Metadata"], {"AWSToolsMetrics": {"IaC_Generator": template.arn}}
    )


@generator_belief("B160")
def a_generated_resource_has_what_describe_shows_but_read_only_properties(aws: Aws) -> None:
    made = aws.create()
    properties = Template(aws, _of(aws, made)).completed().resource()["Properties"]
    shown = aws.describe(made.name)
    for name in ("JobDefinitionArn", "CreationTime"):
        del shown[name]
    expect_equal({name: properties.get(name) for name in shown}, shown)
    expect({"JobDefinitionArn", "CreationTime"}.isdisjoint(properties), properties)


@generator_belief("B161")
def an_optional_write_only_property_is_left_out_with_a_warning(aws: Aws) -> None:
    template = Template(aws, _of(aws, aws.create())).completed()
    expect("EndpointName" not in template.resource()["Properties"], template.resource())
    described = template.describe()
    expect_equal(described["TotalWarnings"], 1)
    [warning] = described["Resources"][0]["Warnings"]
    expect_equal(warning["Type"], "UNSUPPORTED_PROPERTIES")
    found = [(each["PropertyPath"], each["Required"]) for each in warning["Properties"]]
    expect_equal(found, [("EndpointName", False)])


@generator_belief("B162")
def a_logical_id_is_made_of_service_and_type_unless_the_request_has_one(aws: Aws) -> None:
    resources = (_of(aws, aws.create()), _of(aws, aws.create(), LogicalResourceId="Mine"))
    template = Template(aws, *resources).completed()
    described = template.describe()["Resources"]
    made, given = (each["LogicalResourceId"] for each in described)
    expect(bool(re.fullmatch(rf"{LOGICAL_ID}[A-Za-z0-9]*", made)), made)
    expect_equal(given, "Mine")
    expect_equal({*template.document()["Resources"]}, {made, given})


@generator_belief("B163")
def a_resource_that_is_not_there_fails_the_template_which_is_empty(aws: Aws) -> None:
    made = aws.create()
    template = Template(aws, _of(aws, made._replace(arn=f"{made.arn}-absent")))
    described = template.describe()
    expect_equal(described["Status"], "FAILED")
    words = "See template resources for details of the failure."
    expect_equal(described["StatusReason"], words)
    expect_equal(described["Resources"][0]["ResourceStatus"], "FAILED")
    expect(not template.document().get("Resources"), template.document())


@generator_belief("B164")
def a_generated_template_is_known_by_its_name_and_its_arn_until_it_is_deleted(aws: Aws) -> None:
    template = Template(aws, _of(aws, aws.create())).completed()
    cloudformation = aws.cloudformation
    named, by_arn = ({"GeneratedTemplateName": each} for each in (template.name, template.arn))
    taken = refusal(cloudformation.create_generated_template, **named)
    expect_equal(taken.code, "AlreadyExistsException")
    resource = _of(aws, aws.create())
    other = {"GeneratedTemplateName": aws.template_name()}
    twice = refusal(
        cloudformation.create_generated_template, **other, Resources=[resource, resource]
    )
    expect_equal(twice.code, "ValidationError")
    odd = Template(aws, resource, ending=" /:").completed()
    cloudformation.delete_generated_template(GeneratedTemplateName=odd.name)
    answer = cloudformation.describe_generated_template(**by_arn)
    expect_equal(answer["GeneratedTemplateName"], template.name)
    cloudformation.delete_generated_template(**by_arn)
    for request in (named, by_arn):
        gone = refusal(cloudformation.describe_generated_template, **request)
        expect_equal((gone.code, gone.status), ("GeneratedTemplateNotFound", 404))


@generator_belief("B165")
def a_partial_scan_finds_a_definition_by_a_part_of_its_identifier_and_by_its_tags(aws: Aws) -> None:
    cloudformation, type_name = aws.cloudformation, _type_name(aws)
    made = aws.create(Tags=[{"Key": "team", "Value": "churn"}])
    aws.comes_to_have(made.arn, {"team": "churn"})
    scan, seen = _scan(aws, type_name)
    expect_equal(seen["ResourceTypes"], [type_name])
    wanted = {
        "ResourceType": type_name,
        "ResourceIdentifier": {"JobDefinitionArn": made.arn},
        "ManagedByStack": False,
    }
    for filters in ({}, {"TagKey": "team", "TagValue": "churn"}):
        part = {"ResourceIdentifier": made.name, **filters}
        found = cloudformation.list_resource_scan_resources(**scan, **part)["Resources"]
        expect_equal(found, [wanted])
    # Full scans are what it lists by default.
    for kind, listed in (({}, False), ({"ScanTypeFilter": "PARTIAL"}, True)):
        scans = cloudformation.list_resource_scans(**kind)["ResourceScanSummaries"]
        expect(
            (scan["ResourceScanId"] in [each["ResourceScanId"] for each in scans]) is listed, scans
        )


@belief("B166", needs="generator and stacks")
def a_registered_type_and_what_a_stack_manages_can_be_scanned_and_generated(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    scan, _ = _scan(aws, str(aws.type_name))
    part = {"ResourceIdentifier": stack.definition}
    [found] = aws.cloudformation.list_resource_scan_resources(**scan, **part)["Resources"]
    expect(found.pop("ManagedByStack"), "no stack manages it")
    expect_equal(found["ResourceType"], aws.type_name)
    expect_equal(Template(aws, found).completed().resource()["Type"], aws.type_name)
