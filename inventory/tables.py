"""The tables, by the names that statements give them."""

from __future__ import annotations

DEFINITIONS = "aws.sagemaker.model_quality_job_definitions"
"""The definitions as StackQL has them: the only table that can be written to."""

DEFINITIONS_OF_DATADOG = "aws.sagemaker_model_quality_job_definition"
"""The definitions as Datadog has them. Their region is one of their tags."""

SCHEDULES = "aws.sagemaker.monitoring_schedules"
ERRORS = "aws.sagemaker.errors"

TABLES = (DEFINITIONS, DEFINITIONS_OF_DATADOG, SCHEDULES, ERRORS)

WITH_REGION = {DEFINITIONS, SCHEDULES, ERRORS}
"""The tables that have a column `region`."""
