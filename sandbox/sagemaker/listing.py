"""Lists: filters, sort orders, pages, and the tokens from one page to the next."""

import base64
import hashlib
import heapq
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sandbox.json_service.errors import invalid
from sandbox.sagemaker.store import R, Region

T = TypeVar("T")
Key = tuple[Any, ...]

# ListMonitoringSchedules documents 10; the similar operations document no number.
DEFAULT_PAGE = 10
_SIGNATURE = 16

#: Filters that lists of both kinds have, by their API names.
FILTERS: dict[str, Callable[[Any, Any], bool]] = {
    "NameContains": lambda resource, part: part.lower() in resource.name.lower(),
    "CreationTimeBefore": lambda resource, moment: resource.created < moment,
    "CreationTimeAfter": lambda resource, moment: resource.created > moment,
}
# Sort orders likewise. The name makes every key unique, so that the end of a page is unambiguous.
SORT_KEYS: dict[str, Callable[[Any], Key]] = {
    "Name": lambda resource: (resource.name.lower(),),
    "CreationTime": lambda resource: (resource.created, resource.name.lower()),
}


def same_name(one: str | None, other: str) -> bool:
    """Return whether two names are the same; SageMaker ignores case."""
    return one is not None and one.lower() == other.lower()


@dataclass(frozen=True)
class Listing:
    """The filters and sort orders of a List operation, by their API names."""

    operation: str
    filters: Mapping[str, Callable[[Any, Any], bool]]
    sort_keys: Mapping[str, Callable[[Any], Key]]


@dataclass(frozen=True)
class Query(Generic[T]):
    """One request for a page of a list.

    `scope` and the request's members, except those for paging, identify the list.
    """

    scope: tuple[str, ...]
    request: Mapping[str, Any]
    limit: int
    key: Callable[[T], Key]
    descending: bool = False

    @property
    def list_of(self) -> Any:
        """The identity of this list, as JSON."""
        members = {k: v for k, v in self.request.items() if k not in ("NextToken", "MaxResults")}
        return [*self.scope, sorted(members.items())]

    def is_after(self, position: Key, item: T) -> bool:
        """Return whether the item comes after the position in the list's order."""
        key = self.key(item)
        return key < position if self.descending else key > position


class Pages:
    """Splits lists into pages. A token is valid only for the list and service that issued it."""

    def __init__(self) -> None:
        """Create a key to sign tokens with, which no other service has."""
        self._key = secrets.token_bytes(32)

    def of_resources(
        self, region: Region, listing: Listing, request: Mapping[str, Any], resources: Iterable[R]
    ) -> tuple[list[R], dict[str, str]]:
        """Return the resources of the page that the request asks for, and `NextToken` or nothing.

        The newest come first unless the request says otherwise, as documented. Pages are split
        before they are filtered, so a page may be empty and still have a token: the model's note
        on ListTrainingJobs, boto3 issues 2521, 3347, 4020.

        Raises ServiceError (ValidationException) if the token is invalid or of another list.
        """
        asked = [
            (keeps, request[name]) for name, keeps in listing.filters.items() if name in request
        ]
        query: Query[R] = Query(
            scope=(listing.operation, region.account, region.name),
            request=request,
            limit=request.get("MaxResults", DEFAULT_PAGE),
            key=listing.sort_keys[request.get("SortBy", "CreationTime")],
            descending=request.get("SortOrder", "Descending") == "Descending",
        )
        page, token = self.of(resources, query)
        return [each for each in page if all(keeps(each, value) for keeps, value in asked)], token

    def of(self, items: Iterable[T], query: Query[T]) -> tuple[list[T], dict[str, str]]:
        """Return one page of the items, and `NextToken` or nothing.

        A page begins after the last item of the previous page, by key and not by count. Items that
        are created or deleted in between therefore neither hide nor repeat other items.

        Raises ServiceError (ValidationException) if the token is invalid or of another list.
        """
        if "NextToken" in query.request:
            position = self._position(query.request["NextToken"], query.list_of)
            items = (item for item in items if query.is_after(position, item))
        pick = heapq.nlargest if query.descending else heapq.nsmallest
        page = pick(query.limit + 1, items, key=query.key)
        if len(page) <= query.limit:
            return page, {}
        page = page[: query.limit]
        return page, {"NextToken": self._token(query.key(page[-1]), query.list_of)}

    def _token(self, position: Key, list_of: Any) -> str:
        place = json.dumps(position).encode()
        return base64.urlsafe_b64encode(self._signature(place, list_of) + place).decode()

    def _position(self, token: str, list_of: Any) -> Key:
        try:
            decoded = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        except ValueError:
            decoded = b""
        signature, place = decoded[:_SIGNATURE], decoded[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(place, list_of)):
            raise invalid(
                "The NextToken is not valid: it is stale, or belongs to a list with other filters "
                "or another order. Start again without it."
            )
        return tuple(json.loads(place))

    def _signature(self, place: bytes, list_of: Any) -> bytes:
        whole = json.dumps(list_of).encode() + place
        return hmac.digest(self._key, whole, hashlib.sha256)[:_SIGNATURE]
