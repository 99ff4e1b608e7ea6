"""The resource types of SageMaker that the sandbox implements itself, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sandbox.cloudformation.resources.job_definition import JobDefinition
from sandbox.cloudformation.resources.monitoring_schedule import (
    MONITORING_SCHEDULE,
    MonitoringSchedule,
)
from sandbox.cloudformation.resources.resource_type import ResourceType
from sandbox.hosting.place import Place
from sandbox.sagemaker.kinds import SIBLINGS
from sandbox.sagemaker.service import SageMakerService


def sagemaker_types(service: SageMakerService) -> dict[str, Callable[[Place], ResourceType]]:
    """Return what creates each type for a place. All of them use the resources of `service`."""
    return {
        MONITORING_SCHEDULE: partial(MonitoringSchedule, service),
        **{
            f"AWS::SageMaker::{kind.api_name}": partial(JobDefinition, service, kind)
            for kind in SIBLINGS
        },
    }
