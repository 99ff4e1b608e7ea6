"""What becomes of operations that a handler does not carry out, by what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.credentials import Credentials

from inventory.writes import running
from inventory.writes.outcome import Outcome
from inventory.writes.running import CREATE, Work, carry_out_all
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from tests.harness.provider import ACCOUNT, REGION
from tools.own_handlers import provider

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/churn"
HERE, ABROAD = Place(ACCOUNT, REGION, "aws"), Place(ACCOUNT, "eu-west-1", "aws")
MODEL = {"JobDefinitionArn": ARN}
SUCCESS = {"status": "SUCCESS", "resourceModel": MODEL}
Answer = dict[str, Any] | Exception


def failed(code: str, model: dict[str, Any] | None = None) -> Answer:
    return {"status": "FAILED", "errorCode": code, "message": "said", "resourceModel": model}


class Session:
    """Has credentials for so many invocations."""

    def __init__(self, invocations: int) -> None:
        self._left = invocations

    def get_credentials(self) -> Credentials | None:
        self._left -= 1
        return Credentials("key", "secret") if self._left >= 0 else None


class Account(NamedTuple):
    session: Session
    partition: str = "aws"


def scripted(answers: Iterator[Answer]) -> HostedType:
    def invoke(_: dict[str, Any]) -> dict[str, Any]:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return HostedType(provider().schema, invoke=invoke)


def create(place: Place = HERE) -> Work:
    def run(client: Any) -> str:
        return str(client.create({}, {})["JobDefinitionArn"])

    return Work(CREATE, (CREATE,), place, ARN, "churn", run, "token", "Row 1: ")


Run = Callable[..., list[Outcome]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Carries out creates with a handler that answers so."""
    monkeypatch.setattr(running, "TIMING", Timing(attempts=2, first_delay=0, callback_scale=0))

    def ran(
        *answers: Answer, works: tuple[Work, ...] = (create(),), keys: int = 9
    ) -> list[Outcome]:
        accounts = {ACCOUNT: Account(Session(keys))}
        return [*carry_out_all(works, scripted(iter(answers)), accounts, lambda _: None).outcomes]

    return ran


def test_a_failed_create_names_what_its_handler_leaves_behind(run: Run) -> None:
    [nothing] = run(failed("InvalidRequest"))
    assert (nothing.status.value, nothing.job_definition_arn) == ("FAILED", None)
    assert (nothing.message, nothing.job_definition_name) == ("Row 1: said", "churn")
    [something] = run(failed("NotStabilized", MODEL))
    assert (something.code, something.job_definition_arn) == ("NotStabilized", ARN)
    assert something.message == "Row 1: said. The definition may have been created."


def test_what_a_handler_did_before_it_crashed_is_unknown(run: Run) -> None:
    [outcome] = run(RuntimeError("crashed"))
    assert (outcome.status.value, outcome.job_definition_arn) == ("OUTCOME UNKNOWN", ARN)
    assert "RuntimeError: crashed. To see whether this INSERT made it: SELECT" in outcome.message


def test_a_create_whose_credentials_end_before_it_does_is_unknown(run: Run) -> None:
    in_progress = {**SUCCESS, "status": "IN_PROGRESS", "callbackDelaySeconds": 1}
    [outcome] = run(in_progress, SUCCESS, keys=1)
    assert (outcome.status.value, outcome.job_definition_arn) == ("OUTCOME UNKNOWN", ARN)
    assert outcome.message.startswith("Row 1: Unable to locate credentials")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NetworkFailure", ["FAILED", "NOT STARTED", "SUCCEEDED"]),
        ("InvalidCredentials", ["FAILED", "NOT STARTED", "SUCCEEDED"]),
        ("AccessDenied", ["FAILED", "SUCCEEDED", "SUCCEEDED"]),
    ],
)
def test_only_what_no_other_can_survive_ends_a_region(
    run: Run, code: str, expected: list[str]
) -> None:
    attempts = 2 if code == "NetworkFailure" else 1
    works = (create(), create(), create(ABROAD))
    outcomes = run(*[failed(code)] * attempts, SUCCESS, SUCCESS, works=works)
    assert [outcome.status.value for outcome in outcomes] == expected
