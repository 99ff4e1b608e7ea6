"""Read what parameters and dynamic references refer to: Parameter Store and Secrets Manager.

The values are those of moto's backends, in the account and region of the stack.
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import Parameter, ssm_backends

from sandbox.cloudformation.template.dynamic_references import (
    DynamicReference,
    StoredParameter,
    StoredSecret,
)
from sandbox.hosting.place import Place
from sandbox.hosting.scalars import text
from sandbox.moto_seams import MOTO_LOCK


class NoValue(Exception):
    """A dynamic reference leads nowhere. The message names it, in CloudFormation's words."""


def stored_parameter(place: Place, name: str) -> Parameter | None:
    """Return a parameter of Parameter Store, or None.

    name: may end with a colon and a version. CloudFormation does not support labels.
    """
    _, colon, version = name.rpartition(":")
    if colon and not name.startswith("arn:") and not version.isdigit():
        return None
    with MOTO_LOCK:
        try:
            return ssm_backends[place.account_id][place.region].get_parameter(name)
        except ServiceException:  # there is no such version
            return None


def value_of(reference: DynamicReference, place: Place) -> str:
    """Return the value that a reference stands for.

    Raises NoValue if there is none.
    """
    if isinstance(reference, StoredParameter):
        return _value_of_parameter(reference, place)
    return _value_of_secret(reference, place)


def _value_of_parameter(reference: StoredParameter, place: Place) -> str:
    version = "" if reference.version is None else f":{reference.version}"
    found = stored_parameter(place, f"{reference.name}{version}")
    if found is None:
        prefix = "ssm-secure" if reference.is_secure else "ssm"
        raise NoValue(f"Parameters: [{prefix}:{reference.name}{version}] cannot be found.")
    if found.parameter_type == "SecureString" and not reference.is_secure:
        raise NoValue(f"Non-secure ssm prefix was used for secure parameter {reference.name}")
    return found.decrypt(found.value) or ""


def _value_of_secret(reference: StoredSecret, place: Place) -> str:
    account_id, region = place.account_id, place.region
    if reference.secret_id.startswith("arn:"):
        region, account_id = reference.secret_id.split(":")[3:5]
    try:
        backend = secretsmanager_backends[account_id][region]
    except KeyError:
        raise NoValue(f"There is no region {region}. (Reference: {reference.text})") from None
    try:
        with MOTO_LOCK:
            found = backend.get_secret_value(
                reference.secret_id,
                reference.version_id,  # type: ignore[arg-type]  # moto takes None for none
                reference.stage,  # type: ignore[arg-type]
            )
    except JsonRESTError as error:
        words = " ".join(str(error.message).split())
        raise NoValue(
            f"{words} (Service: AWSSecretsManager; Status Code: 400; Error Code: "
            f"{error.error_type}; Reference: {reference.text})"
        ) from None
    secret = found.get("SecretString")
    if secret is None:
        raise NoValue(f"The secret has no SecretString. (Reference: {reference.text})")
    if reference.json_key is None:
        return str(secret)
    return _member(secret, reference)


def _member(secret: str, reference: StoredSecret) -> str:
    try:
        members: Any = json.loads(secret)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise NoValue(f"Could not parse SecretString JSON (Reference: {reference.text})")
    value = members.get(reference.json_key)
    if value is None:
        raise NoValue(
            f"Could not find a value associated with JSONKey in SecretString "
            f"(Reference: {reference.text})"
        )
    return text(value)
