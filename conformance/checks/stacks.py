"""What CloudFormation does with a registered type. All of these need the type in stacks."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from conformance.aws import Aws, Document
from conformance.belief import belief, registered_type_belief
from conformance.expectations import BeliefBroken, expect, expect_equal, expect_refusal, refusal

LOGICAL_ID = "JobDefinition"


class Stack:
    """One stack with one definition. What the schema forbids reaches the resource."""

    is_validated = False

    def __init__(self, aws: Aws, tags: Mapping[str, str] | None = None, **changes: Any) -> None:
        """Create it, with a definition of the least that it takes and these properties."""
        self._aws = aws
        self.name = aws.stack_name()
        self._id = ""
        self._put("create_stack", tags, changes)

    def update(self, tags: Mapping[str, str] | None = None, **changes: Any) -> None:
        """Update it to these tags, and this definition."""
        self._put("update_stack", tags, changes)

    def _put(
        self, operation: str, tags: Mapping[str, str] | None, changes: Mapping[str, Any]
    ) -> None:
        before = self._aws.newest_event(self._id) if self._id else None
        answer = getattr(self._aws.cloudformation, operation)(
            StackName=self.name,
            DisableValidation=not self.is_validated,
            TemplateBody=self.template(**changes),
            Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        )
        # A stack that is gone is known by its id alone.
        self._id = str(answer["StackId"])
        self.operation_id = str(answer.get("OperationId"))
        self.status = self._aws.rest(self._id, before)

    def template(self, **changes: Any) -> str:
        """A template of one definition; a property that is None is left out."""
        properties = {**self._aws.request(), "JobDefinitionName": None, **changes}
        definition = {
            "Type": self._aws.type_name,
            "Properties": {name: each for name, each in properties.items() if each is not None},
        }
        outputs = {
            "Ref": {"Value": {"Ref": LOGICAL_ID}},
            "Arn": {"Value": {"Fn::GetAtt": [LOGICAL_ID, "JobDefinitionArn"]}},
            "CreationTime": {"Value": {"Fn::GetAtt": [LOGICAL_ID, "CreationTime"]}},
        }
        return json.dumps({"Resources": {LOGICAL_ID: definition}, "Outputs": outputs})

    def ended_as(self, status: str) -> "Stack":
        """Raise BeliefBroken unless it came to rest so."""
        expect(self.status == status, f"{self.status}: {self.reasons()}")
        return self

    def delete(self) -> None:
        """Delete it."""
        self.status = self._aws.delete_stack(self._id)

    def events(self) -> list[Document]:
        """Its events, the first one first."""
        operation = self._aws.cloudformation.get_paginator("describe_stack_events")
        pages = operation.paginate(StackName=self._id)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def operation_events(self, **asked: str) -> list[Document]:
        """What DescribeEvents returns, the first one first. asked: by default, this stack's."""
        operation = self._aws.cloudformation.get_paginator("describe_events")
        pages = operation.paginate(**(asked or {"StackName": self._id}))
        return [event for page in pages for event in page["OperationEvents"]][::-1]

    def reasons(self) -> list[str]:
        """Why something failed, in order."""
        return [
            str(event["ResourceStatusReason"])
            for event in self.events()
            if "ResourceStatusReason" in event and "FAILED" in event["ResourceStatus"]
        ]

    def outputs(self) -> dict[str, str]:
        """Its outputs."""
        described = self._aws.stack(self.name) or {}
        return {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}

    @property
    def arn(self) -> str:
        """What Ref gives."""
        return self.outputs()["Ref"]

    @property
    def definition(self) -> str:
        """The definition's name."""
        return self.arn.rpartition("/")[2]


@registered_type_belief("B84")
def scalars_in_a_template_may_be_texts(aws: Aws) -> None:
    cluster = {"InstanceCount": "1", "InstanceType": "ml.m5.large", "VolumeSizeInGB": "20"}
    Stack(aws, JobResources={"ClusterConfig": cluster}).ended_as("CREATE_COMPLETE")


@registered_type_belief("B85")
def what_the_schema_forbids_fails_the_resource_in_these_words(aws: Aws) -> None:
    stack = Stack(aws, RolArn="misspelt").ended_as("ROLLBACK_COMPLETE")
    reason = stack.reasons()[0]
    words = f"Properties validation failed for resource {LOGICAL_ID} with message:\n#: extraneous"
    expect(reason.startswith(words) and "[RolArn] is not permitted" in reason, reason)


@registered_type_belief("B86")
def a_handlers_message_is_quoted_in_the_event_with_its_code(aws: Aws) -> None:
    taken = aws.create()
    stack = Stack(aws, JobDefinitionName=taken.name).ended_as("ROLLBACK_COMPLETE")
    reason = stack.reasons()[0]
    expect(reason.startswith('Resource handler returned message: "'), reason)
    expect('" (RequestToken: ' in reason, reason)
    expect(reason.endswith("HandlerErrorCode: AlreadyExists)"), reason)


@registered_type_belief("B87")
def a_stack_says_which_resource_failed(aws: Aws) -> None:
    stack = Stack(aws, RolArn="misspelt").ended_as("ROLLBACK_COMPLETE")
    wanted = f"The following resource(s) failed to create: [{LOGICAL_ID}]. "
    reasons = [str(event.get("ResourceStatusReason")) for event in stack.events()]
    expect(f"{wanted}Rollback requested by user." in reasons, reasons)


@registered_type_belief("B88")
def a_failed_create_without_a_model_leaves_what_stood_before(aws: Aws) -> None:
    taken = aws.create()
    Stack(aws, JobDefinitionName=taken.name).ended_as("ROLLBACK_COMPLETE")
    expect(aws.exists(taken.name), "the rollback deleted it")


@registered_type_belief("B89")
def ref_is_the_primary_identifier_and_get_att_a_read_only_property(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    outputs = stack.outputs()
    described = aws.describe(stack.definition)
    expect(outputs["Ref"].lower() == described["JobDefinitionArn"].lower(), outputs)
    expect(outputs["Arn"] == outputs["Ref"], outputs)
    expect(outputs["CreationTime"].endswith("Z"), outputs)


@registered_type_belief("B90")
def tags_of_the_stack_reach_the_handlers(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "churn"}]
    stack = Stack(aws, {"stage": "test"}, Tags=tags).ended_as("CREATE_COMPLETE")
    aws.comes_to_have(aws.describe(stack.definition)["JobDefinitionArn"], _both("test"))


@registered_type_belief("B91")
def a_change_of_the_stacks_tags_alone_is_an_update_in_place(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "churn"}]
    stack = Stack(aws, {"stage": "test"}, Tags=tags).ended_as("CREATE_COMPLETE")
    before = stack.arn
    stack.update({"stage": "production"}, Tags=tags)
    stack.ended_as("UPDATE_COMPLETE")
    expect_equal(stack.arn, before)
    aws.comes_to_have(aws.describe(stack.definition)["JobDefinitionArn"], _both("production"))


def _both(stage: str) -> dict[str, str]:
    return {"stage": stage, "team": "churn"}


@registered_type_belief("B92")
def a_create_only_change_makes_a_new_one_and_deletes_the_old_one_last(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    before, definition = stack.arn, stack.definition
    stack.update(StoppingCondition={"MaxRuntimeInSeconds": 1800})
    stack.ended_as("UPDATE_COMPLETE")
    aws.eventually(lambda: stack.arn != before, lambda: "the same identifier")
    expect(not aws.exists(definition), "the old one is still there")
    events = [
        (event["ResourceStatus"], event.get("PhysicalResourceId", ""))
        for event in stack.events()
        if event["LogicalResourceId"] == LOGICAL_ID
    ]
    made = events.index(("UPDATE_COMPLETE", stack.arn))
    expect(made < events.index(("DELETE_IN_PROGRESS", before)), events)


@registered_type_belief("B93")
def a_change_set_says_that_a_create_only_change_replaces(aws: Aws) -> None:
    [change] = _create_only_change(aws, Stack(aws))()["Changes"]
    expect_equal(change["ResourceChange"]["Replacement"], "True")


def _create_only_change(aws: Aws, stack: Stack) -> Callable[[], Document]:
    """Plan one in a change set. Returns what describes the change set."""
    names = {"StackName": stack.ended_as("CREATE_COMPLETE").name, "ChangeSetName": aws.prefix}
    aws.cloudformation.create_change_set(
        **names, TemplateBody=stack.template(StoppingCondition={"MaxRuntimeInSeconds": 1800})
    )

    def described() -> Document:
        return dict(aws.cloudformation.describe_change_set(**names))

    aws.eventually(lambda: described()["Status"] == "CREATE_COMPLETE", described)
    return described


@registered_type_belief("B94")
def a_change_of_a_write_only_property_is_an_update_in_place(aws: Aws) -> None:
    stack = Stack(aws, EndpointName="churn").ended_as("CREATE_COMPLETE")
    before = stack.arn
    stack.update(EndpointName="loans")
    stack.ended_as("UPDATE_COMPLETE")
    expect_equal(stack.arn, before)


@registered_type_belief("B95")
def an_update_that_changes_nothing_is_refused_in_these_words(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    refused = refusal(stack.update)
    if (refused.code, refused.message) != ("ValidationError", "No updates are to be performed."):
        raise BeliefBroken(refused)


@registered_type_belief("B96")
def what_is_gone_already_counts_as_deleted(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=stack.definition)
    stack.delete()
    stack.ended_as("DELETE_COMPLETE")


@registered_type_belief("B97")
def cloudformation_puts_no_tags_of_its_own_on_the_definition(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    expect_equal(aws.tags(aws.describe(stack.definition)["JobDefinitionArn"]), {})


@registered_type_belief("B167")
def a_change_set_is_obsolete_after_an_update_and_cannot_be_executed(aws: Aws) -> None:
    stack = Stack(aws)
    described = _create_only_change(aws, stack)
    stack.update({"stage": "test"})
    stack.ended_as("UPDATE_COMPLETE")
    aws.eventually(lambda: described()["ExecutionStatus"] == "OBSOLETE", described)
    expect_refusal(
        "InvalidChangeSetStatus",
        aws.cloudformation.execute_change_set,
        words=("cannot be executed in its current execution status of [OBSOLETE]",),
        ChangeSetName=described()["ChangeSetId"],
    )


@belief("B215")
def a_type_that_does_not_exist_or_is_not_registered_is_unrecognized(aws: Aws) -> None:
    names = ("AWS::S3::Buckt", "Conformance::None::Registered")
    resources = {f"R{number}": {"Type": name} for number, name in enumerate(names)}
    body = json.dumps({"Resources": resources})
    words = ("Template format error: Unrecognized resource types: [", *names)
    cloudformation = aws.cloudformation
    expect_refusal(
        "ValidationError", cloudformation.validate_template, words=words, TemplateBody=body
    )
    expect_refusal(
        "ValidationError", cloudformation.get_template_summary, words=words, TemplateBody=body
    )


class StackWithName(Stack):
    """A stack that has the definition's name, by Fn::GetAtt, among its outputs."""

    def template(self, **changes: Any) -> str:
        """As of Stack, with one more output."""
        document = json.loads(super().template(**changes))
        name = {"Fn::GetAtt": [LOGICAL_ID, "JobDefinitionName"]}
        document["Outputs"]["Name"] = {"Value": name}
        return json.dumps(document)


@registered_type_belief("B216")
def get_att_returns_a_writable_property_only_of_a_type_of_aws(aws: Aws) -> None:
    if str(aws.type_name).startswith("AWS::"):
        stack = StackWithName(aws).ended_as("CREATE_COMPLETE")
        expect_equal(stack.outputs()["Name"], stack.definition)
        return
    try:
        reasons = StackWithName(aws).ended_as("ROLLBACK_COMPLETE").reasons()
    except ClientError as error:
        reasons = [str(error)]
    words = "JobDefinitionName must be a readonly property in schema"
    expect(any(words in reason for reason in reasons), reasons)


def _policy(*statements: tuple[str, str, str]) -> str:
    names = ("Effect", "Action", "Resource")
    listed = [{**dict(zip(names, each, strict=True)), "Principal": "*"} for each in statements]
    return json.dumps({"Statement": listed})


@registered_type_belief("B190")
def a_replacement_that_a_stack_policy_denies_is_rolled_back_with_the_statement(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    before, resource = stack.arn, f"LogicalResourceId/{LOGICAL_ID}"
    aws.cloudformation.set_stack_policy(
        StackName=stack.name,
        StackPolicyBody=_policy(("Allow", "Update:*", "*"), ("Deny", "Update:Replace", resource)),
    )
    stack.update(StoppingCondition={"MaxRuntimeInSeconds": 1800})
    stack.ended_as("UPDATE_ROLLBACK_COMPLETE")
    expect_equal(stack.arn, before)
    words = f"Statement [#1] does not allow [Update:Replace] for resource [{resource}];"
    denied = f"Action denied by stack policy: {words}"
    expect(denied in stack.reasons(), stack.reasons())


@registered_type_belief("B191")
def what_is_no_stack_policy_or_names_no_resource_is_refused(aws: Aws) -> None:
    name = Stack(aws).ended_as("CREATE_COMPLETE").name
    for policy, words in (
        ("{", "Error validating stack policy: Invalid stack policy"),
        (
            _policy(("Allow", "Update:*", "LogicalResourceId/Other")),
            "Unknown logical id 'LogicalResourceId/Other'",
        ),
    ):
        expect_refusal(
            "ValidationError",
            aws.cloudformation.set_stack_policy,
            words=(words,),
            StackName=name,
            StackPolicyBody=policy,
        )


@registered_type_belief("B192")
def a_stack_with_a_topic_that_never_was_is_refused_and_leaves_nothing(aws: Aws) -> None:
    stack = Stack(aws).ended_as("CREATE_COMPLETE")
    _, partition, _, region, account, _ = stack.arn.split(":", 5)  # that of the definition
    template, name = stack.template(), aws.stack_name()
    expect_refusal(
        "ValidationError",
        aws.cloudformation.create_stack,
        words=("AmazonSNS",),
        StackName=name,
        TemplateBody=template,
        NotificationARNs=[f"arn:{partition}:sns:{region}:{account}:{aws.prefix}-never"],
    )
    expect(aws.stack(name) is None, name)


@registered_type_belief("B193")
def a_role_that_is_no_arn_is_refused(aws: Aws) -> None:
    expect_refusal(
        "ValidationError",
        aws.cloudformation.create_change_set,
        words=("deploying-role-of-mine is not a valid RoleARN",),
        StackName=aws.stack_name(),
        ChangeSetName=aws.prefix,
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": {LOGICAL_ID: {"Type": aws.type_name}}}),
        RoleARN="deploying-role-of-mine",
    )
