"""A handler driven to the end of an operation."""

import subprocess
import sys
from typing import Any

import pytest

from sandbox.hosting.driving import RETRIABLE, HandlerFailed, drive
from sandbox.hosting.event import Request
from sandbox.hosting.timing import Timing
from tests.harness.handlers import THING, Handlers, failed, in_progress, success

NO_TEXTS: list[Any] = [5, {}, []]


def run(handlers: Handlers, request: Request, **more: Any) -> tuple[dict[str, Any], list[float]]:
    """The SUCCESS of an operation, and the delays that were waited for."""
    delays: list[float] = []
    options = {"timing": Timing(first_delay=1), "wait": delays.append, **more}
    answer = drive(
        handlers.hosted,
        request,
        lambda invocation: {
            "token": invocation.token,
            "properties": dict(invocation.properties),
            "context": invocation.context,
        },
        **options,
    )
    assert handlers.all_answered()
    return answer, delays


def failure(handlers: Handlers, request: Request, **more: Any) -> HandlerFailed:
    """What an operation fails with."""
    with pytest.raises(HandlerFailed) as failed_with:
        run(handlers, request, **more)
    return failed_with.value


def test_one_token_serves_the_whole_operation_and_in_progress_hands_its_model_and_context_on() -> (
    None
):
    seen: list[Any] = []
    handlers = Handlers(
        in_progress(THING, callbackContext={"step": 1}, callbackDelaySeconds=7),
        in_progress(THING, callbackContext={"step": 2}),
        success(resourceModel=THING),
    )
    answer, delays = run(handlers, Request("CREATE", {"Size": 1}), on_model=seen.append)
    assert answer == success(resourceModel=THING)
    assert delays == [7, 0]
    assert seen == [THING, THING]
    assert len({event["token"] for event in handlers.events}) == 1
    assert [event["properties"] for event in handlers.events] == [{"Size": 1}, THING, THING]
    assert [event["context"] for event in handlers.events] == [None, {"step": 1}, {"step": 2}]


def test_only_the_delays_that_the_handler_asks_for_are_reported() -> None:
    asked: list[float] = []
    handlers = Handlers(
        in_progress(THING, callbackDelaySeconds=7),
        failed("Throttling"),
        in_progress(THING),
        success(resourceModel=THING),
    )
    _, delays = run(handlers, Request("CREATE", {"Size": 1}), on_delay=asked.append)
    assert (asked, delays) == ([7, 0], [7, 1, 0])


@pytest.mark.parametrize("code", sorted(RETRIABLE))
def test_a_retriable_error_is_asked_again_after_delays_that_double(code: str) -> None:
    handlers = Handlers(failed(code), failed(code), success(resourceModel=THING))
    answer, delays = run(handlers, Request("READ", THING))
    assert answer["status"] == "SUCCESS"
    assert delays == [1, 2]


def test_an_error_that_stays_ends_the_operation_after_the_attempts_there_are() -> None:
    handlers = Handlers(*[failed("Throttling", "slow down")] * 3)
    error = failure(handlers, Request("DELETE", THING), timing=Timing(attempts=3))
    assert (error.code, error.message, error.answered) == ("Throttling", "slow down", True)
    assert len(handlers.events) == 3


def test_other_errors_end_it_at_once_with_their_code_their_model_and_the_token() -> None:
    request = Request("CREATE", {"Size": 1})
    error = failure(Handlers(failed("NotStabilized", "later", resourceModel=THING)), request)
    assert (error.code, error.message, error.model) == ("NotStabilized", "later", THING)
    assert error.token == request.token


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (RuntimeError("broke"), "Internal Failure: RuntimeError: broke"),
        ("text", 'Internal Failure: invalid progress event: "text"'),
        ({"status": "DONE"}, 'Internal Failure: invalid progress event: {"status": "DONE"}'),
        (success(resourceModel=[]), None),
        (success(resourceModel=[1]), "Internal Failure: invalid progress event"),
        (success(nextToken=1), "Internal Failure: invalid progress event"),
        (success(resourceModel={"Size": float("nan")}), "Internal Failure: ValueError: "),
        (in_progress(THING, callbackDelaySeconds="1"), "Internal Failure: invalid progress"),
        ({"status": "FAILED", "errorCode": []}, "Internal Failure: invalid progress event"),
        *(
            ({"status": "FAILED", "message": value}, "Internal Failure: invalid progress event")
            for value in NO_TEXTS
        ),
    ],
)
def test_what_is_no_progress_event_is_an_internal_failure(answer: Any, said: str | None) -> None:
    if said is None:
        assert run(Handlers(answer), Request("DELETE", THING))[0] == answer
        return
    error = failure(Handlers(answer), Request("DELETE", THING))
    assert error.code == "InternalFailure"
    assert error.message.startswith(said)
    assert not error.answered


def test_an_in_progress_without_an_identifier_fails_a_create_and_not_a_delete() -> None:
    error = failure(Handlers(in_progress({"Size": 1})), Request("CREATE", {"Size": 1}))
    assert error.message == "CREATE returned IN_PROGRESS without a primary identifier"
    assert error.code is None
    run(Handlers(in_progress(), success()), Request("DELETE", THING))


@pytest.mark.parametrize("action", ["READ", "LIST"])
def test_read_and_list_may_not_be_in_progress(action: str) -> None:
    error = failure(Handlers(in_progress(THING)), Request(action, THING))
    assert error.code == "InternalFailure"
    assert error.message == f"{action} must not return IN_PROGRESS"


def test_the_time_of_the_handler_in_the_schema_is_not_exceeded() -> None:
    handlers = Handlers(in_progress(THING, callbackDelaySeconds=121, message="not yet"))
    error = failure(handlers, Request("CREATE", {"Size": 1}))
    assert error.message == "The handler did not finish within 2 minutes: not yet"
    assert (error.code, error.answered) == ("NotStabilized", False)


def test_what_wait_raises_ends_the_operation_and_no_further_event_is_sent() -> None:
    class Ended(Exception):
        pass

    def wait(_seconds: float) -> None:
        raise Ended

    handlers = Handlers(in_progress(THING), success(resourceModel=THING))
    with pytest.raises(Ended):
        run(handlers, Request("CREATE", {"Size": 1}), wait=wait)
    assert len(handlers.events) == 1


def test_driving_imports_no_moto() -> None:
    program = (
        "import sys, sandbox.hosting.driving, sandbox.hosting.handler_client; "
        "print([name for name in sys.modules if name.partition('.')[0] in ('moto', 'boto3')])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout == "[]\n"
