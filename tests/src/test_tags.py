"""Desired tags, live tags, and the difference between them."""

import pytest
from cloudformation_cli_python_lib.interface import HandlerErrorCode
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


RESERVED = ["aws:cloudformation:stack-id", "AWS:x", "Aws:"]


@pytest.mark.parametrize("key", RESERVED)
def test_a_stacks_key_that_only_aws_may_write_is_left_out(key: str) -> None:
    assert tags.desired({key: "x", "awsome": "y"}, []) == {"awsome": "y"}


@pytest.mark.parametrize("key", RESERVED)
def test_a_resources_own_key_that_only_aws_may_write_is_refused_by_name(key: str) -> None:
    with pytest.raises(HandlerError, match=f"'{key}' begins with 'aws:'") as refusal:
        tags.desired({}, [Tag(Key="team", Value="x"), Tag(Key=key, Value="x")])
    assert refusal.value.code is HandlerErrorCode.InvalidRequest


def test_as_many_tags_as_a_definition_takes_may_be_desired_and_no_more() -> None:
    of_stack = {f"stack-{number}": "" for number in range(30)}
    own = [Tag(Key=f"own-{number}", Value="") for number in range(20)]
    # One that lies over one of the stack's is none more, and those of CloudFormation don't count.
    fits = [*own, Tag(Key="stack-1", Value="own")]
    assert len(tags.desired({**of_stack, "aws:x": "y"}, fits)) == 50
    with pytest.raises(HandlerError, match=r"51 tags are desired.* at most 50\. Remove 1 of them"):
        tags.desired(of_stack, [*own, Tag(Key="one-more", Value="")])


@pytest.mark.parametrize(
    "refused",
    [
        [Tag(Key="aws:x", Value="y"), Tag(Key="a", Value="b")],
        [Tag(Key="a", Value="x"), Tag(Key="a", Value="b")],
        [Tag(Key="a", Value="b"), Tag(Key="c", Value=None), Tag(Key=None, Value="d")],
    ],
)
def test_what_was_refused_is_no_obstacle_as_what_was_desired_before(refused: list[Tag]) -> None:
    with pytest.raises(HandlerError):
        tags.desired({"aws:z": "", "s": "t"}, refused)
    assert tags.desired_before({"aws:z": "", "s": "t"}, refused) == {"a": "b", "s": "t"}


def test_more_tags_than_a_definition_takes_were_never_there() -> None:
    assert tags.desired_before({str(number): "" for number in range(51)}, []) == {}


def test_a_key_that_is_given_twice_is_refused_by_name() -> None:
    with pytest.raises(HandlerError, match="'team' appears twice"):
        tags.desired({}, [Tag(Key="team", Value="a"), Tag(Key="team", Value="b")])


def test_a_tag_without_a_value_is_refused_by_key() -> None:
    with pytest.raises(HandlerError, match="Key 'team' and Value None has no Value"):
        tags.desired({}, [Tag(Key="team", Value=None)])


def test_a_tag_with_an_empty_key_is_refused_as_one_without() -> None:
    with pytest.raises(HandlerError, match="Key '' and Value 'x' has no Key"):
        tags.desired({}, [Tag(Key="", Value="x")])


@given(previous=some_tags, wanted=some_tags, live=some_tags)
def test_changes_make_live_tags_the_wanted_ones_and_leave_those_of_others(
    previous: tags.Tags, wanted: tags.Tags, live: tags.Tags
) -> None:
    change = tags.changes(previous, wanted, live)
    after = {key: value for key, value in live.items() if key not in change.remove} | change.put
    others = {key: value for key, value in live.items() if key not in {**previous, **wanted}}
    assert after == {**others, **wanted}
    assert change.are_made_in(after)
    assert change.are_made_in(live) == (after == live)


@given(previous=some_tags, wanted=some_tags, actual=some_tags, late=some_tags)
def test_what_a_late_read_shows_decides_nothing_that_the_wishes_decide(
    previous: tags.Tags, wanted: tags.Tags, actual: tags.Tags, late: tags.Tags
) -> None:
    change = tags.changes(previous, wanted, late)
    actual = {**actual, **previous}
    after = {key: value for key, value in actual.items() if key not in change.remove} | change.put
    assert {**after, **wanted} == after
    assert after.keys().isdisjoint(previous.keys() - wanted.keys())


@given(wanted=some_tags, others=some_tags)
def test_where_neither_what_is_live_nor_what_was_desired_differs_nothing_is_written(
    wanted: tags.Tags, others: tags.Tags
) -> None:
    assert tags.changes(wanted, wanted, {**others, **wanted})[:2] == ([], {})


@pytest.mark.parametrize(
    ("others", "removes_first"),
    [(0, False), (48, False), (49, True)],
)
def test_tags_are_removed_first_only_where_there_is_no_room(
    others: int, removes_first: bool
) -> None:
    live = {"old": "1", "aws:x": "y", **{str(number): "" for number in range(others)}}
    change = tags.changes({"old": "1"}, {"new": "1"}, live)
    assert change == (["old"], {"new": "1"}, removes_first)


def test_old_tags_that_a_late_read_does_not_show_take_room_too() -> None:
    previous = {f"old-{number}": "" for number in range(50)}
    assert tags.changes(previous, {"new": ""}, {}).remove_first
