"""All operations of CloudFormation's API, in the response class that moto's URLs lead to.

moto's base class handles the query protocol, accounts and regions. It also provides the
operations on stack sets, as far as they are not overridden.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from sandbox.cloudformation.api.change_sets import ChangeSetApi
from sandbox.cloudformation.api.drift import DriftApi
from sandbox.cloudformation.api.events import EventApi
from sandbox.cloudformation.api.generator import GeneratorApi
from sandbox.cloudformation.api.members import refusal
from sandbox.cloudformation.api.registry import RegistryApi
from sandbox.cloudformation.api.stack_sets import StackSetApi
from sandbox.cloudformation.api.stacks import StackApi
from sandbox.cloudformation.api.templates import TemplateApi
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.resources.custom_resource import accept


class CloudFormationResponse(
    StackApi,
    EventApi,
    ChangeSetApi,
    DriftApi,
    TemplateApi,
    RegistryApi,
    GeneratorApi,
    StackSetApi,
):
    """One request. moto calls the method with the operation's name in snake case."""

    @classmethod
    def cfnresponse(cls, request: Any, _full_url: str, _headers: Any) -> Any:
        """Receive the answer of a custom resource's provider, which is no request of the API."""
        taken = accept(request.args.get("request", ""), request.get_data())
        return (200 if taken else 404), {"Content-Type": "application/json"}, "{}"

    def call_action(self) -> Any:
        """Handle an operation.

        Returns an error in CloudFormation's format if one of its parameters is not supported, or if
        they cannot be read.
        """
        if self.unreadable:
            return self.serialized(ActionResult(self.unreadable))
        if reason := refusal(self._get_action(), self._given()):
            return self.serialized(ActionResult(ValidationError(reason)))
        return super().call_action()
