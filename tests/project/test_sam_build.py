"""The other way that people know: `sam build` with template.yml, done by the real SAM CLI."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import ROOT
from project.environment import prepare
from sandbox.process import environment
from tests.harness.lambda_runtime import Runtime, invoke, runtime
from tests.harness.provider import MINIMUM, Provider, ScriptedAws, serving
from tools.packaging.lambda_python import lambda_python

# SAM builds with Lambda's Python, whichever runs the tests.
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def aws() -> Iterator[ScriptedAws]:
    with serving(ScriptedAws()) as serving_aws:
        yield serving_aws


@pytest.fixture(scope="module")
def builder() -> Runtime:
    """The Python that `sam build` builds with, and that runs what it built."""
    return runtime()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, builder: Runtime) -> Path:
    """A copy of what SAM needs of the project, for the Python that is to be had here."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("requirements.txt", "template.yml"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    template = copy / "template.yml"
    runtime = f"Runtime: python{builder.version}"
    template.write_text(
        template.read_text("utf-8").replace(f"Runtime: python{lambda_python()}", runtime), "utf-8"
    )
    return copy


def sam(project: Path, builder: Runtime, *arguments: str) -> str:
    """Run the SAM CLI in the project and give what it printed; it has to succeed."""
    folders = [str(prepare("sam")), str(builder.python.parent), *os.get_exec_path()]
    answer = subprocess.run(
        ["sam", *arguments, "--region", "us-east-1"],
        cwd=project,
        env={
            **environment("http://127.0.0.1:1"),
            "HOME": str(project),
            "PATH": os.pathsep.join(folders),
            "SAM_CLI_TELEMETRY": "0",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
    return answer.stdout


@pytest.fixture(scope="module")
def built(project: Path, builder: Runtime) -> Path:
    """The folder that `sam build` leaves: a template, and a folder for each function."""
    sam(project, builder, "build")
    return project / ".aws-sam" / "build"


def answers(
    built: Path, function: str, python: Path, environ: Mapping[str, str], *events: Any
) -> list[Any]:
    """The answers of a built function, run by a Python that has nothing but the built folder."""
    template = yaml.safe_load((built / "template.yaml").read_text("utf-8"))
    properties = template["Resources"][function]["Properties"]
    folder = built / properties["CodeUri"]
    return invoke(folder, properties["Handler"], python, environ, *events).answers


def test_sam_finds_nothing_wrong_with_the_template(project: Path, builder: Runtime) -> None:
    assert "is a valid SAM Template" in sam(project, builder, "validate", "--lint")


def test_what_sam_builds_is_for_the_runtime_that_it_names(built: Path, builder: Runtime) -> None:
    template = yaml.safe_load((built / "template.yaml").read_text("utf-8"))
    assert template["Globals"]["Function"]["Runtime"] == f"python{builder.version}"
    assert set(template["Resources"]) == {"TypeFunction", "TestEntrypoint"}


def test_the_built_type_function_creates_reads_and_deletes_with_nothing_else_on_its_path(
    built: Path, builder: Runtime, aws: ScriptedAws
) -> None:
    provider, environ = Provider(aws), environment(aws.url)
    arguments = built, "TypeFunction", builder.python, environ
    [created] = answers(*arguments, provider.event("CREATE", MINIMUM))
    assert created["status"] == "SUCCESS", created
    model = created["resourceModel"]
    read, deleted, gone = answers(
        *arguments, *(provider.event(action, model) for action in ("READ", "DELETE", "READ"))
    )
    assert read["resourceModel"] == model
    assert deleted["status"] == "SUCCESS", deleted
    assert (gone["status"], gone["errorCode"]) == ("FAILED", "NotFound")


def test_the_built_test_entrypoint_answers_an_event_that_holds_the_request_alone(
    built: Path, builder: Runtime, aws: ScriptedAws
) -> None:
    event = {
        "action": "LIST",
        "credentials": {"accessKeyId": "key", "secretAccessKey": "secret", "sessionToken": "token"},
        "region": "us-east-1",
        "request": {"clientRequestToken": "0c1f1d90", "desiredResourceState": {}},
    }
    [answer] = answers(built, "TestEntrypoint", builder.python, environment(aws.url), event)
    assert answer["status"] == "SUCCESS", answer
    assert answer["resourceModels"] == []
