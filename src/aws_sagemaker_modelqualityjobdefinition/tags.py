"""Desired tags, live tags, and the difference between them.

A set of tags is a dict of key to value here; a list of Key and Value only on the way in and out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .errors import invalid_request
from .models import Tag

Tags = dict[str, str]


def desired(stack_tags: Mapping[str, Any] | None, resource_tags: Iterable[Tag] | None) -> Tags:
    """The stack's tags, overlaid by the resource's own ``Tags``.

    The framework hands over the two apart: its desiredResourceTags are the stack's alone.
    Raises HandlerError (InvalidRequest) for a key that is given twice or has no value.
    """
    own: Tags = {}
    for tag in resource_tags or ():
        if tag.Key is None or tag.Value is None:
            lacking = "Key" if tag.Key is None else "Value"
            raise invalid_request(
                f"Tags: the tag with Key {tag.Key!r} and Value {tag.Value!r} lacks its {lacking}. "
                "Give every tag both; a value may be empty."
            )
        if tag.Key in own:
            raise invalid_request(
                f"Tags: the key '{tag.Key}' is given twice. Leave one tag of that key."
            )
        own[tag.Key] = tag.Value
    of_stack = {key: str(value) for key, value in (stack_tags or {}).items()}
    return without_reserved({**of_stack, **own})


def without_reserved(tags: Mapping[str, str]) -> Tags:
    """``tags`` less those whose key begins with ``aws:``, in any case.

    Only AWS itself may write them; SageMaker refuses them from anyone else:
    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    return {key: value for key, value in tags.items() if not key.lower().startswith("aws:")}


class Changes(NamedTuple):
    """What has to be done to the live tags: keys to remove, tags to add or to overwrite."""

    remove: list[str]
    put: Tags


def changes(previous: Tags, wanted: Tags, live: Tags) -> Changes:
    """The least that turns ``live`` into ``wanted``; tags that others put there stay."""
    return Changes(
        remove=[key for key in previous if key in live and key not in wanted],
        put={key: value for key, value in wanted.items() if live.get(key) != value},
    )


def to_api(tags: Tags) -> list[dict[str, str]]:
    """``tags`` as the list of Key and Value that SageMaker and the ``Tags`` property have."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_api(tags: Iterable[Mapping[str, str]]) -> Tags:
    """The reverse of to_api, of SageMaker's answer."""
    return {tag["Key"]: tag["Value"] for tag in tags}
