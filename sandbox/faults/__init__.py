"""Faults on demand: what AWS does on a bad day, for tests and for anyone who wants to see it.

    POST   /_sandbox/faults   adds a fault, given as JSON; answers 201 with it
    GET    /_sandbox/faults   answers with the faults that are pending
    DELETE /_sandbox/faults   clears all faults

    fault.py      a fault: its members, what they may be, and which calls it strikes
    app.py        takes faults, and injects them into the calls that they strike
    call.py       one call: what it is for, and the answers that a fault puts in its place
    leftovers.py  what the next calls on a definition are answered because of an earlier one

guide/faults.md describes the members of a fault, and shows a walk.
"""

from sandbox.faults.app import PATH, FaultsApp
from sandbox.faults.fault import FAULTS, Fault

__all__ = ["FAULTS", "PATH", "Fault", "FaultsApp"]
