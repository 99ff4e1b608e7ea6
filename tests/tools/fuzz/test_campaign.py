"""A short campaign against a sandbox in this process, and what counts as a fault."""

import json
from collections.abc import Iterator

import pytest

from tests.harness.cloudformation import Stacks, failed, running, thing
from tools.fuzz.campaign import Campaign, Source

DOCUMENT = {
    "Transform": "AWS::LanguageExtensions",
    "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "a,b"}},
    "Conditions": {"Yes": {"Fn::Equals": [{"Fn::Length": {"Ref": "Names"}}, 2]}},
    "Resources": {
        "One": thing({"Environment": {"K": "v"}}, Condition="Yes"),
        "Fn::ForEach::Loop": ["Id", {"Ref": "Names"}, {"Two${Id}": thing({"Size": 2})}],
    },
    "Outputs": {"Made": {"Value": {"Fn::GetAtt": ["Twoa", "Made"]}}},
}
SOURCE = Source("toy", json.dumps(DOCUMENT).encode(), DOCUMENT)


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    with running() as sandbox:
        yield sandbox


def test_no_broken_template_of_a_short_campaign_finds_a_fault(stacks: Stacks) -> None:
    campaign = Campaign(stacks.client, [SOURCE], seed=20)
    done = list(campaign.run(range(60)))
    assert done == list(range(60))
    assert [(fault.number, fault.problem) for fault in campaign.faults] == []
    assert {outcome for _, outcome in campaign.outcomes} >= {"accepted", "deployed", "refused"}
    assert campaign.left() == []
    assert stacks.shop.things == {}


def test_a_stack_that_cannot_be_deleted_is_a_fault(stacks: Stacks) -> None:
    stacks.shop.will("DELETE", *[failed("InternalFailure", "no")] * 200)
    campaign = Campaign(stacks.client, [SOURCE], seed=20)
    for _ in campaign.run(range(60)):
        if campaign.faults:
            break
    assert "its deletion as DELETE_FAILED" in campaign.faults[0].problem
    assert campaign.left() == ["fuzz-" + str(campaign.faults[0].number)]
