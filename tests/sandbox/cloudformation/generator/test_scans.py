"""Resource scans, over the wire: what they find, and when none can be started."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from moto.core.utils import utcnow

from sandbox.cloudformation import HostedType, hosted_types
from sandbox.cloudformation.generator import scans
from tests.harness.cloudformation import ACCOUNT, REGION, Stacks, failed
from tests.sandbox.cloudformation.generator.conftest import BOOK, SCHEMA, Library, refused

PARTIAL = [{"Types": [BOOK]}]


def scan(api: Any, **request: Any) -> dict[str, Any]:
    """Scan the books, or what the request says. Returns the description of the ended scan."""
    arn = api.start_resource_scan(**{"ScanFilters": PARTIAL, **request})["ResourceScanId"]
    return ended(api, arn)


def ended(api: Any, arn: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while True:
        answer: dict[str, Any] = api.describe_resource_scan(ResourceScanId=arn)
        if answer["Status"] != "IN_PROGRESS":
            return answer
        assert time.monotonic() < until, answer
        time.sleep(0.01)


def found(api: Any, arn: str, **filters: Any) -> list[str]:
    """The ARNs of the resources of a scan that pass the filters."""
    pages = api.get_paginator("list_resource_scan_resources").paginate(
        ResourceScanId=arn, **filters
    )
    return [
        resource["ResourceIdentifier"]["Arn"] for page in pages for resource in page["Resources"]
    ]


def test_a_scan_lists_every_page_and_reads_each_resource(api: Any, library: Library) -> None:
    arns = [library.add(f"Volume{number}") for number in range(5)]
    answer = scan(api)
    assert answer["Status"] == "COMPLETE"
    assert answer["PercentageCompleted"] == 100.0
    assert (answer["ResourcesScanned"], answer["ResourcesRead"]) == (5, 5)
    assert answer["ResourceTypes"] == [BOOK]
    assert answer["ScanFilters"] == PARTIAL
    assert answer["StartTime"] <= answer["EndTime"]
    assert answer["ResourceScanId"].startswith(
        f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:resourceScan/"
    )
    assert found(api, answer["ResourceScanId"]) == arns
    actions = [event["action"] for event in library.events]
    assert (actions.count("LIST"), actions.count("READ")) == (3, 5)


def test_the_handlers_of_a_scan_belong_to_no_stack_and_have_the_types_role(
    stacks: Stacks, api: Any, library: Library
) -> None:
    library.add("Emma")
    scan(api)
    assert {event["action"] for event in library.events} == {"LIST", "READ"}
    for event in library.events:
        assert (event["stackId"], event["requestData"]["logicalResourceId"]) == (None, None)
        keys = event["requestData"]["callerCredentials"]
        sts = stacks.client(
            "sts",
            aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
            aws_session_token=keys["sessionToken"],
        )
        assert ":assumed-role/Toy-Library-Book-ExecutionRole/" in sts.get_caller_identity()["Arn"]


def test_a_full_scan_covers_every_type_whose_handlers_read_and_list(
    stacks: Stacks, api: Any, library: Library
) -> None:
    library.add("Emma")
    stacks.shop.will("LIST", {"status": "SUCCESS", "resourceModels": []})
    answer = ended(api, api.start_resource_scan()["ResourceScanId"])
    assert stacks.shop.of("LIST")
    assert (answer["Status"], answer["ResourceTypes"]) == ("COMPLETE", [BOOK])
    assert "ScanFilters" not in answer


def test_a_filter_may_name_all_types_of_a_service(
    stacks: Stacks, api: Any, library: Library
) -> None:
    library.add("Emma")
    answer = scan(api, ScanFilters=[{"Types": ["Toy::Library::*"]}])
    assert answer["ResourcesRead"] == 1
    assert not stacks.shop.events


@pytest.mark.parametrize("asked", ["AWS::S3::Bucket", "AWS::S3::*", "Toy::Library::Boo"])
def test_a_type_that_the_sandbox_cannot_scan_is_refused_and_the_others_are_named(
    api: Any, asked: str
) -> None:
    error = refused(api.start_resource_scan, ScanFilters=[{"Types": [BOOK, asked]}])["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"] == (
        f"The sandbox cannot scan {asked}. It scans the types whose handlers it runs: "
        "Toy::Library::Book, Toy::Shop::Thing."
    )


def test_a_type_whose_list_needs_a_property_cannot_be_scanned(
    stacks: Stacks, api: Any, library: Library
) -> None:
    needy = {"list": {"permissions": [], "handlerSchema": {"required": ["Title"]}}}
    handlers = {**SCHEMA["handlers"], **needy}
    shelf = {**SCHEMA, "typeName": "Toy::Library::Shelf", "handlers": handlers}
    hosted_types().register(HostedType(shelf, library.invoke))
    stacks.shop.will("LIST", {"status": "SUCCESS", "resourceModels": []})
    ended(api, api.start_resource_scan()["ResourceScanId"])
    assert {event["resourceType"] for event in library.events} == {BOOK}
    error = refused(api.start_resource_scan, ScanFilters=[{"Types": [shelf["typeName"]]}])["Error"]
    assert "cannot scan Toy::Library::Shelf" in error["Message"]


def test_what_cannot_be_read_is_left_out_and_the_scan_completes(
    api: Any, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    readable, hidden = library.add("Emma"), library.add("Diary")
    library.failures["READ", hidden] = failed("AccessDenied", "not for your eyes")
    answer = scan(api)
    assert (answer["Status"], answer["ResourcesScanned"], answer["ResourcesRead"]) == (
        "COMPLETE",
        2,
        1,
    )
    assert found(api, answer["ResourceScanId"]) == [readable]
    assert "READ of arn:toy:library/Diary failed: not for your eyes (AccessDenied)" in caplog.text


def test_a_type_that_cannot_be_listed_is_left_out_and_the_scan_completes(
    api: Any, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.add("Emma")
    library.failures["LIST", ""] = failed("AccessDenied", "closed today")
    answer = scan(api)
    assert (answer["Status"], answer["ResourcesScanned"]) == ("COMPLETE", 0)
    assert answer.get("ResourceTypes", []) == []
    assert f"{BOOK}: LIST failed: closed today (AccessDenied)" in caplog.text


def test_the_filters_of_a_listing_all_have_to_match(api: Any, library: Library) -> None:
    emma = library.add("Emma", Tags=[{"Key": "shelf", "Value": "A"}, {"Key": "lent", "Value": "B"}])
    diary = library.add("Diary", Tags=[{"Key": "shelf", "Value": "B"}])
    notes = library.add("Notes")
    arn = scan(api)["ResourceScanId"]
    assert found(api, arn, ResourceIdentifier="y/Emm") == [emma]
    assert found(api, arn, ResourceTypePrefix="Toy::Lib") == [emma, diary, notes]
    assert found(api, arn, ResourceTypePrefix="Toy::Shop") == []
    assert found(api, arn, TagKey="shelf") == [emma, diary]
    assert found(api, arn, TagValue="B") == [emma, diary]
    assert found(api, arn, TagKey="shelf", TagValue="B") == [diary]
    assert found(api, arn, TagKey="shelf", ResourceIdentifier="Notes") == []


def test_a_listing_has_pages(api: Any, library: Library) -> None:
    arns = [library.add(f"Volume{number}") for number in range(5)]
    arn = scan(api)["ResourceScanId"]
    first = api.list_resource_scan_resources(ResourceScanId=arn, MaxResults=3)
    rest = api.list_resource_scan_resources(
        ResourceScanId=arn, MaxResults=3, NextToken=first["NextToken"]
    )
    assert [len(first["Resources"]), len(rest["Resources"])] == [3, 2]
    assert "NextToken" not in rest
    assert found(api, arn, PaginationConfig={"PageSize": 1}) == arns
    for size, limit in ((0, "greater than or equal to 1"), (101, "less than or equal to 100")):
        error = refused(api.list_resource_scan_resources, ResourceScanId=arn, MaxResults=size)
        assert error["Error"]["Message"].endswith(f"Member must have value {limit}")


def test_a_listing_says_what_a_stack_manages_already(
    stacks: Stacks, api: Any, library: Library
) -> None:
    library.add("Emma")
    stacks.create({"Mine": {"Type": BOOK, "Properties": {"Title": "Diary"}}})
    arn = scan(api)["ResourceScanId"]

    def managed() -> dict[str, bool]:
        answer = api.list_resource_scan_resources(ResourceScanId=arn)
        return {
            each["ResourceIdentifier"]["Arn"]: each["ManagedByStack"]
            for each in answer["Resources"]
        }

    assert managed() == {"arn:toy:library/Emma": False, "arn:toy:library/Diary": True}
    stacks.delete()
    assert managed() == {"arn:toy:library/Emma": False, "arn:toy:library/Diary": False}


def test_a_stack_manages_only_resources_of_its_own_types(
    stacks: Stacks, api: Any, library: Library
) -> None:
    magazine = {**SCHEMA, "typeName": "Toy::Library::Magazine"}
    hosted_types().register(HostedType(magazine, library.invoke))
    stacks.create({"Mine": {"Type": magazine["typeName"], "Properties": {"Title": "Emma"}}})
    arn = scan(api, ScanFilters=[{"Types": ["Toy::Library::*"]}])["ResourceScanId"]
    resources = api.list_resource_scan_resources(ResourceScanId=arn)["Resources"]
    assert {
        (
            each["ResourceType"],
            each["ResourceIdentifier"]["Arn"],
            each["ManagedByStack"],
        )
        for each in resources
    } == {
        (BOOK, "arn:toy:library/Emma", False),
        (magazine["typeName"], "arn:toy:library/Emma", True),
    }


def test_scans_are_listed_by_kind_newest_first_and_full_ones_by_default(
    stacks: Stacks, api: Any
) -> None:
    stacks.shop.will("LIST", {"status": "SUCCESS", "resourceModels": []})
    full = ended(api, api.start_resource_scan()["ResourceScanId"])["ResourceScanId"]
    partial = [scan(api)["ResourceScanId"] for _ in range(2)]

    def listed(**request: Any) -> list[tuple[str, str, str]]:
        pages = api.get_paginator("list_resource_scans").paginate(**request)
        return [
            (each["ResourceScanId"], each["ScanType"], each["Status"])
            for page in pages
            for each in page["ResourceScanSummaries"]
        ]

    assert listed() == [(full, "FULL", "COMPLETE")]
    assert listed(ScanTypeFilter="PARTIAL", PaginationConfig={"PageSize": 1}) == [
        (arn, "PARTIAL", "COMPLETE") for arn in partial[::-1]
    ]


def test_while_a_scan_runs_no_other_starts_and_its_resources_cannot_be_listed(
    stacks: Stacks, api: Any
) -> None:
    go_on = threading.Event()

    def list_slowly(_event: dict[str, Any]) -> dict[str, Any]:
        go_on.wait(20)
        return {"status": "SUCCESS", "resourceModels": []}

    stacks.shop.will("LIST", list_slowly)
    arn = api.start_resource_scan()["ResourceScanId"]
    answer = api.describe_resource_scan(ResourceScanId=arn)
    assert answer["Status"] == "IN_PROGRESS"
    assert {"EndTime", "ResourcesRead", "ResourceTypes"}.isdisjoint(answer)
    for call, request in (
        (api.start_resource_scan, {}),
        (api.list_resource_scan_resources, {"ResourceScanId": arn}),
        (api.list_resource_scan_related_resources, {"ResourceScanId": arn, "Resources": []}),
    ):
        refusal = refused(call, **request)
        assert refusal["Error"]["Code"] == "ResourceScanInProgress"
        assert arn in refusal["Error"]["Message"]
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400
    go_on.set()
    assert ended(api, arn)["Status"] == "COMPLETE"


def test_the_eleventh_scan_of_a_day_is_refused_and_one_of_the_next_day_is_not(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(10):
        scan(api)
    refusal = refused(api.start_resource_scan, ScanFilters=PARTIAL)
    assert refusal["Error"]["Code"] == "ResourceScanLimitExceeded"
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "Limit of 10 resource scans in 24 hours exceeded" in refusal["Error"]["Message"]
    assert refusal["Error"]["Message"].endswith("or at once in a sandbox that is started anew")
    monkeypatch.setattr(f"{scans.__name__}.utcnow", lambda: utcnow() + timedelta(hours=24))
    assert scan(api)["Status"] == "COMPLETE"


def test_a_repeated_token_starts_no_second_scan(api: Any) -> None:
    first, second = (scan(api, ClientRequestToken="once")["ResourceScanId"] for _ in range(2))
    assert first == second
    assert scan(api, ClientRequestToken="twice")["ResourceScanId"] != first


def test_a_scan_that_does_not_exist_is_named(api: Any) -> None:
    arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:resourceScan/none"
    for call in (api.describe_resource_scan, api.list_resource_scan_resources):
        refusal = refused(call, ResourceScanId=arn)
        assert refusal["Error"]["Code"] == "ResourceScanNotFound"
        assert arn in refusal["Error"]["Message"]
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_request_is_checked_against_the_apis_model(api: Any) -> None:
    error = refused(api.start_resource_scan, ScanFilters=PARTIAL, ClientRequestToken="-")["Error"]
    assert error["Code"] == "ValidationError"
    assert "'clientRequestToken' failed to satisfy constraint" in error["Message"]


def test_related_resources_are_none(api: Any, library: Library) -> None:
    emma = library.add("Emma")
    answer = api.list_resource_scan_related_resources(
        ResourceScanId=scan(api)["ResourceScanId"],
        Resources=[{"ResourceType": BOOK, "ResourceIdentifier": {"Arn": emma}}],
    )
    assert answer["RelatedResources"] == []


def test_each_region_has_scans_of_its_own(stacks: Stacks, api: Any, library: Library) -> None:
    arn = scan(api)["ResourceScanId"]
    elsewhere = stacks.client(region="eu-west-1")
    assert refused(elsewhere.describe_resource_scan, ResourceScanId=arn)["Error"]["Code"] == (
        "ResourceScanNotFound"
    )
    assert ":eu-west-1:" in scan(elsewhere)["ResourceScanId"]
    assert {event["region"] for event in library.events} == {REGION, "eu-west-1"}


def test_a_bug_in_the_sandbox_ends_a_scan_as_failed_and_the_next_one_starts(
    api: Any,
    monkeypatch: pytest.MonkeyPatch,
    library: Library,
    caplog: pytest.LogCaptureFixture,
) -> None:
    library.add("Emma")
    with monkeypatch.context() as broken:
        broken.setattr(scans, "_scanned", lambda *_: 1 / 0)
        answer = scan(api)
    assert answer["Status"] == "FAILED"
    assert answer["StatusReason"] == "Internal Failure: ZeroDivisionError: division by zero"
    assert f"resource scan:{answer['ResourceScanId']}: internal error" in caplog.text
    assert scan(api)["Status"] == "COMPLETE"


def test_a_reset_ends_the_running_scan_and_forgets_all(stacks: Stacks, api: Any) -> None:
    arns = [scan(api)["ResourceScanId"]]
    begun = threading.Event()

    def list_more(_event: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        time.sleep(0.05)
        return {"status": "SUCCESS", "resourceModels": [], "nextToken": "more"}

    stacks.shop.will("LIST", *[list_more] * 2000)
    arns.append(api.start_resource_scan()["ResourceScanId"])
    assert begun.wait(20)
    urllib3.request("POST", f"{stacks.url}/moto-api/reset")
    listed = len(stacks.shop.of("LIST"))
    for arn in arns:
        error = refused(api.describe_resource_scan, ResourceScanId=arn)["Error"]
        assert error["Code"] == "ResourceScanNotFound"
    assert scan(api)["Status"] == "COMPLETE"
    time.sleep(0.5)
    # One more may have begun before the reset, but not the ten that half a second has room for.
    assert len(stacks.shop.of("LIST")) - listed <= 1
    assert listed < 2000
