"""``make sandbox`` as its user meets it: how it starts, what it prints, how it stops."""

import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from project import ROOT
from tests.harness.processes import (
    HOST,
    SOMEBODYS_PROXY,
    SOMEBODYS_SETTINGS,
    Running,
    answers,
    make,
    running,
)
from tests.harness.provider import MINIMUM
from tests.harness.stacks import SCRIPTS, TYPE_NAME, Clients, Stacks, definition_name, template_of


def ready(started: Running) -> Running:
    """The sandbox, once it has printed all of its instructions."""
    return started.until("Ctrl-C stops it")


def sandbox(port: int = 0) -> list[str]:
    return [sys.executable, "-m", "sandbox", "--port", str(port)]


@pytest.fixture(scope="module")
def sandbox_lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The lines to paste that a sandbox has printed."""
    with running(sandbox(), tmp_path_factory.mktemp("sandbox")) as started:
        yield re.findall(r"^ +(export .+)$", ready(started).printed, re.MULTILINE)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_when_it_says_ready_it_answers_what_it_is_and_what_it_serves(tmp_path: Path) -> None:
    with running(sandbox(), tmp_path) as started:
        health = ready(started).get("/_sandbox/health")
    version = (ROOT / "VERSION").read_text().strip()
    assert health["type"] == {"name": TYPE_NAME, "version": version}
    assert {"cloudformation", "iam", "lambda", "logs", "s3", "sagemaker", "sts"} <= {
        *health["services"]
    }


def test_it_is_reached_at_127_0_0_1_and_nowhere_else(tmp_path: Path) -> None:
    with running(sandbox(), tmp_path) as started:
        port = ready(started).port
        assert answers(HOST, port)
        # Addresses of this machine too, where a server on all interfaces answers.
        for host in ("127.0.0.2", "::1"):
            assert not answers(host, port)


@pytest.mark.parametrize("proxy", [{}, SOMEBODYS_PROXY], ids=["no-proxy", "proxy"])
def test_the_printed_lines_have_the_aws_cli_talk_to_it(
    tmp_path: Path, sandbox_lines: list[str], proxy: Mapping[str, str]
) -> None:
    aws = shlex.quote(str(SCRIPTS / "aws"))
    pasted = [
        *sandbox_lines,
        f"{aws} sts get-caller-identity --query Account --output text",
        f"{aws} sagemaker list-model-quality-job-definitions --query JobDefinitionSummaries",
    ]
    answer = subprocess.run(
        ["bash", "--noprofile", "--norc", "-ec", f"eval {shlex.quote(chr(10).join(pasted))}"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "AWS_MAX_ATTEMPTS": "1", **proxy},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.split() == ["123456789012", "[]"]


def test_the_printed_command_has_another_terminal_talk_to_it_whatever_was_set_there(
    tmp_path: Path,
) -> None:
    with running(sandbox(), tmp_path) as started:
        ready(started)
        [command] = re.findall(r'^    (eval "\$\(make -s env.*)$', started.printed, re.MULTILINE)
        answer = subprocess.run(
            [
                "bash",
                "--noprofile",
                "--norc",
                "-ec",
                f'{command}\necho "$AWS_ENDPOINT_URL,$AWS_PROFILE"',
            ],
            cwd=ROOT,
            env={
                "HOME": str(tmp_path),
                "PATH": os.environ["PATH"],
                "PYTHON": str(Path(sys.executable).resolve()),
                **SOMEBODYS_SETTINGS,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout == f"{started.url},\n"


def test_the_users_own_settings_do_not_disturb_it(tmp_path: Path) -> None:
    with running(sandbox(), tmp_path, SOMEBODYS_SETTINGS | SOMEBODYS_PROXY) as started:
        aws = Clients(ready(started).url)
        stack = Stacks(aws).create(template_of(MINIMUM))
        [definition] = aws.sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"]
        assert definition["MonitoringJobDefinitionArn"] == stack.physical_id()


def test_a_taken_port_is_one_line_that_says_so_and_how_to_choose_another(
    tmp_path: Path, taken_port: int
) -> None:
    with running(sandbox(taken_port), tmp_path) as started:
        assert started.process.wait(30) == 1
        [line] = started.errors().splitlines()
    assert f"Port {taken_port} " in line
    assert re.search(r"Choose another: PORT=\d+", line)


def test_a_port_that_is_none_is_one_line_that_says_so(tmp_path: Path) -> None:
    with running(sandbox(70_000), tmp_path) as started:
        assert started.process.wait(30) == 2
        [line] = started.errors().splitlines()
    assert line == "PORT=70000: a port is a number from 0 to 65535."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    with running(sandbox(), tmp_path) as started:
        # A connection that is kept open is no reason to go on.
        Clients(ready(started).url).sts.get_caller_identity()
        assert started.stop(number) == 0
        assert started.left_nothing()
        assert started.errors() == ""
        assert "stopped" not in started.printed
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_it_says_that_it_was_stopped() -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb", buffering=0) as screen:
        process = subprocess.Popen(sandbox(), cwd=ROOT, stdin=terminal, stdout=terminal)
        os.close(terminal)
        shown = b""
        try:
            while b"Ctrl-C stops it" not in shown:
                shown += screen.read(4096)
            process.send_signal(signal.SIGINT)
            while b"Sandbox stopped." not in shown:
                shown += screen.read(4096)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()


def test_a_signal_stops_it_with_a_stack_operation_under_way(tmp_path: Path) -> None:
    with running(sandbox(), tmp_path) as started:
        aws = Clients(ready(started).url)
        stack = Stacks(aws).create(template_of(MINIMUM))
        # The deletion of a definition that is in use is tried again, after pauses.
        aws.sagemaker.create_monitoring_schedule(
            MonitoringScheduleName="hourly",
            MonitoringScheduleConfig={
                "MonitoringJobDefinitionName": definition_name(stack.physical_id()),
                "MonitoringType": "ModelQuality",
            },
        )
        aws.cloudformation.delete_stack(StackName=stack.id)
        time.sleep(0.3)
        assert stack.status == "DELETE_IN_PROGRESS"
        assert started.stop(signal.SIGTERM) == 0
        assert started.left_nothing()
        assert started.errors() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_it_starts_stops_it(tmp_path: Path) -> None:
    with running(sandbox(), tmp_path) as started:
        time.sleep(0.5)
        started.process.terminate()
        # It is still importing: that can't be interrupted, but nothing goes on after it.
        started.process.wait(10)
        assert "Traceback" not in started.errors()


def test_make_sandbox_takes_a_port_and_stops_on_ctrl_c(free_port: int) -> None:
    with running(make("sandbox", f"PORT={free_port}"), ROOT) as started:
        assert ready(started).port == free_port
        assert started.get("/_sandbox/health")["status"] == "ready"
        started.stop(signal.SIGINT, to_all=True)
        assert started.left_nothing()
        assert "Traceback" not in started.errors()


def test_make_sandbox_takes_whether_endpoints_have_to_exist(free_port: int) -> None:
    switch = "SANDBOX_SAGEMAKER_ENDPOINTS"
    with running(make("sandbox", f"PORT={free_port}", f"{switch}=checked"), ROOT) as started:
        aws = Clients(ready(started).url)
        properties = {**MINIMUM, "JobDefinitionName": "quality"}
        with pytest.raises(aws.sagemaker.exceptions.ClientError, match="does not exist or is not"):
            aws.sagemaker.create_model_quality_job_definition(**properties)
    with running(make("sandbox", "PORT=0", f"{switch}=there"), ROOT) as started:
        assert started.process.wait(60) == 2, "make's own exit code for a command that failed"
        assert "endpoints are assumed or checked, not 'there'" in started.errors()
        assert "Traceback" not in started.errors()


def test_make_sandbox_stops_with_the_make_that_started_it(free_port: int) -> None:
    with running(make("sandbox", f"PORT={free_port}"), ROOT) as started:
        ready(started).stop(signal.SIGTERM)
        assert started.left_nothing()


def test_make_sandbox_on_a_taken_port_fails_with_the_line_of_the_sandbox(taken_port: int) -> None:
    with running(make("sandbox", f"PORT={taken_port}"), ROOT) as started:
        assert started.process.wait(60) == 2, "make's own exit code for a command that failed"
        errors = started.errors()
    [line] = [
        line for line in errors.splitlines() if not line.startswith(("make", "Made", "Making"))
    ]
    assert line.startswith(f"Port {taken_port} ")
