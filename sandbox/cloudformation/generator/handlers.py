"""How the generator invokes handlers: without a stack, with the type's execution role."""

from __future__ import annotations

from sandbox.hosting import credentials
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.place import Place
from sandbox.process_wide import PROCESS


def handlers_of(hosted: HostedType, place: Place, interruption: Interruption) -> HandlerClient:
    """Return the handlers of a type in a place. interruption: ends their operations early."""
    return HandlerClient(
        hosted,
        place,
        lambda: credentials.of_type(hosted, place),
        timing=PROCESS.timing,
        wait=interruption.wait,
    )
