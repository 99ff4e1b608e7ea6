"""Desired tags, live tags, and the difference between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_sagemaker_modelqualityjobdefinition import tags
from aws_sagemaker_modelqualityjobdefinition.errors import HandlerError
from aws_sagemaker_modelqualityjobdefinition.models import Tag

some_tags = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "1", "2"]))


def test_the_resources_own_tags_lie_over_the_stacks() -> None:
    own = [Tag(Key="team", Value="fraud"), Tag(Key="empty", Value="")]
    assert tags.desired({"team": "platform", "stage": "prod"}, own) == {
        "team": "fraud",
        "stage": "prod",
        "empty": "",
    }


def test_no_tags_anywhere_are_no_tags() -> None:
    assert tags.desired(None, None) == {}


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-id", "AWS:x", "Aws:"])
def test_a_key_that_only_aws_may_write_is_left_out(key: str) -> None:
    assert tags.desired({key: "x", "awsome": "y"}, [Tag(Key=key, Value="x")]) == {"awsome": "y"}


def test_a_key_that_is_given_twice_is_refused_by_name() -> None:
    with pytest.raises(HandlerError, match="'team' is given twice"):
        tags.desired({}, [Tag(Key="team", Value="a"), Tag(Key="team", Value="b")])


def test_a_tag_without_a_value_is_refused_by_key() -> None:
    with pytest.raises(HandlerError, match="Key 'team' and Value None lacks its Value"):
        tags.desired({}, [Tag(Key="team", Value=None)])


@given(previous=some_tags, wanted=some_tags, live=some_tags)
def test_changes_make_live_tags_the_wanted_ones_and_leave_those_of_others(
    previous: tags.Tags, wanted: tags.Tags, live: tags.Tags
) -> None:
    change = tags.changes(previous, wanted, live)
    after = {key: value for key, value in live.items() if key not in change.remove} | change.put
    others = {key: value for key, value in live.items() if key not in {**previous, **wanted}}
    assert after == {**others, **wanted}
    # Nothing is written that is so already.
    assert set(change.remove) <= live.keys()
    assert all(live.get(key) != value for key, value in change.put.items())
