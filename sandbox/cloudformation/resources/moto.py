"""The types that moto provides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource
from moto.iam.models import InlinePolicy, iam_backends

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.deletion import DELETES, Delete, Deletion, is_gone
from sandbox.cloudformation.resources.given import Given
from sandbox.cloudformation.resources.moto_adaptation import (
    for_moto,
    for_update,
    generated_name,
    identifying_attribute,
    name_property,
    physical_id,
)
from sandbox.cloudformation.resources.published_schema import (
    published_attributes,
    published_schema,
)
from sandbox.cloudformation.resources.resource_type import (
    DeletionSkipped,
    Instance,
    Operation,
    ResourceFailed,
)
from sandbox.hosting.pointers import Pointer, dig, property_pointers
from sandbox.moto_seams import MOTO_LOCK


@dataclass(frozen=True)
class _State:
    """moto's object, the name it was made with, and the properties that it does not have."""

    resource: Any
    name: str
    ignored: frozenset[str]


class MotoResource(AwsResource):
    """A type behind a subclass of moto's CloudFormationModel."""

    completed: frozenset[str] = frozenset()
    """The properties that moto's model ignores, and a subclass sets."""

    def __init__(self, type_name: str, model: type[CloudFormationModel], region: str) -> None:
        super().__init__(type_name, region)
        self.model = model
        self.can_update = _is_implemented(model.update_from_cloudformation_json)
        self.can_delete = (
            type_name in DELETES
            or _takes_account(getattr(model, "delete", None))
            or _is_implemented(model.delete_from_cloudformation_json)
        )

    def has_attribute(self, name: str) -> bool:
        """Return whether moto's object may have the attribute, or the template's properties."""
        chosen = not self.model.has_cfn_attr("")  # by default, moto's models say yes to any name
        if chosen and self.model.has_cfn_attr(name):
            return True
        published = published_attributes(self.type_name, self.region)
        if published is None:
            return not chosen
        return name in published and (not chosen or self._is_property(name))

    def without_attribute(self, logical_id: str, name: str) -> str:
        """Tell an attribute that the sandbox lacks from one that AWS's type does not have."""
        if name in (published_attributes(self.type_name, self.region) or ()):
            return status_reasons.no_attribute_in_sandbox(self.type_name, name)
        return super().without_attribute(logical_id, name)

    def attribute(self, instance: Instance, name: str) -> Any:
        """What moto's object says, or else the identifier or property of that name."""
        resource = instance.state.resource
        # moto's models raise different things for an attribute that they lack.
        with suppress(Exception), MOTO_LOCK:
            value = resource.get_cfn_attribute(name)
            if value is not None:
                return value
        if identifying_attribute(self.type_name, self.region) == name and physical_id(
            self.type_name, resource
        ):
            return instance.physical_id
        pointer = tuple(name.split("."))
        value = dig(instance.properties, pointer)
        if value is None or pointer in self._listed("writeOnlyProperties"):
            raise self.unknown_attribute(name)
        return value

    def _is_property(self, name: str) -> bool:
        """Whether the attribute is the identifier, or a property that a template can state."""
        pointer = tuple(name.split("."))
        return name == identifying_attribute(self.type_name, self.region) or (
            pointer not in self._listed("readOnlyProperties", "writeOnlyProperties")
        )

    def _listed(self, *keywords: str) -> set[Pointer]:
        """The properties that the schema lists under these keywords."""
        schema = published_schema(self.type_name, self.region)
        return {p for keyword in keywords for p in property_pointers(schema.get(keyword, ()))}

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        """Have moto make it."""
        stack = operation.stack
        named = properties.get(name_property(self.type_name))
        name = named or generated_name(self.type_name, stack.name, operation.logical_id, properties)
        with self.failing_readably("create", properties), MOTO_LOCK:
            given = Given(for_moto(self.type_name, name, properties))
            resource = self._make(operation, name, given)
            _tag(operation, resource)
        instance = self._instance(
            operation, properties, resource, name, self._ignored(properties, given)
        )
        operation.identified(instance)
        try:
            self.complete(operation, instance, None)
        except ResourceFailed as failure:
            raise ResourceFailed(failure.reason, instance) from failure
        return instance

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        """Have moto change it, as far as moto's model knows how."""
        state: _State = instance.state
        name = properties.get(name_property(self.type_name), state.name)
        adapted = for_moto(self.type_name, name, properties)
        given = Given(for_update(self.type_name, adapted))
        with self.failing_readably("update", properties), MOTO_LOCK:
            try:
                updated = self._update_in_place(
                    original_resource=state.resource,
                    new_resource_name=name,
                    cloudformation_json={"Type": self.type_name, "Properties": given},
                    account_id=operation.stack.account_id,
                    region_name=operation.stack.region,
                )
            except Exception:
                self._restore(operation, instance)
                raise
            resource = updated or state.resource
            _tag(operation, resource)
        before = instance.properties
        relevant = {
            each
            for each in {*before, *properties}
            if (
                each in properties
                if each in state.ignored
                else before.get(each) != properties.get(each)
            )
        }
        ignored = self._ignored(relevant, given)
        updated_instance = self._instance(operation, properties, resource, name, ignored)
        self.complete(operation, updated_instance, before)
        return updated_instance

    def complete(
        self, operation: Operation, instance: Instance, before: Mapping[str, Any] | None
    ) -> None:
        """Set the properties in `completed`, which moto leaves out, after create and update.

        before: the previous properties; None for a new resource.

        Raises ResourceFailed if the service rejects them.
        """

    def _update_in_place(self, **arguments: Any) -> Any:
        """Have moto's model update a resource, and not replace it, which has been decided before.

        Some models replace each resource with a name in its properties, whatever has changed.
        """
        if not hasattr(self.model, "is_replacement_update"):
            return self.model.update_from_cloudformation_json(**arguments)
        with patch.object(self.model, "is_replacement_update", return_value=False):
            return self.model.update_from_cloudformation_json(**arguments)

    def _make(self, operation: Operation, name: str, given: Mapping[str, Any]) -> Any:
        """Return moto's object for a new resource. given: the properties as moto takes them."""
        stack = operation.stack
        return self.model.create_from_cloudformation_json(
            name,
            {"Type": self.type_name, "Properties": given},
            stack.account_id,
            stack.region,
            LogicalId=operation.logical_id,
            StackId=stack.stack_id,
            ResourceType=self.type_name,
        )

    def _restore(self, operation: Operation, instance: Instance) -> None:
        """Create a named resource again if a failed update has deleted it.

        Many of moto's updates delete the resource and create it anew. Creating one that still
        exists fails, or changes nothing. An inline policy exists, but is taken from its roles.
        """
        resource, name = instance.state.resource, instance.state.name
        given = for_moto(self.type_name, name, instance.properties)
        with suppress(Exception):
            if isinstance(resource, InlinePolicy):
                owners = [given.get(kind, []) for kind in ("Groups", "Roles", "Users")]
                resource.update(given["PolicyName"], given["PolicyDocument"], *owners)
                place = operation.stack.place
                resource.apply_policy(iam_backends[place.account_id][place.partition])
            elif name_property(self.type_name):
                self._make(operation, name, given)

    def check_updatable(self) -> None:
        """Raise ResourceFailed where moto's model has no update."""
        if not self.can_update:
            raise ResourceFailed(status_reasons.no_update_in_moto(self.type_name))

    def delete(self, operation: Operation, instance: Instance) -> None:
        """Delete it through its service, or with the delete of moto's model.

        Raises DeletionSkipped if moto has neither.
        """
        resource = instance.state.resource
        delete = DELETES.get(self.type_name) or self._delete_of_model(resource)
        if delete is None:
            raise DeletionSkipped(status_reasons.no_delete_in_moto(self.type_name))
        with self.failing_readably("delete", instance.properties), MOTO_LOCK:
            try:
                delete(Deletion(instance, resource, operation.stack.place))
            except Exception as error:
                if not is_gone(error, instance.physical_id):
                    raise

    def _delete_of_model(self, resource: Any) -> Delete | None:
        """The delete of moto's object, or else of its class, if one of them has one."""
        own = getattr(resource, "delete", None)
        if own and _takes_account(own):
            return lambda it: own(it.place.account_id, it.place.region)
        of_class = self.model.delete_from_cloudformation_json
        if not _is_implemented(of_class):
            return None
        return lambda it: of_class(
            it.id,
            {"Type": self.type_name, "Properties": for_moto(self.type_name, it.id, it.properties)},
            it.place.account_id,
            it.place.region,
        )

    def _instance(
        self,
        operation: Operation,
        properties: Mapping[str, Any],
        resource: Any,
        name: str,
        ignored: frozenset[str],
    ) -> Instance:
        found = physical_id(self.type_name, resource) or name
        note = status_reasons.ignored_by_moto(self.type_name, sorted(ignored)) if ignored else None
        state = _State(resource, name, ignored)
        return Instance(found, properties, operation.stack_tags, state, note=note)

    def _ignored(self, names: Collection[str], given: Given) -> frozenset[str]:
        """Those of the properties that moto's model has not read, and nothing else sets."""
        elsewhere = {*self.completed, name_property(self.type_name)}
        return frozenset(names) - given.read - elsewhere


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
