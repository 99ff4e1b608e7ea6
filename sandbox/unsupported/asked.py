"""The service, the operation and the protocol of a request.

https://smithy.io/2.0/aws/protocols/index.html: each protocol shows the operation in another place.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from sandbox.json_service.caller import scope_of
from sandbox.unsupported.metadata import Service, services

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_CBOR_PATH = re.compile(r"/service/(?P<prefix>[^/]+)/operation/(?P<operation>[^/]+)")


class Asked(NamedTuple):
    """What a request asks for.

    service: None if botocore knows no such service. signed_for: the service that its signature
        names; None if it has no signature. target_prefix: the first part of X-Amz-Target, if any.
    operation: None if it cannot be told.
    """

    service: Service | None
    signed_for: str | None
    protocol: str
    operation: str | None
    target_prefix: str | None = None

    @property
    def words(self) -> str:
        """The operation and its service, for a sentence."""
        title = self.service.title if self.service else self.signed_for or self.target_prefix
        of_service = title if title and _NAME.fullmatch(title.replace(" ", "-")) else "this service"
        if self.operation and _NAME.fullmatch(self.operation):
            return f"the operation {self.operation} of {of_service}"
        return f"this operation of {of_service}"


def asked(request: Request, form: bytes) -> Asked:
    """Return what a request asks for.

    form: its body if that is a form, otherwise empty.
    """
    parameters = dict(parse_qsl(form.decode(errors="replace")) or parse_qsl(_query(request)))
    signed_for = _signed_for(request)
    candidates = services().by_signing_name.get(signed_for or "", ())
    target = request.headers.get("X-Amz-Target", "")
    if target:
        prefix, _, operation = target.rpartition(".")
        return Asked(
            _first(services().by_target_prefix.get(prefix, ()), candidates),
            signed_for,
            "json",
            operation,
            prefix,
        )
    if request.headers.get("Smithy-Protocol") == "rpc-v2-cbor":
        match = _CBOR_PATH.fullmatch(request.path)
        of_prefix = services().by_target_prefix.get(match["prefix"] if match else "", ())
        operation = match["operation"] if match else ""
        service = _first(of_prefix, candidates)
        return Asked(service, signed_for, "smithy-rpc-v2-cbor", operation or None)
    if action := parameters.get("Action"):
        of_version = services().by_api_version.get(parameters.get("Version", ""), ())
        service = _first(*(_speaking(("query", "ec2"), each) for each in (of_version, candidates)))
        protocol = "ec2" if service and "ec2" in service.protocols else "query"
        return Asked(service, signed_for, protocol, action)
    return _rest(request, signed_for, candidates)


def _rest(request: Request, signed_for: str | None, candidates: Sequence[Service]) -> Asked:
    for service in _speaking(("rest-json", "rest-xml"), candidates):
        if operation := _routed(request, service):
            return Asked(service, signed_for, service.protocols[0], operation)
    likely = _first(candidates)
    return Asked(likely, signed_for, likely.protocols[0] if likely else "rest-json", None)


def _routed(request: Request, service: Service) -> str | None:
    """The operation that a model has at the path of a request, or None."""
    try:
        operation, _ = get_service_router(service.name).match(request)
    except (NotFound, NotImplementedError):
        return None
    return str(operation.name)


def _query(request: Request) -> str:
    return request.query_string.decode(errors="replace")


def _signed_for(request: Request) -> str | None:
    scope = scope_of(request.headers.get("Authorization", ""))
    if scope:
        return scope.service
    # A presigned URL has the credential in its query.
    credential = request.args.get("X-Amz-Credential", "").split("/")
    return credential[3] if len(credential) == 5 else None


def _speaking(protocols: Collection[str], candidates: Sequence[Service]) -> list[Service]:
    return [each for each in candidates if set(protocols) & set(each.protocols)]


def _first(*choices: Sequence[Service]) -> Service | None:
    """The service that is in all of the choices, or else one that is in the first with any."""
    everywhere = [each for each in choices[0] if all(each in choice for choice in choices)]
    found = next((choice for choice in (everywhere, *choices) if choice), ())
    return found[0] if found else None
