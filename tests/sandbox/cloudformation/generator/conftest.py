"""A sandbox with a library: its books are listed two by two, and a test can make handlers fail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation import HostedType
from tests.harness.cloudformation import Stacks, failed, running

BOOK = "Toy::Library::Book"
SCHEMA: dict[str, Any] = {
    "typeName": BOOK,
    "properties": {
        "Arn": {"type": "string"},
        "Title": {"type": "string"},
        "Text": {"type": "string"},
        "Pages": {"type": "integer"},
        "Donor": {"type": "string", "description": "Who gave it."},
        "Tags": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}},
            },
        },
    },
    "additionalProperties": False,
    "required": ["Title"],
    "createOnlyProperties": ["/properties/Title"],
    "readOnlyProperties": ["/properties/Arn"],
    "writeOnlyProperties": ["/properties/Donor"],
    "primaryIdentifier": ["/properties/Arn"],
    "handlers": {
        name: {"permissions": []} for name in ("create", "read", "update", "delete", "list")
    },
}
PAGE_SIZE = 2


@dataclass
class Library:
    """The handlers of the books. failures: what an action answers instead, by action and ARN."""

    books: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def add(self, title: str, **more: Any) -> str:
        """Add a book, as if someone had created it without a stack. Returns its ARN."""
        arn = f"arn:toy:library/{title}"
        self.books[arn] = {"Arn": arn, "Title": title, **more}
        return arn

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        action, properties = event["action"], event["requestData"]["resourceProperties"]
        arn = properties.get("Arn") or f"arn:toy:library/{properties.get('Title', '')}"
        if failure := self.failures.get((action, "" if action == "LIST" else arn)):
            return failure
        if action == "LIST":
            start = int(event["nextToken"] or 0)
            page = [{"Arn": each} for each in list(self.books)[start : start + PAGE_SIZE]]
            more = str(start + PAGE_SIZE) if start + PAGE_SIZE < len(self.books) else None
            return {"status": "SUCCESS", "resourceModels": page, "nextToken": more}
        if action == "CREATE":
            self.books[arn] = {name: properties[name] for name in properties if name != "Donor"}
            self.books[arn]["Arn"] = arn
        elif arn not in self.books:
            return failed("NotFound", f"there is no {arn}")
        elif action == "DELETE":
            del self.books[arn]
            return {"status": "SUCCESS"}
        return {"status": "SUCCESS", "resourceModel": self.books[arn]}


def refused(call: Any, **request: Any) -> dict[str, Any]:
    """Return the response of a call that must be refused."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    return dict(refusal.value.response)


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def stacks(library: Library) -> Iterator[Stacks]:
    """A sandbox with the library's books, beside the toy type."""
    with running(None, HostedType(SCHEMA, library.invoke)) as sandbox:
        yield sandbox


@pytest.fixture
def api(stacks: Stacks) -> Any:
    return stacks.client()
