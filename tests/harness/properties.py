"""Valid resources, made up from the schema: a property that the schema gains is covered by itself.

Sequences of tag sets, too. How many examples a test has tried is printed at the end of the run.
"""

import functools
import json
import os
import re
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from project.settings import schema_path
from sandbox.json_service.models import service_model

Schema = dict[str, Any]
Tags = dict[str, str]
Made = TypeVar("Made")

SCHEMA: Schema = json.loads(schema_path().read_text("utf-8"))
READ_ONLY = {pointer.rpartition("/")[2] for pointer in SCHEMA["readOnlyProperties"]}
WRITE_ONLY = {pointer.rpartition("/")[2] for pointer in SCHEMA["writeOnlyProperties"]}
MAX_TAGS = SCHEMA["properties"]["Tags"]["maxItems"]

# Unlike the schema's, SageMaker's list of instance types is closed.
_INSTANCE_TYPES = service_model("sagemaker").shape_for("ProcessingInstanceType").enum
# Where a pattern says p{L}, p{Z} or p{N}, which Python's re does not know: some of each.
_UNICODE_CLASSES = {r"\p{L}": "a-zA-Zéß大Ж", r"\p{Z}": " \u00a0\u3000", r"\p{N}": "0-9²٣"}
# Whatever JSON can hold, but for what Java's dot takes for the end of a line and Python's does not.
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\u0085\u2028\u2029")


def examples(number: int) -> settings:
    """Settings for so many examples: the same ones each time in CI, others each time elsewhere."""
    in_ci = bool(os.environ.get("CI"))
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=in_ci,
        database=None,
        print_blob=True,
        suppress_health_check=[
            # The counter of examples, which is to be the same one for all.
            HealthCheck.function_scoped_fixture,
            # A whole resource is large, and a busy machine slow: no reasons to fail.
            HealthCheck.data_too_large,
            HealthCheck.too_slow,
        ],
    )


def resources() -> st.SearchStrategy[dict[str, Any]]:
    """Properties that a template may give: every one there, absent, least, greatest or between."""
    return _object({**SCHEMA, "type": "object"}, without=READ_ONLY).map(_with_prediction)


def _with_prediction(properties: Schema) -> Schema:
    """``properties`` whose endpoint's predictions can be found, as SageMaker asks for."""
    endpoint_input = properties["ModelQualityJobInput"].get("EndpointInput", {})
    problem_type = properties["ModelQualityAppSpecification"].get("ProblemType")
    has_probability = "ProbabilityAttribute" in endpoint_input
    if (
        endpoint_input
        and problem_type
        and not (problem_type == "BinaryClassification" and has_probability)
    ):
        endpoint_input.setdefault("InferenceAttribute", "0")
    return properties


def tag_sets(largest: int = MAX_TAGS) -> st.SearchStrategy[Tags]:
    """Sets of tags that may be desired: stack tags, or the resource's own."""
    return st.dictionaries(*_tag_strategies(), max_size=largest)


@functools.cache
def _tag_strategies() -> tuple[st.SearchStrategy[str], st.SearchStrategy[str]]:
    members = SCHEMA["definitions"]["Tag"]["properties"]
    key, value = _string(members["Key"]), _string(members["Value"])
    # SageMaker takes AWS's own keys from nobody else.
    key = key.filter(lambda text: not text.lower().startswith("aws:"))
    # Some that two sets often have in common, and that do not take long to make up.
    common = st.sampled_from(["a", "b", "c", "team", "Größe / 大小"])
    return common | common | key, common | st.just("") | value


def _any(node: Schema, name: str = "") -> st.SearchStrategy[Any]:
    """Values that a node of the schema allows; ``name`` is the property's."""
    if "$ref" in node:
        return _any(SCHEMA["definitions"][node["$ref"].rpartition("/")[2]], name)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if name == "InstanceType":
        return st.sampled_from(_INSTANCE_TYPES)
    if name == "Tags":
        return tag_sets(MAX_TAGS).map(_as_list)
    return _BY_TYPE[node["type"]](node)


def _as_list(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _object(
    node: Schema, without: Collection[str] = frozenset()
) -> st.SearchStrategy[dict[str, Any]]:
    if "patternProperties" in node:
        return _map(node)
    members = {
        name: _any(member, name)
        for name, member in node.get("properties", {}).items()
        if name not in without
    }
    # Each alternative of an anyOf, with the rest as it comes.
    alternatives = [
        {*node.get("required", ()), *alternative.get("required", ())}
        for alternative in node.get("anyOf", [{}])
    ]
    return st.one_of(
        [
            st.fixed_dictionaries(
                {name: member for name, member in members.items() if name in required},
                optional={name: member for name, member in members.items() if name not in required},
            )
            for required in alternatives
        ]
    )


def _map(node: Schema) -> st.SearchStrategy[dict[str, Any]]:
    [(pattern, value)] = node["patternProperties"].items()
    most = node["maxProperties"]
    few = st.dictionaries(_matching(pattern), _any(value), max_size=4)
    full = few.map(lambda made: {**{f"K{number}": "v" for number in range(most - 4)}, **made})
    return st.one_of(few, full)


def _array(node: Schema) -> st.SearchStrategy[list[Any]]:
    least, most = node.get("minItems", 0), node["maxItems"]
    few = st.lists(_any(node["items"]), min_size=least, max_size=min(most, least + 2))
    full = _any(node["items"]).map(lambda item: [item] * most)
    return st.one_of(few, full)


def _string(node: Schema) -> st.SearchStrategy[str]:
    shortest, longest = node.get("minLength", 0), node.get("maxLength")
    pattern = node.get("pattern")
    if pattern is None:
        return st.text(_CHARACTERS, min_size=shortest, max_size=longest)
    fits = _matching(pattern).filter(
        lambda text: shortest <= len(text) <= (longest or len(text)),
    )
    matches = re.compile(_plain(pattern), re.ASCII).fullmatch
    return st.one_of(fits, fits.map(lambda text: _stretched(text, longest or 0, matches)))


def _matching(pattern: str) -> st.SearchStrategy[str]:
    # Whole values, as SageMaker matches; ASCII, because Java's \d and \w are.
    compiled = re.compile(_plain(pattern), re.ASCII)
    return st.from_regex(compiled, fullmatch=True, alphabet=_CHARACTERS)


def _plain(pattern: str) -> str:
    for unicode_class, characters in _UNICODE_CLASSES.items():
        pattern = pattern.replace(unicode_class, characters)
    return pattern


def _stretched(text: str, longest: int, matches: Callable[[str], Any]) -> str:
    """``text`` with one character repeated up to the greatest length, where the pattern has it."""
    missing = longest - len(text)
    for position in reversed(range(len(text))):
        longer = text[:position] + text[position] * missing + text[position:]
        if missing > 0 and matches(longer):
            return longer
    return text


def _number(_node: Schema) -> st.SearchStrategy[float]:
    return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000)


def _integer(node: Schema) -> st.SearchStrategy[int]:
    least, most = node["minimum"], node["maximum"]
    return st.sampled_from([least, most]) | st.integers(least, most)


_BY_TYPE: dict[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
    "array": _array,
    "boolean": lambda _: st.booleans(),
    "integer": _integer,
    "number": _number,
    "object": _object,
    "string": _string,
}
