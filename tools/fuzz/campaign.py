"""Send broken templates to a sandbox with real requests, and judge its answers.

An answer is a fault if its status is 5xx, if it does not come or cannot be read, or if an error has
no message. An event is a fault if it tells of an internal failure. A stack is a fault if it does
not settle, or cannot be deleted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError

from tools.fuzz.mutations import broken

BUCKET = "fuzz"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
SETTLED_WITHIN = 120.0
"""The number of seconds in which a stack must reach its final status."""
LARGEST_BODY = 51_200
INTERNAL = "Internal Failure"
UNREADABLE = (BotoCoreError, HTTPClientError, ResponseParserError)
KEPT = b"Retain"
"""A template with this may leave resources behind, as it says."""


@dataclass(frozen=True)
class Source:
    """A template that is broken. text: as a file has it. document: what it holds, without tags."""

    name: str
    text: bytes
    document: Any


@dataclass(frozen=True)
class Fault:
    """What the sandbox did wrong with one template."""

    number: int
    source: str
    operation: str
    problem: str
    template: bytes


@dataclass
class Campaign:
    """Breaks templates, one after another, and sends them.

    client: returns a client of a service of the sandbox. sources: the templates to break.
    seed: the same seed and number break a template the same way.
    """

    client: Callable[[str], Any]
    sources: list[Source]
    seed: int
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def run(self, numbers: range) -> Iterator[int]:
        """Send the broken templates with these numbers. Yields each number when it is done."""
        self.client("s3").create_bucket(Bucket=BUCKET)
        for number in numbers:
            source = self.sources[number % len(self.sources)]
            template = broken(source.text, source.document, self.seed * 1_000_003 + number)
            if KEPT not in template:
                _Trial(self, number, source, template).run()
            yield number

    def left(self) -> list[str]:
        """Return the names of the stacks that are left."""
        pages = self.client("cloudformation").get_paginator("list_stacks").paginate()
        return [
            stack["StackName"]
            for page in pages
            for stack in page["StackSummaries"]
            if stack["StackStatus"] != "DELETE_COMPLETE"
        ]


class _Faulty(Exception):
    """The sandbox did something wrong."""


class _Trial:
    """One broken template."""

    def __init__(self, campaign: Campaign, number: int, source: Source, template: bytes) -> None:
        self._campaign = campaign
        self._number = number
        self._source = source
        self._template = template
        self._client = campaign.client("cloudformation")
        self._stack = f"fuzz-{number}"
        self._operation = ""

    def run(self) -> None:
        """Send the template with several operations, and record what comes of each."""
        operations: list[Callable[[dict[str, Any]], str]] = [self._validate]
        operations.append((self._create, self._change, self._update)[self._number % 3])
        for operation in operations:
            self._operation = operation.__name__.strip("_")
            try:
                outcome = operation(self._location())
            except (_Faulty, ClientError, *UNREADABLE) as fault:
                outcome = "fault"
                self._campaign.faults.append(
                    Fault(
                        self._number,
                        self._source.name,
                        self._operation,
                        str(fault),
                        self._template,
                    )
                )
            self._campaign.outcomes[self._operation, outcome] += 1

    def _location(self) -> dict[str, Any]:
        """The template in the request, or at a URL if a request cannot hold it."""
        try:
            body = self._template.decode()
        except UnicodeDecodeError:
            body = ""
        if body and len(self._template) <= LARGEST_BODY and self._number % 5:
            return {"TemplateBody": body}
        s3 = self._campaign.client("s3")
        s3.put_object(Bucket=BUCKET, Key="template", Body=self._template)
        return {"TemplateURL": f"{s3.meta.endpoint_url}/{BUCKET}/template"}

    # -- operations -------------------------------------------------------------------------------

    def _validate(self, location: dict[str, Any]) -> str:
        for call in (self._client.validate_template, self._client.get_template_summary):
            if self._refused(call, **location):
                return "refused"
        return "accepted"

    def _create(self, location: dict[str, Any]) -> str:
        if self._refused(
            self._client.create_stack,
            StackName=self._stack,
            Capabilities=CAPABILITIES,
            **location,
        ):
            return "refused"
        return self._ended()

    def _change(self, location: dict[str, Any]) -> str:
        names = {"StackName": self._stack, "ChangeSetName": "fuzz"}
        more = {"ChangeSetType": "CREATE", "Capabilities": CAPABILITIES}
        if self._refused(self._client.create_change_set, **names, **more, **location):
            return "refused"
        self._refused(self._client.describe_change_set, **names)
        self._refused(self._client.get_template, **names)
        self._refused(self._client.execute_change_set, **names)
        return self._ended()

    def _update(self, location: dict[str, Any]) -> str:
        self._client.create_stack(
            StackName=self._stack,
            TemplateBody=self._source.text.decode(),
            Capabilities=CAPABILITIES,
        )
        self._settled()
        refused = self._refused(
            self._client.update_stack, StackName=self._stack, Capabilities=CAPABILITIES, **location
        )
        outcome = self._ended()
        return "refused" if refused else outcome

    # -- judgement --------------------------------------------------------------------------------

    def _refused(self, call: Callable[..., Any], **request: Any) -> bool:
        """Send a request. Returns whether it was refused. Raises _Faulty for a faulty answer."""
        try:
            call(**request)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            told = error.response["Error"]
            if status >= 500 or not told.get("Message") or INTERNAL in told["Message"]:
                raise _Faulty(f"HTTP {status}: {told}") from None
            return True
        except UNREADABLE as error:
            raise _Faulty(f"{type(error).__name__}: {error}") from None
        return False

    def _ended(self) -> str:
        """Wait for the stack, look at its events, and delete it. Returns how it ended."""
        stack_id, status = self._settled()
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        events = [event for page in pages for event in page["StackEvents"]]
        self._refused(self._client.delete_stack, StackName=stack_id)
        _, end = self._settled(stack_id)
        for event in events:
            if INTERNAL in event.get("ResourceStatusReason", ""):
                raise _Faulty(f"{event['ResourceType']}: {event['ResourceStatusReason']}")
        if end != "DELETE_COMPLETE":
            raise _Faulty(f"The stack ended as {status}, and its deletion as {end}.")
        good = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        return "deployed" if status in good else "failed with words"

    def _settled(self, stack: str | None = None) -> tuple[str, str]:
        """Wait for the final status of the stack. Returns its id and the status."""
        end = time.monotonic() + SETTLED_WITHIN
        while True:
            described = self._client.describe_stacks(StackName=stack or self._stack)["Stacks"][0]
            status: str = described["StackStatus"]
            if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
                return described["StackId"], status
            if time.monotonic() > end:
                raise _Faulty(f"The stack stays {status}.")
            time.sleep(0.02)
