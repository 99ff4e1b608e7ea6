"""What cfn-lint does for AWS's types only, done for definitions under a name of one's own.

cfn-lint reads the schemas of ``--registry-schemas``, and then knows their types. But since version
1.43.0 it validates the properties and the Fn::GetAtt of a type only if its own list of AWS's types
has the name (cfnlint/schema/manager.py, ``get_resource_schemas_by_regions``). These rules do the
same for the others. guide/cfn-lint-registry-types.md says what would make them superfluous.

They report under the ids of cfn-lint's rules, such as E3002 for an unknown property, so that
findings, and what is ignored, are the same under every name. They find nothing for a type that
cfn-lint itself validates, and nothing for one without a schema, which E3006 reports.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, ClassVar

from cfnlint.context.conditions.exceptions import Unsatisfiable
from cfnlint.helpers import FUNCTIONS
from cfnlint.jsonschema import ValidationError, ValidationResult, Validator
from cfnlint.rules.jsonschema.CfnLintKeyword import CfnLintKeyword
from cfnlint.rules.resources.properties.Properties import Properties
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError, Schema

from ._resources import resource_at
from ._rule import TYPE, is_definition

AWS_NAME = f"AWS{TYPE}"


def unapplied_schema(type_name: str, regions: Sequence[str]) -> Schema | None:
    """The schema that was given for an own name of this type, and that cfn-lint does not apply."""
    if not is_definition(type_name) or any(
        PROVIDER_SCHEMA_MANAGER.get_resource_schemas_by_regions(type_name, regions)
    ):
        return None
    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(regions[0], type_name)
    except ResourceNotFoundError:
        return None


class PropertiesUnderOwnName(Properties):  # type: ignore[misc]  # cfn-lint has no types
    """What a definition's schema says of its properties."""

    id = "E9500"
    shortdesc = "The properties of a definition under a name of one's own match its schema"
    description = (
        "cfn-lint validates only types that AWS has. This validates definitions under other names "
        "too, by the schema that --registry-schemas has for the name."
    )
    source_url = (
        "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html"
    )
    tags: ClassVar[list[str]] = ["resources", "sagemaker"]

    def validate(
        self,
        validator: Validator,
        _: Any,
        instance: Any,
        schema: Any,  # noqa: ARG002
    ) -> ValidationResult:
        """Yield what is wrong with a definition's properties, as cfn-lint's errors."""
        resource = resource_at(validator, instance)
        own = resource and unapplied_schema(resource.type, validator.context.regions)
        if not resource or not own:
            return
        try:
            conditions = validator.context.conditions.evolve(resource.body.holds.conditions)
        except Unsatisfiable:
            return
        context = validator.context.evolve(
            conditions=conditions,
            functions=list(FUNCTIONS),
            strict_types=False,
            # Under this path, cfn-lint's rules for AWS's type look at this one as well.
            path=validator.context.path.evolve(
                cfn_path=deque(["Resources", AWS_NAME, "Properties"])
            ).descend(path="Properties"),
        )
        functions = validator.function_filter.evolve(add_cfn_lint_keyword=True)
        here = self.extend_validator(
            validator.evolve(function_filter=functions), own.schema, context
        )
        properties = instance.get("Properties", {})
        for error in self._validate(here, properties):
            error.path.appendleft("Properties")
            yield error


class AttributesUnderOwnName(CfnLintKeyword):  # type: ignore[misc]  # cfn-lint has no types
    """What Fn::GetAtt can return of a definition."""

    id = "E9530"
    shortdesc = (
        "Fn::GetAtt of a definition under a name of one's own names an attribute that it has"
    )
    description = (
        "Of a registered type, CloudFormation returns the read-only properties. cfn-lint does not "
        "look at Fn::GetAtt of types that AWS does not have."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html"
    tags: ClassVar[list[str]] = ["functions", "getatt", "sagemaker"]

    def __init__(self) -> None:
        super().__init__(["*"])
        # cfn-lint's rule for Fn::GetAtt asks this one, and reports what it finds as its own.
        self.parent_rules = ["E1010"]

    def validate(
        self,
        validator: Validator,
        _: Any,
        instance: Any,
        schema: Any,  # noqa: ARG002
    ) -> ValidationResult:
        """Yield an error for an attribute that a definition does not have.

        instance: the logical id and the attribute's name.
        """
        logical_id, attribute = instance
        regions = validator.context.regions
        resource = validator.context.resources.get(logical_id)
        own = resource and unapplied_schema(resource.type, regions)
        if own and isinstance(attribute, str) and attribute not in own.get_atts.data:
            yield ValidationError(
                f"{attribute!r} is not one of {own.get_atts!r} in {regions!r}",
                validator="fn_getatt",
                path=deque(["Fn::GetAtt", 1]),
            )
