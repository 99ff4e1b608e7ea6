"""Credentials for handlers, issued by the sandbox's STS.

Every service of the sandbox maps them to the account that they belong to.
"""

from __future__ import annotations

import time
from threading import Lock

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from sandbox.hosting.event import Credentials
from sandbox.hosting.hosted_type import HostedType
from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

SESSION_SECONDS = 3600
LOGGING_ROLE = "CloudFormationLogging"
"""The role that writes the logs of a type whose logging configuration names no role."""

Keys = dict[str, str]

_sessions: dict[tuple[str, str], tuple[float, Keys]] = {}
_sessions_lock = Lock()


def of_type(hosted: HostedType, place: Place) -> Credentials:
    """Credentials of the type's execution role and of the role that writes its logs."""
    name = hosted.type_name.replace("::", "-")
    role_arn = hosted.execution_role_arn or place.role_arn(f"{name}-ExecutionRole")
    return Credentials(of_role(place, role_arn), _logging(hosted, place))


def of_caller(hosted: HostedType, place: Place, keys: Keys) -> Credentials:
    """Credentials for a type without an execution role, from the caller of an operation.

    keys: those that the caller signed its request with, or those of the role that it named.
    """
    return Credentials(keys, _logging(hosted, place))


def of_access_key(place: Place, access_key_id: str, session_token: str | None) -> Keys:
    """The keys that a request was signed with. A signature shows only the access key id.

    Keys that the sandbox did not issue get a made-up secret: no service of the sandbox checks it.
    """
    with MOTO_LOCK:
        issued = iam_backends[place.account_id][place.partition].access_keys.get(access_key_id)
        secret = issued.secret_access_key if issued else "unknown"
    keys = {"accessKeyId": access_key_id, "secretAccessKey": secret}
    return {**keys, "sessionToken": session_token} if session_token else keys


def of_role(place: Place, role_arn: str) -> Keys:
    """Temporary credentials of a role: accessKeyId, secretAccessKey and sessionToken.

    A session is reused for half of its lifetime, as AWS does. This also keeps moto's list of
    sessions short, which moto searches linearly.
    """
    key = (role_arn, place.region)
    with _sessions_lock, MOTO_LOCK:
        until, keys = _sessions.get(key, (0.0, {}))
        issued = iam_backends[role_arn.split(":")[4]][place.partition].access_keys
        if time.monotonic() > until or keys["accessKeyId"] not in issued:
            role = sts_backends[place.account_id][place.partition].assume_role(
                region_name=place.region,
                role_session_name="AWSCloudFormation",
                role_arn=role_arn,
                policy="",
                duration=SESSION_SECONDS,
                external_id="",
            )
            keys = {
                "accessKeyId": role.access_key_id,
                "secretAccessKey": role.secret_access_key,
                "sessionToken": role.session_token,
            }
            _sessions[key] = (time.monotonic() + SESSION_SECONDS / 2, keys)
        return keys


def _logging(hosted: HostedType, place: Place) -> Keys:
    return of_role(place, hosted.log_role_arn or place.role_arn(LOGGING_ROLE))
