"""A patch document: a list of operations (RFC 6902) on the properties of a resource.

The phrases of failed operations are those of zjsonpatch, the library whose words AWS's errors have:
https://github.com/pulumi/pulumi-aws-native/issues/277
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import jsonpatch
from jsonpointer import JsonPointer, JsonPointerException

from sandbox.cloud_control import errors
from sandbox.hosting.pointers import Pointer, dig
from sandbox.hosting.type_schema import TypeSchema
from sandbox.json_service import strict_json
from sandbox.json_service.errors import ServiceError, invalid
from sandbox.json_service.models import service_model

Operation = dict[str, Any]

MAX_LENGTH: int = service_model("cloudcontrol").shape_for("Properties").metadata["max"]
"""How many characters the properties of a resource can have as JSON."""


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
            document = strict_json.loads(text)
        except ValueError:
            raise _malformed("not a JSON document") from None
        if not isinstance(document, list):
            raise _malformed("not an array")
        try:
            operations = [_with_slashes(operation) for operation in document]
            jsonpatch.JsonPatch(operations)
            for operation in operations:
                if operation["op"] in ("copy", "move"):
                    # jsonpatch would look at it only when it applies the operation.
                    _check_source(operation.get("from"))
        except (jsonpatch.JsonPatchException, JsonPointerException) as error:
            raise _malformed(str(error)) from None
        return cls(operations)

    def applied(self, before: Mapping[str, Any], schema: TypeSchema) -> Any:
        """Return the model with each operation applied to the result of the one before.

        Create-only and read-only properties must not be touched, even if their values stay the
        same, and write-only ones can only be added. A test may name any property. An operation on
        something above such a property is accepted if the property keeps its value. Items of a
        list may be added without such properties, and be removed with them.

        Raises ServiceError (NotUpdatableException, ValidationException) if the patch touches what
        it must not, an operation is invalid, a test fails or the model becomes too large.
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
            # Checked each time, because a copy can double the model.
            if len(_text(after)) > MAX_LENGTH:
                raise errors.too_large(MAX_LENGTH)
        for pointers, paths, refusal in guarded:
            changed = [
                each
                for each in pointers
                if any(_is_in(each, path) for path in paths) and _is_changed(before, after, each)
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


def _check_source(pointer: Any) -> None:
    """Raise JsonPatchException or JsonPointerException unless it is a pointer to copy or move."""
    if not isinstance(pointer, str):
        raise jsonpatch.InvalidJsonPatch("The operation does not contain a 'from' member")
    JsonPointer(pointer)


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


def _is_changed(before: Any, after: Any, pointer: Pointer) -> bool:
    """Whether the value at a pointer differs. A `*` compares the items of two lists."""
    if "*" not in pointer:
        return _text(dig(before, pointer)) != _text(dig(after, pointer))
    star = pointer.index("*")
    old, new = _different(dig(before, pointer[:star]), dig(after, pointer[:star]))
    # An item that is gone is compared with the one that took its place. A further new item is
    # compared with nothing, so it must not have the property.
    old += [None] * (len(new) - len(old))
    return any(
        _is_changed(item, replacement, pointer[star + 1 :])
        for item, replacement in zip(old, new, strict=False)
    )


def _different(before: Any, after: Any) -> tuple[list[Any], list[Any]]:
    """The items of each list that the other one lacks. What is no list has no items."""
    old, new = (value if isinstance(value, list) else [] for value in (before, after))
    in_old, in_new = (Counter(map(_text, items)) for items in (old, new))
    return _missing(old, in_new), _missing(new, in_old)


def _missing(items: list[Any], elsewhere: Counter[str]) -> list[Any]:
    missing = []
    for item in items:
        if elsewhere[_text(item)]:
            elsewhere[_text(item)] -= 1
        else:
            missing.append(item)
    return missing


def _text(value: Any) -> str:
    """The value as JSON: unlike Python's ==, this distinguishes 1, true and 1.0."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


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
