"""The service, without its protocol: one method for each operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from moto.utilities.utils import get_partition

from project.role_arn import ROLE_ARN
from sandbox.background import LONGEST_HOLD
from sandbox.cloud_control import errors
from sandbox.cloud_control.patching import Patch
from sandbox.cloud_control.requests import (
    DEFAULT_PAGE,
    REQUESTS,
    Action,
    Requests,
    ResourceRequest,
    Work,
)
from sandbox.cloud_control.resources import Model, Resources
from sandbox.hosting import credentials
from sandbox.hosting.credentials import Keys
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.hosting.validation import not_an_object, schema_violations, violations
from sandbox.json_service import strict_json
from sandbox.json_service.caller import Caller
from sandbox.json_service.constraints import checked
from sandbox.json_service.errors import invalid
from sandbox.json_service.models import input_shape

Parameters = dict[str, Any]
Answer = dict[str, Any]


class Types(NamedTuple):
    """How the service finds types.

    lookup: returns the type with a name in an account and region, in its default version or in the
        given one; None if there is none.
    exists_elsewhere: whether AWS has a type with this name in a region.
    """

    lookup: Callable[[str, Place, str | None], HostedType | None]
    exists_elsewhere: Callable[[str, str], bool]


class Here(NamedTuple):
    """What a call of an operation works with: its account and region, and the caller's keys."""

    place: Place
    requests: Requests
    keys: Keys


class CloudControlService:
    """Cloud Control for the hosted types. Thread-safe.

    types: finds the hosted types. longest_hold: for how many seconds GetResourceRequestStatus
    waits for the end of a request before it answers.
    """

    def __init__(self, types: Types, longest_hold: float = LONGEST_HOLD) -> None:
        self._types = types
        self._longest_hold = longest_hold
        #: The operations by API name.
        self.operations: dict[str, Callable[[Here, Parameters], Answer]] = {
            "CreateResource": self._create,
            "GetResource": self._get,
            "ListResources": self._list,
            "UpdateResource": self._update,
            "DeleteResource": self._delete,
            "GetResourceRequestStatus": self._status,
            "ListResourceRequests": self._list_requests,
            "CancelResourceRequest": self._cancel,
        }

    def call(self, caller: Caller, operation: str, request: Any) -> Answer:
        """Carry out an operation, and return its output.

        request: the JSON document as it was received. Times in the output are seconds since the
        epoch.

        Raises ServiceError if the service rejects the request.
        """
        accepted = checked(input_shape("cloudcontrol", operation), request)
        if caller.region not in REQUESTS[caller.account]:
            raise invalid(
                f"Cloud Control has no region '{caller.region}'. Use one of AWS's regions, such as "
                "us-east-1."
            )
        place = Place(caller.account, caller.region, get_partition(caller.region))
        here = Here(
            place,
            REQUESTS[caller.account][caller.region],
            credentials.of_access_key(place, caller.access_key_id, caller.session_token),
        )
        return self.operations[operation](here, accepted)

    # -- resources --------------------------------------------------------------------------------

    def _create(self, here: Here, asked: Parameters) -> Answer:
        resources = self._resources(here, asked)
        resources.require("CREATE")
        desired = _model_of("DesiredState", asked["DesiredState"])
        if found := violations(desired, resources.hosted):
            raise errors.model_invalid(found)

        def work(request: ResourceRequest) -> str | None:
            def identified(model: Mapping[str, Any]) -> None:
                request.identifier = resources.hosted.identifier(model)

            client = resources.client(request)
            try:
                model = client.create(desired, {}, identified)
            except HandlerFailed as failure:
                if failure.answered:
                    # The handler says what it leaves behind: a resource, or none.
                    request.identifier = resources.hosted.identifier(failure.model)
                raise
            return resources.hosted.identifier(model)

        return _begin(here, "CREATE", asked, None, work)

    def _get(self, here: Here, asked: Parameters) -> Answer:
        resources = self._resources(here, asked)
        resources.require("READ")
        model = resources.read(resources.identifying(asked["Identifier"]))
        return {
            "TypeName": asked["TypeName"],
            "ResourceDescription": resources.described(model),
        }

    def _list(self, here: Here, asked: Parameters) -> Answer:
        # MaxResults is not honoured: the handler decides how many resources a page has.
        resources = self._resources(here, asked)
        resources.require("LIST")
        selecting = _model_of("ResourceModel", asked.get("ResourceModel", "{}"))
        page = resources.page(selecting, asked.get("NextToken"))
        return {
            "TypeName": asked["TypeName"],
            "ResourceDescriptions": [resources.described(model) for model in page.models],
            **({"NextToken": page.next_token} if page.next_token else {}),
        }

    def _update(self, here: Here, asked: Parameters) -> Answer:
        # AWS reads the patch before it looks at anything else (the first source of B120).
        patch = Patch.parse(asked["PatchDocument"])
        resources = self._resources(here, asked)
        resources.require("UPDATE", "READ")
        identifying = resources.identifying(asked["Identifier"])
        identifier = resources.hosted.identifier(identifying) or ""

        with here.requests.deciding_on(asked["TypeName"], identifier):
            # Asked here, because the request that this one repeats may have begun in the meantime.
            if earlier := here.requests.repeated(*_idempotent(asked)):
                return {"ProgressEvent": earlier.progress_event()}
            here.requests.check_idle(asked["TypeName"], identifier)
            before = resources.read(identifying)
            after = _object(patch.applied(before, resources.hosted))
            if found := schema_violations(after, resources.hosted):
                raise errors.model_invalid(found)

            def work(request: ResourceRequest) -> str | None:
                client = resources.client(request)
                client.update(after, {}, before, {})
                return identifier

            return _begin(here, "UPDATE", asked, identifier, work)

    def _delete(self, here: Here, asked: Parameters) -> Answer:
        resources = self._resources(here, asked)
        resources.require("DELETE")
        identifying = resources.identifying(asked["Identifier"])
        identifier = resources.hosted.identifier(identifying)

        def work(request: ResourceRequest) -> str | None:
            resources.client(request).delete(identifying, {})
            return identifier

        return _begin(here, "DELETE", asked, identifier, work)

    def _resources(self, here: Here, asked: Parameters) -> Resources:
        """The resources of the type that a request names.

        Raises ServiceError if it is not registered or not hosted, or if the request names something
        else than a role of the account.
        """
        type_name, version_id = asked["TypeName"], asked.get("TypeVersionId")
        role_arn = asked.get("RoleArn")
        if role_arn and not ROLE_ARN.fullmatch(role_arn):
            raise errors.role_arn_invalid(role_arn)
        if role_arn and not here.place.has_role(role_arn):
            raise errors.foreign_role()
        hosted = self._types.lookup(type_name, here.place, version_id)
        if hosted is None:
            is_hosted = self._types.lookup(type_name, here.place, None) is not None
            if not is_hosted and self._types.exists_elsewhere(type_name, here.place.region):
                raise errors.type_not_supported(type_name)
            raise errors.type_not_found(type_name, version_id)
        return Resources(hosted, here.place, here.keys, role_arn)

    # -- requests ---------------------------------------------------------------------------------

    def _status(self, here: Here, asked: Parameters) -> Answer:
        request = here.requests.get(asked["RequestToken"])
        request.wait_for_end(self._longest_hold)
        return {"ProgressEvent": request.progress_event()}

    def _list_requests(self, here: Here, asked: Parameters) -> Answer:
        only = asked.get("ResourceRequestStatusFilter", {})
        page, next_token = here.requests.page(
            only.get("Operations", ()),
            only.get("OperationStatuses", ()),
            asked.get("MaxResults", DEFAULT_PAGE),
            asked.get("NextToken"),
        )
        return {
            "ResourceRequestStatusSummaries": [request.progress_event() for request in page],
            **({"NextToken": next_token} if next_token else {}),
        }

    def _cancel(self, here: Here, asked: Parameters) -> Answer:
        request = here.requests.get(asked["RequestToken"])
        request.cancel()
        return {"ProgressEvent": request.progress_event()}


def _begin(
    here: Here, action: Action, asked: Parameters, identifier: str | None, work: Work
) -> Answer:
    client_token, parameters = _idempotent(asked)
    event = here.requests.begin(action, parameters, client_token, identifier, work)
    return {"ProgressEvent": event}


def _idempotent(asked: Parameters) -> tuple[str | None, Parameters]:
    """The client token of a request, and its other parameters."""
    others = {name: value for name, value in asked.items() if name != "ClientToken"}
    return asked.get("ClientToken"), others


def _model_of(member: str, text: str) -> Model:
    """The JSON object in a member of a request.

    Raises ServiceError (ValidationException) if it is something else.
    """
    try:
        document = strict_json.loads(text)
    except ValueError:
        raise invalid(
            f"{member} is not a JSON document. Give the properties as one JSON object, in a string."
        ) from None
    return _object(document)


def _object(document: Any) -> Model:
    """The document, which must be a JSON object.

    Raises ServiceError (ValidationException) if it is something else.
    """
    if not isinstance(document, dict):
        raise errors.model_invalid([not_an_object(document)])
    return document
