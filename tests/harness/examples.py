"""The templates in examples/: what they say, and what a deployed one has to be."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from project import ROOT
from sandbox.cloudformation.template.template import Template
from sandbox.process import REGION
from tests.harness.provider import ACCOUNT
from tests.harness.stacks import (
    Clients,
    InvokedProvider,
    Stack,
    definition_name,
    description_of,
    inventory,
    tags_of,
)

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
STACK_TAGS = {"Project": "churn", "Stage": "test"}
PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
#: What SageMaker fills in where a template leaves it out.
INPUT_DEFAULTS = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


class Resolved:
    """Equal to any text that no function is left in: a value that another resource has."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other != "" and "${" not in other

    __hash__ = None  # type: ignore[assignment]  # it equals too much to be a key

    def __repr__(self) -> str:
        return "<the value of another resource>"


class Written:
    """What an example says of its definition, where every parameter has its default."""

    def __init__(self, text: str) -> None:
        self.template: dict[str, Any] = dict(Template.parse(text).body)
        self.definition = self.template["Resources"]["JobDefinition"]["Properties"]

    @property
    def properties(self) -> dict[str, Any]:
        """The definition's properties but for its tags, with SageMaker's own defaults."""
        properties = self._resolve({**self.definition, "Tags": None})
        for name in ("EndpointInput", "BatchTransformInput"):
            source = properties["ModelQualityJobInput"].get(name)
            if source:
                source.update(INPUT_DEFAULTS | source)
        return dict(properties)

    @property
    def tags(self) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self._resolve(self.definition["Tags"])}

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        function = self._functions().get(next(iter(value), ""))
        if function:
            return function(next(iter(value.values())))
        resolved = {name: self._resolve(item) for name, item in value.items()}
        return {name: item for name, item in resolved.items() if item is not None}

    def _functions(self) -> Mapping[str, Any]:
        return {
            "Ref": self._ref,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": lambda _argument: Resolved(),
            # The conditions of the examples are all about parameters that are empty by default.
            "Fn::If": lambda argument: self._resolve(argument[2]),
            "Fn::Sub": self._sub,
        }

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return None
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        parameter = self.template["Parameters"].get(name)
        if not parameter:
            return Resolved()
        default = parameter["Default"]
        # A boolean property takes the text, too, as CloudFormation has parameters as text only.
        return {"true": True, "false": False}.get(default, default)

    def _find_in_map(self, argument: list[Any]) -> Any:
        name, first, second = (self._resolve(each) for each in argument)
        return self.template["Mappings"][name][first][second]

    def _sub(self, argument: Any) -> Any:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        values = {
            name: self._resolve(given[name]) if name in given else self._ref(name)
            for name in re.findall(r"\$\{([^}]+)}", text)
        }
        if any(isinstance(value, Resolved) for value in values.values()):
            return Resolved()
        return re.sub(r"\$\{([^}]+)}", lambda found: str(values[found[1]]), text)


def expect_what_it_says(
    stack: Stack, written: Written, aws: Clients, provider: InvokedProvider
) -> None:
    """The definition of a stack, read back, is the one that its template has."""
    arn = stack.physical_id()
    answer = provider("READ", {"JobDefinitionArn": arn})
    assert answer["status"] == "SUCCESS", answer
    model = answer["resourceModel"]

    tags = {tag["Key"]: tag["Value"] for tag in model.pop("Tags")}
    assert tags == tags_of(aws, arn) == {**STACK_TAGS, **written.tags}
    assert model.pop("JobDefinitionArn") == stack.outputs["JobDefinitionArn"] == arn
    assert model.pop("JobDefinitionName") == definition_name(arn)
    assert stack.outputs["JobDefinitionName"] == definition_name(arn)
    assert model.pop("CreationTime") == stack.outputs["CreationTime"]
    assert model == written.properties


def change_the_tag_in_place(stack: Stack, aws: Clients) -> None:
    """Another cost center is another tag of the same definition."""
    arn = stack.physical_id()
    before = description_of(aws, arn)

    stack.update(parameters={"CostCenter": "research"})

    assert stack.physical_id() == arn
    assert description_of(aws, arn) == before
    assert tags_of(aws, arn) == {**STACK_TAGS, "CostCenter": "research"}
    changed = {event["LogicalResourceId"] for event in stack.events()[-4:]}
    assert changed == {"JobDefinition", stack.name}


def replace_the_definition(stack: Stack, written: Written, aws: Clients) -> None:
    """Another volume size is another definition, and the old one goes."""
    before, old = inventory(aws), stack.physical_id()
    template = written.template
    properties = template["Resources"]["JobDefinition"]["Properties"]
    properties["JobResources"]["ClusterConfig"]["VolumeSizeInGB"] = 31

    stack.update(template)

    new = stack.physical_id()
    assert new == stack.outputs["JobDefinitionArn"] != old
    assert description_of(aws, new)["JobResources"]["ClusterConfig"]["VolumeSizeInGB"] == 31
    assert tags_of(aws, new) == {**STACK_TAGS, **written.tags}
    left = {definition_name(new)} | before["definitions"] - {definition_name(old)}
    assert inventory(aws) == {**before, "definitions": left}
