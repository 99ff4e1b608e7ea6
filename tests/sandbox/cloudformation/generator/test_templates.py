"""Generated templates, over the wire: what is in them, and when none can be made."""

import json
import threading
import time
from typing import Any

import pytest
import urllib3
import yaml

from sandbox.cloudformation import HostedType, hosted_types
from sandbox.cloudformation.generator import templates
from tests.harness.cloudformation import ACCOUNT, REGION, Stacks, failed, thing
from tests.sandbox.cloudformation.generator.conftest import BOOK, SCHEMA, Library, refused

NAME = "books"


def named(arn: str, **more: str) -> dict[str, Any]:
    """One resource of a request."""
    return {"ResourceType": BOOK, "ResourceIdentifier": {"Arn": arn}, **more}


def generate(api: Any, *resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Generate a template of these resources. Returns its description once it is settled."""
    request = {"GeneratedTemplateName": NAME, **({"Resources": resources} if resources else {})}
    api.create_generated_template(**{**request, **more})
    return settled(api, more.get("GeneratedTemplateName", NAME))


def settled(api: Any, name: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while True:
        answer: dict[str, Any] = api.describe_generated_template(GeneratedTemplateName=name)
        if not answer["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
            return answer
        assert time.monotonic() < until, answer
        time.sleep(0.01)


def body(api: Any, name: str = NAME) -> dict[str, Any]:
    """The template itself."""
    answer = api.get_generated_template(GeneratedTemplateName=name)
    return dict(json.loads(answer["TemplateBody"]))


def test_a_template_has_what_a_template_can_declare_of_a_resource(
    api: Any, library: Library
) -> None:
    tags = [{"Key": "aws:x", "Value": "1"}, {"Key": "shelf", "Value": "A"}]
    answer = generate(api, named(library.add("Emma", Pages=474, Tags=tags)))
    arn = answer["GeneratedTemplateId"]
    assert arn.startswith(f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:generatedTemplate/")
    assert (answer["GeneratedTemplateName"], answer["Status"]) == (NAME, "COMPLETE")
    assert answer["StatusReason"] == "All resources complete"
    assert answer["CreationTime"] <= answer["LastUpdatedTime"]
    assert body(api) == {
        "Metadata": {"AWSToolsMetrics": {"IaC_Generator": arn}},
        "Resources": {
            "LibraryBookEmma": {
                "Type": BOOK,
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "Title": "Emma",
                    "Pages": 474,
                    "Tags": [{"Key": "shelf", "Value": "A"}],
                },
            }
        },
    }


def test_a_resource_is_described_with_a_warning_for_its_write_only_properties(
    api: Any, library: Library
) -> None:
    answer = generate(api, named(library.add("Emma")))
    assert answer["Resources"] == [
        {
            "ResourceType": BOOK,
            "LogicalResourceId": "LibraryBookEmma",
            "ResourceIdentifier": {"Arn": "arn:toy:library/Emma"},
            "ResourceStatus": "COMPLETE",
            "ResourceStatusReason": "Resource Template complete",
            "Warnings": [
                {
                    "Type": "UNSUPPORTED_PROPERTIES",
                    "Properties": [
                        {
                            "PropertyPath": "Donor",
                            "Required": False,
                            "Description": "Who gave it.",
                        }
                    ],
                }
            ],
        }
    ]
    assert answer["TotalWarnings"] == 1
    assert answer["Progress"] == {
        "ResourcesSucceeded": 1,
        "ResourcesFailed": 0,
        "ResourcesProcessing": 0,
        "ResourcesPending": 0,
    }


@pytest.mark.parametrize(
    ("configuration", "deletion", "replacement"),
    [
        ({}, "Retain", "Retain"),
        ({"DeletionPolicy": "DELETE"}, "Delete", "Retain"),
        ({"DeletionPolicy": "RETAIN", "UpdateReplacePolicy": "DELETE"}, "Retain", "Delete"),
    ],
)
def test_the_policies_are_those_of_the_request_and_retain_by_default(
    api: Any, library: Library, configuration: dict[str, str], deletion: str, replacement: str
) -> None:
    answer = generate(api, named(library.add("Emma")), TemplateConfiguration=configuration)
    [entry] = body(api)["Resources"].values()
    assert (entry["DeletionPolicy"], entry["UpdateReplacePolicy"]) == (deletion, replacement)
    assert answer["TemplateConfiguration"] == {
        "DeletionPolicy": deletion.upper(),
        "UpdateReplacePolicy": replacement.upper(),
    }


def test_a_template_comes_in_json_and_in_yaml_that_shows_texts_line_by_line(
    api: Any, library: Library
) -> None:
    generate(api, named(library.add("Emma", Text="Handsome,\nclever, and rich\n")))
    as_json, as_yaml = (
        api.get_generated_template(GeneratedTemplateName=NAME, Format=each)["TemplateBody"]
        for each in ("JSON", "YAML")
    )
    assert "      Text: |\n        Handsome,\n        clever, and rich\n" in as_yaml
    assert yaml.safe_load(as_yaml) == json.loads(as_json) == body(api)


def test_logical_ids_are_those_of_the_request_or_made_of_type_and_identifier_and_differ(
    api: Any, library: Library
) -> None:
    ids = {"Emma": None, "Emma-": None, "E-mma": None, "Diary": "LibraryBookEmma2", "Notes": "N1"}
    resources = [
        named(library.add(title), **({"LogicalResourceId": logical_id} if logical_id else {}))
        for title, logical_id in ids.items()
    ]
    answer = generate(api, *resources)
    assert [each["LogicalResourceId"] for each in answer["Resources"]] == [
        "LibraryBookEmma",
        "LibraryBookEmma3",
        "LibraryBookEmma4",
        "LibraryBookEmma2",
        "N1",
    ]
    entries = body(api)["Resources"]
    assert {name: entry["Properties"]["Title"] for name, entry in entries.items()} == {
        "LibraryBookEmma": "Emma",
        "LibraryBookEmma3": "Emma-",
        "LibraryBookEmma4": "E-mma",
        "LibraryBookEmma2": "Diary",
        "N1": "Notes",
    }


@pytest.mark.parametrize(
    ("logical_ids", "message"),
    [
        (["My-Book"], "Logical id My-Book is not valid"),
        (["Book", "Book"], "Logical id Book is given to more than one resource"),
    ],
)
def test_a_logical_id_that_no_template_can_have_is_refused(
    api: Any, logical_ids: list[str], message: str
) -> None:
    resources = [
        named(f"arn:toy:library/Volume{number}", LogicalResourceId=logical_id)
        for number, logical_id in enumerate(logical_ids)
    ]
    error = refused(api.create_generated_template, GeneratedTemplateName=NAME, Resources=resources)[
        "Error"
    ]
    assert error["Code"] == "ValidationError"
    assert message in error["Message"]
    assert api.list_generated_templates()["Summaries"] == []


def test_what_is_generated_deploys(stacks: Stacks, api: Any, library: Library) -> None:
    emma = library.add("Emma", Pages=474, Tags=[{"Key": "shelf", "Value": "A"}])
    generate(api, named(emma, LogicalResourceId="Emma"))
    copy = body(api)
    copy["Resources"]["Emma"]["Properties"]["Title"] = "Emma2"
    stacks.create(json.dumps(copy))
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    copied = library.books["arn:toy:library/Emma2"]
    assert {**copied, "Arn": emma, "Title": "Emma"} == library.books[emma]


def test_a_resource_that_cannot_be_read_fails_the_template_which_then_is_empty(
    api: Any, library: Library
) -> None:
    hidden = library.add("Diary")
    library.failures["READ", hidden] = failed("AccessDenied", "not for your eyes")
    answer = generate(
        api,
        named(library.add("Emma")),
        named(hidden),
        named("arn:toy:library/None"),
        {"ResourceType": BOOK, "ResourceIdentifier": {"Title": "Emma"}},
        {"ResourceType": "AWS::S3::Bucket", "ResourceIdentifier": {"BucketName": "b"}},
    )
    assert answer["Status"] == "FAILED"
    assert answer["StatusReason"] == "See template resources for details of the failure."
    statuses = [each["ResourceStatus"] for each in answer["Resources"]]
    assert statuses == ["COMPLETE", "FAILED", "FAILED", "FAILED", "FAILED"]
    assert answer["Progress"]["ResourcesFailed"] == 4
    reasons = [each["ResourceStatusReason"] for each in answer["Resources"]]
    assert reasons[1].startswith('Resource handler returned message: "not for your eyes" ')
    assert reasons[1].endswith("HandlerErrorCode: AccessDenied)")
    assert reasons[2].endswith("HandlerErrorCode: NotFound)")
    assert reasons[3:] == [
        f"Invalid resource identifier for resource type {BOOK}. Expected [Arn]",
        "The sandbox cannot generate AWS::S3::Bucket: it runs no handlers of it.",
    ]
    assert body(api)["Resources"] == {}


def test_a_template_without_resources_is_complete(api: Any) -> None:
    answer = generate(api)
    assert (answer["Status"], answer["TotalWarnings"]) == ("COMPLETE", 0)
    assert "Resources" not in answer
    assert body(api)["Resources"] == {}


def test_a_template_is_empty_until_all_its_resources_are_read(stacks: Stacks, api: Any) -> None:
    go_on = threading.Event()
    read = {"status": "SUCCESS", "resourceModel": {"Arn": "arn:1", "Size": 1}}

    def read_slowly(_event: dict[str, Any]) -> dict[str, Any]:
        go_on.wait(20)
        return read

    stacks.shop.will("READ", read, read_slowly)
    definition = thing()["Type"]
    resources = [
        {"ResourceType": definition, "ResourceIdentifier": {"Arn": f"arn:{number}"}}
        for number in range(2)
    ]
    api.create_generated_template(GeneratedTemplateName=NAME, Resources=resources)
    until = time.monotonic() + 20
    while api.describe_generated_template(GeneratedTemplateName=NAME)["Progress"] != {
        "ResourcesSucceeded": 1,
        "ResourcesFailed": 0,
        "ResourcesProcessing": 1,
        "ResourcesPending": 0,
    }:
        assert time.monotonic() < until
    answer = api.get_generated_template(GeneratedTemplateName=NAME)
    assert answer["Status"] == "CREATE_IN_PROGRESS"
    assert body(api)["Resources"] == {}
    go_on.set()
    settled(api, NAME)
    assert len(body(api)["Resources"]) == 2


def test_a_sixth_template_at_once_is_refused(stacks: Stacks, api: Any) -> None:
    go_on = threading.Event()

    def read_slowly(_event: dict[str, Any]) -> dict[str, Any]:
        go_on.wait(20)
        return {"status": "SUCCESS", "resourceModel": {"Arn": "arn:1", "Size": 1}}

    stacks.shop.will("READ", *[read_slowly] * 6)
    resource = {"ResourceType": thing()["Type"], "ResourceIdentifier": {"Arn": "arn:1"}}

    def create(number: int) -> dict[str, Any]:
        return {"GeneratedTemplateName": f"books{number}", "Resources": [resource]}

    for number in range(5):
        api.create_generated_template(**create(number))
    refusal = refused(api.create_generated_template, **create(5))
    assert refusal["Error"]["Code"] == "ConcurrentResourcesLimitExceeded"
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 429
    go_on.set()
    settled(api, "books0")
    api.create_generated_template(**create(5))


def test_a_template_that_is_being_written_cannot_be_deleted(stacks: Stacks, api: Any) -> None:
    go_on = threading.Event()

    def read_slowly(_event: dict[str, Any]) -> dict[str, Any]:
        go_on.wait(20)
        return {"status": "SUCCESS", "resourceModel": {"Arn": "arn:1", "Size": 1}}

    stacks.shop.will("READ", read_slowly)
    resource = {"ResourceType": thing()["Type"], "ResourceIdentifier": {"Arn": "arn:1"}}
    api.create_generated_template(GeneratedTemplateName=NAME, Resources=[resource])
    refusal = refused(api.delete_generated_template, GeneratedTemplateName=NAME)
    assert refusal["Error"]["Code"] == "ConcurrentResourcesLimitExceeded"
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert f"{NAME} is being generated" in refusal["Error"]["Message"]
    go_on.set()
    assert settled(api, NAME)["Status"] == "COMPLETE"
    api.delete_generated_template(GeneratedTemplateName=NAME)
    assert api.list_generated_templates()["Summaries"] == []


def test_a_reset_ends_what_is_being_written_and_forgets_all(stacks: Stacks, api: Any) -> None:
    begun = threading.Event()

    def read(_event: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        time.sleep(0.05)
        return {"status": "SUCCESS", "resourceModel": {"Arn": "arn:1", "Size": 1}}

    stacks.shop.will("READ", *[read] * 500)
    resources = [
        {"ResourceType": thing()["Type"], "ResourceIdentifier": {"Arn": f"arn:{number}"}}
        for number in range(500)
    ]
    api.create_generated_template(GeneratedTemplateName=NAME, Resources=resources)
    assert begun.wait(20)
    urllib3.request("POST", f"{stacks.url}/moto-api/reset")
    read_before = len(stacks.shop.of("READ"))
    assert api.list_generated_templates()["Summaries"] == []
    assert generate(api)["Status"] == "COMPLETE"
    time.sleep(0.5)
    # One more may have begun before the reset, but not the ten that half a second has room for.
    assert len(stacks.shop.of("READ")) - read_before <= 1
    assert read_before < 500


def test_a_resource_that_is_named_twice_is_refused(api: Any, library: Library) -> None:
    emma = named(library.add("Emma"))
    diary = named(library.add("Diary"))
    error = refused(
        api.create_generated_template,
        GeneratedTemplateName=NAME,
        Resources=[emma, diary, {**emma, "LogicalResourceId": "Again"}],
    )["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"] == (
        "Resource arn:toy:library/Emma of type Toy::Library::Book is given more than once"
    )
    assert api.list_generated_templates()["Summaries"] == []


@pytest.mark.parametrize("name", ["  ", "a b/:", "arn:aws:x"])
def test_any_name_is_accepted(api: Any, library: Library, name: str) -> None:
    generate(api, named(library.add("Emma")), GeneratedTemplateName=name)
    assert len(body(api, name)["Resources"]) == 1


def test_a_write_only_property_is_required_if_the_object_around_it_requires_it(
    api: Any, library: Library
) -> None:
    gift = {
        "required": ["Giver"],
        "properties": {"Giver": {"type": "string", "description": "A name."}, "Date": {}},
    }
    reading = {
        **SCHEMA,
        "typeName": "Toy::Library::Gift",
        "properties": {**SCHEMA["properties"], "Gift": {"$ref": "#/definitions/Gift"}},
        "definitions": {"Gift": gift},
        "required": ["Donor"],
        "writeOnlyProperties": [
            f"/properties/{path}" for path in ("Donor", "Text", "Gift/Giver", "Gift/Date")
        ],
    }
    hosted_types().register(HostedType(reading, library.invoke))
    resource = {**named(library.add("Emma")), "ResourceType": reading["typeName"]}
    [warning] = generate(api, resource)["Resources"][0]["Warnings"]
    assert [
        (each["PropertyPath"], each["Required"], each["Description"])
        for each in warning["Properties"]
    ] == [
        ("Donor", True, "Who gave it."),
        ("Text", False, ""),
        ("Gift/Giver", True, "A name."),
        ("Gift/Date", False, ""),
    ]


def test_a_name_is_taken_until_its_template_is_deleted(api: Any, library: Library) -> None:
    resource = named(library.add("Emma"))
    generate(api, resource)
    refusal = refused(api.create_generated_template, GeneratedTemplateName=NAME)
    assert refusal["Error"]["Code"] == "AlreadyExistsException"
    assert NAME in refusal["Error"]["Message"]
    api.delete_generated_template(GeneratedTemplateName=NAME)
    assert generate(api, resource)["Status"] == "COMPLETE"


def test_a_template_is_found_by_name_and_by_arn(api: Any, library: Library) -> None:
    arn = generate(api, named(library.add("Emma")))["GeneratedTemplateId"]
    assert settled(api, arn)["GeneratedTemplateName"] == NAME
    assert body(api, arn) == body(api)
    api.delete_generated_template(GeneratedTemplateName=arn)
    for call in (
        api.describe_generated_template,
        api.get_generated_template,
        api.delete_generated_template,
    ):
        refusal = refused(call, GeneratedTemplateName=arn)
        assert refusal["Error"]["Code"] == "GeneratedTemplateNotFound"
        assert arn in refusal["Error"]["Message"]
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_templates_are_listed_newest_first(api: Any, library: Library) -> None:
    resource = named(library.add("Emma"))
    for number in range(3):
        generate(api, resource, GeneratedTemplateName=f"books{number}")
    pages = api.get_paginator("list_generated_templates").paginate(PaginationConfig={"PageSize": 2})
    listed = [each for page in pages for each in page["Summaries"]]
    assert [each["GeneratedTemplateName"] for each in listed] == ["books2", "books1", "books0"]
    assert {each["NumberOfResources"] for each in listed} == {1}


def test_one_template_more_than_the_limit_is_refused(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MAX_TEMPLATES", 2)
    for number in range(2):
        generate(api, GeneratedTemplateName=f"books{number}")
    error = refused(api.create_generated_template, GeneratedTemplateName=NAME)["Error"]
    assert error["Code"] == "LimitExceededException"
    assert "delete one first" in error["Message"]


def test_what_is_not_supported_is_said_in_one_sentence(api: Any) -> None:
    error = refused(api.create_generated_template, GeneratedTemplateName=NAME, StackName="shop")
    assert error["Error"]["Message"].startswith(
        "The sandbox does not support StackName in CreateGeneratedTemplate"
    )
    error = refused(api.update_generated_template, GeneratedTemplateName=NAME)
    assert error["Error"]["Message"] == (
        "The sandbox does not support the operation UpdateGeneratedTemplate of CloudFormation."
    )


def test_a_bug_in_the_sandbox_ends_a_template_as_failed(
    api: Any, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "convert", lambda *_: 1 / 0)
    answer = generate(api, named(library.add("Emma")))
    assert answer["Status"] == "FAILED"
    assert answer["StatusReason"] == "Internal Failure: ZeroDivisionError: division by zero"
