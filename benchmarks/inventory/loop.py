"""All definitions of some regions with their tags, as most scripts read them with boto3.

    python -m benchmarks.inventory.loop REGION...

It prints the definitions as JSON, and on standard error the seconds of its calls.
"""

from __future__ import annotations

import json
import sys
import time

import boto3


def main() -> None:
    """Read one region after another, and one definition after another."""
    started = time.perf_counter()
    definitions = []
    for region in sys.argv[1:]:
        sagemaker = boto3.client("sagemaker", region_name=region)
        pages = sagemaker.get_paginator("list_model_quality_job_definitions")
        for page in pages.paginate(PaginationConfig={"PageSize": 100}):
            for summary in page["JobDefinitionSummaries"]:
                definition = sagemaker.describe_model_quality_job_definition(
                    JobDefinitionName=summary["MonitoringJobDefinitionName"]
                )
                tags = sagemaker.list_tags(ResourceArn=definition["JobDefinitionArn"])["Tags"]
                del definition["ResponseMetadata"]
                definitions.append({"Region": region, **definition, "Tags": tags})
    print(time.perf_counter() - started, file=sys.stderr)
    json.dump(definitions, sys.stdout, default=str)


if __name__ == "__main__":
    main()
