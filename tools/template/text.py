"""The text of a template that is ready for an import, with comments for its new owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonpointer import JsonPointer

from sandbox.generated_template import as_yaml, resource
from sandbox.hosting.pointers import Pointer
from sandbox.hosting.type_schema import TypeSchema
from sandbox.logical_id import LOGICAL_ID, MAX_LOGICAL_ID
from tools.template.errors import TemplateError

DEFAULT_LOGICAL_ID = "JobDefinition"
"""The logical id unless another one is asked for."""

DEFAULTS: tuple[tuple[Pointer, Any], ...] = (
    (("StoppingCondition",), {"MaxRuntimeInSeconds": 3600}),
    *(
        (("ModelQualityJobInput", source, name), value)
        for source in ("EndpointInput", "BatchTransformInput")
        for name, value in (("S3InputMode", "File"), ("S3DataDistributionType", "FullyReplicated"))
    ),
    (
        # There is always one output.
        ("ModelQualityJobOutputConfig", "MonitoringOutputs", "0", "S3Output", "S3UploadMode"),
        "EndOfJob",
    ),
)
"""What SageMaker fills in where a definition says nothing, by its place among the properties. A
test compares this with what the handlers know of it."""

HEADER = "# A model quality job definition, as SageMaker has it:\n# {}\n"
DELETION = "An import needs this. With Retain, the definition stays when the stack is deleted."
NAME = "A change that replaces the definition needs another name here, or none."
DEFAULT = "SageMaker fills this in if it is not set."


def template(arn: str, model: Mapping[str, Any], of_type: TypeSchema, logical_id: str) -> str:
    """The template of one definition, in YAML.

    model: what READ returns. of_type: the schema, with the name that the type has in the template.
    """
    declared = resource(of_type, model)
    its: Pointer = ("Resources", logical_id)
    properties = (*its, "Properties")
    comments = {(*its, "DeletionPolicy"): DELETION, (*properties, "JobDefinitionName"): NAME}
    for pointer, default in DEFAULTS:
        if JsonPointer.from_parts(pointer).resolve(declared["Properties"], None) == default:
            comments[properties + pointer] = DEFAULT
    whole = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {logical_id: declared}}
    return HEADER.format(arn) + as_yaml(whole, comments)


def check_logical_id(logical_id: str) -> str:
    """Return ``logical_id`` unchanged if it is valid. Raises TemplateError otherwise."""
    if not LOGICAL_ID.fullmatch(logical_id):
        raise TemplateError(
            f"LOGICAL_ID is {logical_id!r}, which is not the logical id of a resource.\n"
            f"Use letters and digits, at most {MAX_LOGICAL_ID}, as in "
            f"LOGICAL_ID={DEFAULT_LOGICAL_ID}"
        )
    return logical_id
