"""The resources of one type in one account and region, as one caller sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.cloud_control import errors
from sandbox.cloud_control.requests import ResourceRequest
from sandbox.hosting import credentials
from sandbox.hosting.credentials import Keys
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.event import Credentials
from sandbox.hosting.handler_client import HandlerClient, Page
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.pointers import without
from sandbox.json_service import strict_json
from sandbox.process_wide import PROCESS

Model = dict[str, Any]


@dataclass(frozen=True)
class Resources:
    """The resources of a type.

    keys: the caller's. role_arn: the role that the request names, if any.
    """

    hosted: HostedType
    place: Place
    keys: Keys
    role_arn: str | None

    def require(self, *actions: str) -> None:
        """Raise ServiceError (UnsupportedActionException) unless there is a handler for each."""
        for action in actions:
            if not self.hosted.handles(action):
                raise errors.action_not_supported(self.hosted.type_name, action)

    def client(self, request: ResourceRequest) -> HandlerClient:
        """Return a client for the operation of a request, in the background."""
        return replace(
            self._client(),
            timing=PROCESS.timing,
            token=request.token,
            wait=request.wait,
            on_delay=request.delayed,
        )

    def identifying(self, identifier: str) -> Model:
        """Return a model with only the primary identifier.

        identifier: the values, joined by `|`, or a JSON object with the values by name.

        Raises ServiceError (ValidationException) if it is not a primary identifier of the type.
        """
        try:
            document = strict_json.loads(identifier)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            try:
                return self.hosted.model_of(identifier)
            except ValueError:
                raise errors.identifier_invalid(identifier, self.hosted) from None
        model = self.hosted.identifying(document)
        if document != model or self.hosted.identifier(model) is None:
            raise errors.identifier_json_invalid(self.hosted)
        return model

    def read(self, identifying: Mapping[str, Any]) -> Model:
        """Return a resource's properties, without those that are write-only.

        Raises ServiceError if the handler fails.
        """
        try:
            model = self._client().read(identifying)
        except HandlerFailed as failure:
            raise errors.handler_failed(self.hosted, failure) from failure
        return self._readable(model)

    def page(self, selecting: Mapping[str, Any], next_token: str | None) -> Page:
        """Return one page of resources, as the handler splits the list, as `read` returns them.

        selecting: the properties that select resources.

        Raises ServiceError if a property that the handler needs is missing, or the handler fails.
        """
        for name in self.hosted.list_requires:
            if selecting.get(name) is None:
                raise errors.list_needs(self.hosted.type_name, name)
        try:
            page = self._client().list(selecting, next_token)
        except HandlerFailed as failure:
            raise errors.handler_failed(self.hosted, failure) from failure
        return page._replace(models=[self._readable(model) for model in page.models])

    def described(self, model: Mapping[str, Any]) -> dict[str, str]:
        """Return a resource as the API shows it: its identifier, and its properties as JSON."""
        return {
            "Identifier": self.hosted.identifier(model) or "",
            "Properties": json.dumps(model, ensure_ascii=False, separators=(",", ":")),
        }

    def _readable(self, model: Model) -> Model:
        """The model without the properties that are write-only."""
        for pointer in self.hosted.write_only:
            model = without(model, pointer)
        return model

    def _client(self) -> HandlerClient:
        # The caller waits for a read or a list, and repeats it if that makes sense.
        timing = replace(PROCESS.timing, attempts=1)
        return HandlerClient(self.hosted, self.place, self._credentials, timing=timing)

    def _credentials(self) -> Credentials:
        """Those of the type's execution role, of the request's role, or the caller's own."""
        if self.hosted.execution_role_arn:
            return credentials.of_type(self.hosted, self.place)
        keys = credentials.of_role(self.place, self.role_arn) if self.role_arn else self.keys
        return credentials.of_caller(self.hosted, self.place, keys)
