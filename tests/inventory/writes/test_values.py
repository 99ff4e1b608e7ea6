"""Values of DuckDB as properties."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from inventory.writes.values import property_value
from tools.own_handlers import provider


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"A": float("nan")}, "JobResources has the number nan, which JSON cannot have."),
        (uuid.uuid4(), "JobResources has a value of the type UUID, which JSON cannot have. Cast"),
        ({1: "a"}, "JobResources has a MAP with keys of the type int, which JSON cannot have."),
    ],
)
def test_a_value_that_json_cannot_have_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match="JSON cannot have") as refused:
        property_value("JobResources", value, provider())
    assert str(refused.value).startswith(message)
