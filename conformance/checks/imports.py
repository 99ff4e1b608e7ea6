"""What CloudFormation does when it imports a definition. All of these need the type in stacks."""

import json
from typing import Any

from conformance.aws import Aws, Document
from conformance.belief import registered_type_belief
from conformance.checks.stacks import Stack
from conformance.expectations import expect, expect_equal, expect_refusal

LOGICAL_ID = "Imported"
#: Tags that someone put on the definition before.
BY_HAND = {"by": "hand"}
#: Two tags with one key, which the handlers reject.
REJECTED_BY_UPDATE: Document = {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}


class Import:
    """A change set that imports one definition, into a new stack or an existing one."""

    def __init__(
        self, aws: Aws, arn: str, into: Stack | None = None, change_set: str = "import", **more: Any
    ) -> None:
        """Prepare it. more: properties of the definition in the template."""
        self._aws = aws
        self.stack = into.name if into else aws.stack_name()
        properties = {**aws.request(), "JobDefinitionName": None, **more}
        self.template: Document = json.loads(into.template()) if into else {"Resources": {}}
        self.definition: Document = {
            "Type": aws.type_name,
            "DeletionPolicy": "Retain",
            "Properties": {name: each for name, each in properties.items() if each is not None},
        }
        self.template["Resources"][LOGICAL_ID] = self.definition
        self.wanted: Document = {
            "ResourceType": aws.type_name,
            "LogicalResourceId": LOGICAL_ID,
            "ResourceIdentifier": {"JobDefinitionArn": arn},
        }
        self._names = {"StackName": self.stack, "ChangeSetName": change_set}
        self._stack_id = ""

    def create(self, **more: Any) -> None:
        """Create the change set. more: further arguments, or others; None leaves one out."""
        request = {
            **self._names,
            "ChangeSetType": "IMPORT",
            "ResourcesToImport": [self.wanted],
            "TemplateBody": json.dumps(self.template),
            **more,
        }
        given = {name: value for name, value in request.items() if value is not None}
        self._stack_id = str(self._aws.cloudformation.create_change_set(**given)["StackId"])

    def planned(self, **more: Any) -> Document:
        """Create the change set. Returns its description once it is complete or has failed."""
        self.create(**more)

        def described() -> Document:
            return dict(self._aws.cloudformation.describe_change_set(**self._names))

        done = ("CREATE_COMPLETE", "FAILED")
        self._aws.eventually(lambda: described()["Status"] in done, described)
        return described()

    def execute(self) -> str:
        """Execute the change set. Returns the stack's status at the end."""
        before = self._aws.newest_event(self._stack_id)
        self._aws.cloudformation.execute_change_set(**self._names)
        return self._aws.rest(self._stack_id, before)

    def run(self) -> str:
        """Create and execute it. Returns the stack's status at the end."""
        described = self.planned()
        expect(described["Status"] == "CREATE_COMPLETE", described)
        return self.execute()

    def events(self) -> list[tuple[str, str, str | None]]:
        """The logical id, status and reason of each event since the import began, in order."""
        operation = self._aws.cloudformation.get_paginator("describe_stack_events")
        pages = operation.paginate(StackName=self.stack)
        events = [event for page in pages for event in page["StackEvents"]][::-1]
        shown = [
            (
                "stack" if event["LogicalResourceId"] == self.stack else event["LogicalResourceId"],
                str(event["ResourceStatus"]),
                event.get("ResourceStatusReason"),
            )
            for event in events
        ]
        statuses = [(name, status) for name, status, _ in shown]
        return shown[statuses.index(("stack", "IMPORT_IN_PROGRESS")) :]


def by_hand(aws: Aws, **more: Any) -> str:
    """The ARN of a definition that exists outside of all stacks, with a tag."""
    tags = [{"Key": key, "Value": value} for key, value in BY_HAND.items()]
    definition = aws.create(Tags=tags, **more)
    arn = str(aws.describe(definition.name)["JobDefinitionArn"])
    aws.comes_to_have(arn, BY_HAND)
    return arn


@registered_type_belief("B135")
def a_change_set_says_what_it_imports_and_warns(aws: Aws) -> None:
    arn = by_hand(aws)
    described = Import(aws, arn).planned()
    seen = (described["Status"], described["ExecutionStatus"])
    expect(seen == ("CREATE_COMPLETE", "AVAILABLE"), described)
    expect(described["StatusReason"].startswith("Verify that resources"), described["StatusReason"])
    [change] = (each["ResourceChange"] for each in described["Changes"])
    expect(change["Action"] == "Import" and "Replacement" not in change, change)
    expect(change["PhysicalResourceId"].lower() == arn.lower(), change)


@registered_type_belief("B136")
def an_import_has_these_events(aws: Aws) -> None:
    into_new = Import(aws, by_hand(aws))
    expect_equal(into_new.run(), "IMPORT_COMPLETE")
    tags = "Apply stack-level tags to imported resource if applicable."
    expect_equal(
        into_new.events(),
        [
            ("stack", "IMPORT_IN_PROGRESS", "User Initiated"),
            (LOGICAL_ID, "IMPORT_IN_PROGRESS", "Resource import started."),
            (LOGICAL_ID, "IMPORT_IN_PROGRESS", None),
            (LOGICAL_ID, "IMPORT_COMPLETE", "Resource import completed."),
            (LOGICAL_ID, "UPDATE_IN_PROGRESS", tags),
            (LOGICAL_ID, "UPDATE_COMPLETE", None),
            ("stack", "IMPORT_COMPLETE", None),
        ],
    )


@registered_type_belief("B137")
def an_import_adds_the_tags_of_stack_and_template_and_removes_none(aws: Aws) -> None:
    arn = by_hand(aws)
    stack = Stack(aws, {"stage": "test"}).ended_as("CREATE_COMPLETE")
    own = [{"Key": "team", "Value": "churn"}]
    expect_equal(Import(aws, arn, stack, Tags=own).run(), "IMPORT_COMPLETE")
    aws.comes_to_have(arn, {**BY_HAND, "stage": "test", "team": "churn"})


@registered_type_belief("B138")
def an_import_does_not_notice_that_a_create_only_property_differs(aws: Aws) -> None:
    arn = by_hand(aws)
    name = arn.rpartition("/")[2]
    before = aws.describe(name)
    other: Document = {"StoppingCondition": {"MaxRuntimeInSeconds": 60}}
    expect_equal(Import(aws, arn, **other).run(), "IMPORT_COMPLETE")
    expect_equal(aws.describe(name), before)


@registered_type_belief("B139")
def what_an_import_must_not_do_is_refused_in_these_words(aws: Aws) -> None:
    arn = by_hand(aws)

    def refused(words: str, wanted: Import, **more: Any) -> None:
        expect_refusal("ValidationError", wanted.create, words=(words,), **more)

    refused("Must Provide at least one resource to import", Import(aws, arn), ResourcesToImport=[])
    by_name = Import(aws, arn)
    by_name.wanted["ResourceIdentifier"] = {"JobDefinitionName": "churn"}
    refused("Expected [JobDefinitionArn]", by_name)
    unprotected = Import(aws, arn)
    del unprotected.definition["DeletionPolicy"]
    refused(f"import [{LOGICAL_ID}] must have DeletionPolicy attribute", unprotected)
    with_more = Import(aws, arn)
    with_more.template["Resources"]["More"] = with_more.definition
    refused("Resources [More] is missing from ResourceToImport list", with_more)
    with_outputs = Import(aws, arn)
    with_outputs.template["Outputs"] = {"Arn": {"Value": {"Ref": LOGICAL_ID}}}
    refused("you cannot modify or add [Outputs]", with_outputs)
    tags = [{"Key": "stage", "Value": "test"}]
    refused("you cannot modify or add [Tags]", Import(aws, arn), Tags=tags)
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    changed = Import(aws, arn, stack)
    del changed.template["Resources"]["JobDefinition"]
    changed.template["Outputs"] = {}
    refused("you cannot modify or add [Outputs]", changed)
    changed = Import(aws, arn, stack)
    changed.template["Resources"]["JobDefinition"]["DeletionPolicy"] = "Retain"
    refused("You have modified resources [JobDefinition] in your template", changed)


@registered_type_belief("B140")
def a_change_set_fails_with_the_handlers_words_if_there_is_no_such_definition(aws: Aws) -> None:
    arn = by_hand(aws)
    wanted = Import(aws, arn.replace(arn.rpartition("/")[2], aws.name()))
    described = wanted.planned()
    expect((described["Status"], described["Changes"]) == ("FAILED", []), described)
    expect("not found" in described["StatusReason"], described["StatusReason"])
    expect_equal((aws.stack(wanted.stack) or {}).get("StackStatus"), "REVIEW_IN_PROGRESS")


@registered_type_belief("B141")
def a_change_set_fails_if_a_stack_has_the_definition(aws: Aws) -> None:
    owner = Stack(aws).ended_as("CREATE_COMPLETE")
    described = Import(aws, owner.arn).planned()
    expect(described["Status"] == "FAILED", described)
    stack_id = (aws.stack(owner.name) or {})["StackId"]
    expect_equal(described["StatusReason"], f"{owner.arn} already exists in stack {stack_id}")


@registered_type_belief("B142")
def an_import_whose_update_is_rejected_leaves_the_definition_alone(aws: Aws) -> None:
    arn = by_hand(aws)
    into_new = Import(aws, arn, **REJECTED_BY_UPDATE)
    expect_equal(into_new.run(), "ROLLBACK_COMPLETE")
    events = into_new.events()
    expect((LOGICAL_ID, "UPDATE_FAILED") in {each[:2] for each in events}, events)
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    into_existing = Import(aws, arn, stack, **REJECTED_BY_UPDATE)
    expect_equal(into_existing.run(), "IMPORT_ROLLBACK_COMPLETE")
    expect_equal(aws.tags(arn), BY_HAND)
    expect_equal(Import(aws, arn, stack, "again").run(), "IMPORT_COMPLETE")


@registered_type_belief("B143")
def a_definition_is_never_imported_automatically(aws: Aws) -> None:
    arn = by_hand(aws)
    wanted = Import(aws, arn, JobDefinitionName=arn.rpartition("/")[2])
    automatic: Document = {"ChangeSetType": "CREATE", "ImportExistingResources": True}
    described = wanted.planned(**automatic, ResourcesToImport=None)
    [change] = (each["ResourceChange"] for each in described["Changes"])
    expect_equal(change["Action"], "Add")
    expect_equal(wanted.execute(), "ROLLBACK_COMPLETE")
    expect_equal(aws.tags(arn), BY_HAND)


@registered_type_belief("B144")
def the_summary_of_a_template_says_what_identifies_a_definition(aws: Aws) -> None:
    body = json.dumps(Import(aws, "").template)
    answer = aws.cloudformation.get_template_summary(TemplateBody=body)
    expect_equal(
        answer["ResourceIdentifierSummaries"],
        [
            {
                "ResourceType": aws.type_name,
                "LogicalResourceIds": [LOGICAL_ID],
                "ResourceIdentifiers": ["JobDefinitionArn"],
            }
        ],
    )
