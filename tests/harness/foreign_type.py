"""A resource type as others write them: of another service, on the CloudFormation CLI's Python
plugin, with callbacks, tags, a pattern for Java and a configuration of its own."""

import json
import shutil
from pathlib import Path
from typing import Any

from project import ROOT
from project.type_name import hyphenated, module
from tests.harness.registry import ROLE, settings_of
from tools.cloudformation_cli import cfn

TYPE_NAME = "Acme::Settings::Entry"
NAMESPACE = "/acme/settings"
EXPORT = "Contract-Owner"

#: What the inputs need: a topic, whose ARN they name.
SETUP = f"""
Resources:
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  Owner:
    Value: !Ref Topic
    Export:
      Name: {EXPORT}
"""

SCHEMA: dict[str, Any] = {
    "typeName": TYPE_NAME,
    "description": "An entry among the settings, kept as a parameter of Systems Manager.",
    "definitions": {
        "Tag": {
            "type": "object",
            "properties": {
                "Key": {"type": "string", "minLength": 1, "maxLength": 128},
                "Value": {"type": "string", "maxLength": 256},
            },
            "required": ["Key", "Value"],
            "additionalProperties": False,
        }
    },
    "properties": {
        "Name": {"type": "string", "pattern": "^[\\p{javaLetterOrDigit}._-]{1,64}+$"},
        "Content": {
            "type": "string",
            "pattern": "^[ -\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\n]{1,200}\\Z",
        },
        "Owner": {"type": "string"},
        "Revision": {"type": "integer"},
        "Tags": {
            "type": "array",
            "insertionOrder": False,
            "items": {"$ref": "#/definitions/Tag"},
        },
    },
    "typeConfiguration": {
        "properties": {"Namespace": {"type": "string", "pattern": "^/[a-z/]+$"}},
        "required": ["Namespace"],
        "additionalProperties": False,
    },
    "required": ["Name", "Content"],
    "additionalProperties": False,
    "createOnlyProperties": ["/properties/Name"],
    "readOnlyProperties": ["/properties/Revision"],
    "primaryIdentifier": ["/properties/Name"],
    "tagging": {
        "taggable": True,
        "tagOnCreate": True,
        "tagUpdatable": True,
        "cloudFormationSystemTags": False,
        "tagProperty": "/properties/Tags",
        "permissions": ["ssm:AddTagsToResource"],
    },
    "handlers": {
        action: {"permissions": ["ssm:*"]}
        for action in ("create", "read", "update", "delete", "list")
    },
}

HANDLERS = """
import logging

from cloudformation_cli_python_lib import Action, OperationStatus, ProgressEvent, Resource
from cloudformation_cli_python_lib import exceptions

from .models import ResourceModel, Tag, TypeConfigurationModel

TYPE_NAME = "Acme::Settings::Entry"
LOG = logging.getLogger(__name__)
LOG.setLevel(logging.INFO)

resource = Resource(TYPE_NAME, ResourceModel, TypeConfigurationModel)
test_entrypoint = resource.test_entrypoint


def namespace(request):
    if not request.typeConfiguration or not request.typeConfiguration.Namespace:
        raise exceptions.InvalidTypeConfiguration(TYPE_NAME, "Namespace is missing")
    return request.typeConfiguration.Namespace


def path(request):
    return f"{namespace(request)}/{request.desiredResourceState.Name}"


def tags(model, stack_tags):
    return {**(stack_tags or {}), **{tag.Key: tag.Value for tag in (model and model.Tags) or ()}}


def found(ssm, request):
    try:
        parameter = ssm.get_parameter(Name=path(request))["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        raise exceptions.NotFound(TYPE_NAME, request.desiredResourceState.Name)
    listed = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path(request))
    named = {tag["Key"]: tag["Value"] for tag in listed["TagList"]}
    owner = named.pop("owner", None)
    shown = [Tag(Key=key, Value=value) for key, value in named.items()]
    return ResourceModel(
        Name=request.desiredResourceState.Name,
        Content=parameter["Value"],
        Owner=owner,
        Revision=parameter["Version"],
        Tags=shown or None,
    )


def tag(ssm, request, wanted):
    model = request.desiredResourceState
    wanted = {**wanted, **({"owner": model.Owner} if model.Owner else {})}
    pairs = [{"Key": key, "Value": value} for key, value in wanted.items()]
    if pairs:
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=path(request), Tags=pairs)


@resource.handler(Action.CREATE)
def create(session, request, callback_context):
    ssm, model = session.client("ssm"), request.desiredResourceState
    if not callback_context.get("made"):
        if model.Revision is not None:
            raise exceptions.InvalidRequest("Revision is read-only")
        try:
            ssm.put_parameter(Name=path(request), Value=model.Content, Type="String")
        except ssm.exceptions.ParameterAlreadyExists:
            raise exceptions.AlreadyExists(TYPE_NAME, model.Name)
        LOG.info("made %s", model.Name)
        return ProgressEvent(
            status=OperationStatus.IN_PROGRESS,
            resourceModel=model,
            callbackContext={"made": True},
            callbackDelaySeconds=1,
        )
    tag(ssm, request, tags(model, request.desiredResourceTags))
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=found(ssm, request))


@resource.handler(Action.READ)
def read(session, request, callback_context):
    model = found(session.client("ssm"), request)
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=model)


@resource.handler(Action.UPDATE)
def update(session, request, callback_context):
    ssm, model = session.client("ssm"), request.desiredResourceState
    found(ssm, request)
    ssm.put_parameter(Name=path(request), Value=model.Content, Type="String", Overwrite=True)
    before = tags(request.previousResourceState, request.previousResourceTags)
    wanted = tags(model, request.desiredResourceTags)
    gone = sorted(set(before) - set(wanted))
    if gone:
        ssm.remove_tags_from_resource(
            ResourceType="Parameter", ResourceId=path(request), TagKeys=gone
        )
    tag(ssm, request, wanted)
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModel=found(ssm, request))


@resource.handler(Action.DELETE)
def delete(session, request, callback_context):
    ssm = session.client("ssm")
    found(ssm, request)
    ssm.delete_parameter(Name=path(request))
    return ProgressEvent(status=OperationStatus.SUCCESS)


@resource.handler(Action.LIST)
def list_entries(session, request, callback_context):
    start = namespace(request) + "/"
    pages = session.client("ssm").get_paginator("describe_parameters").paginate()
    names = [each["Name"] for page in pages for each in page["Parameters"]]
    models = [
        ResourceModel(
            Name=name[len(start):], Content=None, Owner=None, Revision=None, Tags=None
        )
        for name in names
        if name.startswith(start)
    ]
    return ProgressEvent(status=OperationStatus.SUCCESS, resourceModels=models)
"""

INPUTS = {
    "create": {
        "Name": "colour",
        "Content": "blue",
        "Owner": "{{" + EXPORT + "}}",
        "Tags": [{"Key": "team", "Value": "a"}],
    },
    "update": {
        "Name": "colour",
        "Content": "green",
        "Owner": "{{" + EXPORT + "}}",
        "Tags": [{"Key": "team", "Value": "b"}],
    },
    "invalid": {"Name": "colour", "Content": "red", "Revision": 7},
}


def write_project(folder: Path) -> Path:
    """Write the project of the type, with the dependencies of this one. Returns the folder."""
    code = folder / "src" / module(TYPE_NAME)
    code.mkdir(parents=True)
    (code / "__init__.py").touch()
    (code / "handlers.py").write_text(HANDLERS)
    shutil.copy(ROOT / "requirements.txt", folder)
    (folder / ".rpdk-config").write_text(json.dumps(settings_of(TYPE_NAME)))
    (folder / f"{hyphenated(TYPE_NAME)}.json").write_text(json.dumps(SCHEMA))
    (folder / "inputs").mkdir()
    for kind, properties in INPUTS.items():
        (folder / "inputs" / f"inputs_1_{kind}.json").write_text(json.dumps(properties))
    cfn("generate", folder)
    (folder / "resource-role.yaml").write_text(ROLE)
    return folder
