"""A forked sandbox shares nothing with another, and the forked AWS CLI does what `aws` does."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from sandbox.process import environment
from tests.harness.fork_servers import programs
from tests.harness.provider import MINIMUM
from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import SCRIPTS, Clients, Stacks, template_of

# Which Python forks makes no difference to what this tests.
pytestmark = pytest.mark.once


def run(program: Path, folder: Path, url: str, *arguments: str) -> tuple[int, str, str]:
    """What `aws` answers in a folder: its exit code, and what it prints."""
    done = subprocess.run(
        [program / "aws", *arguments],
        cwd=folder,
        env={**environment(url), "AWS_DEFAULT_REGION": "eu-west-1"},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_what_one_sandbox_holds_no_other_has_that_began_before_or_later() -> None:
    with running_sandbox() as before, running_sandbox() as one:
        stacks = Stacks(Clients(one))
        stacks.create(template_of(MINIMUM))
        with running_sandbox() as later:
            assert len({before, one, later}) == 3
            for other in (before, later):
                aws = Clients(other)
                assert aws.cloudformation.describe_stacks()["Stacks"] == []
                left = aws.sagemaker.list_model_quality_job_definitions()
                assert left["JobDefinitionSummaries"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["configure", "list"],
        ["cloudformation", "describe-stacks", "--query", "Stacks[].StackName", "--output", "text"],
        ["cloudformation", "describe-stacks", "--stack-name", "missing"],
        ["cloudformation", "validate-template", "--template-body", "file://template.yaml"],
        ["cloudformation", "validate-template", "--template-body", "file://missing.yaml"],
        ["sagemaker", "describe-model"],
        ["cloudformation", "help"],
    ],
    ids=" ".join,
)
def test_the_forked_aws_cli_answers_as_the_executable_does(
    arguments: list[str], sandbox_url: str, tmp_path: Path
) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {A: {Type: AWS::SNS::Topic}}", "utf-8")
    forked, own = (
        run(program, tmp_path, sandbox_url, *arguments) for program in (programs(), SCRIPTS)
    )
    assert forked == own


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_forked_aws_cli_ends_by_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [programs() / "aws", "sts", "get-caller-identity"],
            cwd=tmp_path,
            env=environment(url),
            stderr=subprocess.DEVNULL,
        )
        connection, _ = silent.accept()
        with connection:
            process.send_signal(number)
            assert process.wait(30)
            # Its end closes what it had open.
            while connection.recv(65536):
                pass
