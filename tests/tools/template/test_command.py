"""`make template` against a sandbox: what it prints, where, and what it says when it cannot."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import yaml

from project import ROOT
from sandbox.process import environment
from tests.harness.processes import make, running
from tests.harness.provider import ACCOUNT, BATCH, MINIMUM, REGION
from tests.harness.sagemaker import EVERYTHING
from tests.harness.stacks import (
    SCRIPTS,
    TYPE_NAME,
    Clients,
    Stacks,
    description_of,
    everything,
    json_of,
    tags_of,
    template_of,
)
from tests.harness.templates import lint
from tools.template.__main__ import main

pytestmark = [pytest.mark.once]

ACME = "Acme::SageMaker::ModelQualityJobDefinition"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/"
LISTS = "aws sagemaker list-model-quality-job-definitions"
SECRET = "correct-horse-battery-staple"
Fault = Callable[..., AbstractContextManager[None]]


class Printed(NamedTuple):
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def resource(self) -> dict[str, Any]:
        """The one resource of the template."""
        [resource] = yaml.safe_load(self.out)["Resources"].values()
        return dict(resource)


Run = Callable[..., Printed]


@pytest.fixture
def run(
    sandbox_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs the command with the settings that the sandbox prints, and no more."""
    for name, value in environment(sandbox_url, {}).items():
        monkeypatch.setenv(name, value)

    def ran(*arguments: str) -> Printed:
        code = main([*arguments])
        said = capsys.readouterr()
        return Printed(code, said.out, said.err)

    return ran


Define = Callable[..., str]


@pytest.fixture
def define(aws: Clients) -> Iterator[Define]:
    """Makes a definition as a notebook does, and gives its name."""
    made: list[str] = []

    def defined(request: dict[str, Any] = MINIMUM, **members: Any) -> str:
        name = f"Notebook-{uuid.uuid4().hex[:12]}"
        named = {**request, **members, "JobDefinitionName": name}
        aws.sagemaker.create_model_quality_job_definition(**named)
        made.append(name)
        return name

    yield defined
    for name in made:
        aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)


@pytest.fixture
def fault(sandbox_url: str) -> Fault:
    """Has the sandbox answer an operation with a fault for a while."""
    url = f"{sandbox_url}/_sandbox/faults"

    @contextmanager
    def failing(operation: str, kind: str, service: str = "sagemaker") -> Iterator[None]:
        document = {"service": service, "operation": operation, "fault": kind, "calls": None}
        assert requests.post(url, json=document, timeout=5).ok
        try:
            yield
        finally:
            requests.delete(url, timeout=5)

    return failing


@pytest.mark.parametrize("inputs", ["EndpointInput", "BatchTransformInput"])
def test_what_it_prints_states_all_that_the_definition_has_and_deploys_under_another_name(
    run: Run, stacks: Stacks, inputs: str
) -> None:
    stated = everything(inputs)
    arn = stacks.create(template_of(stated)).physical_id()
    printed = run("--definition", arn)
    assert printed.code == 0
    # A read does not give it.
    del stated["EndpointName"]
    stated["Tags"].sort(key=lambda tag: tag["Key"])
    assert json_of(printed.resource) == json_of(
        {
            "Type": TYPE_NAME,
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": stated,
        }
    )

    name = stated["JobDefinitionName"]
    copied = printed.out.replace("Retain", "Delete").replace(name, f"{name}-copy")
    stack = stacks.create(copied)
    again = run("--definition", stack.physical_id())
    assert again.resource["Properties"] == {**stated, "JobDefinitionName": f"{name}-copy"}


def test_a_name_and_an_arn_give_the_same(run: Run, define: Define) -> None:
    name = define()
    by_name = run("--definition", name)
    assert by_name.code == 0
    assert by_name == run("--definition", f"{ARN}{name}")


@pytest.mark.parametrize("request_", [MINIMUM, BATCH], ids=["endpoint", "batch transform"])
def test_what_sagemaker_fills_in_has_a_comment(
    run: Run, define: Define, request_: dict[str, Any]
) -> None:
    printed = run("--definition", define(request_)).out
    commented = re.findall(r"# SageMaker fills this in.*\n *(\w+): ", printed)
    assert commented == [
        "S3InputMode",
        "S3DataDistributionType",
        "S3UploadMode",
        "MaxRuntimeInSeconds",
    ]


def test_cfn_lint_finds_nothing_in_what_it_prints(run: Run, define: Define, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    template = tmp_path / "template.yaml"
    template.write_text(run("--definition", define()).out, "utf-8")
    assert lint([template], tmp_path / "schemas") == []


def test_the_template_and_the_commands_have_the_type_and_the_logical_id_that_are_given(
    run: Run, define: Define
) -> None:
    printed = run("--definition", define(), "--type-name", ACME, "--logical-id", "Quality2")
    template = yaml.safe_load(printed.out)
    assert template["Resources"]["Quality2"]["Type"] == ACME
    assert f'"ResourceType": "{ACME}", "LogicalResourceId": "Quality2"' in printed.err


def test_a_definition_of_another_region_is_read_there(run: Run, sandbox_url: str) -> None:
    elsewhere = Clients(sandbox_url, "eu-west-1").sagemaker
    elsewhere.create_model_quality_job_definition(JobDefinitionName="abroad", **MINIMUM)
    try:
        printed = run("--definition", "abroad", "--region", "eu-west-1")
        assert printed.code == 0
        assert printed.err.count("--region eu-west-1 ") == 3
        assert "not found" in run("--definition", "abroad").err
        arn = f"{ARN}abroad".replace(REGION, "eu-west-1")
        assert run("--definition", arn) == Printed(
            1,
            "",
            f"The definition {arn} is in eu-west-1, not in {REGION}.\nAdd REGION=eu-west-1.\n",
        )
    finally:
        elsewhere.delete_model_quality_job_definition(JobDefinitionName="abroad")


@pytest.mark.parametrize(
    ("arguments", "says", "step"),
    [
        ([], "DEFINITION is missing.", LISTS),
        (["--definition", ""], "DEFINITION is missing.", LISTS),
        (["--definition", "absent"], "absent not found", f"{LISTS} --region {REGION}"),
        (["--definition", f"{ARN}absent"], "absent not found", f"{LISTS} --region {REGION}"),
        (["--definition", "two words"], "DEFINITION is 'two words', which is neither", LISTS),
        (
            ["--definition", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/churn"],
            "endpoint/churn', which is neither",
            LISTS,
        ),
        (
            ["--definition", f"{ARN}churn".replace(ACCOUNT, "210987654321")],
            f"in the account 210987654321, and the credentials are of {ACCOUNT}",
            "Use credentials of 210987654321",
        ),
        (
            ["--definition", f"{ARN}churn".replace("aws", "aws-cn", 1)],
            "(partition aws)",
            "Check DEFINITION",
        ),
        (["--definition", "churn", "--region", "mars"], "'mars'", "REGION=us-east-1"),
        (["--definition", "churn", "--logical-id", "a-b"], "LOGICAL_ID is 'a-b'", "LOGICAL_ID=Job"),
        (["--definition", "churn", "--logical-id", ""], "LOGICAL_ID is ''", "LOGICAL_ID=Job"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_the_next_step_in_another(
    run: Run, arguments: list[str], says: str, step: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert says in first
    assert step in second


def test_a_name_that_no_type_can_have_is_told_before_anything_is_read(run: Run) -> None:
    code, out, err = run("--definition", "churn", "--type-name", "Acme")
    assert (code, out) == (1, "")
    assert err.startswith("TYPE_NAME is 'Acme', which is not the name of a resource type.")


@pytest.mark.parametrize(
    ("variables", "says", "step"),
    [
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "Unable to locate", "Log in"),
        ({"AWS_SECRET_ACCESS_KEY": None}, "AWS_SECRET_ACCESS_KEY", "Log in"),
        ({"AWS_PROFILE": "nobody"}, "(nobody) could not be found", "Set AWS_PROFILE"),
        ({"AWS_DEFAULT_REGION": None}, "You must specify a region", "REGION=us-east-1"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"},
            "127.0.0.1:1",
            "Check REGION, AWS_PROFILE and AWS_ENDPOINT_URL",
        ),
    ],
)
def test_settings_that_lead_to_no_account_are_told_with_the_next_step(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str | None],
    says: str,
    step: str,
) -> None:
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    code, out, err = run("--definition", "churn")
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert says in first
    assert second.startswith(step) or step in second


@pytest.mark.parametrize(
    ("operation", "kind", "step"),
    [
        ("DescribeModelQualityJobDefinition", "access-denied", "Allow the action that it names"),
        ("ListTags", "access-denied", "Allow the action that it names"),
        ("DescribeModelQualityJobDefinition", "expired-credentials", "Log in"),
        ("DescribeModelQualityJobDefinition", "error-500", "If this may be temporary"),
    ],
)
def test_what_aws_refuses_is_told_with_the_next_step_and_without_what_the_definition_has(
    run: Run, define: Define, fault: Fault, operation: str, kind: str, step: str
) -> None:
    application = {**MINIMUM["ModelQualityAppSpecification"], "Environment": {"TOKEN": SECRET}}
    name = define(ModelQualityAppSpecification=application)
    with fault(operation, kind):
        code, out, err = run("--definition", name)
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert operation in first
    assert step in second
    assert SECRET not in err
    assert SECRET in run("--definition", name).out


def test_credentials_that_sts_does_not_accept_are_told(run: Run, fault: Fault) -> None:
    with fault("GetCallerIdentity", "expired-credentials", "sts"):
        code, out, err = run("--definition", "churn")
    assert (code, out) == (1, "")
    assert "GetCallerIdentity" in err.splitlines()[0]
    assert err.splitlines()[1].startswith("Log in")


@pytest.mark.parametrize("request_", [MINIMUM, EVERYTHING], ids=["minimum", "everything"])
def test_the_commands_that_it_prints_import_the_definition_as_it_is_and_without_drift(
    run: Run,
    aws: Clients,
    stacks: Stacks,
    define: Define,
    sandbox_url: str,
    tmp_path: Path,
    request_: dict[str, Any],
) -> None:
    name = define(request_, Tags=[{"Key": "Team", "Value": "churn"}])
    before = description_of(aws, f"{ARN}{name}")
    printed = run("--definition", name)
    (tmp_path / "template.yaml").write_text(printed.out, "utf-8")
    commands = printed.err[printed.err.index("aws cloudformation") :].partition("\n\n")[0]
    pasted = subprocess.run(
        ["bash", "-c", commands],
        cwd=tmp_path,
        env={**environment(sandbox_url), "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (pasted.returncode, pasted.stderr) == (0, "")
    [found] = aws.cloudformation.describe_stacks(StackName=name)["Stacks"]
    stack = stacks.adopt(found["StackId"])
    stack.rest("IMPORT_COMPLETE")
    assert stack.physical_id() == f"{ARN}{name}"
    assert description_of(aws, f"{ARN}{name}") == before
    assert tags_of(aws, f"{ARN}{name}") == {"Team": "churn"}
    drift = aws.cloudformation.detect_stack_resource_drift(
        StackName=name, LogicalResourceId="JobDefinition"
    )["StackResourceDrift"]
    assert drift["StackResourceDriftStatus"] == "IN_SYNC"


def test_make_prints_nothing_but_the_template_to_standard_output(
    run: Run, define: Define, sandbox_url: str
) -> None:
    name = define()
    variables = [
        f"DEFINITION={name}",
        f"REGION={REGION}",
        f"TYPE_NAME={ACME}",
        "LOGICAL_ID=Quality",
    ]
    expected = run(
        *("--definition", name, "--region", REGION),
        *("--type-name", ACME, "--logical-id", "Quality"),
    )
    with running(make("template", *variables), ROOT, environment(sandbox_url)) as started:
        assert started.end(within=60) == 0
    assert started.printed == expected.out
    assert started.errors().endswith(expected.err)


def test_what_works_in_accounts_does_without_moto() -> None:
    program = (
        "import sys, tools.template.__main__; from tools.template.definition import provider; "
        "provider().invoke({}); "
        "print([name for name in sys.modules if name.partition('.')[0] == 'moto'])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "[]\n"
