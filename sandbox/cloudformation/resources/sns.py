"""AWS::SNS::Topic, AWS::SNS::Subscription and AWS::SNS::TopicPolicy.

moto has a topic for stacks, without tags, whose update creates it anew and loses what subscribed
later. It has no subscriptions and policies for stacks. All of them exist in its SNS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from moto.cloudformation.parsing import generate_resource_name

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.api_types import api_errors, refuse_unsupported
from sandbox.cloudformation.resources.published_schema import published_type
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.cloudformation.resources.schema_resource import SchemaResource
from sandbox.cloudformation.resources.tags import desired_tags, set_tags
from sandbox.hosting.place import Place
from sandbox.hosting.scalars import text
from sandbox.moto_client import moto_client
from sandbox.moto_seams import MOTO_LOCK, shortened

TOPIC = "AWS::SNS::Topic"
SUBSCRIPTION = "AWS::SNS::Subscription"
TOPIC_POLICY = "AWS::SNS::TopicPolicy"
_MAX_NAME = 256
_FIFO = ".fifo"
# The attributes in SNS that moto has, and their values where the template does not set them.
_OF_TOPIC = {"ContentBasedDeduplication": "false", "DisplayName": "", "KmsMasterKeyId": ""}
_OF_SUBSCRIPTION = {
    # A filter policy is checked against its scope, which therefore is set first.
    "FilterPolicyScope": "MessageAttributes",
    "FilterPolicy": "",
    "DeliveryPolicy": "",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "",
    "SubscriptionRoleArn": "",
}
_TOPIC_HAS = {*_OF_TOPIC, "FifoTopic", "Subscription", "Tags", "TopicName"}
_SUBSCRIPTION_HAS = {*_OF_SUBSCRIPTION, "Endpoint", "Protocol", "Region", "TopicArn"}


class _SnsResource(SchemaResource):
    """A type with AWS's schema that calls SNS like a client."""

    def __init__(self, type_name: str, place: Place) -> None:
        super().__init__(published_type(type_name))
        self._place = place

    def _client(self, region: str | None = None) -> Any:
        place = self._place
        return moto_client("sns", Place(place.account_id, region or place.region, place.partition))

    def _require_support(self, properties: Mapping[str, Any], supported: set[str]) -> None:
        refuse_unsupported(self.schema.type_name, sorted(properties.keys() - supported))


class Topic(_SnsResource):
    """The topics in one place; physical id and Ref are the topic's ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
    """

    takes_stack_tags = True

    def __init__(self, place: Place) -> None:
        super().__init__(TOPIC, place)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the topic and its subscriptions.

        Raises ResourceFailed if SNS rejects it or its name is taken.
        """
        name = properties.get("TopicName") or self._generated_name(operation, properties)
        place = self._place
        arn = f"arn:{place.partition}:sns:{place.region}:{place.account_id}:{name}"
        with api_errors(TOPIC), MOTO_LOCK:
            self._require_support(properties, _TOPIC_HAS)
            if self._exists(arn):
                raise ResourceFailed(status_reasons.already_exists(TOPIC, arn))
            fifo = {"FifoTopic": "true"} if properties.get("FifoTopic") else {}
            attributes = {**fifo, **_attributes(properties, _OF_TOPIC, {})}
            self._client().create_topic(Name=name, Attributes=attributes)
            instance = self._completed(operation, arn, properties)
        operation.identified(instance)
        return instance

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Change attributes, tags and the template's subscriptions in place.

        Raises ResourceFailed if SNS rejects it.
        """
        arn, before = instance.physical_id, instance.properties
        with api_errors(TOPIC), MOTO_LOCK:
            self._require_support(properties, _TOPIC_HAS)
            for name, value in _attributes(properties, _OF_TOPIC, before).items():
                self._client().set_topic_attributes(
                    TopicArn=arn, AttributeName=name, AttributeValue=value
                )
            self._unsubscribe(arn, _subscriptions(before) - _subscriptions(properties))
            return self._completed(operation, arn, properties)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Delete the topic, which need not exist, and its subscriptions."""
        with api_errors(TOPIC), MOTO_LOCK:
            self._client().delete_topic(TopicArn=instance.physical_id)

    def _generated_name(self, operation: Operation, properties: Mapping[str, Any]) -> str:
        suffix = _FIFO if properties.get("FifoTopic") else ""
        name = generate_resource_name(TOPIC, operation.stack.name, operation.logical_id)
        return shortened(name, _MAX_NAME - len(suffix)) + suffix

    def _exists(self, arn: str) -> bool:
        client = self._client()
        try:
            client.get_topic_attributes(TopicArn=arn)
        except client.exceptions.NotFoundException:
            return False
        return True

    def _completed(self, operation: Operation, arn: str, properties: Mapping[str, Any]) -> Instance:
        """Subscribe, tag, and return the instance."""
        client = self._client()
        for protocol, endpoint in sorted(_subscriptions(properties)):
            client.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
        set_tags(client, {"ResourceArn": arn}, desired_tags(operation, properties))
        state = {**properties, "TopicArn": arn, "TopicName": arn.rpartition(":")[2]}
        return Instance(arn, properties, operation.stack_tags, state)

    def _unsubscribe(self, arn: str, gone: set[tuple[str, str]]) -> None:
        pages = self._client().get_paginator("list_subscriptions_by_topic")
        for page in pages.paginate(TopicArn=arn):
            for each in page["Subscriptions"]:
                if (each["Protocol"], each["Endpoint"]) in gone:
                    self._client().unsubscribe(SubscriptionArn=each["SubscriptionArn"])


class Subscription(_SnsResource):
    """The subscriptions in one place; physical id and Ref are the subscription's ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html

    None has to be confirmed.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(SUBSCRIPTION, place)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Subscribe. Raises ResourceFailed if SNS rejects it, as when there is no such topic."""
        with api_errors(SUBSCRIPTION), MOTO_LOCK:
            self._require_support(properties, _SUBSCRIPTION_HAS)
            answer = self._client(properties.get("Region")).subscribe(
                TopicArn=properties["TopicArn"],
                Protocol=properties["Protocol"],
                Endpoint=properties.get("Endpoint", ""),
                Attributes=_attributes(properties, _OF_SUBSCRIPTION, {}),
                ReturnSubscriptionArn=True,
            )
        instance = self._instance(operation, answer["SubscriptionArn"], properties)
        operation.identified(instance)
        return instance

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Change the attributes in place. Raises ResourceFailed if SNS rejects it."""
        changed = _attributes(properties, _OF_SUBSCRIPTION, instance.properties)
        with api_errors(SUBSCRIPTION), MOTO_LOCK:
            self._require_support(properties, _SUBSCRIPTION_HAS)
            for name, value in changed.items():
                self._client(properties.get("Region")).set_subscription_attributes(
                    SubscriptionArn=instance.physical_id, AttributeName=name, AttributeValue=value
                )
        return self._instance(operation, instance.physical_id, properties)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Unsubscribe. Does nothing if there is no such subscription."""
        with api_errors(SUBSCRIPTION), MOTO_LOCK:
            client = self._client(instance.properties.get("Region"))
            client.unsubscribe(SubscriptionArn=instance.physical_id)

    def _instance(self, operation: Operation, arn: str, properties: Mapping[str, Any]) -> Instance:
        return Instance(arn, properties, operation.stack_tags, {**properties, "Arn": arn})


class TopicPolicy(_SnsResource):
    """The policies of topics in one place; physical id and Ref are a generated name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html

    The state has the policy that each topic had before, which a deletion restores.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(TOPIC_POLICY, place)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Set the policy of each topic. Raises ResourceFailed if there is no such topic."""
        name = generate_resource_name(TOPIC_POLICY, operation.stack.name, operation.logical_id)
        return self._set(operation, name, properties, {})

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Set the policy of each topic, and restore that of topics that are no longer named."""
        before: dict[str, str] = instance.state["Before"]
        gone = before.keys() - set(properties["Topics"])
        self._restore({arn: before[arn] for arn in gone})
        kept = {arn: before[arn] for arn in before.keys() - gone}
        return self._set(operation, instance.physical_id, properties, kept)

    def delete(self, _operation: Operation, instance: Instance) -> None:
        """Restore the policy that each topic had before. Topics need not exist."""
        self._restore(instance.state["Before"])

    def _set(
        self,
        operation: Operation,
        name: str,
        properties: Mapping[str, Any],
        before: Mapping[str, str],
    ) -> Instance:
        found = dict(before)
        with api_errors(TOPIC_POLICY), MOTO_LOCK:
            for arn in properties["Topics"]:
                shown = self._client().get_topic_attributes(TopicArn=arn)["Attributes"]
                found.setdefault(arn, shown["Policy"])
            for arn in properties["Topics"]:
                self._put(arn, _as_text(properties["PolicyDocument"]))
        state = {**properties, "Id": name, "Before": found}
        instance = Instance(name, properties, operation.stack_tags, state)
        operation.identified(instance)
        return instance

    def _restore(self, policies: Mapping[str, str]) -> None:
        with api_errors(TOPIC_POLICY), MOTO_LOCK:
            for arn, policy in policies.items():
                with suppress(self._client().exceptions.NotFoundException):
                    self._put(arn, policy)

    def _put(self, arn: str, policy: str) -> None:
        self._client().set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=policy
        )


def _attributes(
    properties: Mapping[str, Any], defaults: Mapping[str, str], before: Mapping[str, Any]
) -> dict[str, str]:
    """Return the attributes that differ from those of `before`, in the texts that SNS takes."""
    return {
        name: _as_text(properties[name]) if name in properties else default
        for name, default in defaults.items()
        if properties.get(name) != before.get(name)
    }


def _as_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict) else text(value)


def _subscriptions(properties: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(each["Protocol"], each["Endpoint"]) for each in properties.get("Subscription", ())}
