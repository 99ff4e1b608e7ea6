"""What an update does to a resource: one decision, for change sets and for deployments."""

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.cloudformation.resources.hosted import HostedResource
from sandbox.cloudformation.resources.resource_type import Instance
from sandbox.cloudformation.stacks.decision import Create, Keep, Replace, Update, decide
from sandbox.cloudformation.stacks.stack import LogicalResource
from sandbox.cloudformation.template.intrinsics import Unknown
from tests.harness.handlers import Handlers

KIND = HostedResource(Handlers(createOnlyProperties=["/properties/Name"]).hosted)
TAGS = {"team": "churn"}
BEFORE = {"Name": "one", "Size": 1}


def resource(status: str = "CREATE_COMPLETE", *, exists: bool = True) -> LogicalResource:
    instance = Instance("arn:thing", BEFORE, TAGS, {"Arn": "arn:thing"}) if exists else None
    return LogicalResource("Thing", {"Type": "Acme::Toys::Thing"}, instance=instance, status=status)


@pytest.mark.parametrize(
    ("status", "properties", "tags", "decision"),
    [
        ("CREATE_COMPLETE", BEFORE, TAGS, Keep()),
        ("CREATE_COMPLETE", {**BEFORE, "Size": 2}, TAGS, Update()),
        ("CREATE_COMPLETE", BEFORE, {"team": "loans"}, Update()),
        ("UPDATE_FAILED", BEFORE, TAGS, Update()),
        ("CREATE_COMPLETE", {**BEFORE, "Name": "two"}, TAGS, Replace((("Name",),))),
        ("UPDATE_FAILED", {**BEFORE, "Name": "two"}, TAGS, Replace((("Name",),))),
        ("CREATE_COMPLETE", {**BEFORE, "Name": Unknown("?")}, TAGS, Replace((("Name",),), False)),
        ("CREATE_FAILED", BEFORE, TAGS, Replace(unfinished=True)),
    ],
)
def test_what_happens_to_a_resource_follows_from_its_state_and_what_is_wanted(
    status: str, properties: Mapping[str, Any], tags: Mapping[str, str], decision: object
) -> None:
    assert decide(resource(status), KIND, properties, tags) == decision


def test_what_does_not_exist_is_created() -> None:
    assert decide(None, KIND, BEFORE, TAGS) == Create()
    assert decide(resource("CREATE_FAILED", exists=False), KIND, BEFORE, TAGS) == Create()


def test_a_type_without_an_update_handler_is_replaced_for_any_change() -> None:
    kind = HostedResource(Handlers(handlers={"create": {}, "read": {}, "delete": {}}).hosted)
    changed = decide(resource(), kind, {**BEFORE, "Size": 2}, TAGS)
    assert changed == Replace((("Size",),))
