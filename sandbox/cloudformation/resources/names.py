"""Which of the resources that a template can name exist already, for some types of moto."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends

from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

BUCKET = "AWS::S3::Bucket"


def taken_name(type_name: str, properties: Mapping[str, Any], place: Place) -> str | None:
    """Return the name that properties give a new resource, if a resource has it already."""
    if type_name not in _NAMES:
        return None
    name_property, names = _NAMES[type_name]
    name = properties.get(name_property)
    with MOTO_LOCK:
        return name if isinstance(name, str) and name in names(place) else None


def is_empty(bucket: str, place: Place) -> bool:
    """Return whether a bucket has no objects. A bucket that does not exist has none."""
    with MOTO_LOCK:
        found = s3_backends[place.account_id][place.partition].buckets.get(bucket)
        return found is None or not found.keys


def _buckets(place: Place) -> set[str]:
    return set(s3_backends[place.account_id][place.partition].buckets)


def _roles(place: Place) -> set[str]:
    return {role.name for role in iam_backends[place.account_id][place.partition].roles.values()}


def _log_groups(place: Place) -> set[str]:
    return set(logs_backends[place.account_id][place.region].groups)


_NAMES: Mapping[str, tuple[str, Callable[[Place], set[str]]]] = {
    BUCKET: ("BucketName", _buckets),
    "AWS::IAM::Role": ("RoleName", _roles),
    "AWS::Logs::LogGroup": ("LogGroupName", _log_groups),
}
