"""Resource requests: their tokens, how long they are kept, and in which order they are listed."""

import threading
from collections.abc import Callable, Iterator

import pytest
from moto.core.base_backend import BackendDict

from sandbox.cloud_control.requests import HOUR, REQUESTS, Action, Requests, ResourceRequest, Work
from sandbox.json_service.errors import ServiceError

ASKED = {"TypeName": "Acme::Toys::Thing"}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def requests(clock: Clock) -> Requests:
    return Requests("eu-west-1", "123456789012", clock)


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """What work may wait for; it never waits longer than the test."""
    event = threading.Event()
    yield event
    event.set()


def at_once(_request: ResourceRequest) -> str:
    return "arn:thing"


def begin(
    requests: Requests, action: Action, work: Work, client_token: str | None = None, **more: str
) -> ResourceRequest:
    """Begin a request, and return it."""
    identifier = None if action == "CREATE" else "arn:thing"
    event = requests.begin(action, {**ASKED, **more}, client_token, identifier, work)
    return requests.get(event["RequestToken"])


def begun(requests: Requests, client_token: str | None = None, **more: str) -> ResourceRequest:
    """A request that has ended."""
    request = begin(requests, "CREATE", at_once, client_token, **more)
    request.wait_for_end(10)
    assert request.status == "SUCCESS"
    return request


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code


def test_a_token_is_readable_for_seven_days(requests: Requests, clock: Clock) -> None:
    request = begun(requests)
    clock.now += 7 * 24 * HOUR
    assert requests.get(request.token) is request
    clock.now += 1
    assert code_of(lambda: requests.get(request.token)) == "RequestTokenNotFoundException"
    assert requests.page((), ()) == ([], None)


def test_a_request_that_still_runs_is_kept(
    requests: Requests, clock: Clock, go_on: threading.Event
) -> None:
    def work(_request: ResourceRequest) -> None:
        go_on.wait(10)

    request = begin(requests, "DELETE", work)
    clock.now += 8 * 24 * HOUR
    assert requests.get(request.token) is request


def test_a_client_token_stands_for_one_request_for_36_hours(
    requests: Requests, clock: Clock
) -> None:
    first = begun(requests, "mine", DesiredState="{}")
    clock.now += 36 * HOUR
    assert begun(requests, "mine", DesiredState="{}") is first
    with pytest.raises(ServiceError) as caught:
        begun(requests, "mine", DesiredState='{"Size": 2}')
    assert (caught.value.code, caught.value.message) == (
        "ClientTokenConflictException",
        (
            "ClientToken mine is already associated with an existing operation with RequestToken "
            f"{first.token}"
        ),
    )
    clock.now += 1
    assert begun(requests, "mine", DesiredState='{"Size": 2}') is not first


def test_requests_without_a_client_token_are_never_the_same(requests: Requests) -> None:
    assert begun(requests) is not begun(requests)


def test_requests_are_listed_newest_first_in_pages(requests: Requests) -> None:
    made = [begun(requests) for _ in range(45)][::-1]
    first, token = requests.page((), ())
    assert (first, token) == (made[:20], made[19].token)
    second, token = requests.page((), (), 24, token)
    assert (second, token) == (made[20:44], made[43].token)
    assert requests.page((), (), 24, token) == (made[44:], None)
    assert requests.page((), (), 45) == (made, None)


def test_a_page_goes_on_after_the_last_request_of_the_one_before(requests: Requests) -> None:
    made = [begun(requests) for _ in range(3)]
    page, token = requests.page((), (), 1)
    assert page == [made[2]]
    begun(requests)
    assert requests.page((), (), 1, token)[0] == [made[1]]


def test_a_token_of_no_page_is_refused(requests: Requests) -> None:
    begun(requests)
    assert code_of(lambda: requests.page((), (), 20, "made-up")) == "ValidationException"


def test_requests_are_filtered_by_action_and_status(
    requests: Requests, go_on: threading.Event
) -> None:
    def work(_request: ResourceRequest) -> None:
        go_on.wait(10)

    done = begun(requests)
    running = begin(requests, "DELETE", work)
    assert requests.page(("CREATE",), ()) == ([done], None)
    assert requests.page((), ("IN_PROGRESS",)) == ([running], None)
    assert requests.page(("CREATE", "DELETE"), ("SUCCESS", "IN_PROGRESS"))[0] == [running, done]
    assert requests.page(("CREATE",), ("IN_PROGRESS",)) == ([], None)


def test_an_error_of_the_sandbox_itself_ends_the_request(requests: Requests) -> None:
    def work(_request: ResourceRequest) -> None:
        raise RuntimeError("a bug")

    request = begin(requests, "CREATE", work)
    request.wait_for_end(10)
    event = request.progress_event()
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "InternalFailure")
    assert event["StatusMessage"] == "Internal Failure: RuntimeError: a bug"


def test_a_reset_of_moto_stops_and_forgets_all_requests() -> None:
    requests = REQUESTS["210987654321"]["eu-west-1"]
    waits = threading.Event()

    def work(request: ResourceRequest) -> None:
        waits.set()
        request.wait(60)

    request = begin(requests, "CREATE", work)
    assert waits.wait(10)
    BackendDict.reset()
    again = REQUESTS["210987654321"]["eu-west-1"]
    assert code_of(lambda: again.get(request.token)) == "RequestTokenNotFoundException"
    # What stops may not tell the outcome: it is not known.
    assert request.status == "IN_PROGRESS"
