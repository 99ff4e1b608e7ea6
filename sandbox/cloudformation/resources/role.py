"""AWS::IAM::Role: moto's, with the properties that moto's model leaves out.

moto attaches no managed policies, and its update changes little more than the description.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends

from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation
from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

_SESSION_SECONDS = 3600
"""The value of MaxSessionDuration by default."""


@dataclass(frozen=True)
class _Documents:
    """The trust policy of a role, and its inline policies by name, as JSON."""

    trust: str
    inline: Mapping[str, str]


class Role(MotoResource):
    """moto's role, with its policies, trust and limits set after create and update."""

    completed = frozenset(
        ("ManagedPolicyArns", "MaxSessionDuration", "PermissionsBoundary", "Policies", "Tags")
    )

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the role, unless a policy has no document: moto would leave half a role then."""
        self._documents("create", properties)
        return super().create(operation, properties)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Update the role, unless a policy has no document."""
        self._documents("update", properties)
        return super().update(operation, instance, properties)

    def _documents(self, verb: str, properties: Mapping[str, Any]) -> _Documents:
        """The policies in the properties. Raises ResourceFailed if one is missing."""
        with self.failing_readably(verb, properties):
            return _Documents(
                json.dumps(properties["AssumeRolePolicyDocument"]),
                {
                    policy["PolicyName"]: json.dumps(policy["PolicyDocument"])
                    for policy in properties.get("Policies", ())
                },
            )

    def complete(
        self, operation: Operation, instance: Instance, before: Mapping[str, Any] | None
    ) -> None:
        """Set what moto leaves out. Policies that other resources have given the role stay.

        Raises ResourceFailed if a managed policy does not exist.
        """
        verb = "create" if before is None else "update"
        before = before or {}
        place, properties = operation.stack.place, instance.properties
        documents = self._documents(verb, properties)
        role, name = instance.state.resource, instance.physical_id
        with self.failing_readably(verb, properties), MOTO_LOCK:
            iam = iam_backends[place.account_id][place.partition]
            role.assume_role_policy_document = documents.trust
            for policy in before.get("Policies", ()):
                role.policies.pop(policy["PolicyName"], None)
            # moto's create stores str() of each document, which clients of IAM cannot read.
            role.policies.update(documents.inline)
            role.max_session_duration = properties.get("MaxSessionDuration", _SESSION_SECONDS)
            iam.put_role_permissions_boundary(name, properties.get("PermissionsBoundary", ""))
            iam.untag_role(name, [tag["Key"] for tag in role.tags])
            iam.tag_role(name, list(properties.get("Tags", ())))
            wanted = properties.get("ManagedPolicyArns", ())
            for arn in wanted:
                if arn not in role.managed_policies:
                    _add_policy_of_aws(iam, arn, place)
                    iam.attach_role_policy(arn, name)
            for arn in before.get("ManagedPolicyArns", ()):
                if arn not in wanted and arn in role.managed_policies:
                    iam.detach_role_policy(arn, name)


@cache
def _policies_of_aws() -> dict[str, Any]:
    """The managed policies of AWS, as moto knows them, by path and name."""
    documents: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {f"{each['Path']}{name}": (name, each) for name, each in documents.items()}


def _add_policy_of_aws(iam: IAMBackend, arn: str, place: Place) -> None:
    """Add a managed policy to IAM, if the ARN is that of one of AWS's.

    By default, moto has none of them, because it would take long to create them all.
    """
    known = _policies_of_aws().get(arn.removeprefix(f"arn:{place.partition}:iam::aws:policy"))
    if known and arn not in iam.managed_policies:
        name, data = known
        iam.managed_policies[arn] = AWSManagedPolicy.from_data(
            name, place.account_id, place.region, data
        )
