"""Which accounts the profiles lead to, and what is said of those that lead nowhere."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from inventory.accounts import accounts
from inventory.errors import InventoryError, QueryRefused
from project import ROOT
from sandbox.process import ACCOUNT
from tests.harness.portals import portal

OTHER = "210987654321"
SECRET = "correct-horse-battery-staple"
EXPIRED = (
    b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the "
    b"request is expired</Message></Error></ErrorResponse>"
)


@pytest.fixture(autouse=True)
def configured(sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's config file: three profiles of two accounts, and no default one."""
    path = tmp_path / "config"
    path.write_text(
        f"""\
[profile main]
aws_access_key_id = main
aws_secret_access_key = {SECRET}
endpoint_url = {sandbox_url}
[profile main-admin]
aws_access_key_id = admin
aws_secret_access_key = {SECRET}
endpoint_url = {sandbox_url}
region = eu-west-1
[profile other]
role_arn = arn:aws:iam::{OTHER}:role/reader
source_profile = main
endpoint_url = {sandbox_url}
"""
    )
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return path


def add_profile(path: Path, name: str, url: str) -> None:
    """Add a profile whose calls go to an address."""
    with path.open("a") as file:
        file.write(
            f"[profile {name}]\naws_access_key_id = {name}\naws_secret_access_key = {SECRET}\n"
            f"endpoint_url = {url}\n"
        )


def test_each_profile_has_its_account_in_the_order_given() -> None:
    result = accounts("other, main")
    assert [(each.id, each.partition, each.profile) for each in result.found] == [
        (OTHER, "aws", "other"),
        (ACCOUNT, "aws", "main"),
    ]
    assert (result.failures, result.notes) == ((), ())


def test_without_profiles_the_sdk_has_its_own_and_needs_no_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "other")
    [account] = accounts("").found
    assert (account.id, account.profile, account.session.region_name) == (OTHER, None, "us-east-1")


def test_the_region_of_a_named_profile_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    regions = [each.session.region_name for each in accounts("main-admin other").found]
    assert regions == ["eu-west-1", "us-west-2"]


def test_an_account_of_two_profiles_is_read_once_and_both_are_named() -> None:
    result = accounts("main-admin other main")
    assert [each.profile for each in result.found] == ["main-admin", "other"]
    [note] = result.notes
    assert note == (
        f"The profiles main-admin and main are of the same account, {ACCOUNT}. It is read once, as "
        "main-admin."
    )


def test_a_profile_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(QueryRefused, match=r"names main-admn.* Did you mean main-admin\?"):
        accounts("main,main-admn")


def test_a_profile_that_fails_loses_no_other(configured: Path) -> None:
    with portal(lambda *_: (403, EXPIRED)) as url:
        add_profile(configured, "old", url)
        result = accounts("old other")
    assert [each.id for each in result.found] == [OTHER]
    [failure] = result.failures
    assert (failure.profile, failure.code) == ("old", "ExpiredToken")
    assert "token included in the request is expired" in failure.message
    assert "Log in" in failure.message


def test_if_no_account_is_left_each_profile_says_what_to_do(configured: Path) -> None:
    with portal(lambda *_: (403, EXPIRED)) as url:
        add_profile(configured, "old", url)
        add_profile(configured, "older", url)
        with pytest.raises(InventoryError) as error:
            accounts("old older")
    said = str(error.value)
    assert "Profile old: " in said
    assert "Profile older: " in said
    assert said.count("Log in") == 2
    assert SECRET not in said


def test_without_credentials_it_says_where_to_get_them() -> None:
    with pytest.raises(InventoryError, match=r"(?s)credentials.*Log in.*PROFILES=name"):
        accounts("")


def test_a_region_that_does_not_exist_is_to_be_corrected_where_it_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us_east_1")
    with pytest.raises(InventoryError, match=r"us_east_1(?s:.)*AWS_DEFAULT_REGION"):
        accounts("main")
    assert accounts("main-admin").found  # it has a region of its own


def test_a_config_file_that_cannot_be_read_is_named(configured: Path) -> None:
    configured.write_text("[profile main\n")
    with pytest.raises(InventoryError, match=str(configured)):
        accounts("main")


def test_profiles_are_identified_at_the_same_time(configured: Path) -> None:
    together = threading.Barrier(3, timeout=20)  # broken, if one waits for another's answer

    def answer(_headers: Mapping[str, str], _body: bytes) -> tuple[int, bytes]:
        together.wait()
        return 403, EXPIRED

    with portal(answer) as url:
        for name in "abc":
            add_profile(configured, name, url)
        with pytest.raises(InventoryError):
            accounts("a b c")
    assert not together.broken


READS = """
from collections import Counter
from botocore.loaders import JSONFileLoader
from inventory.accounts import accounts

read, load = Counter(), JSONFileLoader._load_file

def counted(self, path, *arguments):
    content = load(self, path, *arguments)
    read[path] += content is not None
    return content

JSONFileLoader._load_file = counted
accounts("main main-admin other")
print(read.total(), max(read.values()))
"""


def test_no_model_of_aws_is_read_for_each_profile_anew() -> None:
    # In a process of its own: in that of the tests, all sessions share models.
    done = subprocess.run(
        [sys.executable, "-c", READS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    files, most = map(int, done.stdout.split())
    assert files > 3
    assert most == 1
