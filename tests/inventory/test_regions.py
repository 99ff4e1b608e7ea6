"""Which regions are read: those that are named, or fit a pattern and are enabled."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import parse_qs

import boto3
import pytest
import requests

from inventory.accounts import Account
from inventory.errors import QueryRefused
from inventory.regions import Chosen, Regions, chosen, enabled, known
from sandbox.process import ACCOUNT, settings
from tests.harness.portals import portal

Answer = tuple[int, bytes]
DENIED = (403, b'{"__type": "AccessDeniedException", "message": "no"}')
_UNAUTHORIZED = "<Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error>"
EC2_DENIED = (403, f"<Response><Errors>{_UNAUTHORIZED}</Errors></Response>".encode())
SOME = {"us-east-1": "ENABLED_BY_DEFAULT", "me-south-1": "ENABLED", "eu-west-1": "DISABLED"}


@pytest.fixture
def account_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Account]:
    """An account whose calls go to an address."""

    def at(url: str, partition: str = "aws", region: str = "us-west-2") -> Account:
        for name, value in settings(url).items():
            monkeypatch.setenv(name, value)
        return Account(ACCOUNT, partition, None, boto3.Session(region_name=region))

    return at


@pytest.fixture
def account(sandbox_url: str, account_at: Callable[..., Account]) -> Account:
    return account_at(sandbox_url)


class Aws:
    """What AWS is asked, and what it answers of regions."""

    def __init__(self, statuses: dict[str, str] | None, ec2: dict[str, str] | None = None) -> None:
        self.calls: list[str] = []
        self._statuses = statuses
        self._ec2 = ec2

    def __call__(self, _headers: Mapping[str, str], body: bytes) -> Answer:
        if body.startswith(b"{"):
            self.calls.append("ListRegions")
            return DENIED if self._statuses is None else self._list(json.loads(body))
        self.calls.append(parse_qs(body.decode())["Action"][0])
        return EC2_DENIED if self._ec2 is None else self._describe(self._ec2)

    def _list(self, request: dict[str, list[str]]) -> Answer:
        assert self._statuses is not None
        wanted = request["RegionOptStatusContains"]
        regions = [
            {"RegionName": name, "RegionOptStatus": status}
            for name, status in self._statuses.items()
            if status in wanted
        ]
        return 200, json.dumps({"Regions": regions}).encode()

    def _describe(self, regions: dict[str, str]) -> Answer:
        items = "".join(
            f"<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
            for name, status in regions.items()
        )
        answer = (
            f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
        )
        return 200, answer.encode()


@contextmanager
def fault(url: str, service: str) -> Iterator[None]:
    """Deny every call of a service for a while."""
    denied = {"service": service, "operation": "*", "fault": "access-denied", "calls": None}
    assert requests.post(f"{url}/_sandbox/faults", json=denied, timeout=5).ok
    try:
        yield
    finally:
        requests.delete(f"{url}/_sandbox/faults", timeout=5)


# --- REGIONS ---


def test_regions_are_named_or_fit_patterns(account: Account) -> None:
    choice = chosen("us-east-1, US-WEST-?\neu-*", [account])
    assert choice == Chosen(frozenset({"us-east-1"}), ("us-west-?", "eu-*"))
    asked = Regions(account, choice).names
    assert {"us-east-1", "us-west-1", "us-west-2", "eu-central-1"} <= {*asked}
    assert not {"us-east-2", "sa-east-1"} & {*asked}


def test_without_regions_all_are_asked_for(account: Account) -> None:
    choice = chosen(" ", [account])
    assert Regions(account, choice).names == tuple(sorted(known(account)))


def test_a_region_that_does_not_exist_is_refused_with_the_nearest(account: Account) -> None:
    with pytest.raises(QueryRefused, match=r"has eu-wst-1, .*Did you mean eu-west-1\?"):
        chosen("us-east-1 eu-wst-1", [account])


def test_a_pattern_that_fits_no_region_is_refused_with_those_that_there_are(
    account: Account,
) -> None:
    with pytest.raises(QueryRefused, match=r"has mars-\*, which fits none .* af-south-1, "):
        chosen("mars-*", [account])


@pytest.mark.parametrize(
    ("word", "words"),
    [("cn-north-1", "is a region of the partition aws-cn"), ("us-gov-*", "fits regions of")],
)
def test_a_region_of_another_partition_is_refused(account: Account, word: str, words: str) -> None:
    with pytest.raises(QueryRefused, match=f"{words}.*the credentials are for aws\\."):
        chosen(word, [account])


def test_each_account_is_asked_in_the_regions_of_its_partition(
    account: Account, account_at: Callable[..., Account]
) -> None:
    china = account_at("http://127.0.0.1:1", "aws-cn", "cn-north-1")
    choice = chosen("cn-north-1 us-east-1", [account, china])
    assert Regions(account, choice).names == ("us-east-1",)
    assert Regions(china, choice).names == ("cn-north-1",)


# --- what is enabled ---


def test_the_sandbox_says_that_all_its_regions_are_enabled(
    sandbox_url: str, account: Account
) -> None:
    assert enabled(account) == (known(account), (), "")
    with fault(sandbox_url, "account"):
        assert enabled(account) == (known(account), (), "")
    with fault(sandbox_url, "*"):
        assert enabled(account).regions is None


def test_a_region_is_enabled_by_default_or_because_somebody_did_it(
    account_at: Callable[..., Account],
) -> None:
    states = {"eu-central-1": "ENABLING", "eu-west-2": "DISABLING", **SOME}
    with portal(aws := Aws(states)) as url:
        assert enabled(account_at(url)).regions == frozenset({"us-east-1", "me-south-1"})
    assert aws.calls == ["ListRegions"]


def test_where_account_management_is_denied_ec2_is_asked(
    account_at: Callable[..., Account],
) -> None:
    of_ec2 = {
        "us-east-1": "opt-in-not-required",
        "me-south-1": "opted-in",
        "af-south-1": "not-opted-in",
    }
    with portal(aws := Aws(None, of_ec2)) as url:
        assert enabled(account_at(url)).regions == frozenset({"us-east-1", "me-south-1"})
    assert aws.calls == ["ListRegions", "DescribeRegions"]


@pytest.mark.parametrize("statuses", [None, {}])
def test_where_nobody_says_it_every_known_region_is_asked_with_a_note(
    account_at: Callable[..., Account], statuses: dict[str, str] | None
) -> None:
    with portal(Aws(statuses)) as url:
        regions = Regions(account_at(url), Chosen())
        assert all(map(regions.asked, regions.names))
    why = "AccessDeniedException" if statuses is None else "no regions in the answer"
    [note] = regions.notes
    assert f"account:ListRegions ({why}) and ec2:DescribeRegions (UnauthorizedOperation)" in note
    assert ACCOUNT in note


@pytest.mark.parametrize(("patterns", "notes"), [(("*",), 1), (("us-*",), 0)])
def test_a_region_that_the_sdk_does_not_know_is_named_if_it_was_asked_for(
    account_at: Callable[..., Account], patterns: tuple[str, ...], notes: int
) -> None:
    with portal(Aws(SOME | {"mars-north-1": "ENABLED", "mx-central-1": "ENABLED"})) as url:
        regions = Regions(account_at(url), Chosen(patterns=patterns))
        assert not regions.asked("mars-north-1")
        assert regions.asked("us-east-1")
    assert len(regions.notes) == notes
    assert all("is not asked in mars-north-1, which" in note for note in regions.notes)


# --- what is asked ---


def test_a_region_that_somebody_names_is_asked_without_a_call(
    account_at: Callable[..., Account],
) -> None:
    with portal(aws := Aws(SOME)) as url:
        regions = Regions(account_at(url), Chosen(frozenset({"eu-west-1"}), ("us-*",)))
        assert regions.asked("eu-west-1")
        assert regions.asked("us-west-1", {"us-west-1"})
        assert not regions.asked("sa-east-1", {"sa-east-1"})  # REGIONS does not have it
    assert (aws.calls, regions.notes) == ([], [])


def test_other_regions_are_asked_if_enabled_which_is_fetched_once(
    account_at: Callable[..., Account],
) -> None:
    with portal(aws := Aws(SOME)) as url, ThreadPoolExecutor(8) as threads:
        regions = Regions(account_at(url), Chosen())
        threads.submit(regions.fetched)
        asked = [*threads.map(regions.asked, regions.names)]
    assert [name for name, is_asked in zip(regions.names, asked, strict=True) if is_asked] == [
        "me-south-1",
        "us-east-1",
    ]
    assert aws.calls == ["ListRegions"]
