"""Properties that hold for every resource and for every sequence of tag sets."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_sagemaker_modelqualityjobdefinition.tags import changes
from sandbox.cloudformation.drift.comparison import differences
from sandbox.cloudformation.drift.expectation import actual_properties, expected_properties
from sandbox.hosting.type_schema import TypeSchema
from tests.harness.failing_aws import CloudFormation, FailingAws
from tests.harness.properties import (
    READ_ONLY,
    SCHEMA,
    WRITE_ONLY,
    Tags,
    examples,
    resources,
    tag_sets,
)
from tests.harness.provider import MINIMUM

# Long, and the same on every Python.
pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]

RESOURCES = 250
SEQUENCES = 150
CHANGES = 500
# What SageMaker fills in, as README and the schema's descriptions say.
INPUT_DEFAULTS = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
#: What is drift from the beginning, since SageMaker returns neither. README says to leave it out.
NOT_RETURNED = {
    ("/Tags", "REMOVE"),
    ("/ModelQualityJobInput/BatchTransformInput/DatasetFormat/Parquet", "REMOVE"),
}
TYPE = TypeSchema(SCHEMA)
STOPPING_DEFAULT = {"MaxRuntimeInSeconds": 3600}


@pytest.fixture(scope="module")
def provider(_failing_aws: FailingAws) -> Iterator[CloudFormation]:
    """One provider for all examples, in front of a SageMaker without faults."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("AWS_ENDPOINT_URL", _failing_aws.url)
        _failing_aws.heal()
        _failing_aws.clear()
        yield CloudFormation(_failing_aws)


def succeeded(answer: dict[str, Any]) -> dict[str, Any]:
    """The model of an answer that has to be a success."""
    assert answer["status"] == "SUCCESS", answer
    model: dict[str, Any] = answer.get("resourceModel") or {}
    return model


def as_list(tags: Tags) -> list[dict[str, str]]:
    """Tags as a property has them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def as_dict(tags: Any) -> Tags:
    """Tags of a property, which may be absent."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def without_room_for(tags: Tags, others: Tags) -> Tags:
    """As many of ``tags`` as SageMaker has room for beside ``others``."""
    room = 50 - len(others)
    new = [key for key in tags if key not in others]
    return {key: tags[key] for key in tags if key in others or key in new[:room]}


def read_back(written: dict[str, Any], stack_tags: Tags) -> dict[str, Any]:
    """What READ gives for properties that were written, less what is made up on creation."""
    expected = {
        name: value for name, value in copy.deepcopy(written).items() if name not in WRITE_ONLY
    }
    expected.setdefault("StoppingCondition", STOPPING_DEFAULT)
    for source in ("EndpointInput", "BatchTransformInput"):
        job_input = expected["ModelQualityJobInput"]
        if source in job_input:
            job_input[source] = {**INPUT_DEFAULTS, **job_input[source]}
    for output in expected["ModelQualityJobOutputConfig"]["MonitoringOutputs"]:
        output["S3Output"].setdefault("S3UploadMode", "EndOfJob")
    batch = expected["ModelQualityJobInput"].get("BatchTransformInput", {})
    if batch.get("DatasetFormat", {}).get("Parquet") is False:
        del batch["DatasetFormat"]["Parquet"]
    tags = {**stack_tags, **as_dict(expected.pop("Tags", None))}
    if tags:
        expected["Tags"] = as_list(dict(sorted(tags.items())))
    return expected


def drift(written: dict[str, Any], stack_tags: Tags, read: dict[str, Any]) -> set[tuple[str, str]]:
    """Where drift detection would find what, of a resource that nobody has changed."""
    expected = expected_properties(TYPE, written, stack_tags)
    found = differences(TYPE, expected, actual_properties(TYPE, read))
    return {(each.path, each.kind) for each in found}


def live_tags(provider: CloudFormation, arn: str) -> Tags:
    pages = provider.aws.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


@examples(RESOURCES)
@given(written=resources(), stack_tags=tag_sets(4), later=tag_sets(4))
def test_any_valid_resource_deploys_reads_back_as_written_and_deletes(
    provider: CloudFormation,
    count: Callable[[], None],
    written: dict[str, Any],
    stack_tags: Tags,
    later: Tags,
) -> None:
    count()
    provider.aws.reset()
    stack_tags = without_room_for(stack_tags, as_dict(written.get("Tags")))
    expected = read_back(written, stack_tags)

    model = succeeded(provider("CREATE", written, tags=stack_tags))
    identifier = {"JobDefinitionArn": model["JobDefinitionArn"]}
    read = succeeded(provider("READ", identifier))
    assert drift(written, stack_tags, read) <= NOT_RETURNED

    # Whoever says that there are no tags, with an empty list, gets that list.
    empty: dict[str, Any] = (
        {"Tags": []} if written.get("Tags") == [] and "Tags" not in expected else {}
    )
    assert model == {**read, **empty}
    made_up = {name: read.pop(name) for name in READ_ONLY}
    assert all(made_up.values())
    assert read.pop("JobDefinitionName") == expected.pop("JobDefinitionName", None) or (
        "JobDefinitionName" not in written
    )
    assert read == expected

    before = {**written, **identifier}
    after = {**before, "Tags": as_list(later)}
    updated = succeeded(provider("UPDATE", after, before, tags={}, previous_tags=stack_tags))
    assert as_dict(updated["Tags"]) == later == live_tags(provider, model["JobDefinitionArn"])

    assert succeeded(provider("DELETE", identifier)) == {}
    left = provider.aws.client("sagemaker").list_model_quality_job_definitions()
    assert left["JobDefinitionSummaries"] == []


# Of a stack, of the resource itself; and what somebody changes before that is wished for.
WISHES = st.lists(st.tuples(tag_sets(6), tag_sets(6), tag_sets(3)), min_size=1, max_size=4)


@examples(SEQUENCES)
@given(first=st.tuples(tag_sets(6), tag_sets(6)), wishes=WISHES, others=tag_sets(4))
def test_any_sequence_of_tag_sets_ends_live_exactly_as_desired(
    provider: CloudFormation,
    count: Callable[[], None],
    first: tuple[Tags, Tags],
    wishes: list[tuple[Tags, Tags, Tags]],
    others: Tags,
) -> None:
    count()
    provider.aws.reset()
    stack_tags, own = first
    model = succeeded(provider("CREATE", {**MINIMUM, "Tags": as_list(own)}, tags=stack_tags))
    arn = model["JobDefinitionArn"]
    # Keys that no template has.
    foreign = {f"of others/{key[:100]}": value for key, value in others.items()}
    somebody = provider.aws.client("sagemaker")
    if foreign:
        somebody.add_tags(ResourceArn=arn, Tags=as_list(foreign))

    for next_stack_tags, next_own, drift in wishes:
        overwritten = {key: drift[key] for key in drift.keys() & {**stack_tags, **own}.keys()}
        if overwritten:
            somebody.add_tags(ResourceArn=arn, Tags=as_list(overwritten))
        succeeded(
            provider(
                "UPDATE",
                {**MINIMUM, "JobDefinitionArn": arn, "Tags": as_list(next_own)},
                {**MINIMUM, "JobDefinitionArn": arn, "Tags": as_list(own)},
                tags=next_stack_tags,
                previous_tags=stack_tags,
            )
        )
        stack_tags, own = next_stack_tags, next_own
        assert live_tags(provider, arn) == {**foreign, **stack_tags, **own}

    succeeded(provider("DELETE", {"JobDefinitionArn": arn}))


@examples(CHANGES)
@given(previous=tag_sets(8), wanted=tag_sets(8), others=tag_sets(8), kept=st.booleans())
def test_a_change_of_tags_writes_only_what_differs_from_what_is_live_or_was_desired(
    count: Callable[[], None], previous: Tags, wanted: Tags, others: Tags, kept: bool
) -> None:
    count()
    live = {**others, **previous} if kept else {**previous, **others}

    change = changes(previous, wanted, live)

    assert set(change.remove) == previous.keys() - wanted.keys()
    assert change.put == {
        key: value for key, value in wanted.items() if {live.get(key), previous.get(key)} != {value}
    }
    stays = {key: value for key, value in live.items() if key not in change.remove}
    assert {**stays, **change.put} == {**stays, **wanted}
    assert changes(wanted, wanted, {**stays, **change.put})[:2] == ([], {})
