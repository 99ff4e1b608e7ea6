"""Templates as they are written: what cfn-lint says about them, and what is in them."""

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

from project import ROOT

SCHEMA = ROOT / "aws-sagemaker-modelqualityjobdefinition.json"
OF_AWS = "AWS::SageMaker::ModelQualityJobDefinition"


def lint(
    templates: list[Path],
    schema_directory: Path,
    regions: Sequence[str] = ("us-east-1", "eu-west-1"),
) -> list[dict[str, Any]]:
    """What cfn-lint has to say, informational findings included, as its JSON output has it.

    ``--registry-schemas`` takes a directory, reads every JSON file in it, and prefers a type found
    there to its own copy of AWS's schema, names that begin with ``AWS::`` included
    (cfnlint/schema/manager.py, ``get_resource_schema``).
    """
    shutil.copy(SCHEMA, schema_directory)
    finished = subprocess.run(
        [
            str(Path(sysconfig.get_path("scripts")) / "cfn-lint"),
            *("--registry-schemas", str(schema_directory)),
            *("--include-checks", "I"),
            *("--regions", *regions),
            *("--format", "json"),
            *("--template", *map(str, templates)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not finished.stderr, finished.stderr
    findings: list[dict[str, Any]] = json.loads(finished.stdout)
    return findings


def findings_under(type_name: str, templates: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """What cfn-lint has to say of templates that have the type under a name of its own.

    folder: an empty one to work in. cfn-lint checks a type only under a name that AWS has.
    """
    (folder / "schemas").mkdir()
    paths = [folder / f"{number}.template" for number in range(len(templates))]
    for path, template in zip(paths, templates, strict=True):
        path.write_text(template.replace(type_name, OF_AWS), "utf-8")
    return lint(paths, folder / "schemas")


def resources(example: Path, *types: str) -> dict[str, dict[str, Any]]:
    """The properties of an example's resources of the given types (of all types without), by id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in cfn_yaml.load(str(example))["Resources"].items()
        if not types or resource["Type"] in types
    }


def takes_an_hourly_schedule(properties: dict[str, Any]) -> bool:
    """Whether a definition states a time limit that an hourly schedule takes.

    Source: the service model's documentation of MonitoringStoppingCondition.MaxRuntimeInSeconds.
    """
    seconds: int = properties["StoppingCondition"]["MaxRuntimeInSeconds"]
    return seconds <= 1800
