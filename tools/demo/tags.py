"""The tags that the demo gives its stack, besides those that the template has itself."""

from collections.abc import Mapping
from typing import Any

from tools.demo.request import section

MAX_TAGS = 50
"""How many tags a definition can have, and most other resources too. Those of the stack count."""


def free_key(key: str, template: str, parameters: Mapping[str, str]) -> str:
    """Return a key for a tag that no resource of a template has itself: this one, or a longer one.

    A resource's own tag would override that of the stack. A key may come from a parameter, so that
    any text counts. Case does not, because IAM does not tell keys apart by it.
    """
    taken = "\n".join([template, *parameters.values()]).lower()
    while key.lower() in taken:
        key = f"Demo{key}"
    return key


def most_tags(template: str) -> int:
    """Return how many tags a resource of a template has itself, at most."""
    resources = section(template, "Resources").values()
    properties = [resource.get("Properties") for resource in resources]
    return max(
        (_longest(each.get("Tags")) for each in properties if isinstance(each, dict)), default=0
    )


def _longest(value: Any) -> int:
    """The length of the longest list in a value. A function may choose between lists of tags."""
    if isinstance(value, dict):
        return max(map(_longest, value.values()), default=0)
    if isinstance(value, list):
        return max([len(value), *map(_longest, value)])
    return 0
