"""What all rules have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from cfnlint.jsonschema import ValidationError, ValidationResult, Validator
from cfnlint.rules.jsonschema.CfnLintKeyword import CfnLintKeyword
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError

from ._resources import Resource, resource_at
from ._values import Facts, Path, Value

TYPE = "::SageMaker::ModelQualityJobDefinition"


def is_definition(type_name: str) -> bool:
    """Whether this is a name of the type of model quality job definitions.

    It ends as AWS's does, or ``--registry-schemas`` has the type's schema under it.
    """
    if type_name.endswith(TYPE) or type_name.startswith("AWS::"):
        return type_name.endswith(TYPE)
    try:
        # A schema that was given is the same in every region.
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name)
    except ResourceNotFoundError:
        return False
    return "ModelQualityAppSpecification" in schema.schema.get("properties", {})


@dataclass(frozen=True)
class Finding:
    """A mistake: where, in which words, and what was found out on the way to it."""

    path: Path
    message: str
    facts: Facts


def finding(at: Value, message: str, given: Value | None = None) -> Finding:
    """Return a finding at a value; ``given`` is the last value that led to it, if another one."""
    return Finding(at.path, message, (given or at).facts)


class Rule(CfnLintKeyword):  # type: ignore[misc]  # cfn-lint has no types
    """A rule of this package, with what its page says."""

    background: ClassVar[str] = ""
    """Markdown for the page: the evidence, and what is not judged."""
    tags: ClassVar[list[str]] = ["resources", "sagemaker"]

    def __init__(self, keywords: Sequence[str] = ("Resources/*",)) -> None:
        super().__init__(list(keywords))

    def looks_at(self, type_name: str) -> bool:
        """Whether resources of a type can have the mistake."""
        raise NotImplementedError

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield the mistakes in a resource of such a type. From it, all others can be reached."""
        raise NotImplementedError

    def validate(
        self,
        validator: Validator,
        _: Any,
        instance: Any,
        schema: Any,  # noqa: ARG002
    ) -> ValidationResult:
        """Yield the mistakes in a resource, as cfn-lint's errors."""
        if not isinstance(instance, dict) or not self.looks_at(str(instance.get("Type"))):
            return
        resource = resource_at(validator, instance)
        if resource:
            yield from self._errors(self.in_resource(resource), resource.body.facts)

    def _errors(self, findings: Iterator[Finding], known: Facts) -> ValidationResult:
        """Yield each finding once, with the facts that all its occurrences have in common.

        A message does not repeat the facts that were ``known`` before the rule looked.
        """
        facts: dict[tuple[Path, str], Facts] = {}
        for each in findings:
            others = facts.setdefault((each.path, each.message), each.facts)
            facts[each.path, each.message] = {
                fact: value for fact, value in others.items() if each.facts.get(fact) == value
            }
        for (path, message), common in facts.items():
            news = {fact: value for fact, value in common.items() if fact not in known}
            yield ValidationError(message + _when(news), path=path, rule=self)


class DefinitionRule(Rule):
    """A rule that looks at one definition.

    Every resource counts whose type `is_definition`.
    """

    def looks_at(self, type_name: str) -> bool:
        """Whether this is a name of the type of definitions."""
        return is_definition(type_name)

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield the mistakes in a definition."""
        for properties in resource.properties():
            if properties.known:
                yield from self.findings(properties)

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield the mistakes in a definition's properties."""
        raise NotImplementedError


def _when(facts: Facts) -> str:
    """Return the end of a message, which says under which conditions it is true."""
    said = [
        f"the {kind} {name!r} is {str(value).lower() if kind == 'condition' else repr(value)}"
        if name
        else f"the {kind} is {value}"
        for (kind, name), value in sorted(facts.items())
    ]
    return f" (if {' and '.join(said)})" if said else ""
