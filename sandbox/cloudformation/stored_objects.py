"""Read templates and packages from the sandbox's S3."""

from __future__ import annotations

import re
from urllib.parse import urlparse

from moto.s3.models import s3_backends

from sandbox.cloudformation.errors import ValidationError
from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK


def object_at(place: Place, url: str) -> bytes:
    """Return the content of an S3 object.

    url: an s3:// URL, or a path-style or virtual-hosted-style URL.

    Raises ValidationError if there is no such object.
    """
    parsed = urlparse(url)
    host, path = parsed.hostname or "", parsed.path.lstrip("/")
    if parsed.scheme == "s3":
        bucket, key = host, path
    elif host.endswith(".amazonaws.com") and not re.match(r"s3[.-]", host):
        bucket, key = re.split(r"\.s3[.-]", host)[0], path
    else:
        bucket, _, key = path.partition("/")
    try:
        with MOTO_LOCK:
            stored = s3_backends[place.account_id][place.partition].get_object(bucket, key)
    except Exception as error:  # noqa: BLE001  # moto raises many kinds of errors here
        raise ValidationError(f"S3 error: {error}") from None
    if stored is None:
        raise ValidationError(f"S3 error: The specified key does not exist: {url}")
    body: bytes = stored.value
    return body
