"""Requests on the wire: what SageMaker takes, and in which words it refuses the rest."""

import re
from typing import Any

from conformance.aws import Answer, Aws, Document
from conformance.belief import belief
from conformance.expectations import BeliefBroken, expect, expect_refusal, refusal

CREATE = "CreateModelQualityJobDefinition"
VALIDATION = "ValidationException"
SERIALIZATION = "SerializationException"


def _refused(aws: Aws, words: str, **changes: Any) -> None:
    """Expect a create with these changes to be refused for one violation, in these words."""
    message = f"1 validation error detected: {words}"
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal(VALIDATION, create, words=(message,), **aws.request(**changes))


def _answered(answer: Answer, code: str, status: int = 400, words: str = "") -> None:
    """Expect an answer to be this error."""
    document = answer.document
    message = document.get("message") or document.get("Message") or ""
    got = (str(document.get("__type")).rpartition("#")[2], answer.status)
    expect(got == (code, status) and words in message, f"HTTP {answer.status}, {document}")


def _cluster(aws: Aws, **changes: Any) -> Document:
    cluster = aws.request()["JobResources"]["ClusterConfig"]
    return {"JobResources": {"ClusterConfig": {**cluster, **changes}}}


@belief("B37")
def a_number_out_of_range_is_refused_in_these_words(aws: Aws) -> None:
    words = (
        "Value '101' at 'jobResources.clusterConfig.instanceCount' failed to satisfy constraint: "
        "Member must have value less than or equal to 100"
    )
    _refused(aws, words, **_cluster(aws, InstanceCount=101))


@belief("B38")
def a_text_too_long_is_refused_in_these_words(aws: Aws) -> None:
    uri = "i" * 256
    words = (
        f"Value '{uri}' at 'modelQualityAppSpecification.imageUri' failed to satisfy constraint: "
        "Member must have length less than or equal to 255"
    )
    _refused(aws, words, ModelQualityAppSpecification={"ImageUri": uri})


@belief("B39")
def what_is_not_in_an_enumeration_is_refused_in_these_words(aws: Aws) -> None:
    words = (
        "Value 'Guess' at 'modelQualityAppSpecification.problemType' failed to satisfy constraint: "
        "Member must satisfy enum value set: ["
    )
    _refused(aws, words, ModelQualityAppSpecification={"ImageUri": "i", "ProblemType": "Guess"})


@belief("B40")
def a_pattern_has_to_match_the_whole_value(aws: Aws) -> None:
    name = f"{aws.name()}_"
    words = (
        f"Value '{name}' at 'jobDefinitionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: "
    )
    _refused(aws, words, JobDefinitionName=name)


@belief("B41")
def what_is_missing_is_refused_in_these_words(aws: Aws) -> None:
    request = aws.request()
    del request["RoleArn"]
    words = (
        "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: "
        "Member must not be null"
    )
    create = aws.sagemaker.create_model_quality_job_definition
    expect_refusal(VALIDATION, create, words=(words,), **request)


@belief("B42")
def all_violations_are_counted_in_one_answer(aws: Aws) -> None:
    changes = _cluster(aws, InstanceCount=0, VolumeSizeInGB=0)
    create = aws.sagemaker.create_model_quality_job_definition
    refused = refusal(create, **aws.request(**changes))
    one = r"Value '0' at 'jobResources\.clusterConfig\.\w+' failed to satisfy constraint: [^;]+"
    expect(bool(re.fullmatch(rf"2 validation errors detected: {one}; {one}", refused[2])), refused)


@belief("B43")
def a_structure_in_a_list_has_a_path_of_its_own(aws: Aws) -> None:
    tags = [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "v" * 257}]
    words = f"Value '{'v' * 257}' at 'tags.2.member.value' failed to satisfy constraint: "
    _refused(aws, words, Tags=tags)


@belief("B44")
def a_list_of_texts_is_refused_as_a_whole(aws: Aws) -> None:
    network = {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "sub net"]}}
    words = (
        "Value '[subnet-1, sub net]' at 'networkConfig.vpcConfig.subnets' failed to satisfy "
        "constraint: Member must satisfy constraint: [Member must have length "
    )
    _refused(aws, words, NetworkConfig=network)


@belief("B45")
def an_environment_is_refused_as_a_whole_with_its_values(aws: Aws) -> None:
    specification = {"ImageUri": "i", "Environment": {"1_KEY": "shown"}}
    words = (
        "Value '{1_KEY=shown}' at 'modelQualityAppSpecification.environment' failed to satisfy "
        "constraint: Map keys must satisfy constraint: ["
    )
    _refused(aws, words, ModelQualityAppSpecification=specification)


@belief("B46")
def a_value_of_another_json_type_is_refused_in_these_words(aws: Aws) -> None:
    answer = aws.post(CREATE, aws.request(**_cluster(aws, InstanceCount="one")))
    _answered(answer, SERIALIZATION, words="STRING_VALUE can not be converted to an Integer")


@belief("B47")
def an_object_in_the_place_of_a_text_is_refused_in_these_words(aws: Aws) -> None:
    answer = aws.post(CREATE, aws.request(RoleArn={}))
    words = "Start of structure or map found where not expected"
    _answered(answer, SERIALIZATION, words=words)


@belief("B48")
def numbers_that_are_no_32_bit_integer_are_refused(aws: Aws) -> None:
    for number in (1.5, 2**31):
        answer = aws.post(CREATE, aws.request(**_cluster(aws, InstanceCount=number)))
        _answered(answer, SERIALIZATION)


@belief("B49")
def what_is_not_json_is_refused(aws: Aws) -> None:
    _answered(aws.post(CREATE, b"{"), SERIALIZATION)


@belief("B50")
def members_that_are_not_known_are_ignored(aws: Aws) -> None:
    request = aws.request(Unknown="member")
    answer = aws.post(CREATE, request)
    expect(answer.status == 200, answer.document)
    name = request["JobDefinitionName"]
    aws.eventually(lambda: aws.exists(name), lambda: "not shown")
    expect("Unknown" not in aws.describe(name), "it is shown")


@belief("B51")
def a_null_member_is_as_good_as_none(aws: Aws) -> None:
    answer = aws.post(CREATE, aws.request(NetworkConfig=None, Tags=None))
    expect(answer.status == 200, answer.document)


@belief("B52")
def a_request_without_a_signature_is_refused(aws: Aws) -> None:
    answer = aws.post("ListModelQualityJobDefinitions", {}, signed_for=None)
    _answered(answer, "MissingAuthenticationTokenException", 403)


@belief("B53")
def a_signature_for_another_service_is_refused_in_these_words(aws: Aws) -> None:
    answer = aws.post("ListModelQualityJobDefinitions", {}, signed_for="iam")
    words = "Credential should be scoped to correct service: 'sagemaker'"
    _answered(answer, "InvalidSignatureException", words=words)


@belief("B54")
def a_signature_in_another_form_is_refused(aws: Aws) -> None:
    headers = {"Authorization": "AWS4-HMAC-SHA256 SignedHeaders=host"}
    answer = aws.post("ListModelQualityJobDefinitions", {}, signed_for=None, headers=headers)
    _answered(answer, "IncompleteSignatureException")


@belief("B55")
def every_answer_has_a_request_id(aws: Aws) -> None:
    name = aws.create().name
    for each in (name, aws.name()):
        answer = aws.post("DescribeModelQualityJobDefinition", {"JobDefinitionName": each})
        expect(bool(answer.headers.get("x-amzn-RequestId")), dict(answer.headers))


@belief("B56")
def an_error_has_its_bare_name_and_its_message_as_modelled(aws: Aws) -> None:
    describe = "DescribeModelQualityJobDefinition"
    modelled = aws.post(describe, {"JobDefinitionName": aws.name()}).document
    expect(modelled.keys() == {"__type", "Message"}, modelled)
    expect(modelled["__type"] == "ResourceNotFound", modelled)
    common = aws.post(describe, {}).document
    expect(common.keys() == {"__type", "message"}, common)
    expect(common["__type"] == VALIDATION, common)


@belief("B57")
def a_write_to_a_log_group_that_is_absent_is_not_found(aws: Aws) -> None:
    event = {"timestamp": 0, "message": "conformance"}
    refused = refusal(
        aws.client("logs").put_log_events,
        logGroupName=aws.prefix,
        logStreamName="absent",
        logEvents=[event],
    )
    if refused.code != "ResourceNotFoundException":
        raise BeliefBroken(refused)
