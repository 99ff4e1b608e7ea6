"""What the demo does in the account of its sandbox, through the clients that anyone would use."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from project.settings import schema_path
from sandbox.hosting.type_schema import TypeSchema
from sandbox.process import settings
from tools.demo.errors import StoryFailed, TemplateRejected

POLL_SECONDS = 0.1
TIME_LIMIT_SECONDS = 120

Event = dict[str, Any]


class Account:
    """The account in the sandbox at ``url``.

    type_names: the names under which the resource type is registered there.
    """

    def __init__(self, url: str, type_names: Collection[str]) -> None:
        self._type_names = type_names
        credentials = settings(url)
        session = boto3.Session(
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            region_name=credentials["AWS_DEFAULT_REGION"],
        )
        self._cloudformation = session.client("cloudformation", endpoint_url=url)
        self._cloudcontrol = session.client("cloudcontrol", endpoint_url=url)
        self._sagemaker = session.client("sagemaker", endpoint_url=url)
        self._iam = session.client("iam", endpoint_url=url)
        self._s3 = session.client("s3", endpoint_url=url)
        self._seen: set[str] = set()

    def create_stack(
        self, stack: str, template: str, tags: Mapping[str, str], parameters: Mapping[str, str]
    ) -> Iterator[Event]:
        """Begin to create a stack. The events that it returns arrive until the creation ends.

        Raises TemplateRejected if it does not even begin, and so does an update.
        """
        return self._deploy(self._cloudformation.create_stack, stack, template, tags, parameters)

    def update_stack(
        self, stack: str, template: str, tags: Mapping[str, str], parameters: Mapping[str, str]
    ) -> Iterator[Event]:
        """Begin to update a stack. The new events that it returns arrive until the update ends."""
        return self._deploy(self._cloudformation.update_stack, stack, template, tags, parameters)

    def delete_stack(self, stack: str) -> Iterator[Event]:
        """Delete a stack. Yields its new events as they arrive.

        Raises StoryFailed if a resource cannot be deleted.
        """
        stack_id = self._stack(stack)["StackId"]
        self._cloudformation.delete_stack(StackName=stack_id)
        yield from self._new_events(stack_id)
        self.expect(stack_id, "DELETE_COMPLETE")

    def expect(self, stack: str, status: str) -> None:
        """Raise StoryFailed if a stack has another status."""
        found = self._stack(stack)["StackStatus"]
        if found != status:
            raise StoryFailed(f"The stack is {found}, not {status}. The reason is above.")

    def outputs(self, stack: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in self._stack(stack).get("Outputs", [])
        }

    def resources(self, stack: str) -> dict[str, str]:
        """Return the physical ids of a stack's resources by their logical ids."""
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in self._resources_of(stack)
        }

    def definitions(self, stack: str) -> dict[str, str]:
        """Return the names of the type that a stack's definitions have, by their ARNs."""
        return {
            each["PhysicalResourceId"]: each["ResourceType"]
            for each in self._resources_of(stack)
            if each["ResourceType"] in self._type_names
        }

    def findings(self, operation_id: str) -> list[tuple[str, str]]:
        """Return what the validation of an operation found: places in the template, and reasons."""
        pages = self._cloudformation.get_paginator("describe_events").paginate(
            OperationId=operation_id
        )
        found = [event for page in pages for event in page["OperationEvents"]]
        return [
            (event["ValidationPath"], event["ValidationStatusReason"])
            for event in reversed(found)
            if event["EventType"] == "VALIDATION_ERROR"
        ]

    def describe(self, arn: str) -> dict[str, Any]:
        """Return a definition as SageMaker holds it."""
        answer = self._sagemaker.describe_model_quality_job_definition(
            JobDefinitionName=arn.rpartition("/")[2]
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a definition, in the order of their keys."""
        pages = self._sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
        return dict(sorted((tag["Key"], tag["Value"]) for page in pages for tag in page["Tags"]))

    def set_tag(self, arn: str, key: str, value: str) -> None:
        """Give a definition a tag, outside of its stack."""
        self._sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])

    def detect_drift(self, stack: str) -> str:
        """Detect the drift of a stack. Returns its drift status."""
        detection = self._cloudformation.detect_stack_drift(StackName=stack)
        runs = _asked_until_enough(
            lambda: self._cloudformation.describe_stack_drift_detection_status(
                StackDriftDetectionId=detection["StackDriftDetectionId"]
            ),
            "Drift detection",
        )
        run = next(run for run in runs if run["DetectionStatus"] != "DETECTION_IN_PROGRESS")
        if run["DetectionStatus"] == "DETECTION_FAILED":
            raise StoryFailed(f"Drift detection failed: {run['DetectionStatusReason']}")
        return str(run["StackDriftStatus"])

    def differences(self, stack: str) -> list[tuple[str, str, str, str]]:
        """Return what has drifted: logical id, property, the template's value, the actual one."""
        drifts = self._cloudformation.describe_stack_resource_drifts(
            StackName=stack, StackResourceDriftStatusFilters=["MODIFIED"]
        )["StackResourceDrifts"]
        return [
            (
                drift["LogicalResourceId"],
                difference["PropertyPath"],
                difference["ExpectedValue"],
                difference["ActualValue"],
            )
            for drift in drifts
            for difference in drift["PropertyDifferences"]
        ]

    def copy(self, arn: str, type_name: str) -> Event:
        """Create a definition like that of `arn` through Cloud Control, with a name of its own.

        type_name: the definition's name of the type. Returns the last progress event of the
        request, as `remove` does.
        """
        read = self._cloudcontrol.get_resource(TypeName=type_name, Identifier=arn)
        desired = TypeSchema(json.loads(schema_path().read_text("utf-8"))).declarable(
            json.loads(read["ResourceDescription"]["Properties"])
        )
        del desired["JobDefinitionName"]
        return self._finished(
            self._cloudcontrol.create_resource(TypeName=type_name, DesiredState=json.dumps(desired))
        )

    def remove(self, arn: str, type_name: str) -> Event:
        """Delete a definition through Cloud Control."""
        return self._finished(
            self._cloudcontrol.delete_resource(TypeName=type_name, Identifier=arn)
        )

    def inventory(self) -> dict[str, int]:
        """Count what is in the account, of the kinds that the examples create."""
        sagemaker = self._sagemaker
        definitions = sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"]
        schedules = sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]
        return {
            "model quality job definitions": len(definitions),
            "monitoring schedules": len(schedules),
            "endpoints": len(sagemaker.list_endpoints()["Endpoints"]),
            "endpoint configurations": len(sagemaker.list_endpoint_configs()["EndpointConfigs"]),
            "models": len(sagemaker.list_models()["Models"]),
            "roles": len(self._iam.list_roles()["Roles"]),
            "buckets": len(self._s3.list_buckets()["Buckets"]),
        }

    def _deploy(
        self,
        operation: Callable[..., Any],
        stack: str,
        template: str,
        tags: Mapping[str, str],
        parameters: Mapping[str, str],
    ) -> Iterator[Event]:
        try:
            answer = operation(
                StackName=stack,
                TemplateBody=template,
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in parameters.items()
                ],
            )
        except ClientError as error:
            raise TemplateRejected(error.response["Error"]["Message"]) from error
        return self._new_events(answer["StackId"])

    def _new_events(self, stack_id: str) -> Iterator[Event]:
        # Not DescribeStacks, whose answer the sandbox holds while the stack is in progress.
        answers = _asked_until_enough(
            lambda: self._cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"],
            "The operation on the stack",
        )
        for events in answers:
            for event in reversed(events):
                if event["EventId"] not in self._seen:
                    self._seen.add(event["EventId"])
                    yield event
            newest = events[0]
            ended = not newest["ResourceStatus"].endswith("_IN_PROGRESS")
            if newest["PhysicalResourceId"] == stack_id and ended:
                return

    def _stack(self, stack: str) -> dict[str, Any]:
        (described,) = self._cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return dict(described)

    def _resources_of(self, stack: str) -> list[dict[str, Any]]:
        resources: list[dict[str, Any]] = self._cloudformation.describe_stack_resources(
            StackName=stack
        )["StackResources"]
        return resources

    def _finished(self, answer: Mapping[str, Any]) -> Event:
        """Wait for the end of a request to Cloud Control. Returns its last progress event.

        Raises StoryFailed if the request fails.
        """
        token = answer["ProgressEvent"]["RequestToken"]
        progress_events = _asked_until_enough(
            lambda: self._cloudcontrol.get_resource_request_status(RequestToken=token)[
                "ProgressEvent"
            ],
            "The request to Cloud Control",
        )
        progress = next(
            each
            for each in progress_events
            if each["OperationStatus"] not in ("PENDING", "IN_PROGRESS")
        )
        if progress["OperationStatus"] != "SUCCESS":
            raise StoryFailed(f"Cloud Control: {progress['StatusMessage']}")
        return dict(progress)


def _asked_until_enough(ask: Callable[[], Any], what: str) -> Iterator[Any]:
    """Yield one answer after the other, with a pause between them, until the caller has enough.

    what: what is waited for. Raises StoryFailed if it takes too long.
    """
    until = time.monotonic() + TIME_LIMIT_SECONDS
    while time.monotonic() < until:
        yield ask()
        time.sleep(POLL_SECONDS)
    raise StoryFailed(f"{what} took more than {TIME_LIMIT_SECONDS} s.")
