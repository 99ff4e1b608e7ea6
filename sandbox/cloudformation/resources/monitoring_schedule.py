"""AWS::SageMaker::MonitoringSchedule, which moto does not support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.resources.api_types import api_request, shown_time
from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation
from sandbox.hosting.place import Place
from sandbox.json_service.caller import Caller
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker.service import SageMakerService

MONITORING_SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
_ATTRIBUTES = ("MonitoringScheduleArn", "CreationTime", "LastModifiedTime")


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
        return shown_time(value) if isinstance(value, float) else str(value)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the schedule. Its name is required; none is generated.

        Raises ResourceFailed if the service rejects it.
        """
        with self.failing_readably():
            answer = self._call(
                "CreateMonitoringSchedule",
                api_request("sagemaker", "CreateMonitoringSchedule", properties),
            )
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
            request = api_request("sagemaker", "CreateMonitoringSchedule", properties)
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
