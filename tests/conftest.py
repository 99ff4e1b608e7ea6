"""What tests have to tell beside passing, printed at the end of the run.

A test tells it by pytest's ``record_property``: ``examples`` (how many it has tried) or ``table``.
Unlike what a test prints, that arrives from the processes of pytest-xdist, too.
"""

import fcntl
import gc
import os
import signal
import sys
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from sandbox import aws_models

# The AWS and proxy settings of whoever runs the tests are none of theirs. `cfn test`, run in the
# project, finds this file as well, and needs those settings.
if "rpdk" not in sys.modules:
    # Until the tests run: what is imported and collected is hardly garbage.
    gc.disable()

    for _name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[_name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"

    # A run in a script's background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    # Before moto is imported, in each process of the run.
    aws_models.share()

    from tests.harness.fixtures import aws, bootstrapped, cli, provider, sandbox_url, stacks
    from tests.harness.fork_servers import ForkServers

    __all__ = ["aws", "bootstrapped", "cli", "provider", "sandbox_url", "stacks"]

    @pytest.fixture(autouse=True)
    def _provider_clients(monkeypatch: pytest.MonkeyPatch) -> None:
        """The provider's clients serve all tests with the same settings: to make one takes long."""
        from aws_sagemaker_modelqualityjobdefinition import clients

        make = clients._cached_client.__wrapped__

        def made_client(*key: Any) -> Any:
            settings = frozenset(each for each in os.environ.items() if each[0].startswith("AWS_"))
            return _client_of(settings, make, *key)

        monkeypatch.setattr(clients, "_cached_client", made_client)

    @cache
    def _client_of(_settings: Hashable, make: Callable[..., Any], *key: Any) -> Any:
        return make(*key)

    def pytest_configure(config: pytest.Config) -> None:
        """Have sandboxes and the AWS CLI start fast."""
        config.pluginmanager.register(ForkServers())


@pytest.fixture
def unhurried_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what telemetry delivers, not of when: it does so on the busiest machine, too."""
    from aws_sagemaker_modelqualityjobdefinition import telemetry

    monkeypatch.setattr(telemetry, "_CLIENT_CONFIG", _unhurried())
    monkeypatch.setattr(telemetry, "_TIME_LIMIT_SECONDS", 60)


@cache
def _unhurried() -> Any:
    from botocore.config import Config

    return Config(connect_timeout=60, read_timeout=60, retries={"total_max_attempts": 1})


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the package of a type's name, which is built once for all processes of a run."""
    from tools.packaging.reuse import build_if_changed

    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "packages"
    folder.mkdir(exist_ok=True)

    def built(type_name: str) -> Path:
        path = folder / type_name.replace("::", "-")
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return next(path.glob("*.zip"), None) or build_if_changed(type_name, path)

    return built


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Let garbage be collected, but not looked for in what stays until the end of the run."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that nothing is left to wait for at the end."""

    def patience(item: pytest.Item) -> float:
        mark = item.get_closest_marker("timeout")
        return float(mark.args[0]) if mark else 0.0

    items.sort(key=patience, reverse=True)


# Each of these tests shares nothing with others, but for a server that each process of a run has.
_APART = (
    "::test_every_command_of_a_page_does_what_it_is_for[",
    "guarantees/test_guarantees.py::",
    "guarantees/test_properties.py::",
)
# What these share soon starts, and their functions are apart.
_FUNCTIONS_APART = ("guarantees/test_malformed_events.py::", "tools/test_submit.py::")


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist is not typed
    """A module's tests on one process, unless they share little and take long together.

    On one process the last would end long after everything else.
    """

    def _split_scope(self, nodeid: str) -> str:
        if any(part in nodeid for part in _APART):
            return nodeid
        if any(part in nodeid for part in _FUNCTIONS_APART):
            return nodeid.partition("[")[0]
        # Parameters may be names of types, and what is before the last `::` is then no module.
        return str(super()._split_scope(nodeid.partition("[")[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Take that in the place of `--dist loadscope`."""
    return _Scheduling(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables, and how many examples were tried."""
    told = [
        (report.nodeid.rpartition("::")[2], name, value)
        for reports in terminalreporter.stats.values()
        for report in reports
        # The last report of a test has all of its properties.
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
    ]
    for test, name, value in told:
        if name == "table":
            terminalreporter.section(test)
            terminalreporter.write_line(str(value))
    examples = {test: int(str(value)) for test, name, value in told if name == "examples"}
    if examples:
        terminalreporter.section("examples tried")
        for test, number in {**examples, "in all": sum(examples.values())}.items():
            terminalreporter.write_line(f"{number:6} {test}")
