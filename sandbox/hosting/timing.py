"""How long handlers may take, and how patient the sandbox is."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_TIMEOUT_MINUTES = 120
"""How long a handler may stay IN_PROGRESS where its schema does not say (resource type schema,
`handlers.<name>.timeoutInMinutes`)."""


@dataclass(frozen=True)
class Timing:
    """How long operations take and wait.

    attempts: how often a handler is asked in all when it answers with a retriable error.
    first_delay: seconds before the second attempt, doubled before each further one.
    callback_scale: the factor for a handler's callbackDelaySeconds; tests use 0.
    registration_seconds: how long a registration in the registry takes, beside the work.
    """

    attempts: int = 5
    first_delay: float = 0.5
    callback_scale: float = 1.0
    registration_seconds: float = 0.0
