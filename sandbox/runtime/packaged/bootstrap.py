"""The first code of an execution environment, like Lambda's /var/runtime/bootstrap.py.

It runs in a Python that has AWS's runtime interface client and no code of this project:
``python -I -B bootstrap.py handler``. Its stdin is a pipe that the sandbox holds open and never
writes to. When the sandbox ends, in whichever way, the kernel closes the pipe and kills this
process. A runtime in the middle of an invocation would not notice otherwise.
"""

import fcntl
import os
import select
import signal
import sys


def _end_with_the_sandbox() -> None:
    """Make the kernel kill this process when the other end of its stdin is closed (fcntl(2)).

    PR_SET_PDEATHSIG would also react to the end of the thread that started the process.
    """
    pipe = os.dup(0)
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:
        sys.exit(1)  # it was closed before the kernel knew
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def main() -> None:
    """Run the runtime interface client, with the function's code first on the path."""
    _end_with_the_sandbox()
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    from awslambdaric.__main__ import main as serve

    serve(sys.argv)


if __name__ == "__main__":
    main()
