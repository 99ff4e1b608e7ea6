"""What .rpdk-config, the settings file of the CloudFormation CLI, says about the project."""

from __future__ import annotations

import json
from pathlib import Path

from project import ROOT
from project.package_files import SETTINGS
from project.type_name import hyphenated


def type_name(root: Path = ROOT) -> str:
    """The name of the project's type, such as AWS::SageMaker::ModelQualityJobDefinition."""
    settings: dict[str, str] = json.loads((root / SETTINGS).read_text("utf-8"))
    return settings["typeName"]


def schema_path(root: Path = ROOT) -> Path:
    """The path of the schema, which the CLI looks for under the type's name."""
    return root / f"{hyphenated(type_name(root))}.json"
