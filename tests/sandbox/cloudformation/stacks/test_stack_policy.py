"""Stack policies protect resources from updates."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.stacks.stack_policy import StackPolicy
from tests.harness.cloudformation import THING, Stacks, thing

TOPIC = "AWS::SNS::Topic"


def statement(effect: str, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Principal": "*", "Resource": resource, **more}


def policy(*statements: Any) -> str:
    return json.dumps({"Statement": list(statements)})


ALLOW = statement("Allow", "Update:*")
ALLOW_ALL = policy(ALLOW)
NO_REPLACE = policy(statement("Deny", "Update:Replace"), ALLOW)
DENY_ALL = policy(statement("Deny", "Update:*"))


def denial(text: str, action: Any, logical_id: str = "Thing", type_name: str = THING) -> str | None:
    return StackPolicy.parse(text).denial(action, logical_id, type_name)


def refusal(call: Any, **request: Any) -> str:
    """The message of the ValidationError that a request is refused with."""
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "ValidationError"
    message: str = error.value.response["Error"]["Message"]
    return message


# -- what a policy says ---------------------------------------------------------------------------


def test_a_denial_quotes_the_statement_by_its_number_from_zero() -> None:
    text = policy(
        ALLOW, statement("Deny", ["Update:Replace", "Update:Delete"], ["LogicalResourceId/Thing"])
    )
    assert denial(text, "Update:Delete") == (
        "Action denied by stack policy: Statement [#1] does not allow "
        "[Update:Replace, Update:Delete] for resource [LogicalResourceId/Thing];"
    )


@pytest.mark.parametrize("order", [1, -1])
def test_a_denial_overrides_what_another_statement_allows(order: int) -> None:
    statements = [statement("Deny", "Update:Replace"), ALLOW][::order]
    assert denial(policy(*statements), "Update:Replace")
    assert denial(policy(*statements), "Update:Modify") is None


def test_what_no_statement_allows_is_denied() -> None:
    text = policy(statement("Allow", "Update:Modify", "LogicalResourceId/Thing"))
    assert denial(text, "Update:Modify") is None
    assert denial(text, "Update:Replace") == (
        "Action not allowed by stack policy: [Update:Replace] for resource "
        "[LogicalResourceId/Thing]"
    )
    assert denial(text, "Update:Modify", "Other")


def test_an_empty_policy_protects_nothing() -> None:
    assert denial("{}", "Update:Replace") is None


@pytest.mark.parametrize(
    ("deny", "denied"),
    [
        ({"Resource": "LogicalResourceId/Web*"}, {"WebA", "WebB"}),
        ({"Resource": "LogicalResourceId/Web?"}, {"WebA", "WebB"}),
        ({"Resource": ["LogicalResourceId/WebA", "LogicalResourceId/Data"]}, {"WebA", "Data"}),
        ({"NotResource": "LogicalResourceId/WebA"}, {"WebB", "Data"}),
        ({"Resource": "*", "Condition": {"StringEquals": {"ResourceType": [TOPIC]}}}, {"Data"}),
        (
            {"Resource": "*", "Condition": {"StringLike": {"ResourceType": "AWS::SNS::*"}}},
            {"Data"},
        ),
        ({"Resource": "*", "Condition": {"StringEquals": {"ResourceType": "AWS::SNS::*"}}}, set()),
    ],
)
def test_a_statement_is_about_the_resources_that_it_names(
    deny: dict[str, Any], denied: set[str]
) -> None:
    text = policy(ALLOW, {"Effect": "Deny", "Action": "Update:*", "Principal": "*", **deny})
    types = {"WebA": THING, "WebB": THING, "Data": TOPIC}
    found = {name for name, kind in types.items() if denial(text, "Update:Modify", name, kind)}
    assert found == denied


def test_a_statement_can_name_the_actions_that_it_is_not_about() -> None:
    rest = {"Effect": "Deny", "NotAction": "Update:Modify", "Principal": "*", "Resource": "*"}
    text = policy(ALLOW, rest)
    assert denial(text, "Update:Modify") is None
    assert denial(text, "Update:Delete") == (
        "Action denied by stack policy: Statement [#1] does not allow [Update:Delete] for "
        "resource [*];"
    )


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "null",
        '{"Statements": []}',
        policy({**ALLOW, "Principal": "arn:aws:iam::123456789012:user/me"}),
        policy({**ALLOW, "Action": "Delete:*"}),
        policy({**ALLOW, "Action": []}),
        policy({**ALLOW, "Effect": "allow"}),
        policy({**ALLOW, "Resource": "Thing"}),
        policy({**ALLOW, "NotAction": "Update:*"}),
        policy({**ALLOW, "Condition": {"StringEquals": {"Region": "us-east-1"}}}),
        policy({**ALLOW, "Condition": {"StringNotEquals": {"ResourceType": TOPIC}}}),
        policy({name: value for name, value in ALLOW.items() if name != "Resource"}),
        policy("Deny"),
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        StackPolicy.parse(text)
    assert error.value.message == "Error validating stack policy: Invalid stack policy"


# -- what it does to updates ----------------------------------------------------------------------


def test_a_replacement_that_is_denied_rolls_the_update_back(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Name": "cog"})}, StackPolicyBody=NO_REPLACE)
    before = stacks.resource()["PhysicalResourceId"]
    assert stacks.update({"Thing": thing({"Name": "wheel"})}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.reason("UPDATE_FAILED") == (
        "Action denied by stack policy: Statement [#0] does not allow [Update:Replace] for "
        "resource [*];"
    )
    assert stacks.resource()["PhysicalResourceId"] == before
    assert len(stacks.shop.of("CREATE")) == 1
    assert stacks.update({"Thing": thing({"Name": "cog", "Size": 2})}) == "UPDATE_COMPLETE"


def test_a_removal_that_is_denied_deletes_nothing(stacks: Stacks) -> None:
    resources = {"Thing": thing(), "Other": thing()}
    stacks.create(resources)
    text = policy(ALLOW, statement("Deny", "Update:Delete", "LogicalResourceId/Other"))
    stacks.client().set_stack_policy(StackName="shop", StackPolicyBody=text)
    assert stacks.update({"Thing": thing({"Size": 2})}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "does not allow [Update:Delete]" in stacks.reason("UPDATE_FAILED", logical_id="Other")
    assert (stacks.shop.of("UPDATE"), stacks.shop.of("DELETE")) == ([], [])
    assert stacks.resource("Other")["ResourceStatus"] == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_what_was_updated_before_a_denial_is_rolled_back_whatever_the_policy_says(
    stacks: Stacks,
) -> None:
    after = {"A": thing({"Size": 2}), "B": thing({"Size": 2}, DependsOn="A")}
    stacks.create({"A": thing(), "B": thing(DependsOn="A")})
    text = policy(statement("Allow", "Update:*", "LogicalResourceId/A"))
    stacks.client().set_stack_policy(StackName="shop", StackPolicyBody=text)
    assert stacks.update(after) == "UPDATE_ROLLBACK_COMPLETE"
    assert [each["Size"] for each in stacks.shop.sent("UPDATE")] == [2, 1]
    assert stacks.reason("UPDATE_FAILED", logical_id="B").startswith(
        "Action not allowed by stack policy"
    )


def test_new_resources_and_deletions_of_the_stack_are_not_subject_to_it(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, StackPolicyBody=DENY_ALL)
    assert stacks.update({"Thing": thing(), "New": thing()}) == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_policy_for_one_update_applies_to_that_update_only(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, StackPolicyBody=DENY_ALL)
    seen: list[str] = []

    def shown(*_: Any) -> None:
        answer = stacks.client().get_stack_policy(StackName="shop")
        seen.append(answer["StackPolicyBody"])

    stacks.shop.will("UPDATE", shown)
    after = {"Thing": thing({"Size": 2})}
    assert stacks.update(after, StackPolicyDuringUpdateBody=ALLOW_ALL) == "UPDATE_COMPLETE"
    shown()
    assert seen == [ALLOW_ALL, DENY_ALL]
    assert stacks.update({"Thing": thing({"Size": 3})}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.client().get_stack_policy(StackName="shop")["StackPolicyBody"] == DENY_ALL


def test_a_policy_that_an_update_sets_does_not_apply_to_that_update(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    changed = {"Thing": thing({"Size": 2})}
    assert stacks.update(changed, StackPolicyBody=DENY_ALL) == "UPDATE_COMPLETE"
    assert stacks.update({"Thing": thing({"Size": 3})}) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_change_set_is_subject_to_the_policy_when_it_is_executed(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, StackPolicyBody=DENY_ALL)
    names = {"StackName": "shop", "ChangeSetName": "plan"}
    body = json.dumps({"Resources": {"Thing": thing({"Size": 2})}})
    stacks.client().create_change_set(TemplateBody=body, **names)
    stacks.client().execute_change_set(**names)
    assert stacks.settled() == "UPDATE_ROLLBACK_COMPLETE"


def planned(stacks: Stacks, resources: dict[str, Any], name: str = "plan") -> str | None:
    """Create a change set. Returns its StatusReason."""
    names = {"StackName": "shop", "ChangeSetName": name}
    body = json.dumps({"Resources": resources})
    stacks.client().create_change_set(TemplateBody=body, **names)
    described = stacks.client().describe_change_set(**names)
    assert described["Status"] == "CREATE_COMPLETE"
    reason: str | None = described.get("StatusReason")
    return reason


def test_a_change_set_says_what_the_policy_denies(stacks: Stacks) -> None:
    names = ("A", "B", "Old")
    stacks.create({name: thing() for name in names}, StackPolicyBody=NO_REPLACE)
    replaced = {name: thing({"Name": "wheel"}) for name in ("A", "B")}
    allowed = {**{name: thing({"Size": 2}) for name in ("A", "B")}, "New": thing()}
    assert planned(stacks, allowed, "allowed") is None
    assert planned(stacks, replaced) == (
        "The stack policy denies [Update:Replace] for [A, B]. Executing this change set fails."
    )
    stacks.client().set_stack_policy(StackName="shop", StackPolicyBody=DENY_ALL)
    assert planned(stacks, {**replaced, "B": thing({"Size": 2})}, "all") == (
        "The stack policy denies [Update:Replace] for [A] and [Update:Modify] for [B] and "
        "[Update:Delete] for [Old]. Executing this change set fails."
    )
    names_only = {name: {**thing(), "Metadata": {"a": "b"}} for name in names}
    assert planned(stacks, names_only, "metadata") is None


def test_a_change_set_says_what_the_policy_may_deny(stacks: Stacks) -> None:
    def pair(name: Any, size: int = 1) -> dict[str, Any]:
        return {"A": thing({"Size": size}), "B": thing({"Name": name}, DependsOn="A")}

    stacks.create(pair("cog"), StackPolicyBody=NO_REPLACE)
    after = pair({"Fn::GetAtt": ["A", "Made"]}, 2)
    assert planned(stacks, after) == (
        "The stack policy denies [Update:Replace] for [B]. Executing this change set may fail."
    )


def test_a_change_set_follows_the_policy_until_it_is_executed(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()}, StackPolicyBody=DENY_ALL)
    names = {"StackName": "shop", "ChangeSetName": "plan"}
    assert planned(stacks, {"Thing": thing({"Size": 2})})
    stacks.client().set_stack_policy(StackName="shop", StackPolicyBody=ALLOW_ALL)
    assert "StatusReason" not in stacks.client().describe_change_set(**names)
    stacks.client().execute_change_set(**names)
    assert stacks.settled() == "UPDATE_COMPLETE"
    stacks.client().set_stack_policy(StackName="shop", StackPolicyBody=DENY_ALL)
    assert "StatusReason" not in stacks.client().describe_change_set(**names)


def test_a_nested_stack_is_a_resource_of_its_parent_and_has_a_policy_of_its_own(
    stacks: Stacks,
) -> None:
    def child(size: int) -> dict[str, Any]:
        url = stacks.upload({"Thing": thing({"Size": size})})
        properties = {"TemplateURL": url, "Tags": [{"Key": "size", "Value": str(size)}]}
        return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}

    stacks.create({"Child": child(1)}, StackPolicyBody=DENY_ALL)
    assert stacks.update({"Child": child(2)}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "denied by stack policy" in stacks.reason("UPDATE_FAILED", logical_id="Child")
    assert stacks.shop.of("UPDATE") == []
    inner = stacks.resource("Child")["PhysicalResourceId"]
    stacks.client().set_stack_policy(StackName="shop", StackPolicyBody=ALLOW_ALL)
    stacks.client().set_stack_policy(StackName=inner, StackPolicyBody=DENY_ALL)
    assert stacks.update({"Child": child(3)}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "denied by stack policy" in stacks.reason("UPDATE_FAILED", inner)


# -- how it is set --------------------------------------------------------------------------------


def test_a_policy_can_be_an_object_in_s3(stacks: Stacks) -> None:
    stacks.client("s3").create_bucket(Bucket="policies")
    stacks.client("s3").put_object(Bucket="policies", Key="p.json", Body=DENY_ALL.encode())
    url = f"{stacks.url}/policies/p.json"
    stacks.create({"Thing": thing()}, StackPolicyURL=url)
    assert stacks.client().get_stack_policy(StackName="shop")["StackPolicyBody"] == DENY_ALL
    changed = {"Thing": thing({"Size": 2})}
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    stacks.client("s3").put_object(Bucket="policies", Key="p.json", Body=ALLOW_ALL.encode())
    assert stacks.update(changed, StackPolicyDuringUpdateURL=url) == "UPDATE_COMPLETE"


def test_a_policy_that_is_not_valid_is_refused_everywhere_and_changes_nothing(
    stacks: Stacks,
) -> None:
    client, invalid = stacks.client(), "Error validating stack policy: Invalid stack policy"
    body = json.dumps({"Resources": {"Thing": thing()}})
    new = {"StackName": "shop", "TemplateBody": body}
    assert refusal(client.create_stack, StackPolicyBody="{", **new) == invalid
    assert client.list_stacks()["StackSummaries"] == []
    stacks.create({"Thing": thing()})
    assert "StackPolicyBody" not in client.get_stack_policy(StackName="shop")
    assert refusal(client.set_stack_policy, StackName="shop", StackPolicyBody="{") == invalid
    update = {"StackName": "shop", "TemplateBody": body.replace("1", "2")}
    assert refusal(client.update_stack, StackPolicyBody="{", **update) == invalid
    assert refusal(client.update_stack, StackPolicyDuringUpdateBody="{", **update) == invalid
    both = {"StackPolicyBody": "{}", "StackPolicyURL": "https://b.s3.amazonaws.com/p.json"}
    assert refusal(client.set_stack_policy, StackName="shop", **both) == (
        "You cannot specify both StackPolicyURL and StackPolicyBody"
    )
    assert refusal(client.set_stack_policy, StackName="shop") == (
        "Specify either StackPolicyBody or StackPolicyURL."
    )


def test_a_policy_names_only_resources_of_the_template(stacks: Stacks) -> None:
    stacks.create({"Thing": thing()})
    text = policy(ALLOW, statement("Deny", "Update:*", "LogicalResourceId/Thin"))
    assert refusal(stacks.client().set_stack_policy, StackName="shop", StackPolicyBody=text) == (
        "Error validating stack policy: Unknown logical id 'LogicalResourceId/Thin' in statement "
        "{} - stack policies can only be applied to logical ids referenced in the template"
    )


def test_a_stack_that_is_deleted_takes_no_policy(stacks: Stacks) -> None:
    stack_id = stacks.create({"Thing": thing()})
    stacks.delete()
    asked = {"StackName": stack_id, "StackPolicyBody": DENY_ALL}
    assert refusal(stacks.client().set_stack_policy, **asked) == (
        f"Stack with id {stack_id} does not exist"
    )
