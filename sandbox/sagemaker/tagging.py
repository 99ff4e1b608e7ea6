"""The rules of tags, and the three tag operations on job definitions and monitoring schedules.

SageMaker's tag operations take the ARN of any of its resources. Requests for these kinds are
answered here; moto answers all others.
"""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.hosting.tags import is_reserved
from sandbox.json_service.errors import invalid
from sandbox.sagemaker.kinds import KINDS
from sandbox.sagemaker.listing import Pages, Query
from sandbox.sagemaker.store import SCHEDULE, Region, Resource

MAX_TAGS = 50
OPERATIONS = ("AddTags", "DeleteTags", "ListTags")

_ANY = re.compile(r"arn:[^:]*:sagemaker:[^:]*:[^:]*:[^/]+/.+", re.DOTALL)
_PARTS = "|".join((SCHEDULE, *(kind.in_arn for kind in KINDS)))
_OURS = re.compile(rf"arn:[^:]*:sagemaker:[^:]*:[^:]*:({_PARTS})/(.*)", re.DOTALL)


def is_ours(request: Any) -> bool:
    """Return whether this module answers a tag request.

    That includes requests whose ARN is not an ARN of SageMaker: they are rejected with its message.
    """
    arn = request.get("ResourceArn") if isinstance(request, dict) else None
    if not isinstance(arn, str) or _OURS.fullmatch(arn):
        return True
    return _ANY.fullmatch(arn) is None


def has_definition_or_schedule(arn: str) -> bool:
    """Return whether an ARN is one of a job definition or a schedule, which need not exist."""
    return _OURS.fullmatch(arn) is not None


def new_tags(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return the tags of a request, from key to value.

    Raises ServiceError (ValidationException) if a key is reserved for AWS, or occurs twice.
    """
    found: dict[str, str] = {}
    for tag in tags:
        key = tag["Key"]
        if key in found:
            # The message of CreateTrialComponent (aws/sagemaker-python-sdk pull 3608).
            raise invalid("Duplicate tag key")
        found[key] = tag["Value"]
    _reject_reserved(found)
    return found


def add_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a resource, or replace tags with the same keys; return all its tags."""
    resource = _resource(region, request["ResourceArn"])
    tags = {**resource.tags, **new_tags(request["Tags"])}
    # Tags that AWS sets do not count (https://docs.aws.amazon.com/tag-editor/latest/userguide/
    # best-practices-and-strats.html). AddTags models no error for too many tags.
    if sum(not is_reserved(key) for key in tags) > MAX_TAGS:
        raise invalid(f"A resource cannot have more than {MAX_TAGS} tags: {resource.arn}")
    resource.tags = tags
    return {"Tags": _as_list(tags)}


def delete_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a resource. Keys that it does not have are ignored."""
    resource = _resource(region, request["ResourceArn"])
    gone = request["TagKeys"]
    _reject_reserved(gone)
    resource.tags = {key: value for key, value in resource.tags.items() if key not in gone}
    return {}


def list_tags(
    region: Region, request: dict[str, Any], pages: Pages, page_size: int
) -> dict[str, Any]:
    """Return one page of a resource's tags, ordered by key."""
    resource = _resource(region, request["ResourceArn"])
    query: Query[tuple[str, str]] = Query(
        scope=("ListTags", region.account, region.name),
        request=request,
        limit=min(page_size, request.get("MaxResults", page_size)),
        key=lambda tag: (tag[0],),
    )
    page, token = pages.of(resource.tags.items(), query)
    return {"Tags": _as_list(dict(page)), **token}


def _resource(region: Region, arn: str) -> Resource:
    """Return the resource with exactly this ARN.

    For SageMaker, an ARN that differs from the resource's only in case does not exist (boto3 issue
    4606).

    Raises ServiceError (ValidationException) if there is no such resource.
    """
    match = _OURS.fullmatch(arn)
    resource: Resource | None = region.in_arn(match[1]).find(match[2]) if match else None
    if resource is None or resource.arn != arn:
        raise invalid("Resource does not exist.")
    return resource


def _reject_reserved(keys: Iterable[str]) -> None:
    for key in keys:
        if is_reserved(key):
            # The message of DeleteTags (aws/sagemaker-python-sdk issue 1301).
            raise invalid(f"System prefix 'aws:' reserved for AWS usage in tag key: {key}")


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
