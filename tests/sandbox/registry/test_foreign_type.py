"""A type that others wrote: submitted with the CLI, deployed, tested and removed."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import botocore
import pytest

from project import ROOT
from project.type_name import hyphenated
from sandbox.process import environment
from tests.harness.foreign_type import (
    EXPORT,
    NAMESPACE,
    SETUP,
    TYPE_NAME,
    write_project,
)
from tests.harness.processes import running
from tests.harness.registry import Registry
from tests.harness.stacks import SCRIPTS, Clients, Stacks
from tools.packaging.wheels import PURE_PYTHON, wheels

REGION = "ca-central-1"
CONFIGURATION = {"Namespace": NAMESPACE}
pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]


class Submitted(NamedTuple):
    """The registry that the type was submitted to, and the package that the CLI uploaded."""

    registry: Registry
    package: Path


@pytest.fixture(scope="module")
def submitted(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Submitted]:
    folder = tmp_path_factory.mktemp("foreign")
    project = write_project(folder / "project")
    aws = Clients(sandbox_url, REGION)
    answer = subprocess.run(
        [SCRIPTS / "cfn", "submit", "--set-default", "--region", REGION],
        cwd=project,
        env={
            **environment(sandbox_url),
            **PURE_PYTHON,
            "PIP_PYTHON_VERSION": "3.12",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": wheels(project / "requirements.txt").as_uri(),
            "AWS_DATA_PATH": str(quick_waiters(folder)),
            "PATH": f"{SCRIPTS}:/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer
    registry = Registry(aws, REGION)
    yield Submitted(registry, downloaded(aws, folder / "package.zip"))
    registry.api.deregister_type(Type="RESOURCE", TypeName=TYPE_NAME)


def quick_waiters(folder: Path) -> Path:
    """SDK data with which `cfn submit` looks every second instead of every 30 seconds."""
    data = Path(botocore.__file__).parent / "data/cloudformation/2010-05-15/waiters-2.json"
    waiters = json.loads(data.read_text())
    waiters["waiters"]["TypeRegistrationComplete"]["delay"] = 1
    quicker = folder / "sdk" / "cloudformation" / "2010-05-15"
    quicker.mkdir(parents=True)
    (quicker / "waiters-2.json").write_text(json.dumps(waiters))
    return folder / "sdk"


def downloaded(aws: Clients, path: Path) -> Path:
    """The package that the CLI has uploaded, at `path`."""
    [(bucket, key)] = [
        (bucket["Name"], stored["Key"])
        for bucket in aws.s3.list_buckets()["Buckets"]
        for stored in aws.s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ())
        if stored["Key"].startswith(hyphenated(TYPE_NAME))
    ]
    path.write_bytes(aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return path


def entry(content: str, **properties: Any) -> str:
    """A template with an entry, whose revision is an output."""
    resource = {"Type": TYPE_NAME, "Properties": {"Name": "é", "Content": content, **properties}}
    output = {"Revision": {"Value": {"Fn::GetAtt": ["Entry", "Revision"]}}}
    return json.dumps({"Resources": {"Entry": resource}, "Outputs": output})


def test_a_stack_creates_changes_and_deletes_a_resource_of_it(submitted: Submitted) -> None:
    aws, registry = submitted.registry.aws, submitted.registry
    ssm, stacks = aws.ssm, Stacks(aws)
    failed = stacks.create(entry("blue"), expect="ROLLBACK_COMPLETE")
    assert "Namespace is missing" in failed.reason("CREATE_FAILED", "Entry")
    registry.api.set_type_configuration(
        Type="RESOURCE",
        TypeName=TYPE_NAME,
        ConfigurationAlias="default",
        Configuration=json.dumps(CONFIGURATION),
    )

    stack = stacks.create(entry("blue 😀"), tags={"stage": "test"})
    assert stack.outputs == {"Revision": "1"}
    name = f"{NAMESPACE}/é"
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "blue 😀"

    tags = [{"Key": "team", "Value": "a"}]
    stack.update(entry("green", Tags=tags), tags={"stage": "live"})
    assert stack.outputs == {"Revision": "2"}
    listed = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    assert {tag["Key"]: tag["Value"] for tag in listed} == {"team": "a", "stage": "live"}

    stacks.clear()
    assert ssm.describe_parameters()["Parameters"] == []
    events = aws.logs.filter_log_events(logGroupName=f"{hyphenated(TYPE_NAME)}-logs")["events"]
    messages = [event["message"] for event in events]
    assert any("made é" in message for message in messages)
    assert any(message.startswith("REPORT RequestId: ") for message in messages)
    assert not any(NAMESPACE in message for message in messages)


def test_a_value_against_its_pattern_is_refused_with_the_pattern(submitted: Submitted) -> None:
    stacks = Stacks(submitted.registry.aws)
    stack = stacks.create(entry("blue", Name="no spaces"), expect="ROLLBACK_COMPLETE")
    wanted = "#/Name: string [no spaces] does not match pattern ^[\\p{javaLetterOrDigit}"
    assert wanted in stack.invalid()
    stacks.clear()


def test_the_lambda_endpoint_serves_the_registered_type(submitted: Submitted) -> None:
    event = {
        "action": "READ",
        "awsAccountId": "123456789012",
        "region": REGION,
        "resourceType": TYPE_NAME,
        "bearerToken": "token",
        "requestData": {
            "resourceProperties": {"Name": "none"},
            "typeConfiguration": CONFIGURATION,
            "callerCredentials": {
                "accessKeyId": "sandbox",
                "secretAccessKey": "sandbox",
                "sessionToken": "sandbox",
            },
        },
    }
    answer = getattr(submitted.registry.aws, "lambda").invoke(
        FunctionName="TypeFunction", Payload=json.dumps(event)
    )
    progress = json.loads(answer["Payload"].read())
    assert (progress["status"], progress["errorCode"]) == ("FAILED", "NotFound")
    assert TYPE_NAME in progress["message"]


def test_the_contract_tests_pass_with_what_it_needs_set_up(
    submitted: Submitted, tmp_path: Path
) -> None:
    setup, configuration = tmp_path / "setup.yaml", tmp_path / "configuration.json"
    setup.write_text(SETUP)
    configuration.write_text(json.dumps(CONFIGURATION))
    command = [sys.executable, "-m", "tools.contract", f"--package={submitted.package}"]
    options = [f"--setup={setup}", f"--type-configuration={configuration}"]
    with running([*command, *options], ROOT, {"COLUMNS": "200"}) as started:
        assert started.end(120) == 0, started.printed + started.errors()
        assert started.left_nothing()
    summaries = re.findall(r"^=+ (.* in [\d.]+s.*) =+$", started.printed, re.MULTILINE)
    assert len(summaries) == 1
    assert re.match(r"\d\d passed", summaries[0])
    assert " have passed, on every input set " in started.printed.splitlines()[-1]


def test_without_the_exports_that_its_inputs_name_no_contract_test_runs(
    submitted: Submitted,
) -> None:
    command = [sys.executable, "-m", "tools.contract", f"--package={submitted.package}"]
    with running(command, ROOT) as started:
        assert started.end(60) == 1
    assert started.errors().splitlines()[-1] == (
        "inputs/inputs_1_create.json names exports that the sandbox does not have: "
        f"{EXPORT}. Name a template with these exports: SETUP=template.yaml"
    )
