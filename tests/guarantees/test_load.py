"""Many stacks at once on a bad day: none loses, doubles or leaves anything behind.

Real clients create, update and delete 200 stacks of a role, a definition and a schedule while one
call of SageMaker in ten fails at random, and some of the logs and metrics. The random numbers are
the same ones each time; which call gets which number is up to the threads.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.harness.provider import MINIMUM, TYPE_NAME
from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import CAPABILITIES, Clients, Stack, body, inventory, tag_list

# Long, and the same on every Python.
pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]

STACKS = 200
CLIENTS = 16
POLL_SECONDS = 0.5
# Of one stack operation, with all others under way.
TIME_LIMIT_SECONDS = 240
MAX_DELETIONS = 10
# Together they strike one call in ten.
PASSING = ("throttle", "error-500", "error-503", "cut-before", "cut-after")
FAULTS: list[dict[str, Any]] = [
    *({"service": "sagemaker", "operation": "*", "fault": f, "rate": 0.02} for f in PASSING),
    # What no retry cures, so that some stacks fail: before a definition is made, and after.
    *(
        {"service": "sagemaker", "operation": operation, "fault": "access-denied", "rate": 0.02}
        for operation in ("CreateModelQualityJobDefinition", "ListTags", "AddTags")
    ),
    {"service": "logs", "operation": "*", "fault": "cut-before", "rate": 0.1},
    {"service": "cloudwatch", "operation": "*", "fault": "error-500", "rate": 0.1},
]


def template(number: int, *, changed: bool = False) -> dict[str, Any]:
    """A role, a definition that needs it, and a schedule that needs that.

    ``changed`` changes a tag in place, and in every second stack replaces the definition too.
    """
    minutes = 30 if changed and number % 2 else 20
    definition = {
        **MINIMUM,
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "StoppingCondition": {"MaxRuntimeInSeconds": minutes * 60},
        "Tags": tag_list({"number": str(number), "changed": str(changed)}),
    }
    schedule = {
        "MonitoringScheduleName": name_of(number),
        "MonitoringScheduleConfig": {
            # The name of a definition is the last part of its ARN.
            "MonitoringJobDefinitionName": {
                "Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "JobDefinition"}]}]
            },
            "MonitoringType": "ModelQuality",
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        },
    }
    trust = {"Version": "2012-10-17", "Statement": []}
    return {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
            "JobDefinition": {"Type": TYPE_NAME, "Properties": definition},
            "Schedule": {"Type": "AWS::SageMaker::MonitoringSchedule", "Properties": schedule},
        }
    }


def name_of(number: int) -> str:
    """The name of a stack and of its schedule."""
    return f"load-{number:03}"


@dataclass
class Load:
    """The stacks, the clients that work on them, and what came of it."""

    aws: Clients
    pool: ThreadPoolExecutor
    stacks: dict[int, Stack] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    deletions: Counter[int] = field(default_factory=Counter)

    def phase(self, title: str, work: Callable[[int], str], numbers: list[int]) -> dict[int, str]:
        """Have the clients do some work on stacks while calls fail; the statuses that came of it.

        The faults are over at the end, so that what there is can be looked at.
        """
        self._faults()
        started = time.monotonic()
        statuses = dict(zip(numbers, self.pool.map(work, numbers), strict=True))
        seconds = time.monotonic() - started
        requests.delete(f"{self.aws.url}/_sandbox/faults", timeout=5)
        for status, count in sorted(Counter(statuses.values()).items()):
            self.rows.append(f"{title:8} {count:4} {status:28} {seconds:5.0f} s")
        return statuses

    def _faults(self) -> None:
        for seed, fault in enumerate(FAULTS):
            answer = requests.post(
                f"{self.aws.url}/_sandbox/faults",
                json={**fault, "calls": None, "seed": seed},
                timeout=5,
            )
            assert answer.status_code == 201, answer.text

    def create(self, number: int) -> str:
        """Create a stack."""
        made = self.aws.cloudformation.create_stack(
            StackName=name_of(number),
            **body(template(number)),
            **CAPABILITIES,
            Tags=tag_list({"stage": "load"}),
        )
        self.stacks[number] = Stack(self.aws, made["StackId"])
        return self.rest(number)

    def update(self, number: int) -> str:
        """Update a stack."""
        self.aws.cloudformation.update_stack(
            StackName=name_of(number), **body(template(number, changed=True)), **CAPABILITIES
        )
        return self.rest(number)

    def delete(self, number: int) -> str:
        """Delete a stack, as often as it takes, as an operator would."""
        status = ""
        while status != "DELETE_COMPLETE" and self.deletions[number] < MAX_DELETIONS:
            self.deletions[number] += 1
            self.aws.cloudformation.delete_stack(StackName=self.stacks[number].id)
            status = self.rest(number)
        return status

    def rest(self, number: int) -> str:
        """The status of a stack once nothing is under way."""
        stack, until = self.stacks[number], time.monotonic() + TIME_LIMIT_SECONDS
        while (status := stack.status).endswith("_IN_PROGRESS"):
            assert time.monotonic() < until, stack.log()
            time.sleep(POLL_SECONDS)
        return status

    def definitions(self) -> dict[int, list[str]]:
        """The names of the definitions that there are, by the number of their stack."""
        found: dict[int, list[str]] = {}
        for name in inventory(self.aws)["definitions"]:
            found.setdefault(int(name.split("-")[1]), []).append(name)
        return found

    def unexplained(self) -> list[str]:
        """The failures of all stacks that say no reason."""
        return [
            f"{event['StackName']} {event['LogicalResourceId']} {event['ResourceStatus']}"
            for stack in self.stacks.values()
            for event in stack.events()
            if event["ResourceStatus"].endswith("_FAILED") and not event.get("ResourceStatusReason")
        ]

    def failures(self) -> Counter[str]:
        """How many resources failed, by status and handler error code."""
        return Counter(
            f"{event['ResourceStatus']}, {code_in(event['ResourceStatusReason'])}"
            for stack in self.stacks.values()
            for event in stack.events()
            if event["ResourceStatus"].endswith("_FAILED")
            and event["LogicalResourceId"] == "JobDefinition"
        )

    def log(self, numbers: Any) -> str:
        """All events of some stacks."""
        return "\n\n".join(self.stacks[number].log() for number in numbers)


def code_in(reason: str) -> str:
    """The handler error code in a reason."""
    return reason.rpartition("HandlerErrorCode: ")[2].rstrip(")") or reason


@pytest.fixture
def load() -> Iterator[Load]:
    """A sandbox of its own, and some clients."""
    with running_sandbox() as url, ThreadPoolExecutor(CLIENTS) as pool:
        aws = Clients(url)
        assert aws.cloudformation
        yield Load(aws, pool)


def test_many_stacks_on_a_bad_day_lose_double_and_leave_nothing(
    load: Load, record_property: Callable[[str, object], None]
) -> None:
    before = inventory(load.aws)
    numbers = list(range(STACKS))

    created = load.phase("create", load.create, numbers)
    assert set(created.values()) <= {"CREATE_COMPLETE", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
    complete = [number for number, status in created.items() if status == "CREATE_COMPLETE"]
    assert_one_each(load, complete, created)

    updated = load.phase("update", load.update, complete)
    assert set(updated.values()) <= {
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
    }
    assert_one_each(load, complete, {**created, **updated})

    deleted = load.phase("delete", load.delete, numbers)
    again = sum(times - 1 for times in load.deletions.values())
    load.rows.append(f"{again} deletions were asked for again")
    load.rows += [f"{count:4} {what}" for what, count in sorted(load.failures().items())]
    record_property("table", "\n".join(load.rows))
    assert set(deleted.values()) == {"DELETE_COMPLETE"}
    assert load.unexplained() == []
    assert inventory(load.aws) == before


def assert_one_each(load: Load, complete: list[int], statuses: dict[int, str]) -> None:
    """Every stack that stands has one definition; of the others, only who may not say so."""
    found = load.definitions()
    doubled = [number for number, names in found.items() if len(names) > 1]
    assert not doubled, load.log(doubled)
    lost = [number for number in complete if number not in found]
    assert not lost, load.log(lost)
    left = [number for number in found if statuses[number] == "ROLLBACK_COMPLETE"]
    assert not left, load.log(left)
