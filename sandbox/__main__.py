"""``python -m sandbox --port 4566``: the sandbox in the foreground, until Ctrl-C or SIGTERM."""

import argparse
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from sandbox.process import HOST, UNTIL_STDIN_ENDS, settings, use
from sandbox.runtime.choice import run_package
from sandbox.runtime.in_process import InProcessRuntime

DEFAULT_PORT = 4566
_INSTRUCTIONS = """\
Sandbox ready at {url}
Its stacks have {type_name}, beside other types.
To have the AWS CLI and SDKs talk to it, paste into another terminal:

{exports}

To leave it again, close that terminal. In it, for instance:

    aws cloudformation deploy --stack-name demo --capabilities CAPABILITY_IAM \\
        --template-file {folder}examples/monitoring-schedule.yaml
    aws sagemaker list-model-quality-job-definitions

Everything is kept in memory. Ctrl-C stops it."""


def main() -> int:
    """Serve until told to stop; 1 where the port is taken."""
    usage = "make sandbox PORT=number PACKAGE=path"
    parser = argparse.ArgumentParser("make sandbox", usage=usage, description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--package", type=Path, help="run this package as Lambda does")
    parser.add_argument(UNTIL_STDIN_ENDS, action="store_true", help="stop when stdin is closed")
    asked = parser.parse_args()
    port: int = asked.port

    serving, stop = threading.Event(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # While the imports go on, which takes seconds, nothing is there yet that has to be ended.
        signal.signal(number, lambda *_: stop.set() if serving.is_set() else os._exit(0))

    if asked.until_stdin_ends:
        threading.Thread(target=_stop_at_end_of_stdin, daemon=True).start()
    try:
        listener = socket.create_server((HOST, port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else "no such port"
        another = DEFAULT_PORT if port != DEFAULT_PORT else DEFAULT_PORT + 1
        print(
            f"Port {port} of {HOST} cannot be used: {reason}. "
            f"Choose another: make sandbox PORT={another}",
            file=sys.stderr,
        )
        return 1
    use(f"http://{HOST}:{listener.getsockname()[1]}")
    with listener:
        try:
            runtime = run_package(asked.package) if asked.package else InProcessRuntime()
            # Here, for the imports take seconds, and a signal meanwhile must not end in a
            # traceback. They also look at the settings of the SDK, which have to be the
            # sandbox's own before.
            from sandbox import aws_models

            aws_models.share()
            from sandbox import cloudformation, server

            sandbox = server.make_sandbox(listener, runtime)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        threading.Thread(target=sandbox.serve_forever, args=(0.1,), daemon=True).start()
        serving.set()
        url = f"http://{HOST}:{sandbox.port}"
        exports = "\n".join(map("    export {0[0]}={0[1]}".format, _pasted(url).items()))
        if not stop.is_set():
            # A package's templates, which name its type, are in the folder beside it.
            folder = f"{asked.package.with_suffix('')}/" if asked.package else ""
            names = {"type_name": runtime.schema["typeName"], "folder": folder}
            print(_INSTRUCTIONS.format(url=url, exports=exports, **names), flush=True)
        stop.wait()
        sandbox.shutdown()
        cloudformation.stop()
        runtime.close()
    # To a person alone: whoever reads a pipe knows, and may be gone.
    if sys.stdout.isatty():
        print("\nSandbox stopped.")
    return 0


def _pasted(url: str) -> dict[str, str]:
    """The settings, as a shell takes them: a user's own list of proxy exceptions stays."""
    return {
        name: f"{value}${{{name}:+,${name}}}" if name.lower() == "no_proxy" else value
        for name, value in settings(url).items()
    }


def _stop_at_end_of_stdin() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # All is in memory: there is nothing to tidy up, and to take moto's modules apart takes seconds
    # on a busy machine.
    os._exit(code)
