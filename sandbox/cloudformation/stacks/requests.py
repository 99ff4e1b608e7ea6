"""Validate requests for stacks, and turn them into configurations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from sandbox.cloudformation.errors import InsufficientCapabilities, ValidationError
from sandbox.cloudformation.identity import StackIdentity
from sandbox.cloudformation.resources.resource_type import ResourceType
from sandbox.cloudformation.resources.unknown_types import unknown_types
from sandbox.cloudformation.stored_objects import object_at
from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.parameters import resolve_parameters
from sandbox.cloudformation.template.references import references
from sandbox.cloudformation.template.rules import RuleScope, enforce_rules
from sandbox.cloudformation.template.template import AUTO_EXPAND, Template
from sandbox.cloudformation.template.transforms import transformed
from sandbox.hosting.place import Place
from sandbox.hosting.tags import is_reserved
from sandbox.process_wide import PROCESS

MAX_TAGS = 50


@dataclass(frozen=True)
class StackRequest:
    """The desired state of a stack, as CreateStack, UpdateStack and CreateChangeSet describe it.

    template: the text of the template.
    parameters: as in the API, with ParameterValue or UsePreviousValue.
    capabilities: those that the caller acknowledges; None skips the check.
    reviewed: whether a change set shows what transforms have made, before anything is deployed.
    resource_types: patterns of the types that may be created and changed; without any, all may.
    In an update, None means that the stack keeps its current value.
    """

    template: str | None
    parameters: Sequence[Mapping[str, Any]] = ()
    tags: Mapping[str, str] | None = None
    role_arn: str | None = None
    notification_arns: Sequence[str] | None = None
    capabilities: Sequence[str] | None = None
    reviewed: bool = False
    resource_types: Sequence[str] = ()

    def check_resource_types(self, types: Iterable[str]) -> None:
        """Raise ValidationError if one of the types may not be created or changed."""
        patterns = self.resource_types
        for name in types:
            if patterns and not any(fnmatchcase(name, pattern) for pattern in patterns):
                raise ValidationError(
                    f"Resource type {name} is not allowed by parameter ResourceTypes "
                    f"[{', '.join(patterns)}]"
                )


@contextmanager
def _enough_stack() -> Iterator[None]:
    """Raise ValidationError if what a template nests is too deep for Python's stack."""
    try:
        yield
    except RecursionError:
        raise ValidationError(
            "The sandbox does not support templates whose conditions and functions are nested so "
            "deeply."
        ) from None


class RequestReader:
    """Turns requests into configurations, and rejects what CloudFormation rejects immediately.

    find: returns the implementation of a type, or None if the type is unknown.
    """

    def __init__(self, place: Place, find: Callable[[str], ResourceType | None]) -> None:
        self._place = place
        self._find = find

    @_enough_stack()
    def check_template(self, source: str) -> Template:
        """Parse a template. What a transform may change is not checked.

        Raises ValidationError if it is malformed or has unknown types.
        """
        template = Template.parse(source)
        if not template.has_transforms:
            self._check_types(template)
        return template

    @_enough_stack()
    def configuration(
        self, identity: StackIdentity, request: StackRequest, current: Configuration | None = None
    ) -> Configuration:
        """Return the configuration that a request describes.

        current: the stack's configuration, for an update.

        Raises ValidationError if the template, a parameter or a tag is not valid, or if a rule of
            the template fails.
        Raises InsufficientCapabilities if the template needs a capability that is not acknowledged.
        """
        current = current or Configuration(identity, Template("", {}))
        source = current.template.text if request.template is None else request.template
        template = Template.parse(source)
        tags = current.tags if request.tags is None else request.tags
        _check_tags(tags)
        arns = request.notification_arns
        configuration = Configuration(
            stack=identity,
            template=template,
            parameters=resolve_parameters(
                template.parameters,
                request.parameters,
                current.parameters,
                self._place,
            ),
            tags=dict(tags),
            role_arn=request.role_arn or current.role_arn,
            notification_arns=current.notification_arns if arns is None else tuple(arns),
            capabilities=tuple(request.capabilities or ()),
        )
        if not template.has_includes:
            _enforce_rules(configuration)
        if template.has_transforms:
            fetch = partial(object_at, self._place)
            configuration = configuration.with_template(transformed(configuration, fetch))
        if template.has_includes:  # they may lie elsewhere
            _enforce_rules(configuration)
        self._check_types(configuration.template)
        if request.capabilities is not None:
            auto_expand = template.has_transforms and not request.reviewed
            check_capabilities(configuration.template, request.capabilities, auto_expand)
        configuration.check()
        return configuration

    def _check_types(self, template: Template) -> None:
        """Raise ValidationError if a type is unknown or lacks a requested attribute."""
        kinds = {name: self._find(name) for name in template.resource_types}
        if unknown := [name for name, kind in kinds.items() if kind is None]:
            place = self._place
            registered = PROCESS.types.of_place(place.account_id, place.region)
            raise ValidationError(
                unknown_types(unknown, place.region, [each.type_name for each in registered])
            )
        for reference in references([dict(template.resources), dict(template.outputs)]):
            if reference.attribute and reference.name in template.resources:
                kind = kinds[template.resources[reference.name]["Type"]]
                if kind and not kind.has_attribute(reference.attribute):
                    raise ValidationError(
                        kind.without_attribute(reference.name, reference.attribute)
                    )


def _enforce_rules(configuration: Configuration) -> None:
    template = configuration.template
    scope = RuleScope(template.parameters, configuration.parameter, configuration.stack.place)
    enforce_rules(template.rules, scope)


def check_capabilities(template: Template, acknowledged: Sequence[str], auto_expand: bool) -> None:
    """Raise InsufficientCapabilities if a template needs one that is not acknowledged.

    auto_expand: whether its transforms need one, too.
    """
    if auto_expand and AUTO_EXPAND not in acknowledged:
        raise InsufficientCapabilities(f"Requires capabilities : [{AUTO_EXPAND}]")
    needed, _ = template.needed_capabilities
    missing = set(needed) - set(acknowledged)
    if missing and "CAPABILITY_NAMED_IAM" not in acknowledged:  # which covers CAPABILITY_IAM
        raise InsufficientCapabilities(f"Requires capabilities : [{', '.join(sorted(missing))}]")


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise ValidationError(f"Only {MAX_TAGS} tags are allowed on a stack, and not {len(tags)}")
    if reserved := [key for key in tags if is_reserved(key)]:
        raise ValidationError(
            f"aws: prefixed tag key names are not allowed for external use: [{reserved[0]}]"
        )
