"""The log of a package's functions, in the sandbox's CloudWatch Logs, as in Lambda."""

import time
from functools import partial

from moto.logs.models import logs_backends

from sandbox.moto_seams import MOTO_LOCK
from sandbox.runtime.packaged.execution_environment import WriteLog


def log_writer(account_id: str, region: str) -> WriteLog:
    """Return what appends messages to a log stream in an account and region.

    It creates the stream and its group if they are missing.
    """
    return partial(_write_log, account_id, region)


def _write_log(account_id: str, region: str, group: str, stream: str, messages: list[str]) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message} for message in messages]
    with MOTO_LOCK:
        backend = logs_backends[account_id][region]
        if group not in backend.groups:
            backend.create_log_group(group, {})
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        backend.put_log_events(group, stream, events)
