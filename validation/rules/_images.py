"""SageMaker's own image for model monitoring: its region, and the account that it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cfnlint.helpers import REGIONS, is_function

from ._functions import REGION
from ._resources import Resource, resources_beside, shown
from ._rule import Finding, Rule, finding
from ._schedules import SCHEDULE, monitoring_type
from ._values import Value

REPOSITORY = "sagemaker-model-monitor-analyzer"
# The account that publishes the image, by region. The file is a copy of
# src/sagemaker/image_uri_config/model-monitor.json in the SageMaker Python SDK; a test compares it
# with the SDK that requirements/sagemaker-sdk.txt locks. The SDK lacks AWS GovCloud, which the
# SageMaker Developer Guide had (doc_source/model-monitor-pre-built-container.md of
# awsdocs/amazon-sagemaker-developer-guide).
TABLE = Path(__file__).with_name("model-monitor.json")
ACCOUNTS: dict[str, str] = {
    **json.loads(TABLE.read_text("utf-8"))["versions"][""]["registries"],
    "us-gov-west-1": "362178532790",
}
# AWS's documentation uses them as examples, and cfn-lint the first for AWS::AccountId.
_EXAMPLE_ACCOUNTS = {"123456789012", "111122223333"}
_REGISTRY = r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
_IMAGE = re.compile(rf"{_REGISTRY}/(?P<repository>[^:@]+)([:@].*)?")
_IMAGE_OF_STACKS_ACCOUNT = re.compile(rf"\$\{{AWS::AccountId\}}\.[^/]*/{REPOSITORY}([:@].*)?")
_WRITTEN_REGION = ({"Ref": REGION}, {"Fn::Sub": f"${{{REGION}}}"})
_KEY = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):.+")


@dataclass(frozen=True)
class _Place:
    """Where a literal is, for the words of a message, and the region that it is of."""

    words: str
    region: str


@dataclass(frozen=True)
class _Image:
    """SageMaker's image, as a template has it for a stack in one region.

    ``at``: the value that it was found at, with what holds. ``stack_region`` is None where the
    template does not depend on the region.
    """

    uri: str
    account: str
    region: str
    at: Value
    stack_region: str | None

    @property
    def owner(self) -> str | None:
        """The account that it should come from; None where that is not known."""
        return ACCOUNTS.get(self.region)


class _ImageRule(Rule):
    """A rule about SageMaker's image, in a definition or in the job of a schedule."""

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {"regions_are_given": {"default": False, "type": "boolean"}}
        self.configure()

    def looks_at(self, type_name: str) -> bool:
        """Whether resources of a type have an image for monitoring."""
        return bool(_path_of_image(type_name))

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield the mistakes in each image that a resource can have."""
        for written in resource.body.written("Properties", *_path_of_image(resource.type)):
            for image in _images(written, self.told(written)):
                yield from self.judged(image, resource)

    def judged(self, image: _Image, resource: Resource) -> Iterator[Finding]:
        """Yield the mistakes in one image."""
        raise NotImplementedError

    def told(self, value: Value) -> list[str]:
        """The regions that cfn-lint was given, its default too if the setting says that it was."""
        if self.config["regions_are_given"]:
            return list(value.holds.cfn.regions)
        return value.holds.told_regions


class RegionOfImage(_ImageRule):
    """The image is of the stack's region."""

    id = "E9557"
    shortdesc = "SageMaker's image is of the stack's region"
    description = (
        "SageMaker pulls images only from its own region, and in each region another account "
        "publishes its image for model monitoring."
    )
    source_url = (
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-pre-built-container.html"
    )
    background = """
A run is a processing job, and SageMaker refuses a processing job with an image of another region:
"Invalid region us-east-2 in image URI […]. Please provide an image URI in region us-west-2."
([pasted](https://github.com/aws/amazon-sagemaker-examples/issues/2422)). A definition is probably
created with it.

A template seldom says in which region its stack will be. This rule goes by what can only be of the
stack's region:

- the key of a mapping, on either level, that is looked up by `AWS::Region`, also if only the
  account is in it;
- conditions that compare `AWS::Region` with a region;
- the regions that cfn-lint is given (`--regions`, or `regions` in `.cfnlintrc`). A rule cannot tell
  us-east-1 alone from cfn-lint's default, and ignores it. `make validate` tells the rule that it
  was given. With cfn-lint by itself, add `--configure-rule E9557:regions_are_given=true`;
- the ARN of the key in `VolumeKmsKeyId`, and other images that SageMaker pulls: of the template's
  other definitions and schedules, and of `AWS::SageMaker::Model`
  ("[must be in the same region](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html)").

A registry of one region with SageMaker's account in another is never right. An image in
`AWS::Region` from one account is right in that account's region, so it is found only if cfn-lint is
given other regions. Buckets may be in other regions, and ARNs of roles have none, so these are not
looked at. Nor are the accounts 123456789012 and 111122223333, which AWS's documentation uses as
examples.

With the transform `AWS::LanguageExtensions`, cfn-lint puts the value for one region in place of
such a lookup before any rule sees it. So the values for other regions are not judged then.

The accounts are those of the SageMaker Python SDK, and the one of us-gov-west-1 that the developer
guide had. To update them, install a newer SDK in `requirements/sagemaker-sdk.in`; a test then says
which file to copy.
"""

    def judged(self, image: _Image, resource: Resource) -> Iterator[Finding]:
        """Yield a finding if the image is of another region, by its registry or its account."""
        places = list(_regions_of_stack(image, resource, self.told(image.at)))
        home = _home(image.account)
        if home and image.owner and image.account != image.owner:
            if any(place.region == home for place in places):
                advice = _advice(home)
            else:
                advice = f"write {image.owner}, SageMaker's account in {image.region}"
            message = (
                f"{image.uri!r} is of {image.region}, but {image.account} is SageMaker's account "
                f"in {home}; {advice}"
            )
            yield finding(image.at, message)
            return
        for place in places:
            if place.region != image.region:
                message = (
                    f"{image.uri!r} is an image of {image.region}, but {place.words}; "
                    f"{_advice(place.region)}"
                )
                found = finding(image.at, message)
                # The message names the region already.
                facts = {fact: each for fact, each in found.facts.items() if fact[0] != "region"}
                yield replace(found, facts=facts)
                return


class AccountOfImage(_ImageRule):
    """The image is from the account that publishes it."""

    id = "W9558"
    shortdesc = "SageMaker's image is from SageMaker's account"
    description = (
        "In each region one account publishes SageMaker's image for model monitoring. Other "
        "accounts have no copy, because the image can be used in jobs but not pulled."
    )
    source_url = RegionOfImage.source_url
    background = """
Where the accounts are from, and how they are updated, is said for [E9557](E9557.md). An image in a
region that is not among them is not judged. The account may be right if SageMaker has moved its
image, or if an image of your own has the same name; so this is a warning. `AWS::AccountId` is
never SageMaker's account.
"""

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield the mistakes in each image, also in one of the stack's own account."""
        yield from super().in_resource(resource)
        for written in resource.body.written("Properties", *_path_of_image(resource.type)):
            for image in written.resolved():
                uri = shown(image)
                if uri and _IMAGE_OF_STACKS_ACCOUNT.fullmatch(uri):
                    message = (
                        f"{uri!r} is from the stack's own account, but SageMaker publishes its "
                        "image in accounts of its own; write SageMaker's account, or give an image "
                        "of your own another name"
                    )
                    yield finding(image, message)

    def judged(self, image: _Image, resource: Resource) -> Iterator[Finding]:  # noqa: ARG002
        """Yield a finding if the image is from an account that is not SageMaker's."""
        if image.owner and not _home(image.account):
            message = (
                f"{image.uri!r} is from the account {image.account}, but SageMaker's account in "
                f"{image.region} is {image.owner}; correct it, or give an image of your own "
                "another name"
            )
            yield finding(image.at, message)


def _path_of_image(resource_type: str) -> tuple[str, ...]:
    if kind := monitoring_type(resource_type):
        return (f"{kind}AppSpecification", "ImageUri")
    if resource_type == SCHEDULE:
        job = ("MonitoringScheduleConfig", "MonitoringJobDefinition")
        return (*job, "MonitoringAppSpecification", "ImageUri")
    return ()


def _images(written: Value, told: list[str]) -> Iterator[_Image]:
    """Yield SageMaker's image in each region for which a template says which one it takes.

    told: the regions that it is linted for.
    """
    if not written.known:
        return
    if not _mentions_region(written.value):
        yield from _parsed(written.resolved(), None)
        return
    for region in _keys(written) or told:
        if here := _in_region(written, region):
            yield from _parsed(here.resolved(), region)


def _parsed(values: Iterator[Value], stack_region: str | None) -> Iterator[_Image]:
    for value in values:
        match = _IMAGE.fullmatch(value.value) if isinstance(value.value, str) else None
        if (
            match
            and match["repository"] == REPOSITORY
            and match["account"] not in _EXAMPLE_ACCOUNTS
        ):
            yield _Image(match[0], match["account"], match["region"], value, stack_region)


def _regions_of_stack(image: _Image, resource: Resource, told: list[str]) -> Iterator[_Place]:
    """Yield what a template, and how it is linted, say of the stack's region.

    told: the regions that it is linted for.
    """
    if image.stack_region:
        yield _Place(f"is used in {image.stack_region}", image.stack_region)
        return
    if image.region in REGIONS and not _in_region(image.at, image.region):
        match [region for region in REGIONS if _in_region(image.at, region)]:
            case [region]:
                yield _Place(f"its conditions are true only in {region}", region)
            case [region, *_]:
                yield _Place("its conditions exclude that region", region)
    for region in told:
        if _in_region(image.at, region):
            yield _Place(f"the template is linted for {region}", region)
    yield from _literals(image, resource)


def _literals(image: _Image, resource: Resource) -> Iterator[_Place]:
    """Yield the literals of a template that can only be of the stack's region."""
    earlier = True
    for other in resources_beside(image.at, lambda name: any(_paths_of_literals(name))):
        if other.logical_id == resource.logical_id:
            earlier = False
        for path in _paths_of_literals(other.type):
            # Of two images that differ, one is enough to tell.
            if earlier or path != _path_of_image(other.type):
                yield from _regions_in(other, path, image.at)


def _regions_in(other: Resource, path: tuple[str, ...], given: Value) -> Iterator[_Place]:
    for literal in other.body.written("Properties", *path, given=given):
        if isinstance(literal.value, str):
            match = _IMAGE.fullmatch(literal.value) or _KEY.fullmatch(literal.value)
            if match and match["account"] not in _EXAMPLE_ACCOUNTS:
                words = f"the {path[-1]} of {other.logical_id!r} is of {match['region']}"
                yield _Place(words, match["region"])


def _paths_of_literals(resource_type: str) -> Iterator[tuple[str, ...]]:
    if image := _path_of_image(resource_type):
        yield image
        resources = "MonitoringResources" if resource_type == SCHEDULE else "JobResources"
        yield (*image[:-2], resources, "ClusterConfig", "VolumeKmsKeyId")
    elif resource_type == "AWS::SageMaker::Model":
        yield ("PrimaryContainer", "Image")
        yield ("Containers", "*", "Image")


def _in_region(value: Value, region: str) -> Value | None:
    """Return the value in a region; None if it is not used there."""
    if value.holds.values.get(REGION, region) != region:
        return None
    there = value.where(REGION, region)
    return there if there.holds.possible else None


def _mentions_region(written: Any) -> bool:
    if isinstance(written, dict):
        return any(_mentions_region(each) for each in written.values())
    if isinstance(written, list):
        return any(_mentions_region(each) for each in written)
    return isinstance(written, str) and REGION in written


def _keys(written: Value) -> list[str]:
    """The regions by which a value is looked up in mappings."""
    mappings = written.holds.cfn.template.get("Mappings")
    found = {
        region: None
        for name in _mappings_by_region(written.value)
        if isinstance(mappings, dict) and isinstance(mappings.get(name), dict)
        for top, values in mappings[name].items()
        for region in (top, *(values if isinstance(values, dict) else ()))
        if region in REGIONS
    }
    return list(found)


def _mappings_by_region(written: Any) -> Iterator[str]:
    name, argument = is_function(written)
    if (
        name == "Fn::FindInMap"
        and isinstance(argument, list)
        and len(argument) >= 3
        and isinstance(argument[0], str)
        and any(each in argument[1:3] for each in _WRITTEN_REGION)
    ):
        yield argument[0]
    for each in written.values() if isinstance(written, dict) else written:
        if isinstance(each, dict | list):
            yield from _mappings_by_region(each)


def _home(account: str) -> str | None:
    """The region in which an account is SageMaker's."""
    return next((region for region, owner in ACCOUNTS.items() if owner == account), None)


def _advice(region: str) -> str:
    account = ACCOUNTS.get(region)
    if not account:
        return f"write SageMaker's image of {region}"
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"write {account}.dkr.ecr.{region}.amazonaws.com{suffix}/{REPOSITORY}"
