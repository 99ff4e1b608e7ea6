"""Zip files that depend only on their contents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can store
_READABLE = 0o100644 << 16  # a file that its owner can write and everybody can read
_UNIX = 3


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip file of ``files``, by name: the same bytes whenever and wherever it is made.

    A file that is itself a zip file is stored uncompressed. Only the compression can differ between
    machines, if their Pythons have different versions of zlib.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE
            stored = name.endswith(".zip")
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name], compresslevel=9)
    return buffer.getvalue()


def unpack(path: Path) -> dict[str, bytes]:
    """The files of a zip file, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
