"""A package run as Lambda runs it: AWS's runtime interface client in processes of its own.

The packages here hold a function that does what a test tells it; the real one is in
tests/tools/packaging/test_package.py.
"""

import http.client
import io
import json
import re
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sandbox.__main__ import commands_to_try
from sandbox.runtime.contract import FunctionError
from sandbox.runtime.packaged import Home, PackagedRuntime, PackageInvalid, packaged_runtime
from sandbox.runtime.packaged.package_file import LIMITS, PackageFile
from tests.harness.processes import HOST, Running, running
from tests.harness.stacks import Clients, Stacks

# It does not matter which Python the sandbox has: the functions run on their own.
pytestmark = pytest.mark.once

#: Runs what an event says, and answers what that has put into `answer`.
OBEDIENT = """
import importlib.util, os, signal, sys, threading, time

calls = 0

def resource(event, context):
    global calls
    calls += 1
    names = {"context": context, "answer": None}
    exec(event["run"], globals(), names)
    return names["answer"]

def test_entrypoint(event, context):
    return "the other entry point"
"""
TYPE_NAME = "Acme::Test::Thing"
WHO = "answer = [os.getpid(), calls]"
REQUEST = r"RequestId: [0-9a-f-]{36} Error: "


def code_archive(code: str = OBEDIENT) -> bytes:
    """What goes to Lambda of such a package."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("handlers.py", code)
        archive.writestr("folder/data.txt", "data")
    return inner.getvalue()


#: The members of a package besides its settings.
CODE = {"schema.json": "{}", "ResourceProvider.zip": code_archive()}


def write_package(path: Path, code: str = OBEDIENT, runtime: str = "python3.12") -> Path:
    """A package whose functions are in a module of this code."""
    settings = {
        "typeName": TYPE_NAME,
        "runtime": runtime,
        "entrypoint": "handlers.resource",
        "testEntrypoint": "handlers.test_entrypoint",
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps({"typeName": TYPE_NAME}))
        archive.writestr(".rpdk-config", json.dumps(settings))
        archive.writestr("ResourceProvider.zip", code_archive(code))
    return path


class Logs:
    """What functions have logged."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.streams: set[tuple[str, str]] = set()

    def write(self, group: str, stream: str, messages: list[str]) -> None:
        self.streams.add((group, stream))
        self.messages += messages

    def reports(self) -> list[str]:
        return [message for message in self.messages if message.startswith("REPORT ")]


class Made:
    """A runtime of such a package, with its log."""

    def __init__(self, runtime: PackagedRuntime, logs: Logs) -> None:
        self.runtime, self.logs = runtime, logs

    def run(self, code: str) -> Any:
        """What the function answers when it runs the code."""
        return self.runtime.invoke("TypeFunction", {"run": code})

    def failure(self, code: str) -> dict[str, Any]:
        """What Lambda answers when the function runs the code, and fails."""
        with pytest.raises(FunctionError) as caught:
            self.run(code)
        return caught.value.answer


Make = Callable[..., Made]


@pytest.fixture
def make_runtime(tmp_path: Path) -> Iterator[Make]:
    """Makes a runtime with limits of its own, in seconds and MB; closes it in the end."""
    made: list[PackagedRuntime] = []

    def make(
        code: str = OBEDIENT, *, timeout: float = 60, memory: int = 256, concurrency: int = 4
    ) -> Made:
        limits = {"Globals": {"Function": {"Timeout": timeout, "MemorySize": memory}}}
        names = ("TypeFunction", "TestEntrypoint")
        template = tmp_path / "template.yml"
        template.write_text(
            json.dumps({**limits, "Resources": {name: {"Properties": {}} for name in names}})
        )
        logs = Logs()
        runtime = PackagedRuntime(
            write_package(tmp_path / "package.zip", code),
            "http://127.0.0.1:1",
            template=template,
            concurrency=concurrency,
            home=Home(write_log=logs.write),
        )
        made.append(runtime)
        return Made(runtime, logs)

    yield make
    for runtime in made:
        runtime.close()


def is_alive(process: int) -> bool:
    """Whether the process runs; one that has ended may still wait for somebody to take notice."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_process_that_has_started_serves_the_next_invocation_too(make_runtime: Make) -> None:
    made = make_runtime()
    first, second = made.run(WHO), made.run(WHO)
    assert first[1:] == [1]
    assert second == [first[0], 2]
    cold, warm = made.logs.reports()
    assert "Init Duration: " in cold
    assert "Init Duration: " not in warm


def test_each_function_runs_what_the_settings_of_the_package_name(make_runtime: Make) -> None:
    runtime = make_runtime().runtime
    assert runtime.functions == {"TypeFunction", "TestEntrypoint"}
    assert runtime.invoke("TestEntrypoint", {}) == "the other entry point"
    assert runtime.schema == {"typeName": TYPE_NAME}


def test_between_invocations_nothing_runs(make_runtime: Make) -> None:
    made = make_runtime()
    made.run(
        "def tick():\n"
        "    while True:\n"
        "        ticks.append(time.monotonic()); time.sleep(0.01)\n"
        "globals().update(ticks=[])\n"
        "threading.Thread(target=tick, daemon=True).start()\n"
        "time.sleep(0.05)"
    )
    time.sleep(0.8)
    longest = made.run("time.sleep(0.05); answer = max(b - a for a, b in zip(ticks, ticks[1:]))")
    assert longest > 0.4


def test_a_function_past_its_time_is_killed_and_the_next_call_is_a_cold_start(
    make_runtime: Make,
) -> None:
    made = make_runtime(timeout=1)
    process, _ = made.run(WHO)
    started = time.monotonic()
    answer = made.failure("time.sleep(30)")
    assert 1 <= time.monotonic() - started < 10
    assert answer.keys() == {"errorType", "errorMessage"}
    assert answer["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(f"{REQUEST}Task timed out after 1.00 seconds", answer["errorMessage"])
    assert not is_alive(process)
    assert "Status: timeout" in made.logs.reports()[-1]
    other, calls = made.run(WHO)
    assert (other != process, calls) == (True, 1)


def test_the_context_tells_the_function_its_time_and_its_limits(make_runtime: Make) -> None:
    left, memory, name, arn = make_runtime(timeout=7, memory=192).run(
        "answer = [context.get_remaining_time_in_millis(), context.memory_limit_in_mb, "
        "context.function_name, context.invoked_function_arn]"
    )
    assert 6000 < left <= 7000
    assert (memory, name) == ("192", "TypeFunction")
    assert arn == "arn:aws:lambda:us-east-1:123456789012:function:TypeFunction"


@pytest.mark.parametrize(
    "code", ["block = b'x' * 200_000_000; time.sleep(30)", "block = b'x' * 200_000_000; del block"]
)
def test_a_function_that_takes_too_much_memory_is_killed_even_where_it_gives_it_back(
    make_runtime: Make, code: str
) -> None:
    made = make_runtime(memory=128)
    process, _ = made.run(WHO)
    answer = made.failure(code)
    assert answer["errorType"] == "Runtime.ExitError"
    message = f"{REQUEST}Runtime exited with error: signal: killed"
    assert re.fullmatch(message, answer["errorMessage"])
    assert not is_alive(process)
    assert made.logs.reports()[-1].endswith("Status: error\tError Type: Runtime.OutOfMemory")
    assert made.run(WHO)[1] == 1


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        (
            "import nowhere",
            "Runtime.ImportModuleError",
            "Unable to import module 'handlers': No module named 'nowhere'",
        ),
        (
            "resource",
            "NameError",
            "name 'resource' is not defined",
        ),
        (
            "def other(): ...",
            "Runtime.HandlerNotFound",
            "Handler 'resource' missing on module 'handlers'",
        ),
        ("def", "Runtime.UserCodeSyntaxError", r"Syntax error in module 'handlers': .+"),
        (
            "import os; os._exit(3)",
            "Runtime.ExitError",
            f"{REQUEST}Runtime exited with error: exit status 3",
        ),
    ],
)
def test_a_failure_in_init_is_reported_as_lambda_does(
    make_runtime: Make, code: str, error_type: str, message: str
) -> None:
    made = make_runtime(code)
    answer = made.failure(WHO)
    assert answer["errorType"] == error_type
    assert re.fullmatch(message, answer["errorMessage"])
    # Lambda begins the init phase anew, once.
    [first, _again] = [each for each in made.logs.messages if each.startswith("INIT_REPORT ")]
    assert first.endswith(f"Status: error\tError Type: {error_type}")


def test_an_init_that_is_too_slow_is_begun_anew_in_the_time_of_the_invocation(
    make_runtime: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaged_runtime, "INIT_SECONDS", 1)
    slow_once = (
        f"import pathlib, time; mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "if not mark.exists():\n    mark.touch(); time.sleep(30)\n"
    )
    assert make_runtime(slow_once + OBEDIENT).run(WHO)[1] == 1
    answer = make_runtime("import time; time.sleep(30)", timeout=1).failure(WHO)
    assert answer["errorType"] == "Sandbox.Timedout"


def test_an_exception_is_reported_with_its_trace_and_the_process_goes_on(
    make_runtime: Make,
) -> None:
    made = make_runtime()
    process, _ = made.run(WHO)
    answer = made.failure("raise ValueError('no such thing')")
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "no such thing")
    assert re.fullmatch("[0-9a-f-]{36}", answer["requestId"])
    assert "handlers.py" in answer["stackTrace"][0]
    assert made.run(WHO) == [process, 3]


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "Runtime exited with error: signal: segmentation"),
    ],
)
def test_a_process_that_ends_in_an_invocation_is_reported_as_lambda_does(
    make_runtime: Make, code: str, ending: str
) -> None:
    made = make_runtime()
    answer = made.failure(code)
    assert answer["errorType"] == "Runtime.ExitError"
    assert re.match(REQUEST + ending, answer["errorMessage"])
    assert made.run(WHO)[1] == 1


def test_invocations_at_once_have_a_process_each_up_to_a_bound_and_wait_beyond_it(
    make_runtime: Make,
) -> None:
    made = make_runtime(concurrency=2)
    spans = "began = time.monotonic(); time.sleep(0.3); answer = [os.getpid(), began]"
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(made.run, [spans] * 5))
    assert len({process for process, _ in answers}) == 2
    for process in {process for process, _ in answers}:
        begun = sorted(began for each, began in answers if each == process)
        assert all(later - earlier >= 0.3 for earlier, later in pairwise(begun))
    assert made.run(WHO)[0] in {process for process, _ in answers}


def test_the_environment_is_that_of_lambda_and_the_sdk_finds_the_sandbox(
    make_runtime: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of the developer")
    monkeypatch.setenv("SECRET", "of the developer")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/of/the/developer", prepend=":")
    made = make_runtime(memory=192)
    variables = made.run("answer = dict(os.environ)")
    root = variables["LAMBDA_TASK_ROOT"]
    [(group, stream)] = made.logs.streams
    expected = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "192",
        "AWS_LAMBDA_FUNCTION_NAME": "TypeFunction",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": "us-east-1",
        "TZ": ":UTC",
        "_HANDLER": "handlers.resource",
    }
    assert expected.items() <= variables.items()
    assert group == "/aws/lambda/TypeFunction"
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= variables.keys()
    assert not {"AWS_PROFILE", "SECRET", "VIRTUAL_ENV", "HOME"} & variables.keys()
    # What guide/lambda.md says is not as in Lambda.
    assert variables["LD_LIBRARY_PATH"].startswith("/of/the/developer")
    assert not [name for name in variables if "XRAY" in name or "TRACE" in name]
    assert not root.startswith("/var/task")
    assert made.run("answer = [os.getcwd(), sys.stdin.read()]") == [root, ""]


def test_nothing_is_importable_but_the_package_and_the_runtime(make_runtime: Make) -> None:
    found = make_runtime().run(
        "names = ('handlers', 'awslambdaric', 'json', 'boto3', 'moto', 'pytest', 'pip', 'sandbox',"
        " 'tools', 'aws_sagemaker_modelqualityjobdefinition')\n"
        "answer = [name for name in names if importlib.util.find_spec(name)]"
    )
    assert found == ["handlers", "awslambdaric", "json"]


def test_the_task_root_is_not_to_be_written_to_and_stays_as_it_was(make_runtime: Make) -> None:
    made = make_runtime()
    root = Path(made.run("answer = os.environ['LAMBDA_TASK_ROOT']"))
    contents = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    assert contents == {"handlers.py", "folder", "folder/data.txt"}
    assert [path for path in (root, *root.rglob("*")) if path.stat().st_mode & 0o222] == []


def test_what_a_function_writes_is_in_its_log_between_the_lines_of_lambda(
    make_runtime: Make,
) -> None:
    made = make_runtime()
    made.run("print('to stdout'); print('to stderr', file=sys.stderr)")
    made.failure("import logging; logging.error('logged'); raise ValueError('x')")
    text = "\n".join(made.logs.messages)
    assert re.fullmatch(
        r"START RequestId: (\S+) Version: \$LATEST\nto stdout\nto stderr\nEND RequestId: \1\n"
        r"REPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\n"
        r"START RequestId: (\S+) .*\n\[ERROR\]\t\S+\t\2\tlogged\n\[ERROR\] ValueError: x\n"
        r"Traceback .*\n(?:.+\n)+END RequestId: \2\nREPORT .*",
        text,
    ), text


def test_closed_it_leaves_no_process_and_no_folder(make_runtime: Make) -> None:
    made = make_runtime()
    idle, root = made.run("answer = [os.getpid(), os.environ['LAMBDA_TASK_ROOT']]")
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(made.failure, "time.sleep(30)")
        time.sleep(0.2)
        made.runtime.close()
        assert busy.result()["errorType"] == "Runtime.ExitError"
    assert not is_alive(idle)
    assert not Path(root).parent.exists()


def sandbox_command(package: Path) -> list[str]:
    return [sys.executable, "-m", "sandbox", "--port", "0", "--package", str(package)]


def invoke(started: Running, code: str) -> Any:
    """What Lambda's Invoke answers."""
    connection = http.client.HTTPConnection(HOST, started.port, timeout=60)
    path = "/2015-03-31/functions/TypeFunction/invocations"
    try:
        connection.request("POST", path, json.dumps({"run": code}))
        return json.load(connection.getresponse())
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_processes_and_the_folder_go_with_the_sandbox_however_that_ends(
    tmp_path: Path, number: signal.Signals
) -> None:
    package = write_package(tmp_path / "package.zip")
    with running(sandbox_command(package), tmp_path) as started:
        started.until("Ctrl-C stops it")
        idle, root = invoke(started, "answer = [os.getpid(), os.environ['LAMBDA_TASK_ROOT']]")
        with ThreadPoolExecutor(1) as threads:
            threads.submit(invoke, started, "time.sleep(30)")
            time.sleep(0.3)
            started.stop(number)
        until = time.monotonic() + 2
        while time.monotonic() < until and (is_alive(idle) or Path(root).parent.exists()):
            time.sleep(0.02)
        assert not is_alive(idle)
        assert not Path(root).parent.exists()
        assert started.left_nothing()
        assert started.errors() == ""


def test_the_sandbox_names_the_packages_type_and_a_command_that_works_for_it(
    started: Running,
) -> None:
    assert f"Stacks can use {TYPE_NAME} and other resource types." in started.printed
    command = f"aws cloudformation describe-type --type RESOURCE --type-name {TYPE_NAME}"
    assert command in started.printed
    assert "examples/" not in started.printed


def test_an_example_is_named_if_it_is_in_the_folder_beside_the_package(tmp_path: Path) -> None:
    package = write_package(tmp_path / "package.zip")
    example = tmp_path / "package" / "examples" / "monitoring-schedule.yaml"
    example.parent.mkdir(parents=True)
    example.touch()
    assert f"--template-file {example}" in commands_to_try(TYPE_NAME, package)
    assert "--template-file examples/monitoring-schedule.yaml" in commands_to_try(TYPE_NAME, None)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox that runs such a package."""
    folder = tmp_path_factory.mktemp("sandbox")
    package = write_package(folder / "package.zip")
    with running(sandbox_command(package), folder) as started:
        yield started.until("Ctrl-C stops it")
        started.stop(signal.SIGTERM)
        assert "seen" not in started.printed + started.errors()


def test_the_sandbox_says_which_type_it_runs(started: Running) -> None:
    assert started.get("/_sandbox/health")["type"] == {"name": TYPE_NAME, "version": None}


def test_what_a_function_writes_is_in_cloudwatch_and_not_on_the_terminal(started: Running) -> None:
    assert invoke(started, "print('seen'); answer = 1") == 1
    events = Clients(started.url).logs.filter_log_events(logGroupName="/aws/lambda/TypeFunction")
    messages = [event["message"] for event in events["events"]]
    position = messages.index("seen")
    assert messages[position - 1].startswith("START RequestId: ")
    assert messages[position + 1].startswith("END RequestId: ")


def test_a_failure_is_an_answer_of_lambdas_invoke_that_says_so(started: Running) -> None:
    client = getattr(Clients(started.url), "lambda")
    payload = json.dumps({"run": "raise ValueError('refused')"})
    answer = client.invoke(FunctionName="TypeFunction", Payload=payload)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    document = json.load(answer["Payload"])
    assert (document["errorType"], document["errorMessage"]) == ("ValueError", "refused")
    assert document["stackTrace"]


def test_a_stack_event_names_the_failure_of_a_function(started: Running) -> None:
    # What CloudFormation sends has nothing for this function to run.
    stack = Stacks(Clients(started.url)).create(
        {"Resources": {"Thing": {"Type": TYPE_NAME}}}, expect="ROLLBACK_COMPLETE"
    )
    assert "KeyError: 'run'" in stack.reason("CREATE_FAILED", "Thing")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.zip", None, "No such file or directory"),
        ("text.zip", b"text", "it is not a zip file"),
        ("empty.zip", {}, "it has no schema.json"),
        ("list.zip", {"schema.json": "[]"}, "its schema.json is not a JSON object"),
        ("broken.zip", {"schema.json": "{"}, "its schema.json is not JSON"),
        (
            "code.zip",
            {
                "schema.json": "{}",
                ".rpdk-config": '{"runtime": "python3.12", "entrypoint": "a.b"}',
                "ResourceProvider.zip": "text",
            },
            "its ResourceProvider.zip is not a zip file",
        ),
        (
            "settings.zip",
            {**CODE, ".rpdk-config": '{"runtime": "python3.12"}'},
            "its .rpdk-config has no entrypoint",
        ),
        (
            "java.zip",
            {"schema.json": "{}", ".rpdk-config": '{"runtime": "java17", "language": "java"}'},
            "its handlers are in java (runtime java17), and the sandbox runs only handlers",
        ),
        (
            "typescript.zip",
            {**CODE, ".rpdk-config": '{"runtime": "nodejs22.x", "language": "typescript"}'},
            "its handlers are in typescript (runtime nodejs22.x), and the sandbox runs only",
        ),
        (
            "hook.zip",
            {**CODE, ".rpdk-config": '{"artifact_type": "HOOK", "runtime": "python3.12"}'},
            "it is a HOOK, and the sandbox runs only resource types",
        ),
        (
            "nowhere.zip",
            {**CODE, ".rpdk-config": '{"runtime": "python3.12", "entrypoint": "other.handle"}'},
            "the entrypoint in its .rpdk-config is other.handle, and its ResourceProvider",
        ),
        (
            "bare.zip",
            {**CODE, ".rpdk-config": '{"runtime": "python3.12", "entrypoint": "handle"}'},
            "the entrypoint in its .rpdk-config is handle, which names no module and function",
        ),
    ],
)
def test_what_is_no_package_is_refused_with_the_reason_and_what_to_do(
    tmp_path: Path, name: str, content: Any, reason: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with zipfile.ZipFile(path, "w") as archive:
            for member, text in content.items():
                archive.writestr(member, text)
    with pytest.raises(PackageInvalid) as caught:
        PackagedRuntime(path, "http://127.0.0.1:1")
    assert str(caught.value).startswith(f"The package {path} cannot be used: {reason}")
    assert "make package" in str(caught.value)


@pytest.mark.parametrize("place", ["beside", "in the folder of its name"])
def test_the_limits_are_those_of_the_projects_own_template(tmp_path: Path, place: str) -> None:
    package = PackageFile(write_package(tmp_path / "package.zip"))
    folder = tmp_path if place == "beside" else tmp_path / "package"
    folder.mkdir(exist_ok=True)
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "handlers.resource"}}
    shared = {"Function": {"Timeout": 7, "MemorySize": 300}}
    template = {"Globals": shared, "Resources": {"TypeFunction": function}}
    (folder / "template.yml").write_text(
        "\n".join(f"{name}: {json.dumps(value)}" for name, value in template.items())
        + "\nOutputs: {A: !Ref TypeFunction}\n"
    )
    limits = package.functions()["TypeFunction"]
    assert (limits.timeout, limits.memory) == (7, 300)

    function["Properties"] = {"Handler": "other.resource"}
    (folder / "template.yml").write_text(json.dumps(template))
    limits = package.functions()["TypeFunction"]
    assert (limits.timeout, limits.memory) == (LIMITS["Timeout"], LIMITS["MemorySize"])


def test_a_package_for_another_python_says_which_one_runs_it(tmp_path: Path) -> None:
    path = write_package(tmp_path / "package.zip", runtime="python3.9")
    runtime = PackagedRuntime(path, "http://127.0.0.1:1")
    runtime.close()
    assert runtime.note is not None
    assert re.fullmatch(
        r"The package is for python3\.9\. The sandbox runs it on python3\.1[0-2]\.", runtime.note
    )


def test_a_sandbox_of_what_is_no_package_does_not_start_and_says_why(tmp_path: Path) -> None:
    with running(sandbox_command(tmp_path / "missing.zip"), tmp_path) as started:
        assert started.process.wait(30) == 1
        [line] = started.errors().splitlines()
    assert "missing.zip cannot be used: No such file or directory" in line
