"""What CloudFormation does before it provisions anything, and how it tells of its operations."""

from conformance.aws import Aws, Document
from conformance.belief import registered_type_belief
from conformance.checks.stacks import LOGICAL_ID, Stack
from conformance.expectations import expect, expect_equal

MISSPELT = "#: extraneous key [RolArn] is not permitted"


class ValidatedStack(Stack):
    """A stack that CloudFormation validates first, as it does by default."""

    is_validated = True


def _findings(events: list[Document]) -> list[tuple[str, str, str]]:
    """The name, the reason and the place of what the validation found."""
    return [
        (each["ValidationName"], each["ValidationStatusReason"], each["ValidationPath"])
        for each in events
        if each["EventType"] == "VALIDATION_ERROR"
    ]


@registered_type_belief("B200")
def what_the_schema_forbids_stops_a_creation_before_any_resource(aws: Aws) -> None:
    stack = ValidatedStack(aws, RolArn="misspelt").ended_as("ROLLBACK_COMPLETE")
    place = f"/Resources/{LOGICAL_ID}/Properties"
    expect_equal(_findings(stack.operation_events()), [("PROPERTY_VALIDATION", MISSPELT, place)])
    said = [(each["ResourceStatus"], each.get("ResourceStatusReason")) for each in stack.events()]
    failed = (
        "Validation failed with 1 error(s). Call DescribeEvents to retrieve the full list of "
        "issues with resource and property details, resolve each error, then retry the operation."
    )
    detected = "Validation failure detected. See the operation's FAILED event for details."
    wanted = [
        ("CREATE_IN_PROGRESS", "User Initiated"),
        ("CREATE_FAILED", failed),
        ("ROLLBACK_IN_PROGRESS", detected),
        ("ROLLBACK_COMPLETE", None),
    ]
    expect_equal(said, wanted)


@registered_type_belief("B201")
def what_the_schema_forbids_stops_an_update_and_the_definition_stays(aws: Aws) -> None:
    stack = ValidatedStack(aws).ended_as("CREATE_COMPLETE")
    before = aws.describe(stack.definition)
    stack.update(RolArn="misspelt", StoppingCondition={"MaxRuntimeInSeconds": 1800})
    stack.ended_as("UPDATE_ROLLBACK_COMPLETE")
    expect_equal([reason for _, reason, _ in _findings(stack.operation_events())], [MISSPELT])
    expect_equal(aws.describe(stack.definition), before)


@registered_type_belief("B202")
def what_the_schema_forbids_fails_a_change_set_in_these_words(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    made = aws.cloudformation.create_change_set(
        StackName=stack.name,
        ChangeSetName=aws.prefix,
        TemplateBody=stack.template(RolArn="misspelt"),
    )

    def described() -> Document:
        return dict(aws.cloudformation.describe_change_set(ChangeSetName=made["Id"]))

    aws.eventually(lambda: described()["Status"] == "FAILED", described)
    expect_equal(described()["ExecutionStatus"], "UNAVAILABLE")
    words = "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]."
    expect(described()["StatusReason"].startswith(words), described()["StatusReason"])
    events = stack.operation_events(ChangeSetName=made["Id"])
    expect_equal([reason for _, reason, _ in _findings(events)], [MISSPELT])


@registered_type_belief("B203")
def each_operation_has_an_id_and_events_that_begin_and_end_it(aws: Aws) -> None:
    stack = Stack(aws, RolArn="misspelt").ended_as("ROLLBACK_COMPLETE")
    ends = [
        (each["OperationType"], each["OperationStatus"])
        for each in stack.operation_events()
        if each["EventType"] == "STACK_EVENT"
    ]
    wanted = [
        ("CREATE_STACK", "IN_PROGRESS"),
        ("CREATE_STACK", "FAILED"),
        ("ROLLBACK", "IN_PROGRESS"),
        ("ROLLBACK", "SUCCEEDED"),
    ]
    expect_equal(ends, wanted)
    described = aws.stack(stack.name) or {}
    expect_equal(
        [each["OperationType"] for each in described["LastOperations"]],
        ["ROLLBACK", "CREATE_STACK"],
    )
    expect_equal(described["LastOperations"][1]["OperationId"], stack.operation_id)
    of_creation = stack.operation_events(OperationId=stack.operation_id)
    expect_equal({each["OperationId"] for each in of_creation}, {stack.operation_id})
