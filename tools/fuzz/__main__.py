"""Send broken templates to a sandbox of its own, and print what came of them."""

from __future__ import annotations

import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from project import ROOT
from project.command_line import ArgumentParser, run, whole_number
from sandbox.cloudformation.template.reading import parse
from sandbox.process import REGION, running_sandbox, use
from tools.fuzz.campaign import Campaign, Fault, Source

FOLDERS = ("examples", "tests/data")
KEPT_IN = ROOT / "build" / "fuzz"
COUNT = 2000


def main() -> int:
    """Run a campaign. Returns the exit code: 1 if there was a fault."""
    parser = ArgumentParser("make fuzz", description=__doc__)
    parser.add_argument(
        "--seed",
        type=whole_number("FUZZ_SEED", "a seed"),
        default=1,
        help="another seed breaks otherwise",
    )
    parser.add_argument("--count", type=whole_number("COUNT", "a count", 1), default=COUNT)
    parser.add_argument("--only", type=whole_number("ONLY", "the one template to send"))
    asked = parser.parse_args()
    numbers = range(asked.count) if asked.only is None else range(asked.only, asked.only + 1)
    with tempfile.TemporaryFile("w+") as errors, running_sandbox(stderr=errors) as url:
        use(url)
        campaign = Campaign(cache(_client), _sources(), asked.seed)
        started = time.monotonic()
        for number in campaign.run(numbers):
            if (number + 1) % 100 == 0:
                seconds = time.monotonic() - started
                faults = len(campaign.faults)
                print(
                    f"{number + 1} of {asked.count} in {seconds:.0f} s, {faults} faults", flush=True
                )
        problems = [*_left(campaign), *_tracebacks(errors)]
    _print_outcomes(campaign)
    for fault in campaign.faults:
        print(f"\n{_kept(fault)}: {fault.operation} of {fault.source}: {fault.problem}")
    for problem in problems:
        print(f"\n{problem}")
    if campaign.faults or problems:
        print(f"\nTo send one of them again: make fuzz FUZZ_SEED={asked.seed} ONLY=number")
        return 1
    print("\nNo fault.")
    return 0


def _client(service: str) -> Any:
    settings = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return boto3.client(service, region_name=REGION, config=settings)


def _sources() -> list[Source]:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.yaml"))]
    paths += sorted((ROOT / "tests/data").glob("*.json"))
    texts = {path.name: path.read_bytes() for path in paths}
    return [Source(name, text, parse(text.decode())) for name, text in texts.items()]


def _left(campaign: Campaign) -> list[str]:
    sagemaker = campaign.client("sagemaker")
    definitions = sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"]
    schedules = sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]
    return [
        *(f"The stack {name} is left." for name in campaign.left()),
        *(f"The definition {each['MonitoringJobDefinitionName']} is left." for each in definitions),
        *(f"The schedule {each['MonitoringScheduleName']} is left." for each in schedules),
    ]


def _tracebacks(errors: Any) -> list[str]:
    errors.seek(0)
    text = errors.read()
    return [f"The sandbox printed:\n{text[-6000:]}"] if "Traceback" in text else []


def _kept(fault: Fault) -> Path:
    """Keep the template of a fault. Returns its path below the project."""
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    path = KEPT_IN / f"{fault.number}.template"
    path.write_bytes(fault.template)
    return path.relative_to(ROOT)


def _print_outcomes(campaign: Campaign) -> None:
    print(f"\n{'operation':<12}{'outcome':<20}{'templates':>9}")
    for (operation, outcome), number in sorted(campaign.outcomes.items()):
        print(f"{operation:<12}{outcome:<20}{number:>9}")


if __name__ == "__main__":
    stopped = "Interrupted; the sandbox is stopped."
    sys.exit(run(main, interrupted=stopped))
