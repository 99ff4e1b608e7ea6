"""SageMaker's model quality job definitions and monitoring schedules, as strict as the service.

moto answers for the rest of SageMaker. What it lacks in this area (limits, BatchTransformInput,
tags that replace, paging, schedules at all) is here, in a small service of its own:

    app.py             the wire: a WSGI application in front of moto's
    service.py         one call of an operation: validate, find the account and region, do it
    validation.py      what botocore's service model says of a request, in the service's words
    definitions.py     rules of job definitions that the model does not hold
    schedules.py       rules of monitoring schedules
    tagging.py         rules of tags
    endpoints.py       whether an endpoint is there, if anybody cares
    listing.py         filters, sort orders, pages and their tokens
    store.py           what there is, for each account and region
    errors.py          the one exception, which is what the wire carries
    cloudformation.py  AWS::SageMaker::MonitoringSchedule for moto's CloudFormation engine
"""

from sandbox.json_service.app import SageMakerApp
from sandbox.json_service.errors import ServiceError
from sandbox.sagemaker.service import SageMakerService

__all__ = ["SageMakerApp", "SageMakerService", "ServiceError"]
