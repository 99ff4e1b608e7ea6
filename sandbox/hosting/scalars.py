"""How CloudFormation writes a scalar as text."""

from __future__ import annotations

import json
from typing import Any


def text(value: Any) -> str:
    """Return a scalar as CloudFormation writes it: ``true``, ``1.5``. Strings are unchanged."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, default=repr)
