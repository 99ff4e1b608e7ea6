"""The job definitions and monitoring schedules of each account and region."""

import threading
import time
from collections.abc import Callable
from collections.abc import Collection as Sized
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from moto.utilities.utils import get_partition

from sandbox.sagemaker.kinds import KINDS, MODEL_QUALITY, Kind

ArnCase = Literal["kept", "lower"]

#: The kinds of resource, as their ARNs spell them: definitions of model quality, and schedules.
DEFINITION = MODEL_QUALITY.in_arn
SCHEDULE = "monitoring-schedule"


def now() -> float:
    """Return the time in seconds since the epoch, rounded to milliseconds as in the service."""
    return round(time.time(), 3)


@dataclass
class Resource:
    """The attributes that both kinds of resource have."""

    name: str
    arn: str
    tags: dict[str, str]
    created: float = field(default_factory=now)


@dataclass
class JobDefinition(Resource):
    """A job definition.

    settings: the members of its create request, without the name and the tags.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    kind: Kind = MODEL_QUALITY

    @property
    def job_input(self) -> dict[str, Any]:
        """Return what the job reads: an EndpointInput or a BatchTransformInput, or both."""
        found: dict[str, Any] = self.settings[self.kind.job_input]
        return found

    @property
    def endpoint_name(self) -> str | None:
        """Return the endpoint that the definition monitors; None for a batch transform."""
        name: str | None = self.job_input.get("EndpointInput", {}).get("EndpointName")
        return name


@dataclass
class MonitoringSchedule(Resource):
    """A monitoring schedule. config: its MonitoringScheduleConfig."""

    config: dict[str, Any] = field(default_factory=dict)
    status: Literal["Scheduled", "Stopped"] = "Scheduled"
    modified: float = field(default_factory=now)


R = TypeVar("R", bound=Resource)


class Collection(Generic[R]):
    """The resources of one kind. Names are compared without regard to case."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_name: dict[str, R] = {}

    def find(self, name: str) -> R | None:
        """Return the resource with this name, or None."""
        return self._by_name.get(name.lower())

    def all(self) -> Sized[R]:
        """Return every resource, in the order of creation."""
        return self._by_name.values()

    def add(self, resource: R) -> None:
        """Add a resource whose name is not taken."""
        self._by_name[resource.name.lower()] = resource

    def remove(self, resource: R) -> None:
        """Remove a resource."""
        del self._by_name[resource.name.lower()]


class Region:
    """The resources of one account and region. Each operation holds `lock` while it runs."""

    def __init__(self, account: str, name: str, arn_case: ArnCase) -> None:
        """Start empty."""
        self.account = account
        self.name = name
        self.lock = threading.RLock()
        self._definitions: dict[Kind, Collection[JobDefinition]] = {
            kind: Collection() for kind in KINDS
        }
        self.schedules: Collection[MonitoringSchedule] = Collection()
        self._in_arn: Callable[[str], str] = str.lower if arn_case == "lower" else str

    def definitions(self, kind: Kind = MODEL_QUALITY) -> Collection[JobDefinition]:
        """Return the job definitions of this kind."""
        return self._definitions[kind]

    def in_arn(self, part: str) -> Collection[Any]:
        """Return the resources whose ARNs have this part."""
        by_part = {kind.in_arn: found for kind, found in self._definitions.items()}
        return by_part.get(part, self.schedules)

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of this kind with this name, which need not exist."""
        prefix = f"arn:{get_partition(self.name)}:sagemaker:{self.name}:{self.account}"
        return f"{prefix}:{kind}/{self._in_arn(name)}"


class Store:
    """The regions of all accounts. Each is created when it is first used."""

    def __init__(self, arn_case: ArnCase) -> None:
        """Start empty. arn_case: whether ARNs keep the case of names."""
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
