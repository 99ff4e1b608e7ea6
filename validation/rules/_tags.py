"""A definition's own tags."""

from __future__ import annotations

from collections.abc import Iterator

from ._resources import texts
from ._rule import DefinitionRule, Finding, finding
from ._values import Value

_MOST = 50


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
            for shown, key in texts(written):
                if shown.lower().startswith("aws:"):
                    message = (
                        f"the key {shown!r} begins with 'aws:', which AWS reserves in upper and "
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
            # Where cfn-lint is when it calls a rule, it does not expect functions.
            context = tags.holds.context.evolve(functions=["Fn::If", "Ref"])
            for present, conditions in context.conditions.evolve_from_instance(tags.value, context):
                holds = tags.holds.evolve(context=context.evolve(conditions=conditions))
                given = Value(present, tags.path, holds)
                if len(present) > _MOST and given.possible:
                    message = (
                        f"{len(present)} tags, but a definition has at most {_MOST} together with "
                        f"the stack's; remove {len(present) - _MOST} or more"
                    )
                    yield finding(tags, message, given=given)
