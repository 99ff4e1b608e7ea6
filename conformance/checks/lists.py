"""Lists of definitions: pages, orders, filters."""

from typing import Any

from conformance.aws import Aws, Definition
from conformance.belief import belief
from conformance.expectations import expect, expect_equal, expect_refusal

VALIDATION = "ValidationException"
LIST = "ListModelQualityJobDefinitions"


def _listed(aws: Aws, count: int, *labels: str) -> list[Definition]:
    """Make so many definitions, and wait until all are listed."""
    made = [aws.create(aws.name(label)) for label in labels or ("listed",) * count]
    aws.eventually(lambda: len(aws.summaries()) == count, lambda: f"{len(aws.summaries())} listed")
    return made


def _names(aws: Aws, **request: Any) -> list[str]:
    return [each["MonitoringJobDefinitionName"] for each in aws.summaries(**request)]


def _with_endpoint(aws: Aws) -> Definition:
    """Make a definition with an endpoint and one without; the first, once both are listed."""
    made = aws.create(**aws.inputs(EndpointInput=aws.endpoint_input()))
    aws.create()
    aws.eventually(lambda: len(aws.summaries()) == 2, lambda: "not listed")
    return made


@belief("B71")
def what_describe_shows_is_listed(aws: Aws) -> None:
    made = aws.create()
    expect_equal(_names(aws), [made.name])


@belief("B72")
def a_page_has_ten_unless_asked_otherwise_before_it_is_filtered(aws: Aws) -> None:
    oldest, *_ = _listed(aws, 11)
    call = aws.sagemaker.list_model_quality_job_definitions
    expect_equal(len(call()["JobDefinitionSummaries"]), 10)
    page = call(NameContains=oldest.name)
    seen = (page["JobDefinitionSummaries"], "NextToken" in page)
    expect_equal(seen, ([], True))


@belief("B73")
def a_page_may_have_one_to_a_hundred(aws: Aws) -> None:
    for size in (1, 100):
        aws.sagemaker.list_model_quality_job_definitions(MaxResults=size)
    for size in (0, 101):
        call = aws.sagemaker.list_model_quality_job_definitions
        expect_refusal(VALIDATION, call, MaxResults=size)


@belief("B74")
def pages_have_each_definition_once_and_the_last_has_no_token(aws: Aws) -> None:
    made = _listed(aws, 3)
    pages = list(
        aws.sagemaker.get_paginator("list_model_quality_job_definitions").paginate(
            NameContains=aws.prefix, PaginationConfig={"PageSize": 1}
        )
    )
    names = [
        each["MonitoringJobDefinitionName"]
        for page in pages
        for each in page["JobDefinitionSummaries"]
    ]
    expect_equal(sorted(names), sorted(each.name for each in made))
    expect("NextToken" not in pages[-1], f"a token behind the last: {pages[-1]}")


@belief("B75")
def a_definition_deleted_between_pages_hides_no_other(aws: Aws) -> None:
    first, second, third = _listed(aws, 3)
    by = {"NameContains": aws.prefix, "SortOrder": "Ascending", "MaxResults": 1}
    page = aws.sagemaker.list_model_quality_job_definitions(**by)
    aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=first.name)
    aws.eventually(lambda: first.name not in _names(aws), lambda: "still listed")
    by["MaxResults"] = 2
    rest = aws.sagemaker.list_model_quality_job_definitions(**by, NextToken=page["NextToken"])
    names = [each["MonitoringJobDefinitionName"] for each in rest["JobDefinitionSummaries"]]
    expect_equal(names, [second.name, third.name])


@belief("B76")
def a_made_up_token_is_refused(aws: Aws) -> None:
    call = aws.sagemaker.list_model_quality_job_definitions
    expect_refusal(VALIDATION, call, NextToken="bWFkZS11cA==")


@belief("B77")
def a_token_is_good_for_its_own_list_only(aws: Aws) -> None:
    _listed(aws, 2)
    call = aws.sagemaker.list_model_quality_job_definitions
    token = call(NameContains=aws.prefix, MaxResults=1)["NextToken"]
    expect_refusal(VALIDATION, call, NameContains=f"{aws.prefix}-l", MaxResults=1, NextToken=token)


@belief("B78")
def the_newest_comes_first_unless_asked_otherwise(aws: Aws) -> None:
    made = [each.name for each in _listed(aws, 3)]
    expect_equal(_names(aws), made[::-1])
    expect_equal(_names(aws, SortOrder="Ascending"), made)


@belief("B79")
def names_are_sorted_whatever_their_case(aws: Aws) -> None:
    made = [each.name for each in _listed(aws, 3, "b", "A", "C")]
    second, first, third = made
    expect_equal(_names(aws, SortBy="Name", SortOrder="Ascending"), [first, second, third])
    expect_equal(_names(aws, SortBy="Name", SortOrder="Descending"), [third, second, first])


@belief("B80")
def a_part_of_a_name_is_found_whatever_its_case(aws: Aws) -> None:
    [made] = _listed(aws, 1, "Mixed-Case")
    call = aws.sagemaker.list_model_quality_job_definitions
    for part in (aws.prefix.upper(), made.name.lower(), made.name[12:-2]):
        found = call(NameContains=part, MaxResults=100)["JobDefinitionSummaries"]
        expect([each["MonitoringJobDefinitionName"] for each in found] == [made.name], part)


@belief("B81")
def the_filters_by_time_leave_out_the_very_time(aws: Aws) -> None:
    _listed(aws, 1)
    by_name = {"NameContains": aws.prefix}
    [listed] = aws.post(LIST, by_name).document["JobDefinitionSummaries"]
    time = listed["CreationTime"]
    for name, shift in (("CreationTimeAfter", -0.001), ("CreationTimeBefore", 0.001)):
        for moment, count in ((time, 0), (round(time + shift, 3), 1)):
            page = aws.post(LIST, {**by_name, name: moment}).document
            found = len(page["JobDefinitionSummaries"])
            expect(found == count, f"{name} {moment} of one of {time}: {found}")


@belief("B82", needs="endpoint")
def the_filter_by_endpoint_finds_it_whatever_its_case(aws: Aws) -> None:
    made = _with_endpoint(aws)
    for name in (aws.endpoint, aws.endpoint.swapcase()):
        expect_equal(_names(aws, EndpointName=name), [made.name])
    expect_equal(_names(aws, EndpointName=aws.endpoint[:-1]), [])


@belief("B83", needs="endpoint")
def a_summary_names_the_endpoint_where_there_is_one(aws: Aws) -> None:
    made = _with_endpoint(aws)
    for summary in aws.summaries():
        wanted = aws.endpoint if summary["MonitoringJobDefinitionName"] == made.name else None
        expect(summary.get("EndpointName") == wanted, summary)
