"""The status reasons in the events of stacks and resources.

The words are CloudFormation's. A stack's reason ends with a space if another reason may follow it.
"""

from __future__ import annotations

from collections.abc import Iterable

USER_INITIATED = "User Initiated"
CREATION_INITIATED = "Resource creation Initiated"
REPLACEMENT = (
    "Requested update requires the creation of a new physical resource; hence creating one."
)
OUT_OF_TIME = "Stack creation time exceeded the specified timeout. "
NOT_ALL_DELETED = "One or more resources could not be deleted."
UPDATED_BUT_NOT_ALL_DELETED = f"Update successful. {NOT_ALL_DELETED}"
NO_PHYSICAL_RESOURCE = "Resource timed out waiting for creation of physical resource"
ROLLBACK_REQUESTED = "Rollback requested by user."
DELETE_REQUESTED = "Delete requested by user."
IMPORT_STARTED = "Resource import started."
IMPORT_COMPLETED = "Resource import completed."
IMPORT_TAGS = "Apply stack-level tags to imported resource if applicable."

MAX_HANDLER_MESSAGE = 1024
"""The number of characters of a handler's message that CloudFormation shows."""


def failed(verb: str, logical_ids: Iterable[str]) -> str:
    """A stack's reason: resources failed to `verb` (create, update or delete)."""
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. "


def cancelled(noun: str) -> str:
    """A resource's reason: its `noun` (creation or update) was cancelled."""
    return f"Resource {noun} cancelled"


def deletion_cancelled(why: str) -> str:
    """A stack's reason: it is not deleted, because other stacks need it."""
    return f"Delete canceled. {why}"


def internal_failure(error: BaseException) -> str:
    """The reason if the sandbox itself failed."""
    return f"Internal Failure: {type(error).__name__}: {error}"


def invalid_properties(logical_id: str, violations: Iterable[str]) -> str:
    """A resource's reason: its properties violate the schema, with one line per violation."""
    lines = "\n".join(violations)
    return f"Properties validation failed for resource {logical_id} with message:\n{lines}"


def handler_failed(message: str, token: str, code: str | None) -> str:
    """A resource's reason: its handler's message, the request token and the handler error code."""
    suffix = f", HandlerErrorCode: {code}" if code else ""
    shown = message[:MAX_HANDLER_MESSAGE]
    return f'Resource handler returned message: "{shown}" (RequestToken: {token}{suffix})'


def not_stabilized(type_name: str, identifier: str) -> str:
    """A resource's reason: its creation started but never reached the desired state."""
    return f"Resource of type '{type_name}' with identifier '{identifier}' did not stabilize."


def nested_failed(stack_id: str, done: str, why: str | None) -> str:
    """A nested stack's reason: it was not `done` (created, updated or deleted)."""
    return f"Embedded stack {stack_id} was not successfully {done}: {why}"


def no_output(name: str, stack_id: str) -> str:
    """A resource's reason: it refers to an output that a nested stack does not have."""
    return f"Output '{name}' not found in stack '{stack_id}'"


def missing_key(path: str, key: object) -> str:
    """A resource's reason: a required property is missing."""
    return f"{path}: required key [{key}] not found"


def no_attribute(name: str) -> str:
    """A resource's reason: Fn::GetAtt asks for an attribute that another resource does not have."""
    return f"Attribute '{name}' does not exist"


def identifier_changed(before: str, after: str) -> str:
    """A resource's reason: its update handler returned another primary identifier."""
    return f"UPDATE changed the primary identifier from {before} to {after}"


def type_not_registered(type_name: str) -> str:
    """A resource's reason: its type has been deregistered since."""
    return f"Resource type {type_name} is not registered"


def not_updatable(type_name: str) -> str:
    """A resource's reason: its type has no update."""
    return f"{type_name} cannot be updated"


def no_update_in_moto(type_name: str) -> str:
    """A resource's reason: moto, which the sandbox stands on, cannot update it."""
    return (
        f"The sandbox cannot update a resource of type {type_name}: moto has no update for it. "
        "Give it another logical id, so that it is created anew."
    )


def no_delete_in_moto(type_name: str) -> str:
    """A resource's reason: moto, which the sandbox stands on, cannot delete it."""
    return (
        f"The sandbox cannot delete a resource of type {type_name}: moto has no delete for it. "
        "The resource stays until the sandbox stops."
    )


def needed_by_moto(verb: str, type_name: str, name: str) -> str:
    """A resource's reason: moto does not do without a property that AWS does not require."""
    return (
        f"The sandbox cannot {verb} a resource of type {type_name} without the property {name}, "
        "although AWS can. Add the property."
    )


def ignored_by_moto(type_name: str, names: Iterable[str]) -> str:
    """A resource's reason although it succeeded: moto's model leaves out some of its properties."""
    return f"The sandbox ignores these properties of {type_name}: {', '.join(names)}."


def failed_in_moto(verb: str, type_name: str, where: str) -> str:
    """A resource's reason: moto's code failed, so that nothing is wrong with the template."""
    return (
        f"The sandbox cannot {verb} this resource of type {type_name}, although AWS may be able "
        f"to: moto does not support its properties, or their values ({where})."
    )


def no_attribute_in_sandbox(type_name: str, name: str) -> str:
    """A reason: AWS's type has an attribute for Fn::GetAtt that the sandbox lacks."""
    return f"The sandbox does not support the attribute {name} of {type_name} in Fn::GetAtt."


def nothing_to_import(type_name: str, identifier: str) -> str:
    """A reason: the resource to import does not exist, and its handler says no more than that."""
    return f"Resource of type '{type_name}' with identifier '{identifier}' was not found."


def already_exists(type_name: str, identifier: str) -> str:
    """A resource's reason: it cannot be created, because there is one with its identifier."""
    return f"Resource of type '{type_name}' with identifier '{identifier}' already exists."


def in_a_stack(identifier: str, stack_id: str) -> str:
    """A reason: the resource to import belongs to a stack."""
    return f"{identifier} already exists in stack {stack_id}"


def named_twice(identifier: str, logical_ids: Iterable[str]) -> str:
    """A reason: several entries of one request name the same resource to import."""
    entries = ", ".join(logical_ids)
    return f"{identifier} is the resource of several entries in ResourcesToImport: [{entries}]"


def export_taken(name: str, stack_name: str) -> str:
    """A stack's reason: an export of that name belongs to another stack."""
    return f"Export with name {name} is already exported by stack {stack_name}."


def export_in_use(name: str, verb: str, users: Iterable[str]) -> str:
    """A stack's reason: an export cannot be updated or deleted (`verb`), as stacks import it."""
    return f"Export {name} cannot be {verb} as it is in use by {' and '.join(users)}."
