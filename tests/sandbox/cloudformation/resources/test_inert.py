"""Types that make nothing."""

from tests.harness.cloudformation import Stacks


def test_a_wait_condition_handle_makes_nothing(stacks: Stacks) -> None:
    stacks.create({"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
