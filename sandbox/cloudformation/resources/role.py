"""AWS::IAM::Role. moto's own update changes neither the policies nor the trust policy of a role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.cloudformation.resources.moto import MotoResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation
from sandbox.moto_seams import MOTO_LOCK


class Role(MotoResource):
    """moto's role, with its policy documents set after create and update."""

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Create the role with moto, then set its policy documents."""
        return _with_documents(super().create(operation, properties))

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Update the role with moto, and replace its policy documents."""
        return _with_documents(super().update(operation, instance, properties))


def _with_documents(instance: Instance) -> Instance:
    properties, role = instance.properties, instance.state.resource
    with MOTO_LOCK:
        role.assume_role_policy_document = json.dumps(properties["AssumeRolePolicyDocument"])
        # moto's create stores str() of each document, which clients of IAM cannot read.
        role.policies = {
            policy["PolicyName"]: json.dumps(policy["PolicyDocument"])
            for policy in properties.get("Policies", ())
        }
    return instance
