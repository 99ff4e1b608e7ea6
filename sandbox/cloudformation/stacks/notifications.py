"""The topics that a stack's events are sent to.

A topic has to exist when a request first names it. After that, no operation depends on it: updates
and deletions go on when it is gone (serverless/serverless pull 10620). The execution of a change
set is the exception there: it fails.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable

from moto.cloudformation.models import Event
from moto.sns.models import Topic, sns_backends

from sandbox.cloudformation.errors import ValidationError
from sandbox.hosting.place import Place
from sandbox.moto_seams import MOTO_LOCK

LOG = logging.getLogger(__name__)

# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
_TOPIC = re.compile(
    r"arn:[^:]+:sns:(?P<region>[^:]+):(?P<account>\d{12}):[-\w]{1,256}(\.fifo)?", re.ASCII
)


def check_topics(place: Place, named: Iterable[str], known: Collection[str] = ()) -> None:
    """Raise ValidationError, with SNS's error, if a topic that a request names is not there.

    known: topics that the stack has already. They may have been deleted since.
    """
    for arn in named:
        if arn in known:
            continue
        match = _TOPIC.fullmatch(arn)
        if match is None:
            # aws-samples/aws-marketplace-serverless-saas-integration issue 11, aws-cdk issue 20806
            raise _error(f"Invalid parameter: TopicArn Reason: not an ARN of a topic: {arn}")
        if match["region"] != place.region:
            # SNS looks for topics only in its own region: mozilla/security issue 8.
            raise _error(f"Invalid parameter: TopicArn Reason: a topic of another region: {arn}")
        if _topic(arn, match) is None:
            raise _error(f"Topic does not exist: {arn}", 404, "NotFound")


def notify(stack_name: str, topics: Iterable[str], event: Event) -> None:
    """Send an event to the topics. Whatever fails at it is logged, and harms no operation."""
    for arn in topics:
        match = _TOPIC.fullmatch(arn)
        if match is None or _topic(arn, match) is None:
            continue
        try:
            with MOTO_LOCK:
                event.sendToSns(match["account"], match["region"], [arn])
        except Exception as error:  # noqa: BLE001  # a subscriber can fail in any way
            LOG.warning("%s: could not notify %s: %s", stack_name, arn, type(error).__name__)


def _topic(arn: str, match: re.Match[str]) -> Topic | None:
    with MOTO_LOCK:
        topic: Topic | None = sns_backends[match["account"]][match["region"]].topics.get(arn)
    return topic


def _error(what: str, status: int = 400, code: str = "InvalidParameter") -> ValidationError:
    return ValidationError(
        f"{what} (Service: AmazonSNS; Status Code: {status}; Error Code: {code})"
    )
