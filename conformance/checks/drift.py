"""What drift detection reports of a registered type. All of these need the type in stacks."""

import json
from collections.abc import Mapping

from conformance.aws import Aws, Document
from conformance.belief import registered_type_belief
from conformance.checks.stacks import LOGICAL_ID, Stack
from conformance.expectations import BeliefBroken, expect, expect_equal, refusal

TAGS = [{"Key": "team", "Value": "churn"}, {"Key": "area", "Value": "a"}]


class Checked(Stack):
    """A stack that has come to rest, and can be checked for drift."""

    def __init__(self, aws: Aws, tags: Mapping[str, str] | None = None, **changes: object) -> None:
        """Create it as Stack does. Raises BeliefBroken unless that is complete."""
        super().__init__(aws, tags, **changes)
        self.ended_as("CREATE_COMPLETE")

    @property
    def live_arn(self) -> str:
        """The definition's ARN, as Describe spells it."""
        return str(self._aws.describe(self.definition)["JobDefinitionArn"])

    def check(self) -> Document:
        """Check the whole stack. Returns the status at the end."""
        api = self._aws.cloudformation
        run = api.detect_stack_drift(StackName=self.name)["StackDriftDetectionId"]

        def seen() -> Document:
            return dict(api.describe_stack_drift_detection_status(StackDriftDetectionId=run))

        self._aws.eventually(lambda: seen()["DetectionStatus"] != "DETECTION_IN_PROGRESS", seen)
        return seen()

    def drift(self) -> Document:
        """Check the definition. Returns the result."""
        answer = self._aws.cloudformation.detect_stack_resource_drift(
            StackName=self.name, LogicalResourceId=LOGICAL_ID
        )
        return dict(answer["StackResourceDrift"])

    def comes_to_show(self, *differences: tuple[str, str, str, str]) -> Document:
        """Wait until exactly these differences are reported. Returns the result.

        differences: path, type, expected and actual value; the last two are compared as JSON if
        they are JSON.
        """
        wanted = {tuple(map(_parsed, each)) for each in differences}

        def shown() -> set[tuple[str, ...]]:
            return {
                tuple(
                    _parsed(each[member])
                    for member in ("PropertyPath", "DifferenceType", "ExpectedValue", "ActualValue")
                )
                for each in self.drift().get("PropertyDifferences", [])
            }

        self._aws.eventually(lambda: shown() == wanted, shown)
        return self.drift()

    def remake(self, **changes: object) -> None:
        """Make another definition with these properties under the same name, by hand."""
        name = self.definition
        self._aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
        self._aws.eventually(lambda: not self._aws.exists(name), lambda: "still shown")
        self._aws.create(name, **changes)

    def is_in_sync(self) -> Document:
        """Raise BeliefBroken unless the definition has not drifted. Returns the result."""
        result = self.drift()
        expect(result["StackResourceDriftStatus"] == "IN_SYNC", result)
        return result


def _parsed(text: str) -> str:
    """JSON in one spelling; other text unchanged."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def _expected(result: Document) -> Document:
    return dict(json.loads(result["ExpectedProperties"]))


@registered_type_belief("B145")
def tags_of_the_stack_are_expected_beside_those_of_the_template(aws: Aws) -> None:
    stack = Checked(aws, {"stage": "test"}, Tags=TAGS)
    aws.comes_to_have(stack.live_arn, {"team": "churn", "area": "a", "stage": "test"})
    result = stack.is_in_sync()
    tags = _expected(result)["Tags"]
    expect({"Key": "stage", "Value": "test"} in tags, tags)
    for properties in (result["ExpectedProperties"], result["ActualProperties"]):
        expect("aws:cloudformation:" not in properties, properties)


@registered_type_belief("B146")
def tags_of_the_stack_are_expected_without_any_in_the_template(aws: Aws) -> None:
    stack = Checked(aws, {"stage": "test", "owner": "me"})
    arn = stack.live_arn
    aws.comes_to_have(arn, {"stage": "test", "owner": "me"})
    stack.is_in_sync()
    aws.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["stage"])
    aws.comes_to_have(arn, {"owner": "me"})
    expect_equal(stack.drift()["StackResourceDriftStatus"], "MODIFIED")


@registered_type_belief("B147")
def a_tag_is_no_drift_where_neither_template_nor_stack_has_tags(aws: Aws) -> None:
    stack = Checked(aws)
    arn = stack.live_arn
    aws.sagemaker.add_tags(ResourceArn=arn, Tags=TAGS)
    aws.comes_to_have(arn, {"team": "churn", "area": "a"})
    stack.is_in_sync()


@registered_type_belief("B148")
def what_sagemaker_fills_in_is_no_drift_not_even_in_a_list(aws: Aws) -> None:
    stack = Checked(aws)
    described = aws.describe(stack.definition)
    [output] = described["ModelQualityJobOutputConfig"]["MonitoringOutputs"]
    expect("S3UploadMode" in output["S3Output"], described)
    expect("StoppingCondition" in described, described)
    result = stack.is_in_sync()
    for shown in (_expected(result), dict(json.loads(result["ActualProperties"]))):
        expect("StoppingCondition" not in shown, shown)
    stack.delete()
    app = {**aws.request()["ModelQualityAppSpecification"], "Environment": {"A": "1"}}
    stack = Checked(aws, ModelQualityAppSpecification=app)
    stack.remake(ModelQualityAppSpecification={**app, "Environment": {"A": "1", "B": "2"}})
    stack.is_in_sync()


@registered_type_belief("B149")
def the_order_of_tags_is_no_drift(aws: Aws) -> None:
    tags = [{"Key": key, "Value": "1"} for key in "mazby"]
    stack = Checked(aws, Tags=tags)
    aws.comes_to_have(stack.live_arn, dict.fromkeys("mazby", "1"))
    stack.is_in_sync()


@registered_type_belief("B150")
def a_changed_tag_is_shown_at_its_index_in_the_template(aws: Aws) -> None:
    stack = Checked(aws, Tags=TAGS)
    aws.sagemaker.add_tags(ResourceArn=stack.live_arn, Tags=[{"Key": "area", "Value": "b"}])
    stack.comes_to_show(("/Tags/1/Value", "NOT_EQUAL", "a", "b"))


@registered_type_belief("B151")
def a_removed_tag_is_remove_and_an_added_one_is_add(aws: Aws) -> None:
    stack = Checked(aws, Tags=TAGS)
    arn = stack.live_arn
    aws.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["area"])
    removed = json.dumps(TAGS[1])
    result = stack.comes_to_show(("/Tags/1", "REMOVE", removed, "null"))
    expect_equal(result["StackResourceDriftStatus"], "MODIFIED")
    added = {"Key": "area", "Value": "a"}, {"Key": "new", "Value": "1"}
    aws.sagemaker.add_tags(ResourceArn=arn, Tags=list(added))
    aws.comes_to_have(arn, {"team": "churn", "area": "a", "new": "1"})
    [difference] = stack.drift()["PropertyDifferences"]
    actual = json.loads(stack.drift()["ActualProperties"])["Tags"]
    expect_equal(difference["DifferenceType"], "ADD")
    expect_equal(difference["PropertyPath"], f"/Tags/{actual.index(added[1])}")
    expect_equal(difference["ExpectedValue"], "null")
    stack.delete()
    Checked(aws, Tags=[]).comes_to_show(("/Tags", "REMOVE", "[]", "null"))


@registered_type_belief("B152")
def neither_write_only_properties_nor_kms_keys_are_compared(aws: Aws) -> None:
    output = aws.request()["ModelQualityJobOutputConfig"]
    config = {**output, "KmsKeyId": "alias/one"}
    stack = Checked(aws, EndpointName="churn", ModelQualityJobOutputConfig=config)
    expected = _expected(stack.is_in_sync())
    expect("EndpointName" not in expected, expected)
    stack.remake(ModelQualityJobOutputConfig={**output, "KmsKeyId": "alias/two"})
    stack.is_in_sync()
    stack.delete()
    app = {**aws.request()["ModelQualityAppSpecification"], "Environment": {"KmsKeyId": "a"}}
    stack = Checked(aws, ModelQualityAppSpecification=app)
    stack.remake(ModelQualityAppSpecification={**app, "Environment": {"KmsKeyId": "b"}})
    path = "/ModelQualityAppSpecification/Environment/KmsKeyId"
    stack.comes_to_show((path, "NOT_EQUAL", "a", "b"))


@registered_type_belief("B153")
def a_definition_that_is_gone_is_deleted_and_shows_no_properties(aws: Aws) -> None:
    stack = Checked(aws)
    name = stack.definition
    aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
    aws.eventually(lambda: not aws.exists(name), lambda: "still shown")
    run = stack.check()
    expect(run["DetectionStatus"] == "DETECTION_COMPLETE", run)
    expect((run["StackDriftStatus"], run["DriftedStackResourceCount"]) == ("DRIFTED", 1), run)
    [result] = aws.cloudformation.describe_stack_resource_drifts(StackName=stack.name)[
        "StackResourceDrifts"
    ]
    expect(result["StackResourceDriftStatus"] == "DELETED", result)
    expect(not result.keys() & {"ExpectedProperties", "ActualProperties"}, result)


@registered_type_belief("B154")
def a_check_of_one_resource_changes_the_status_of_the_stack(aws: Aws) -> None:
    stack = Checked(aws, Tags=TAGS)
    arn = stack.live_arn
    aws.comes_to_have(arn, {"team": "churn", "area": "a"})
    stack.is_in_sync()
    expect_equal(_drift_status(aws, stack), "NOT_CHECKED")
    expect_equal(stack.check()["StackDriftStatus"], "IN_SYNC")
    aws.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "area", "Value": "b"}])
    stack.comes_to_show(("/Tags/1/Value", "NOT_EQUAL", "a", "b"))
    expect_equal(_drift_status(aws, stack), "DRIFTED")
    aws.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "area", "Value": "a"}])
    stack.comes_to_show()
    expect_equal(_drift_status(aws, stack), "IN_SYNC")


def _drift_status(aws: Aws, stack: Stack) -> str:
    described = aws.stack(stack.name) or {}
    return str(described["DriftInformation"]["StackDriftStatus"])


@registered_type_belief("B155")
def a_stack_is_checked_in_these_statuses_and_refused_in_these_words_in_others(aws: Aws) -> None:
    checked = Checked(aws, Tags=TAGS)
    expect_equal(checked.check()["DetectionStatus"], "DETECTION_COMPLETE")
    for changes, status in (
        ({"Tags": TAGS[:1]}, "UPDATE_COMPLETE"),
        ({"Tags": TAGS, "RolArn": "misspelt"}, "UPDATE_ROLLBACK_COMPLETE"),
    ):
        checked.update(**changes)
        checked.ended_as(status)
        expect_equal(checked.check()["DetectionStatus"], "DETECTION_COMPLETE")
    checked.delete()
    stack = Stack(aws, RolArn="misspelt").ended_as("ROLLBACK_COMPLETE")
    refused = refusal(aws.cloudformation.detect_stack_drift, StackName=stack.name)
    described = aws.stack(stack.name) or {}
    words = (
        f"Drift detection cannot be performed on stack [{described['StackId']}] while it is in "
        "[ROLLBACK_COMPLETE] state"
    )
    if (refused.code, refused.message) != ("ValidationError", words):
        raise BeliefBroken(refused)


@registered_type_belief("B156")
def an_update_makes_a_stack_one_that_was_not_checked(aws: Aws) -> None:
    stack = Checked(aws, {"stage": "test"}, Tags=TAGS)
    expect_equal(stack.check()["StackDriftStatus"], "IN_SYNC")
    stack.update({"stage": "production"}, Tags=TAGS)
    stack.ended_as("UPDATE_COMPLETE")
    expect_equal(_drift_status(aws, stack), "NOT_CHECKED")
    drifts = aws.cloudformation.describe_stack_resource_drifts(StackName=stack.name)
    expect_equal(drifts["StackResourceDrifts"], [])
