"""The operations on stack sets. moto keeps them; what it does not look at is added here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from moto.cloudformation.exceptions import CloudFormationError, StackInstanceNotFound
from moto.core.responses import ActionResult

from sandbox.cloudformation.api.requests import StackRequests
from sandbox.cloudformation.api.wire import PAGE_SIZE, present
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.requests import check_capabilities
from sandbox.cloudformation.stacks.stack import Stack
from sandbox.moto_seams import regions

_DEPLOYED = frozenset(("CREATE_COMPLETE", "UPDATE_COMPLETE"))


class StackSetApi(StackRequests):
    """One method for each operation that is not moto's alone."""

    def create_stack_set(self) -> ActionResult:
        """Handle CreateStackSet."""
        asked = self._checked()
        self._check_template(self._new_template())
        existing = self.backend.find_stack_set(asked["StackSetName"])
        token = asked.get("ClientRequestToken")
        if existing is None:
            created: ActionResult = super().create_stack_set()
            self.backend.describe_stack_set(asked["StackSetName"]).token = token  # type: ignore[attr-defined]
            return created
        if token and getattr(existing, "token", None) == token:
            return ActionResult({"StackSetId": existing.id})
        raise NameAlreadyExists(f"The Name {asked['StackSetName']} already exists")

    def update_stack_set(self) -> ActionResult:
        """Handle UpdateStackSet."""
        name = self._checked()["StackSetName"]
        template = self._updated_template()
        stack_set, tags = self.backend.describe_stack_set(name), self._tags()
        self._check_template(template or stack_set.template)
        if tags is not None:
            stack_set.tags = tags  # moto would keep the old ones if there are none
        return self._operation(super().update_stack_set)

    def create_stack_instances(self) -> ActionResult:
        """Handle CreateStackInstances."""
        self._check_overrides()
        self._check_places()
        return self._operation(super().create_stack_instances)

    def update_stack_instances(self) -> ActionResult:
        """Handle UpdateStackInstances."""
        self._check_overrides()
        self._check_places()
        return self._operation(super().update_stack_instances)

    def delete_stack_instances(self) -> ActionResult:
        """Handle DeleteStackInstances."""
        self._check_places()
        return self._operation(super().delete_stack_instances)

    def stop_stack_set_operation(self) -> ActionResult:
        """Handle StopStackSetOperation. Each operation has ended when its request is answered."""
        asked = self._checked()
        stack_set = self.backend.describe_stack_set(asked["StackSetName"])
        operation = stack_set.get_operation(asked["OperationId"])
        raise InvalidOperation(
            f"Operation {operation['OperationId']} is {operation['Status']} and cannot be stopped."
        )

    def list_stack_sets(self) -> ActionResult:
        """Handle ListStackSets."""
        wanted = self._checked().get("Status")
        listed = [each for each in self.backend.list_stack_sets() if wanted in (None, each.status)]
        return self._page(listed)

    def list_stack_instances(self) -> ActionResult:
        """Handle ListStackInstances."""
        asked = self._checked()
        account, region = asked.get("StackInstanceAccount"), asked.get("StackInstanceRegion")
        listed = [
            each
            for each in self.backend.describe_stack_set(asked["StackSetName"]).stack_instances
            if account in (None, each.account_id) and region in (None, each.region_name)
        ]
        return self._page([_described(each) for each in listed])

    def describe_stack_instance(self) -> ActionResult:
        """Handle DescribeStackInstance."""
        asked = self._checked()
        instance = self.backend.describe_stack_set(asked["StackSetName"]).instances.get_instance(
            asked["StackInstanceAccount"], asked["StackInstanceRegion"]
        )
        if instance is None:
            raise StackInstanceNotFound
        return ActionResult({"StackInstance": _described(instance)})

    def list_stack_set_operations(self) -> ActionResult:
        """Handle ListStackSetOperations."""
        return self._page(self.backend.list_stack_set_operations(self._checked()["StackSetName"]))

    def list_stack_set_operation_results(self) -> ActionResult:
        """Handle ListStackSetOperationResults."""
        self._checked()
        answer: Any = super().list_stack_set_operation_results()
        return self._page(answer.result["Summaries"])

    def _page(self, listed: Sequence[Any]) -> ActionResult:
        size = self._get_param("MaxResults") or PAGE_SIZE
        return self.page("Summaries", listed, lambda each: each, size)

    def _check_template(self, source: str) -> None:
        """Raise ValidationError or InsufficientCapabilities before moto takes any template."""
        template = self.backend.operations.requests.check_template(source)
        acknowledged = self._get_param("Capabilities", [])
        check_capabilities(template, acknowledged, auto_expand=template.has_transforms)

    def _check_overrides(self) -> None:
        """Raise ValidationError if an instance is to keep a parameter's value."""
        asked = self._checked()
        for each in asked.get("ParameterOverrides", ()):
            if each.get("ParameterValue") is None:
                raise ValidationError(
                    "The sandbox does not support UsePreviousValue in ParameterOverrides of "
                    f"{self._get_action()}. Set the value of {each['ParameterKey']}."
                )

    def _check_places(self) -> None:
        """Raise ValidationError if the request has no accounts, or a region that is none."""
        asked = self._checked()
        if not asked.get("Accounts"):
            raise ValidationError("Specify Accounts.")
        for region in asked["Regions"]:
            if region not in regions(self.backend.place.region):
                raise ValidationError(f"There is no region {region}.")

    def _operation(self, begin: Callable[[], ActionResult]) -> ActionResult:
        """Begin an operation of moto's, which makes up an id for most of them; use the given one.

        Raises OperationIdAlreadyExists if the stack set has an operation with that id.
        """
        given = self._get_param("OperationId")
        stack_set = self.backend.describe_stack_set(self._get_param("StackSetName"))
        if given and any(each["OperationId"] == given for each in stack_set.operations):
            raise OperationIdAlreadyExists(f"Operation {given} already exists")
        answer: ActionResult = begin()
        if not given:
            return answer
        stack_set.operations[-1]["OperationId"] = given
        return ActionResult({"OperationId": given})


def _described(instance: Any) -> dict[str, Any]:
    """An instance with its stack. moto makes up an id, and says that each stack is up to date.

    Source of the statuses: API reference, StackInstance and StackInstanceComprehensiveStatus.
    """
    stack: Stack = instance.stack
    detailed = "SUCCEEDED" if stack.status in _DEPLOYED else "FAILED"
    if stack.in_progress:
        detailed = "RUNNING"
    return present(
        {
            **instance.to_dict(),
            "StackId": stack.stack_id,
            "Status": "CURRENT" if detailed == "SUCCEEDED" else "OUTDATED",
            "StackInstanceStatus": {"DetailedStatus": detailed},
            "StatusReason": stack.reason_of_failure if detailed == "FAILED" else None,
        }
    )


class NameAlreadyExists(CloudFormationError):
    """Another stack set has the name."""

    code = "NameAlreadyExistsException"


class OperationIdAlreadyExists(CloudFormationError):
    """Another operation of the stack set has the id."""

    code = "OperationIdAlreadyExistsException"


class InvalidOperation(CloudFormationError):
    """The operation of a stack set cannot be stopped."""

    code = "InvalidOperationException"
