"""Values that the CloudFormation CLI makes up for contract tests without inputs."""

from __future__ import annotations

import logging
import re
from typing import Any

LOG = logging.getLogger(__name__)


def tolerate_unknown_patterns() -> None:
    """Have the CLI make up any text where it cannot make one of a pattern or a format.

    It compiles patterns, which are written for Java, with Python's `re`, knows six formats, and
    stops at any other.
    """
    from rpdk.core.contract.resource_generator import ResourceGenerator

    generate = ResourceGenerator.generate_string_strategy

    def generate_any(schema: dict[str, Any]) -> Any:
        try:
            return generate(schema)
        except (re.error, KeyError):
            LOG.warning(
                "No text can be made of the pattern %s and the format %s; any text is used.",
                schema.get("pattern"),
                schema.get("format"),
            )
        free = {name: value for name, value in schema.items() if name not in ("pattern", "format")}
        return generate(free)

    ResourceGenerator.generate_string_strategy = staticmethod(generate_any)
