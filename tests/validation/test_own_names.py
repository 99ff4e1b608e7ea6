"""Definitions under AWS's name and under names of one's own are validated alike."""

import json
from pathlib import Path

import pytest

from project.settings import type_name
from tests.harness.examples import EXAMPLES
from tests.harness.linting import STOCK, Finding, Linter
from validation.command import RULES, write_schemas

pytestmark = pytest.mark.once

AWS = type_name()
OWN = "YourOrg::SageMaker::ModelQualityJobDefinition"
OTHER = "Acme42::SageMaker::ModelQualityJobDefinition"
FOREIGN = "Datadog::Monitors::Monitor"

# {0} is a logical id, {1} the type's name.
DEFINITION = """\
  {0}:
    Type: {1}
    Properties:
      RoleArn: arn:aws:iam::123456789012:role/model-monitor
      ModelQualityAppSpecification:
        ImageUri: 156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer
        ProblemType: Regression
      ModelQualityJobInput:
        GroundTruthS3Input:
          S3Uri: s3://bucket/labels
        EndpointInput:
          EndpointName: churn
          LocalPath: /opt/ml/processing/input/endpoint
          InferenceAttribute: "0"
      ModelQualityJobOutputConfig:
        MonitoringOutputs:
          - S3Output:
              LocalPath: /opt/ml/processing/output
              S3Uri: s3://bucket/reports
      JobResources:
        ClusterConfig:
          InstanceCount: 1
          InstanceType: ml.m5.xlarge
          VolumeSizeInGB: 20
      StoppingCondition:
        MaxRuntimeInSeconds: 1800
"""


@pytest.fixture
def linter(tmp_path: Path) -> Linter:
    return Linter(tmp_path / "work", tmp_path / "home")


def template(*resources: str, rest: str = "") -> str:
    return "\n".join(["Resources:", *resources, rest])


def definition(logical_id: str, name: str, *changes: tuple[str, str]) -> str:
    text = DEFINITION.format(logical_id, name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def saved(linter: Linter, **templates: str) -> list[str]:
    """Save templates under these names; returns their paths."""
    for name, text in templates.items():
        (linter.folder / f"{name}.yaml").write_text(text)
    return [f"{name}.yaml" for name in templates]


def alike(found: list[Finding], one: str, *others: str) -> list[Finding]:
    """The findings of the template ``one``, after it is clear that the others have the same."""
    by_template: dict[str, list[Finding]] = {}
    for each in found:
        same = Finding("", each.rule, each.line, each.message)
        by_template.setdefault(each.template, []).append(same)
    for other in others:
        assert by_template.get(other) == by_template.get(one)
    return by_template.get(one, [])


def test_every_example_is_clean_under_every_name(linter: Linter) -> None:
    for path in EXAMPLES:
        text = path.read_text("utf-8")
        (linter.folder / f"aws-{path.name}").write_text(text)
        (linter.folder / f"own-{path.name}").write_text(text.replace(AWS, OWN))

    assert linter.findings("--include-checks", "I", "--template", "*.yaml") == []


MISTAKES: dict[str, tuple[tuple[str, str], ...]] = {
    "misspelt": (("StoppingCondition", "StopingCondition"),),
    "missing": (("      RoleArn: arn:aws:iam::123456789012:role/model-monitor\n", ""),),
    "kind": (("VolumeSizeInGB: 20", "VolumeSizeInGB: twenty"),),
    "limit": (("InstanceCount: 1", "InstanceCount: 0"),),
    "pattern": (("arn:aws:iam::123456789012:role/model-monitor", "model-monitor"),),
    "choice": (("ProblemType: Regression", "ProblemType: Clustering"),),
    # This rule of cfn-lint's knows AWS's types by name.
    "instance": (("ml.m5.xlarge", "ml.m5.huge"),),
    "branch": (
        # An optional member that is absent in one branch, and a text that is a list in one.
        ("ProblemType: Regression", "ProblemType: !If [Big, Regression, !Ref AWS::NoValue]"),
        ("S3Uri: s3://bucket/labels", "S3Uri: !If [Big, [s3://bucket], s3://bucket/labels]"),
    ),
    "nothing": (("    Properties:\n", "    Properties: 5\n    Metadata:\n"),),
    "empty": (("    Properties:\n", "    Properties:\n    Metadata:\n"),),
    "absent": (("    Properties:\n", "    Metadata:\n"),),
    "never": (("    Properties:\n", "    Condition: Never\n    Properties:\n"),),
}
CONDITIONS = """
Parameters:
  Size:
    Type: String
    Default: big
Conditions:
  Big: !Equals [!Ref Size, big]
  Never: !And [!Equals [!Ref Size, a], !Equals [!Ref Size, b]]
"""


def test_mistakes_have_the_same_id_message_and_line_under_every_name(linter: Linter) -> None:
    for name, changes in MISTAKES.items():
        for prefix, own in (("aws", AWS), ("own", OWN), ("other", OTHER)):
            text = template(definition("Quality", own, *changes), rest=CONDITIONS)
            saved(linter, **{f"{prefix}-{name}": text})

    found = linter.findings("*.yaml")

    rules = {
        name: {
            each.rule
            for each in alike(found, f"aws-{name}.yaml", f"own-{name}.yaml", f"other-{name}.yaml")
        }
        for name in MISTAKES
    }
    # The conditions are there in all of these templates, and most do not use them.
    assert {name: ids - {"W8001"} for name, ids in rules.items()} == {
        "misspelt": {"E3002"},
        "missing": {"E3003"},
        "kind": {"E3012"},
        "limit": {"E3034"},
        "pattern": {"E3031", "E3033"},
        "choice": {"E3030"},
        "instance": {"E3640"},
        "branch": {"E3012"},
        "nothing": {"E3012"},
        "empty": {"E3012"},
        "absent": {"E3003"},
        "never": set(),
    }


def test_several_own_names_in_one_template_are_validated(linter: Linter) -> None:
    misspelt = MISTAKES["misspelt"]
    names = (AWS, OWN, OTHER)
    ids = [f"Quality{number}" for number, _ in enumerate(names)]
    text = template(
        *map(definition, ids, names),
        *(definition(f"X{i}", n, *misspelt) for i, n in zip(ids, names, strict=True)),
    )
    found = linter.findings(*saved(linter, three=text))
    lines = [
        number for number, line in enumerate(text.splitlines(), 1) if "StopingCondition" in line
    ]
    assert [(each.rule, each.line) for each in found] == [("E3002", line) for line in lines]
    assert len(lines) == 3


OUTPUTS = """
Outputs:
  Arn:
    Value: !Ref Quality
  Created:
    Value: !GetAtt Quality.CreationTime
  Linked:
    Value: !Sub "${Quality.JobDefinitionArn}/${Quality}"
  Name:
    Value: !GetAtt Quality.JobDefinitionName
  NameInText:
    Value: !Sub "the ${Quality.JobDefinitionName}"
  NameInList:
    Value:
      Fn::GetAtt: [Quality, JobDefinitionName]
  Misspelt:
    Value: !GetAtt Quality.CreatedTime
  Computed:
    Value:
      Fn::GetAtt: [Quality, !Ref Attribute]
Parameters:
  Attribute:
    Type: String
    Default: CreationTime
"""


def test_getatt_returns_all_properties_under_awss_name_and_read_only_ones_under_another(
    linter: Linter,
) -> None:
    found = linter.findings(
        *saved(
            linter,
            aws=template(definition("Quality", AWS), rest=OUTPUTS),
            own=template(definition("Quality", OWN), rest=OUTPUTS),
        )
    )
    lines = template(definition("Quality", AWS), rest=OUTPUTS).splitlines()

    def outputs(of: str) -> list[str]:
        # The line above a value, or above the function in it.
        return [lines[each.line - 2].strip(" :") for each in found if each.template == of]

    assert outputs("aws.yaml") == ["Misspelt"]
    assert outputs("own.yaml") == ["Name", "NameInText", "Value", "Misspelt"]
    rule = found[0].rule
    assert {each.rule for each in found} == {rule}
    assert found[1].message == (
        "'JobDefinitionName' is not one of ['JobDefinitionArn', 'CreationTime'] in ['us-east-1']"
    )


def test_type_name_says_which_names_there_are_so_a_misspelt_one_is_found(linter: Linter) -> None:
    saved(
        linter,
        own=template(definition("Quality", OWN)),
        misspelt=template(definition("Quality", OWN.replace("Your", "Yuor"))),
        other=template(definition("Quality", "YourOrg::ML::QualityJob", *MISTAKES["misspelt"])),
        reserved=template(definition("Quality", "Amazon::SageMaker::ModelQualityJobDefinition")),
    )

    def found(*options: str) -> list[tuple[str, str]]:
        return [(each.template, each.rule) for each in linter.findings(*options, "*.yaml")]

    assert found() == [("other.yaml", "E3006"), ("reserved.yaml", "E3006")]
    assert found("--type-name", f"{OWN}, YourOrg::ML::QualityJob") == [
        ("misspelt.yaml", "E3006"),
        ("other.yaml", "E3002"),
        ("reserved.yaml", "E3006"),
    ]


def test_cfn_lint_itself_finds_the_same_with_a_schema_and_the_rules(tmp_path: Path) -> None:
    stock = Linter(tmp_path / "work", tmp_path / "home", STOCK)
    saved(
        stock,
        wrong=template(definition("Quality", OWN, *MISTAKES["misspelt"]), rest=OUTPUTS),
        # Types of others are left to cfn-lint.
        foreign=template(f"  Monitor: {{Type: {FOREIGN}, Properties: {{Any: thing}}}}"),
    )
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    write_schemas(schemas, [OWN])
    foreign = {"typeName": FOREIGN, "properties": {}, "additionalProperties": False}
    (schemas / "foreign.json").write_text(json.dumps(foreign))

    given = ("--registry-schemas", schemas)
    # With a schema alone, cfn-lint only knows that there is such a type.
    assert stock.findings(*given, "--", "wrong.yaml", "foreign.yaml") == []
    found = stock.findings(*given, "--append-rules", RULES, "--", "wrong.yaml", "foreign.yaml")
    assert [(each.template, each.rule) for each in found] == [
        ("wrong.yaml", rule) for rule in ("E3002", "E6101", "E6101", "E6101", "E6101")
    ]
