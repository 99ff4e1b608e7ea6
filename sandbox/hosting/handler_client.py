"""Run one operation on one resource of a hosted type, with or without a stack.

`wait` can cancel the operation. HandlerFailed carries the handler's own message and error code;
callers turn it into the message that their users expect.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sandbox.hosting.driving import HandlerFailed, drive
from sandbox.hosting.event import Credentials, Request, StackContext, make_event
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing

Model = dict[str, Any]
OnModel = Callable[[Mapping[str, Any]], None]


class Page(NamedTuple):
    """One page of a LIST. next_token: requests the next page; None on the last page."""

    models: list[Model]
    next_token: str | None


@dataclass(frozen=True)
class HandlerClient:
    """Invokes the handlers of one type in one place.

    credentials: returns the credentials for the next invocation; a function, because an operation
        may outlast a session.
    stack: the stack context of the resource; None outside of stacks.
    wait: sleeps for a number of seconds, or raises to end the operation.
    on_delay: called before such a wait if the handler is in progress, with the seconds that it
        asked for.
    token: the idempotency token of the operation; by default each operation gets its own.

    Every operation raises HandlerFailed if the handler fails or violates its contract.
    """

    hosted: HostedType
    place: Place
    credentials: Callable[[], Credentials]
    stack: StackContext | None = None
    timing: Timing = field(default_factory=Timing)
    wait: Callable[[float], None] = time.sleep
    on_delay: Callable[[float], None] = lambda _: None
    token: str | None = None

    def create(
        self,
        properties: Mapping[str, Any],
        tags: Mapping[str, str],
        on_model: OnModel = lambda _: None,
    ) -> Model:
        """Create a resource. Returns its model.

        on_model: called with each model that the handler returns while it is in progress.
        """
        return self._model(Request("CREATE", properties, tags=tags), on_model)

    def read(self, identifying: Mapping[str, Any]) -> Model:
        """Return the model of the resource with the primary identifier in `identifying`."""
        return self._model(Request("READ", identifying))

    def update(
        self,
        properties: Mapping[str, Any],
        tags: Mapping[str, str],
        previous_properties: Mapping[str, Any],
        previous_tags: Mapping[str, str],
        had_system_tags: bool = True,
    ) -> Model:
        """Update a resource. Returns its new model.

        had_system_tags: whether the resource belonged to the stack before.
        """
        return self._model(
            Request(
                "UPDATE",
                properties,
                previous_properties=previous_properties,
                tags=tags,
                previous_tags=previous_tags,
                had_system_tags=had_system_tags,
            )
        )

    def delete(self, properties: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Delete a resource."""
        self._drive(Request("DELETE", properties, tags=tags))

    def list(self, properties: Mapping[str, Any], next_token: str | None = None) -> Page:
        """Return one page of models, each with at least the primary identifier.

        properties: the properties that select the resources, if the type supports that.
        """
        request = Request("LIST", properties, next_token=next_token)
        answer = self._drive(request)
        models = answer.get("resourceModels")
        if not isinstance(models, list) or not all(map(self.hosted.identifier, models)):
            raise HandlerFailed(
                "LIST succeeded without models that have a primary identifier",
                request,
                "InternalFailure",
            )
        return Page(models, answer.get("nextToken"))

    def _model(self, request: Request, on_model: OnModel = lambda _: None) -> Model:
        model = self._drive(request, on_model).get("resourceModel")
        if model is None or self.hosted.identifier(model) is None:
            raise HandlerFailed(
                f"{request.action} succeeded without a primary identifier in its model",
                request,
                "InternalFailure",
            )
        return dict(model)

    def _drive(self, request: Request, on_model: OnModel = lambda _: None) -> dict[str, Any]:
        if self.token:
            request = replace(request, token=self.token)

        def event(invocation: Request) -> dict[str, Any]:
            return make_event(self.hosted, self.place, invocation, self.credentials(), self.stack)

        return drive(
            self.hosted,
            request,
            event,
            timing=self.timing,
            wait=self.wait,
            on_model=on_model,
            on_delay=self.on_delay,
        )
