"""``python -m sandbox --port 4566``: the sandbox in the foreground, until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading

from sandbox.process import settings

DEFAULT_PORT = 4566
_INSTRUCTIONS = """\
Sandbox ready at {url}
To have the AWS CLI and SDKs talk to it, paste into another terminal:

{exports}

Then, for instance:

    aws cloudformation deploy --stack-name demo --capabilities CAPABILITY_IAM \\
        --template-file examples/monitoring-schedule.yaml
    aws sagemaker list-model-quality-job-definitions

Everything is kept in memory. Ctrl-C stops it."""


def main() -> int:
    """Serve until told to stop; 1 where the port is taken."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    port = parser.parse_args().port

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    # Here, for the imports take seconds, and a signal meanwhile must not end in a traceback.
    from sandbox import server

    try:
        listener = server.listen(port)
    except OSError as error:
        reason = f"Port {port} of {server.HOST} cannot be used: {error.strerror}."
        print(f"{reason} Choose another: make sandbox PORT={port + 1}", file=sys.stderr)
        return 1
    with listener:
        sandbox = server.make_sandbox(listener)
        serving = threading.Thread(target=sandbox.serve_forever, args=(0.1,), daemon=True)
        serving.start()
        url = f"http://{server.HOST}:{sandbox.port}"
        exports = "\n".join(f"    export {name}={value}" for name, value in settings(url).items())
        print(_INSTRUCTIONS.format(url=url, exports=exports), flush=True)
        stop.wait()
        sandbox.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
