"""Fetch the package of a RegisterType request, check it by the registry's rules, and start it."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from project.package_files import INNER, SCHEMA, SETTINGS
from project.type_name import hyphenated
from sandbox.hosting.patterns import unreadable
from sandbox.hosting.place import Place
from sandbox.runtime.choice import runtime_of
from sandbox.runtime.contract import Runtime
from sandbox.runtime.packaged.package_file import PackageFile, PackageInvalid

Fetch = Callable[[str], bytes]
"""Returns the content of an object at s3://bucket/key. Raises ValidationError if there is none."""


class PackageRefused(Exception):
    """The package cannot be registered. The message goes into the registration's description."""


class Started(NamedTuple):
    """A package that runs.

    schema: the text of its schema. notes: what differs here from what the package expects.
    """

    schema: str
    runtime: Runtime
    notes: tuple[str, ...]


def start(request: Mapping[str, Any], fetch: Fetch, place: Place) -> Started:
    """Fetch, check and start the package of a RegisterType request.

    place: the account and region that the type is registered in.

    Raises PackageRefused if the package cannot be read, is not valid, or has no handlers in Python.
    """
    url = request["SchemaHandlerPackage"]
    try:
        content = fetch(url)
    except Exception as error:
        raise PackageRefused(f"The package cannot be read from {url}: {error}") from error
    with tempfile.TemporaryDirectory() as folder, _refusing():
        path = Path(folder, "package.zip")
        path.write_bytes(content)
        package = PackageFile(path)
        _require(content, SCHEMA, SETTINGS)
        package.check_language()
        _require(content, INNER)
        schema = _schema(content, request["TypeName"])
        runtime = runtime_of(path, place.account_id, place.region, log_group(request))
    notes = [
        f"The sandbox does not enforce the pattern {each}, which it cannot read."
        for each in unreadable(json.loads(schema))
    ]
    return Started(schema, runtime, tuple(filter(None, (runtime.note, *notes))))


def log_group(request: Mapping[str, Any]) -> str:
    """Return the log group of a type: the one in the request, or else the one `cfn submit` names.

    AWS writes no log of a type that is registered without a LoggingConfig.
    """
    given = (request.get("LoggingConfig") or {}).get("LogGroupName")
    return str(given or f"{hyphenated(request['TypeName'])}-logs")


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what cannot be read or run into PackageRefused."""
    try:
        yield
    except PackageInvalid as error:
        raise PackageRefused(f"The package cannot be used: {error.reason}.") from error
    except (UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise PackageRefused(f"The package cannot be read: {error}") from error
    except (ValueError, KeyError, OSError) as error:
        raise PackageRefused(f"The package cannot be unpacked: {error}") from error


def _require(content: bytes, *names: str) -> None:
    """Raise PackageRefused if the package lacks one of these files."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        there = package.namelist()
    if missing := [name for name in names if name not in there]:
        raise PackageRefused(f"The package is missing {', '.join(missing)}.")


def _schema(content: bytes, type_name: str) -> str:
    """Return the text of a package's schema. Raises PackageRefused if it breaks a rule."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        schema = package.read(SCHEMA).decode()
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
