"""The accounts and regions that are asked, and the tables over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inventory.accounts import Account, accounts
from inventory.database.database import Database
from inventory.reading.reading import Failure, Source
from inventory.reading.service import Service
from inventory.regions import Regions, chosen, known
from inventory.statements.regions import check_regions, named_regions
from inventory.statements.statement import Statement
from project.words import listed


class Session:
    """What PROFILES and REGIONS ask for.

    accounts: by their ids.
    """

    def __init__(self, profiles: str, regions: str) -> None:
        """Identify the accounts, and make the tables. No region is asked.

        Raises QueryRefused if there is no such profile or region, and InventoryError if there is
        no account.
        """
        found = accounts(profiles)
        choice = chosen(regions, found.found)
        self.accounts: Mapping[str, Account] = {account.id: account for account in found.found}
        self._notes = list(found.notes)
        self._told: set[str] = set()
        self._known = frozenset[str]().union(*map(known, found.found))
        self._regions = {account.id: Regions(account, choice) for account in found.found}
        sources = [
            Source(account.id, region, Service(account.session, region))
            for account in found.found
            for region in self._regions[account.id].names
        ]
        unreachable = [
            Failure(failure.profile or "", "", "GetCallerIdentity", failure.code, failure.message)
            for failure in found.failures
        ]
        self.database = Database(sources, unreachable)

    def asked(self, statement: Statement, text: str) -> Callable[[Source], bool]:
        """Which sources a statement reads, if it does not exclude them.

        A region that its text names is read, even if the account has not enabled it: what AWS says
        of it is then a part of the answer.

        Raises QueryRefused if it names a region that does not exist.
        """
        check_regions(statement, self._known)
        is_call = text.lstrip().startswith("@")
        named = set[str]() if is_call else named_regions(text, self._known)
        left_out = named.difference(*(regions.names for regions in self._regions.values()))
        if left_out:
            self._notes.append(f"REGIONS leaves out {listed(sorted(left_out))}.")
        return lambda source: self._regions[source.account].asked(source.region, named)

    def notes(self) -> list[str]:
        """What the user should know by now, and has not been told yet."""
        notes = [*self._notes, *(note for each in self._regions.values() for note in each.notes)]
        new = [note for note in notes if note not in self._told]
        self._told.update(new)
        return new
