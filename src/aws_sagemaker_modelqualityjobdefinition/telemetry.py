"""An invocation's log lines and metrics, delivered to CloudWatch on a best-effort basis.

No failure in here changes the result of an operation.
"""

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
# At DEBUG, these loggers write whole requests, including tags, properties and signatures.
for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# How long an invocation waits for logs and metrics, which are delivered in parallel.
_TIME_LIMIT_SECONDS = 1.5
# The limits of each call. Delivering lines takes one call to an existing log stream, three if the
# stream has to be created, and five if the log group has to be created too.
_CLIENT_CONFIG = Config(
    connect_timeout=0.25,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,  # the service validates too, and either failure is only logged
)


class Telemetry(logging.Handler):
    """Delivers the log lines and metrics of an invocation when it ends, if the event asks for it.

    Gaps: the framework sends each line at once, and raises delivery errors in the handler, as it
    does for connection errors of metrics. During an outage of CloudWatch, a create ends with
    InternalFailure and no model, so the definition is lost. A warm process also keeps writing to
    the log stream of the first stack that it served. This logging handler lives for one
    invocation, and raises none of its errors.
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
        # With a log group, the provider's lines go there and not to the handlers of the platform.
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
            # This can fail too, for example when the process cannot start more threads.
            _best_effort(self._session, partial(self._deliver, milliseconds))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line that the provider logs until the invocation ends."""
        # A line from another thread is late telemetry of an earlier invocation.
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
        until = time.monotonic() + _TIME_LIMIT_SECONDS
        threads = [
            # Nothing waits for a late thread, not even the process's exit.
            threading.Thread(target=_best_effort, args=(session, work), daemon=True)
            for work in (self._deliver_lines, partial(self._publish_metrics, milliseconds))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0, until - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            LOG.warning("Telemetry was not delivered within %s s", _TIME_LIMIT_SECONDS)

    def _deliver_lines(self, session: Session) -> None:
        client = session.client("logs", config=_CLIENT_CONFIG)
        target = {
            "logGroupName": self._invocation.log_group,
            "logStreamName": self._invocation.log_stream,
        }
        deliver = partial(client.put_log_events, logEvents=self._lines, **target)
        missing = client.exceptions.ResourceNotFoundException
        # Another process may create the same one at the same time.
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
        session.client("cloudwatch", config=_CLIENT_CONFIG).put_metric_data(
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


def _best_effort(session: Session, deliver: Callable[[Session], None]) -> None:
    """Call ``deliver`` with the credentials of ``session``; log a failure and ignore it."""
    try:
        with session.in_use():
            deliver(session)
    except Exception as error:  # noqa: BLE001 - nothing in telemetry matters to the operation
        # This line still reaches Lambda's own log.
        LOG.warning("Telemetry was not delivered: %s", type(error).__name__)
