"""INSERT, DELETE and UPDATE, carried out by the provider's handlers.

An INSERT has every guarantee of a CREATE by CloudFormation: a definition is made exactly once, even
if SageMaker's answer is lost, and it is complete when it is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from inventory.errors import InventoryError, QueryRefused
from inventory.statements.statement import Delete, Insert, Update, Write
from inventory.writes.changing import changes
from inventory.writes.inserting import creations
from inventory.writes.outcome import Written
from inventory.writes.places import Accounts
from inventory.writes.preparing import Fetch, Prepared, refuse_endpoints_of_profiles
from inventory.writes.running import carry_out_all
from sandbox.hosting.hosted_type import HostedType
from tools.own_handlers import provider

Ask = Callable[[str], bool]


class Planned(NamedTuple):
    """What a statement would do with one definition: which handlers it would invoke, in order.

    job_definition_arn: None if there is no such definition yet. job_definition_name: None if the
    name would be generated.
    """

    handlers: tuple[str, ...]
    job_definition_arn: str | None
    job_definition_name: str | None
    region: str
    account_id: str


def carry_out(  # noqa: PLR0913 - what it works with, and how it talks to the user
    statement: Write,
    fetch: Fetch,
    accounts: Accounts,
    *,
    yes: bool = False,
    ask: Ask | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Written:
    """Do what a statement says, and tell what became of each definition.

    accounts: those that may be written to.
    yes: nobody is asked. ask: shows what would be written, and asks whether to; None if there is
        nobody to ask.
    on_progress: called with a line for the user after each definition, and before each wait.

    What has been written stays written, whatever comes after it. Ctrl-C ends what is in progress,
    and is told in the result.

    Raises QueryRefused or InventoryError before anything is written.
    """
    verb = {Insert: "create", Delete: "delete", Update: "update"}[type(statement)]
    is_guarded = not (isinstance(statement, Insert) or statement.exactly or yes)
    if is_guarded and ask is None:
        raise QueryRefused(
            f"This may {verb} more than one definition, and cannot be confirmed, because standard "
            "input is no terminal. Look at what DRY_RUN=1 shows, and add YES=1. Or name one "
            "definition: WHERE job_definition_arn = '…' AND region = '…'"
        )
    hosted = provider()
    prepared = _prepared(statement, fetch, accounts, hosted)
    works = prepared.works
    if not works:
        return Written(note=prepared.note)
    if is_guarded and ask:
        number = "this definition" if len(works) == 1 else f"these {len(works)} definitions"
        if not ask("\n".join([*prepared.shown, f"{verb.capitalize()} {number}?"])):
            raise InventoryError(f"Nothing was {verb}d, because that was not confirmed.")
    return carry_out_all(works, hosted, accounts, on_progress)


def plan(statement: Write, fetch: Fetch, accounts: Accounts) -> tuple[Planned, ...]:
    """What a statement would write. What it has to read for that is read; nothing is written.

    Raises QueryRefused or InventoryError, as `carry_out` does.
    """
    works = _prepared(statement, fetch, accounts, provider()).works
    return tuple(
        Planned(
            work.handlers,
            None if isinstance(statement, Insert) else work.arn,
            work.name,
            work.place.region,
            work.place.account_id,
        )
        for work in works
    )


def _prepared(statement: Write, fetch: Fetch, accounts: Accounts, hosted: HostedType) -> Prepared:
    if isinstance(statement, Insert):
        prepared = creations(statement, fetch, accounts, hosted)
    else:
        prepared = changes(statement, fetch, accounts, hosted)
    refuse_endpoints_of_profiles(prepared.works, accounts)
    return prepared
