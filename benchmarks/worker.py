"""Calls the handler of one unpacked package, in a new Python that sees nothing else, and times it.

    _HANDLER=ENTRY_POINT python -I -S -B worker.py TASK_ROOT

As in Lambda, _HANDLER has the handler's name. Each line of standard input is an event. For each,
a line of standard output has the answer, the seconds that it took, and the current and the peak
memory of the process. It only imports what both packages need anyway, because its own imports would
count as the package's.
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
    # Lambda's runtime adds its handler before it imports the package. The framework keeps the
    # provider's lines from the root logger's first handler. Without Lambda's handler, that would be
    # the framework's own, and the textbook provider would deliver no lines.
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
    """The current and the peak memory of this process, in KiB.

    The peak of getrusage would include what the process had before it became Python.
    """
    # Without pathlib, because its import would count as the package's.
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123
        fields = dict(line.split(":", 1) for line in status)
    return {"kib": int(fields["VmRSS"].split()[0]), "peak_kib": int(fields["VmHWM"].split()[0])}


if __name__ == "__main__":
    main()
