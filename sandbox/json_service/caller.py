"""The signer of a request: the service that it is for, and the caller's account, region and keys.

Like moto, this does not check signatures.
"""

import re
from typing import Any, NamedTuple

from moto.core.responses import BaseResponse
from werkzeug.wrappers import Request

from sandbox.json_service.errors import ServiceError
from sandbox.moto_seams import MOTO_LOCK

_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256\s.*?Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)"
    r"/aws4_request(,|\s|$)"
)


class Scope(NamedTuple):
    """The region, the service and the access key of a signature. service: its signing name."""

    region: str
    service: str
    access_key_id: str


class Caller(NamedTuple):
    """The account and region that a request is for, and what it shows of the keys that signed it.

    session_token: None for keys that do not expire.
    """

    account: str
    region: str
    access_key_id: str = ""
    session_token: str | None = None


def scope_of(authorization: str) -> Scope | None:
    """Return the scope of an Authorization header; None if it is not of Signature Version 4."""
    credential = _CREDENTIAL.match(authorization)
    if credential is None:
        return None
    return Scope(credential["region"], credential["service"], credential["key"])


def caller(request: Request, service: str) -> Caller:
    """Return the caller of a service, as moto determines it for its own services.

    Any credentials are accepted. Those that the sandbox's IAM or STS issued belong to the account
    that issued them; all others belong to moto's default account.

    service: its signing name.

    Raises ServiceError if the request is not signed, or is signed for another service.
    """
    authorization = request.headers.get("Authorization")
    # Codes and messages: the "Common errors" page of the services' API references.
    if not authorization:
        raise ServiceError(
            "MissingAuthenticationTokenException", "Missing Authentication Token", 403
        )
    scope = scope_of(authorization)
    if scope is None:
        raise ServiceError(
            "IncompleteSignatureException",
            "The Authorization header has no AWS4-HMAC-SHA256 Credential of the form "
            f"key/date/region/{service}/aws4_request.",
        )
    if scope.service != service:
        raise ServiceError(
            "InvalidSignatureException",
            f"Credential should be scoped to correct service: '{service}'.",
        )
    moto: Any = BaseResponse()
    moto.headers = request.headers
    moto.querystring = {}
    with MOTO_LOCK:
        account = moto.get_current_account()
    session_token = request.headers.get("X-Amz-Security-Token")
    return Caller(account, scope.region, scope.access_key_id, session_token)
