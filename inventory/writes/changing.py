"""DELETE and UPDATE: which definitions there are, and what is done with each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from inventory.statements.statement import Delete, Update
from inventory.writes.outcome import name_of
from inventory.writes.places import Accounts, Target, found, why_nothing_matches
from inventory.writes.preparing import Fetch, Prepared, refuse, rows_of
from inventory.writes.running import Work
from inventory.writes.values import TAGS, problems_of_tags, property_value
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.tags import is_reserved
from tools import own_handlers


def finding(statement: Delete | Update) -> str:
    """The query that finds the definitions that a statement writes."""
    # The tags that a definition has tell which of the new ones are AWS's own.
    value = f", ({statement.value}) AS new_tags, tags" if isinstance(statement, Update) else ""
    return (
        f"SELECT job_definition_arn, region{value} FROM {statement.relation} "
        f"WHERE {statement.where}"
    )


def changes(
    statement: Delete | Update, fetch: Fetch, accounts: Accounts, hosted: HostedType
) -> Prepared:
    """What a DELETE or an UPDATE does. Raises QueryRefused or InventoryError."""
    if statement.exactly:
        why = why_nothing_matches(statement.exactly, accounts)
        if why:
            return Prepared([], why)
    rows = rows_of(finding(statement), fetch)
    if not rows:
        one = statement.exactly
        return Prepared([], f"{one.arn} was not found." if one else "Nothing matches.")
    targets = [found(arn, region, accounts) for arn, region, *_ in rows]
    if isinstance(statement, Delete):
        return Prepared(list(map(_deletion, targets)), shown=tuple(map(_shown, targets)))
    return _updates(targets, [(new, old) for _, _, new, old in rows], accounts, hosted)


def _deletion(target: Target) -> Work:
    def run(client: HandlerClient) -> str:
        client.delete(client.hosted.model_of(target.arn), {})
        return target.arn

    return Work("DELETE", ("DELETE",), target.place, target.arn, name_of(target.arn), run)


def _updates(
    targets: Sequence[Target],
    values: Sequence[tuple[Any, Any]],
    accounts: Accounts,
    hosted: HostedType,
) -> Prepared:
    """values: the new tags and the present ones of each."""
    works: list[Work] = []
    shown: list[str] = []
    wrong: list[str] = []
    for target, (new, old) in zip(targets, values, strict=True):
        try:
            wanted = _new_tags(new, old, hosted)
        except ValueError as error:
            wrong.append(f"{target.arn}: {error}")
            continue
        run = _updating(target, wanted, accounts[target.place.account_id].session)
        name = name_of(target.arn)
        works.append(Work("UPDATE", ("READ", "UPDATE"), target.place, target.arn, name, run))
        shown.append(f"{_shown(target)}: {json.dumps(wanted, ensure_ascii=False)}")
    refuse(wrong)
    return Prepared(works, shown=tuple(shown))


def _new_tags(new: Any, old: Any, hosted: HostedType) -> list[dict[str, str]]:
    """The new tags, without those of AWS that the definition has, which only AWS can write.

    They are among the new ones where these are made from the present ones.

    Raises ValueError if a definition cannot have them.
    """
    wanted = property_value(TAGS, new, hosted)
    if wanted is None:
        raise ValueError("The new tags are NULL. '[]' removes all tags.")
    if isinstance(wanted, list):
        awss = [tag for tag in property_value(TAGS, old, hosted) or () if is_reserved(tag["Key"])]
        wanted = [tag for tag in wanted if tag not in awss]
    if wrong := problems_of_tags(wanted, hosted):
        raise ValueError(" ".join(wrong))
    return list(wanted)


def _updating(
    target: Target, wanted: list[dict[str, str]], session: Any
) -> Callable[[HandlerClient], str]:
    def run(client: HandlerClient) -> str:
        region = target.place.region
        before = own_handlers.read(
            target.arn, client, lambda: session.client("sagemaker", region_name=region)
        )
        client.update({**before, TAGS: wanted}, {}, before, {})
        return target.arn

    return run


def _shown(target: Target) -> str:
    return f"{target.arn} ({target.place.region}, account {target.place.account_id})"
