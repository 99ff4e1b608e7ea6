"""SageMaker's job definitions and monitoring schedules, as strict as the service.

moto answers all other requests to SageMaker. What moto lacks for these resources (limits,
BatchTransformInput, replacing tags, paging, schedules) is implemented here:

    app.py          the protocol: a JSON service in front of moto
    service.py      one call of an operation: validates it and carries it out in its region
    kinds.py        the four kinds of job definition: model quality and its siblings
    definitions.py  rules of job definitions that botocore's model does not have
    schedules.py    rules of monitoring schedules
    executions.py   executions and alerts of schedules; the lists are always empty
    tagging.py      rules of tags
    tagging_api.py  the same resources in the Resource Groups Tagging API
    endpoints.py    whether an endpoint exists
    listing.py      filters, sort orders, pages and their tokens
    store.py        the resources of each account and region
    errors.py       the errors that are SageMaker's own
"""

from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker.app import SageMakerApp
from sandbox.sagemaker.service import SageMakerService
from sandbox.sagemaker.tagging_api import show_in_tagging_api

__all__ = ["SageMakerApp", "SageMakerService", "ServiceError", "show_in_tagging_api"]
