"""How this project runs the CloudFormation CLI."""

import subprocess
import sys
from importlib.metadata import files

import pytest

from tools.cloudformation_cli import RUN_CFN

pytestmark = pytest.mark.once


def test_cfn_starts_without_cfn_lint_and_without_what_that_imports() -> None:
    loaded = "import atexit, sys; atexit.register(lambda: print(*sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", f"{loaded}\n{RUN_CFN}", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "rpdk.core.submit" in said
    assert not {"cfnlint.rules", "networkx", "sympy"} & {*said}


def test_the_cli_uses_cfn_lint_for_nothing_but_modules() -> None:
    sources = [
        path
        for name in ("cloudformation-cli", "cloudformation-cli-python-plugin")
        for path in files(name) or []
        if path.suffix == ".py" and path.parts[0] == "rpdk"
    ]
    users = [str(path) for path in sources if "cfnlint" in path.read_text("utf-8")]
    assert users == ["rpdk/core/fragment/lint_warning_printer.py"]
