"""Runs all of the CloudFormation CLI's own contract tests against a sandbox of its own.

``cfn test`` needs three things of AWS: Lambda, to invoke the handlers; and STS, for credentials and
for the account. Its option ``--endpoint`` sets the address of Lambda only. It takes the address of
STS from botocore's list of endpoints, whatever the SDK's settings say, so that look-up is replaced.

With ``--package``, a package is tested: its handlers, run as Lambda runs them, with its own schema
and inputs. With ``--setup``, a template is deployed first, whose exports the inputs may name. With
``--type-configuration``, the handlers get the configuration data in that file.
"""

import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from project.command_line import ArgumentParser, run


class Interrupted(KeyboardInterrupt):
    """A signal arrived.

    A KeyboardInterrupt itself that leaves an `exec` of text, as in an import, has Python end as if
    nobody had handled it, without its exit code (CPython, run_eval_code_obj).
    """


class Signals:
    """SIGINT and SIGTERM: both interrupt the tests.

    pytest handles the interruption itself, and the CLI then reports failed tests. So the signal is
    remembered here.
    """

    received: int | None = None

    def listen(self) -> None:
        """Handle the signals from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._receive)

    def _receive(self, number: int, _frame: object) -> None:
        self.received = number
        raise Interrupted


class CannotTest(Exception):
    """The tests could not be run; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """Run ``cfn test`` with further ``arguments``; returns its exit code."""
    usage = "make contract PACKAGE=path SETUP=template TYPE_CONFIGURATION=file"
    parser = ArgumentParser(usage=usage, description=__doc__)
    parser.add_argument("--package", type=Path)
    parser.add_argument("--setup", type=Path)
    parser.add_argument("--type-configuration", type=Path)
    asked, further = parser.parse_known_args(arguments)
    signals = Signals()
    signals.listen()
    started = time.monotonic()
    code = 0
    try:
        if asked.type_configuration:
            further += [
                "--typeconfig",
                str(_existing("TYPE_CONFIGURATION", asked.type_configuration)),
            ]
        template = _existing("SETUP", asked.setup).read_text("utf-8") if asked.setup else None
        code = run_tests(asked.package, template, further, signals)
    except KeyboardInterrupt:
        pass
    except CannotTest as failure:
        print(failure, file=sys.stderr)
        return 1
    if signals.received:
        print("\nInterrupted; the sandbox is stopped.", file=sys.stderr)
        return 128 + signals.received
    verdict = "have failed; see above" if code else "have passed, on every input set"
    seconds = time.monotonic() - started
    print(f"The contract tests {verdict} ({seconds:.0f} s).", flush=True)
    return code


def run_tests(
    package: Path | None, setup: str | None, further: Sequence[str], signals: Signals
) -> int:
    """Run the tests of the project or of a package; returns the exit code of ``cfn test``.

    setup: the text of a template to deploy before, or None.

    Raises CannotTest, and KeyboardInterrupt when a signal arrives while no tests run.
    """
    # Imported here, because this takes seconds and Ctrl-C meanwhile must not end in a traceback.
    from rpdk.core import boto_helpers, cli
    from rpdk.core.contract import resource_client

    from sandbox.process import REGION, SandboxFailed, running_sandbox, use
    from sandbox.runtime.packaged import PackageInvalid
    from tools.contract_setup import SetupFailed, check_exports, deployed
    from tools.contract_values import tolerate_unknown_patterns

    try:
        # The sandbox starts first: the path of its package may be relative to this folder.
        with running_sandbox(package) as url, _project(package):
            print(f"Testing against a sandbox at {url} ...", flush=True)
            use(url)
            boto_helpers.get_service_endpoint = lambda _service, _region: url
            # At INFO it logs each optional property that a resource lacks, with all properties.
            logging.getLogger(resource_client.__name__).setLevel(logging.WARNING)
            # It would say that tests failed.
            logging.getLogger(cli.__name__).addFilter(lambda _record: not signals.received)
            tolerate_unknown_patterns()
            with deployed(setup):
                check_exports(Path.cwd())
                try:
                    cli.main(args_in=["test", "--endpoint", url, "--region", REGION, *further])
                except SystemExit as end:
                    return end.code if isinstance(end.code, int) else 1
                return 0
    except (PackageInvalid, SandboxFailed, SetupFailed) as failure:
        raise CannotTest(str(failure)) from failure


def _existing(variable: str, path: Path) -> Path:
    """The absolute path of a file that a variable of make names.

    Raises CannotTest if there is none.
    """
    if not path.is_file():
        raise CannotTest(f"{variable}={path}: there is no such file. Name one that exists.")
    return path.resolve()


@contextmanager
def _project(package: Path | None) -> Iterator[None]:
    """Work in a folder with the layout that the CLI needs: this one, or one made of a package."""
    from sandbox.runtime.packaged.package_file import PackageFile

    if package is None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="contract-") as folder:
        PackageFile(package).unpack_project(Path(folder))
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:]))
