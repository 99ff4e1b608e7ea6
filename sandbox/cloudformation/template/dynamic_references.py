"""Dynamic references: `{{resolve:service:key}}` in the text of a property.

This module finds, checks and replaces them. `stored_values` reads what they refer to.

Sources: CloudFormation user guide, "Get values stored in other services using dynamic references"
and the pages on each service. The messages, and that a malformed reference refuses the request: the
tests T6 and T8 that guide/evidence.md lists as CFC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudformation.errors import ValidationError

_REFERENCE = re.compile(r"\{\{resolve:[^{}]*\}\}")
_LOOKS_LIKE_ONE = re.compile(r"\{\{\s*resolve\s*:[^{}]*\}\}")
_STORED_PARAMETER = re.compile(r"(?P<name>[a-zA-Z0-9_.\-/]+)(:(?P<version>[0-9]{1,18}))?")
_ARN_OF_SECRET = re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]*")
_SERVICES = ("ssm", "ssm-secure", "secretsmanager")

SSM_SECURE_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "AWS::DirectoryService::MicrosoftAD": ("Password",),
    "AWS::DirectoryService::SimpleAD": ("Password",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::IAM::User": ("LoginProfile/Password",),
    "AWS::KinesisFirehose::DeliveryStream": ("RedshiftDestinationConfiguration/Password",),
    "AWS::OpsWorks::App": ("AppSource/Password",),
    "AWS::OpsWorks::Stack": ("CustomCookbooksSource/Password", "RdsDbInstances/DbPassword"),
    "AWS::RDS::DBCluster": ("MasterUserPassword",),
    "AWS::RDS::DBInstance": ("MasterUserPassword",),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
}
"""Where `ssm-secure` may stand: the properties of each type, without the indices of lists.

CloudFormation user guide, "Get a secure string value from Systems Manager Parameter Store".
"""


@dataclass(frozen=True)
class StoredParameter:
    """A reference to a parameter of Parameter Store. version: None for the latest one."""

    text: str
    name: str
    version: int | None
    is_secure: bool


@dataclass(frozen=True)
class StoredSecret:
    """A reference to a secret. json_key: None for the whole secret.

    stage, version_id: which version; None for AWSCURRENT.
    """

    text: str
    secret_id: str
    json_key: str | None
    stage: str | None
    version_id: str | None
    is_secure: bool = True


DynamicReference = StoredParameter | StoredSecret


def parse_reference(text: str) -> DynamicReference:
    """Return what a reference says. text: the whole reference, with its braces.

    Raises ValidationError if it is malformed or names another service.
    """
    service, _, key = text.removeprefix("{{resolve:").removesuffix("}}").partition(":")
    if service not in _SERVICES or not _REFERENCE.fullmatch(text):
        raise ValidationError(
            f"Template error: The dynamic reference {text} is malformed. It must have the form "
            "{{resolve:service:key}}, without spaces, and the service must be one of "
            f"[{', '.join(_SERVICES)}]."
        )
    if service == "secretsmanager":
        return _parse_secret(text, key)
    found = _STORED_PARAMETER.fullmatch(key)
    if found is None:
        raise ValidationError(f"Incorrect format is used in the following SSM reference: [{text}]")
    version = found["version"]
    return StoredParameter(
        text, found["name"], None if version is None else int(version), service == "ssm-secure"
    )


def _parse_secret(text: str, key: str) -> StoredSecret:
    arn = _ARN_OF_SECRET.match(key)
    secret_id = arn[0] if arn else key.partition(":")[0]
    rest = key[len(secret_id) :].removeprefix(":")
    content, json_key, stage, version_id, *more = [*rest.split(":"), *[""] * 3]
    if not secret_id or content not in {"", "SecretString"} or any(more):
        raise ValidationError(
            "Template error: Incorrect format is used in the following Secrets Manager reference: "
            f"[{text}]. It must have the form {{{{resolve:secretsmanager:secret-id:SecretString:"
            "json-key:version-stage:version-id}}."
        )
    return StoredSecret(text, secret_id, json_key or None, stage or None, version_id or None)


def contains(value: Any) -> bool:
    """Return whether a value has a dynamic reference in any text, so that it is not known yet."""
    return any(True for _ in references_in(value))


def references_in(value: Any) -> Iterator[str]:
    """Yield the text of each dynamic reference in a value, including malformed ones."""
    for _, text in _texts(value):
        yield from _LOOKS_LIKE_ONE.findall(text)


def substitute(value: Any, replacement: Callable[[str], str]) -> Any:
    """Return a value with each dynamic reference replaced.

    replacement: returns the text that stands for a reference; the reference itself to keep it.
    """
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: replacement(found[0]), value)
    if isinstance(value, Mapping):
        return {name: substitute(member, replacement) for name, member in value.items()}
    if isinstance(value, list):
        return [substitute(item, replacement) for item in value]
    return value


def misplaced(paths: Iterable[str]) -> ValidationError:
    """Return the error for the paths that `check_references` returns."""
    return ValidationError(f"SSM Secure reference is not supported in: [{','.join(paths)}]")


def check_references(type_name: str, properties: Mapping[str, Any]) -> list[str]:
    """Check the references in the properties of a resource.

    Returns the paths at which `ssm-secure` is used but not supported, as CloudFormation names
    them: a path ends at the innermost list around the reference.

    Raises ValidationError if a reference is malformed.
    """
    found_at = []
    for path, text in _texts(properties):
        for found in _LOOKS_LIKE_ONE.findall(text):
            reference = parse_reference(found)
            if isinstance(reference, StoredSecret) or not reference.is_secure:
                continue
            names = [name for name in path if isinstance(name, str)]
            if "/".join(names) not in SSM_SECURE_PROPERTIES.get(type_name, ()):
                inside = [place for place, name in enumerate(path) if isinstance(name, int)]
                around = path[: inside[-1]] if inside else path
                shown = [name for name in around if isinstance(name, str)]
                found_at.append("/".join((type_name, "Properties", *shown)))
    return found_at


def _texts(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each text in a value with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(member, (*path, str(name)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
