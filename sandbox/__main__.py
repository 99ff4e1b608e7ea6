"""``python -m sandbox --port 4566``: run the sandbox in the foreground until Ctrl-C or SIGTERM."""

import gc
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from project.command_line import PORT, ArgumentParser
from sandbox.process import DEFAULT_PORT, HOST, UNTIL_STDIN_ENDS, exports, use
from sandbox.runtime.choice import runtime_of

_INSTRUCTIONS = """\
Sandbox ready at {url}
Stacks can use {type_name} and other resource types.
To point the AWS CLI and SDKs in another terminal at the sandbox, run this there, in this folder:

    eval "$(make -s env{port})"

or paste this:

{exports}

These settings apply to that terminal only. Commands to try there:

{commands}

Everything is kept in memory. Ctrl-C stops it."""
_DEPLOY = """\
    aws cloudformation deploy --stack-name demo --capabilities CAPABILITY_IAM \\
        --template-file {example}
    aws sagemaker list-model-quality-job-definitions"""
_DESCRIBE = """\
    aws cloudformation describe-type --type RESOURCE --type-name {type_name} \\
        --query Schema --output text"""


def main() -> int:
    """Serve until a signal arrives. Returns the exit code: 1 if the sandbox cannot start."""
    usage = "make sandbox PORT=number PACKAGE=path"
    parser = ArgumentParser("make sandbox", usage=usage, description=__doc__)
    parser.add_argument("--port", type=PORT, default=DEFAULT_PORT, help="0 picks a free port")
    parser.add_argument("--package", type=Path, help="run this package as Lambda does")
    parser.add_argument(
        "--type-name", action="append", default=[], help="a further name of the resource type"
    )
    parser.add_argument(UNTIL_STDIN_ENDS, action="store_true", help="stop when stdin is closed")
    asked = parser.parse_args()
    port: int = asked.port

    serving, stop = threading.Event(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # The imports take seconds. A signal during that time can exit at once, because nothing
        # needs to be stopped yet.
        signal.signal(number, lambda *_: stop.set() if serving.is_set() else os._exit(0))

    if asked.until_stdin_ends:
        threading.Thread(target=_stop_at_end_of_stdin, daemon=True).start()
    try:
        listener = socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        print(
            f"Port {port} of {HOST} cannot be used: {os.strerror(error.errno or 0)}. "
            "Choose another: PORT=0 takes a free one.",
            file=sys.stderr,
        )
        return 1
    use(f"http://{HOST}:{listener.getsockname()[1]}")
    # What is imported is no garbage, neither now nor later. To look through it takes long.
    gc.disable()
    with listener:
        try:
            runtime = runtime_of(asked.package)
            # Imported here because the imports take seconds, and a signal during that time must
            # not cause a traceback. They also read the SDK's settings, so the sandbox's own
            # settings must be in place first.
            from sandbox import aws_models

            aws_models.share()
            from sandbox import cloudformation, server

            sandbox = server.make_sandbox(listener, runtime, asked.type_name)
            gc.freeze()
            gc.enable()
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        threading.Thread(target=sandbox.serve_forever, args=(0.1,), daemon=True).start()
        serving.set()
        url = f"http://{HOST}:{sandbox.port}"
        lines = "\n".join(f"    {line}" for line in exports(url))
        if not stop.is_set():
            type_name = runtime.schema["typeName"]
            commands = commands_to_try(type_name, asked.package)
            names = {"type_name": type_name, "commands": commands, "port": ""}
            if sandbox.port != DEFAULT_PORT:
                names["port"] = f" PORT={sandbox.port}"
            print(_INSTRUCTIONS.format(url=url, exports=lines, **names), flush=True)
            if runtime.note:
                print(runtime.note, file=sys.stderr)
        # A signal that another thread receives does not wake this one, which has to handle it.
        while not stop.wait(1):
            pass
        sandbox.shutdown()
        cloudformation.stop()
        runtime.close()
    # Only for a person: a program that reads from a pipe does not need it and may have exited.
    if sys.stdout.isatty():
        print("\nSandbox stopped.")
    return 0


def commands_to_try(type_name: str, package: Path | None) -> str:
    """Commands to try: with an example template if there is one, and else with the type alone.

    The examples for a package that `make package` has built are in the folder beside it.
    """
    folder = package.with_suffix("") if package else Path()
    example = folder / "examples" / "monitoring-schedule.yaml"
    if package is None or example.is_file():
        return _DEPLOY.format(example=example)
    return _DESCRIBE.format(type_name=type_name)


def _stop_at_end_of_stdin() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Everything is in memory, so there is nothing to clean up. A normal exit would spend seconds
    # on a busy machine tearing down moto's modules.
    os._exit(code)
