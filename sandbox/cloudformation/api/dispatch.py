"""Every operation of CloudFormation's API, in the one class that moto's URLs lead to.

moto's response class does the query protocol, accounts and regions, and the operations of stack
sets and policies, which are not overridden.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from sandbox.cloudformation.api.change_sets import ChangeSetApi
from sandbox.cloudformation.api.registry import RegistryApi
from sandbox.cloudformation.api.stacks import StackApi
from sandbox.cloudformation.api.templates import TemplateApi
from sandbox.cloudformation.errors import ValidationError


class CloudFormationResponse(StackApi, ChangeSetApi, TemplateApi, RegistryApi):
    """One request. A method for each operation, under its name in snake case: moto's convention."""

    @classmethod
    def cfnresponse(cls, request: Any, full_url: str, headers: Any) -> Any:
        """Take a custom resource's report; moto's own method makes an instance of moto's class."""
        response = cls()
        response.automated_parameter_parsing = False
        return response._dispatch(
            request=request, full_url=f"{full_url}&Action=ProcessCfnResponse", headers=headers
        )

    def call_action(self) -> Any:
        """Answer an operation; one that moto lacks in CloudFormation's own wire form."""
        try:
            return super().call_action()
        # moto's word for that; let out, it gives the client a page of HTML for XML.
        except NotImplementedError:
            lacking = ValidationError(f"The sandbox has no {self._get_action()}.")
            return self.serialized(ActionResult(lacking))
