"""How CloudFormation writes a scalar as text."""

from __future__ import annotations

import json
from typing import Any


def text(value: Any) -> str:
    """A scalar as CloudFormation writes it into a string: ``true``, ``1.5``; a string as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, default=repr)
