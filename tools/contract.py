"""The CloudFormation CLI's own contract tests, all of them, against a sandbox of their own.

``cfn test`` needs three things of AWS: Lambda to invoke, and STS for credentials and the account.
It takes an address for the first (``--endpoint``), and makes up that of STS by itself from
botocore's list of endpoints, whatever the SDK's settings say; so that one look-up is answered here.

With ``--package``, what is tested is a package: its handlers, run as Lambda runs them, and its own
schema and inputs.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rpdk.core import boto_helpers, cli
from rpdk.core.contract import resource_client

from sandbox.process import REGION, SandboxFailed, running_sandbox, use
from sandbox.runtime.packaged import PackageInvalid
from sandbox.runtime.packaged.package_file import PackageFile


def main(arguments: list[str]) -> int:
    """Run ``cfn test`` with further ``arguments``; its exit code."""
    parser = argparse.ArgumentParser(usage="make contract PACKAGE=path", description=__doc__)
    parser.add_argument("--package", type=Path)
    asked, further = parser.parse_known_args(arguments)
    try:
        # The sandbox first: its package may be named relative to this folder.
        with running_sandbox(asked.package) as url, _project(asked.package):
            use(url)
            boto_helpers.get_service_endpoint = lambda _service, _region: url
            # At INFO it tells, with all properties, of each optional one that a resource lacks.
            logging.getLogger(resource_client.__name__).setLevel(logging.WARNING)
            started = time.monotonic()
            code = _cfn("test", "--endpoint", url, "--region", REGION, *further)
            seconds = time.monotonic() - started
    except (PackageInvalid, SandboxFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    verdict = "have failed; see above" if code else "have passed, on every input set"
    print(f"The contract tests {verdict} ({seconds:.0f} s).", flush=True)
    return code


@contextmanager
def _project(package: Path | None) -> Iterator[None]:
    """Work in a folder that is laid out as the CLI wants it: this one, or one made of a package."""
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


def _cfn(*arguments: str) -> int:
    try:
        cli.main(args_in=arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
