"""Account Management: the regions of an account, and whether each is enabled.

https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html

The sandbox answers in every region, so all regions are enabled. EC2's DescribeRegions names the
same ones.
"""

import json
import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sandbox.json_service.caller import Caller, caller, scope_of
from sandbox.json_service.constraints import checked, parse
from sandbox.json_service.errors import ServiceError, invalid
from sandbox.json_service.models import input_shape
from sandbox.moto_seams import regions
from sandbox.sagemaker.listing import Pages, Query

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SIGNING_NAME = "account"
# The most that the model allows. How many AWS returns by default is not documented.
_PAGE = 50


class AccountApp:
    """Answers ListRegions and GetRegionOptStatus; passes every other request on unchanged."""

    def __init__(self, next_app: "WSGIApplication") -> None:
        self._next_app = next_app
        self._pages = Pages()
        #: The operations by API name.
        self.operations: dict[str, Callable[[Caller, dict[str, Any]], dict[str, Any]]] = {
            "ListRegions": self._list_regions,
            "GetRegionOptStatus": self._opt_status,
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        # The protocol, REST-JSON, has the operation in the path: /listRegions.
        operation = f"{path[1:2].upper()}{path[2:]}"
        scope = scope_of(environ.get("HTTP_AUTHORIZATION", ""))
        if operation not in self.operations or scope is None or scope.service != SIGNING_NAME:
            return self._next_app(environ, start_response)
        return self._answer(operation, Request(environ))(environ, start_response)

    def _answer(self, operation: str, request: Request) -> Response:
        headers = {"x-amzn-RequestId": str(uuid.uuid4())}
        try:
            asked = checked(input_shape("account", operation), parse(request.get_data()))
            output = self.operations[operation](caller(request, SIGNING_NAME), asked)
        except ServiceError as error:
            headers["x-amzn-ErrorType"] = error.code
            output, status = {"message": error.message}, error.status
        else:
            status = 200
        return Response(json.dumps(output), status, headers, content_type="application/json")

    def _list_regions(self, signer: Caller, request: dict[str, Any]) -> dict[str, Any]:
        _refuse_other_accounts("ListRegions", request)
        wanted = request.get("RegionOptStatusContains")
        found = [
            {"RegionName": name, "RegionOptStatus": status}
            for name, status in regions(signer.region).items()
            if not wanted or status in wanted
        ]
        query: Query[dict[str, str]] = Query(
            scope=("ListRegions", signer.account),
            request=request,
            limit=request.get("MaxResults", _PAGE),
            key=lambda region: (region["RegionName"],),
        )
        page, token = self._pages.of(found, query)
        return {"Regions": page, **token}

    def _opt_status(self, signer: Caller, request: dict[str, Any]) -> dict[str, Any]:
        _refuse_other_accounts("GetRegionOptStatus", request)
        name = request["RegionName"]
        status = regions(signer.region).get(name)
        if status is None:
            raise invalid(f"There is no region {name}.")
        return {"RegionName": name, "RegionOptStatus": status}


def _refuse_other_accounts(operation: str, request: dict[str, Any]) -> None:
    """Raise ServiceError if the request names an account: accounts here are in no organization.

    The code and the beginning of the message: awslabs/aws-deployment-framework issue 764.
    """
    if "AccountId" in request:
        raise ServiceError(
            "AccessDeniedException",
            f"The caller is not authorized to perform: account:{operation} (The account is not in "
            "an organization. Leave out AccountId.)",
            403,
        )
