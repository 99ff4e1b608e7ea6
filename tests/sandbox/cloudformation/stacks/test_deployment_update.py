"""Updating and deleting stacks: in place, by replacement, and the ways back."""

import threading

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation import HostedType, Timing, hosted_types
from tests.harness.cloudformation import SCHEMA, Event, Stacks, failed, in_progress, running, thing


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def test_a_change_in_place_updates_and_leaves_others_alone(stacks: Stacks) -> None:
    stacks.create({"Thing": thing(), "Other": thing()})
    before = len(stacks.events())
    assert stacks.update({"Thing": thing({"Size": 2}), "Other": thing()}) == "UPDATE_COMPLETE"
    assert stacks.statuses()[before:] == [
        "shop UPDATE_IN_PROGRESS",
        "Thing UPDATE_IN_PROGRESS",
        "Thing UPDATE_COMPLETE",
        "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "shop UPDATE_COMPLETE",
    ]
    (event,) = stacks.shop.of("UPDATE")
    data = event["requestData"]
    arn = stacks.resource()["PhysicalResourceId"]
    known = {"Arn": arn, "Made": "2026-11-20T20:21:24.397Z"}
    assert data["resourceProperties"] == {"Size": 2, **known}
    assert data["previousResourceProperties"] == {"Size": 1, **known}
    assert "LastUpdatedTime" in stacks.describe()


def test_an_update_without_a_change_is_refused(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, Tags=tags(a="1"))
    for same in ({"Thing": thing()}, {"Thing": thing({"Size": "1"})}):
        with pytest.raises(ClientError, match=r"No updates are to be performed\."):
            stacks.update(same)
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"


def test_an_unknown_stack_cannot_be_updated(stacks: Stacks) -> None:
    with pytest.raises(ClientError, match="Stack with id shop does not exist"):
        stacks.update({"Thing": thing()})


def test_a_create_only_change_makes_the_new_one_first_and_removes_the_old_one_last(
    stacks: Stacks,
) -> None:
    user = thing({"Secret": {"Ref": "Thing"}})
    stacks.create({"Thing": thing({"Name": "old"}), "User": user})
    before = len(stacks.events())
    stacks.update({"Thing": thing({"Name": "new"}), "User": user})
    told = [
        (e["LogicalResourceId"], e["ResourceStatus"], e["PhysicalResourceId"])
        for e in stacks.events()[before:]
        if e["LogicalResourceId"] == "Thing"
    ]
    assert told == [
        ("Thing", "UPDATE_IN_PROGRESS", "arn:toy:old:1"),
        ("Thing", "UPDATE_IN_PROGRESS", "arn:toy:new:3"),
        ("Thing", "UPDATE_COMPLETE", "arn:toy:new:3"),
        ("Thing", "DELETE_IN_PROGRESS", "arn:toy:old:1"),
        ("Thing", "DELETE_COMPLETE", "arn:toy:old:1"),
    ]
    reasons = [e.get("ResourceStatusReason") for e in stacks.events(logical_id="Thing")]
    assert (
        "Requested update requires the creation of a new physical resource; hence creating one."
    ) in reasons
    actions = [event["action"] for event in stacks.shop.events[2:]]
    assert actions == ["CREATE", "UPDATE", "DELETE"]
    assert stacks.shop.sent("UPDATE")[0]["Secret"] == "arn:toy:new:3"
    assert stacks.resource()["PhysicalResourceId"] == "arn:toy:new:3"
    assert stacks.resource()["ResourceStatus"] == "UPDATE_COMPLETE"
    assert stacks.statuses()[-4:] == [
        "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Thing DELETE_IN_PROGRESS",
        "Thing DELETE_COMPLETE",
        "shop UPDATE_COMPLETE",
    ]


def test_a_replaced_resource_may_be_retained(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Name": "old"})})
    stacks.update({"Thing": thing({"Name": "new"}, UpdateReplacePolicy="Retain")})
    assert sorted(each["Name"] for each in stacks.shop.things.values()) == ["new", "old"]
    assert "DELETE_SKIPPED" in stacks.statuses(logical_id="Thing")


def test_a_replacement_that_fails_leaves_the_old_one_as_it_was(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Name": "old", "Size": 5})})
    before = len(stacks.events())
    stacks.shop.will("CREATE", failed("AlreadyExists", "rename it or drop the name"))
    status = stacks.update({"Thing": thing({"Name": "new", "Size": 6})})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.statuses()[before:] == [
        "shop UPDATE_IN_PROGRESS",
        "Thing UPDATE_IN_PROGRESS",
        "Thing UPDATE_FAILED",
        "shop UPDATE_ROLLBACK_IN_PROGRESS",
        "Thing UPDATE_COMPLETE",
        "shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "shop UPDATE_ROLLBACK_COMPLETE",
    ]
    assert "rename it or drop the name" in stacks.reason("UPDATE_FAILED")
    assert stacks.reason("UPDATE_ROLLBACK_IN_PROGRESS", logical_id="shop") == (
        "The following resource(s) failed to update: [Thing]. "
    )
    assert [each["Name"] for each in stacks.shop.things.values()] == ["old"]
    assert stacks.resource()["PhysicalResourceId"] == "arn:toy:old:1"
    assert len(stacks.shop.of("UPDATE")) == 0


def test_a_failed_update_takes_everything_back_to_what_it_was(stacks: Stacks) -> None:
    old = {
        "Changed": thing({"Size": 1}),
        "Replaced": thing({"Name": "old"}),
        "Removed": thing({"Name": "removed"}),
        "Wrong": thing({"Size": 1}, DependsOn=["Changed", "Replaced"]),
    }
    new = {
        "Changed": thing({"Size": 2}),
        "Replaced": thing({"Name": "new"}),
        "Added": thing({"Name": "added"}),
        "Wrong": thing({"Size": 3}, DependsOn=["Changed", "Replaced", "Added"]),
    }
    outputs = {"Replaced": {"Value": {"Ref": "Replaced"}}}
    stacks.create(old, Tags=tags(a="1"), template={"Outputs": outputs, "Description": "old"})
    kept = {arn: dict(properties) for arn, properties in stacks.shop.things.items()}
    described = stacks.describe()

    def refuse(event: Event) -> object:
        wrong = event["requestData"]["logicalResourceId"] == "Wrong"
        return failed("InvalidRequest", "no") if wrong else None

    stacks.shop.will("UPDATE", None, refuse)
    status = stacks.update(new, Tags=tags(a="2"), template={"Description": "new"})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.shop.things == kept
    after = stacks.describe()
    for unchanged in ("Outputs", "Tags", "Description", "Parameters"):
        assert after[unchanged] == described[unchanged]
    assert stacks.client().get_template(StackName="shop")["TemplateBody"]["Description"] == "old"
    back = stacks.shop.of("UPDATE")[-1]["requestData"]
    assert back["resourceProperties"]["Size"] == 1
    assert back["previousResourceProperties"]["Size"] == 3
    assert back["stackTags"] == {"a": "1"}
    assert back["previousStackTags"] == {"a": "2"}
    resources = stacks.client().list_stack_resources(StackName="shop")["StackResourceSummaries"]
    assert sorted(each["LogicalResourceId"] for each in resources) == sorted(old)
    assert stacks.update({**old, "Changed": thing({"Size": 9})}) == "UPDATE_COMPLETE"


def test_without_validation_an_update_against_the_schema_rolls_back_without_asking_the_handler(
    stacks: Stacks,
) -> None:
    stacks.create({"Thing": thing()})
    status = stacks.update({"Thing": thing({"Size": 0})}, DisableValidation=True)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "#/Size: 0 is not greater or equal to 1" in stacks.reason("UPDATE_FAILED")
    assert stacks.shop.of("UPDATE") == []
    assert stacks.statuses(logical_id="Thing")[-2:] == ["UPDATE_FAILED", "UPDATE_COMPLETE"]


def test_a_rollback_that_fails_can_be_continued(stacks: Stacks) -> None:
    stacks.create({"A": thing(), "B": thing(DependsOn="A")})
    no = failed("InvalidRequest", "no")
    stacks.shop.will("UPDATE", None, no, no)
    resources = {"A": thing({"Size": 2}), "B": thing({"Size": 2}, DependsOn="A")}
    assert stacks.update(resources) == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_FAILED state and can not be updated"):
        stacks.update(resources)
    stacks.client().continue_update_rollback(StackName="shop")
    assert stacks.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(each["Size"] for each in stacks.shop.things.values()) == [1, 1]


def test_without_rollback_a_failed_update_stays_and_can_be_mended(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
    status = stacks.update({"Thing": thing({"Size": 2}), "New": thing()}, DisableRollback=True)
    assert status == "UPDATE_FAILED"
    assert stacks.update({"Thing": thing({"Size": 3}), "New": thing()}) == "UPDATE_COMPLETE"
    assert sorted(each["Size"] for each in stacks.shop.things.values()) == [1, 3]


def test_a_running_update_can_be_cancelled(stacks: Stacks) -> None:
    stacks.create({"Thing": thing(), "After": thing(DependsOn="Thing")})
    arn = stacks.resource()["PhysicalResourceId"]
    stacks.shop.will("UPDATE", in_progress({"Arn": arn, "Size": 2}, delay=60))
    changed = {"Thing": thing({"Size": 2}), "After": thing({"Size": 2}, DependsOn="Thing")}
    stacks.update(changed, wait=False)
    stacks.until(lambda _: bool(stacks.shop.of("UPDATE")))
    with pytest.raises(ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
        stacks.update(changed)
    with pytest.raises(ClientError, match="cannot be deleted while in status UPDATE_IN_PROGRESS"):
        stacks.client().delete_stack(StackName="shop")
    stacks.client().cancel_update_stack(StackName="shop")
    assert stacks.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert {each["Size"] for each in stacks.shop.things.values()} == {1}


def test_a_resource_left_out_of_the_template_is_deleted_in_the_cleanup(stacks: Stacks) -> None:
    stacks.create({"Thing": thing(), "Gone": thing({"Secret": {"Ref": "Thing"}})})
    stacks.update({"Thing": thing()})
    assert stacks.statuses()[-4:] == [
        "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Gone DELETE_IN_PROGRESS",
        "Gone DELETE_COMPLETE",
        "shop UPDATE_COMPLETE",
    ]
    assert len(stacks.shop.things) == 1


def test_a_condition_that_flips_makes_and_removes_resources(stacks: Stacks) -> None:
    declared = {"Mode": {"Type": "String"}}
    conditions = {"On": {"Fn::Equals": [{"Ref": "Mode"}, "on"]}}
    more = {"Parameters": declared, "Conditions": conditions}
    resources = {"Thing": thing(), "Extra": thing({"Name": "extra"}, Condition="On")}

    def mode(value: str) -> list[dict[str, str]]:
        return [{"ParameterKey": "Mode", "ParameterValue": value}]

    stacks.create(resources, template=more, Parameters=mode("off"))
    assert len(stacks.shop.things) == 1
    stacks.update(resources, template=more, Parameters=mode("on"))
    assert len(stacks.shop.things) == 2
    stacks.client().update_stack(StackName="shop", UsePreviousTemplate=True, Parameters=mode("off"))
    stacks.settled()
    assert len(stacks.shop.things) == 1
    previous = [{"ParameterKey": "Mode", "UsePreviousValue": True}]
    with pytest.raises(ClientError, match="No updates"):
        stacks.update(resources, template=more, Parameters=previous)


def test_a_type_may_not_change_under_a_logical_id(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    with pytest.raises(ClientError, match="Update of resource type is not permitted"):
        stacks.update({"Thing": {"Type": "AWS::S3::Bucket"}})


def test_stack_tags_alone_are_an_update_with_the_previous_ones(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, Tags=tags(a="1", b="1"))
    assert stacks.shop.of("CREATE")[0]["requestData"]["stackTags"] == {"a": "1", "b": "1"}
    stacks.update({"Thing": thing()}, Tags=tags(a="2"))
    data = stacks.shop.of("UPDATE")[0]["requestData"]
    assert data["stackTags"] == {"a": "2"}
    assert data["previousStackTags"] == {"a": "1", "b": "1"}
    assert data["resourceProperties"] == data["previousResourceProperties"]


def test_an_update_without_tags_keeps_them_and_an_empty_list_clears_them(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, Tags=tags(a="1"))
    stacks.update({"Thing": thing({"Size": 2})})
    assert stacks.describe()["Tags"] == tags(a="1")
    assert stacks.shop.of("UPDATE")[0]["requestData"]["stackTags"] == {"a": "1"}
    stacks.update({"Thing": thing({"Size": 2})}, Tags=[])
    assert stacks.describe()["Tags"] == []
    assert stacks.shop.of("UPDATE")[1]["requestData"]["stackTags"] == {}


def test_outputs_alone_are_an_update(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    stacks.update({"Thing": thing()}, template={"Outputs": {"It": {"Value": {"Ref": "Thing"}}}})
    assert stacks.describe()["Outputs"][0]["OutputKey"] == "It"
    assert stacks.shop.of("UPDATE") == []


def test_delete_works_by_name_and_by_id_and_a_missing_stack_is_deleted(stacks: Stacks) -> None:
    stack_id = stacks.create({"Thing": thing()})
    stacks.client().delete_stack(StackName=stack_id)
    assert stacks.settled(stack_id) == "DELETE_COMPLETE"
    stacks.client().delete_stack(StackName="shop")
    with pytest.raises(ClientError, match="Stack with id shop does not exist"):
        stacks.describe()
    assert stacks.describe(stack_id)["StackStatus"] == "DELETE_COMPLETE"
    summaries = stacks.client().list_stacks(StackStatusFilter=["DELETE_COMPLETE"])
    assert [each["StackId"] for each in summaries["StackSummaries"]] == [stack_id]
    resources = stacks.client().describe_stack_resources(StackName=stack_id)["StackResources"]
    assert [each["ResourceStatus"] for each in resources] == ["DELETE_COMPLETE"]
    assert stacks.create({"Thing": thing()}) != stack_id


def test_a_delete_that_fails_says_so_and_a_later_one_tries_again(stacks: Stacks) -> None:
    stacks.create({"A": thing({"Name": "a"}), "B": thing({"Name": "b"}, DependsOn="A")})
    stacks.shop.will("DELETE", failed("ResourceInUse", "still in use"))
    assert stacks.delete() == "DELETE_FAILED"
    assert stacks.describe()["StackStatusReason"] == (
        "The following resource(s) failed to delete: [B]. "
    )
    assert "still in use" in stacks.reason("DELETE_FAILED", logical_id="B")
    assert len(stacks.shop.of("DELETE")) == 1, "what it depends on is left alone"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.shop.things == {}


def test_a_resource_that_cannot_be_deleted_may_be_left_behind(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    with pytest.raises(ClientError, match="only when the stack is in the DELETE_FAILED state"):
        stacks.client().delete_stack(StackName="shop", RetainResources=["Thing"])
    stacks.shop.will("DELETE", failed("ResourceInUse", "still in use"))
    stacks.delete()
    assert stacks.delete(RetainResources=["Thing"]) == "DELETE_COMPLETE"
    assert len(stacks.shop.things) == 1


def test_a_resource_that_is_gone_already_counts_as_deleted(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    stacks.shop.things.clear()
    assert stacks.delete() == "DELETE_COMPLETE"


def test_retained_resources_survive_their_stack(stacks: Stacks) -> None:
    kept = thing({"Name": "kept"}, DeletionPolicy="Retain")
    stacks.create({"Kept": kept, "Gone": thing({"Name": "gone"})})
    stack_id = stacks.describe()["StackId"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert [each["Name"] for each in stacks.shop.things.values()] == ["kept"]
    assert stacks.statuses(stack_id, "Kept")[-1] == "DELETE_SKIPPED"


def test_a_stack_is_deleted_while_it_is_created(stacks: Stacks) -> None:
    model = {"Arn": "arn:toy:slow", "Size": 1}
    stacks.shop.things["arn:toy:slow"] = model
    stacks.shop.will("CREATE", in_progress(model, delay=60))
    stack_id = stacks.create({"Thing": thing(), "Never": thing(DependsOn="Thing")}, wait=False)
    stacks.until(lambda _: bool(stacks.shop.events))
    stacks.client().delete_stack(StackName="shop")
    assert stacks.until(lambda status: status == "DELETE_COMPLETE", stack_id)
    assert stacks.shop.things == {}
    assert len(stacks.shop.of("CREATE")) == 1


def test_a_protected_stack_is_not_deleted(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="while TerminationProtection is enabled"):
        stacks.client().delete_stack(StackName="shop")
    stacks.client().update_termination_protection(
        StackName="shop", EnableTerminationProtection=False
    )
    assert stacks.delete() == "DELETE_COMPLETE"


def test_stacks_are_deployed_side_by_side(stacks: Stacks) -> None:
    both = threading.Barrier(2, timeout=10)

    def meet(_: Event) -> None:
        both.wait()

    stacks.shop.will("CREATE", meet, meet)
    stacks.create({"Thing": thing()}, name="one", wait=False)
    stacks.create({"Thing": thing()}, name="two", wait=False)
    assert stacks.settled("one") == stacks.settled("two") == "CREATE_COMPLETE"


def test_accounts_and_regions_are_kept_apart(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    elsewhere = stacks.client(region="eu-west-1")
    assert elsewhere.describe_stacks()["Stacks"] == []
    role = stacks.client("sts").assume_role(
        RoleArn="arn:aws:iam::999999999999:role/other", RoleSessionName="session"
    )["Credentials"]
    other = stacks.client(
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    body = '{"Resources": {"Thing": {"Type": "Toy::Shop::Thing", "Properties": {"Size": 1}}}}'
    other.create_stack(StackName="shop", TemplateBody=body)
    other.get_waiter("stack_create_complete").wait(StackName="shop", WaiterConfig={"Delay": 1})
    event = stacks.shop.of("CREATE")[-1]
    assert event["awsAccountId"] == "999999999999"
    caller = event["requestData"]["callerCredentials"]
    identity = stacks.client(
        "sts",
        aws_access_key_id=caller["accessKeyId"],
        aws_secret_access_key=caller["secretAccessKey"],
        aws_session_token=caller["sessionToken"],
    ).get_caller_identity()
    assert identity["Account"] == "999999999999"


def test_a_type_without_an_update_handler_is_replaced() -> None:
    handlers = {name: SCHEMA["handlers"][name] for name in ("create", "read", "delete", "list")}
    with running(Timing()) as stacks:
        hosted_types().register(HostedType({**SCHEMA, "handlers": handlers}, stacks.shop.invoke))
        stacks.create({"Thing": thing({"Size": 1})})
        stacks.update({"Thing": thing({"Size": 2})})
        assert [event["action"] for event in stacks.shop.events] == ["CREATE", "CREATE", "DELETE"]


def test_a_failed_update_leaves_no_use_of_an_export_behind(stacks: Stacks) -> None:
    exported = {"Outputs": {"X": {"Value": "v", "Export": {"Name": "secret"}}}}
    exporter = stacks.create({"Any": thing()}, "exporter", template=exported)
    stacks.create({"Thing": thing()})
    stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
    secret = {"Thing": thing({"Secret": {"Fn::ImportValue": "secret"}})}
    assert stacks.update(secret) == "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="is not imported by any stack"):
        stacks.client().list_imports(ExportName="secret")
    assert stacks.delete(exporter) == "DELETE_COMPLETE"
    # A use from before the update stays.
    stacks.create({"Any": thing()}, "exporter", template=exported)
    stacks.update(secret)
    stacks.shop.will("UPDATE", failed("InvalidRequest", "no"))
    assert stacks.update({"Thing": thing({"Size": 2})}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.client().list_imports(ExportName="secret")["Imports"] == ["shop"]
