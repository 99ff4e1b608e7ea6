"""Which names of regions are refused before AWS is asked."""

import boto3
import pytest

from project.regions import known_regions, no, refusal

pytestmark = pytest.mark.once
SESSION = boto3.Session()


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("us-esat-1", " Did you mean us-east-1?"),
        ("us-east1", " Did you mean us-east-1?"),
        ("EU-WEST-1", " Did you mean eu-west-1?"),
        ("frankfurt", ""),
        ("aws-global", ""),
    ],
)
def test_a_region_that_cannot_exist_is_refused_with_the_one_that_was_meant(
    region: str, hint: str
) -> None:
    assert refusal(region, SESSION) == f"There is no region {region}.{hint}"


def test_every_region_that_the_sdk_knows_is_accepted() -> None:
    known = known_regions(SESSION)
    assert {region for region in known if refusal(region, SESSION)} == set()
    assert {"us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"} <= known


@pytest.mark.parametrize("region", ["us-east-11", "xx-central-1", "ap-southeast-99"])
def test_a_region_that_may_be_newer_than_the_sdk_is_left_to_aws(region: str) -> None:
    assert refusal(region, SESSION) is None
    assert no(region, known_regions(SESSION)).startswith(f"There is no region {region}.")
