"""Cloud Control: alone with scripted handlers, or over boto3."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloud_control import CloudControlService, Types
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.json_service.caller import Caller
from sandbox.json_service.errors import ServiceError
from tests.harness.handlers import Handlers

REGION = "eu-west-1"
#: Handlers of all five kinds.
ALL: dict[str, Any] = {name: {} for name in ("create", "read", "update", "delete", "list")}


class CloudControl:
    """The service with one type, for a caller whose account no other test has."""

    def __init__(self, handlers: Handlers, longest_hold: float = 10.0) -> None:
        self.handlers = handlers
        self.type_name = handlers.hosted.type_name
        self.place = Place(f"{uuid.uuid4().int % 10**12:012}", REGION, "aws")
        self.caller = Caller(self.place.account_id, REGION, "AKIACALLER", "session")

        def lookup(type_name: str, place: Place, version_id: str | None) -> HostedType | None:
            assert place == self.place
            here = type_name == self.type_name and version_id in (None, handlers.hosted.version)
            return handlers.hosted if here else None

        types = Types(lookup, lambda name, _region: name.startswith("AWS::"))
        self.service = CloudControlService(types, longest_hold)

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation. TypeName is that of the type, where one is needed."""
        named = {} if "Request" in operation else {"TypeName": self.type_name}
        return self.service.call(self.caller, operation, {**named, **request})

    def begin(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation that continues in the background. Returns its first event."""
        return dict(self(operation, **request)["ProgressEvent"])

    def create(self, desired: Any, **request: Any) -> dict[str, Any]:
        """Begin to create a resource. Returns the first event."""
        return self.begin("CreateResource", DesiredState=json.dumps(desired), **request)

    def update(self, identifier: str, *operations: Any, **request: Any) -> dict[str, Any]:
        """Begin to patch a resource. Returns the first event."""
        patch = json.dumps(operations)
        return self.begin("UpdateResource", Identifier=identifier, PatchDocument=patch, **request)

    def status(self, token: str) -> dict[str, Any]:
        """Return the progress event of a request."""
        return dict(self("GetResourceRequestStatus", RequestToken=token)["ProgressEvent"])

    def ended(self, event: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of the request of an event. Returns its last event."""
        last = self.status(event["RequestToken"])
        assert last["OperationStatus"] in ("SUCCESS", "FAILED", "CANCEL_COMPLETE"), last
        return last

    def refused(self, operation: str, **request: Any) -> str:
        """Call an operation, which must be refused. Returns the code and the message."""
        with pytest.raises(ServiceError) as caught:
            self(operation, **request)
        assert caught.value.status == 400
        return f"{caught.value.code}: {caught.value.message}"

    def update_refused(self, *operations: Any) -> str:
        """Patch a resource, which must be refused. Returns the code and the message."""
        patch = json.dumps(operations)
        return self.refused("UpdateResource", Identifier="arn:thing", PatchDocument=patch)


Make = Callable[..., CloudControl]


class Patience:
    """Cloud Control over boto3: each operation waits for its end."""

    def __init__(self, client: Any, type_name: str) -> None:
        self.client = client
        self.type_name = type_name

    def last(self, answer: Any) -> dict[str, Any]:
        """Wait for the end of the request of an answer. Returns its last event."""
        token = answer["ProgressEvent"]["RequestToken"]
        while True:
            event = self.client.get_resource_request_status(RequestToken=token)["ProgressEvent"]
            if event["OperationStatus"] not in ("PENDING", "IN_PROGRESS", "CANCEL_IN_PROGRESS"):
                return dict(event)

    def create(self, desired: Any, **more: Any) -> dict[str, Any]:
        """Create a resource. Returns the last event."""
        return self.last(
            self.client.create_resource(
                TypeName=self.type_name, DesiredState=json.dumps(desired), **more
            )
        )

    def created(self, desired: Any, **more: Any) -> str:
        """Create a resource, which must succeed. Returns its identifier."""
        event = self.create(desired, **more)
        assert event["OperationStatus"] == "SUCCESS", event
        return str(event["Identifier"])

    def update(self, identifier: str, *operations: Any, **more: Any) -> dict[str, Any]:
        """Patch a resource. Returns the last event."""
        return self.last(
            self.client.update_resource(
                TypeName=self.type_name,
                Identifier=identifier,
                PatchDocument=json.dumps(operations),
                **more,
            )
        )

    def delete(self, identifier: str, **more: Any) -> dict[str, Any]:
        """Delete a resource. Returns the last event."""
        return self.last(
            self.client.delete_resource(TypeName=self.type_name, Identifier=identifier, **more)
        )

    def properties(self, identifier: str, **more: Any) -> dict[str, Any]:
        """Return the properties of a resource."""
        got = self.client.get_resource(TypeName=self.type_name, Identifier=identifier, **more)
        return dict(json.loads(got["ResourceDescription"]["Properties"]))

    def tags(self, identifier: str) -> dict[str, str]:
        """Return the tags of a resource."""
        return {tag["Key"]: tag["Value"] for tag in self.properties(identifier).get("Tags", [])}

    def refused(self, identifier: str, *operations: Any) -> str:
        """Patch a resource, which must be refused. Returns the code and the message."""
        with pytest.raises(ClientError) as caught:
            self.update(identifier, *operations)
        error = caught.value.response["Error"]
        return f"{error['Code']}: {error['Message']}"
