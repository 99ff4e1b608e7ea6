"""Time limits of handlers, and how often and when the sandbox retries."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_TIMEOUT_MINUTES = 120
"""How long a handler may stay IN_PROGRESS if its schema sets no limit (resource type schema,
`handlers.<name>.timeoutInMinutes`)."""


@dataclass(frozen=True)
class Timing:
    """Retries and delays of operations.

    attempts: how often a handler is invoked in total when it returns retriable errors.
    first_delay: seconds before the second attempt; doubled before each further attempt.
    callback_scale: the factor for a handler's callbackDelaySeconds; tests use 0.
    registration_seconds: an extra delay for each registration in the registry.
    """

    attempts: int = 5
    first_delay: float = 0.5
    callback_scale: float = 1.0
    registration_seconds: float = 0.0
