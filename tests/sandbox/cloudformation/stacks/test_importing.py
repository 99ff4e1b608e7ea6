"""Imports of existing resources: what is refused, what is read, what is written, what is undone."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation import HostedType, hosted_types
from tests.harness.cloudformation import (
    SCHEMA,
    THING,
    Shop,
    Stacks,
    failed,
    in_progress,
    template,
    thing,
)

ARN, OTHER_ARN = "arn:toy:cog:7", "arn:toy:wheel:8"
PART = "Toy::Shop::NumberedPart"
#: A type whose identifier has two parts, which a template can state.
PART_SCHEMA: dict[str, Any] = {
    "typeName": PART,
    "properties": {"Box": {"type": "string"}, "Number": {"type": "integer"}},
    "additionalProperties": False,
    "primaryIdentifier": ["/properties/Box", "/properties/Number"],
    "handlers": {name: {"permissions": []} for name in ("create", "read", "delete")},
}


def existing(stacks: Stacks, arn: str = ARN, **properties: Any) -> dict[str, Any]:
    """Have a thing exist outside of all stacks."""
    stacks.shop.things[arn] = {"Size": 1, **properties, "Arn": arn, "Made": "2026"}
    return stacks.shop.things[arn]


def kept(properties: Any = None, **attributes: Any) -> dict[str, Any]:
    """A template's resource with the attribute that an import needs."""
    return thing(properties, **{"DeletionPolicy": "Retain", **attributes})


def entry(logical_id: str = "Thing", arn: str = ARN) -> dict[str, Any]:
    return {
        "ResourceType": THING,
        "LogicalResourceId": logical_id,
        "ResourceIdentifier": {"Arn": arn},
    }


def planned(
    stacks: Stacks, resources: Any, *entries: Any, name: str = "shop", **more: Any
) -> dict[str, Any]:
    """Create a change set that imports, and describe it."""
    client = stacks.client()
    answer = client.create_change_set(
        StackName=name,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=template(resources, more.pop("template", {})),
        ResourcesToImport=list(entries) or [entry()],
        **more,
    )
    described: dict[str, Any] = client.describe_change_set(ChangeSetName=answer["Id"])
    return described


def execute(stacks: Stacks, name: str = "shop") -> str:
    """Execute the change set. Returns the final status of the stack."""
    stacks.client().execute_change_set(StackName=name, ChangeSetName="import")
    return stacks.settled(name)


def imported(stacks: Stacks, resources: Any, *entries: Any, **more: Any) -> str:
    described = planned(stacks, resources, *entries, **more)
    assert described["Status"] == "CREATE_COMPLETE", described
    return execute(stacks, more.get("name", "shop"))


def everything(stacks: Stacks) -> list[Any]:
    """All stacks, and the change sets of each."""
    client = stacks.client()
    return [
        (stack, client.list_change_sets(StackName=stack["StackName"])["Summaries"])
        for stack in client.describe_stacks()["Stacks"]
    ]


def refusal(stacks: Stacks, resources: Any, *entries: Any, **more: Any) -> str:
    """The words of a refused request, which leaves nothing behind."""
    before = everything(stacks)
    with pytest.raises(ClientError) as error:
        planned(stacks, resources, *entries, **more)
    assert error.value.response["Error"]["Code"] == "ValidationError"
    assert everything(stacks) == before
    message: str = error.value.response["Error"]["Message"]
    return message


def failure(stacks: Stacks, resources: Any, *entries: Any, **more: Any) -> str:
    """Why a change set has failed, which then has no changes and cannot be executed."""
    described = planned(stacks, resources, *entries, **more)
    stated = (described["Status"], described["ExecutionStatus"], described["Changes"])
    assert stated == ("FAILED", "UNAVAILABLE", [])
    with pytest.raises(ClientError) as error:
        stacks.client().execute_change_set(ChangeSetName=described["ChangeSetId"])
    assert error.value.response["Error"]["Code"] == "InvalidChangeSetStatus"
    reason: str = described["StatusReason"]
    return reason


def actions(stacks: Stacks) -> list[str]:
    return [event["action"] for event in stacks.shop.events]


def reasons(stacks: Stacks, name: str = "shop") -> list[tuple[str, str, str | None]]:
    return [
        (each["LogicalResourceId"], each["ResourceStatus"], each.get("ResourceStatusReason"))
        for each in stacks.events(name)
    ]


class TestANewStack:
    def test_imports_what_exists_with_these_statuses_and_events(self, stacks: Stacks) -> None:
        existing(stacks)
        described = planned(stacks, {"Thing": kept()})
        assert (described["Status"], described["ExecutionStatus"]) == (
            "CREATE_COMPLETE",
            "AVAILABLE",
        )
        assert described["StatusReason"].startswith("Verify that resources and their properties")
        assert described["Changes"] == [
            {
                "Type": "Resource",
                "ResourceChange": {
                    "Action": "Import",
                    "LogicalResourceId": "Thing",
                    "PhysicalResourceId": ARN,
                    "ResourceType": THING,
                    "Scope": [],
                    "Details": [],
                },
            }
        ]
        assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"

        assert execute(stacks) == "IMPORT_COMPLETE"
        assert reasons(stacks) == [
            ("shop", "REVIEW_IN_PROGRESS", "User Initiated"),
            ("shop", "IMPORT_IN_PROGRESS", "User Initiated"),
            ("Thing", "IMPORT_IN_PROGRESS", "Resource import started."),
            ("Thing", "IMPORT_IN_PROGRESS", None),
            ("Thing", "IMPORT_COMPLETE", "Resource import completed."),
            (
                "Thing",
                "UPDATE_IN_PROGRESS",
                "Apply stack-level tags to imported resource if applicable.",
            ),
            ("Thing", "UPDATE_COMPLETE", None),
            ("shop", "IMPORT_COMPLETE", None),
        ]
        assert stacks.resource()["PhysicalResourceId"] == ARN
        assert actions(stacks) == ["READ", "READ", "UPDATE"]

    def test_reads_with_the_identifier_alone_and_updates_from_the_template_to_the_template(
        self, stacks: Stacks
    ) -> None:
        existing(stacks, Size=9, Ratio=0.5)
        imported(stacks, {"Thing": kept({"Size": "2", "Secret": "s"})})
        assert stacks.shop.sent("READ") == [{"Arn": ARN}, {"Arn": ARN}]
        [update] = stacks.shop.of("UPDATE")
        data = update["requestData"]
        known = {"Size": 2, "Secret": "s", "Arn": ARN, "Made": "2026"}
        assert data["resourceProperties"] == data["previousResourceProperties"] == known
        assert (data["stackTags"], data["previousStackTags"]) == ({}, {})
        assert data["systemTags"]["aws:cloudformation:logical-id"] == "Thing"
        assert data["previousSystemTags"] is None
        stacks.update({"Thing": kept({"Size": "3"})})
        later = stacks.shop.of("UPDATE")[-1]["requestData"]
        assert later["previousSystemTags"] == later["systemTags"]

    def test_can_be_updated_afterwards_and_its_deletion_honours_the_policy(
        self, stacks: Stacks
    ) -> None:
        existing(stacks)
        existing(stacks, OTHER_ARN)
        resources = {"Thing": kept(), "Gone": kept(DeletionPolicy="Delete")}
        imported(stacks, resources, entry(), entry("Gone", OTHER_ARN))
        changed = {**resources, "Thing": kept({"Size": 5})}
        assert stacks.update(changed) == "UPDATE_COMPLETE"
        assert stacks.shop.sent("UPDATE")[-1]["Arn"] == ARN
        assert stacks.delete(stacks.describe()["StackId"]) == "DELETE_COMPLETE"
        assert set(stacks.shop.things) == {ARN}

    def test_may_refer_from_one_imported_resource_to_another(self, stacks: Stacks) -> None:
        existing(stacks)
        existing(stacks, OTHER_ARN)
        user = kept(
            {"Secret": {"Fn::Join": [" ", [{"Ref": "Thing"}, {"Fn::GetAtt": "Thing.Made"}]]}}
        )
        resources = {"User": user, "Thing": kept()}
        assert imported(stacks, resources, entry("User", OTHER_ARN), entry()) == "IMPORT_COMPLETE"
        assert stacks.shop.sent("UPDATE")[-1]["Secret"] == f"{ARN} 2026"
        imports = [event for event in stacks.statuses() if "IMPORT_COMPLETE" in event]
        assert imports == ["Thing IMPORT_COMPLETE", "User IMPORT_COMPLETE", "shop IMPORT_COMPLETE"]

    def test_takes_parameters_and_leaves_out_what_a_condition_excludes(
        self, stacks: Stacks
    ) -> None:
        existing(stacks)
        declared = {
            "Parameters": {"Size": {"Type": "Number"}},
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        }
        resources = {"Thing": kept({"Size": {"Ref": "Size"}}), "No": thing(Condition="Never")}
        value = [{"ParameterKey": "Size", "ParameterValue": "3"}]
        assert imported(stacks, resources, template=declared, Parameters=value) == (
            "IMPORT_COMPLETE"
        )
        assert stacks.shop.sent("UPDATE")[0]["Size"] == 3
        assert [each["ParameterValue"] for each in stacks.describe()["Parameters"]] == ["3"]


class TestAnExistingStack:
    def test_puts_its_tags_on_what_it_imports_and_touches_nothing_else(
        self, stacks: Stacks
    ) -> None:
        tags = [{"Key": "Stage", "Value": "test"}]
        stacks.create({"Old": thing({"Size": 4})}, Tags=tags)
        existing(stacks)
        before = actions(stacks)
        resources = {"Old": thing({"Size": 4}), "Thing": kept()}
        assert imported(stacks, resources) == "IMPORT_COMPLETE"
        assert actions(stacks) == [*before, "READ", "READ", "UPDATE"]
        data = stacks.shop.of("UPDATE")[0]["requestData"]
        assert (data["stackTags"], data["previousStackTags"]) == ({"Stage": "test"}, {})
        assert stacks.describe()["Tags"] == tags
        assert stacks.statuses(logical_id="Old") == ["CREATE_IN_PROGRESS"] * 2 + ["CREATE_COMPLETE"]
        with pytest.raises(ClientError, match="No updates are to be performed"):
            stacks.update(resources)

    def test_keeps_its_outputs_its_role_and_the_tags_that_a_request_repeats(
        self, stacks: Stacks
    ) -> None:
        outputs = {"Outputs": {"Old": {"Value": {"Ref": "Old"}}}}
        settings: dict[str, Any] = {
            "RoleARN": "arn:aws:iam::123456789012:role/deploy",
            "Tags": [{"Key": "Stage", "Value": "test"}],
        }
        stacks.create({"Old": thing()}, template=outputs, **settings)
        existing(stacks)
        resources = {"Old": thing(), "Thing": kept()}
        assert imported(stacks, resources, template=outputs, **settings) == "IMPORT_COMPLETE"
        assert [each["OutputKey"] for each in stacks.describe()["Outputs"]] == ["Old"]
        existing(stacks, OTHER_ARN)
        more = {**resources, "More": kept()}
        assert imported(stacks, more, entry("More", OTHER_ARN), template=outputs) == (
            "IMPORT_COMPLETE"
        )

    def test_still_deletes_what_a_failed_creation_of_the_same_name_left(
        self, stacks: Stacks
    ) -> None:
        half = {"Arn": "arn:toy:half:1", "Size": 1}
        stacks.shop.things["arn:toy:half:1"] = half
        stacks.shop.will("CREATE", failed("InvalidRequest", "no", half))
        stacks.create({"Thing": thing()}, DisableRollback=True)
        stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
        again = kept({"Size": 3}, DeletionPolicy="Delete")
        assert stacks.update({"Thing": again}, DisableRollback=True) == "UPDATE_FAILED"
        existing(stacks)
        assert imported(stacks, {"Thing": again}) == "IMPORT_COMPLETE"
        assert set(stacks.shop.things) == {"arn:toy:half:1", ARN}
        assert stacks.delete(stacks.describe()["StackId"]) == "DELETE_COMPLETE"
        assert stacks.shop.things == {}

    def test_may_get_back_what_it_has_retained(self, stacks: Stacks) -> None:
        stacks.create({"Old": thing(), "Thing": kept()})
        arn = stacks.resource()["PhysicalResourceId"]
        stacks.update({"Old": thing()})
        assert imported(stacks, {"Old": thing(), "Thing": kept()}, entry(arn=arn)) == (
            "IMPORT_COMPLETE"
        )


class TestWhatIsRefused:
    def test_no_resources_the_same_one_twice_and_too_many(self, stacks: Stacks) -> None:
        with pytest.raises(ClientError, match="Must Provide at least one resource to import"):
            stacks.client().create_change_set(
                StackName="shop",
                ChangeSetName="import",
                ChangeSetType="IMPORT",
                TemplateBody=template({"Thing": kept()}),
            )
        assert refusal(stacks, {"Thing": kept()}, entry(), entry()) == (
            "Every resource to import must have unique LogicalResourceId"
        )
        assert "less than or equal to 200" in refusal(stacks, {"Thing": kept()}, *[entry()] * 201)

    def test_identifiers_that_do_not_fit(self, stacks: Stacks) -> None:
        without = {**entry(), "ResourceIdentifier": {}}
        assert refusal(stacks, {"Thing": kept()}, without) == (
            "1 validation error detected: Value null at "
            "'resourcesToImport.1.member.resourceIdentifier' failed to satisfy constraint: "
            "Member must not be null"
        )
        by_name = {**entry(), "ResourceIdentifier": {"Name": "cog"}}
        assert refusal(stacks, {"Thing": kept()}, by_name) == (
            f"Invalid resource identifier for resource type {THING}. Expected [Arn]"
        )
        too_much = {**entry(), "ResourceIdentifier": {"Arn": ARN, "Name": "cog"}}
        assert "Expected [Arn]" in refusal(stacks, {"Thing": kept()}, too_much)

    def test_what_is_not_in_the_template_or_of_another_type_there(self, stacks: Stacks) -> None:
        assert refusal(stacks, {"Thing": kept()}, entry("Other")) == (
            "The logical resource ids [Other] provided in ResourceToImport do not exist in the "
            "template."
        )
        never = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
        excluded = {"Thing": kept(Condition="Never"), "Old": kept()}
        assert refusal(stacks, excluded, template=never) == (
            "The logical resource ids [Thing] provided in ResourceToImport have a Condition in the "
            "template that is false."
        )
        role = {**entry(), "ResourceType": "AWS::IAM::Role"}
        assert refusal(stacks, {"Thing": kept()}, role) == (
            "Resource type of [Thing] passed in ResourceToImport does not match with resource type "
            "defined in the template. Resource type in ResourceToImport: AWS::IAM::Role; Resource "
            f"type in Template: {THING}."
        )

    def test_types_that_cannot_be_imported(self, stacks: Stacks) -> None:
        handlers: dict[str, Any] = {"create": {"permissions": []}, "read": {"permissions": []}}
        schema = {**SCHEMA, "typeName": "Toy::Shop::Fixed", "handlers": handlers}
        hosted_types().register(HostedType(schema, stacks.shop.invoke))
        fixed = {**kept(), "Type": "Toy::Shop::Fixed"}
        wanted = {**entry(), "ResourceType": "Toy::Shop::Fixed"}
        assert refusal(stacks, {"Thing": fixed}, wanted) == (
            "ResourceTypes [Toy::Shop::Fixed] are not supported for Import"
        )
        bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
        wanted = {
            "ResourceType": "AWS::S3::Bucket",
            "LogicalResourceId": "Bucket",
            "ResourceIdentifier": {"BucketName": "b"},
        }
        words = refusal(stacks, {"Bucket": bucket}, wanted)
        assert words.startswith("ResourceTypes [AWS::S3::Bucket] are not supported for Import in")
        assert "sandbox" in words

    def test_a_template_without_a_new_resource_or_with_one_that_is_there(
        self, stacks: Stacks
    ) -> None:
        stacks.create({"Old": thing()})
        assert refusal(stacks, {"Old": thing()}, entry("Old")) == (
            "The template should contain at least one new resource to import."
        )
        assert refusal(stacks, {"Old": thing(), "Thing": kept()}, entry("Old")) == (
            "Resources [Old] passed in ResourceToImport are already in a stack and cannot be "
            "imported."
        )

    def test_other_changes(self, stacks: Stacks) -> None:
        stacks.create({"Old": thing(), "Older": thing()})
        both = {"Old": thing(), "Older": thing(), "Thing": kept()}
        assert refusal(stacks, {**both, "New": kept()}) == (
            "Resources [New] is missing from ResourceToImport list"
        )
        modified = (
            "You have modified resources [Old] in your template that are not being imported. "
            "Update, create or delete operations cannot be executed during import operations."
        )
        assert refusal(stacks, {**both, "Old": thing({"Size": 2})}) == modified
        assert refusal(stacks, {"Older": thing(), "Thing": kept()}) == modified

    def test_outputs_a_role_and_tags_that_differ(self, stacks: Stacks) -> None:
        outputs = {"Outputs": {"Arn": {"Value": {"Ref": "Thing"}}}}
        role = {"RoleARN": "arn:aws:iam::123456789012:role/deploy"}
        tags: dict[str, Any] = {"Tags": [{"Key": "Stage", "Value": "test"}]}
        words = "As part of the import operation, you cannot modify or add "
        assert refusal(stacks, {"Thing": kept()}, template=outputs) == f"{words}[Outputs]"
        assert refusal(stacks, {"Thing": kept()}, **role, **tags) == f"{words}[RoleArn, Tags]"
        stacks.create({"Old": thing()}, **tags)
        resources = {"Old": thing(), "Thing": kept()}
        assert refusal(stacks, resources, Tags=[]) == f"{words}[Tags]"
        assert refusal(stacks, resources, template=outputs) == f"{words}[Outputs]"

    def test_a_parameter_that_changes_the_value_of_an_output(self, stacks: Stacks) -> None:
        declared = {
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": {"IsB": {"Fn::Equals": [{"Ref": "P"}, "b"]}},
            "Outputs": {"Only": {"Condition": "IsB", "Value": "x"}, "P": {"Value": {"Ref": "P"}}},
        }

        def value(text: str) -> Any:
            return {"Parameters": [{"ParameterKey": "P", "ParameterValue": text}]}

        stacks.create({"Old": thing()}, template=declared, **value("a"))
        existing(stacks)
        resources = {"Old": thing(), "Thing": kept()}
        for text in "b", "c":
            words = refusal(stacks, resources, template=declared, **value(text))
            assert words.endswith("you cannot modify or add [Outputs]")
        assert imported(stacks, resources, template=declared, **value("a")) == "IMPORT_COMPLETE"

    def test_an_output_whose_condition_is_false_is_none(self, stacks: Stacks) -> None:
        existing(stacks)
        declared = {
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Outputs": {"Arn": {"Condition": "Never", "Value": {"Ref": "Thing"}}},
        }
        assert imported(stacks, {"Thing": kept()}, template=declared) == "IMPORT_COMPLETE"

    def test_resources_without_a_deletion_policy_even_if_they_do_not_exist(
        self, stacks: Stacks
    ) -> None:
        resources = {"A": thing(), "B": thing(), "C": kept()}
        wanted = [entry(name, f"arn:toy::{name}") for name in resources]
        assert refusal(stacks, resources, *wanted) == (
            "The following resources to import [A, B] must have DeletionPolicy attribute "
            "specified in the template."
        )
        assert actions(stacks) == []

    def test_a_stack_that_cannot_be_updated(self, stacks: Stacks) -> None:
        stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
        stacks.create({"Old": thing()})
        existing(stacks)
        assert "is in ROLLBACK_COMPLETE state and can not be updated" in refusal(
            stacks, {"Old": thing(), "Thing": kept()}
        )

    def test_resources_to_import_in_a_change_set_of_another_type(self, stacks: Stacks) -> None:
        with pytest.raises(ClientError, match="ResourcesToImport is only valid with"):
            stacks.client().create_change_set(
                StackName="shop",
                ChangeSetName="import",
                ChangeSetType="CREATE",
                TemplateBody=template({"Thing": kept()}),
                ResourcesToImport=[entry()],
            )
        assert stacks.client().describe_stacks()["Stacks"] == []

    def test_options_that_imports_do_not_have_in_the_sandbox(self, stacks: Stacks) -> None:
        existing(stacks)
        resources = {"Thing": kept()}
        of_creations = refusal(stacks, resources, OnStackFailure="DELETE")
        assert of_creations.startswith("OnStackFailure DELETE is only valid with ChangeSetType")
        assert "sandbox does not support" in refusal(stacks, resources, OnStackFailure="DO_NOTHING")
        automatic = refusal(stacks, resources, ImportExistingResources=True)
        assert "sandbox does not support ImportExistingResources" in automatic
        planned(stacks, resources, OnStackFailure="ROLLBACK", ImportExistingResources=False)
        with pytest.raises(ClientError, match="sandbox does not support DisableRollback"):
            stacks.client().execute_change_set(
                StackName="shop", ChangeSetName="import", DisableRollback=True
            )
        assert execute(stacks) == "IMPORT_COMPLETE"


class TestAChangeSetFails:
    def test_when_the_resource_does_not_exist_and_leaves_the_stack_for_review(
        self, stacks: Stacks
    ) -> None:
        assert failure(stacks, {"Thing": kept()}) == f"no {ARN}"
        assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"
        existing(stacks)
        stacks.client().delete_change_set(StackName="shop", ChangeSetName="import")
        assert imported(stacks, {"Thing": kept()}) == "IMPORT_COMPLETE"

    def test_in_cloudformations_words_when_the_handler_has_none(self, stacks: Stacks) -> None:
        stacks.shop.will("READ", failed("NotFound", ""))
        assert failure(stacks, {"Thing": kept()}) == (
            f"Resource of type '{THING}' with identifier '{ARN}' was not found."
        )

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (failed("AccessDenied", "not for you"), "not for you"),
            (failed("GeneralServiceException", ""), "HandlerErrorCode: GeneralServiceException"),
            (RuntimeError("boom"), "Internal Failure: RuntimeError: boom"),
            ({"status": "SUCCESS", "resourceModel": {"Size": 1}}, "without a primary identifier"),
        ],
    )
    def test_when_the_resource_cannot_be_read(
        self, stacks: Stacks, answer: Any, words: str
    ) -> None:
        stacks.shop.will("READ", answer)
        assert words in failure(stacks, {"Thing": kept()})

    def test_when_a_stack_has_the_resource_whichever_it_is(self, stacks: Stacks) -> None:
        owner = stacks.create({"Old": thing()})
        arn = stacks.resource("Old")["PhysicalResourceId"]
        words = f"{arn} already exists in stack {owner}"
        assert failure(stacks, {"Thing": kept()}, entry(arn=arn), name="other") == words
        assert failure(stacks, {"Old": thing(), "Thing": kept()}, entry(arn=arn)) == words
        stacks.shop.things.clear()
        stacks.client().delete_change_set(StackName="other", ChangeSetName="import")
        gone = failure(stacks, {"Thing": kept()}, entry(arn=arn), name="other")
        assert gone == f"no {arn}", "existence comes first"

    def test_when_two_logical_ids_name_one_resource(self, stacks: Stacks) -> None:
        existing(stacks)
        resources = {"Thing": kept(), "Same": kept()}
        reason = failure(stacks, resources, entry(), entry("Same"))
        assert reason == (
            f"{ARN} is the resource of several entries in ResourcesToImport: [Thing, Same]"
        )

    def test_when_the_template_violates_the_schema(self, stacks: Stacks) -> None:
        existing(stacks)
        reason = failure(stacks, {"Thing": kept({"Size": 0, "Sise": 1})})
        assert reason.startswith("Properties validation failed for resource Thing with message:\n#")
        assert "[Sise] is not permitted" in reason

    def test_when_the_template_states_a_read_only_identifier(self, stacks: Stacks) -> None:
        existing(stacks)
        reason = failure(stacks, {"Thing": kept({"Arn": ARN})})
        assert "#/Arn: read-only property cannot be specified" in reason


class TestAnImportRollsBack:
    @pytest.mark.parametrize("old", [{}, {"Old": thing()}], ids=["a new stack", "an existing one"])
    def test_and_the_stack_uses_no_more_exports_than_before(self, stacks: Stacks, old: Any) -> None:
        exported = {"Outputs": {"X": {"Value": "v", "Export": {"Name": "secret"}}}}
        exporter = stacks.create({"Any": thing()}, "exporter", template=exported)
        if old:
            stacks.create(old)
        existing(stacks)
        stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
        secret = kept({"Secret": {"Fn::ImportValue": "secret"}})
        assert "ROLLBACK_COMPLETE" in imported(stacks, {**old, "Thing": secret})
        with pytest.raises(ClientError, match="is not imported by any stack"):
            stacks.client().list_imports(ExportName="secret")
        assert stacks.delete(exporter) == "DELETE_COMPLETE"

    def test_and_its_stack_never_had_the_resource(self, stacks: Stacks) -> None:
        existing(stacks)
        stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
        assert imported(stacks, {"Thing": kept()}) == "ROLLBACK_COMPLETE"
        stack_id = stacks.describe()["StackId"]
        stacks.delete()
        left = stacks.client().describe_stack_resources(StackName=stack_id)["StackResources"]
        assert left == []

    def rolled_back(self, stacks: Stacks) -> None:
        """Nothing was created or deleted, and no stack has the thing."""
        assert not {"CREATE", "DELETE"} & set(actions(stacks))
        assert ARN in stacks.shop.things
        another = {"Thing": kept()}
        assert imported(stacks, another, name="another") == "IMPORT_COMPLETE"

    def test_of_a_new_stack_when_the_update_is_refused(self, stacks: Stacks) -> None:
        existing(stacks)
        planned(stacks, {"Thing": kept()})
        stacks.shop.will("UPDATE", failed("AccessDenied", "not authorized"))
        assert execute(stacks) == "ROLLBACK_COMPLETE"
        assert "not authorized" in stacks.reason("UPDATE_FAILED")
        assert reasons(stacks)[-4:] == [
            (
                "shop",
                "IMPORT_ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to update: [Thing]. ",
            ),
            ("Thing", "IMPORT_ROLLBACK_IN_PROGRESS", None),
            ("Thing", "IMPORT_ROLLBACK_COMPLETE", None),
            ("shop", "ROLLBACK_COMPLETE", None),
        ]
        self.rolled_back(stacks)
        assert stacks.delete() == "DELETE_COMPLETE"
        assert ARN in stacks.shop.things

    def test_of_an_existing_stack_which_is_as_before_and_can_go_on(self, stacks: Stacks) -> None:
        old = {"Old": thing()}
        stacks.create(old)
        before = stacks.client().get_template(StackName="shop")["TemplateBody"]
        existing(stacks)
        stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
        assert imported(stacks, {**old, "Thing": kept()}) == "IMPORT_ROLLBACK_COMPLETE"
        assert stacks.client().get_template(StackName="shop")["TemplateBody"] == before
        left = stacks.client().describe_stack_resources(StackName="shop")["StackResources"]
        assert [each["LogicalResourceId"] for each in left] == ["Old"]
        assert stacks.shop.of("DELETE") == []
        assert stacks.update({"Old": thing({"Size": 2})}) == "UPDATE_COMPLETE"

    def test_when_the_resource_has_gone_since(self, stacks: Stacks) -> None:
        existing(stacks)
        planned(stacks, {"Thing": kept()})
        del stacks.shop.things[ARN]
        assert execute(stacks) == "ROLLBACK_COMPLETE"
        assert stacks.reason("IMPORT_FAILED") == f"no {ARN}"
        assert "failed to import: [Thing]" in stacks.reason(
            "IMPORT_ROLLBACK_IN_PROGRESS", logical_id="shop"
        )
        assert stacks.shop.of("UPDATE") == []

    def test_of_several_resources_before_any_of_them_is_written_to(self, stacks: Stacks) -> None:
        existing(stacks)
        existing(stacks, OTHER_ARN)
        resources = {"Thing": kept(), "Gone": kept()}
        planned(stacks, resources, entry(), entry("Gone", OTHER_ARN))
        del stacks.shop.things[OTHER_ARN]
        assert execute(stacks) == "ROLLBACK_COMPLETE"
        assert stacks.shop.of("UPDATE") == []
        assert stacks.statuses(logical_id="Thing")[-3:] == [
            "IMPORT_COMPLETE",
            "IMPORT_ROLLBACK_IN_PROGRESS",
            "IMPORT_ROLLBACK_COMPLETE",
        ]
        self.rolled_back(stacks)

    def test_what_was_written_before_a_later_failure_stays(self, stacks: Stacks) -> None:
        existing(stacks)
        existing(stacks, OTHER_ARN)
        resources = {"Thing": kept(), "Later": kept(DependsOn="Thing")}
        stacks.shop.will("UPDATE", None, failed("InvalidRequest", "no"))
        imported(stacks, resources, entry(), entry("Later", OTHER_ARN))
        assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
        assert len(stacks.shop.of("UPDATE")) == 2, "no third one undoes the first"
        self.rolled_back(stacks)

    def test_when_another_stack_was_faster(self, stacks: Stacks) -> None:
        existing(stacks)
        planned(stacks, {"Thing": kept()})
        planned(stacks, {"Thing": kept()}, name="other")
        assert execute(stacks, "other") == "IMPORT_COMPLETE"
        assert execute(stacks) == "ROLLBACK_COMPLETE"
        other = stacks.describe("other")["StackId"]
        assert stacks.reason("IMPORT_FAILED") == f"{ARN} already exists in stack {other}"


def test_while_an_import_runs_it_cannot_be_cancelled_nor_its_stack_deleted(
    stacks: Stacks,
) -> None:
    thing_there = existing(stacks)
    planned(stacks, {"Thing": kept()})
    stacks.shop.will("UPDATE", in_progress(thing_there, delay=1))
    client = stacks.client()
    client.execute_change_set(StackName="shop", ChangeSetName="import")
    with pytest.raises(ClientError, match="cannot be called from current stack status"):
        client.cancel_update_stack(StackName="shop")
    with pytest.raises(ClientError, match="cannot be deleted while in status IMPORT_IN_PROGRESS"):
        client.delete_stack(StackName="shop")
    assert stacks.settled() == "IMPORT_COMPLETE"


def test_an_update_that_fails_after_an_import_restores_what_the_template_said(
    stacks: Stacks,
) -> None:
    existing(stacks)
    imported(stacks, {"Thing": kept({"Ratio": 1})})
    broken = thing(DependsOn="Thing")
    stacks.shop.will("CREATE", failed("InvalidRequest", "no"))
    changed = {"Thing": kept({"Ratio": 2}), "Broken": broken}
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert [sent["Ratio"] for sent in stacks.shop.sent("UPDATE")] == [1, 2, 1]
    assert stacks.resource()["PhysicalResourceId"] == ARN


class TestBetweenThePlanAndItsExecution:
    def test_an_update_of_the_stack_makes_the_change_set_obsolete(self, stacks: Stacks) -> None:
        stacks.create({"Old": thing()})
        existing(stacks)
        planned(stacks, {"Old": thing(), "Thing": kept()})
        tags: dict[str, Any] = {"Tags": [{"Key": "Stage", "Value": "test"}]}
        outputs = {"Outputs": {"Old": {"Value": "1", "Export": {"Name": "old"}}}}
        stacks.update({"Old": thing()}, template=outputs, **tags)
        with pytest.raises(ClientError, match=r"current execution status of \[OBSOLETE\]"):
            execute(stacks)
        described = stacks.describe()
        assert (described["StackStatus"], described["Tags"]) == ("UPDATE_COMPLETE", tags["Tags"])
        assert [each["ExportName"] for each in described["Outputs"]] == ["old"]

    @pytest.mark.parametrize("old", [{}, {"Old": thing()}], ids=["a new stack", "an existing one"])
    def test_a_type_that_is_deregistered_fails_the_import(self, stacks: Stacks, old: Any) -> None:
        if old:
            stacks.create(old)
        existing(stacks)
        planned(stacks, {**old, "Thing": kept()})
        hosted_types().deregister(THING)
        assert execute(stacks) == ("IMPORT_ROLLBACK_COMPLETE" if old else "ROLLBACK_COMPLETE")
        assert stacks.reason("IMPORT_FAILED") == f"Resource type {THING} is not registered"

    def test_of_several_simultaneous_executions_one_counts(self, stacks: Stacks) -> None:
        existing(stacks)
        planned(stacks, {"Thing": kept()})
        answers = at_once([lambda: execute(stacks)] * 4)
        refused = [each for each in answers if "execution status of [EXECUTE_COMPLETE]" in each]
        assert len(refused) == 3
        assert stacks.settled() == "IMPORT_COMPLETE"
        assert stacks.statuses().count("shop IMPORT_IN_PROGRESS") == 1

    def test_one_of_six_stacks_that_import_a_resource_at_once_gets_it(self, stacks: Stacks) -> None:
        existing(stacks)
        names = [f"shop{number}" for number in range(6)]
        for name in names:
            planned(stacks, {"Thing": kept()}, name=name)
        ends = at_once([partial(execute, stacks, name) for name in names])
        assert Counter(ends) == {"IMPORT_COMPLETE": 1, "ROLLBACK_COMPLETE": 5}
        for name in names:
            stacks.delete(name)
        assert set(stacks.shop.things) == {ARN}


def at_once(calls: Sequence[Callable[[], str]]) -> list[str]:
    """Make calls at the same time. Returns what each returns, or the error that it raises."""

    def outcome(call: Callable[[], str]) -> str:
        try:
            return call()
        except ClientError as error:
            return str(error)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(outcome, calls))


class TestWhileTheResourcesAreRead:
    @pytest.fixture
    def go_on(self, stacks: Stacks) -> Iterator[tuple[threading.Event, threading.Event]]:
        """Two events: the first is set when a read has begun; it ends when the second is set."""
        begun, go_on = threading.Event(), threading.Event()

        def wait(_: Any) -> None:
            begun.set()
            go_on.wait(60)

        stacks.shop.will("READ", wait)
        yield begun, go_on
        go_on.set()

    def test_a_deletion_of_the_stack_refuses_the_change_set(
        self, stacks: Stacks, go_on: tuple[threading.Event, threading.Event]
    ) -> None:
        existing(stacks)
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(planned, stacks, {"Thing": kept()})
            go_on[0].wait(60)
            stack_id = stacks.describe()["StackId"]
            assert stacks.delete() == "DELETE_COMPLETE"
            go_on[1].set()
            with pytest.raises(ClientError, match="does not exist"):
                asked.result()
        assert not stacks.client().list_change_sets(StackName=stack_id)["Summaries"]

    def test_another_change_set_that_is_executed_makes_it_obsolete(
        self, stacks: Stacks, go_on: tuple[threading.Event, threading.Event]
    ) -> None:
        existing(stacks)
        existing(stacks, OTHER_ARN)
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(planned, stacks, {"Thing": kept()})
            go_on[0].wait(60)
            stacks.client().create_change_set(
                StackName="shop",
                ChangeSetName="other",
                ChangeSetType="CREATE",
                TemplateBody=template({"Old": thing()}),
            )
            stacks.client().execute_change_set(StackName="shop", ChangeSetName="other")
            stacks.settled()
            go_on[1].set()
            assert asked.result()["ExecutionStatus"] == "OBSOLETE"


class TestOtherTypes:
    @pytest.fixture
    def parts(self, stacks: Stacks) -> Shop:  # noqa: ARG002 - registered in this sandbox
        """The provider of a type without an update handler, whose identifier has two parts."""
        shop = Shop()

        def read(event: Any) -> Any:
            model = deepcopy(event["requestData"]["resourceProperties"])
            return {"status": "SUCCESS", "resourceModel": model}

        shop.will("READ", *[read] * 9)
        hosted_types().register(HostedType(PART_SCHEMA, shop.invoke))
        return shop

    def part(self, **properties: Any) -> dict[str, Any]:
        return {"Type": PART, "DeletionPolicy": "Retain", "Properties": properties}

    def wanted(self, **identifier: str) -> dict[str, Any]:
        return {
            "ResourceType": PART,
            "LogicalResourceId": "Part",
            "ResourceIdentifier": identifier,
        }

    def test_an_identifier_of_several_parts_is_read_as_the_schema_types_them(
        self, stacks: Stacks, parts: Shop
    ) -> None:
        resources = {"Part": self.part(Box="A", Number="3")}
        described = planned(stacks, resources, self.wanted(Number="3", Box="A"))
        [change] = described["Changes"]
        assert change["ResourceChange"]["PhysicalResourceId"] == "A|3"
        assert parts.sent("READ") == [{"Box": "A", "Number": 3}]
        assert refusal_of_part(stacks, self.part(), self.wanted(Box="A")) == (
            f"Invalid resource identifier for resource type {PART}. Expected [Box, Number]"
        )

    def test_a_type_that_cannot_be_updated_is_only_read(self, stacks: Stacks, parts: Shop) -> None:
        resources = {"Part": self.part(Box="A", Number=3)}
        assert imported(stacks, resources, self.wanted(Number="3", Box="A")) == "IMPORT_COMPLETE"
        assert [event["action"] for event in parts.events] == ["READ", "READ"]
        assert stacks.statuses(logical_id="Part")[-1] == "UPDATE_COMPLETE"

    def test_an_identifier_in_the_template_must_be_the_one_of_the_request(
        self, stacks: Stacks, parts: Shop
    ) -> None:
        words = refusal_of_part(
            stacks, self.part(Box="B", Number=3), self.wanted(Box="A", Number="3")
        )
        assert words == (
            "The Identifier [Box] for resource [Part] does not match the identifier value for the "
            "resource in the template"
        )
        assert parts.events == []


def refusal_of_part(stacks: Stacks, part: Any, wanted: Any) -> str:
    return refusal(stacks, {"Part": part}, wanted, name="parts")


class TestImportExistingResources:
    def test_says_that_a_read_only_identifier_is_not_supported_and_creates(
        self, stacks: Stacks
    ) -> None:
        client = stacks.client()
        client.create_change_set(
            StackName="shop",
            ChangeSetName="auto",
            ChangeSetType="CREATE",
            TemplateBody=template({"Thing": kept({"Name": "cog"})}),
            ImportExistingResources=True,
        )
        described = client.describe_change_set(StackName="shop", ChangeSetName="auto")
        assert described["Status"] == "CREATE_COMPLETE"
        assert described["ImportExistingResources"] is True
        assert described["StatusReason"] == (
            "[Thing] will be created, not imported: primary IDs with read-only properties aren't "
            f"supported by ImportExistingResources, and that of {THING} is Arn. To import an "
            "existing resource, use ChangeSetType IMPORT with ResourcesToImport."
        )
        assert [each["ResourceChange"]["Action"] for each in described["Changes"]] == ["Add"]
        stacks.shop.will("CREATE", failed("AlreadyExists", "cog is taken"))
        client.execute_change_set(StackName="shop", ChangeSetName="auto")
        assert stacks.settled() == "ROLLBACK_COMPLETE"
        assert "HandlerErrorCode: AlreadyExists" in stacks.reason("CREATE_FAILED")

    def test_says_of_other_types_that_the_sandbox_creates_them(self, stacks: Stacks) -> None:
        stacks.create({"Old": thing()})
        client = stacks.client()
        client.create_change_set(
            StackName="shop",
            ChangeSetName="auto",
            TemplateBody=template({"Old": thing(), "Bucket": {"Type": "AWS::S3::Bucket"}}),
            ImportExistingResources=True,
        )
        reason = client.describe_change_set(StackName="shop", ChangeSetName="auto")["StatusReason"]
        assert reason.startswith("[Bucket] will be created, not imported: the sandbox does not")
        assert "Old" not in reason
