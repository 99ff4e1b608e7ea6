"""The backend of one account and region: how it finds stacks among many."""

import time

from tests.harness.cloudformation import Stacks, template, thing


def test_a_stack_takes_no_longer_when_there_are_many(stacks: Stacks) -> None:
    def seconds(name: str) -> float:
        started = time.perf_counter()
        stacks.create({"Thing": thing()}, name=name)
        stacks.delete(name)
        return time.perf_counter() - started

    alone = min(seconds(f"early{number}") for number in range(5))
    client = stacks.client()
    body = template({"Thing": thing()})
    for number in range(300):
        client.create_stack(StackName=f"many{number}", TemplateBody=body)
    stacks.settled("many299")
    among_many = min(seconds(f"late{number}") for number in range(5))
    assert among_many < 3 * alone + 0.1
