"""The types that moto provides."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.cloudformation.parsing import generate_resource_name, resource_name_property_from_type
from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.resource_type import Instance, Operation, ResourceFailed
from sandbox.moto_seams import MOTO_LOCK

CUSTOM_RESOURCE_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class _State:
    """moto's object, and the name it was made with."""

    resource: Any
    name: str


class MotoResource(AwsResource):
    """A type behind a subclass of moto's CloudFormationModel."""

    def __init__(self, type_name: str, model: type[CloudFormationModel], region: str) -> None:
        super().__init__(type_name, region)
        self.model = model
        self.can_update = _is_implemented(model.update_from_cloudformation_json)
        self.can_delete = _takes_account(getattr(model, "delete", None)) or _is_implemented(
            model.delete_from_cloudformation_json
        )

    def has_attribute(self, name: str) -> bool:
        """Whether moto knows the attribute."""
        return bool(self.model.has_cfn_attr(name))

    def attribute(self, instance: Instance, name: str) -> Any:
        """What moto's object says."""
        try:
            with MOTO_LOCK:
                return instance.state.resource.get_cfn_attribute(name)
        # moto's models raise one of these for an attribute that they lack.
        except (AttributeError, NotImplementedError, UnformattedGetAttTemplateException) as error:
            raise self.unknown_attribute(name) from error

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Have moto make it, and wait until it is there, as custom resources are not at once."""
        stack = operation.stack
        given = properties.get(resource_name_property_from_type(self.type_name) or "")
        name = given or generate_resource_name(self.type_name, stack.name, operation.logical_id)
        with self.failing_readably(), MOTO_LOCK:
            resource = self.model.create_from_cloudformation_json(
                name,
                self._definition(properties),
                stack.account_id,
                stack.region,
                LogicalId=operation.logical_id,
                StackId=stack.stack_id,
                ResourceType=self.type_name,
            )
            _tag(operation, resource)
        state = _State(resource, name)
        operation.identified(_instance(operation, properties, state))
        while not resource.is_created():
            operation.interruption.wait(CUSTOM_RESOURCE_POLL_SECONDS)
        return _instance(operation, properties, state)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Have moto change it, as far as moto's model knows how."""
        state: _State = instance.state
        name = properties.get(resource_name_property_from_type(self.type_name) or "", state.name)
        with self.failing_readably(), MOTO_LOCK:
            updated = self.model.update_from_cloudformation_json(
                original_resource=state.resource,
                new_resource_name=name,
                cloudformation_json=self._definition(properties),
                account_id=operation.stack.account_id,
                region_name=operation.stack.region,
            )
            resource = updated or state.resource
            _tag(operation, resource)
        return _instance(operation, properties, _State(resource, name))

    def check_updatable(self) -> None:
        """Raise ResourceFailed where moto's model has no update."""
        if not self.can_update:
            raise ResourceFailed(status_reasons.no_update_in_moto(self.type_name))

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Have moto remove it, by its object or else by its class, if one of them can."""
        account, region = operation.stack.account_id, operation.stack.region
        own = getattr(instance.state.resource, "delete", None)
        with self.failing_readably(), MOTO_LOCK:
            if own and _takes_account(own):
                own(account, region)
            elif _is_implemented(self.model.delete_from_cloudformation_json):
                self.model.delete_from_cloudformation_json(
                    instance.physical_id, self._definition(instance.properties), account, region
                )

    def _definition(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """What moto's models take: a copy, since they change it."""
        return {"Type": self.type_name, "Properties": copy.deepcopy(dict(properties))}


def _instance(operation: Operation, properties: Mapping[str, Any], state: _State) -> Instance:
    physical_id = getattr(state.resource, "physical_resource_id", None) or state.name
    return Instance(str(physical_id), properties, operation.stack_tags, state)


def _tag(operation: Operation, resource: Any) -> None:
    """Tag EC2's resources with the stack's tags, as moto's own engine does."""
    if isinstance(resource, TaggedEC2Resource):
        stack = operation.stack
        tags = {
            **operation.stack_tags,
            "aws:cloudformation:stack-name": stack.name,
            "aws:cloudformation:stack-id": stack.stack_id,
            "aws:cloudformation:logical-id": operation.logical_id,
        }
        identifier = getattr(resource, "physical_resource_id", "")
        ec2_backends[stack.account_id][stack.region].create_tags([identifier], tags)


def _is_implemented(method: Callable[..., Any]) -> bool:
    """Whether a model has a method of its own; otherwise moto has marked it as abstract."""
    return not hasattr(method, "__isabstractmethod__")


def _takes_account(method: Callable[..., Any] | None) -> bool:
    """Whether an object's `delete` is the one meant for CloudFormation (account, region)."""
    code = getattr(method, "__code__", None)
    return code is not None and "account_id" in code.co_varnames[: code.co_argcount]
