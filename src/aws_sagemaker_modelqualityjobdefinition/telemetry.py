"""An invocation's log lines and metrics, delivered to CloudWatch on a best-effort basis."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from botocore.config import Config
from cloudformation_cli_python_lib.interface import (
    MetricTypes,
    OperationStatus,
    ProgressEvent,
    StandardUnit,
)
from cloudformation_cli_python_lib.log_delivery import ProviderFilter
from cloudformation_cli_python_lib.metrics import METRIC_NAMESPACE_ROOT, format_dimensions

from .clients import Session
from .events import Invocation

LOG = logging.getLogger(__package__)
LOG.setLevel(logging.INFO)
# At DEBUG these write whole requests, with tags, properties and signatures in them.
for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# What logs and metrics, which go out side by side, may cost an invocation, in seconds: in all, and
# each of their calls, of which the first line of a stream takes three, of a log group five.
_TELEMETRY_TIME = 1.5
_TELEMETRY = Config(
    connect_timeout=0.25,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,  # what is wrong is refused by the service, and comes to the same
)


class Telemetry(logging.Handler):
    """Delivers an invocation's log lines and metrics at its end, if the event asks for it.

    Gaps: the framework sends each line as it is logged, and lets errors of that, and connection
    errors of metrics, out into the handler: an outage of CloudWatch ends a create with
    InternalFailure and no model, and the definition is lost. In a warm process it also goes on
    writing to the log stream of the first stack that it served. Here a handler lives for one
    invocation, and nothing that goes wrong in it leaves it.
    """

    def __init__(self, invocation: Invocation) -> None:
        super().__init__()
        self._invocation = invocation
        self._session = invocation.provider_session if invocation.log_group else None
        self._thread = threading.get_ident()
        self._lines: list[dict[str, Any]] = []
        self._started = time.monotonic()
        self.outcome = ProgressEvent(status=OperationStatus.FAILED)

    def __enter__(self) -> "Telemetry":
        root = logging.getLogger()
        # The provider's lines are its owner's, not the platform's whose handlers these are.
        self._filter = ProviderFilter(str(__package__))
        self._filtered = list(root.handlers) if self._session else []
        for handler in self._filtered:
            handler.addFilter(self._filter)
        root.addHandler(self)
        return self

    def __exit__(self, *_exception: object) -> None:
        milliseconds = (time.monotonic() - self._started) * 1000
        try:
            self._log_outcome(milliseconds)
        finally:
            root = logging.getLogger()
            root.removeHandler(self)
            for handler in self._filtered:
                handler.removeFilter(self._filter)
        if self._session:
            # In a process that can start no more threads, for one, this fails itself.
            _quietly(self._session, partial(self._deliver, milliseconds))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of the provider's own until the end of the invocation."""
        # Another thread's is the late telemetry of an invocation before this one.
        if record.thread != self._thread or not record.name.startswith(str(__package__)):
            return
        timestamp = round(record.created * 1000)
        self._lines.append({"timestamp": timestamp, "message": self.format(record)})

    def _log_outcome(self, milliseconds: float) -> None:
        invocation, outcome = self._invocation, self.outcome
        LOG.info(
            "%s %s: %s%s%s (%.0f ms)",
            invocation.action.name,
            invocation.logical_id,
            outcome.status.name,
            f" {outcome.errorCode.name}" if outcome.errorCode else "",
            f": {outcome.message}" if outcome.message else "",
            milliseconds,
        )

    def _deliver(self, milliseconds: float, session: Session) -> None:
        until = time.monotonic() + _TELEMETRY_TIME
        threads = [
            # One that is late is left behind; nothing waits for it, the process's end included.
            threading.Thread(target=_quietly, args=(session, work), daemon=True)
            for work in (self._deliver_lines, partial(self._publish_metrics, milliseconds))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0, until - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            LOG.warning("Telemetry was not delivered within %s s", _TELEMETRY_TIME)

    def _deliver_lines(self, session: Session) -> None:
        client = session.client("logs", config=_TELEMETRY)
        target = {
            "logGroupName": self._invocation.log_group,
            "logStreamName": self._invocation.log_stream,
        }
        deliver = partial(client.put_log_events, logEvents=self._lines, **target)
        missing = client.exceptions.ResourceNotFoundException
        # Another process may be making the same.
        unless_there = suppress(client.exceptions.ResourceAlreadyExistsException)
        try:
            deliver()
        except missing:
            try:
                with unless_there:
                    client.create_log_stream(**target)
            except missing:
                with unless_there:
                    client.create_log_group(logGroupName=target["logGroupName"])
                with unless_there:
                    client.create_log_stream(**target)
            deliver()

    def _publish_metrics(self, milliseconds: float, session: Session) -> None:
        kind = self._invocation.resource_type
        if not kind:
            return
        about = {
            "DimensionKeyActionType": self._invocation.action.name,
            "DimensionKeyResourceType": kind,
        }
        failure = self.outcome.errorCode
        metrics: list[tuple[MetricTypes, StandardUnit, float, dict[str, str]]] = [
            (MetricTypes.HandlerInvocationCount, StandardUnit.Count, 1.0, about),
            (
                MetricTypes.HandlerInvocationDuration,
                StandardUnit.Milliseconds,
                milliseconds,
                about,
            ),
        ]
        if failure:
            dimensions = {**about, "DimensionKeyExceptionType": failure.name}
            metrics.append((MetricTypes.HandlerException, StandardUnit.Count, 1.0, dimensions))
        session.client("cloudwatch", config=_TELEMETRY).put_metric_data(
            Namespace=f"{METRIC_NAMESPACE_ROOT}/{kind.replace('::', '/')}",
            MetricData=[
                {
                    "MetricName": name.name,
                    "Dimensions": format_dimensions(dimensions),
                    "Unit": unit.name,
                    "Value": value,
                }
                for name, unit, value, dimensions in metrics
            ],
        )


def _quietly(session: Session, deliver: Callable[[Session], None]) -> None:
    try:
        with session.in_use():
            deliver(session)
    except Exception as error:  # noqa: BLE001 - nothing in telemetry matters to the operation
        # Lambda's own log still gets this line; the operation's result is not the worse for it.
        LOG.warning("Telemetry was not delivered: %s", type(error).__name__)
