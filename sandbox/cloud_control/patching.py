"""A patch document: a list of operations (RFC 6902) on the properties of a resource.

The phrases of failed operations are those of zjsonpatch, the library whose words AWS's errors have:
https://github.com/pulumi/pulumi-aws-native/issues/277
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonpatch
from jsonpointer import JsonPointer, JsonPointerException

from sandbox.cloud_control import errors
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.type_schema import TypeSchema
from sandbox.json_service.errors import ServiceError, invalid

Operation = dict[str, Any]


class Patch:
    """The operations of a patch document."""

    def __init__(self, operations: list[Operation]) -> None:
        self._operations = operations

    @classmethod
    def parse(cls, text: str) -> Patch:
        """Return the patch of a JSON text. Paths may lack their leading slash.

        Raises ServiceError (ValidationException) if the text is not a list of operations.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise _malformed("not a JSON document") from None
        if not isinstance(document, list):
            raise _malformed("not an array")
        try:
            operations = [_with_slashes(operation) for operation in document]
            jsonpatch.JsonPatch(operations)
        except (jsonpatch.JsonPatchException, JsonPointerException) as error:
            raise _malformed(str(error)) from None
        for operation in operations:
            needs_source = operation["op"] in ("copy", "move")
            if needs_source and not isinstance(operation.get("from"), str):
                # jsonpatch would notice only when it applies the operation.
                raise _malformed("The operation does not contain a 'from' member")
        return cls(operations)

    def applied(self, before: Mapping[str, Any], schema: TypeSchema) -> Any:
        """Return the model with each operation applied to the result of the one before.

        Create-only and read-only properties must not be touched, even if their values stay the
        same, and write-only ones can only be added. A test may name any property. An operation on
        something above such a property is accepted if the property keeps its value.

        Raises ServiceError (NotUpdatableException, ValidationException) if the patch touches what
        it must not, an operation is invalid or a test fails.
        """
        guarded = (
            (schema.create_only, set(self._changed()), errors.create_only),
            (schema.read_only, set(self._changed()), errors.read_only),
            (schema.write_only, set(self._changed(except_by="add")), errors.write_only),
        )
        for pointers, paths, refusal in guarded:
            touched = [each for each in pointers if any(_is_in(path, each) for path in paths)]
            if touched:
                raise refusal(touched)
        after: Any = before
        for operation in self._operations:
            after = _apply(operation, after)
        for pointers, paths, refusal in guarded:
            changed = [
                each
                for each in pointers
                if any(_is_in(each, path) for path in paths)
                and _text(dig(before, each)) != _text(dig(after, each))
            ]
            if changed:
                raise refusal(changed)
        return after

    def _changed(self, except_by: str | None = None) -> Iterator[Pointer]:
        """The paths that operations change, except those that `except_by` changes."""
        for operation in self._operations:
            if operation["op"] in ("test", except_by):
                continue
            yield _parts(operation["path"])
            if operation["op"] == "move":
                yield _parts(operation["from"])


def _apply(operation: Operation, model: Any) -> Any:
    """The model after one operation. Raises ServiceError (ValidationException) if it fails."""
    try:
        return jsonpatch.JsonPatch([operation]).apply(model)
    except jsonpatch.InvalidJsonPatch as error:
        raise _malformed(str(error)) from None
    except (jsonpatch.JsonPatchException, JsonPointerException):
        raise _not_applicable(operation, model) from None


def _with_slashes(operation: Any) -> Any:
    """The operation with paths as RFC 6902 wants them; anything else as it is."""
    if not isinstance(operation, dict):
        return operation
    return {
        name: f"/{value}"
        if name in ("path", "from") and isinstance(value, str) and value and value[0] != "/"
        else value
        for name, value in operation.items()
    }


def _parts(path: str) -> Pointer:
    return tuple(JsonPointer(path).parts)


def _is_in(path: Pointer, whole: Pointer) -> bool:
    """Whether `path` is `whole` or something in it; a `*` in either stands for every item."""
    pairs = zip(path, whole, strict=False)
    return len(path) >= len(whole) and all("*" in pair or len({*pair}) == 1 for pair in pairs)


def _text(value: Any) -> str:
    """The value as JSON: unlike Python's ==, this distinguishes 1, true and 1.0."""
    return json.dumps(value, sort_keys=True)


def _malformed(problem: str) -> ServiceError:
    return invalid(f"Invalid JSON Patch payload ({problem})")


def _not_applicable(operation: Operation, model: Any) -> ServiceError:
    def is_there(path: str) -> bool:
        return JsonPointer(path).resolve(model, _ABSENT) is not _ABSENT

    path: str = operation["path"]
    name = operation["op"].upper()
    if name == "TEST" and is_there(path):
        return invalid(f"[TEST Operation] value mismatch [{path}]")
    source: str = operation.get("from", path)
    missing = path if is_there(source) else source
    return invalid(f"[{name} Operation] noSuchPath in source, path provided : /{missing}")


_ABSENT = object()
