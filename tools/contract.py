"""The CloudFormation CLI's own contract tests, all of them, against a sandbox of their own.

``cfn test`` needs three things of AWS: Lambda to invoke, and STS for credentials and the account.
It takes an address for the first (``--endpoint``), and makes up that of STS by itself from
botocore's list of endpoints, whatever the SDK's settings say; so that one look-up is answered here.
"""

import sys

from rpdk.core import boto_helpers, cli

from sandbox.process import REGION, SandboxFailed, running_sandbox, use


def main(arguments: list[str]) -> int:
    """Run ``cfn test`` with further ``arguments``; its exit code."""
    try:
        with running_sandbox() as url:
            use(url)
            boto_helpers.get_service_endpoint = lambda _service, _region: url
            return _cfn("test", "--endpoint", url, "--region", REGION, *arguments)
    except SandboxFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def _cfn(*arguments: str) -> int:
    try:
        cli.main(args_in=arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
