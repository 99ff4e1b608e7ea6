"""Desired tags, live tags, and the difference between them.

Here, tags are a dict of key to value. In the API and the ``Tags`` property, they are a list of Key
and Value.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .errors import invalid_request
from .models import Tag

Tags = dict[str, str]

# Tags that AWS itself adds do not count:
# https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
MAX_TAGS = 50


def desired(stack_tags: Mapping[str, str] | None, resource_tags: Iterable[Tag] | None) -> Tags:
    """The stack's tags, overridden by the resource's own ``Tags``.

    The framework passes them separately: its desiredResourceTags are only the stack's tags. Stack
    tags with a reserved key are CloudFormation's, and are left out.
    Raises HandlerError (InvalidRequest) for a resource tag that has a reserved key, no key or no
    value, for a key that appears twice, and for more than MAX_TAGS in all.
    """
    resource_tags = list(resource_tags or ())
    seen: set[str] = set()
    for tag in resource_tags:
        if not tag.Key or tag.Value is None:
            missing = "Value" if tag.Key else "Key"
            raise invalid_request(
                f"Tags: the tag with Key {tag.Key!r} and Value {tag.Value!r} has no {missing}. "
                "Every tag needs both; the Value may be empty."
            )
        if _is_reserved(tag.Key):
            raise invalid_request(
                f"Tags: the key '{tag.Key}' begins with 'aws:', which is reserved for AWS. "
                "Choose another key."
            )
        if tag.Key in seen:
            raise invalid_request(
                f"Tags: the key '{tag.Key}' appears twice. Keep one tag with this key."
            )
        seen.add(tag.Key)
    wanted = _merged(stack_tags, resource_tags)
    number_of_tags = len(wanted)
    excess = number_of_tags - MAX_TAGS
    if excess > 0:
        raise invalid_request(
            f"Tags: {number_of_tags} tags are desired, including those of the stack, but a "
            f"definition can have at most {MAX_TAGS}. Remove {excess} of them."
        )
    return wanted


def desired_before(
    stack_tags: Mapping[str, str] | None, resource_tags: Iterable[Tag] | None
) -> Tags:
    """The tags that an earlier request desired: like ``desired``, but nothing is rejected.

    An older version of the type may have accepted what this one rejects, and a rollback starts from
    what was rejected. More than MAX_TAGS were never written, because SageMaker accepts a whole
    request or nothing.
    """
    before = _merged(stack_tags, resource_tags or ())
    return before if len(before) <= MAX_TAGS else {}


def _merged(stack_tags: Mapping[str, str] | None, resource_tags: Iterable[Tag]) -> Tags:
    own = {tag.Key: tag.Value for tag in resource_tags if tag.Key and tag.Value is not None}
    return without_reserved({**(stack_tags or {}), **own})


def without_reserved(tags: Mapping[str, str]) -> Tags:
    """``tags`` without those whose key begins with ``aws:``, in upper or lower case.

    Only AWS itself may write them. SageMaker rejects them from anyone else:
    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    return {key: value for key, value in tags.items() if not _is_reserved(key)}


def _is_reserved(key: str) -> bool:
    return key.lower().startswith("aws:")


class Changes(NamedTuple):
    """The changes to make to the live tags: keys to remove, and tags to add or overwrite.

    remove_first: old tags must be removed before new ones are added, to stay within MAX_TAGS.
    """

    remove: list[str]
    put: Tags
    remove_first: bool

    def are_made_in(self, live: Tags) -> bool:
        """Whether ``live`` already has these changes."""
        return live.keys().isdisjoint(self.remove) and self.put.items() <= live.items()


def changes(previous: Tags, wanted: Tags, live: Tags) -> Changes:
    """The changes that turn the tags of a definition into ``wanted``; others' tags are kept.

    ``previous`` are the tags that were desired before, ``live`` is what a read shows. Tags are
    eventually consistent, so a read may not show a recent change yet
    (https://github.com/hashicorp/terraform-provider-aws/issues/15572). Wherever ``previous`` and
    ``wanted`` differ, a write is needed, whatever the read shows. A key that is removed may not
    exist, which SageMaker is assumed to accept (B62 of guide/assumptions.md).
    """
    put = {
        key: value
        for key, value in wanted.items()
        if live.get(key) != value or previous.get(key) != value
    }
    most_at_once = without_reserved({**live, **previous, **put})
    return Changes(
        remove=[key for key in previous if key not in wanted],
        put=put,
        remove_first=len(most_at_once) > MAX_TAGS,
    )


def to_api(tags: Tags) -> list[dict[str, str]]:
    """``tags`` as a list of Key and Value, as in SageMaker's API and the ``Tags`` property."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_api(tags: Iterable[Mapping[str, str]]) -> Tags:
    """The inverse of to_api."""
    return {tag["Key"]: tag["Value"] for tag in tags}
