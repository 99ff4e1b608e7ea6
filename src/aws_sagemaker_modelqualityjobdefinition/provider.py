"""One invocation, from CloudFormation's event to its answer.

This is the framework's Resource with its gaps closed. A gap is described beside the code that
closes it, here and in the modules that this one imports: what the framework does, and why that is
wrong. All gaps were found in cloudformation-cli-python-lib 2.1.20. The tests of these modules
demonstrate them.
"""

import logging
from contextlib import nullcontext
from typing import Any

from cloudformation_cli_python_lib.interface import ProgressEvent
from cloudformation_cli_python_lib.resource import Resource

from .answers import failure, serialize
from .events import Invocation, parse_event, parse_test_event, secrets_of
from .telemetry import Telemetry

LOG = logging.getLogger(__package__)


class Provider(Resource):
    """Answers CloudFormation's events with the handlers that are registered on it."""

    def __call__(self, event_data: Any, _context: Any = None) -> Any:
        """The answer to a production event, as a dict that Lambda serializes to JSON.

        Never raises. Lambda's context is not used and may be None.
        """
        secrets = secrets_of(event_data, "requestData")
        with secrets.kept_out_of_logs(LOG):
            try:
                invocation = parse_event(event_data)
            except Exception as error:  # noqa: BLE001 - every event gets an answer
                progress = failure("reading the event", error)
                # The event's log group is unknown, so this goes to the function's own log only.
                LOG.error("Event rejected: %s", progress.message)
                return serialize(progress, secrets)
            with Telemetry(invocation) as telemetry:
                telemetry.outcome = self._run(invocation)
            return serialize(telemetry.outcome, secrets)

    def test_entrypoint(self, event_data: Any, _context: Any = None) -> Any:  # noqa: PT019 - no test
        """The answer to an event of TestEntrypoint, which has credentials, action and request."""
        secrets = secrets_of(event_data, "request")
        with secrets.kept_out_of_logs(LOG):
            try:
                progress = self._run(parse_test_event(event_data))
            except Exception as error:  # noqa: BLE001 - every event gets an answer
                progress = failure("reading the event", error)
            return serialize(progress, secrets)

    def _run(self, invocation: Invocation) -> ProgressEvent:
        """Run the handler and return its answer; an exception becomes a FAILED answer.

        Gap: for any exception that a handler raises, even a botocore ClientError, the framework
        answers InternalFailure with an empty message.
        """
        try:
            with invocation.session.in_use() if invocation.session else nullcontext():
                return self._invoke_handler(
                    invocation.session,
                    invocation.request(),
                    invocation.action,
                    invocation.callback_context,
                )
        except Exception as error:  # noqa: BLE001 - every event gets an answer
            return failure(f"the {invocation.action.name} handler", error)
