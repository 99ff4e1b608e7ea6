"""Faults on demand: what AWS does on a bad day, for tests and for anyone who wants to try it.

    POST   /_sandbox/faults   adds a fault, given as JSON; answers 201 with it
    GET    /_sandbox/faults   answers with the pending faults
    DELETE /_sandbox/faults   clears all faults

    fault.py      a fault: its members, their values, and the calls that it affects
    names.py      checks the service and the operation that a fault names
    app.py        accepts faults, and injects them into calls
    call.py       one call: its service and operation, and the responses that faults give instead
    leftovers.py  the responses that later calls on a definition get because of an earlier call

guide/faults.md describes the members of a fault, and has an example.
"""

from sandbox.faults.app import PATH, FaultsApp
from sandbox.faults.fault import FAULTS, Fault

__all__ = ["FAULTS", "PATH", "Fault", "FaultsApp"]
