"""Cloud Control alone, in the process of the tests, with scripted handlers."""

from typing import Any

import pytest

from sandbox.hosting.timing import Timing
from sandbox.process_wide import PROCESS
from tests.harness.cloud_control import ALL, CloudControl, Make
from tests.harness.handlers import Handlers


@pytest.fixture
def cloud_control(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the service with handlers that give these answers, in order; they do not wait.

    longest_hold: how long an answer on a running request is held. Other arguments replace members
    of the schema.
    """
    monkeypatch.setattr(PROCESS, "timing", Timing(first_delay=0, callback_scale=0))

    def make(*answers: Any, longest_hold: float = 10.0, **schema: Any) -> CloudControl:
        return CloudControl(Handlers(*answers, **{"handlers": ALL, **schema}), longest_hold)

    return make
