"""Runs in a fresh Python that sees one unpacked package and nothing else: calls and times it.

    _HANDLER=ENTRY_POINT python -I -S -B worker.py TASK_ROOT

_HANDLER is where Lambda has the handler's name. Each line of standard input is an event. Each line
of standard output answers one, with the seconds that it took, the memory that the process has, and
the most that it had until then. It imports what both packages need and nothing more, for its own
imports would count as the package's.
"""

import importlib
import json
import logging
import os
import sys
import time


def main() -> None:
    """Serve events until standard input ends."""
    [task_root] = sys.argv[1:]
    # Lambda's runtime has put one there before it imports the package. The framework keeps the
    # provider's lines from whatever handler is the root logger's first: without the platform's that
    # would be its own, and the textbook would deliver no lines.
    logging.getLogger().addHandler(logging.StreamHandler())
    sys.path.insert(0, task_root)
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        event = json.loads(line)
        started = time.perf_counter()
        answer = handler(event, None)
        seconds = time.perf_counter() - started
        told = {"answer": answer, "seconds": seconds, **memory()}
        print(json.dumps(told), flush=True)


def memory() -> dict[str, int]:
    """What this process has of memory now, and the most that it had until now, in KiB.

    Not getrusage's, which begins with what the process had before it became Python.
    """
    # Not pathlib's, whose import would count as the package's.
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123
        fields = dict(line.split(":", 1) for line in status)
    return {"kib": int(fields["VmRSS"].split()[0]), "peak_kib": int(fields["VmHWM"].split()[0])}


if __name__ == "__main__":
    main()
