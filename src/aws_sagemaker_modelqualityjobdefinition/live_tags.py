"""The tags that SageMaker holds of a definition: how they are read, and how they are changed.

SageMaker has operations of their own for tags. They are eventually consistent, and take
permissions of their own.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .sagemaker import Cause, SageMaker, SageMakerError
from .tags import Changes, Tags

LOG = logging.getLogger(__package__)


def read(sagemaker: SageMaker, arn: str, *, needed: bool) -> Tags:
    """All tags of the definition, whoever put them there.

    Where they are not ``needed``, a caller without the permission to list tags gets none, and a
    log line. AWS's own handlers do the same:
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/466
    """
    try:
        return sagemaker.tags(arn)
    except SageMakerError as error:
        if needed or error.cause is not Cause.TAGGING_DENIED:
            raise
        LOG.warning("The answer has no tags: %s", error.message)
        return {}


def change(sagemaker: SageMaker, arn: str, changes: Changes, *, live: Tags, before: Tags) -> None:
    """Make ``changes`` to the definition's tags, and lose none where that cannot be finished.

    ``live`` is what a read shows, ``before`` what was desired before. Raises SageMakerError.
    Where the read already shows the result, it may be late, so the writes are made all the same.
    But a caller who is denied one of them does not need it then: an update whose tags were denied
    can be rolled back.
    """
    needed = not changes.are_made_in(live)
    if changes.put and not changes.remove_first:
        with _denied_only_if(needed):
            sagemaker.add_tags(arn, changes.put)
    if changes.remove:
        with _denied_only_if(needed):
            sagemaker.delete_tags(arn, changes.remove)
    if changes.put and changes.remove_first:
        with _denied_only_if(needed):
            _add_or_put_back(
                sagemaker,
                arn,
                changes.put,
                removed={key: before[key] for key in changes.remove} if needed else {},
            )


@contextmanager
def _denied_only_if(needed: bool) -> Iterator[None]:
    """Let a denied tag operation in the block pass with a log line, unless it is ``needed``."""
    try:
        yield
    except SageMakerError as error:
        if needed or error.cause is not Cause.TAGGING_DENIED:
            raise
        LOG.warning("A read shows the desired tags; they were not written again: %s", error.message)


def _add_or_put_back(sagemaker: SageMaker, arn: str, tags: Tags, removed: Tags) -> None:
    """Add ``tags``. If that fails, add those again that were ``removed`` to make room."""
    try:
        sagemaker.add_tags(arn, tags)
    except SageMakerError as error:
        if not removed:
            raise
        try:
            sagemaker.add_tags(arn, removed)
        except SageMakerError as second:
            keys = ", ".join(f"'{key}'" for key in removed)
            raise SageMakerError(
                error.code,
                f"{error.message} To make room, tags had been removed, and they could not be put "
                f"back. Add them again if they are missing: {keys}. ({second.message})",
                cause=error.cause,
            ) from error
        raise


@contextmanager
def looked_up_again(sagemaker: SageMaker, name: str) -> Iterator[None]:
    """Where a tag operation in the block does not know the definition, look whether it is there.

    Raises SageMakerError: NotFound where the definition is gone. Where it is there, the error of
    the tag operation goes on, which CloudFormation retries: a NotFound would have Terraform forget
    a definition that exists, and make a second one.
    """
    try:
        yield
    except SageMakerError as error:
        if error.cause is Cause.UNKNOWN_TO_TAGGING:
            sagemaker.describe(name)
        raise
