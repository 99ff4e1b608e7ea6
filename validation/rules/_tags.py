"""A definition's own tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cfnlint.helpers import is_function

from ._resources import shown
from ._rule import DefinitionRule, Finding, finding
from ._values import Value

_MOST = 50
# A search for tags that exist together is given up when it takes longer.
_MOST_STEPS = 500


class ReservedTagKey(DefinitionRule):
    """No tag's key begins with the prefix that AWS reserves."""

    id = "E9555"
    shortdesc = "No tag's key begins with aws:"
    description = (
        "AWS reserves keys that begin with aws:, in any combination of upper and lower case, for "
        "its own tags. SageMaker refuses them from others."
    )
    source_url = (
        "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
    )
    background = """
SageMaker's message is "System prefix 'aws:' reserved for AWS usage in tag key"
([pasted](https://github.com/aws/sagemaker-python-sdk/issues/1301), of another call). The prefix is
reserved in any case: "Don't use `aws:`, `AWS:`, or any upper or lowercase combination of such as a
prefix" ([documentation of another service](https://docs.aws.amazon.com/batch/latest/userguide/tag-restrictions.html)).

Where cfn-lint has the type's schema, its own rule E3024 finds `aws:` too, but only in lower case.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each reserved key."""
        for written in properties.written("Tags", "*", "Key"):
            for key in written.resolved():
                text = shown(key)
                if text and text.lower().startswith("aws:"):
                    message = (
                        f"the key {text!r} begins with 'aws:', which AWS reserves in upper and "
                        "lower case; choose another key"
                    )
                    yield finding(key, message)


class TooManyTags(DefinitionRule):
    """At most 50 tags."""

    id = "E9556"
    shortdesc = "A definition has at most 50 tags"
    description = (
        "A resource of AWS has at most 50 tags. A definition's own tags count, and so do the "
        "stack's tags, which are added to them at deployment."
    )
    source_url = ReservedTagKey.source_url
    background = """
Only the template's own tags are counted, because the stack's are not in the template. So the limit
may be exceeded by a template in which this rule finds nothing.

Where cfn-lint has the type's schema, its own rule E3032 counts tags too, and its rule E3024 finds
keys that occur twice.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment with too many tags."""
        for tags in properties.written("Tags"):
            if not isinstance(tags.value, list) or len(tags.value) <= _MOST:
                continue
            # What is an Fn::If may be absent; what else is no tag, nobody knows.
            certain = sum(_is_tag(each) for each in tags.value)
            choices = [each for each in tags.value if is_function(each)[0] == "Fn::If"]
            most = _most(certain, choices, tags, iter(range(_MOST_STEPS)))
            if most:
                count, given = most
                message = (
                    f"{count} tags, but a definition has at most {_MOST} together with the "
                    f"stack's; remove {count - _MOST} or more"
                )
                yield finding(tags, message, given=given)


def _is_tag(item: Any) -> bool:
    return isinstance(item, dict) and is_function(item)[0] is None


def _most(
    count: int, choices: list[Any], given: Value, steps: Iterator[int]
) -> tuple[int, Value] | None:
    """Return how many tags exist together, and in which deployments, if they are too many.

    count: those that exist for certain. choices: an Fn::If for each of the others.
    """
    if count + len(choices) <= _MOST or next(steps, None) is None:
        return None
    if not choices:
        return count, given
    found = list(replace(given, value=choices[0]).written())
    # First those deployments in which there are most.
    for each in sorted(found, key=lambda item: not _is_tag(item.value)):
        here = replace(given, holds=each.holds)
        if most := _most(count + _is_tag(each.value), choices[1:], here, steps):
            return most
    return None
