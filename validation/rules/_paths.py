"""Where the container of a job finds its data, and where it writes."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, normpath

from ._inputs import inputs
from ._resources import beginning, equal, shown
from ._rule import DefinitionRule, Finding, finding
from ._values import Value

PROCESSING_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-input-and-output.html"
ROOT = "/opt/ml/processing/"
_OUTPUTS = ("ModelQualityJobOutputConfig", "MonitoringOutputs", "*", "S3Output", "LocalPath")


def _inputs(properties: Value) -> Iterator[Value]:
    for _, each in inputs(properties):
        yield from each.written("LocalPath")


class ProcessingPath(DefinitionRule):
    """A path elsewhere in the container."""

    id = "E9510"
    shortdesc = f"LocalPath begins with {ROOT}"
    description = (
        "Model Monitor runs processing jobs. Their inputs and outputs must have paths in the "
        f"container that begin with {ROOT}, or no run can start."
    )
    source_url = PROCESSING_GUIDE
    background = """\
The guide says so of both inputs and outputs, and the
[API's reference](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingS3Input.html)
of the inputs of a processing job. A definition itself may have any path.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each path that is elsewhere."""
        for written in (*_inputs(properties), *properties.written(*_OUTPUTS)):
            for path in written.resolved():
                text = shown(path)
                if text is None or _may_be_inside(text, path):
                    continue
                name = basename(_normal(text))
                unusable = name in ("", ".", "..", "processing") or "${Fn::" in name
                better = "input" if unusable else name
                message = f"LocalPath {text!r} is outside of {ROOT}; use {ROOT}{better}"
                yield finding(path, message)


def _may_be_inside(text: str, path: Value) -> bool:
    start = text if path.known else beginning(text)
    if start != text and ROOT.startswith(start):
        return True
    return text.startswith(ROOT) and f"{_normal(text)}/".startswith(ROOT)


def _normal(text: str) -> str:
    """Return a path without what does not change its meaning.

    Where a reference is in it, ".." may take back more than one name.
    """
    return text if "${" in text and ".." in text else normpath(text)


class DistinctPaths(DefinitionRule):
    """One path for input and output."""

    id = "W9511"
    shortdesc = "Input and output have different paths"
    description = (
        "A processing job whose input and output have the same path in the container is refused. "
        "Even if it were not, the input would be uploaded as output."
    )
    source_url = "https://github.com/aws/sagemaker-python-sdk/issues/1950"
    background = """\
The issue reports that a processing job is refused. A definition is not: an
[integration test](https://github.com/aws/sagemaker-python-sdk/blob/v2.240.0/tests/integ/test_clarify_model_monitor.py)
of the SDK creates one for bias with one path for both, and does not check how its run ends. Of a
path within the other nothing is on record, so that is not judged.
"""

    def findings(self, properties: Value) -> Iterator[Finding]:
        """Yield a finding for each output that has the path of an input."""
        for source in _inputs(properties):
            for written in properties.written(*_OUTPUTS, given=source):
                for target in equal(source, written, meaning=_normal):
                    message = (
                        f"LocalPath {shown(target)!r} is the path of the input as well; choose "
                        "another directory for the output"
                    )
                    yield finding(target, message)
