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
        documents = self._documents("create", properties)
        return _with_documents(super().create(operation, properties), *documents)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Update the role with moto, and replace its policy documents."""
        documents = self._documents("update", properties)
        return _with_documents(super().update(operation, instance, properties), *documents)

    def _documents(self, verb: str, properties: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        """The trust policy, and the inline policies by name.

        Raises ResourceFailed if one is missing.
        """
        with self.failing_readably(verb, properties):
            return json.dumps(properties["AssumeRolePolicyDocument"]), {
                policy["PolicyName"]: json.dumps(policy["PolicyDocument"])
                for policy in properties.get("Policies", ())
            }


def _with_documents(instance: Instance, trust: str, policies: dict[str, str]) -> Instance:
    role = instance.state.resource
    with MOTO_LOCK:
        role.assume_role_policy_document = trust
        # moto's create stores str() of each document, which clients of IAM cannot read.
        role.policies = policies
    return instance
