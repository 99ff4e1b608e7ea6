"""Runs of drift detection, on a toy type whose reads a test can script."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation.api import drift as api
from sandbox.cloudformation.drift import detection
from sandbox.cloudformation.drift.comparison import differences
from tests.harness.cloudformation import THING, Event, Stacks, failed, template, thing

TAGS = [{"Key": "team", "Value": "churn"}]
BUCKET = {"Type": "AWS::S3::Bucket"}


def detect(stacks: Stacks, name: str = "shop", **more: Any) -> dict[str, Any]:
    """Check a stack and wait for the end. Returns the status of the run."""
    client = stacks.client()
    run = client.detect_stack_drift(StackName=name, **more)["StackDriftDetectionId"]
    until = time.monotonic() + 20
    while True:
        answer: dict[str, Any] = client.describe_stack_drift_detection_status(
            StackDriftDetectionId=run
        )
        del answer["ResponseMetadata"]
        if answer["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            return answer
        assert time.monotonic() < until, answer


def drifts(stacks: Stacks, name: str = "shop", **more: Any) -> dict[str, dict[str, Any]]:
    """Return the results of a stack's resources by logical id."""
    answer = stacks.client().describe_stack_resource_drifts(StackName=name, **more)
    return {each["LogicalResourceId"]: each for each in answer["StackResourceDrifts"]}


def statuses(stacks: Stacks, name: str = "shop") -> dict[str, str]:
    return {name: each["StackResourceDriftStatus"] for name, each in drifts(stacks, name).items()}


def refusal(stacks: Stacks, operation: str, **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        getattr(stacks.client(), operation)(**request)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    return str(refused.value.response["Error"]["Message"])


def change(stacks: Stacks, size: int, **changes: Any) -> None:
    """Change the thing of this size by hand."""
    [found] = [each for each in stacks.shop.things.values() if each["Size"] == size]
    found.update(changes)


class TestAStackAsDeployed:
    @pytest.fixture(autouse=True)
    def _deployed(self, stacks: Stacks) -> None:
        secret = {"Name": "cog", "Secret": "s", "Ratio": "0.5", "Tags": TAGS, "Size": 1}
        stacks.create({"Thing": thing(secret), "Other": thing({"Size": 2}), "Bucket": BUCKET})

    def test_is_in_sync(self, stacks: Stacks) -> None:
        before = datetime.now(timezone.utc)
        run = detect(stacks)
        assert run.pop("Timestamp") >= before.replace(microsecond=0)
        assert len(run.pop("StackDriftDetectionId")) <= 36
        assert run == {
            "StackId": stacks.describe()["StackId"],
            "DetectionStatus": "DETECTION_COMPLETE",
            "StackDriftStatus": "IN_SYNC",
            "DriftedStackResourceCount": 0,
        }

    def test_has_a_result_for_each_resource_of_a_type_with_handlers(self, stacks: Stacks) -> None:
        detect(stacks)
        assert statuses(stacks) == {"Thing": "IN_SYNC", "Other": "IN_SYNC"}
        result = drifts(stacks)["Thing"]
        assert result.pop("Timestamp")
        expected = {"Size": 1, "Name": "cog", "Ratio": 0.5, "Tags": TAGS}
        assert json.loads(result.pop("ExpectedProperties")) == expected
        assert json.loads(result.pop("ActualProperties")) == expected
        assert result == {
            "StackId": stacks.describe()["StackId"],
            "LogicalResourceId": "Thing",
            "PhysicalResourceId": stacks.resource()["PhysicalResourceId"],
            "ResourceType": THING,
            "PropertyDifferences": [],
            "StackResourceDriftStatus": "IN_SYNC",
        }

    def test_is_read_with_the_identifier_alone(self, stacks: Stacks) -> None:
        detect(stacks)
        events = stacks.shop.of("READ")
        read = {event["requestData"]["logicalResourceId"] for event in events}
        assert read == {"Thing", "Other"}
        for event in events:
            assert event["requestData"]["resourceProperties"].keys() == {"Arn"}
            assert event["stackId"] == stacks.describe()["StackId"]

    def test_was_not_checked_before(self, stacks: Stacks) -> None:
        assert drifts(stacks) == {}
        assert stacks.describe()["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
        not_checked = {"StackResourceDriftStatus": "NOT_CHECKED"}
        assert stacks.resource()["DriftInformation"] == not_checked

    def test_shows_its_status_wherever_it_is_described(self, stacks: Stacks) -> None:
        change(stacks, 1, Name="wheel")
        run, client = detect(stacks), stacks.client()
        drifted = {"StackDriftStatus": "DRIFTED", "LastCheckTimestamp": run["Timestamp"]}
        assert stacks.describe()["DriftInformation"] == drifted
        assert client.describe_stacks()["Stacks"][0]["DriftInformation"] == drifted
        [summary] = client.list_stacks()["StackSummaries"]
        assert summary["DriftInformation"] == drifted

        shown = [
            client.list_stack_resources(StackName="shop")["StackResourceSummaries"],
            client.describe_stack_resources(StackName="shop")["StackResources"],
            [stacks.resource(each) for each in ("Thing", "Other", "Bucket")],
        ]
        results = drifts(stacks)
        for resources in shown:
            by_id = {each["LogicalResourceId"]: each["DriftInformation"] for each in resources}
            assert by_id == {
                "Thing": {
                    "StackResourceDriftStatus": "MODIFIED",
                    "LastCheckTimestamp": results["Thing"]["Timestamp"],
                },
                "Other": {
                    "StackResourceDriftStatus": "IN_SYNC",
                    "LastCheckTimestamp": results["Other"]["Timestamp"],
                },
                "Bucket": {"StackResourceDriftStatus": "NOT_CHECKED"},
            }

    def test_that_was_changed_by_hand_has_drifted(self, stacks: Stacks) -> None:
        change(stacks, 1, Ratio=0.7, Tags=[{"Key": "team", "Value": "loans"}])
        run = detect(stacks)
        assert (run["StackDriftStatus"], run["DriftedStackResourceCount"]) == ("DRIFTED", 1)
        result = drifts(stacks)["Thing"]
        assert result["StackResourceDriftStatus"] == "MODIFIED"
        assert json.loads(result["ActualProperties"])["Ratio"] == 0.7
        assert result["PropertyDifferences"] == [
            {
                "PropertyPath": "/Ratio",
                "ExpectedValue": "0.5",
                "ActualValue": "0.7",
                "DifferenceType": "NOT_EQUAL",
            },
            {
                "PropertyPath": "/Tags/0/Value",
                "ExpectedValue": "churn",
                "ActualValue": "loans",
                "DifferenceType": "NOT_EQUAL",
            },
        ]

    def test_of_which_something_was_deleted_by_hand_has_drifted(self, stacks: Stacks) -> None:
        del stacks.shop.things[stacks.resource("Other")["PhysicalResourceId"]]
        run = detect(stacks)
        assert (run["StackDriftStatus"], run["DriftedStackResourceCount"]) == ("DRIFTED", 1)
        result = drifts(stacks)["Other"]
        assert result["StackResourceDriftStatus"] == "DELETED"
        assert not result.keys() & {"ExpectedProperties", "ActualProperties"}
        assert result["PropertyDifferences"] == []

    def test_is_in_sync_once_checks_of_parts_have_covered_it(self, stacks: Stacks) -> None:
        assert detect(stacks, LogicalResourceIds=["Other"])["StackDriftStatus"] == "NOT_CHECKED"
        information = stacks.describe()["DriftInformation"]
        assert information["StackDriftStatus"] == "NOT_CHECKED"
        assert detect(stacks, LogicalResourceIds=["Thing"])["StackDriftStatus"] == "IN_SYNC"
        assert stacks.describe()["DriftInformation"]["StackDriftStatus"] == "IN_SYNC"

    def test_has_drifted_as_soon_as_a_part_of_it_has(self, stacks: Stacks) -> None:
        change(stacks, 1, Name="wheel")
        run = detect(stacks, LogicalResourceIds=["Thing"])
        assert (run["StackDriftStatus"], run["DriftedStackResourceCount"]) == ("DRIFTED", 1)

    def test_can_be_checked_in_part(self, stacks: Stacks) -> None:
        change(stacks, 2, Open=True)
        change(stacks, 1, Name="wheel")
        detect(stacks, LogicalResourceIds=["Other", "Bucket"])
        assert statuses(stacks) == {"Other": "IN_SYNC"}
        assert detect(stacks)["DriftedStackResourceCount"] == 1
        change(stacks, 1, Name="cog")
        detect(stacks, LogicalResourceIds=["Other"])
        assert statuses(stacks) == {"Thing": "MODIFIED", "Other": "IN_SYNC"}
        assert stacks.describe()["DriftInformation"]["StackDriftStatus"] == "DRIFTED"

    def test_results_can_be_filtered_and_paged(self, stacks: Stacks) -> None:
        change(stacks, 1, Name="wheel")
        detect(stacks)
        assert drifts(stacks, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"]).keys() == {
            "Thing"
        }
        assert drifts(stacks, StackResourceDriftStatusFilters=["NOT_CHECKED"]) == {}
        client = stacks.client()
        first = client.describe_stack_resource_drifts(StackName="shop", MaxResults=1)
        second = client.describe_stack_resource_drifts(
            StackName="shop", MaxResults=1, NextToken=first["NextToken"]
        )
        found = [*first["StackResourceDrifts"], *second["StackResourceDrifts"]]
        assert [each["LogicalResourceId"] for each in found] == ["Thing", "Other"]
        assert "NextToken" not in second

    def test_is_not_checked_again_once_an_update_began(self, stacks: Stacks) -> None:
        detect(stacks)
        resources = {"Thing": thing({"Size": 3}), "Other": thing({"Size": 2}), "Bucket": BUCKET}
        assert stacks.update(resources) == "UPDATE_COMPLETE"
        assert drifts(stacks) == {}
        assert stacks.describe()["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
        assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"

    def test_is_compared_with_its_new_template_after_an_update(self, stacks: Stacks) -> None:
        resources = {"Thing": thing({"Size": 3}), "Other": thing({"Size": 2}), "Bucket": BUCKET}
        assert stacks.update(resources) == "UPDATE_COMPLETE"
        change(stacks, 3, Size=1)
        detect(stacks)
        [difference] = drifts(stacks)["Thing"]["PropertyDifferences"]
        assert (difference["ExpectedValue"], difference["ActualValue"]) == ("3", "1")

    def test_can_be_updated_back_to_what_was_there_before_it_drifted(self, stacks: Stacks) -> None:
        resources = {"Thing": thing({"Size": 0}), "Other": thing({"Size": 2}), "Bucket": BUCKET}
        assert stacks.update(resources) == "UPDATE_ROLLBACK_COMPLETE"
        assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"


class TestASingleResource:
    @pytest.fixture(autouse=True)
    def _deployed(self, stacks: Stacks) -> None:
        stacks.create({"Thing": thing(), "Other": thing({"Size": 2}), "Bucket": BUCKET})

    @staticmethod
    def check(stacks: Stacks, logical_id: str = "Thing") -> dict[str, Any]:
        answer = stacks.client().detect_stack_resource_drift(
            StackName="shop", LogicalResourceId=logical_id
        )
        return dict(answer["StackResourceDrift"])

    def test_is_checked_at_once(self, stacks: Stacks) -> None:
        change(stacks, 1, Size=5)
        result = self.check(stacks)
        assert result["StackResourceDriftStatus"] == "MODIFIED"
        assert drifts(stacks) == {"Thing": result}

    def test_changes_the_status_of_the_stack_both_ways(self, stacks: Stacks) -> None:
        detect(stacks)
        change(stacks, 1, Size=5)
        self.check(stacks)
        assert stacks.describe()["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
        change(stacks, 5, Size=1)
        self.check(stacks)
        assert stacks.describe()["DriftInformation"]["StackDriftStatus"] == "IN_SYNC"

    def test_that_is_in_sync_says_nothing_of_a_stack_that_was_never_checked(
        self, stacks: Stacks
    ) -> None:
        self.check(stacks)
        information = stacks.describe()["DriftInformation"]
        assert information["StackDriftStatus"] == "NOT_CHECKED"
        assert information["LastCheckTimestamp"]

    def test_that_cannot_be_read_is_unknown_and_says_why(self, stacks: Stacks) -> None:
        stacks.shop.will("READ", failed("AccessDenied", "no permission"))
        result = self.check(stacks)
        assert result["StackResourceDriftStatus"] == "UNKNOWN"
        assert result["DriftStatusReason"] == "no permission"

    def test_of_a_type_without_handlers_is_refused(self, stacks: Stacks) -> None:
        message = refusal(
            stacks, "detect_stack_resource_drift", StackName="shop", LogicalResourceId="Bucket"
        )
        assert message == (
            "The sandbox does not detect drift of Bucket, which is of type AWS::S3::Bucket. It "
            "does so only for types with handlers."
        )

    def test_that_does_not_exist_is_refused(self, stacks: Stacks) -> None:
        message = refusal(
            stacks, "detect_stack_resource_drift", StackName="shop", LogicalResourceId="None"
        )
        assert message == "Resource None does not exist for stack shop"


class TestAReadThatFails:
    @pytest.fixture(autouse=True)
    def _deployed(self, stacks: Stacks) -> None:
        stacks.create({"A": thing(), "B": thing({"Size": 2}, DependsOn="A")})

    def test_fails_the_run_while_others_keep_their_results(self, stacks: Stacks) -> None:
        stacks.shop.will("READ", failed("AccessDenied", "no permission"))
        run = detect(stacks)
        assert run["DetectionStatus"] == "DETECTION_FAILED"
        assert run["DetectionStatusReason"] == (
            '{"Summary":"Failed to detect drift on resources [A]",'
            '"Failures":[{"Resource":"A","FailureReason":"no permission"}]}'
        )
        assert "DriftedStackResourceCount" not in run
        assert run["StackDriftStatus"] == "UNKNOWN"
        assert statuses(stacks) == {"A": "UNKNOWN", "B": "IN_SYNC"}
        assert drifts(stacks)["A"]["DriftStatusReason"] == "no permission"
        assert drifts(stacks, StackResourceDriftStatusFilters=["UNKNOWN"]).keys() == {"A"}
        assert stacks.describe()["DriftInformation"]["StackDriftStatus"] == "UNKNOWN"

    def test_does_not_hide_that_another_resource_has_drifted(self, stacks: Stacks) -> None:
        stacks.shop.will("READ", failed("AccessDenied", ""))
        change(stacks, 2, Size=3)
        run = detect(stacks)
        assert run["StackDriftStatus"] == "DRIFTED"
        assert '"FailureReason":"AccessDenied"' in run["DetectionStatusReason"]

    def test_is_repeated_if_the_error_is_retriable(self, stacks: Stacks) -> None:
        stacks.shop.will("READ", failed("Throttling", "slow down"))
        assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"

    def test_is_one_too_that_returns_what_cannot_be_compared(
        self, stacks: Stacks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing_at_the_first(schema: Any, expected: Any, actual: Any) -> Any:
            if expected["Size"] == 1:
                raise AttributeError
            return differences(schema, expected, actual)

        monkeypatch.setattr(detection, "differences", failing_at_the_first)
        run = detect(stacks)
        assert (run["DetectionStatus"], run["StackDriftStatus"]) == ("DETECTION_FAILED", "UNKNOWN")
        assert statuses(stacks) == {"A": "UNKNOWN", "B": "IN_SYNC"}
        reason = drifts(stacks)["A"]["DriftStatusReason"]
        assert reason.startswith("Internal Failure: AttributeError")
        answer = stacks.client().detect_stack_resource_drift(
            StackName="shop", LogicalResourceId="A"
        )
        assert answer["StackResourceDrift"]["DriftStatusReason"] == reason

    def test_names_all_resources_that_failed(self, stacks: Stacks) -> None:
        stacks.shop.will("READ", RuntimeError("broken"), failed("GeneralServiceException", "no"))
        reason = json.loads(detect(stacks)["DetectionStatusReason"])
        assert reason["Summary"] == "Failed to detect drift on resources [A,B]"
        assert [each["FailureReason"] for each in reason["Failures"]] == [
            "Internal Failure: RuntimeError: broken",
            "no",
        ]


class TestARunInProgress:
    @pytest.fixture
    def go_on(self, stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
        """A stack with a read that continues when this is set."""
        monkeypatch.setattr(api, "LONGEST_HOLD", 0)
        stacks.create({"Thing": thing()})
        go_on = threading.Event()

        def wait(_: Event) -> None:
            go_on.wait(60)

        stacks.shop.will("READ", wait)
        yield go_on
        go_on.set()

    def test_says_so_and_is_the_only_one(self, stacks: Stacks, go_on: threading.Event) -> None:
        client = stacks.client()
        run = client.detect_stack_drift(StackName="shop")["StackDriftDetectionId"]
        answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=run)
        assert answer["DetectionStatus"] == "DETECTION_IN_PROGRESS"
        assert not answer.keys() & {"StackDriftStatus", "DriftedStackResourceCount"}
        stack_id = stacks.describe()["StackId"]
        refused = f"Drift detection is already in progress for stack [{stack_id}]"
        assert refusal(stacks, "detect_stack_drift", StackName="shop") == refused
        thing_of = {"StackName": "shop", "LogicalResourceId": "Thing"}
        assert refusal(stacks, "detect_stack_resource_drift", **thing_of) == refused

        go_on.set()
        until = time.monotonic() + 20
        while answer["DetectionStatus"] == "DETECTION_IN_PROGRESS":
            answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=run)
            assert time.monotonic() < until
        assert answer["StackDriftStatus"] == "IN_SYNC"
        assert client.detect_stack_drift(StackName="shop")["StackDriftDetectionId"] != run

    def test_says_nothing_of_a_stack_that_an_update_changes_meanwhile(
        self, stacks: Stacks, go_on: threading.Event
    ) -> None:
        client = stacks.client()
        run = client.detect_stack_drift(StackName="shop")["StackDriftDetectionId"]
        assert stacks.update({"Thing": thing({"Size": 2})}) == "UPDATE_COMPLETE"
        go_on.set()
        until = time.monotonic() + 20
        while True:
            answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=run)
            if answer["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
            assert time.monotonic() < until
        assert drifts(stacks) == {}
        assert stacks.describe()["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}

    def test_holds_the_answer_about_it(
        self, stacks: Stacks, go_on: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api, "LONGEST_HOLD", 60)
        client = stacks.client()
        run = client.detect_stack_drift(StackName="shop")["StackDriftDetectionId"]
        threading.Timer(0.2, go_on.set).start()
        answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=run)
        assert answer["DetectionStatus"] == "DETECTION_COMPLETE"


def test_a_stack_that_failed_or_is_at_work_cannot_be_checked(stacks: Stacks) -> None:
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    stack_id = stacks.create({"Thing": thing()})
    wanted = (
        f"Drift detection cannot be performed on stack [{stack_id}] while it is in "
        "[ROLLBACK_COMPLETE] state"
    )
    assert refusal(stacks, "detect_stack_drift", StackName="shop") == wanted
    thing_of = {"StackName": "shop", "LogicalResourceId": "Thing"}
    assert refusal(stacks, "detect_stack_resource_drift", **thing_of) == wanted


@pytest.mark.parametrize("status", ["IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"])
def test_a_stack_can_be_checked_after_an_import_and_after_its_rollback(
    stacks: Stacks, status: str
) -> None:
    old = {"Old": thing()}
    stacks.create(old)
    stacks.shop.things["arn:toy:new"] = {"Size": 2, "Arn": "arn:toy:new"}
    if status == "IMPORT_ROLLBACK_COMPLETE":
        stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
    client = stacks.client()
    change_set = client.create_change_set(
        StackName="shop",
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=template({**old, "New": thing({"Size": 2}, DeletionPolicy="Retain")}),
        ResourcesToImport=[
            {
                "ResourceType": THING,
                "LogicalResourceId": "New",
                "ResourceIdentifier": {"Arn": "arn:toy:new"},
            }
        ],
    )
    client.execute_change_set(ChangeSetName=change_set["Id"])
    assert stacks.settled() == status
    assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"
    checked = {"Old", "New"} if status == "IMPORT_COMPLETE" else {"Old"}
    assert statuses(stacks).keys() == checked


def test_what_does_not_exist_is_refused(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    assert refusal(stacks, "detect_stack_drift", StackName="none") == (
        "Stack with id none does not exist"
    )
    assert (
        refusal(
            stacks, "detect_stack_drift", StackName="shop", LogicalResourceIds=["Thing", "None"]
        )
        == "Resource None does not exist for stack shop"
    )
    assert "[unknown] does not exist" in refusal(
        stacks, "describe_stack_drift_detection_status", StackDriftDetectionId="unknown"
    )


def test_what_the_model_of_the_api_forbids_is_refused(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    assert "Member must have length less than or equal to 4" in refusal(
        stacks,
        "describe_stack_resource_drifts",
        StackName="shop",
        StackResourceDriftStatusFilters=["IN_SYNC"] * 5,
    )


def test_a_stack_of_types_without_handlers_is_in_sync(stacks: Stacks) -> None:
    stacks.create({"Bucket": BUCKET})
    assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"
    assert drifts(stacks) == {}


def test_a_nested_stack_is_checked_by_itself(stacks: Stacks) -> None:
    url = stacks.upload({"Thing": thing()})
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    stacks.create({"Child": nested})
    change(stacks, 1, Size=2)
    assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"
    child = stacks.resource("Child")["PhysicalResourceId"]
    assert detect(stacks, child)["StackDriftStatus"] == "DRIFTED"
    assert statuses(stacks, child) == {"Thing": "MODIFIED"}


def test_after_a_rollback_that_failed_the_template_before_the_update_counts(
    stacks: Stacks,
) -> None:
    stacks.create({"A": thing(), "B": thing(DependsOn="A")})
    no = failed("InvalidRequest", "no")
    stacks.shop.will("UPDATE", None, no, no)
    resources = {"A": thing({"Size": 2}), "B": thing({"Size": 2}, DependsOn="A")}
    assert stacks.update(resources) == "UPDATE_ROLLBACK_FAILED"
    detect(stacks)
    assert statuses(stacks) == {"A": "MODIFIED", "B": "IN_SYNC"}
    [difference] = drifts(stacks)["A"]["PropertyDifferences"]
    assert (difference["ExpectedValue"], difference["ActualValue"]) == ("1", "2")

    stacks.client().continue_update_rollback(StackName="shop", ResourcesToSkip=["A"])
    assert stacks.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert drifts(stacks) == {}
    detect(stacks)
    assert statuses(stacks) == {"A": "MODIFIED", "B": "IN_SYNC"}


def test_stack_tags_are_expected_of_what_the_read_returns(stacks: Stacks) -> None:
    stage = [{"Key": "stage", "Value": "test"}]
    stacks.create({"Thing": thing({"Tags": TAGS})}, Tags=stage)
    [made] = stacks.shop.things.values()
    made["Tags"] = [*stage, {"Key": "aws:cloudformation:stack-name", "Value": "shop"}, *TAGS]
    assert detect(stacks)["StackDriftStatus"] == "IN_SYNC"
    made["Tags"] = [*TAGS, {"Key": "by-hand", "Value": "1"}]
    detect(stacks)
    found = [
        (each["PropertyPath"], each["DifferenceType"])
        for each in drifts(stacks)["Thing"]["PropertyDifferences"]
    ]
    assert found == [("/Tags/1", "REMOVE"), ("/Tags/1", "ADD")]


def test_a_type_that_was_deregistered_leaves_its_resources_unknown(stacks: Stacks) -> None:
    from sandbox.process_wide import PROCESS

    stacks.create({"Thing": thing()})
    PROCESS.types.clear()
    run = detect(stacks)
    assert run["StackDriftStatus"] == "UNKNOWN"
    assert "is not registered" in run["DetectionStatusReason"]


def test_a_reset_ends_a_run(stacks: Stacks) -> None:
    from moto.core.base_backend import BackendDict

    go_on = threading.Event()

    def wait(_: Event) -> None:
        go_on.wait(60)

    stacks.create({"Thing": thing(), "Other": thing()})
    stacks.shop.will("READ", wait)
    stacks.client().detect_stack_drift(StackName="shop")
    threading.Timer(0.2, go_on.set).start()
    BackendDict.reset()
    go_on.wait(20)
    assert len(stacks.shop.of("READ")) <= 1


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_a_change_set_that_would_revert_drift_is_refused(stacks: Stacks, kind: str) -> None:
    stacks.create({"Thing": thing()})
    request = {"ChangeSetType": kind, "DeploymentMode": "REVERT_DRIFT"}
    message = refusal(
        stacks,
        "create_change_set",
        StackName="shop",
        ChangeSetName="revert",
        UsePreviousTemplate=True,
        **request,
    )
    assert message == "The sandbox does not support DeploymentMode REVERT_DRIFT."
    assert stacks.client().list_change_sets(StackName="shop")["Summaries"] == []
