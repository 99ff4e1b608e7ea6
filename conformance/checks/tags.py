"""Tags of definitions."""

from collections.abc import Mapping

from conformance.aws import Aws
from conformance.belief import belief
from conformance.expectations import expect, expect_equal, expect_refusal

VALIDATION = "ValidationException"


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@belief("B58")
def tags_of_a_create_come_to_show(aws: Aws) -> None:
    made = aws.create(Tags=_listed({"team": "churn", "stage": "test"}))
    aws.comes_to_have(made.arn, {"team": "churn", "stage": "test"})


@belief("B59")
def an_added_tag_takes_the_place_of_one_with_its_key(aws: Aws) -> None:
    made = aws.create(Tags=_listed({"team": "churn", "stage": "test"}))
    aws.sagemaker.add_tags(ResourceArn=made.arn, Tags=_listed({"team": "loans"}))
    aws.comes_to_have(made.arn, {"stage": "test", "team": "loans"})
    pages = aws.sagemaker.get_paginator("list_tags").paginate(ResourceArn=made.arn)
    found = [(tag["Key"], tag["Value"]) for page in pages for tag in page["Tags"]]
    expect_equal(sorted(found), [("stage", "test"), ("team", "loans")])


@belief("B60")
def adding_answers_with_all_tags(aws: Aws) -> None:
    made = aws.create(Tags=_listed({"team": "churn"}))
    aws.comes_to_have(made.arn, {"team": "churn"})
    answer = aws.sagemaker.add_tags(ResourceArn=made.arn, Tags=_listed({"stage": "test"}))
    found = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
    expect_equal(found, {"team": "churn", "stage": "test"})


@belief("B61")
def a_change_of_tags_comes_to_show(aws: Aws) -> None:
    made = aws.create(Tags=_listed({"old": "1"}))
    aws.sagemaker.add_tags(ResourceArn=made.arn, Tags=_listed({"new": "2"}))
    aws.comes_to_have(made.arn, {"old": "1", "new": "2"})
    aws.sagemaker.delete_tags(ResourceArn=made.arn, TagKeys=["old"])
    aws.comes_to_have(made.arn, {"new": "2"})


@belief("B62")
def deleting_tags_that_are_not_there_is_no_error(aws: Aws) -> None:
    made = aws.create(Tags=_listed({"team": "churn"}))
    aws.sagemaker.delete_tags(ResourceArn=made.arn, TagKeys=["absent"])
    aws.comes_to_have(made.arn, {"team": "churn"})


@belief("B63")
def fifty_tags_are_the_most_and_one_more_changes_nothing(aws: Aws) -> None:
    fifty = {f"key-{number}": "value" for number in range(50)}
    made = aws.create(Tags=_listed(fifty))
    add = aws.sagemaker.add_tags
    expect_refusal(VALIDATION, add, ResourceArn=made.arn, Tags=_listed({"one": "more"}))
    aws.comes_to_have(made.arn, fifty)


@belief("B64")
def a_list_of_fifty_tags_has_each_once(aws: Aws) -> None:
    fifty = {f"key-{number}": "value" for number in range(50)}
    made = aws.create(Tags=_listed(fifty))
    aws.comes_to_have(made.arn, fifty)
    pages = aws.sagemaker.get_paginator("list_tags").paginate(
        ResourceArn=made.arn, PaginationConfig={"PageSize": 100}
    )
    keys = [tag["Key"] for page in pages for tag in page["Tags"]]
    expect(sorted(keys) == sorted(fifty), keys)


@belief("B65")
def keys_of_aws_are_refused_in_any_case_in_these_words(aws: Aws) -> None:
    made, sagemaker = aws.create(), aws.sagemaker
    for key in ("aws:team", "AWS:team"):
        words = (f"System prefix 'aws:' reserved for AWS usage in tag key: {key}",)
        tags = _listed({key: "churn"})
        create, request = sagemaker.create_model_quality_job_definition, aws.request(Tags=tags)
        expect_refusal(VALIDATION, create, words=words, **request)
        add, delete = sagemaker.add_tags, sagemaker.delete_tags
        expect_refusal(VALIDATION, add, words=words, ResourceArn=made.arn, Tags=tags)
        expect_refusal(VALIDATION, delete, words=words, ResourceArn=made.arn, TagKeys=[key])


@belief("B66")
def a_key_that_comes_twice_is_refused_in_these_words(aws: Aws) -> None:
    made, words = aws.create(), ("Duplicate tag key",)
    twice = _listed({"team": "churn"}) + _listed({"team": "loans"})
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal(VALIDATION, create, words=words, **aws.request(Tags=twice))
    add = aws.sagemaker.add_tags
    expect_refusal(VALIDATION, add, words=words, ResourceArn=made.arn, Tags=twice)


@belief("B67")
def keys_that_differ_in_case_are_two(aws: Aws) -> None:
    tags = {"team": "churn", "Team": "loans"}
    aws.comes_to_have(aws.create(Tags=_listed(tags)).arn, tags)


@belief("B68")
def empty_values_and_any_script_are_kept(aws: Aws) -> None:
    tags = {"empty": "", "Größe / 大小": "a + b = c @ d:e"}
    aws.comes_to_have(aws.create(Tags=_listed(tags)).arn, tags)


@belief("B69")
def what_does_not_exist_has_no_tags_in_these_words(aws: Aws) -> None:
    arn = f"{aws.create().arn}-absent"
    sagemaker, words = aws.sagemaker, ("Resource does not exist.",)
    tags = _listed({"team": "churn"})
    expect_refusal(VALIDATION, sagemaker.list_tags, words=words, ResourceArn=arn)
    expect_refusal(VALIDATION, sagemaker.add_tags, words=words, ResourceArn=arn, Tags=tags)
    keys = ["team"]
    expect_refusal(VALIDATION, sagemaker.delete_tags, words=words, ResourceArn=arn, TagKeys=keys)


@belief("B101")
def a_create_with_more_than_fifty_tags_is_refused_in_these_words(aws: Aws) -> None:
    words = ("at 'tags' failed to satisfy constraint: Member must have length less than or equal",)
    tags = _listed({f"key-{number}": "value" for number in range(51)})
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal(VALIDATION, create, words=words, **aws.request(Tags=tags))


@belief("B70")
def a_made_up_token_is_refused_by_the_list_of_tags(aws: Aws) -> None:
    made = aws.create()
    list_tags = aws.sagemaker.list_tags
    expect_refusal(VALIDATION, list_tags, ResourceArn=made.arn, NextToken="bWFkZS11cA==")
