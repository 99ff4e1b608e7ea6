"""One operation on one resource of a hosted type, driven to its end.

With or without a stack, with the credentials that it is given, cancellable through its `wait`. It
says nothing in the words of stacks: whoever uses it words a failure as users of theirs expect it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox.hosting.driving import HandlerFailed, drive
from sandbox.hosting.event import Credentials, Request, StackContext, make_event
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.timing import Timing

Model = dict[str, Any]
OnModel = Callable[[Mapping[str, Any]], None]


class Page(NamedTuple):
    """One page of a LIST; the token asks for the next one, and is None on the last."""

    models: list[Model]
    next_token: str | None


@dataclass(frozen=True)
class HandlerClient:
    """Asks the handlers of one type, in one place.

    credentials: gives those of the next invocation, for an operation may outlast a session.
    stack: what the resource belongs to; None outside of stacks. wait: sleeps for so many seconds,
    and raises where the operation has to end.

    Every operation raises HandlerFailed.
    """

    hosted: HostedType
    place: Place
    credentials: Callable[[], Credentials]
    stack: StackContext | None = None
    timing: Timing = field(default_factory=Timing)
    wait: Callable[[float], None] = time.sleep

    def create(
        self,
        properties: Mapping[str, Any],
        tags: Mapping[str, str],
        on_model: OnModel = lambda _: None,
    ) -> Model:
        """Make a resource; its model. on_model is told of each model on the way."""
        return self._model(Request("CREATE", properties, tags=tags), on_model)

    def read(self, identifying: Mapping[str, Any]) -> Model:
        """The model of the resource that the primary identifier in `identifying` names."""
        return self._model(Request("READ", identifying))

    def update(
        self,
        properties: Mapping[str, Any],
        tags: Mapping[str, str],
        previous_properties: Mapping[str, Any],
        previous_tags: Mapping[str, str],
    ) -> Model:
        """Change a resource; its model then."""
        return self._model(
            Request(
                "UPDATE",
                properties,
                previous_properties=previous_properties,
                tags=tags,
                previous_tags=previous_tags,
            )
        )

    def delete(self, properties: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Remove a resource."""
        self._drive(Request("DELETE", properties, tags=tags))

    def list(self, properties: Mapping[str, Any], next_token: str | None = None) -> Page:
        """A page of the resources, their identifiers at least; `properties` may narrow it down."""
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
        def event(invocation: Request) -> dict[str, Any]:
            return make_event(self.hosted, self.place, invocation, self.credentials(), self.stack)

        return drive(
            self.hosted, request, event, timing=self.timing, wait=self.wait, on_model=on_model
        )
