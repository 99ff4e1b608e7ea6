"""Resource scans: they list and read all resources of hosted types, in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from moto.core.utils import utcnow

from sandbox.background import Worker, Workers
from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.generator.errors import (
    ResourceScanInProgress,
    ResourceScanLimitExceeded,
    ResourceScanNotFound,
)
from sandbox.cloudformation.generator.handlers import handlers_of
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.handler_client import HandlerClient
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.interruption import Interruption
from sandbox.hosting.place import Place
from sandbox.hosting.pointers import dig
from sandbox.hosting.scalars import text
from sandbox.process_wide import PROCESS
from sandbox.registry.type_registry import TypeRegistry

LOG = logging.getLogger(__name__)

SCANS_A_DAY = 10
DAY = timedelta(days=1)


@dataclass(frozen=True)
class ScannedResource:
    """A resource that a scan found.

    identifier: the parts of its primary identifier by name. physical_id: all of it, as stacks have
        it.
    """

    type_name: str
    identifier: Mapping[str, str]
    physical_id: str
    tags: Mapping[str, str]


@dataclass(eq=False)
class ResourceScan:
    """One scan and its progress.

    types: the type names of its filter, which may end in `*`; empty for a full scan.
    listed, read: how many resources LIST returned, and how many of them READ did.
    """

    arn: str
    types: Sequence[str]
    token: str | None
    status: Literal["IN_PROGRESS", "COMPLETE", "FAILED"] = "IN_PROGRESS"
    reason: str | None = None
    started: datetime = field(default_factory=utcnow)
    ended: datetime | None = None
    percentage: float = 0.0
    listed: int = 0
    read: int = 0
    resources: list[ScannedResource] = field(default_factory=list)

    @property
    def kind(self) -> Literal["FULL", "PARTIAL"]:
        """FULL for a scan of all types, otherwise PARTIAL."""
        return "PARTIAL" if self.types else "FULL"

    @property
    def type_names(self) -> list[str]:
        """The types of the resources that it found."""
        return sorted({resource.type_name for resource in self.resources})

    def finish(self, status: Literal["COMPLETE", "FAILED"], reason: str | None = None) -> None:
        """Record the end of the scan."""
        self.ended, self.reason = utcnow(), reason
        self.status = status


class ResourceScans:
    """The scans of one account and region."""

    def __init__(self, types: TypeRegistry, place: Place) -> None:
        self._types = types
        self._place = place
        self._scans: list[ResourceScan] = []
        self._workers = Workers(PROCESS.workers)
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Stop the running scan, if any."""
        self._workers.stop()

    def start(self, types: Sequence[str], token: str | None) -> ResourceScan:
        """Start a scan and return it. A repeated `token` returns the scan that it started.

        types: the types to scan; a name may end in `*`. Empty for all types.

        Raises ValidationError if the sandbox cannot scan one of the types.
        Raises ResourceScanInProgress or ResourceScanLimitExceeded if no scan can be started now.
        """
        with self._lock:
            repeated = [scan for scan in self._scans if token and scan.token == token]
            if repeated:
                return repeated[0]
            self._check_limits()
            chosen = self._chosen(types)
            arn = self._place.arn("cloudformation", f"resourceScan/{uuid4()}")
            scan = ResourceScan(arn, types, token)
            self._scans.append(scan)
            interruption = Interruption()
            self._workers.start(
                Worker(
                    f"resource scan:{arn}",
                    lambda: self._scan(scan, chosen, interruption),
                    interruption,
                    lambda error: scan.finish("FAILED", status_reasons.internal_failure(error)),
                )
            )
            return scan

    def get(self, arn: str) -> ResourceScan:
        """Return the scan with this ARN. Raises ResourceScanNotFound if there is none."""
        for scan in self._scans:
            if scan.arn == arn:
                return scan
        raise ResourceScanNotFound(f"Resource scan {arn} does not exist")

    def ended(self, arn: str) -> ResourceScan:
        """Return the scan with this ARN, whose resources are known.

        Raises ResourceScanNotFound if there is none, or ResourceScanInProgress if it is running.
        """
        scan = self.get(arn)
        if scan.status == "IN_PROGRESS":
            raise ResourceScanInProgress(f"Resource scan {arn} is still in progress")
        return scan

    def of_kind(self, kind: str) -> list[ResourceScan]:
        """Return the FULL or PARTIAL scans, newest first."""
        return [scan for scan in self._scans[::-1] if scan.kind == kind]

    def _check_limits(self) -> None:
        running = [scan.arn for scan in self._scans if scan.status == "IN_PROGRESS"]
        if running:
            raise ResourceScanInProgress(f"Resource scan {running[0]} is still in progress")
        today = [scan for scan in self._scans if utcnow() - scan.started < DAY]
        if len(today) >= SCANS_A_DAY:
            raise ResourceScanLimitExceeded(
                f"Limit of {SCANS_A_DAY} resource scans in 24 hours exceeded: the next one can be "
                f"started at {today[0].started + DAY:%Y-%m-%dT%H:%M:%SZ}, or at once in a sandbox "
                "that is started anew"
            )

    def _chosen(self, types: Sequence[str]) -> list[HostedType]:
        """The types to scan. Raises ValidationError for a type that cannot be scanned."""
        hosted = self._types.of_place(self._place.account_id, self._place.region)
        scannable = [
            each
            for each in hosted
            if each.handles("READ") and each.handles("LIST") and not each.list_requires
        ]
        for asked in types:
            if not any(_matches(each.type_name, asked) for each in scannable):
                names = ", ".join(each.type_name for each in scannable)
                raise ValidationError(
                    f"The sandbox cannot scan {asked}. It scans the types whose handlers it runs: "
                    f"{names}."
                )
        return [
            each
            for each in scannable
            if not types or any(_matches(each.type_name, asked) for asked in types)
        ]

    def _scan(
        self, scan: ResourceScan, types: Sequence[HostedType], interruption: Interruption
    ) -> None:
        for number, hosted in enumerate(types, start=1):
            handlers = handlers_of(hosted, self._place, interruption)
            for identifying in _list(handlers, interruption):
                scan.listed += 1
                model = _read(handlers, identifying)
                if model is not None:
                    scan.read += 1
                    scan.resources.append(_scanned(hosted, model))
            scan.percentage = 100 * number / len(types)
        scan.percentage = 100.0
        scan.finish("COMPLETE")


def _list(handlers: HandlerClient, interruption: Interruption) -> Iterator[dict[str, Any]]:
    """Models with the primary identifiers of all resources that LIST returns before it fails."""
    token: str | None = None
    while True:
        interruption.check()
        try:
            models, token = handlers.list({}, token)
        except HandlerFailed as failure:
            _log(handlers, "LIST", failure)
            return
        yield from map(handlers.hosted.identifying, models)
        if not token:
            return


def _read(handlers: HandlerClient, identifying: Mapping[str, Any]) -> dict[str, Any] | None:
    """The model of a resource, or None if READ fails: a scan leaves out what cannot be read."""
    try:
        return handlers.read(identifying)
    except HandlerFailed as failure:
        _log(handlers, f"READ of {handlers.hosted.identifier(identifying)}", failure)
        return None


def _log(handlers: HandlerClient, what: str, failure: HandlerFailed) -> None:
    type_name = handlers.hosted.type_name
    LOG.warning("%s: %s failed: %s (%s)", type_name, what, failure.message, failure.code)


def _scanned(hosted: HostedType, model: Mapping[str, Any]) -> ScannedResource:
    values = [text(dig(model, pointer)) for pointer in hosted.primary_identifier]
    return ScannedResource(
        hosted.type_name,
        dict(zip(hosted.identifier_names, values, strict=True)),
        hosted.identifier(model) or "",
        _tags(hosted, model),
    )


def _tags(hosted: HostedType, model: Mapping[str, Any]) -> dict[str, str]:
    tags = dig(model, hosted.tag_property) if hosted.tag_property else None
    if isinstance(tags, Mapping):
        return {str(key): str(value) for key, value in tags.items()}
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in tags or () if "Key" in tag}


def _matches(type_name: str, asked: str) -> bool:
    return type_name.startswith(asked[:-1]) if asked.endswith("*") else type_name == asked
