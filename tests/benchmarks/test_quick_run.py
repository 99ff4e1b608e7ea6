"""`make bench`, from the packages to the table; and the page that a whole run wrote."""

from collections import Counter

import pytest

from benchmarks.__main__ import PAGE, PLOT, main, measured
from benchmarks.measure import ACTIONS
from benchmarks.report import DELIVERED, PLAIN, Results, targets
from project import ROOT
from project.environment import python_version
from tools.packaging.lambda_python import lambda_python

FILES = [ROOT / PAGE, ROOT / PLOT]
FIGURES = (
    *(
        f"{what}, {how}"
        for how in (DELIVERED, PLAIN)
        for what in (
            *(f"warm {action}, textbook / this one" for action in ACTIONS),
            "warm READ, this one / its bare HTTP exchanges",
            "cold start to first answer, textbook / this one",
        )
    ),
    "peak memory",
    "package, this one / textbook",
    "memory, last page / first",
    "service calls",
    "sandbox: create and delete a stack",
)
READ = Counter(DescribeModelQualityJobDefinition=1, ListTags=1)


def contents() -> list[bytes]:
    return [path.read_bytes() if path.exists() else b"" for path in FILES]


@pytest.mark.timeout(600)
def test_a_quick_look_measures_every_target_and_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = contents()
    found: list[Results] = []

    def measure_all(quick: bool) -> Results:
        found.append(measured(quick))
        return found[0]

    code = main(["--quick"], measure_all)
    said = capsys.readouterr()
    assert contents() == before
    if python_version() != lambda_python():
        assert code == 1
        assert f"measured on Lambda's Python, {lambda_python()}" in said.err
        assert "make bench PYTHON=" in said.err
        return
    assert code == 0, said.err
    assert "Nothing was written" in said.out
    for figure in FIGURES:
        assert figure in said.out
    [results] = found
    # What does not depend on how busy the machine is.
    for target in targets(results):
        if "package" in target.what or "memory" in target.what or "service calls" in target.what:
            assert target.held, target
    # With and without log lines and metrics, a package does the same work; and both read alike.
    for one, metrics in ((results.of_ours, 1), (results.of_textbook, 2)):
        assert one.plain.calls["READ"] == READ
        for action in ACTIONS:
            telemetry = one.delivered.calls[action] - one.plain.calls[action]
            assert telemetry.keys() == {"PutLogEvents", "PutMetricData"}, action
            assert telemetry["PutMetricData"] == metrics
            assert telemetry.total() + one.plain.calls[action].total() == (
                one.delivered.calls[action].total()
            )


def test_the_page_is_of_this_version_and_every_target_is_held() -> None:
    page = (ROOT / PAGE).read_text("utf-8")
    version = (ROOT / "VERSION").read_text("utf-8").strip()
    assert f"Version {version}, Python {lambda_python()}, " in page
    assert f"]({PLOT.name})" in page
    rows = [row for row in page.partition("## Targets")[2].splitlines()[4:] if row]
    assert len(rows) == len(FIGURES)
    for figure, row in zip(FIGURES, rows, strict=True):
        assert figure in row
        assert row.endswith("| held |"), row
    for action, calls in {"READ": 4, "LIST": 3}.items():
        assert f"| service calls of {action} | {calls}: " in page
