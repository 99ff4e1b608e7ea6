"""`make template` against a sandbox: what it prints, where, and what it says when it cannot."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import pytest
import requests
import yaml

from project import ROOT
from sandbox.process import environment
from tests.harness.portals import Answer, portal
from tests.harness.processes import make, running
from tests.harness.provider import ACCOUNT, BATCH, MINIMUM, REGION
from tests.harness.sagemaker import EVERYTHING
from tests.harness.sandboxes import running_sandbox
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
from tools.aws_failures import LOG_IN
from tools.caller import identified
from tools.own_handlers import provider
from tools.template.__main__ import main
from tools.template.definition import arn_of, read

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
    def failing(
        operation: str, kind: str, service: str = "sagemaker", calls: int | None = None
    ) -> Iterator[None]:
        document = {"service": service, "operation": operation, "fault": kind, "calls": calls}
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


def test_a_name_and_an_arn_in_any_case_give_the_same(run: Run, define: Define) -> None:
    name = define()
    by_name = run("--definition", name)
    assert by_name.code == 0
    assert f"# {ARN}{name}\n" in by_name.out
    assert by_name == run("--definition", f"{ARN}{name}")
    assert by_name == run("--definition", name.upper())
    assert by_name == run("--definition", f"{ARN}{name.lower()}")


def test_the_arn_is_spelled_as_sagemaker_spells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sandbox(variables={"SANDBOX_SAGEMAKER_ARN_CASE": "lower"}) as url:
        made = Clients(url).sagemaker.create_model_quality_job_definition(
            JobDefinitionName="Churn", Tags=[{"Key": "Team", "Value": "churn"}], **MINIMUM
        )["JobDefinitionArn"]
        assert made == f"{ARN}churn"
        for name, value in environment(url, {}).items():
            monkeypatch.setenv(name, value)
        hosted = provider()
        caller = identified(None)
        for given in ("Churn", "CHURN", f"{ARN}Churn"):
            arn = arn_of(given, caller, hosted)
            assert arn == made
        model = read(made, caller, hosted)
    assert (model["JobDefinitionName"], model["JobDefinitionArn"]) == ("Churn", made)
    assert model["Tags"] == [{"Key": "Team", "Value": "churn"}]


@pytest.mark.parametrize("request_", [MINIMUM, BATCH], ids=["endpoint", "batch transform"])
def test_what_sagemaker_fills_in_has_a_comment(
    run: Run, define: Define, request_: dict[str, Any]
) -> None:
    printed = run("--definition", define(request_)).out
    commented = re.findall(r"# SageMaker fills this in.*\n *(\w+):", printed)
    assert commented == [
        "S3InputMode",
        "S3DataDistributionType",
        "S3UploadMode",
        "StoppingCondition",
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
        assert printed.err.count("--region eu-west-1 ") == 5
        assert f"not found in {REGION}" in run("--definition", "abroad").err
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
        (
            ["--definition", "absent"],
            f"absent was not found in {REGION}",
            f"{LISTS} --region {REGION}",
        ),
        (["--definition", f"{ARN}absent"], "absent was not found", f"{LISTS} --region {REGION}"),
        (["--definition=-x"], "DEFINITION is '-x', which is neither", LISTS),
        (["--definition", "churn", "--region=-x"], "no region -x.", "REGION=us-east-1"),
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
            f"in the partition aws-cn, and {REGION} is in aws.",
            "Check DEFINITION",
        ),
        (["--definition", "churn", "--region", "mars"], "no region mars.", "REGION=us-east-1"),
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
            {"AWS_ENDPOINT_URL": "127.0.0.1:4566"},
            "A setting of the AWS SDK is invalid: Invalid endpoint: 127.0.0.1:4566",
            "An AWS_ENDPOINT_URL begins with http:// or https://.",
        ),
        (
            {"AWS_ENDPOINT_URL_SAGEMAKER": "nonsense"},
            "A setting of the AWS SDK is invalid: Invalid endpoint: nonsense",
            "An AWS_ENDPOINT_URL begins with http:// or https://.",
        ),
        ({"AWS_MAX_ATTEMPTS": "abc"}, "'abc'", "Fix the variable whose name begins with AWS_"),
        (
            {"AWS_ENDPOINT_URL_SAGEMAKER": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"},
            "127.0.0.1:1",
            "Check REGION, AWS_PROFILE and AWS_ENDPOINT_URL",
        ),
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
    first, second = err.splitlines()[:2]
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


@pytest.mark.parametrize("kind", ["throttle", "error-500"])
def test_without_a_sure_answer_about_the_tags_there_is_no_template(
    run: Run, define: Define, fault: Fault, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    name = define(Tags=[{"Key": "Team", "Value": "churn"}])
    # The handlers' read is denied the tags and succeeds without them.
    with fault("ListTags", "access-denied", calls=1), fault("ListTags", kind):
        code, out, err = run("--definition", name)
    assert (code, out) == (1, "")
    assert "ListTags" in err
    assert "If this may be temporary" in err


def test_tags_that_the_read_did_not_show_are_not_left_out(
    run: Run, define: Define, fault: Fault
) -> None:
    name = define(Tags=[{"Key": "Team", "Value": "churn"}])
    with fault("ListTags", "access-denied", calls=1):
        printed = run("--definition", name)
    assert printed == Printed(
        1,
        "",
        f"The definition {ARN}{name} has tags, and the handlers' read did not show them.\n"
        "Run it again.\n",
    )


def test_credentials_that_the_handlers_do_not_accept_are_told_in_words_that_fit(
    run: Run, define: Define, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = define()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "caf\u00e9")
    printed = run("--definition", name)
    says = "The credentials have no accessKeyId, or it is not printable ASCII text."
    assert printed == Printed(1, "", f"{says}\n{LOG_IN}\n")


def logged_out(url: str, operation: str) -> Answer:
    """Answers an operation of SageMaker with a page to log in, and passes all others on."""

    def answer(headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        if headers["X-Amz-Target"] == f"SageMaker.{operation}":
            return 200, b"<!doctype html><title>Log in</title>"
        return 200, requests.post(url, body, headers=headers, timeout=5).content

    return answer


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ("DescribeModelQualityJobDefinition", "The response did not come from SageMaker."),
        ("ListTags", "check what is between this machine and SageMaker, such as a proxy."),
    ],
)
def test_an_answer_that_is_not_sagemakers_is_told_to_come_from_something_in_between(
    run: Run,
    define: Define,
    sandbox_url: str,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    says: str,
) -> None:
    name = define()
    with portal(logged_out(sandbox_url, operation)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", url)
        code, out, err = run("--definition", name)
    assert (code, out) == (1, "")
    assert says in err.splitlines()[0]


def test_credentials_that_sts_does_not_accept_are_told(run: Run, fault: Fault) -> None:
    with fault("GetCallerIdentity", "expired-credentials", "sts"):
        code, out, err = run("--definition", "churn")
    assert (code, out) == (1, "")
    assert "GetCallerIdentity" in err.splitlines()[0]
    assert err.splitlines()[1].startswith("Log in")


def paste(printed: Printed, url: str, folder: Path, then: str = "") -> CompletedProcess[str]:
    """Run the printed commands that import, in a folder with the template. then: one more."""
    commands = printed.err[printed.err.index("CHANGE_SET=") :].partition("\n\n")[0]
    return subprocess.run(
        ["bash", "-c", f"{commands}\n{then}"],
        cwd=folder,
        env={**environment(url), "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_after_a_failed_import_the_same_commands_work_and_after_a_good_one_they_change_nothing(
    run: Run, aws: Clients, stacks: Stacks, define: Define, sandbox_url: str, tmp_path: Path
) -> None:
    name = define()
    printed = run("--definition", name)
    file = tmp_path / "definition.yaml"
    file.write_text(printed.out.replace("JobResources:", "JobResorces:"), "utf-8")
    [why] = re.findall(r"\naws cloudformation describe-change-set (?:.+\n)+", printed.err)
    failed = paste(printed, sandbox_url, tmp_path, then=why)
    assert "Waiter ChangeSetCreateComplete failed" in failed.stderr
    assert "Properties validation failed for resource JobDefinition" in failed.stdout
    [found] = aws.cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert found["StackStatus"] == "REVIEW_IN_PROGRESS"

    file.write_text(printed.out, "utf-8")
    assert paste(printed, sandbox_url, tmp_path).returncode == 0
    stack = stacks.adopt(found["StackId"])
    stack.rest("IMPORT_COMPLETE")

    again = paste(printed, sandbox_url, tmp_path)
    assert again.returncode != 0
    assert "at least one new resource to import" in again.stderr
    stack.rest("IMPORT_COMPLETE")


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
    (tmp_path / "definition.yaml").write_text(printed.out, "utf-8")
    pasted = paste(printed, sandbox_url, tmp_path)
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


@pytest.mark.parametrize(
    ("redirection", "variables", "expected"),
    [
        (">/dev/full", {}, "Could not write to standard output: No space left on device.\n"),
        ("| exec head -c 0", {}, None),
        ("", {"PYTHONIOENCODING": "ascii"}, None),
    ],
    ids=["full disk", "closed pipe", "ASCII"],
)
def test_what_cannot_be_written_is_told_in_one_sentence_and_everything_else_is_in_utf_8(
    define: Define,
    sandbox_url: str,
    redirection: str,
    variables: dict[str, str],
    expected: str | None,
) -> None:
    application = {**MINIMUM["ModelQualityAppSpecification"], "Environment": {"AT": "caf\u00e9"}}
    name = define(ModelQualityAppSpecification=application)
    command = f"exec {sys.executable} -m tools.template --definition {name} {redirection}"
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**environment(sandbox_url), **variables, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        check=False,
    )
    said = ended.stderr.decode()
    if expected:
        assert (ended.returncode, said) == (1, expected)
    else:
        assert ended.returncode == 0
        assert said.startswith("To import the definition")
        assert bool(redirection) or "AT: caf\u00e9" in ended.stdout.decode()


def test_ctrl_c_before_the_imports_are_done_leaves_no_traceback() -> None:
    program = """
import sys
from project.command_line import run
from tools.template.__main__ import main

class Interrupted:
    def find_spec(self, name, *_):
        if name == "boto3":
            raise KeyboardInterrupt

assert not {"boto3", "botocore", "yaml"} & sys.modules.keys()
sys.meta_path.insert(0, Interrupted())
sys.exit(run(main, ["--definition", "churn"]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "\nInterrupted.\n")


def test_what_works_in_accounts_does_without_moto() -> None:
    program = (
        "import sys, tools.template.command; from tools.own_handlers import provider; "
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
