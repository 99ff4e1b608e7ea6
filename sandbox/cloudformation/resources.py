"""Resource types under one interface: those hosted by the handler contract, those that moto models,
nested stacks, and the few that do nothing.

A deployment asks a type to create, update and delete *instances*, physical resources that belong to
a logical one. What a type needs of the deployment comes with each `Operation`.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from threading import RLock
from typing import Any, Protocol

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.cloudformation.parsing import (
    generate_resource_name,
    get_model_map,
    resource_class_from_type,
    resource_name_property_from_type,
)
from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from .configuration import StackIdentity
from .conversion import convert
from .errors import ResourceFailed
from .handler_client import HandlerFailed, HandlerOperation, Tags, Timing, run
from .registry import HostedType, Pointer, TypeRegistry, dig, pointers
from .validation import violations

NESTED_STACK = "AWS::CloudFormation::Stack"
INERT_TYPES = frozenset(
    (
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    )
)
CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
CUSTOM_RESOURCE_POLL_SECONDS = 0.2

MOTO_LOCK = RLock()
"""moto's models are plain dictionaries without locks; one caller at a time. Never held while
waiting."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One physical resource.

    properties: as last asked for, in the types of the schema. stack_tags: as last handed over.
    state: what the type itself remembers (a model, moto's object, a child stack).
    """

    physical_id: str
    properties: Mapping[str, Any]
    stack_tags: Mapping[str, str] = field(default_factory=dict)
    state: Any = None


class ChildStacks(Protocol):
    """Runs a nested stack's operations within those of its parent."""

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Any: ...
    def update(self, operation: Operation, child: Any, properties: Mapping[str, Any]) -> None: ...
    def delete(self, operation: Operation, child: Any) -> None: ...
    def is_current(self, child: Any, properties: Mapping[str, Any]) -> bool: ...


@dataclass(frozen=True)
class Operation:
    """The part of a deployment that a type's operation may use.

    wait: sleeps, and raises where the stack operation ends meanwhile.
    identified: told of the instance as soon as its physical id is known.
    deployment: the deployment itself, for nested stacks.
    """

    stack: StackIdentity
    logical_id: str
    stack_tags: Mapping[str, str]
    wait: Callable[[float], None]
    identified: Callable[[Instance], None]
    timing: Timing
    deployment: Any


class ResourceType(ABC):
    """What a deployment knows of a type. All operations raise ResourceFailed."""

    takes_stack_tags = False

    @abstractmethod
    def has_attribute(self, name: str) -> bool:
        """Whether Fn::GetAtt may ask for `name`."""

    @abstractmethod
    def attribute(self, instance: Instance, name: str) -> Any:
        """What Fn::GetAtt gives."""

    @abstractmethod
    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance: ...

    @abstractmethod
    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance: ...

    @abstractmethod
    def delete(self, operation: Operation, instance: Instance) -> None: ...

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Resolved properties in the types of the schema."""
        return dict(properties)

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        """What is wrong with converted properties."""
        return []

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        """The changed properties that only a new physical resource can take on."""
        return [pointer for pointer in self.create_only if dig(old, pointer) != dig(new, pointer)]

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        return ()

    def check_updatable(self) -> None:
        """Raises ResourceFailed: there is no way to update this type, and nothing was tried."""

    def is_current(
        self, instance: Instance, properties: Mapping[str, Any], stack_tags: Mapping[str, str]
    ) -> bool:
        """Whether nothing would change."""
        return instance.properties == properties and (
            not self.takes_stack_tags or instance.stack_tags == stack_tags
        )


class HostedResource(ResourceType):
    """A registry type, worked through its handlers."""

    def __init__(self, hosted: HostedType) -> None:
        self.hosted = hosted
        self.takes_stack_tags = hosted.takes_stack_tags

    def has_attribute(self, name: str) -> bool:
        return tuple(name.split(".")) in self.hosted.read_only

    def attribute(self, instance: Instance, name: str) -> Any:
        value = dig(instance.state, tuple(name.split(".")))
        if value is None:
            raise ResourceFailed(f"Attribute '{name}' does not exist")
        return value

    def convert(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        converted: dict[str, Any] = convert(dict(properties), self.hosted.schema)
        return converted

    def violations(self, properties: Mapping[str, Any]) -> list[str]:
        return violations(properties, self.hosted)

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        return self.hosted.create_only

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Pointer]:
        changed = super().replacing(old, new)
        if changed or self.hosted.can_update:
            return changed
        return [(name,) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        made: list[Instance] = []

        def on_model(model: Mapping[str, Any]) -> None:
            made.append(self._instance(operation, properties, model))
            operation.identified(made[-1])

        try:
            model = self._run("CREATE", operation, properties, None, None, on_model)
        except HandlerFailed as failure:
            # A handler that says FAILED also says what it leaves behind: a model to delete, or
            # none. One that broke off says nothing, and what it named before is all there is.
            if self.hosted.identifier(failure.model):
                failure.instance = self._instance(operation, properties, failure.model or {})
            elif not failure.answered and made:
                failure.instance = made[-1]
            raise
        return self._instance(operation, properties, model)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        model = self._run(
            "UPDATE",
            operation,
            self._with_known(properties, instance),
            self._with_known(instance.properties, instance),
            instance.stack_tags,
        )
        updated = self._instance(operation, properties, model)
        if updated.physical_id != instance.physical_id:
            raise ResourceFailed(
                f"UPDATE changed the primary identifier from {instance.physical_id} "
                f"to {updated.physical_id}"
            )
        return updated

    def delete(self, operation: Operation, instance: Instance) -> None:
        try:
            self._run("DELETE", operation, self._with_known(instance.properties, instance))
        except HandlerFailed as failure:
            if failure.error_code != "NotFound":
                raise

    def _run(
        self,
        action: str,
        operation: Operation,
        properties: Mapping[str, Any],
        previous: Mapping[str, Any] | None = None,
        previous_tags: Mapping[str, str] | None = None,
        on_model: Callable[[Mapping[str, Any]], None] = lambda model: None,
    ) -> dict[str, Any]:
        return run(
            self.hosted,
            HandlerOperation(
                action=action,
                stack=operation.stack,
                logical_id=operation.logical_id,
                properties=properties,
                previous_properties=previous,
                tags=Tags(operation.stack_tags, previous_tags),
                wait=operation.wait,
                on_model=on_model,
                timing=operation.timing,
            ),
        )

    def _instance(
        self, operation: Operation, properties: Mapping[str, Any], model: Mapping[str, Any]
    ) -> Instance:
        physical_id = self.hosted.identifier(model)
        assert physical_id is not None  # handler_client lets no model without one through
        return Instance(physical_id, properties, operation.stack_tags, dict(model))

    def _with_known(self, properties: Mapping[str, Any], instance: Instance) -> dict[str, Any]:
        """Properties as CloudFormation sends them for an existing resource: the template's, and
        what only the resource itself could tell, its identifier before all.
        """
        merged = copy.deepcopy(dict(properties))
        for pointer in (*self.hosted.primary_identifier, *self.hosted.read_only):
            value = None if "*" in pointer else dig(instance.state, pointer)
            if value is not None:
                place = merged
                for name in pointer[:-1]:
                    place = place.setdefault(name, {})
                place.setdefault(pointer[-1], value)
        return merged


@dataclass(frozen=True)
class _MotoState:
    """moto's object, and the name it was made with."""

    resource: Any
    name: str


class MotoResource(ResourceType):
    """A type that moto models in this process."""

    def __init__(self, type_name: str, model: type[CloudFormationModel], region: str) -> None:
        self.type_name = type_name
        self.model = model
        self.region = region

    def has_attribute(self, name: str) -> bool:
        return bool(self.model.has_cfn_attr(name))

    def attribute(self, instance: Instance, name: str) -> Any:
        try:
            with MOTO_LOCK:
                value = instance.state.resource.get_cfn_attribute(name)
        except (AttributeError, NotImplementedError, UnformattedGetAttTemplateException) as error:
            raise ResourceFailed(
                f"The sandbox does not know the attribute {name} of {self.type_name}"
            ) from error
        return value

    @property
    def create_only(self) -> tuple[Pointer, ...]:
        return _published_create_only(self.type_name, self.region)

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        name = self._name(operation, properties)
        with _moto_errors(self.type_name), MOTO_LOCK:
            resource = self.model.create_from_cloudformation_json(
                name,
                self._definition(properties),
                operation.stack.account_id,
                operation.stack.region,
                LogicalId=operation.logical_id,
                StackId=operation.stack.stack_id,
                ResourceType=self.type_name,
            )
            self._tag(operation, resource)
        instance = self._instance(operation, properties, _MotoState(resource, name))
        operation.identified(instance)
        while not resource.is_created():
            operation.wait(CUSTOM_RESOURCE_POLL_SECONDS)
        return self._instance(operation, properties, instance.state)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        name_property = resource_name_property_from_type(self.type_name)
        name = properties.get(name_property or "", instance.state.name)
        with _moto_errors(self.type_name), MOTO_LOCK:
            resource = self.model.update_from_cloudformation_json(
                original_resource=instance.state.resource,
                new_resource_name=name,
                cloudformation_json=self._definition(properties),
                account_id=operation.stack.account_id,
                region_name=operation.stack.region,
            )
            resource = resource or instance.state.resource
            self._tag(operation, resource)
        return self._instance(operation, properties, _MotoState(resource, name))

    def check_updatable(self) -> None:
        if hasattr(self.model.update_from_cloudformation_json, "__isabstractmethod__"):
            raise ResourceFailed(
                f"The sandbox cannot update a resource of type {self.type_name}: moto has no "
                "update for it. Give it another logical id to have it made anew."
            )

    def delete(self, operation: Operation, instance: Instance) -> None:
        account, region = operation.stack.account_id, operation.stack.region
        resource = instance.state.resource
        with _moto_errors(self.type_name), MOTO_LOCK:
            if callable(getattr(resource, "delete", None)) and _takes_account(resource.delete):
                resource.delete(account, region)
            elif not hasattr(self.model.delete_from_cloudformation_json, "__isabstractmethod__"):
                self.model.delete_from_cloudformation_json(
                    instance.physical_id, self._definition(instance.properties), account, region
                )

    def _name(self, operation: Operation, properties: Mapping[str, Any]) -> str:
        given = properties.get(resource_name_property_from_type(self.type_name) or "")
        return given or generate_resource_name(
            self.type_name, operation.stack.name, operation.logical_id
        )

    def _definition(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Moto's models take values out of what they are given: a copy."""
        return {"Type": self.type_name, "Properties": copy.deepcopy(dict(properties))}

    def _instance(
        self, operation: Operation, properties: Mapping[str, Any], state: _MotoState
    ) -> Instance:
        physical_id = getattr(state.resource, "physical_resource_id", None) or state.name
        return Instance(str(physical_id), properties, operation.stack_tags, state)

    def _tag(self, operation: Operation, resource: Any) -> None:
        """The stack's tags, where moto's engine puts them too: on EC2's resources."""
        if isinstance(resource, TaggedEC2Resource):
            stack = operation.stack
            system = {
                "aws:cloudformation:stack-name": stack.name,
                "aws:cloudformation:stack-id": stack.stack_id,
                "aws:cloudformation:logical-id": operation.logical_id,
            }
            ec2_backends[stack.account_id][stack.region].create_tags(
                [resource.physical_resource_id],  # type: ignore[attr-defined]  # each subclass has it
                {**operation.stack_tags, **system},
            )


class NestedStack(ResourceType):
    """AWS::CloudFormation::Stack: its physical id is the child's ARN, its attributes its outputs."""

    takes_stack_tags = True

    def __init__(self, children: ChildStacks) -> None:
        self.children = children

    def has_attribute(self, name: str) -> bool:
        return name.startswith("Outputs.")

    def attribute(self, instance: Instance, name: str) -> Any:
        wanted = name.removeprefix("Outputs.")
        for output in instance.state.outputs:
            if output["OutputKey"] == wanted:
                return output["OutputValue"]
        raise ResourceFailed(f"Output '{wanted}' not found in stack '{instance.physical_id}'")

    def is_current(
        self, instance: Instance, properties: Mapping[str, Any], stack_tags: Mapping[str, str]
    ) -> bool:
        return super().is_current(instance, properties, stack_tags) and self.children.is_current(
            instance.state, properties
        )

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        child = self.children.create(operation, properties)
        return Instance(child.stack_id, properties, operation.stack_tags, child)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        self.children.update(operation, instance.state, properties)
        return replace(instance, properties=properties, stack_tags=operation.stack_tags)

    def delete(self, operation: Operation, instance: Instance) -> None:
        self.children.delete(operation, instance.state)


class InertResource(ResourceType):
    """A type that makes nothing: metadata, and the wait conditions that moto leaves out too."""

    def has_attribute(self, name: str) -> bool:
        return name == "Data"

    def attribute(self, instance: Instance, name: str) -> Any:
        return "{}"

    def create(self, operation: Operation, properties: Mapping[str, Any]) -> Instance:
        return Instance(f"{operation.stack.name}-{operation.logical_id}", properties)

    def update(
        self, operation: Operation, instance: Instance, properties: Mapping[str, Any]
    ) -> Instance:
        return replace(instance, properties=properties)

    def delete(self, operation: Operation, instance: Instance) -> None:
        pass


class ResourceTypes:
    """Finds the implementation behind a type name, hosted types first."""

    def __init__(self, registry: TypeRegistry, children: ChildStacks) -> None:
        self.registry = registry
        self.children = children

    def find(self, type_name: str, account_id: str, region: str) -> ResourceType | None:
        hosted = self.registry.lookup(type_name, account_id, region)
        if hosted:
            return HostedResource(hosted)
        if type_name == NESTED_STACK:
            return NestedStack(self.children)
        if type_name in INERT_TYPES:
            return InertResource()
        if type_name.startswith("Custom::") or type_name == CUSTOM_RESOURCE:
            return MotoResource(type_name, resource_class_from_type("Custom::"), region)
        if type_name in get_model_map():
            return MotoResource(type_name, resource_class_from_type(type_name), region)
        return None


class _moto_errors:  # noqa: N801  # reads as the context manager that it is
    """Turns whatever moto raises into a resource's failure with a readable reason."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, ResourceFailed) or not isinstance(error, Exception):
            return
        words = getattr(error, "message", None) or getattr(error, "description", None) or str(error)
        if isinstance(error, KeyError):
            words = f"required key [{error.args[0]}] not found"
        raise ResourceFailed(f"{words} (Type: {self.type_name}, Error: {type(error).__name__})")


def _takes_account(method: Callable[..., Any]) -> bool:
    """Whether a moto object's `delete` is the one meant for CloudFormation (account, region)."""
    code = getattr(method, "__code__", None)
    return code is not None and "account_id" in code.co_varnames[: code.co_argcount]


@lru_cache(maxsize=256)
def _published_create_only(type_name: str, region: str) -> tuple[Pointer, ...]:
    """The create-only properties of AWS's own schema, of which cfn-lint carries a copy.

    Imported when the first update needs it: it takes the better part of a second.
    """
    from cfnlint.schema import ResourceNotFoundError
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, type_name).schema
    except ResourceNotFoundError:
        return ()
    return pointers(schema.get("createOnlyProperties", ()))
