"""Fetch the package of a RegisterType request, check it by the registry's rules, and start it."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from project.package_files import INNER, SCHEMA, SETTINGS
from sandbox.runtime.choice import runtime_of
from sandbox.runtime.contract import Runtime

PACKAGE_MEMBERS = (SCHEMA, SETTINGS, INNER)
"""The files that `cfn submit` puts into the package of every type with Python handlers."""

Fetch = Callable[[str], bytes]
"""Returns the content of an object at s3://bucket/key. Raises ValidationError if there is none."""


class PackageRefused(Exception):
    """The package cannot be registered. The message goes into the registration's description."""


def start(request: Mapping[str, Any], fetch: Fetch) -> tuple[str, Runtime]:
    """Fetch, check and start the package of a RegisterType request.

    Returns the text of its schema, and the runtime of its handlers.

    Raises PackageRefused if the package cannot be read or unpacked, or is not valid.
    """
    url = request["SchemaHandlerPackage"]
    try:
        content = fetch(url)
    except Exception as error:
        raise PackageRefused(f"The package cannot be read from {url}: {error}") from error
    schema = _schema(content, request["TypeName"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "package.zip")
        path.write_bytes(content)
        try:
            return schema, runtime_of(path)
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise PackageRefused(f"The package cannot be unpacked: {error}") from error


def _schema(content: bytes, type_name: str) -> str:
    """Return the text of a package's schema. Raises PackageRefused if it breaks a rule."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            missing = [name for name in PACKAGE_MEMBERS if name not in package.namelist()]
            if missing:
                raise PackageRefused(f"The package is missing {', '.join(missing)}.")
            schema = package.read(SCHEMA).decode()
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise PackageRefused(f"The package cannot be read: {error}") from error
    # Imported here because only a registration needs it, and the import is slow.
    from rpdk.core.data_loaders import load_resource_spec
    from rpdk.core.exceptions import RPDKBaseException

    # The CLI also logs advice for the author of the schema. It would only be noise here.
    logging.getLogger("rpdk").addHandler(logging.NullHandler())
    try:
        load_resource_spec(io.StringIO(schema))
    except RPDKBaseException as error:
        raise PackageRefused(f"Invalid schema: {error}") from error
    own_name = json.loads(schema)["typeName"]
    if own_name != type_name:
        raise PackageRefused(
            f"The schema is for {own_name}, but the request registers {type_name}."
        )
    return schema
