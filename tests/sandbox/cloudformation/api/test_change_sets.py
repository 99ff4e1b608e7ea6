"""Requests that clients do not send, because they check them, are refused and change nothing."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.harness.cloudformation import (
    CREDENTIALS,
    REGION,
    SESSION,
    THING,
    Stacks,
    template,
    thing,
)

NULL = "failed to satisfy constraint: Member must not be null"
IMPORTED = {
    "ResourceType": THING,
    "LogicalResourceId": "Thing",
    "ResourceIdentifier": {"Arn": "arn:toy:cog:7"},
}
IMPORT: dict[str, Any] = {
    "StackName": "shop",
    "ChangeSetName": "import",
    "ChangeSetType": "IMPORT",
    "TemplateBody": template({"Thing": thing(DeletionPolicy="Retain")}),
    "ResourcesToImport": [IMPORTED],
}


@pytest.fixture
def unchecked(stacks: Stacks) -> Any:
    """A client that sends what it is given."""
    return SESSION.client(
        "cloudformation",
        region_name=REGION,
        endpoint_url=stacks.url,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        **CREDENTIALS,
    )


def refusal(operation: Any, request: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as error:
        operation(**request)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.value.response["Error"]["Code"] == "ValidationError"
    message: str = error.value.response["Error"]["Message"]
    return message


@pytest.mark.parametrize("member", ["ResourceType", "LogicalResourceId", "ResourceIdentifier"])
def test_an_entry_of_an_import_needs_all_its_members(
    stacks: Stacks, unchecked: Any, member: str
) -> None:
    entry = {name: value for name, value in IMPORTED.items() if name != member}
    words = refusal(unchecked.create_change_set, {**IMPORT, "ResourcesToImport": [entry]})
    assert words == (
        f"1 validation error detected: Value null at 'resourcesToImport.1.member."
        f"{member[0].lower()}{member[1:]}' {NULL}"
    )
    assert stacks.client().describe_stacks()["Stacks"] == []


@pytest.mark.parametrize("name", ["StackName", "ChangeSetName"])
def test_a_change_set_needs_names(stacks: Stacks, unchecked: Any, name: str) -> None:
    request = {key: value for key, value in IMPORT.items() if key != name}
    words = refusal(unchecked.create_change_set, request)
    assert words.endswith(f"Value null at '{name[0].lower()}{name[1:]}' {NULL}")
    assert stacks.client().describe_stacks()["Stacks"] == []


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("OnStackFailure", "BANANA", "enum value set: [DO_NOTHING, ROLLBACK, DELETE]"),
        ("ChangeSetType", "MOVE", "enum value set: [CREATE, UPDATE, IMPORT]"),
        (
            "ResourcesToImport",
            [{**IMPORTED, "ResourceIdentifier": {"Arn": ""}}],
            "Member must have length greater than or equal to 1, Member must not be null]",
        ),
        ("ChangeSetName", "1st", "regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"),
    ],
)
def test_a_change_set_has_only_values_of_the_model(
    stacks: Stacks, unchecked: Any, member: str, value: str, words: str
) -> None:
    assert refusal(unchecked.create_change_set, {**IMPORT, member: value}).endswith(words)
    assert stacks.client().describe_stacks()["Stacks"] == []


@pytest.mark.usefixtures("stacks")
@pytest.mark.parametrize(
    "operation", ["describe_change_set", "execute_change_set", "delete_change_set"]
)
def test_what_concerns_a_change_set_names_it(unchecked: Any, operation: str) -> None:
    words = refusal(getattr(unchecked, operation), {"StackName": "shop"})
    assert words == f"1 validation error detected: Value null at 'changeSetName' {NULL}"


@pytest.mark.usefixtures("stacks")
@pytest.mark.parametrize(
    "operation",
    [
        "list_change_sets",
        "create_stack",
        "update_stack",
        "delete_stack",
        "cancel_update_stack",
        "describe_stack_events",
        "list_stack_resources",
    ],
)
def test_what_concerns_a_stack_names_it(unchecked: Any, operation: str) -> None:
    words = refusal(getattr(unchecked, operation), {})
    assert words == f"1 validation error detected: Value null at 'stackName' {NULL}"


def test_a_value_that_is_missing_in_an_identifier_is_refused(stacks: Stacks) -> None:
    client = stacks.client()

    def drop(params: Any, **_: Any) -> None:
        del params["body"]["ResourcesToImport.member.1.ResourceIdentifier.entry.1.value"]

    client.meta.events.register("before-call.cloudformation.CreateChangeSet", drop)
    assert "Value '{Arn=null}' at" in refusal(client.create_change_set, IMPORT)


@pytest.mark.parametrize("under_review", [False, True], ids=["new", "under review"])
@pytest.mark.parametrize("kind", ["CREATE", "IMPORT"])
def test_the_first_change_set_of_a_stack_needs_a_template(
    stacks: Stacks, kind: str, under_review: bool
) -> None:
    client = stacks.client()
    if under_review:
        body = template({"Thing": thing()})
        client.create_change_set(
            StackName="shop", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=body
        )
    request = {**IMPORT, "ChangeSetType": kind, "UsePreviousTemplate": True}
    del request["TemplateBody"]
    if kind == "CREATE":
        del request["ResourcesToImport"]
    assert refusal(client.create_change_set, request) == (
        "Either Template URL or Template Body must be specified."
    )
