"""Which names of regions are refused before AWS is asked."""

import pytest

from project.regions import known_regions, no, refusal

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("us-esat-1", "Did you mean us-east-1?"),
        ("us-east1", "Did you mean us-east-1?"),
        ("EU-WEST-1", "Did you mean eu-west-1?"),
        ("frankfurt", "Regions have names such as us-east-1."),
        ("aws-global", "Regions have names such as us-east-1."),
    ],
)
def test_a_region_that_cannot_exist_is_refused_with_the_one_that_was_meant(
    region: str, hint: str
) -> None:
    assert refusal(region) == f"There is no region {region}. {hint}"


def test_every_region_that_the_sdk_knows_is_accepted() -> None:
    assert {region for region in known_regions() if refusal(region)} == set()
    assert {"us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"} <= known_regions()


@pytest.mark.parametrize("region", ["us-east-11", "xx-central-1", "ap-southeast-99"])
def test_a_region_that_may_be_newer_than_the_sdk_is_left_to_aws(region: str) -> None:
    assert refusal(region) is None
    assert no(region).startswith(f"There is no region {region}. ")
