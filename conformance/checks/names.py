"""Names of definitions, and their ARNs."""

from conformance.aws import Aws
from conformance.belief import belief
from conformance.expectations import expect, expect_equal, expect_refusal


@belief("B01")
def a_name_is_taken_whatever_its_case(aws: Aws) -> None:
    taken = aws.create(aws.name("Mixed-Case"))
    for name in (taken.name, taken.name.upper()):
        create = aws.sagemaker.create_model_quality_job_definition
        expect_refusal("ResourceInUse", create, **aws.request(name))


@belief("B02")
def a_definition_is_found_whatever_its_case(aws: Aws) -> None:
    made = aws.create(aws.name("Mixed-Case"))
    expect(aws.exists(made.name.swapcase()), "Describe does not find it")
    aws.sagemaker.delete_model_quality_job_definition(JobDefinitionName=made.name.swapcase())
    aws.eventually(lambda: not aws.exists(made.name), lambda: "Delete did not delete it")


@belief("B03")
def describe_gives_the_name_in_the_case_of_the_create(aws: Aws) -> None:
    made = aws.create(aws.name("Mixed-Case"))
    expect_equal(aws.describe(made.name.lower())["JobDefinitionName"], made.name)


@belief("B04")
def the_case_of_a_name_is_kept_in_its_arn(aws: Aws) -> None:
    made = aws.create(aws.name("Mixed-Case"))
    expect(made.arn.endswith(f"/{made.name}"), made.arn)


@belief("B05")
def every_operation_spells_an_arn_alike(aws: Aws) -> None:
    made = aws.create(aws.name("Mixed-Case"))
    aws.eventually(lambda: bool(aws.summaries()), lambda: "not listed")
    [listed] = aws.summaries()
    described = aws.describe(made.name)["JobDefinitionArn"]
    arns = {"Create": made.arn, "Describe": described, "List": listed["MonitoringJobDefinitionArn"]}
    expect(len({*arns.values()}) == 1, arns)


@belief("B06")
def an_arn_is_made_of_partition_region_account_and_name(aws: Aws) -> None:
    made = aws.create(aws.name("lower-case"))
    account = aws.client("sts").get_caller_identity()["Account"]
    partition = aws.session.get_partition_for_region(aws.region)
    place = f"arn:{partition}:sagemaker:{aws.region}:{account}"
    expect_equal(made.arn, f"{place}:model-quality-job-definition/{made.name}")


@belief("B07")
def tag_calls_take_the_arn_of_describe(aws: Aws) -> None:
    made = aws.create(aws.name("Mixed-Case"))
    arn = aws.describe(made.name)["JobDefinitionArn"]
    aws.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "churn"}])
    expect_equal(aws.tags(arn), {"team": "churn"})
    aws.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])


@belief("B08")
def tag_calls_refuse_an_arn_in_another_case(aws: Aws) -> None:
    made = aws.create(aws.name("Mixed-Case"))
    place, _, name = made.arn.rpartition("/")
    other = f"{place}/{name.swapcase()}"
    words = ("Resource does not exist.",)
    expect_refusal("ValidationException", aws.sagemaker.list_tags, words=words, ResourceArn=other)


@belief("B09")
def each_region_has_definitions_of_its_own(aws: Aws) -> None:
    made = aws.create()
    elsewhere = aws.client("sagemaker", aws.another_region)
    describe = elsewhere.describe_model_quality_job_definition
    expect_refusal("ResourceNotFound", describe, JobDefinitionName=made.name)
