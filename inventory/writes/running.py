"""Carries out operations through the provider's handlers, one after the other.

After a failure the others go on, for each is independent: permissions may depend on tags, and a
name may be taken. Only where a failure tells that no other can succeed, because SageMaker cannot be
reached or does not accept the credentials, the rest of that account and region is not started.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from inventory.writes.outcome import Outcome, Status, Written, name_of
from inventory.writes.places import Accounts
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.event import Credentials
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing
from tools.aws_failures import AWS_ERRORS
from tools.own_handlers import TagsNotShown, credentials_of, said

TIMING = Timing(attempts=7)
"""SageMaker that throttles gets half a minute more than the SDK's and the handlers' own retries."""

ENDS_ITS_PLACE = {"InvalidCredentials", "NetworkFailure"}
"""Handler error codes after which nothing else is tried in the same account and region."""

CREATE = "CREATE"


class _NoCredentials(Exception):
    """The SDK has no credentials, or none any more."""


@dataclass(frozen=True)
class Work:
    """One operation.

    operation: CREATE, UPDATE or DELETE. handlers: those that it takes, in their order.
    arn: the definition's, or the one that it will have. name: its name, if it was not generated.
    run: carries it out with a client, and returns the definition's ARN.
    token: the idempotency token, if it matters.
    row: begins each message about it, to tell which row of a query it is.
    """

    operation: str
    handlers: tuple[str, ...]
    place: Place
    arn: str
    name: str | None
    run: Callable[[HandlerClient], str]
    token: str | None = None
    row: str = ""

    def outcome(self, status: Status, arn: str | None, message: str = "") -> Outcome:
        """What became of it."""
        return Outcome(
            self.operation,
            status,
            arn,
            name_of(arn) or self.name,
            self.place.region,
            self.place.account_id,
            message=f"{self.row}{message}" if message else "",
        )

    def ended_early(self, why: str) -> Outcome:
        """What is known if a handler has begun and nobody waited for its end."""
        which = "this INSERT made it" if self.operation == CREATE else "this was done"
        column = "creation_time" if self.operation == CREATE else "tags"
        return self.outcome(
            Status.UNKNOWN,
            self.arn,
            f"{_sentence(why)} To see whether {which}: SELECT {column} FROM "
            "aws.sagemaker.model_quality_job_definitions WHERE "
            f"job_definition_arn = '{self.arn}' AND region = '{self.place.region}'",
        )

    def not_started(self, why: str) -> Outcome:
        """What is known if nothing was tried."""
        arn = None if self.operation == CREATE else self.arn
        return self.outcome(Status.NOT_STARTED, arn, why)


def carry_out_all(
    works: Sequence[Work],
    hosted: HostedType,
    accounts: Accounts,
    on_progress: Callable[[str], None],
) -> Written:
    """Carry out operations, in their order.

    on_progress: called after each operation, and before each wait, with a line for the user.
    """
    outcomes: list[Outcome] = []
    ended: dict[Place, str] = {}
    started = 0
    try:
        for work in works:
            started += 1
            position = f"{started} of {len(works)}: "
            if work.place in ended:
                outcomes.append(work.not_started(ended[work.place]))
                continue
            outcome = _carried_out(work, hosted, accounts, position, on_progress)
            if outcome.code in ENDS_ITS_PLACE:
                ended[work.place] = (
                    f"After the failure of {outcome.job_definition_arn or 'the row before'}, "
                    f"nothing else was tried in {work.place.region}."
                )
            outcomes.append(outcome)
            on_progress(f"{position}{outcome}")
    except KeyboardInterrupt:
        if len(outcomes) < started:
            outcomes.append(works[len(outcomes)].ended_early("It was interrupted."))
        outcomes += [work.not_started("Interrupted.") for work in works[len(outcomes) :]]
        return Written(tuple(outcomes), "Interrupted.", interrupted=True)
    return Written(tuple(outcomes))


def _carried_out(
    work: Work,
    hosted: HostedType,
    accounts: Accounts,
    position: str,
    on_progress: Callable[[str], None],
) -> Outcome:
    invocations = 0

    def credentials() -> Credentials:
        nonlocal invocations
        try:
            found = credentials_of(accounts[work.place.account_id].session)
        except AWS_ERRORS as error:
            raise _NoCredentials(str(error)) from None
        invocations += 1
        return found

    def on_delay(seconds: float) -> None:
        waiting = f"{work.operation} in {work.place.region} waits for {seconds:g} s"
        on_progress(f"{position}{waiting}")

    client = HandlerClient(
        hosted, work.place, credentials, timing=TIMING, token=work.token, on_delay=on_delay
    )
    arn = None if work.operation == CREATE else work.arn
    try:
        return work.outcome(Status.SUCCEEDED, work.run(client))
    except HandlerFailed as failure:
        if not failure.answered:
            outcome = work.ended_early(said(failure))
        else:
            # A handler says what a create leaves behind: a definition, or none.
            left = hosted.identifier(failure.model)
            message = said(failure)
            if left and not arn:
                message = f"{_sentence(message)} The definition may have been created."
            outcome = work.outcome(Status.FAILED, left or arn, message)
        return replace(outcome, code=failure.code or "")
    except _NoCredentials as error:
        if invocations:
            outcome = work.ended_early(str(error))
        else:
            outcome = work.outcome(Status.FAILED, arn, str(error))
        return replace(outcome, code="InvalidCredentials")
    except (TagsNotShown, *AWS_ERRORS) as error:
        # Only before an update, which looks for tags that READ may have left out.
        return work.outcome(Status.FAILED, arn, f"Nothing was changed. {error}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", ")")) else f"{text}."
