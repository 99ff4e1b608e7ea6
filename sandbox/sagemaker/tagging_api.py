"""The Resource Groups Tagging API, which finds and tags resources of every service by their tags.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/. moto has it for its own
resources. With this, it has it for job definitions and monitoring schedules too.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from moto.core.resource_tagging import TaggedResource
from moto.resourcegroupstaggingapi import models as moto_tagging
from moto.sagemaker import models as moto_sagemaker

from sandbox.json_service.caller import Caller
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker import tagging
from sandbox.sagemaker.kinds import KINDS
from sandbox.sagemaker.service import SageMakerService
from sandbox.sagemaker.store import SCHEDULE, Region

Failures = dict[str, dict[str, Any]]


def show_in_tagging_api(service: SageMakerService) -> None:
    """Make the resources of a service known to moto's Resource Groups Tagging API.

    Call this before moto's WSGI applications are created. A second call replaces the service.
    """
    _TaggableSageMaker.service = service
    moto_sagemaker.sagemaker_backends.backend = _TaggableSageMaker
    moto_sagemaker.sagemaker_backends.clear()
    moto_tagging.resourcegroupstaggingapi_backends.backend = _TaggingApi
    moto_tagging.resourcegroupstaggingapi_backends.clear()


class _TaggableSageMaker(moto_sagemaker.SageMakerModelBackend):
    """moto's SageMaker, whose resources are joined by the sandbox's own."""

    # moto looks for a backend's URLs beside this module.
    __module__ = moto_sagemaker.__name__
    service: ClassVar[SageMakerService]

    def region(self) -> Region:
        """The sandbox's own resources of this account and region."""
        return self.service.store.region(self.account_id, self.region_name)

    def call(self, operation: str, **request: Any) -> None:
        """Carry out an operation on the sandbox's own resources. Raises ServiceError."""
        self.service.call(Caller(self.account_id, self.region_name), operation, request)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield every resource, whether it has tags or not."""
        yield from super().iter_tagged_resources()
        region = self.region()
        with region.lock:
            found = [
                TaggedResource(resource.arn, dict(resource.tags), f"sagemaker:{part}")
                for part in (*(kind.in_arn for kind in KINDS), SCHEDULE)
                for resource in region.in_arn(part).all()
            ]
        yield from found


class _TaggingApi(moto_tagging.ResourceGroupsTaggingAPIBackend):
    """moto's Resource Groups Tagging API, which knows the sandbox's own resources."""

    __module__ = moto_tagging.__name__

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # moto asks only the backends that have been used, and ours may have stayed out of its way.
        self._sagemaker = moto_sagemaker.sagemaker_backends[account_id][region_name]

    def _get_tag_keys_generator(self) -> Iterator[str]:
        return iter(dict.fromkeys(super()._get_tag_keys_generator()))

    def _get_tag_values_generator(self, tag_key: str) -> Iterator[str]:
        return iter(dict.fromkeys(super()._get_tag_values_generator(tag_key)))

    def tag_resources(self, resource_arns: list[str], tags: dict[str, str]) -> Failures:
        """Tag resources. Returns what failed, by ARN."""
        added = [{"Key": key, "Value": value} for key, value in tags.items()]
        return self._each(
            resource_arns,
            lambda arns: super(_TaggingApi, self).tag_resources(arns, tags),
            lambda arn: self._call("AddTags", ResourceArn=arn, Tags=added),
        )

    def untag_resources(self, resource_arn_list: list[str], tag_keys: list[str]) -> Failures:
        """Remove tags from resources. Returns what failed, by ARN."""
        return self._each(
            resource_arn_list,
            lambda arns: super(_TaggingApi, self).untag_resources(arns, tag_keys),
            lambda arn: self._call("DeleteTags", ResourceArn=arn, TagKeys=tag_keys),
        )

    def _call(self, operation: str, **request: Any) -> None:
        assert isinstance(self._sagemaker, _TaggableSageMaker)  # noqa: S101 - for mypy
        self._sagemaker.call(operation, **request)

    @staticmethod
    def _each(
        arns: list[str], of_moto: Callable[[list[str]], Failures], own: Callable[[str], None]
    ) -> Failures:
        ours = [arn for arn in arns if tagging.has_definition_or_schedule(arn)]
        failures = of_moto([arn for arn in arns if arn not in ours])
        failed = {arn: _failure(partial(own, arn)) for arn in ours}
        return {**failures, **{arn: error for arn, error in failed.items() if error}}


def _failure(work: Callable[[], None]) -> dict[str, Any] | None:
    """Do the work. Returns how it failed, with the error of the service that has the resource."""
    try:
        work()
    except ServiceError as error:
        return {
            "StatusCode": error.status,
            "ErrorCode": error.code,
            "ErrorMessage": error.message,
        }
    return None
