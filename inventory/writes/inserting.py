"""INSERT: each row of its source is a CREATE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from aws_sagemaker_modelqualityjobdefinition.naming import DefinitionArn, physical_name
from inventory.columns import REGION
from inventory.errors import QueryRefused
from inventory.statements.statement import Insert
from inventory.writes.places import Accounts, only_account, place_in
from inventory.writes.preparing import Fetch, Prepared, refuse, rows_of
from inventory.writes.running import Work
from inventory.writes.values import Properties, problems, property_value
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place


def creations(statement: Insert, fetch: Fetch, accounts: Accounts, hosted: HostedType) -> Prepared:
    """What an INSERT creates. Raises QueryRefused or InventoryError."""
    account_id = only_account(accounts)
    works: list[Work] = []
    wrong: list[str] = []
    for number, row in enumerate(rows_of(statement.source, fetch), start=1):
        if len(row) != len(statement.columns):
            raise QueryRefused(
                f"The INSERT names {len(statement.columns)} columns, and its source has {len(row)}."
            )
        values = dict(zip(statement.columns, row, strict=True))
        properties, found = _properties(values, hosted)
        try:
            place = place_in(account_id, values.get(REGION), accounts)
            works.append(_creation(properties, place, number))
        except ValueError as error:
            found.append(str(error))
        wrong += [f"Row {number}: {each}" for each in found]
    refuse(wrong or _taken_twice(works))
    return Prepared(works, "The source has no rows, so nothing was created.")


def _properties(values: Mapping[str, Any], hosted: HostedType) -> tuple[Properties, list[str]]:
    """The properties in a row, and what is wrong with them."""
    properties: Properties = {}
    wrong: list[str] = []
    for name, given in values.items():
        if name == REGION:
            continue
        try:
            value = property_value(name, given, hosted)
        except ValueError as error:
            wrong.append(str(error))
            continue
        if value is not None:
            properties[name] = value
    return properties, wrong or problems(properties, hosted)


def _creation(properties: Properties, place: Place, number: int) -> Work:
    token = str(uuid4())
    name = properties.get("JobDefinitionName")
    # The handler generates the same name, so it is known whatever becomes of the create.
    arn = DefinitionArn(
        place.partition, place.region, place.account_id, name or physical_name(None, None, token)
    )
    return Work(
        "CREATE",
        ("CREATE",),
        place,
        str(arn),
        name,
        _creating(properties),
        token,
        f"Row {number}: ",
    )


def _creating(properties: Properties) -> Callable[[HandlerClient], str]:
    def run(client: HandlerClient) -> str:
        return client.hosted.identifier(client.create(properties, {})) or ""

    return run


def _taken_twice(works: list[Work]) -> list[str]:
    """What is wrong if rows give the same name in a region."""
    first: dict[str, Work] = {}
    return [
        f"{work.row}JobDefinitionName is {work.name}, as in another row. Names are unique in an "
        "account and region, whatever their case."
        for work in works
        if first.setdefault(work.arn.lower(), work) is not work
    ]
