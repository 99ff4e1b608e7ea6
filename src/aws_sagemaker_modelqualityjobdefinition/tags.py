"""Desired tags, live tags, and the difference between them.

A set of tags is a dict of key to value here; a list of Key and Value only on the way in and out.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .errors import invalid_request
from .models import Tag

Tags = dict[str, str]

# Tags that AWS itself put there don't count:
# https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
MAX_TAGS = 50


def desired(stack_tags: Mapping[str, str] | None, resource_tags: Iterable[Tag] | None) -> Tags:
    """The stack's tags, overlaid by the resource's own ``Tags``.

    The framework hands over the two apart: its desiredResourceTags are the stack's alone. Those of
    the stack with a reserved key are CloudFormation's, and are left out.
    Raises HandlerError (InvalidRequest) for one of the resource's own with a reserved key, for a
    key that is given twice or has no value, and for more than MAX_TAGS in all.
    """
    resource_tags = list(resource_tags or ())
    seen: set[str] = set()
    for tag in resource_tags:
        if not tag.Key or tag.Value is None:
            lacking = "Value" if tag.Key else "Key"
            raise invalid_request(
                f"Tags: the tag with Key {tag.Key!r} and Value {tag.Value!r} lacks its {lacking}. "
                "Give every tag both; a value may be empty."
            )
        if _is_reserved(tag.Key):
            raise invalid_request(
                f"Tags: the key '{tag.Key}' begins with 'aws:', which is reserved for AWS. "
                "Choose another key."
            )
        if tag.Key in seen:
            raise invalid_request(
                f"Tags: the key '{tag.Key}' is given twice. Leave one tag of that key."
            )
        seen.add(tag.Key)
    wanted = _merged(stack_tags, resource_tags)
    if len(wanted) > MAX_TAGS:
        raise invalid_request(
            f"Tags: {len(wanted)} tags are desired, counting those of the stack, and a definition "
            f"takes {MAX_TAGS}. Remove {len(wanted) - MAX_TAGS} of them."
        )
    return wanted


def desired_before(
    stack_tags: Mapping[str, str] | None, resource_tags: Iterable[Tag] | None
) -> Tags:
    """What an earlier request desired: as ``desired``, but nothing is refused any more.

    An older version of the type let pass what this one refuses, and a rollback comes from what
    was refused. More than MAX_TAGS were never written: SageMaker takes all of a request or nothing.
    """
    before = _merged(stack_tags, resource_tags or ())
    return before if len(before) <= MAX_TAGS else {}


def _merged(stack_tags: Mapping[str, str] | None, resource_tags: Iterable[Tag]) -> Tags:
    own = {tag.Key: tag.Value for tag in resource_tags if tag.Key and tag.Value is not None}
    return without_reserved({**(stack_tags or {}), **own})


def without_reserved(tags: Mapping[str, str]) -> Tags:
    """``tags`` less those whose key begins with ``aws:``, in any case.

    Only AWS itself may write them; SageMaker refuses them from anyone else:
    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    return {key: value for key, value in tags.items() if not _is_reserved(key)}


def _is_reserved(key: str) -> bool:
    return key.lower().startswith("aws:")


class Changes(NamedTuple):
    """What has to be done to the live tags: keys to remove, tags to add or to overwrite.

    remove_first: there is no room for the new tags before the old ones are removed.
    """

    remove: list[str]
    put: Tags
    remove_first: bool

    def are_made_in(self, live: Tags) -> bool:
        """Whether ``live`` is what these changes lead to."""
        return live.keys().isdisjoint(self.remove) and self.put.items() <= live.items()


def changes(previous: Tags, wanted: Tags, live: Tags) -> Changes:
    """What turns the tags of a definition into ``wanted``; tags that others put there stay.

    ``previous`` are the tags that were desired before, ``live`` is what a read shows. Tags are
    eventually consistent, so what was desired a moment ago may not show yet
    (https://github.com/hashicorp/terraform-provider-aws/issues/15572): a read never proves that
    a write is not needed, where the two wishes differ. Keys are removed that may not be there,
    which SageMaker is believed to take (B62 of guide/assumptions.md).
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
    """``tags`` as the list of Key and Value that SageMaker and the ``Tags`` property have."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_api(tags: Iterable[Mapping[str, str]]) -> Tags:
    """The reverse of to_api, of SageMaker's answer."""
    return {tag["Key"]: tag["Value"] for tag in tags}
