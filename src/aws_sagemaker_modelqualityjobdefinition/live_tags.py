"""The tags of a definition in SageMaker: how they are read and changed.

SageMaker has separate operations for tags. They are eventually consistent, and need separate
permissions.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .sagemaker import SageMaker
from .service_errors import Cause, SageMakerError
from .tags import Changes, Tags

LOG = logging.getLogger(__package__)


def read(sagemaker: SageMaker, arn: str, *, needed: bool) -> Tags:
    """All tags of the definition, including those that others added. Raises SageMakerError.

    If they are not ``needed``, a caller without permission to list tags gets no tags, and a line is
    logged. AWS's own handlers do the same:
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/466
    """
    try:
        return sagemaker.tags(arn)
    except SageMakerError as error:
        if needed or error.cause is not Cause.TAGGING_DENIED:
            raise
        LOG.warning("Tags are missing in the answer: %s", error.message)
        return {}


def change(sagemaker: SageMaker, arn: str, changes: Changes, *, live: Tags, before: Tags) -> None:
    """Make ``changes`` to the definition's tags, without losing any if that fails halfway.

    ``live`` is what a read shows, ``before`` is what was desired before. Raises SageMakerError.
    Even if the read already shows the result, the changes are written, because the read may be
    stale. In that case a denied write is ignored, so that an update whose tags were denied can be
    rolled back.
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
            _add_or_restore(
                sagemaker,
                arn,
                changes.put,
                removed={key: before[key] for key in changes.remove} if needed else {},
            )


@contextmanager
def _denied_only_if(needed: bool) -> Iterator[None]:
    """Log a denied tag operation in the block and ignore it, unless it is ``needed``."""
    try:
        yield
    except SageMakerError as error:
        if needed or error.cause is not Cause.TAGGING_DENIED:
            raise
        LOG.warning("A read shows the desired tags; writing them again failed: %s", error.message)


def _add_or_restore(sagemaker: SageMaker, arn: str, tags: Tags, removed: Tags) -> None:
    """Add ``tags``. If that fails, restore those that were ``removed`` to make room."""
    try:
        sagemaker.add_tags(arn, tags)
    except SageMakerError as error:
        if not removed:
            raise
        try:
            sagemaker.add_tags(arn, removed)
        except SageMakerError as second_error:
            error_of_adding, error_of_restoring = error.message, second_error.message
            removed_keys = ", ".join(f"'{key}'" for key in removed)
            raise SageMakerError(
                error.code,
                f"{error_of_adding} Tags had been removed to make room, and could not be restored. "
                f"Add them again if they are missing: {removed_keys}. ({error_of_restoring})",
                cause=error.cause,
            ) from error
        raise


@contextmanager
def existence_checked(sagemaker: SageMaker, name: str) -> Iterator[None]:
    """Check whether the definition exists if a tag operation in the block does not find it.

    Raises SageMakerError: NotFound if the definition is gone. If it exists, the error of the tag
    operation is raised, which CloudFormation retries. After a NotFound, Terraform would forget a
    definition that exists and create a second one.
    """
    try:
        yield
    except SageMakerError as error:
        if error.cause is Cause.UNKNOWN_TO_TAGGING:
            sagemaker.describe(name)
        raise
