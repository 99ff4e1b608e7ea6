"""The errors of Cloud Control, in AWS's words where they are known (guide/assumptions.md)."""

from collections.abc import Iterable, Sequence

from project.type_name import is_reserved
from sandbox.hosting.driving import HandlerFailed
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.pointers import Pointer
from sandbox.json_service.errors import ServiceError, invalid

MAX_MESSAGE = 2048
"""How long a message of an error or of a request can be (API reference: ErrorMessage,
StatusMessage)."""

_EXCEPTIONS = {
    "AccessDenied": "AccessDeniedException",
    "AlreadyExists": "AlreadyExistsException",
    "GeneralServiceException": "GeneralServiceException",
    "InternalFailure": "HandlerInternalFailureException",
    "InvalidCredentials": "InvalidCredentialsException",
    "InvalidRequest": "InvalidRequestException",
    "NetworkFailure": "NetworkFailureException",
    "NotFound": "ResourceNotFoundException",
    "NotStabilized": "NotStabilizedException",
    "NotUpdatable": "NotUpdatableException",
    "ResourceConflict": "ResourceConflictException",
    "ServiceInternalError": "ServiceInternalErrorException",
    "ServiceLimitExceeded": "ServiceLimitExceededException",
    "Throttling": "ThrottlingException",
}
"""The error that a failed READ or LIST becomes, by the handler error code."""


def handler_failed(hosted: HostedType, failure: HandlerFailed) -> ServiceError:
    """Return the error for a READ or LIST that failed."""
    code = _EXCEPTIONS.get(failure.code or "", "HandlerFailureException")
    if not failure.answered and not is_reserved(hosted.type_name):
        # The handler of a private type did not respond, or not as it should.
        code = "PrivateTypeException"
    return ServiceError(
        code,
        f"{hosted.type_name} Handler returned status FAILED: {failure.message or 'null'} "
        f"(HandlerErrorCode: {failure.code}, RequestToken: {failure.token})",
    )


def type_not_found(type_name: str, version_id: str | None = None) -> ServiceError:
    """Return the error for a type, or a version of a type, that is not registered."""
    what = " ".join(filter(None, (type_name, version_id)))
    return ServiceError("TypeNotFoundException", f"The type '{what}' cannot be found.")


def type_not_supported(type_name: str) -> ServiceError:
    """Return the error for a type that exists, but not for Cloud Control."""
    return ServiceError(
        "UnsupportedActionException",
        f"The resource {type_name} is not yet supported via Cloud Control API",
    )


def action_not_supported(type_name: str, action: str) -> ServiceError:
    """Return the error for a type without a handler for this action, such as LIST.

    A registered type that cannot be listed gets another error than a type of AWS (U22 of
    guide/assumptions.md).
    """
    private = action == "LIST" and not is_reserved(type_name)
    return ServiceError(
        "PrivateTypeException" if private else "UnsupportedActionException",
        f"Resource type {type_name} does not support {action} action",
    )


def role_arn_invalid(role_arn: str) -> ServiceError:
    """Return the error for a RoleArn that is not the ARN of a role."""
    return invalid(f"{role_arn} is not a valid RoleArn")


def foreign_role() -> ServiceError:
    """Return the error for a role of another account or partition."""
    return ServiceError("AccessDeniedException", "Cross-account pass role is not allowed.")


def token_not_found(token: str) -> ServiceError:
    """Return the error for a request token that is unknown or has expired."""
    return ServiceError(
        "RequestTokenNotFoundException", f"Request with token {token} was not found"
    )


def client_token_conflict(client_token: str, token: str) -> ServiceError:
    """Return the error for a client token that another request, with this token, has used."""
    return ServiceError(
        "ClientTokenConflictException",
        f"ClientToken {client_token} is already associated with an existing operation with "
        f"RequestToken {token}",
    )


def concurrent_operation(type_name: str, identifier: str, token: str) -> ServiceError:
    """Return the error for a resource that the request with this token is working on."""
    return ServiceError(
        "ConcurrentOperationException",
        f"Resource {identifier} of type {type_name} already has an operation in progress with "
        f"RequestToken {token}",
    )


def already_ended(token: str, status: str) -> ServiceError:
    """Return the error for a cancel of a request that has ended."""
    return invalid(f"Request {token} is already in status {status}")


def model_invalid(violations: Sequence[str]) -> ServiceError:
    """Return the error for a model that violates its schema. violations: at least one."""
    if len(violations) == 1:
        return invalid(f"Model validation failed ({violations[0]})")
    lines = "\n".join(violations)
    return invalid(
        f"Model validation failed (#: {len(violations)} schema violations found)\n{lines}"
    )


def too_large(limit: int) -> ServiceError:
    """Return the error for a patch after which the model has more characters than allowed."""
    return invalid(f"Invalid patch update: the properties would have more than {limit} characters")


def list_needs(type_name: str, name: str) -> ServiceError:
    """Return the error for a LIST whose model lacks a property that its handler needs."""
    return ServiceError(
        "InvalidRequestException",
        f"Missing or invalid ResourceModel property in {type_name} list handler request input. "
        f"Required property:  (#: required key [{name}] not found)",
    )


def identifier_invalid(identifier: str, hosted: HostedType) -> ServiceError:
    """Return the error for a text that is no primary identifier of the type."""
    return invalid(
        f"Identifier {identifier} is not valid for identifier [{_paths(hosted.primary_identifier)}]"
    )


def identifier_json_invalid(hosted: HostedType) -> ServiceError:
    """Return the error for a JSON object that is no primary identifier of the type."""
    return invalid(
        "When specifying the identifier as JSON, you must specify exactly one identifier from "
        f"[[{_paths(hosted.primary_identifier)}]], and no additional properties can be specified"
    )


def create_only(pointers: Iterable[Pointer]) -> ServiceError:
    """Return the error for a patch of properties that cannot be updated."""
    return ServiceError(
        "NotUpdatableException",
        f"Invalid patch update: createOnlyProperties [{_paths(pointers)}] cannot be updated",
    )


def read_only(pointers: Iterable[Pointer]) -> ServiceError:
    """Return the error for a patch of properties that only the service sets."""
    return invalid(
        f"Invalid patch update: readOnlyProperties [{_paths(pointers)}] cannot be updated"
    )


def write_only(pointers: Iterable[Pointer]) -> ServiceError:
    """Return the error for a patch that does more than add properties that are not readable."""
    return invalid(
        f"Invalid patch update: writeOnlyProperties [{_paths(pointers, '')}] can only be updated "
        "using 'add' operation"
    )


def _paths(pointers: Iterable[Pointer], prefix: str = "/properties") -> str:
    return ", ".join("/".join((prefix, *pointer)) for pointer in pointers)
