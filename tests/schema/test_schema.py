"""The resource schema: held against SageMaker's own model, its promises, and the CLI's advice."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from project.settings import schema_path
from tools.cloudformation_cli import cfn, scratch_project

Json = dict[str, Any]
Facts = dict[str, Any]

SCHEMA: Json = json.loads(schema_path().read_text("utf-8"))

# Where the schema says something else than the API's model, on purpose: the path and what differs,
# what the schema says, and why.
DELIBERATE_DIFFERENCES: dict[tuple[str, str], tuple[object, str]] = {
    ("/JobDefinitionArn", "member"): (True, "read-only: create answers with it"),
    ("/CreationTime", "member"): (True, "read-only: Describe gives it"),
    ("/EndpointName", "member"): (True, "documented for AWS's type; narrows a list, is never sent"),
    ("/JobDefinitionName", "required"): (False, "a template without it gets a generated name"),
    ("/ModelQualityJobInput", "anyOf"): (
        [{"required": ["EndpointInput"]}, {"required": ["BatchTransformInput"]}],
        "the service wants one of the two, which its model has no words for",
    ),
    ("/ModelQualityJobInput/BatchTransformInput/DatasetFormat/Parquet", "type"): (
        "boolean",
        "documented so for AWS's type; the API has an empty object",
    ),
    ("/JobResources/ClusterConfig/InstanceType", "enum"): (
        None,
        "AWS adds types every month; SageMaker answers for a wrong one",
    ),
    ("/ModelQualityAppSpecification/Environment/{key}", "pattern"): (
        "^[a-zA-Z_][a-zA-Z0-9_]{0,255}$",
        "the keys of a map can have a pattern, but no length: so the pattern holds it",
    ),
    ("/ModelQualityAppSpecification/Environment/{key}", "max"): (None, "held by the pattern"),
}

ANNOTATIONS = {"description", "insertionOrder", "$comment"}
STRUCTURE = {"type", "properties", "patternProperties", "additionalProperties", "required", "items"}
COMBINERS = {"anyOf", "oneOf", "allOf"}
LIMITS = {
    "minLength": "min",
    "minimum": "min",
    "minItems": "min",
    "minProperties": "min",
    "maxLength": "max",
    "maximum": "max",
    "maxItems": "max",
    "maxProperties": "max",
}
API_TYPES = {
    "structure": "object",
    "map": "map",
    "list": "array",
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "double": "number",
}


def resolve(schema: Json, node: Json) -> Json:
    """The node itself, or the definition that it refers to."""
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].removeprefix("#/definitions/")]
    return node


def schema_facts(schema: Json) -> dict[str, Facts]:
    """What the schema says about each path, in the words that `api_facts` uses too."""

    def walk(node: Json, path: str, *, required: bool | None) -> Iterator[tuple[str, Facts]]:
        node = resolve(schema, node)
        facts: Facts = {"member": True, "required": required, "type": node["type"]}
        for keyword, value in node.items():
            if keyword not in ANNOTATIONS | STRUCTURE:
                facts[LIMITS.get(keyword, keyword)] = value
        if "patternProperties" in node:
            if node["type"] == "object":
                facts["type"] = "map"
            [(pattern, value)] = node["patternProperties"].items()
            yield f"{path}/{{key}}", {"member": True, "type": "string", "pattern": pattern}
            yield from walk(value, f"{path}/{{value}}", required=None)
        for name, child in node.get("properties", {}).items():
            yield from walk(child, f"{path}/{name}", required=name in node.get("required", []))
        if "items" in node:
            yield from walk(node["items"], f"{path}/[]", required=None)
        yield path, facts

    root = {key: schema[key] for key in schema.keys() & (STRUCTURE | COMBINERS)}
    return dict(walk({"type": "object", **root}, "", required=None))


def api_facts(shape: Shape, path: str = "", *, required: bool | None = None) -> dict[str, Facts]:
    """What the service model says about each path below a shape."""
    facts: Facts = {"member": True, "required": required, "type": API_TYPES[shape.type_name]}
    facts.update({key: value for key, value in shape.metadata.items() if key != "required"})
    if "pattern" in facts:
        facts["pattern"] = whole_value(facts["pattern"])
    if isinstance(shape, StringShape) and shape.enum:
        facts["enum"] = shape.enum
    if not facts.get("min"):
        facts.pop("min", None)  # A length of at least nothing is no limit.
    found = {path: facts}
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            is_required = name in shape.required_members
            found |= api_facts(member, f"{path}/{name}", required=is_required)
    elif isinstance(shape, ListShape):
        found |= api_facts(shape.member, f"{path}/[]")
    elif isinstance(shape, MapShape):
        found |= api_facts(shape.key, f"{path}/{{key}}") | api_facts(
            shape.value, f"{path}/{{value}}"
        )
    return found


def whole_value(pattern: str) -> str:
    """The API's pattern as JSON Schema needs it: SageMaker matches whole values, it searches."""
    return f"^(?:{pattern})$" if has_open_alternatives(pattern) else f"^{pattern}$"


def has_open_alternatives(pattern: str) -> bool:
    """Whether a | stands outside all groups, so that an anchor would bind to one side of it."""
    plain = re.sub(r"\\.", "", pattern)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "", plain)
    while "(" in plain:
        plain = re.sub(r"\([^()]*\)", "", plain)
    return "|" in plain


def differences(schema: Json, theirs: dict[str, Facts]) -> dict[tuple[str, str], object]:
    """Each path and fact that the schema and the service don't agree on, and what the schema says.

    Where one of them has no such path at all, only its topmost member counts.
    """
    ours = schema_facts(schema)
    found: dict[tuple[str, str], object] = {}
    for path in ours.keys() | theirs.keys():
        if path in ours and path in theirs:
            mine, its = ours[path], theirs[path]
            for fact in mine | its:
                if mine.get(fact) != its.get(fact):
                    found[path, fact] = mine.get(fact)
        else:
            parent = path.rpartition("/")[0]
            if parent in ours and parent in theirs:
                found[path, "member"] = path in ours
    return found


def unexplained(found: dict[tuple[str, str], object]) -> list[str]:
    """The differences that are not in the table, or not as it says."""
    return sorted(
        f"{path}: {fact} is {said!r} in the schema"
        for (path, fact), said in found.items()
        if DELIBERATE_DIFFERENCES.get((path, fact), ("nothing", ""))[0] != said
    )


@lru_cache
def service_description() -> Json:
    session = botocore.session.get_session()
    loaded: Json = session.get_component("data_loader").load_service_model("sagemaker", "service-2")
    return loaded


def create_request(changes: Mapping[str, Json] | None = None) -> dict[str, Facts]:
    """The facts of CreateModelQualityJobDefinition's input, with some shapes exchanged."""
    description = service_description()
    changed = {**description, "shapes": {**description["shapes"], **(changes or {})}}
    operation = ServiceModel(changed, "sagemaker").operation_model(
        "CreateModelQualityJobDefinition"
    )
    assert operation.input_shape
    return api_facts(operation.input_shape)


def test_schema_and_service_model_agree_but_for_the_deliberate_differences() -> None:
    found = differences(SCHEMA, create_request())
    assert unexplained(found) == []
    outdated = sorted(DELIBERATE_DIFFERENCES.keys() - found.keys())
    assert not outdated, "in the table, but no difference any more"


COMPARED = {*LIMITS, "type", "pattern", "enum"}


def comparable_nodes(
    node: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """The paths of all nodes of a document that are schemas of a property."""
    if isinstance(node, dict):
        if isinstance(node.get("type"), str) and path:
            yield path
        for key, child in node.items():
            if key not in ("handlers", "tagging"):
                yield from comparable_nodes(child, (*path, key))


def at(document: Json, path: tuple[str | int, ...]) -> Any:
    found: Any = document
    for key in path:
        found = found[key]
    return found


# The API's request has nothing to compare these with.
BESIDE_THE_REQUEST = [
    ("properties", name) for name in ("JobDefinitionArn", "CreationTime", "EndpointName")
]


def test_no_limit_of_the_schema_can_be_changed_unnoticed() -> None:
    request = create_request()
    paths = [path for path in comparable_nodes(SCHEMA) if path not in BESIDE_THE_REQUEST]
    mutations = [(path, key) for path in paths for key in at(SCHEMA, path).keys() & COMPARED]
    assert len(mutations) > 100
    for path, keyword in mutations:
        changed = copy.deepcopy(SCHEMA)
        node = at(changed, path)
        if keyword == "type":
            node["type"] = "string" if node["type"] != "string" else "integer"
        elif keyword in LIMITS:
            node[keyword] += 1
        else:
            del node[keyword]
        assert unexplained(differences(changed, request)), f"{path} {keyword}"


def test_no_requirement_of_the_schema_can_be_dropped_unnoticed() -> None:
    request = create_request()
    required = [
        ((), SCHEMA),
        *((("definitions", name), node) for name, node in SCHEMA["definitions"].items()),
    ]
    for path, node in required:
        for position in range(len(node.get("required", []))):
            changed = copy.deepcopy(SCHEMA)
            del at(changed, path)["required"][position]
            assert unexplained(differences(changed, request)), f"{path} {position}"


def with_member(shapes: Json, shape: str, member: str, target: str) -> Json:
    changed: Json = copy.deepcopy(shapes[shape])
    changed["members"][member] = {"shape": target}
    return {shape: changed}


def with_limit(shapes: Json, shape: str, **limit: Any) -> Json:
    return {shape: {**shapes[shape], **limit}}


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            lambda s: with_member(s, "ModelQualityAppSpecification", "Novelty", "String"),
            ("/ModelQualityAppSpecification/Novelty", "member"),
        ),
        (
            lambda s: with_member(s, "EndpointInput", "Novelty", "VpcConfig"),
            ("/ModelQualityJobInput/EndpointInput/Novelty", "member"),
        ),
        (lambda s: with_limit(s, "MonitoringMaxRuntimeInSeconds", max=90000), ("max",)),
        (lambda s: with_limit(s, "ImageUri", min=1), ("min",)),
        (lambda s: with_limit(s, "VpcSecurityGroupIds", max=16), ("max",)),
        (lambda s: with_limit(s, "MonitoringEnvironmentMap", max=100), ("max",)),
        (lambda s: with_limit(s, "RoleArn", pattern="arn:.*"), ("pattern",)),
        (lambda s: with_limit(s, "MonitoringProblemType", enum=["Ranking"]), ("enum",)),
        (lambda s: with_limit(s, "MonitoringNetworkConfig", required=["VpcConfig"]), ("required",)),
        (lambda s: with_limit(s, "ProbabilityThresholdAttribute", type="string"), ("type",)),
        (lambda s: with_limit(s, "VpcConfig", union=True), ("union",)),
    ],
)
def test_what_a_new_release_of_the_api_changes_shows(
    change: Callable[[Json], Json], difference: tuple[str, ...]
) -> None:
    found = differences(SCHEMA, create_request(change(service_description()["shapes"])))
    new = found.keys() - DELIBERATE_DIFFERENCES.keys()
    assert any(place[-len(difference) :] == difference for place in new), new


def test_a_deliberate_difference_that_is_gone_shows() -> None:
    changed = copy.deepcopy(SCHEMA)
    changed["required"].append("JobDefinitionName")
    found = differences(changed, create_request())
    assert DELIBERATE_DIFFERENCES.keys() - found.keys() == {("/JobDefinitionName", "required")}


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        ("(https|s3)://([^/])/?(.*)", "^(https|s3)://([^/])/?(.*)$"),
        ("[a|b]", "^[a|b]$"),
        (r"a\|b", r"^a\|b$"),
        ("((a|b)|c)d", "^((a|b)|c)d$"),
        ("a|b", "^(?:a|b)$"),
        ("(a)|b", "^(?:(a)|b)$"),
    ],
)
def test_open_alternatives_of_a_pattern_are_grouped_before_they_are_anchored(
    pattern: str, anchored: str
) -> None:
    assert whole_value(pattern) == anchored


def complaints(schema: Json) -> list[str]:
    """What is not as it should be in a schema, whatever the API says."""
    found = []
    nodes = {".".join(map(str, path)): at(schema, path) for path in comparable_nodes(schema)}
    for name, node in {**nodes, "the root": {**schema, "type": "object"}}.items():
        if node["type"] == "object" and node.get("additionalProperties") is not False:
            found.append(f"{name} is open")
        if node["type"] == "array" and node.get("insertionOrder") is not (
            not name.endswith("Tags")
        ):
            found.append(f"{name} has a wrong insertionOrder")
        if "uniqueItems" in node:
            # The Python plugin makes a set of it, which cannot hold objects.
            found.append(f"{name} has uniqueItems")
        pattern = node.get("pattern", "^$")
        if not (pattern.startswith("^") and pattern.endswith("$")) or has_open_alternatives(
            pattern
        ):
            found.append(f"{name} has a pattern that is not anchored")
        if not name.endswith("items") and len(node.get("description", "").split()) < 6:
            found.append(f"{name} is not described")
    return found


def test_objects_are_closed_arrays_ordered_patterns_anchored_and_all_is_described() -> None:
    assert complaints(SCHEMA) == []


def test_the_registry_can_show_the_whole_description() -> None:
    model = botocore.session.get_session().get_service_model("cloudformation")
    shape = model.operation_model("DescribeType").output_shape
    assert shape
    assert len(SCHEMA["description"]) <= shape.members["Description"].metadata["max"]


@pytest.mark.parametrize(
    ("path", "keyword", "value", "complaint"),
    [
        ("definitions Csv", "additionalProperties", True, "definitions.Csv is open"),
        ("", "additionalProperties", True, "the root is open"),
        (
            "definitions ModelQualityAppSpecification properties Environment",
            "additionalProperties",
            True,
            "definitions.ModelQualityAppSpecification.properties.Environment is open",
        ),
        ("properties Tags", "insertionOrder", True, "properties.Tags has a wrong insertionOrder"),
        (
            "definitions VpcConfig properties Subnets",
            "insertionOrder",
            None,
            "definitions.VpcConfig.properties.Subnets has a wrong insertionOrder",
        ),
        ("properties Tags", "uniqueItems", True, "properties.Tags has uniqueItems"),
        (
            "properties RoleArn",
            "pattern",
            "arn:.*$",
            "properties.RoleArn has a pattern that is not anchored",
        ),
        (
            "properties RoleArn",
            "pattern",
            "^a|b$",
            "properties.RoleArn has a pattern that is not anchored",
        ),
        ("properties RoleArn", "description", "", "properties.RoleArn is not described"),
    ],
)
def test_a_slip_in_the_schema_is_complained_of(
    path: str, keyword: str, value: object, complaint: str
) -> None:
    changed = copy.deepcopy(SCHEMA)
    at(changed, tuple(path.split()))[keyword] = value
    assert complaints(changed) == [complaint]


def pointers(*names: str) -> set[str]:
    return {f"/properties/{name}" for name in names}


def test_the_type_declares_what_can_be_set_and_changed() -> None:
    read_only = pointers("JobDefinitionArn", "CreationTime")
    in_place = pointers("Tags", "EndpointName")
    assert SCHEMA["typeName"] == "AWS::SageMaker::ModelQualityJobDefinition"
    assert SCHEMA["primaryIdentifier"] == ["/properties/JobDefinitionArn"]
    assert set(SCHEMA["readOnlyProperties"]) == read_only
    assert SCHEMA["writeOnlyProperties"] == ["/properties/EndpointName"]
    assert set(SCHEMA["createOnlyProperties"]) == (
        pointers(*SCHEMA["properties"]) - read_only - in_place
    )


def test_tags_can_be_set_and_changed_but_not_cloudformation_s_own() -> None:
    tagging = dict(SCHEMA["tagging"])
    permissions = set(tagging.pop("permissions"))
    assert permissions == {
        f"sagemaker:{action}" for action in ("AddTags", "DeleteTags", "ListTags")
    }
    assert tagging == {
        "taggable": True,
        "tagOnCreate": True,
        "tagUpdatable": True,
        "cloudFormationSystemTags": False,
        "tagProperty": "/properties/Tags",
    }


def test_handlers_ask_for_no_more_than_their_calls_need() -> None:
    describe, list_tags = "sagemaker:DescribeModelQualityJobDefinition", "sagemaker:ListTags"
    permissions = {
        name: set(handler["permissions"]) for name, handler in SCHEMA["handlers"].items()
    }
    assert permissions == {
        "create": {
            "sagemaker:CreateModelQualityJobDefinition",
            "sagemaker:AddTags",
            "iam:PassRole",
            describe,
            list_tags,
        },
        "read": {describe, list_tags},
        "update": {"sagemaker:AddTags", "sagemaker:DeleteTags", describe, list_tags},
        "delete": {"sagemaker:DeleteModelQualityJobDefinition", describe},
        "list": {"sagemaker:ListModelQualityJobDefinitions"},
    }
    assert all("timeoutInMinutes" in handler for handler in SCHEMA["handlers"].values())


def test_a_list_can_be_narrowed_to_an_endpoint() -> None:
    assert list(SCHEMA["handlers"]["list"]["handlerSchema"]["properties"]) == ["EndpointName"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/Churn-Quality",
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/churn-quality",
        "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:model-quality-job-definition/a",
        "arn:aws-cn:sagemaker:cn-north-1:123456789012:model-quality-job-definition/" + "a" * 63,
    ],
)
def test_an_arn_of_either_case_in_any_partition_is_an_identifier(arn: str) -> None:
    assert re.search(SCHEMA["properties"]["JobDefinitionArn"]["pattern"], arn)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:us-east-1:123456789012:data-quality-job-definition/churn-quality",
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/",
        "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/" + "a" * 64,
        "churn-quality",
    ],
)
def test_an_arn_of_something_else_is_no_identifier(arn: str) -> None:
    assert not re.search(SCHEMA["properties"]["JobDefinitionArn"]["pattern"], arn)


def advice(schema: Json) -> list[str]:
    """What `cfn validate` says about a schema, but for patterns that Python's re cannot check."""
    with scratch_project() as project:
        (project / schema_path().name).write_text(json.dumps(schema))
        said = cfn("validate", project)
    return [line for line in said if not (line.startswith("Could not validate") and r"\p{" in line)]


@pytest.mark.once  # the CLI says it of the schema alone
def test_the_cloudformation_cli_has_no_advice() -> None:
    assert advice(SCHEMA) == ["Resource schema is valid."]


@pytest.mark.once  # the CLI says it of the schema alone
def test_advice_of_the_cloudformation_cli_is_seen() -> None:
    changed = copy.deepcopy(SCHEMA)
    del changed["properties"]["Tags"]["insertionOrder"]
    assert "Explicitly specify value for insertionOrder for array: Tags" in advice(changed)
