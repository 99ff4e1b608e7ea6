"""The story that ``make demo`` tells.

It deploys a template through CloudFormation, changes a tag in place, detects drift, creates a
definition through Cloud Control, shows what a mistake in a template causes, deletes everything, and
checks that nothing is left.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from project.settings import schema_path
from sandbox.hosting.type_schema import TypeSchema
from sandbox.process import settings

TYPE_NAME = "AWS::SageMaker::ModelQualityJobDefinition"
POLL_SECONDS = 0.2
TIME_LIMIT_SECONDS = 120
DEPLOYED_STAGE = "production"
CHANGED_STAGE = "experiment"

BROKEN = {
    "Resources": {
        "JobDefinition": {
            "Type": TYPE_NAME,
            "Properties": {
                "ModelQualityAppSpecification": {"ImageUri": "registry/analyzer:1"},
                "ModelQualityJobInput": {
                    "EndpointInput": {"EndpointName": "churn", "LocalPth": "/opt/ml/input"},
                    "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
                },
                "ModelQualityJobOutputConfig": {
                    "MonitoringOutputs": [
                        {"S3Output": {"S3Uri": "s3://bucket/reports", "LocalPath": "/opt/ml/out"}}
                    ]
                },
                "JobResources": {
                    "ClusterConfig": {
                        "InstanceCount": 1,
                        "InstanceType": "ml.m5.large",
                        "VolumeSizeInGB": 20,
                    }
                },
                "RoleArn": "arn:aws:iam::123456789012:role/monitor",
            },
        }
    }
}


class StoryFailed(Exception):
    """Something did not go as expected; the message says what."""


class Story:
    """The story in the sandbox at ``url``, of a template with ``parameters``."""

    def __init__(self, url: str, console: Console, parameters: Mapping[str, str]) -> None:
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
        self._console = console
        self._parameters = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ]
        self._seen: set[str] = set()

    def tell(self, template: str) -> None:
        """Tell all chapters. Raises StoryFailed if a chapter does not end as expected."""
        before = self._inventory()
        self._chapter("Deploy", "CloudFormation creates each resource of the template.")
        tags = {"Project": "churn", "Stage": "test"}
        self._deploy("create_stack", "demo", template, tags, self._parameters)
        self._expect("demo", "CREATE_COMPLETE")
        self._show_outputs("demo")
        definitions = self._definitions("demo")
        for arn in definitions:
            self._show_definition(arn)
        if not definitions:
            self._say(f"The template has no {TYPE_NAME}, so there is none to show.")

        self._chapter(
            "Change a tag", f"The stack's tag Stage becomes '{DEPLOYED_STAGE}', in place."
        )
        tags["Stage"] = DEPLOYED_STAGE
        self._deploy("update_stack", "demo", template, tags, self._parameters)
        self._expect("demo", "UPDATE_COMPLETE")
        if self._definitions("demo") != definitions:
            raise StoryFailed("the definition was replaced, although only a tag changed")
        for arn in definitions:
            self._show_same_definition(arn)
        if definitions:
            arn = definitions[0]
            self._chapter("Drift", "Someone changes the tag in SageMaker, outside of the stack.")
            self._change_by_hand(arn)
            self._show_drift("demo")

            self._chapter(
                "Cloud Control",
                "Terraform, Pulumi and StackQL reach the same handlers through Cloud Control.",
            )
            self._say("One request creates a copy of the definition, another one deletes it.")
            self._copy_through_cloud_control(arn)

        self._chapter("Make a mistake", "The template says LocalPth instead of LocalPath.")
        self._deploy("create_stack", "broken", json.dumps(BROKEN), {})
        self._expect("broken", "ROLLBACK_COMPLETE")
        self._say("Nothing was created. DescribeEvents says where the mistake is, and what.")
        self._delete("broken")

        self._chapter("Delete", "The stack is deleted, with everything that it created.")
        self._delete("demo")
        self._show_what_is_left(before)

    def _chapter(self, title: str, text: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{title}", align="left")
        self._say(text)

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    @staticmethod
    def _table(title: str, *headers: str) -> Table:
        table = Table(title=title, title_justify="left")
        for header in headers:
            # A long ARN continues in the next line. One that is cut off could not be copied.
            table.add_column(header, overflow="fold")
        return table

    def _deploy(
        self,
        operation: str,
        stack: str,
        template: str,
        tags: dict[str, str],
        parameters: Sequence[dict[str, str]] = (),
    ) -> None:
        try:
            answer = getattr(self._cloudformation, operation)(
                StackName=stack,
                TemplateBody=template,
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                Parameters=parameters,
            )
        except (ClientError, BotoCoreError) as error:
            hint = ' Pass PARAMETERS="Name=value ...".' if "Parameters: [" in str(error) else ""
            raise StoryFailed(f"CloudFormation rejected the template: {error}.{hint}") from error
        self._tail(answer["StackId"])

    def _delete(self, stack: str) -> None:
        stack_id = self._stack(stack)["StackId"]
        self._cloudformation.delete_stack(StackName=stack_id)
        self._tail(stack_id)
        self._expect(stack_id, "DELETE_COMPLETE")

    def _tail(self, stack_id: str) -> None:
        """Print the stack's new events as they arrive, until the operation ends."""
        for event in self._new_events(stack_id):
            status = event["ResourceStatus"]
            bad = "FAILED" in status or "ROLLBACK" in status
            style = "dim" if "PROGRESS" in status else "red" if bad else "green"
            line = Text.assemble(
                f"  {event['Timestamp']:%H:%M:%S}  ",
                (f"{status:<36}", style),
                f"{event['LogicalResourceId']:<16} ",
                (event["ResourceType"], "dim"),
            )
            self._console.print(line, soft_wrap=True)
            reason = event.get("ResourceStatusReason")
            if reason:
                self._console.print(Padding(Text(reason, style), (0, 0, 0, 12)))
            if event.get("DetailedStatus") == "VALIDATION_FAILED":
                self._show_findings(event["OperationId"])

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
        raise StoryFailed(f"the operation on the stack took more than {TIME_LIMIT_SECONDS} s")

    def _stack(self, stack: str) -> dict[str, Any]:
        (described,) = self._cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return dict(described)

    def _expect(self, stack: str, status: str) -> None:
        found = self._stack(stack)["StackStatus"]
        if found != status:
            raise StoryFailed(f"the stack is {found}, not {status}; its events say why")

    def _definitions(self, stack: str) -> list[str]:
        resources = self._cloudformation.describe_stack_resources(StackName=stack)
        return [
            resource["PhysicalResourceId"]
            for resource in resources["StackResources"]
            if resource["ResourceType"] == TYPE_NAME
        ]

    def _show_findings(self, operation_id: str) -> None:
        """Show what the validation of an operation found. The stack's own events only count it."""
        pages = self._cloudformation.get_paginator("describe_events").paginate(
            OperationId=operation_id
        )
        found = [event for page in pages for event in page["OperationEvents"]]
        for event in reversed(found):
            if event["EventType"] == "VALIDATION_ERROR":
                lines = (event["ValidationPath"], f"    {event['ValidationStatusReason']}")
                for line in lines:
                    self._console.print(Text(f"{'':12}{line}", "red"), soft_wrap=True)

    def _show_outputs(self, stack: str) -> None:
        outputs = self._stack(stack).get("Outputs", [])
        if outputs:
            table = self._table("Outputs of the stack", "Output", "Value")
            for output in outputs:
                table.add_row(output["OutputKey"], output["OutputValue"])
            self._console.print(table)

    def _describe(self, arn: str) -> dict[str, Any]:
        answer = self._aws["sagemaker"].describe_model_quality_job_definition(
            JobDefinitionName=arn.rpartition("/")[2]
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def _tags(self, arn: str) -> dict[str, str]:
        tags = self._aws["sagemaker"].list_tags(ResourceArn=arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def _show_definition(self, arn: str) -> None:
        self._say("\nThe definition, as SageMaker holds it:")
        self._console.print_json(json.dumps(self._describe(arn), default=str))
        self._show_tags(arn)

    def _show_tags(self, arn: str) -> None:
        table = self._table("Tags of the definition", "Tag", "Value")
        for key, value in sorted(self._tags(arn).items()):
            table.add_row(key, value)
        self._console.print(table)

    def _show_same_definition(self, arn: str) -> None:
        description = self._describe(arn)
        self._say(
            f"The same definition, created at {description['CreationTime']:%H:%M:%S}, "
            "with its new tag:"
        )
        self._show_tags(arn)
        if self._tags(arn).get("Stage") != DEPLOYED_STAGE:
            raise StoryFailed("the definition does not have its new tag")

    def _change_by_hand(self, arn: str) -> None:
        self._aws["sagemaker"].add_tags(
            ResourceArn=arn, Tags=[{"Key": "Stage", "Value": CHANGED_STAGE}]
        )

    def _show_drift(self, stack: str) -> None:
        status = self._drift_status(stack)
        self._say(f"Drift detection says that the stack is {status}:")
        drifts = self._cloudformation.describe_stack_resource_drifts(
            StackName=stack, StackResourceDriftStatusFilters=["MODIFIED"]
        )["StackResourceDrifts"]
        table = self._table("What was changed", "Resource", "Property", "Template", "SageMaker")
        found = [
            (
                drift["LogicalResourceId"],
                difference["PropertyPath"],
                difference["ExpectedValue"],
                difference["ActualValue"],
            )
            for drift in drifts
            for difference in drift["PropertyDifferences"]
        ]
        for row in found:
            table.add_row(*row)
        self._console.print(table)
        if not any(row[2:] == (DEPLOYED_STAGE, CHANGED_STAGE) for row in found):
            raise StoryFailed("drift detection does not show the tag that was changed")

    def _drift_status(self, stack: str) -> str:
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
                raise StoryFailed(f"drift detection failed: {run['DetectionStatusReason']}")
            time.sleep(POLL_SECONDS)
        raise StoryFailed(f"drift detection took more than {TIME_LIMIT_SECONDS} s")

    def _copy_through_cloud_control(self, arn: str) -> None:
        """Create a definition like that of `arn`, with a name of its own, and delete it again."""
        control = self._aws["cloudcontrol"]
        read = control.get_resource(TypeName=TYPE_NAME, Identifier=arn)["ResourceDescription"]
        desired = TypeSchema(json.loads(schema_path().read_text("utf-8"))).declarable(
            json.loads(read["Properties"])
        )
        del desired["JobDefinitionName"]
        table = self._table("Requests to Cloud Control", "Operation", "Status", "Identifier")
        created = self._finished(
            control.create_resource(TypeName=TYPE_NAME, DesiredState=json.dumps(desired))
        )
        deleted = self._finished(
            control.delete_resource(TypeName=TYPE_NAME, Identifier=created["Identifier"])
        )
        for progress in (created, deleted):
            table.add_row(
                progress["Operation"], progress["OperationStatus"], progress["Identifier"]
            )
        self._console.print(table)

    def _finished(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Wait for the end of a request to Cloud Control. Returns its last progress event."""
        control = self._aws["cloudcontrol"]
        request = {"RequestToken": answer["ProgressEvent"]["RequestToken"]}
        control.get_waiter("resource_request_success").wait(
            **request,
            WaiterConfig={
                "Delay": POLL_SECONDS,
                "MaxAttempts": int(TIME_LIMIT_SECONDS / POLL_SECONDS),
            },
        )
        return dict(control.get_resource_request_status(**request)["ProgressEvent"])

    def _inventory(self) -> dict[str, int]:
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

    def _show_what_is_left(self, before: dict[str, int]) -> None:
        left = self._inventory()
        table = self._table("What is left in the account", "What", "Left")
        for what, count in left.items():
            table.add_row(what, str(count))
        self._console.print(table)
        more = [what for what, count in left.items() if count != before[what]]
        if more:
            raise StoryFailed(f"something was left behind: {', '.join(more)}")
