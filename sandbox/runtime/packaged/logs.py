"""The log of a package's functions, in the sandbox's CloudWatch Logs, as in Lambda."""

import time

from moto.logs.models import logs_backends

from sandbox.moto_seams import MOTO_LOCK
from sandbox.process import ACCOUNT, REGION


def write_log(group: str, stream: str, messages: list[str]) -> None:
    """Append ``messages`` to a log stream. Creates the stream and its group if they are missing."""
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message} for message in messages]
    with MOTO_LOCK:
        backend = logs_backends[ACCOUNT][REGION]
        if group not in backend.groups:
            backend.create_log_group(group, {})
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        backend.put_log_events(group, stream, events)
