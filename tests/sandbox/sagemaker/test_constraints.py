"""Each constraint of the service model, broken once, over the wire."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.json_service.constraints import NOT_NULL
from sandbox.json_service.models import service_model
from tests.harness.sagemaker import ACCOUNT, EVERYTHING, REGION, Sandbox, running
from tests.harness.sagemaker_mutations import Mutation, members, mutations

CREATE = "CreateModelQualityJobDefinition"
SHAPE = service_model("sagemaker").operation_model(CREATE).input_shape
MUTATIONS = list(mutations(SHAPE, EVERYTHING))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as it:
        yield it


def test_the_request_with_everything_has_every_member_of_the_model() -> None:
    def has(path: str) -> bool:
        value: Any = EVERYTHING
        for name in path.strip("/").split("/"):
            value = value[0] if name == "[]" else value.get(name)
        return value is not None

    assert [path for path in members(SHAPE) if not has(path)] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda it: it.name[:80])
def test_a_request_that_breaks_one_constraint_is_refused(
    sandbox: Sandbox, mutation: Mutation
) -> None:
    answer = sandbox.post(CREATE, mutation.request)

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert set(answer.json) == {"__type", "message"}
    message = answer.json["message"]
    if mutation.path is None:
        assert answer.json["__type"] == "SerializationException"
        assert message
    else:
        assert answer.json["__type"] == "ValidationException"
        head, _, sentences = message.partition(" detected: ")
        # One value can break two constraints (one that is too long breaks {0,62} as well): the
        # number is that of the sentences, and ours is one of them.
        count = len(re.findall(r"(?:^|; )Value (?:null|'.*?') at '", sentences, re.DOTALL))
        assert head == (f"{count} validation errors" if count > 1 else "1 validation error")
        assert re.search(_sentence(mutation), sentences, re.DOTALL), message
    assert not sandbox.service.store.region(ACCOUNT, REGION).definitions().all()


def _sentence(mutation: Mutation) -> str:
    stated = re.escape(mutation.constraint or "")
    if mutation.of:
        stated = rf"{mutation.of} must satisfy constraint: \[.*{stated}.*\]"
    value = "null" if mutation.constraint == NOT_NULL else "'.*'"
    where = re.escape(mutation.path or "")
    return rf"(^|; )Value {value} at '{where}' failed to satisfy constraint: {stated}(; |$)"
