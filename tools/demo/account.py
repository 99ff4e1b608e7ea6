"""What the demo does in the account of its sandbox, through the clients that anyone would use."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

from project.settings import schema_path
from sandbox.hosting.type_schema import TypeSchema
from sandbox.process import settings
from tools.demo.errors import StoryFailed, TemplateRejected

TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
POLL_SECONDS = 0.1
TIME_LIMIT_SECONDS = 120


class Account:
    """The account in the sandbox at ``url``."""

    def __init__(self, url: str) -> None:
        credentials = settings(url)
        session = boto3.Session(
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            region_name=credentials["AWS_DEFAULT_REGION"],
        )
        self._aws = {
            service: session.client(service, endpoint_url=url)
            for service in ("cloudformation", "cloudcontrol", "sagemaker", "iam", "s3")
        }
        self._cloudformation = self._aws["cloudformation"]
        self._seen: set[str] = set()

    def create_stack(
        self, stack: str, template: str, tags: Mapping[str, str], parameters: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        """Create a stack. Yields its events as they arrive, until it is created or is not.

        Raises TemplateRejected if it does not even begin, and so does an update.
        """
        return self._deploy("create_stack", stack, template, tags, parameters)

    def update_stack(
        self, stack: str, template: str, tags: Mapping[str, str], parameters: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        """Update a stack. Yields its new events as they arrive, until the update ends."""
        return self._deploy("update_stack", stack, template, tags, parameters)

    def delete_stack(self, stack: str) -> Iterator[dict[str, Any]]:
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
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in self._in(stack)}

    def definitions(self, stack: str) -> list[str]:
        """Return the ARNs of a stack's definitions."""
        return [
            each["PhysicalResourceId"]
            for each in self._in(stack)
            if each["ResourceType"] == TYPE_NAME
        ]

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
        answer = self._aws["sagemaker"].describe_model_quality_job_definition(
            JobDefinitionName=arn.rpartition("/")[2]
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a definition, in the order of their keys."""
        tags = self._aws["sagemaker"].list_tags(ResourceArn=arn)["Tags"]
        return dict(sorted((tag["Key"], tag["Value"]) for tag in tags))

    def set_tag(self, arn: str, key: str, value: str) -> None:
        """Give a definition a tag, outside of its stack."""
        self._aws["sagemaker"].add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])

    def detect_drift(self, stack: str) -> str:
        """Detect the drift of a stack. Returns its drift status."""
        detection = self._cloudformation.detect_stack_drift(StackName=stack)
        until = time.monotonic() + TIME_LIMIT_SECONDS
        while time.monotonic() < until:
            run = self._cloudformation.describe_stack_drift_detection_status(
                StackDriftDetectionId=detection["StackDriftDetectionId"]
            )
            if run["DetectionStatus"] == "DETECTION_COMPLETE":
                return str(run["StackDriftStatus"])
            if run["DetectionStatus"] == "DETECTION_FAILED":
                raise StoryFailed(f"Drift detection failed: {run['DetectionStatusReason']}")
            time.sleep(POLL_SECONDS)
        raise StoryFailed(f"Drift detection took more than {TIME_LIMIT_SECONDS} s.")

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

    def copy(self, arn: str) -> dict[str, Any]:
        """Create a definition like that of `arn` through Cloud Control, with a name of its own.

        Returns the last progress event of the request, as `remove` does.
        """
        control = self._aws["cloudcontrol"]
        read = control.get_resource(TypeName=TYPE_NAME, Identifier=arn)["ResourceDescription"]
        desired = TypeSchema(json.loads(schema_path().read_text("utf-8"))).declarable(
            json.loads(read["Properties"])
        )
        del desired["JobDefinitionName"]
        return self._finished(
            control.create_resource(TypeName=TYPE_NAME, DesiredState=json.dumps(desired))
        )

    def remove(self, arn: str) -> dict[str, Any]:
        """Delete a definition through Cloud Control."""
        return self._finished(
            self._aws["cloudcontrol"].delete_resource(TypeName=TYPE_NAME, Identifier=arn)
        )

    def inventory(self) -> dict[str, int]:
        """Count what is in the account, of the kinds that the examples create."""
        sagemaker, iam, s3 = (self._aws[name] for name in ("sagemaker", "iam", "s3"))
        definitions = sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"]
        schedules = sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]
        return {
            "model quality job definitions": len(definitions),
            "monitoring schedules": len(schedules),
            "endpoints": len(sagemaker.list_endpoints()["Endpoints"]),
            "endpoint configurations": len(sagemaker.list_endpoint_configs()["EndpointConfigs"]),
            "models": len(sagemaker.list_models()["Models"]),
            "roles": len(iam.list_roles()["Roles"]),
            "buckets": len(s3.list_buckets()["Buckets"]),
        }

    def _deploy(
        self,
        operation: str,
        stack: str,
        template: str,
        tags: Mapping[str, str],
        parameters: Mapping[str, str],
    ) -> Iterator[dict[str, Any]]:
        try:
            answer = getattr(self._cloudformation, operation)(
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
        yield from self._new_events(answer["StackId"])

    def _new_events(self, stack_id: str) -> Iterator[dict[str, Any]]:
        until = time.monotonic() + TIME_LIMIT_SECONDS
        while time.monotonic() < until:
            # Not DescribeStacks, whose answer the sandbox holds while the stack is in progress.
            events = self._cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
            for event in reversed(events):
                if event["EventId"] not in self._seen:
                    self._seen.add(event["EventId"])
                    yield event
            newest = events[0]
            ended = not newest["ResourceStatus"].endswith("_IN_PROGRESS")
            if newest["PhysicalResourceId"] == stack_id and ended:
                return
            time.sleep(POLL_SECONDS)
        raise StoryFailed(f"The operation on the stack took more than {TIME_LIMIT_SECONDS} s.")

    def _stack(self, stack: str) -> dict[str, Any]:
        (described,) = self._cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return dict(described)

    def _in(self, stack: str) -> Sequence[dict[str, Any]]:
        resources: list[dict[str, Any]] = self._cloudformation.describe_stack_resources(
            StackName=stack
        )["StackResources"]
        return resources

    def _finished(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Wait for the end of a request to Cloud Control. Returns its last progress event."""
        control = self._aws["cloudcontrol"]
        request = {"RequestToken": answer["ProgressEvent"]["RequestToken"]}
        attempts = {"Delay": POLL_SECONDS, "MaxAttempts": int(TIME_LIMIT_SECONDS / POLL_SECONDS)}
        try:
            control.get_waiter("resource_request_success").wait(**request, WaiterConfig=attempts)
        except WaiterError as error:
            progress = error.last_response.get("ProgressEvent", {})
            raise StoryFailed(f"Cloud Control: {progress.get('StatusMessage', error)}") from error
        return dict(control.get_resource_request_status(**request)["ProgressEvent"])
