"""What a definition holds, and what Describe shows of it."""

import time
from typing import Any

from conformance.aws import Aws, Document
from conformance.belief import belief
from conformance.expectations import expect, expect_equal, expect_refusal

#: What SageMaker is believed to fill in.
STOPPING_CONDITION = {"MaxRuntimeInSeconds": 3600}
INPUT = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}


def _batch(aws: Aws, **changes: Any) -> Document:
    return {**aws.request()["ModelQualityJobInput"]["BatchTransformInput"], **changes}


def _s3_output(document: Document) -> Document:
    [output] = document["ModelQualityJobOutputConfig"]["MonitoringOutputs"]
    s3_output: Document = output["S3Output"]
    return s3_output


@belief("B22")
def describe_fills_in_the_longest_time_of_a_run(aws: Aws) -> None:
    shown = aws.describe(aws.create().name)
    expect_equal(shown.get("StoppingCondition"), STOPPING_CONDITION)


@belief("B23")
def describe_fills_in_how_a_batch_transforms_data_is_read(aws: Aws) -> None:
    shown = aws.describe(aws.create().name)["ModelQualityJobInput"]["BatchTransformInput"]
    expect_equal({name: shown.get(name) for name in INPUT}, INPUT)


@belief("B24", needs="endpoint")
def describe_fills_in_how_an_endpoints_data_is_read(aws: Aws) -> None:
    made = aws.create(**aws.inputs(EndpointInput=aws.endpoint_input()))
    shown = aws.describe(made.name)["ModelQualityJobInput"]["EndpointInput"]
    expect_equal({name: shown.get(name) for name in INPUT}, INPUT)


@belief("B25")
def describe_fills_in_that_results_are_written_at_the_end(aws: Aws) -> None:
    shown = _s3_output(aws.describe(aws.create().name))
    expect_equal(shown.get("S3UploadMode"), "EndOfJob")


@belief("B26")
def describe_fills_in_nothing_else(aws: Aws) -> None:
    request = aws.request()
    made = aws.create(request.pop("JobDefinitionName"), **request)
    shown = aws.describe(made.name)
    request["StoppingCondition"] = STOPPING_CONDITION
    request["ModelQualityJobInput"]["BatchTransformInput"].update(INPUT)
    _s3_output(request)["S3UploadMode"] = "EndOfJob"
    for member in ("JobDefinitionArn", "JobDefinitionName", "CreationTime"):
        shown.pop(member)
    expect_equal(shown, request)


@belief("B27")
def what_is_stated_is_shown_as_it_was_stated(aws: Aws) -> None:
    stated = {
        "ModelQualityBaselineConfig": {
            "BaseliningJobName": "baseline-1",
            "ConstraintsResource": {"S3Uri": f"s3://{aws.prefix}/constraints.json"},
        },
        "ModelQualityAppSpecification": {
            "ImageUri": f"{aws.prefix}.invalid/analyzer:1",
            "ContainerEntrypoint": ["/bin/analyze"],
            # Order, repetition and emptiness mean something to a container.
            "ContainerArguments": ["--label", "a", "", "--label", "a"],
            "RecordPreprocessorSourceUri": f"s3://{aws.prefix}/preprocess.py",
            "PostAnalyticsProcessorSourceUri": f"s3://{aws.prefix}/postprocess.py",
            "ProblemType": "BinaryClassification",
            "Environment": {"LEVEL": "debug", "EMPTY": "", "_N": "8"},
        },
        "JobResources": {
            "ClusterConfig": {
                "InstanceCount": 2,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 21,
            }
        },
        "NetworkConfig": {
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": False,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
        **aws.inputs(
            BatchTransformInput=_batch(
                aws,
                DatasetFormat={"Json": {"Line": False}},
                S3InputMode="Pipe",
                S3DataDistributionType="ShardedByS3Key",
                FeaturesAttribute="features",
                InferenceAttribute="label",
                ProbabilityAttribute="probability",
                ProbabilityThresholdAttribute=0.5,
                StartTimeOffset="-PT2H",
                EndTimeOffset="-PT1H",
                ExcludeFeaturesAttribute="0,2",
            ),
        ),
    }
    shown = aws.describe(aws.create(**stated).name)
    expect_equal({member: shown.get(member) for member in stated}, stated)


@belief("B28")
def what_a_definition_names_need_not_exist(aws: Aws) -> None:
    cluster = {**aws.request()["JobResources"]["ClusterConfig"], "VolumeKmsKeyId": "alias/absent"}
    network = {"VpcConfig": {"SecurityGroupIds": ["sg-0123456789"], "Subnets": ["subnet-01234567"]}}
    aws.create(JobResources={"ClusterConfig": cluster}, NetworkConfig=network)


@belief("B29")
def an_endpoint_that_does_not_exist_is_refused_in_these_words(aws: Aws) -> None:
    absent = f"{aws.prefix}-absent"
    words = (f"Endpoint '{absent}' does not exist or is not valid",)
    request = aws.request(**aws.inputs(EndpointInput=aws.endpoint_input(absent)))
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal("ValidationException", create, words=words, **request)
    expect(not aws.exists(request["JobDefinitionName"]), "a definition was left")


@belief("B30")
def empty_csv_and_json_are_shown_as_empty_objects(aws: Aws) -> None:
    for name in ("Csv", "Json"):
        batch = _batch(aws, DatasetFormat={name: {}})
        made = aws.create(**aws.inputs(BatchTransformInput=batch))
        shown = aws.describe(made.name)["ModelQualityJobInput"]["BatchTransformInput"]
        expect_equal(shown["DatasetFormat"], {name: {}})


@belief("B31")
def parquet_is_shown_as_an_empty_object(aws: Aws) -> None:
    batch = _batch(aws, DatasetFormat={"Parquet": {}})
    made = aws.create(**aws.inputs(BatchTransformInput=batch))
    shown = aws.describe(made.name)["ModelQualityJobInput"]["BatchTransformInput"]
    expect_equal(shown["DatasetFormat"], {"Parquet": {}})


@belief("B32", needs="endpoint")
def a_definition_may_have_both_inputs(aws: Aws) -> None:
    inputs = {"EndpointInput": aws.endpoint_input(), "BatchTransformInput": _batch(aws)}
    shown = aws.describe(aws.create(**aws.inputs(**inputs)).name)
    expect(inputs.keys() <= shown["ModelQualityJobInput"].keys(), shown["ModelQualityJobInput"])


@belief("B33")
def a_definition_without_an_input_is_refused(aws: Aws) -> None:
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal("ValidationException", create, **aws.request(**aws.inputs()))


@belief("B34")
def the_place_of_the_truth_and_the_kind_of_problem_may_be_left_out(aws: Aws) -> None:
    aws.create(
        ModelQualityAppSpecification={"ImageUri": "analyzer"},
        ModelQualityJobInput={"BatchTransformInput": _batch(aws), "GroundTruthS3Input": {}},
    )


@belief("B35")
def the_time_of_creation_has_milliseconds(aws: Aws) -> None:
    # Of three times, not all end in three zeros by chance; and none has more digits.
    times = []
    for _ in range(3):
        name = aws.create().name
        answer = aws.post("DescribeModelQualityJobDefinition", {"JobDefinitionName": name})
        times.append(answer.document["CreationTime"])
    expect(all(isinstance(each, float) and each == round(each, 3) for each in times), times)
    expect(any(each % 1 for each in times), times)


@belief("B36")
def a_list_shows_the_time_of_creation_that_describe_shows(aws: Aws) -> None:
    name = aws.create().name
    aws.eventually(lambda: bool(aws.summaries()), lambda: "not listed")
    [listed] = aws.summaries()
    expect_equal(listed["CreationTime"], aws.describe(name)["CreationTime"])
    now = time.time()
    expect(abs(now - listed["CreationTime"].timestamp()) < 300, f"{listed}, now it is {now}")


def _predicting(aws: Aws, problem_type: str, **attributes: str) -> Document:
    """A request for an endpoint whose predictions are where ``attributes`` say, and nowhere."""
    endpoint_input = aws.endpoint_input()
    del endpoint_input["InferenceAttribute"]
    specification = aws.request()["ModelQualityAppSpecification"]
    return aws.request(
        **aws.inputs(EndpointInput={**endpoint_input, **attributes}),
        ModelQualityAppSpecification={**specification, "ProblemType": problem_type},
    )


@belief("B98")
def an_endpoint_without_a_prediction_is_refused_in_these_words(aws: Aws) -> None:
    create = aws.sagemaker.create_model_quality_job_definition
    words = (
        "InvalidParameter: 1 validation error(s) found.\n- missing required field, "
        "CreateModelQualityJobDefinitionInput.ModelQualityJobInputs.EndpointInput."
        "InferenceAttribute.\n"
    )
    for problem_type in ("Regression", "MulticlassClassification"):
        for attributes in ({}, {"ProbabilityAttribute": "0"}):
            request = _predicting(aws, problem_type, **attributes)
            expect_refusal("ValidationException", create, words=(words,), **request)
    request = _predicting(aws, "BinaryClassification")
    expect_refusal("ValidationException", create, words=(words,), **request)


@belief("B99")
def a_binary_classification_may_have_probabilities_alone(aws: Aws) -> None:
    request = _predicting(aws, "BinaryClassification", ProbabilityAttribute="0")
    made = aws.create(request.pop("JobDefinitionName"), **request)
    shown = aws.describe(made.name)["ModelQualityJobInput"]["EndpointInput"]
    expect("InferenceAttribute" not in shown, shown)


@belief("B100")
def a_batch_transform_and_a_problem_of_no_kind_need_no_prediction(aws: Aws) -> None:
    batch = _batch(aws)
    del batch["InferenceAttribute"]
    aws.create(**aws.inputs(BatchTransformInput=batch))
    endpoint_input = aws.endpoint_input()
    del endpoint_input["InferenceAttribute"]
    aws.create(
        **aws.inputs(EndpointInput=endpoint_input),
        ModelQualityAppSpecification={"ImageUri": "analyzer"},
    )
