"""The job definitions and monitoring schedules of each account and region."""

import threading
import time
from collections.abc import Callable
from collections.abc import Collection as Sized
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from moto.utilities.utils import get_partition

ArnCase = Literal["kept", "lower"]

#: The kinds of resource, as their ARNs spell them.
DEFINITION = "model-quality-job-definition"
SCHEDULE = "monitoring-schedule"


def now() -> float:
    """Return the time in seconds since the epoch, to the millisecond, as the service keeps it."""
    return round(time.time(), 3)


@dataclass
class Resource:
    """What both kinds of resource have in common."""

    name: str
    arn: str
    tags: dict[str, str]
    created: float = field(default_factory=now)


@dataclass
class JobDefinition(Resource):
    """A model quality job definition; `settings` is its request without name and tags."""

    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def endpoint_name(self) -> str | None:
        """Return the endpoint that the definition monitors; None for a batch transform."""
        endpoint_input = self.settings["ModelQualityJobInput"].get("EndpointInput", {})
        name: str | None = endpoint_input.get("EndpointName")
        return name


@dataclass
class MonitoringSchedule(Resource):
    """A monitoring schedule; `config` is its MonitoringScheduleConfig."""

    config: dict[str, Any] = field(default_factory=dict)
    status: Literal["Scheduled", "Stopped"] = "Scheduled"
    modified: float = field(default_factory=now)


R = TypeVar("R", bound=Resource)


class Collection(Generic[R]):
    """The resources of one kind, found by name in any case."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_name: dict[str, R] = {}

    def find(self, name: str) -> R | None:
        """Return the resource of that name, in any case, or None."""
        return self._by_name.get(name.lower())

    def all(self) -> Sized[R]:
        """Return every resource, in the order of creation."""
        return self._by_name.values()

    def add(self, resource: R) -> None:
        """Add a resource whose name is free."""
        self._by_name[resource.name.lower()] = resource

    def remove(self, resource: R) -> None:
        """Remove a resource."""
        del self._by_name[resource.name.lower()]


class Region:
    """What one account has in one region. Each operation holds `lock` while it runs."""

    def __init__(self, account: str, name: str, arn_case: ArnCase) -> None:
        """Start empty."""
        self.account = account
        self.name = name
        self.lock = threading.RLock()
        self.definitions: Collection[JobDefinition] = Collection()
        self.schedules: Collection[MonitoringSchedule] = Collection()
        self._in_arn: Callable[[str], str] = str.lower if arn_case == "lower" else str

    def of_kind(self, kind: str) -> Collection[Any]:
        """Return the resources of that kind."""
        return self.definitions if kind == DEFINITION else self.schedules

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of that kind and name, whether it exists or not."""
        prefix = f"arn:{get_partition(self.name)}:sagemaker:{self.name}:{self.account}"
        return f"{prefix}:{kind}/{self._in_arn(name)}"


class Store:
    """The regions of all accounts, each made when it is first used."""

    def __init__(self, arn_case: ArnCase) -> None:
        """Start empty. arn_case: what becomes of the case of a name in its ARN."""
        self._arn_case = arn_case
        self._regions: dict[tuple[str, str], Region] = {}
        self._lock = threading.Lock()

    def region(self, account: str, name: str) -> Region:
        """Return what the account has in the region of that name."""
        with self._lock:
            key = (account, name)
            if key not in self._regions:
                self._regions[key] = Region(account, name, self._arn_case)
            return self._regions[key]
