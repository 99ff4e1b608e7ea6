"""What moto's CloudFormation engine needs of SageMaker to deploy whole examples.

`MonitoringSchedule` is the type that moto lacks. `serve` says which service it works on.

moto has Endpoint, EndpointConfig and Model, but gives each a name that it makes up, whatever the
template says, and as long as the stack's name makes it. Importing this module mends that too.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any, ClassVar

from botocore.model import Shape
from moto.core.common_models import CloudFormationModel
from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, Model

from sandbox import moto_seams
from sandbox.json_service.errors import ServiceError
from sandbox.json_service.models import input_shape
from sandbox.sagemaker.service import SageMakerService

_MAX_NAME = 63
_OF_BOOLEANS: dict[str, dict[str, Any]] = {
    "boolean": {"true": True, "false": False},
    "structure": {"true": {}, "false": None},
}
_ATTRIBUTES = ("MonitoringScheduleArn", "CreationTime", "LastModifiedTime")
_NAME_PROPERTIES: dict[Any, str] = {
    FakeEndpoint: "EndpointName",
    FakeEndpointConfig: "EndpointConfigName",
    Model: "ModelName",
}


def serve(service: SageMakerService) -> None:
    """Let stacks work on this service from now on."""
    MonitoringSchedule.service = service


@moto_seams.add
class MonitoringSchedule(CloudFormationModel):
    """A schedule as a stack's resource.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-monitoringschedule.html

    Every method speaks to the service as a client would, so what the API refuses, a stack is
    refused in the same words (ServiceError). The stack's own tags do not reach the schedule:
    they do not in AWS either (cloudformation-coverage-roadmap issue 2338).
    """

    service: ClassVar[SageMakerService | None] = None

    def __init__(self, account_id: str, region_name: str, name: str, arn: str) -> None:
        """Refer to a schedule that exists."""
        self.account_id = account_id
        self.region_name = region_name
        self.name = name
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        """Return what Ref gives: the ARN, which is the type's primary identifier."""
        return self.arn

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return the property that names the schedule."""
        return "MonitoringScheduleName"

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SageMaker::MonitoringSchedule"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Return whether Fn::GetAtt has that attribute."""
        return attr in _ATTRIBUTES

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return the value of Fn::GetAtt."""
        from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

        if attribute_name not in _ATTRIBUTES:
            raise UnformattedGetAttTemplateException
        request = {"MonitoringScheduleName": self.name}
        value = _call(self.account_id, self.region_name, "DescribeMonitoringSchedule", request)[
            attribute_name
        ]
        if isinstance(value, float):
            moment = datetime.fromtimestamp(value, timezone.utc)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return str(value)

    def is_created(self) -> bool:
        """Return that the schedule is there, which it is as soon as it was made."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - the signature is moto's
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ARG003 - the signature is moto's
    ) -> "MonitoringSchedule":
        """Make the schedule that the properties describe. Its name is required, not made up."""
        request = _request(cloudformation_json)
        answer = _call(account_id, region_name, "CreateMonitoringSchedule", request)
        name = request["MonitoringScheduleName"]
        return cls(account_id, region_name, name, answer["MonitoringScheduleArn"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,  # noqa: ARG003 - the signature is moto's
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "MonitoringSchedule":
        """Change configuration and tags in place. The name cannot change: it is create-only."""
        request = _request(cloudformation_json)
        desired = request.pop("Tags", [])
        _call(account_id, region_name, "UpdateMonitoringSchedule", request)
        arn = {"ResourceArn": original_resource.arn}
        kept = {tag["Key"] for tag in desired}
        # AddTags answers with all tags there are, where ListTags would give a page.
        tags = _call(account_id, region_name, "AddTags", {**arn, "Tags": []})["Tags"]
        if gone := [tag["Key"] for tag in tags if tag["Key"] not in kept]:
            _call(account_id, region_name, "DeleteTags", {**arn, "TagKeys": gone})
        _call(account_id, region_name, "AddTags", {**arn, "Tags": desired})
        return cls(account_id, region_name, original_resource.name, original_resource.arn)

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - the signature is moto's
        account_id: str,
        region_name: str,
    ) -> None:
        """Delete the schedule of that ARN; one that is gone already is deleted."""
        request = {"MonitoringScheduleName": resource_name.rpartition("/")[2]}
        try:
            _call(account_id, region_name, "DeleteMonitoringSchedule", request)
        except ServiceError as error:
            if error.code != "ResourceNotFound":
                raise


def _call(account: str, region: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    service = MonitoringSchedule.service
    if service is None:
        raise RuntimeError("sandbox.sagemaker.cloudformation.serve() has not been called")
    answer: dict[str, Any] = service.call(account, region, operation, request) or {}
    return answer


def _request(cloudformation_json: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that CreateMonitoringSchedule takes, in its shape.

    The others (EndpointName, FailureReason, ...) describe a schedule and do not configure it.
    """
    properties = cloudformation_json["Properties"]
    shape = input_shape("sagemaker", "CreateMonitoringSchedule")
    return {
        name: _in_api_types(member, properties[name])
        for name, member in shape.members.items()
        if name in properties
    }


def _in_api_types(shape: Shape, value: Any) -> Any:
    """Return a property as the API takes it, as far as the two differ.

    CloudFormation takes any scalar for a string, and strings for numbers and booleans; and it
    has a boolean for `Parquet`, which is an empty structure in the API. What does not convert
    stays as it is, for the service to refuse.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        known = shape.members
        return {
            name: _in_api_types(known[name], item) if name in known else item
            for name, item in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_in_api_types(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: _in_api_types(shape.value, item) for key, item in value.items()}
    text = json.dumps(value) if isinstance(value, (bool, int, float)) else value
    return _from_text(kind, text) if isinstance(text, str) else value


def _from_text(kind: str, text: str) -> Any:
    if kind in _OF_BOOLEANS:
        return _OF_BOOLEANS[kind].get(text.lower(), text)
    if kind in ("integer", "double"):
        with suppress(ValueError):
            return json.loads(text)
    return text


def _mend_names() -> None:
    for model, name_property in _NAME_PROPERTIES.items():
        model.cloudformation_name_type = staticmethod(lambda named=name_property: named)
        create = model.create_from_cloudformation_json.__func__
        model.create_from_cloudformation_json = classmethod(_with_short_name(create))


def _with_short_name(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_with_short_name(cls: Any, resource_name: str, *args: Any, **kwargs: Any) -> Any:
        if len(resource_name) > _MAX_NAME:
            stack_and_logical_id, _, suffix = resource_name.rpartition("-")
            room = _MAX_NAME - len(suffix) - 1
            resource_name = f"{stack_and_logical_id[:room].rstrip('-')}-{suffix}"
        return create(cls, resource_name, *args, **kwargs)

    return create_with_short_name


_mend_names()
