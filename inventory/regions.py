"""The regions that definitions are read in: which were asked for, and which are enabled.

A region that somebody names is read, whether or not it is enabled: what AWS says about it is then
part of the answer. Otherwise, only enabled regions are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any, NamedTuple

import botocore
from botocore.config import Config

from inventory.accounts import Account, separated
from inventory.errors import QueryRefused
from project.words import did_you_mean, listed
from tools.aws_failures import AWS_ERRORS, code_of

USABLE = ("ENABLED", "ENABLED_BY_DEFAULT")
"""A region that is being enabled cannot be used until that is complete, and one that is being
disabled no longer can: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

MAX_PAGE = 50
"""The most regions that a page of ListRegions can have."""

_CONFIG = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)


@dataclass(frozen=True)
class Chosen:
    """The regions that REGIONS asks for. patterns: may contain wildcards; ("*",) is all regions."""

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ("*",)

    def includes(self, region: str) -> bool:
        """Whether a region is asked for."""
        return region in self.names or any(fnmatchcase(region, each) for each in self.patterns)


class Enabled(NamedTuple):
    """The regions that are enabled for an account.

    regions: those that SageMaker is known in; None if no service says which are enabled.
    unknown: those that this SDK does not know at all. failed: what did not say it, and why.
    """

    regions: frozenset[str] | None
    unknown: tuple[str, ...] = ()
    failed: str = ""


def known(account: Account) -> frozenset[str]:
    """The regions of an account's partition in which this SDK knows SageMaker."""
    return _known("sagemaker", account, account.partition)


def chosen(regions: str, accounts: Sequence[Account]) -> Chosen:
    """What REGIONS asks for; without it, all regions.

    regions: names, separated by commas or blanks, which may contain the wildcards of a shell.
    accounts: those that are read. A region need exist for only one of them.

    Raises QueryRefused if there is no such region.
    """
    words = separated(regions.lower())
    if not words:
        return Chosen()
    existing = frozenset[str]().union(*map(known, accounts))
    patterns = tuple(word for word in words if set(word) & set("*?["))
    for word in words:
        if not any(fnmatchcase(name, word) for name in existing):
            raise QueryRefused(_refusal(word, word in patterns, existing, accounts))
    return Chosen(frozenset(words).difference(patterns), patterns)


def _refusal(
    word: str, is_pattern: bool, existing: Collection[str], accounts: Sequence[Account]
) -> str:
    """Why there is no region with a name, or that fits a pattern."""
    session = accounts[0].session
    for partition in session.get_available_partitions():
        there = _known("sagemaker", accounts[0], partition)
        if any(fnmatchcase(name, word) for name in there):
            own = listed(sorted({each.partition for each in accounts}))
            return (
                f"REGIONS has {word}, which {'fits regions' if is_pattern else 'is a region'} of "
                f"the partition {partition}, but the credentials are for {own}."
            )
    if is_pattern:
        return f"REGIONS has {word}, which fits none of the regions: {', '.join(sorted(existing))}."
    return (
        f"REGIONS has {word}, which is no region where this SDK (botocore {botocore.__version__}) "
        f"knows SageMaker.{did_you_mean(word, sorted(existing))}"
    )


def enabled(account: Account) -> Enabled:
    """Which regions are enabled for an account, by Account Management or else by EC2.

    Account Management is asked first because EC2's model takes long to read. Each of them needs a
    permission.
    """
    failures = []
    for permission, ask in _SERVICES.items():
        try:
            names = ask(account)
        except AWS_ERRORS as error:
            failures.append(f"{permission} ({code_of(error)})")
            continue
        if not names:
            failures.append(f"{permission} (no regions in the answer)")
            continue
        partitions = account.session.get_available_partitions()
        anywhere = frozenset[str]().union(*(_known("ec2", account, each) for each in partitions))
        return Enabled(known(account) & names, tuple(sorted(names - anywhere)))
    return Enabled(None, failed=listed(failures))


def _by_account_management(account: Account) -> frozenset[str]:
    # Without AccountId: with it, only the management of an organization may ask.
    pages = _client(account, "account").get_paginator("list_regions")
    found = pages.paginate(
        RegionOptStatusContains=[*USABLE], PaginationConfig={"PageSize": MAX_PAGE}
    )
    return frozenset(region["RegionName"] for page in found for region in page.get("Regions", []))


def _by_ec2(account: Account) -> frozenset[str]:
    found = _client(account, "ec2").describe_regions().get("Regions", [])
    return frozenset(
        region["RegionName"] for region in found if region["OptInStatus"] != "not-opted-in"
    )


_SERVICES: dict[str, Callable[[Account], frozenset[str]]] = {
    "account:ListRegions": _by_account_management,
    "ec2:DescribeRegions": _by_ec2,
}


def _client(account: Account, service: str) -> Any:
    return account.session.client(service, config=_CONFIG)


def _known(service: str, account: Account, partition: str) -> frozenset[str]:
    return frozenset(account.session.get_available_regions(service, partition))


class Regions:
    """The regions of one account, for many threads.

    Which of them are enabled is fetched once, and only if the answer depends on it.
    """

    def __init__(self, account: Account, choice: Chosen) -> None:
        self.account = account
        self.names = tuple(sorted(filter(choice.includes, known(account))))
        self._choice = choice
        self._lock = Lock()
        self._enabled: Enabled | None = None

    def asked(self, region: str, named: Collection[str] = frozenset()) -> bool:
        """Whether a region is read. This may wait for AWS.

        named: the regions that the query names.
        """
        if region not in self.names:
            return False
        if region in self._choice.names or region in named:
            return True
        regions = self.fetched().regions
        return regions is None or region in regions

    def fetched(self) -> Enabled:
        """The enabled regions, which are fetched now unless they have been."""
        with self._lock:
            if self._enabled is None:
                self._enabled = enabled(self.account)
            return self._enabled

    @property
    def notes(self) -> list[str]:
        """What the user should know of how the regions were found, as far as they were."""
        found = self._enabled
        if found is None:
            return []
        notes = []
        if found.regions is None:
            notes.append(
                f"Account {self.account.id} is asked in all of {len(self.names)} regions, because "
                f"no call said which are enabled: {found.failed}. To have only those asked, allow "
                "one of these actions."
            )
        if unknown := [*filter(self._choice.includes, found.unknown)]:
            notes.append(
                f"Account {self.account.id} is not asked in {listed(unknown)}, which this SDK "
                f"(botocore {botocore.__version__}) does not know. Upgrade it to ask there, too."
            )
        return notes
