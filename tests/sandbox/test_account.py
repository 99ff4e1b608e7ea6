"""The sandbox's answer to which regions are enabled for an account."""

from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from tests.harness.stacks import Clients


def statuses(account: Any, **request: Any) -> dict[str, str]:
    """Every region that a list has, with its status."""
    pages = account.get_paginator("list_regions").paginate(**request)
    return {
        each["RegionName"]: each["RegionOptStatus"] for page in pages for each in page["Regions"]
    }


def test_every_region_is_enabled_and_ec2_says_the_same(aws: Clients) -> None:
    listed = statuses(aws.account)
    assert listed.keys() == {*boto3.Session().get_available_regions("ec2")}
    described = aws.ec2.describe_regions()["Regions"]
    of_ec2 = {each["RegionName"]: each["OptInStatus"] for each in described}
    same = {"ENABLED_BY_DEFAULT": "opt-in-not-required", "ENABLED": "opted-in"}
    assert {name: same[status] for name, status in listed.items()}.items() <= of_ec2.items()
    assert {listed["us-east-1"], listed["me-central-1"]} == same.keys()


def test_a_list_has_the_statuses_asked_for_page_by_page(aws: Clients) -> None:
    enabled = statuses(aws.account, RegionOptStatusContains=["ENABLED"])
    assert {*enabled.values()} == {"ENABLED"}
    assert statuses(aws.account, RegionOptStatusContains=["DISABLED", "ENABLING"]) == {}
    some = {"RegionOptStatusContains": ["ENABLED"], "PaginationConfig": {"PageSize": 2}}
    assert statuses(aws.account, **some) == enabled
    page = aws.account.list_regions(MaxResults=2)
    assert len(page["Regions"]) == 2
    with pytest.raises(aws.account.exceptions.ValidationException, match="NextToken is not valid"):
        aws.account.list_regions(NextToken=page["NextToken"], RegionOptStatusContains=["ENABLED"])


def test_a_partition_has_its_own_regions(aws: Clients) -> None:
    china = Clients(aws.url, "cn-north-1")
    assert statuses(china.account).keys() == {"cn-north-1", "cn-northwest-1"}


def test_one_region_has_its_status_and_another_does_not_exist(aws: Clients) -> None:
    answer = aws.account.get_region_opt_status(RegionName="eu-west-1")
    assert answer["RegionOptStatus"] == "ENABLED_BY_DEFAULT"
    with pytest.raises(aws.account.exceptions.ValidationException, match="no region eu-west-9"):
        aws.account.get_region_opt_status(RegionName="eu-west-9")


def test_no_account_may_ask_about_another(aws: Clients) -> None:
    with pytest.raises(aws.account.exceptions.AccessDeniedException, match="account:ListRegions"):
        aws.account.list_regions(AccountId="210987654321")


def test_faults_strike_every_request_to_account_management(aws: Clients) -> None:
    fault = {"service": "account", "operation": "*", "fault": "access-denied"}
    assert requests.post(f"{aws.url}/_sandbox/faults", json=fault, timeout=5).status_code == 201
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.account.list_regions()
    assert statuses(aws.account)
