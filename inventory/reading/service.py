"""SageMaker in one place, for many threads that read."""

from __future__ import annotations

from threading import Lock
from typing import Any

from botocore.config import Config
from cloudformation_cli_python_lib.boto3_proxy import SessionProxy

from aws_sagemaker_modelqualityjobdefinition.sagemaker import MAX_PAGE, Page, SageMaker
from inventory.reading.threads import THREADS

_CONFIG = Config(
    # A region that does not answer holds up what comes after it for half a minute.
    connect_timeout=5,
    read_timeout=10,
    max_pool_connections=THREADS,
    # Adaptive retries slow a region's calls down to what SageMaker accepts there. What is throttled
    # for longer is repeated by the reading.
    retries={"mode": "adaptive", "total_max_attempts": 3},
    # No operation that is called here needs them, and the SDK would check in every call.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    inject_host_prefix=False,
    disable_request_compression=True,
)
_CREATION = Lock()


class _Clients(SessionProxy):
    """Gives the provider's SageMaker one client that is made for reading in bulk."""

    def __init__(self, session: Any, region: str) -> None:
        super().__init__(session)
        self._region = region
        self._made: Any = None
        # SessionProxy has set it for this object, so a method of this name would not be called.
        self.client = self._only

    def _only(self, service: str, **_: Any) -> Any:
        # A client is slow to make, and sessions of boto3 are not thread-safe.
        with _CREATION:
            if self._made is None:
                self._made = self.session.client(service, region_name=self._region, config=_CONFIG)
            return self._made


class Service(SageMaker):
    """The provider's calls of SageMaker in one account and region, and those for schedules.

    Every failure is a SageMakerError, with the provider's error code and message.
    """

    def __init__(self, session: Any, region: str) -> None:
        super().__init__(_Clients(session, region))

    def schedules(self, next_token: str | None) -> Page:
        """One page of the monitoring schedules, of all types."""
        token = {"NextToken": next_token} if next_token else {}
        member = "MonitoringScheduleSummaries"
        answer = self._call("list_monitoring_schedules", member, MaxResults=MAX_PAGE, **token)
        return Page(answer[member], answer.get("NextToken"))

    def schedule(self, name: str) -> dict[str, Any]:
        """The description of a monitoring schedule."""
        return self._call(
            "describe_monitoring_schedule", "MonitoringScheduleArn", MonitoringScheduleName=name
        )
