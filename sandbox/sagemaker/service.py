"""The service, without its protocol: one method that calls an operation by its name."""

import os
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, get_args

from sandbox.json_service.caller import Caller
from sandbox.json_service.constraints import checked
from sandbox.json_service.models import input_shape
from sandbox.sagemaker import definitions, endpoints, executions, schedules, tagging
from sandbox.sagemaker.kinds import KINDS
from sandbox.sagemaker.listing import Pages
from sandbox.sagemaker.store import ArnCase, Region, Store

Operation = Callable[[Region, dict[str, Any]], dict[str, Any] | None]

#: Sets the case of names in ARNs, unless SageMakerService gets an argument for it.
ARN_CASE_VARIABLE = "SANDBOX_SAGEMAKER_ARN_CASE"
#: Sets whether endpoints must exist, unless SageMakerService gets an argument for it.
ENDPOINTS_VARIABLE = "SANDBOX_SAGEMAKER_ENDPOINTS"


class SageMakerService:
    """Job definitions of all kinds, monitoring schedules and their tags. Thread-safe."""

    def __init__(
        self,
        arn_case: str | None = None,
        tags_page_size: int = tagging.MAX_TAGS,
        endpoints_are: str | None = None,
    ) -> None:
        """Start without any resources.

        arn_case: "kept" keeps the case of a name in its ARN, "lower" changes it to lower case.
            SageMaker has done both: lower for years, and kept recently (aws/sagemaker-experiments
            pull 172, boto3 issue 4606). The default is the environment variable
            SANDBOX_SAGEMAKER_ARN_CASE, or "kept" if that is not set.
        tags_page_size: the maximum number of tags in a page of ListTags, even if the request asks
            for more. With a small number, tests get several pages.
        endpoints_are: "checked" rejects a definition whose endpoint does not exist, as SageMaker
            does for a similar type (B29 of guide/assumptions.md). "assumed" accepts any endpoint.
            The default is the environment variable SANDBOX_SAGEMAKER_ENDPOINTS, or "assumed" if
            that is not set, so that a first template deploys in a sandbox without endpoints.

        Raises ValueError if arn_case or endpoints_are has another value.
        """
        case = _choice(
            "the case of names in ARNs is", get_args(ArnCase), arn_case, ARN_CASE_VARIABLE
        )
        treatment = _choice("endpoints are", endpoints.EXISTS, endpoints_are, ENDPOINTS_VARIABLE)
        self.store = Store(case)
        pages = Pages()
        #: The operations that are implemented here, by API name.
        self.operations: dict[str, Operation] = {
            "CreateMonitoringSchedule": schedules.create,
            "DescribeMonitoringSchedule": schedules.describe,
            "UpdateMonitoringSchedule": schedules.update,
            "DeleteMonitoringSchedule": schedules.delete,
            "StartMonitoringSchedule": schedules.start,
            "StopMonitoringSchedule": schedules.stop,
            "ListMonitoringSchedules": partial(schedules.list_page, pages=pages),
            "ListMonitoringExecutions": partial(executions.list_executions, pages=pages),
            "ListMonitoringAlerts": partial(executions.list_alerts, pages=pages),
            "ListMonitoringAlertHistory": partial(executions.list_alert_history, pages=pages),
            "UpdateMonitoringAlert": executions.update_alert,
            "AddTags": tagging.add_tags,
            "DeleteTags": tagging.delete_tags,
            "ListTags": partial(tagging.list_tags, pages=pages, page_size=tags_page_size),
        }
        for kind in KINDS:
            self.operations |= {
                f"Create{kind.api_name}": partial(
                    definitions.create, kind, endpoint_exists=endpoints.EXISTS[treatment]
                ),
                f"Describe{kind.api_name}": partial(definitions.describe, kind),
                f"Delete{kind.api_name}": partial(definitions.delete, kind),
                f"List{kind.api_name}s": partial(definitions.list_page, kind, pages=pages),
            }

    def call(self, caller: Caller, operation: str, request: Any) -> dict[str, Any] | None:
        """Carry out an operation, and return its output; None if it has no output.

        request: the JSON document as it was received. Times in the output are seconds since the
        epoch.

        Raises ServiceError if the service rejects the request.
        """
        accepted = checked(input_shape("sagemaker", operation), request)
        here = self.store.region(caller.account, caller.region)
        with here.lock:
            return self.operations[operation](here, accepted)


def _choice(what: str, choices: Collection[str], given: str | None, variable: str) -> Any:
    """Return the given choice, or the environment variable's, or the first one.

    Raises ValueError if it is not one of the choices.
    """
    choice = given or os.environ.get(variable) or next(iter(choices))
    if choice not in choices:
        raise ValueError(f"{what} {' or '.join(choices)}, not {choice!r}")
    return choice
