"""JSON as its standard has it (RFC 8259), which Python's own parser is more lenient than."""

import json
import math
from typing import Any


def loads(text: str | bytes) -> Any:
    """Return the document in a JSON text.

    Raises ValueError if the text is not JSON, is nested too deeply, or has a number that cannot be
    represented: NaN, Infinity, 1e999.
    """
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number in JSON")
    return number
