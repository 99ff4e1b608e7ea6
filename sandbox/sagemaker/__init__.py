"""SageMaker's model quality job definitions and monitoring schedules, as strict as the service.

moto answers for the rest of SageMaker. What it lacks in this area (limits, BatchTransformInput,
tags that replace, paging, schedules) is here, in a small service of its own:

    app.py          the wire: a JSON service in front of moto
    service.py      one call of an operation: validate it, find the account and region, do it
    definitions.py  rules of job definitions that botocore's model does not have
    schedules.py    rules of monitoring schedules
    executions.py   executions and alerts of schedules, of which there are none
    tagging.py      rules of tags
    endpoints.py    whether an endpoint exists
    listing.py      filters, sort orders, pages and their tokens
    store.py        the resources of each account and region
    errors.py       the errors that are SageMaker's own
"""

from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker.app import SageMakerApp
from sandbox.sagemaker.service import SageMakerService

__all__ = ["SageMakerApp", "SageMakerService", "ServiceError"]
