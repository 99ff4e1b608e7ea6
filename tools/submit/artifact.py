"""What gets registered: a package that carries its checksum, and a first template that uses it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from project.package_files import SCHEMA
from tools.packaging import archive

STAMP = "Package with the sha256 {}"

TO_CHOOSE = {
    ("RoleArn",): ("RoleArn", "The role that the monitoring jobs run as."),
    ("ImageUri",): (
        "ImageUri",
        "Model Monitor's image. Each region has another; see ModelMonitorRegistry in examples/.",
    ),
    ("ProblemType",): (
        "ProblemType",
        "What the model predicts: Regression, BinaryClassification or MulticlassClassification.",
    ),
    ("EndpointName",): (
        "EndpointName",
        "The endpoint to monitor. It has to capture its requests and responses.",
    ),
    ("EndpointInput", "InferenceAttribute"): (
        "InferenceAttribute",
        "Where the prediction is in the endpoint's responses: of CSV the column, such as 0.",
    ),
    ("GroundTruthS3Input", "S3Uri"): (
        "GroundTruth",
        "Where you put the labels, such as s3://bucket/ground-truth.",
    ),
    ("S3Output", "S3Uri"): ("Reports", "Where the reports go, such as s3://bucket/reports."),
}
"""Properties whose values only the user knows, by the end of their path. For each: the parameter
that the first template has for it, and the parameter's description."""


@dataclass(frozen=True)
class Artifact:
    """What is to be registered: the package of `make package`, and the project it was made from."""

    type_name: str
    package: Path
    project: Path

    @cached_property
    def content(self) -> bytes:
        """The bytes of the package."""
        return self.package.read_bytes()

    @cached_property
    def digest(self) -> str:
        """The package's sha256, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def stamp(self) -> str:
        """The comment that marks a registered schema as belonging to this package."""
        return STAMP.format(self.digest)

    @cached_property
    def stamped(self) -> bytes:
        """The package with the stamp in its schema, which is what gets uploaded."""
        files = archive.unpack(self.package)
        schema = {"$comment": self.stamp, **json.loads(files[SCHEMA])}
        return archive.pack({**files, SCHEMA: json.dumps(schema, indent=4).encode()})

    @property
    def first_template(self) -> str:
        """A template made of the shortest input that the contract tests create resources from.

        Values that only the user knows become parameters. The input's tags are left out.
        """
        inputs = [path.read_text("utf-8") for path in self.project.glob("inputs/*_create.json")]
        parameters: dict[str, Any] = {}
        properties = _parametrized(json.loads(min(inputs, key=len)), (), parameters)
        properties.pop("Tags", None)
        # SageMaker's default is an hour, which an hourly schedule refuses.
        properties.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": 1800})
        resource = {"Type": self.type_name, "Properties": properties}
        template = {"Resources": {"JobDefinition": resource}}
        if parameters:
            template = {"Parameters": parameters, **template}
        return yaml.safe_dump(template, sort_keys=False, width=80)


def _parametrized(value: Any, path: tuple[str, ...], parameters: dict[str, Any]) -> Any:
    """``value``, which is at ``path``, with references to parameters, which are added."""
    for end, (name, description) in TO_CHOOSE.items():
        if path[-len(end) :] == end:
            parameters[name] = {"Type": "String", "Description": description}
            return {"Ref": name}
    if isinstance(value, dict):
        return {
            key: _parametrized(member, (*path, key), parameters) for key, member in value.items()
        }
    if isinstance(value, list):
        return [_parametrized(item, path, parameters) for item in value]
    return value
