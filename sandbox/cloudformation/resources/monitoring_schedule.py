"""AWS::SageMaker::MonitoringSchedule, which moto does not support."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from botocore.model import Shape

from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation
from sandbox.hosting.place import Place
from sandbox.json_service.caller import Caller
from sandbox.json_service.errors import ServiceError
from sandbox.json_service.models import input_shape
from sandbox.sagemaker.service import SageMakerService

MONITORING_SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
_ATTRIBUTES = ("MonitoringScheduleArn", "CreationTime", "LastModifiedTime")
_OF_BOOLEANS: dict[str, dict[str, Any]] = {
    "boolean": {"true": True, "false": False},
    "structure": {"true": {}, "false": None},
}


class MonitoringSchedule(AwsResource):
    """The schedules of a service in one place; physical id and Ref are the schedule's ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-monitoringschedule.html

    It calls the service like a client, so stacks get the API's errors and messages. The stack's own
    tags are not put on the schedule, as in AWS (cloudformation-coverage-roadmap issue 2338).
    """

    def __init__(self, service: SageMakerService, place: Place) -> None:
        super().__init__(MONITORING_SCHEDULE, place.region)
        self._service = service
        self._place = place

    def has_attribute(self, name: str) -> bool:
        """Whether the type has the attribute."""
        return name in _ATTRIBUTES

    def attribute(self, instance: Instance, name: str) -> str:
        """The attribute as DescribeMonitoringSchedule returns it; times are in ISO 8601.

        Raises ResourceFailed if there is no such attribute, or the call fails.
        """
        if name not in _ATTRIBUTES:
            raise self.unknown_attribute(name)
        with self.failing_readably():
            value = self._call("DescribeMonitoringSchedule", _named(instance))[name]
        if isinstance(value, float):
            moment = datetime.fromtimestamp(value, timezone.utc)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return str(value)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the schedule. Its name is required; none is generated.

        Raises ResourceFailed if the service rejects it.
        """
        with self.failing_readably():
            answer = self._call("CreateMonitoringSchedule", _request(properties))
        arn = answer["MonitoringScheduleArn"]
        instance = Instance(arn, properties, operation.stack_tags)
        operation.identified(instance)
        return instance

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Change configuration and tags in place.

        Raises ResourceFailed if the service rejects it.
        """
        with self.failing_readably():
            request = _request(properties)
            desired = request.pop("Tags", [])
            self._call("UpdateMonitoringSchedule", request)
            self._set_tags(instance.physical_id, desired)
        return Instance(instance.physical_id, properties, operation.stack_tags)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Delete the schedule, which need not exist. Raises ResourceFailed if the service fails."""
        with self.failing_readably():
            try:
                self._call("DeleteMonitoringSchedule", _named(instance))
            except ServiceError as error:
                if error.code != "ResourceNotFound":
                    raise

    def _set_tags(self, arn: str, desired: list[dict[str, str]]) -> None:
        resource = {"ResourceArn": arn}
        kept = {tag["Key"] for tag in desired}
        # AddTags returns all tags, whereas ListTags would return a page of them.
        tags = self._call("AddTags", {**resource, "Tags": []})["Tags"]
        if gone := [tag["Key"] for tag in tags if tag["Key"] not in kept]:
            self._call("DeleteTags", {**resource, "TagKeys": gone})
        self._call("AddTags", {**resource, "Tags": desired})

    def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        caller = Caller(self._place.account_id, self._place.region)
        return self._service.call(caller, operation, request) or {}


def _named(instance: Instance) -> dict[str, Any]:
    # The name in an ARN may be in lower case; the service ignores case.
    return {"MonitoringScheduleName": instance.physical_id.rpartition("/")[2]}


def _request(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that CreateMonitoringSchedule accepts, in its shape.

    The others (EndpointName, FailureReason, ...) describe a schedule and do not configure it.
    """
    shape = input_shape("sagemaker", "CreateMonitoringSchedule")
    return {
        name: _in_api_types(member, properties[name])
        for name, member in shape.members.items()
        if name in properties
    }


def _in_api_types(shape: Shape, value: Any) -> Any:
    """A property in the API's types.

    CloudFormation accepts any scalar as a string, and strings as numbers and booleans. It has a
    boolean for `Parquet`, which is an empty structure in the API. A value that cannot be converted
    is left unchanged, so that the service rejects it.
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
