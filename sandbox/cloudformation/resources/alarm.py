"""AWS::CloudWatch::Alarm, which moto supports in CloudWatch but not in CloudFormation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation.parsing import generate_resource_name

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.api_types import api_errors, api_request, refuse_unsupported
from sandbox.cloudformation.resources.published_schema import published_type
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.cloudformation.resources.tags import desired_tags, set_tags
from sandbox.hosting.place import Place
from sandbox.moto_client import moto_client
from sandbox.moto_seams import MOTO_LOCK, shortened

ALARM = "AWS::CloudWatch::Alarm"
_MAX_NAME = 255
_LACKING = (
    "ActionConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "WarmUpConfiguration",
)

_ONE_METRIC = (
    "MetricName",
    "Namespace",
    "Dimensions",
    "Period",
    "Statistic",
    "ExtendedStatistic",
)


class Alarm(SchemaResource):
    """The metric alarms in one place; physical id and Ref are the alarm's name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html

    It calls CloudWatch like a client. Nothing evaluates the alarms.
    """

    takes_stack_tags = True

    def __init__(self, place: Place) -> None:
        super().__init__(published_type(ALARM))
        self._place = place

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the alarm. Raises ResourceFailed if CloudWatch rejects it or its name is taken.

        Its state is INSUFFICIENT_DATA, which AWS documents and moto does not do.
        """
        name = properties.get("AlarmName") or shortened(
            generate_resource_name(ALARM, operation.stack.name, operation.logical_id), _MAX_NAME
        )
        with api_errors(ALARM), MOTO_LOCK:
            if self._described(name):
                raise ResourceFailed(status_reasons.already_exists(ALARM, name))
            self._put(name, properties)
            self._client.set_alarm_state(
                AlarmName=name,
                StateValue="INSUFFICIENT_DATA",
                StateReason="Unchecked: Initial alarm creation",
            )
            instance = self._tagged(operation, name, properties)
        operation.identified(instance)
        return instance

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Replace the alarm's configuration and tags. Its state does not change.

        Raises ResourceFailed if CloudWatch rejects it.
        """
        name = instance.physical_id
        with api_errors(ALARM), MOTO_LOCK:
            before = self._described(name)
            self._put(name, properties)
            if before:
                self._client.set_alarm_state(
                    AlarmName=name,
                    StateValue=before["StateValue"],
                    StateReason=before["StateReason"],
                )
            return self._tagged(operation, name, properties)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Delete the alarm, which need not exist, and its tags."""
        with api_errors(ALARM), MOTO_LOCK:
            if described := self._described(instance.physical_id):
                set_tags(self._client, {"ResourceARN": described["AlarmArn"]}, {})
                self._client.delete_alarms(AlarmNames=[instance.physical_id])

    @property
    def _client(self) -> Any:
        return moto_client("cloudwatch", self._place)

    def _described(self, name: str) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = self._client.describe_alarms(
            AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )["MetricAlarms"]
        return found[0] if found else None

    def _put(self, name: str, properties: Mapping[str, Any]) -> None:
        refuse_unsupported(ALARM, _lacking(properties))
        request = api_request("cloudwatch", "PutMetricAlarm", {**properties, "AlarmName": name})
        request.pop("Tags", None)
        if refusal := _refusal(request):
            raise ResourceFailed(f"{refusal} (Type: {ALARM}, Error: ValidationError)")
        self._client.put_metric_alarm(**request)

    def _tagged(self, operation: Operation, name: str, properties: Mapping[str, Any]) -> Instance:
        arn = (self._described(name) or {})["AlarmArn"]
        set_tags(self._client, {"ResourceARN": arn}, desired_tags(operation, properties))
        state = {**properties, "AlarmName": name, "Arn": arn}
        return Instance(name, properties, operation.stack_tags, state)


def _lacking(properties: Mapping[str, Any]) -> list[str]:
    """The properties that moto's PutMetricAlarm ignores."""
    lacking = [name for name in _LACKING if name in properties]
    if any("AccountId" in query for query in properties.get("Metrics", ())):
        lacking.append("AccountId in Metrics")
    return lacking


def _refusal(request: Mapping[str, Any]) -> str | None:
    """What CloudWatch says to a PutMetricAlarm that moto accepts; None if it accepts it, too.

    The words are from aws-cloudformation/cfn-lint pull request 771, hashicorp/terraform issue 24070
    and hashicorp/terraform-provider-aws issue 29894. Of the period, and of what excludes Metrics,
    only the rules are known, from the reference of PutMetricAlarm.
    """
    queries = request.get("Metrics")
    if queries is None and "MetricName" not in request:
        return "MetricName must not be null"
    if queries is not None and (besides := [name for name in _ONE_METRIC if name in request]):
        return f"Metrics cannot be combined with {', '.join(besides)}"
    returning = [each for each in queries or () if each.get("ReturnData", True)]
    # An alarm on an anomaly returns the metric and the band around it.
    if queries is not None and len(returning) != 1 and "ThresholdMetricId" not in request:
        return "Exactly one element of the metrics list should return data."
    period = request.get("Period", 60)
    if period not in (10, 20, 30) and period % 60:
        return "Period must be 10, 20, 30 or a multiple of 60"
    periods = request["EvaluationPeriods"]
    if request.get("DatapointsToAlarm", periods) > periods:
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
    return None
