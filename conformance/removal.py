"""Removes what checks created, and what killed runs left behind."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from enum import Enum, auto
from functools import partial
from typing import Any, get_args

from botocore.exceptions import BotoCoreError, ClientError

from conformance.aws import PREFIX, Aws, Kind, Thing
from conformance.expectations import BeliefBroken

#: A run never has anything that is older than this. What is older was left by a killed run.
LEFTOVER = timedelta(hours=1)
#: The order in which things can be removed: stacks and schedules use definitions, and a template
#: may still be reading one.
ORDER: tuple[Kind, ...] = get_args(Kind)


class NotRemoved(Exception):
    """Something could not be removed; the message names it."""


class Deletion(Enum):
    """The result of an attempt to delete."""

    DONE = auto()
    OF_NOTHING = auto()
    REFUSED = auto()


def clean_up(aws: Aws) -> None:
    """Remove everything that was given a name since the last call.

    Raises NotRemoved if something is left.
    """
    with aws.uninterrupted():
        _remove(aws, aws.hand_over())


def sweep(aws: Aws) -> list[str]:
    """Remove what this run or a killed one left behind, and return the names.

    Raises NotRemoved if something is left.
    """
    with aws.uninterrupted():
        left = [
            Thing(kind, str(name))
            for kind, name, created in _all_with_our_prefix(aws)
            if _is_leftover(aws, str(name), created)
        ]
        _remove(aws, left)
    return [thing.name for thing in left]


def _all_with_our_prefix(aws: Aws) -> Iterator[tuple[Kind, Any, datetime]]:
    """Everything that has a name like ours: its kind, its name, and when it was created."""
    sagemaker, cloudformation = aws.sagemaker, aws.cloudformation
    of_ours = {"NameContains": f"{PREFIX}-", "PaginationConfig": {"PageSize": 100}}
    operation = sagemaker.get_paginator("list_model_quality_job_definitions")
    for each in _all(operation.paginate(**of_ours), "JobDefinitionSummaries"):
        yield "definition", each["MonitoringJobDefinitionName"], each["CreationTime"]
    if not aws.lacks("schedule"):
        operation = sagemaker.get_paginator("list_monitoring_schedules")
        for each in _all(operation.paginate(**of_ours), "MonitoringScheduleSummaries"):
            yield "schedule", each["MonitoringScheduleName"], each["CreationTime"]
    if not aws.lacks("stacks"):
        operation = cloudformation.get_paginator("describe_stacks")
        for each in _all(operation.paginate(), "Stacks"):
            yield "stack", each["StackName"], each["CreationTime"]
    if not aws.lacks("generator"):
        operation = cloudformation.get_paginator("list_generated_templates")
        for each in _all(operation.paginate(), "Summaries"):
            yield "template", each["GeneratedTemplateName"], each["CreationTime"]


def _all(pages: Iterable[Any], member: str) -> Iterator[Any]:
    return (each for page in pages for each in page[member])


def _is_leftover(aws: Aws, name: str, created: datetime) -> bool:
    if name.lower().startswith(f"{aws.prefix}-"):
        return True
    ours = re.match(rf"{PREFIX}-[0-9a-f]{{12}}-.", name, re.IGNORECASE)
    return bool(ours) and datetime.now(timezone.utc) - created > LEFTOVER


def _remove(aws: Aws, things: Iterable[Thing]) -> None:
    ordered = sorted(things, key=lambda thing: ORDER.index(thing.kind))
    left = [thing.name for thing in ordered if not _removed(aws, thing)]
    if left:
        raise NotRemoved(", ".join(left))


def _removed(aws: Aws, thing: Thing) -> bool:
    """Remove a thing, and return whether it is gone."""
    sagemaker, name = aws.sagemaker, thing.name
    try:
        if thing.kind == "stack":
            _remove_stack(aws, name)
        elif thing.kind == "template":
            # It cannot be deleted while it is being generated.
            delete = partial(
                aws.cloudformation.delete_generated_template, GeneratedTemplateName=name
            )
            aws.eventually(lambda: _delete(delete) is not Deletion.REFUSED, lambda: "there")
        elif thing.kind == "schedule":
            # AWS shows a schedule for some time after its deletion.
            delete = partial(sagemaker.delete_monitoring_schedule, MonitoringScheduleName=name)
            aws.eventually(lambda: _delete(delete) is Deletion.OF_NOTHING, lambda: "there")
        else:
            delete = partial(sagemaker.delete_model_quality_job_definition, JobDefinitionName=name)
            aws.eventually(lambda: _delete(delete) is not Deletion.REFUSED, lambda: "there")
    except (BeliefBroken, BotoCoreError, ClientError):
        return False
    return True


def _remove_stack(aws: Aws, name: str) -> None:
    described = aws.stack(name)
    if not described:
        return
    stack_id = str(described["StackId"])
    # A stack cannot be deleted during an update.
    aws.rest(stack_id)
    if aws.delete_stack(stack_id) != "DELETE_COMPLETE":
        raise BeliefBroken("still there")


def _delete(delete: Callable[[], Any]) -> Deletion:
    """Try to delete.

    AWS rejects that for a definition in use, a Pending schedule, and a template in progress.
    """
    try:
        delete()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("ResourceNotFound", "GeneratedTemplateNotFound"):
            return Deletion.OF_NOTHING
        if code not in ("ResourceInUse", "ValidationException", "ConcurrentResourcesLimitExceeded"):
            raise
        return Deletion.REFUSED
    return Deletion.DONE
