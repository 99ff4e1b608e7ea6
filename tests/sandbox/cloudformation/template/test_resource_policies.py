"""CreationPolicy and UpdatePolicy, which wait for signals that nothing sends in the sandbox."""

import json
from typing import Any

import pytest

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.template import Template

GROUP = "AWS::AutoScaling::AutoScalingGroup"


def parsed(**attributes: Any) -> Template:
    return Template.parse(json.dumps({"Resources": {"Fleet": {"Type": GROUP, **attributes}}}))


@pytest.mark.parametrize(
    ("attribute", "members", "lacking"),
    [
        ("CreationPolicy", {"ResourceSignal": {"Count": 2}}, "ResourceSignal"),
        (
            "CreationPolicy",
            {"ResourceSignal": {}, "StartFleet": True},
            "ResourceSignal, StartFleet",
        ),
        ("UpdatePolicy", {"AutoScalingRollingUpdate": {}}, "AutoScalingRollingUpdate"),
    ],
)
def test_a_policy_that_would_be_ignored_is_refused(
    attribute: str, members: Any, lacking: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        parsed(**{attribute: members})
    assert refused.value.message == (
        f"The sandbox does not support {lacking} in the {attribute} of Fleet. Leave it out."
    )


def test_a_policy_that_changes_nothing_is_accepted() -> None:
    scheduled = {"AutoScalingScheduledAction": {"IgnoreUnmodifiedGroupSizeProperties": True}}
    assert parsed(UpdatePolicy=scheduled, CreationPolicy={}).resources["Fleet"]["Type"] == GROUP


def test_a_policy_that_is_no_object_is_malformed() -> None:
    with pytest.raises(
        ValidationError, match=r"\[/Resources/Fleet/UpdatePolicy\] UpdatePolicy must"
    ):
        parsed(UpdatePolicy=["AutoScalingRollingUpdate"])
