"""A file that is there when it is complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from inventory.errors import InventoryError, QueryRefused


def check_path(path: Path) -> None:
    """Raise QueryRefused if no file can be written there, as far as that can be known before."""
    try:
        problem = _problem(path)
    except OSError as error:
        problem = f"it cannot be looked at: {error.strerror}."
    if problem:
        raise QueryRefused(f"OUT is {str(path)!r}; {problem}")


def _problem(path: Path) -> str | None:
    target = path.resolve()
    if path.is_dir():
        return f"that is a folder. Name a file in it: OUT={path / 'answer.json'}"
    if path.is_file():
        return None if os.access(path, os.W_OK) else "that file is protected against writing."
    if path.exists():
        # A file that replaced it would not be what was meant, and a half-written answer might be.
        return "that is no ordinary file. Leave OUT out, and redirect standard output: > path"
    if not target.parent.is_dir():
        return f"there is no folder {str(target.parent)!r}. Make it first."
    if not os.access(target.parent, os.W_OK | os.X_OK):
        return f"no file can be made in {str(target.parent)!r}. Name another folder."
    return None


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A new file, which takes the place of the one at the path when it is complete.

    If anything fails, or Ctrl-C is pressed, it is removed, and the older one stays as it was.

    Raises InventoryError if the file cannot be made.
    """
    target = path.resolve()
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    with explained(path):
        file = temporary.open("x+b")
    try:
        try:
            yield file
            with explained(path):
                file.flush()
        finally:
            # After a failure it would only say the same again.
            with suppress(OSError):
                file.close()
        with explained(path):
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError from writing to the path into an InventoryError."""
    try:
        yield
    except OSError as error:
        raise InventoryError(f"Could not write to {str(path)!r}: {error.strerror}.") from None
