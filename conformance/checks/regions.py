"""The regions of an account, as Account Management lists them."""

from typing import Any

from conformance.aws import Aws
from conformance.belief import belief
from conformance.expectations import expect, expect_equal

DEFAULT_REGIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn"}


def _statuses(aws: Aws, region: str | None = None, **request: Any) -> dict[str, str]:
    pages = aws.client("account", region).get_paginator("list_regions").paginate(**request)
    regions = [each for page in pages for each in page["Regions"]]
    statuses = {each["RegionName"]: each["RegionOptStatus"] for each in regions}
    expect_equal(len(regions), len(statuses))
    return statuses


@belief("B170")
def the_callers_regions_are_listed_with_their_status(aws: Aws) -> None:
    listed = _statuses(aws)
    expect_equal(_statuses(aws, aws.another_region), listed)
    partition = aws.session.get_partition_for_region(aws.region)
    defaults = [name for name, of in DEFAULT_REGIONS.items() if of == partition]
    expect_equal([listed.get(name) for name in defaults], ["ENABLED_BY_DEFAULT"] * len(defaults))
    expect("ENABLED" in listed.get(aws.region, ""), listed)


@belief("B171")
def regions_are_selected_by_status_and_split_into_pages(aws: Aws) -> None:
    usable = ["ENABLED", "ENABLED_BY_DEFAULT"]
    wanted = {name: status for name, status in _statuses(aws).items() if status in usable}
    for size in (1, 50):
        paged = _statuses(aws, RegionOptStatusContains=usable, PaginationConfig={"PageSize": size})
        expect_equal(paged, wanted)
