"""What guide/guarantees.md promises, a test a promise, driven as CloudFormation drives."""

import itertools
import logging
import re
import threading
import time
from typing import Any

import pytest
from botocore import xform_name
from werkzeug.wrappers import Response

from aws_sagemaker_modelqualityjobdefinition.stabilization import BUDGET_SECONDS
from tests.guarantees.conftest import REAL_PATIENCE
from tests.harness.failing_aws import RETRIED, CloudFormation, FailingAws
from tests.harness.provider import ACCOUNT, MINIMUM, REGION, with_telemetry

CREATE = "CreateModelQualityJobDefinition"
DESCRIBE = "DescribeModelQualityJobDefinition"
DELETE = "DeleteModelQualityJobDefinition"
LIST = "ListModelQualityJobDefinitions"
LOST = ("cut-before", "cut-after", "error-500", "error-503", "not-json", "truncated")
TELEMETRY = ("logs", "cloudwatch")


def named(name: str, properties: dict[str, Any] = MINIMUM) -> dict[str, Any]:
    return {**properties, "JobDefinitionName": name}


def with_tags(tags: dict[str, str], properties: dict[str, Any] = MINIMUM) -> dict[str, Any]:
    return {**properties, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tagged(arn: str, tags: dict[str, str]) -> dict[str, Any]:
    return with_tags(tags, {**MINIMUM, "JobDefinitionArn": arn})


def live_tags(aws: FailingAws, arn: str) -> dict[str, str]:
    tags = aws.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def tags_in(answer: dict[str, Any]) -> dict[str, str]:
    """The tags of the model in an answer."""
    return {tag["Key"]: tag["Value"] for tag in answer["resourceModel"].get("Tags", [])}


def identifier(answer: dict[str, Any]) -> str | None:
    arn = answer.get("resourceModel", {}).get("JobDefinitionArn")
    return str(arn) if arn else None


NAMES, VISIBLE = ("generated", "given"), ("at once", "late")


@pytest.mark.parametrize(
    ("fault", "times", "name", "visible", "patience"),
    [
        *itertools.product([*LOST, "throttle"], [1, 3], NAMES, VISIBLE, ["long"]),
        # A hang is an answer that is lost after the handler's patience; once shows it.
        *itertools.product(["hang"], [1], NAMES, VISIBLE, ["short"]),
        ("hang", 1, "given", "late", "real"),
    ],
    indirect=["patience"],
)
def test_01_one_request_token_makes_at_most_one_definition(
    cloudformation: CloudFormation,
    unique: str,
    fault: str,
    times: int,
    name: str,
    visible: str,
    patience: float,
) -> None:
    aws = cloudformation.aws
    if visible == "late":
        aws.fault("lag", calls=2)
    # A hang outlasts the handler's patience, and the work is done after it gave up.
    aws.fault(fault, CREATE, calls=times, seconds=patience + 1.5)
    event = cloudformation.event("CREATE", named(unique) if name == "given" else MINIMUM)
    event["stackId"] = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{unique}/id"
    answer = cloudformation.drive(event)
    if fault == "hang":
        time.sleep(2)
    aws.heal()
    made = aws.definitions(unique)
    assert len(made) <= 1
    if made:
        assert identifier(answer) in made
    assert answer["status"] == "SUCCESS"
    deleted = cloudformation.run("DELETE", {"JobDefinitionArn": identifier(answer)})
    assert deleted["status"] == "SUCCESS"
    assert aws.definitions(unique) == []


@pytest.mark.parametrize("fault", [None, "cut-after", "throttle"])
@pytest.mark.parametrize("other", ["identical", "different"])
def test_02_a_definition_that_stood_before_stays_as_it_was(
    cloudformation: CloudFormation, unique: str, other: str, fault: str | None
) -> None:
    aws = cloudformation.aws
    sagemaker = aws.client("sagemaker")
    properties = named(unique)
    stood = {**properties, "Tags": [{"Key": "owner", "Value": "another"}]}
    if other == "different":
        stood["RoleArn"] = f"arn:aws:iam::{ACCOUNT}:role/another"
    arn = sagemaker.create_model_quality_job_definition(**stood)["JobDefinitionArn"]
    before = sagemaker.describe_model_quality_job_definition(JobDefinitionName=unique)
    if fault:
        aws.fault(fault, CREATE, calls=3)
        aws.fault(fault, DESCRIBE, calls=1)
    # In the same second, and not a call later.
    answer = cloudformation.run("CREATE", {**properties, "Tags": [{"Key": "a", "Value": "b"}]})
    aws.heal()
    assert answer["errorCode"] == "AlreadyExists"
    assert identifier(answer) is None
    after = sagemaker.describe_model_quality_job_definition(JobDefinitionName=unique)
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}
    assert live_tags(aws, arn) == {"owner": "another"}


def test_02_a_definition_that_was_shown_late_stays_as_it_was(
    cloudformation: CloudFormation, unique: str
) -> None:
    aws = cloudformation.aws
    sagemaker = aws.client("sagemaker")
    role = f"arn:aws:iam::{ACCOUNT}:role/another"
    # So that the look before the create finds nothing, and the create meets it.
    aws.fault("lag", calls=1)
    arn = sagemaker.create_model_quality_job_definition(**{**named(unique), "RoleArn": role})[
        "JobDefinitionArn"
    ]
    answer = cloudformation.run("CREATE", named(unique))
    aws.heal()
    assert answer["errorCode"] == "AlreadyExists"
    assert identifier(answer) is None
    after = sagemaker.describe_model_quality_job_definition(JobDefinitionName=unique)
    assert (after["JobDefinitionArn"], after["RoleArn"]) == (arn, role)


@pytest.mark.parametrize(
    ("operation", "given"), [(DESCRIBE, False), ("ListTags", False), ("ListTags", True)]
)
@pytest.mark.parametrize("fault", [*LOST, "throttle", "access-denied", "expired-credentials"])
def test_03_after_it_made_a_definition_every_later_answer_names_it(
    cloudformation: CloudFormation, fault: str, operation: str, given: bool, unique: str
) -> None:
    cloudformation.aws.fault(fault, operation, calls=None)
    # With tags, so that it is not all the same whether they can be listed.
    properties = with_tags({"a": "1"}, named(unique) if given else MINIMUM)
    answer = cloudformation.drive(cloudformation.event("CREATE", properties), hurry=True)
    cloudformation.aws.heal()
    assert answer["status"] == "FAILED"
    # A code that CloudFormation retries would start the request anew, without what it knows.
    assert answer["errorCode"] not in RETRIED
    assert answer["message"]
    assert all(identifier(each) for each in cloudformation.answers)
    arn = identifier(answer)
    assert cloudformation.run("DELETE", {"JobDefinitionArn": arn})["status"] == "SUCCESS"


def test_03_every_in_progress_has_a_model_that_the_next_invocation_can_work_from(
    aws: FailingAws, unique: str
) -> None:
    cloudformation = CloudFormation(aws, new_process=True)
    properties = {**named(unique), "EndpointName": "churn"}
    aws.fault("role-not-ready", CREATE)
    aws.fault("cut-after", CREATE)
    answer = cloudformation.run("CREATE", properties)
    waiting = cloudformation.answers[:-1]
    assert [each["status"] for each in waiting] == ["IN_PROGRESS"] * 2
    for each in waiting:
        assert each["resourceModel"] == {**properties, "JobDefinitionArn": identifier(answer)}
    assert answer["status"] == "SUCCESS"
    assert "EndpointName" not in answer["resourceModel"]


@pytest.mark.parametrize(
    ("fault", "operation", "calls"),
    [("role-not-ready", CREATE, 4), ("throttle", CREATE, 4), ("lag", "*", 4)],
)
def test_04_what_time_cures_is_waited_for_by_cloudformation(
    cloudformation: CloudFormation, fault: str, operation: str, calls: int
) -> None:
    cloudformation.aws.fault(fault, operation, calls=calls)
    answer = cloudformation.run("CREATE", MINIMUM)
    assert answer["status"] == "SUCCESS"
    # Each look was an invocation of its own: nothing was waited for in one.
    assert len(cloudformation.answers) == calls + 1
    assert all(each["callbackDelaySeconds"] > 0 for each in cloudformation.answers[:-1])
    deleted = cloudformation.run("DELETE", {"JobDefinitionArn": identifier(answer)})
    assert deleted["status"] == "SUCCESS"
    assert len(cloudformation.answers) == (calls + 1 if fault == "lag" else 1)


def test_04_a_delete_that_is_throttled_is_waited_for(cloudformation: CloudFormation) -> None:
    identifier_alone = {"JobDefinitionArn": cloudformation.created()["JobDefinitionArn"]}
    cloudformation.aws.fault("throttle", DELETE, calls=3)
    assert cloudformation.run("DELETE", identifier_alone)["status"] == "SUCCESS"
    assert [each["status"] for each in cloudformation.answers[:-1]] == ["IN_PROGRESS"] * 3


@pytest.mark.parametrize(
    ("fault", "operation", "code", "words"),
    [
        ("role-not-ready", CREATE, "InvalidRequest", "Could not assume role"),
        ("lag", "*", "NotStabilized", "not found"),
        ("error-503", CREATE, "NotStabilized", "The service is unavailable"),
        ("throttle", CREATE, "Throttling", "Rate exceeded"),
    ],
)
def test_04_past_the_budget_the_answer_is_the_services_last_message(
    cloudformation: CloudFormation, fault: str, operation: str, code: str, words: str
) -> None:
    cloudformation.aws.fault(fault, operation, calls=1000)
    first = cloudformation("CREATE", MINIMUM, token=fault)
    context = first["callbackContext"]
    context["started"] -= BUDGET_SECONDS
    answer = cloudformation("CREATE", first["resourceModel"], context=context, token=fault)
    assert (answer["status"], answer["errorCode"]) == ("FAILED", code)
    assert words in answer["message"]


@pytest.mark.parametrize(
    ("action", "operation", "seconds", "patience"),
    [
        ("READ", DESCRIBE, 30, "real"),
        ("READ", DESCRIBE, 30, "short"),
        ("READ", "ListTags", 30, "short"),
        ("LIST", LIST, 30, "short"),
        ("CREATE", CREATE, 60, "short"),
        ("CREATE", DESCRIBE, 60, "short"),
        ("UPDATE", "ListTags", 60, "short"),
        ("UPDATE", "AddTags", 60, "short"),
        ("UPDATE", "AddTags", 60, "real"),
        ("DELETE", DELETE, 60, "short"),
        ("DELETE", DESCRIBE, 60, "short"),
    ],
    indirect=["patience"],
)
def test_05_every_invocation_answers_within_its_time(
    cloudformation: CloudFormation, action: str, operation: str, seconds: float, patience: float
) -> None:
    aws = cloudformation.aws
    arn = cloudformation.created()["JobDefinitionArn"]
    for service in ("sagemaker", "sts", *TELEMETRY):
        operations = operation if service == "sagemaker" else "*"
        aws.fault("hang", operations, service=service, calls=None, seconds=90)
    properties = MINIMUM if action == "CREATE" else tagged(arn, {"a": "b"})
    event = with_telemetry(cloudformation.event(action, properties, tagged(arn, {})))
    aws.reset()
    started = time.monotonic()
    answer = cloudformation.send(event)
    hung = aws.operations.count(operation)
    assert hung
    # What the real patience takes more, it takes for each call that hangs.
    assert time.monotonic() - started + hung * (REAL_PATIENCE - patience) < seconds
    assert answer["status"] in ("FAILED", "IN_PROGRESS")
    assert answer["message"]


@pytest.mark.parametrize("action", ["CREATE", "READ", "UPDATE", "DELETE", "LIST"])
@pytest.mark.parametrize(
    ("fault", "seconds"),
    # The last: so slow that each of the calls that a new log group takes is within its own limit.
    [
        *((fault, 30) for fault in (*LOST, "throttle", "access-denied", "expired-credentials")),
        ("hang", 30),
        ("hang", 0.7),
    ],
)
def test_06_telemetry_never_matters(
    cloudformation: CloudFormation, fault: str, seconds: float, action: str, unique: str
) -> None:
    for service in TELEMETRY:
        cloudformation.aws.fault(fault, service=service, calls=None, seconds=seconds)

    def run(arn: str, group: str | None = None) -> tuple[float, dict[str, Any]]:
        properties = MINIMUM if action == "CREATE" else {**MINIMUM, "JobDefinitionArn": arn}
        event = cloudformation.event(action, properties, properties)
        started = time.monotonic()
        answer = cloudformation.send(with_telemetry(event, group=group) if group else event)
        return time.monotonic() - started, answer

    def costs(group: str) -> float:
        # Both before the first run: a definition more could be a page more to list.
        one, other = (cloudformation.created()["JobDefinitionArn"] for _ in range(2))
        with_it, answer = run(one, group)
        without, expected = run(other)
        assert answer["status"] == "SUCCESS"
        assert answer.keys() == expected.keys()
        own = ("JobDefinitionArn", "JobDefinitionName", "CreationTime")
        model, wanted = (each.get("resourceModel", {}) for each in (answer, expected))
        assert model.keys() == wanted.keys()
        assert all(model[name] == wanted[name] for name in model.keys() - set(own))
        return with_it - without

    # On a busy machine any one call can be slow. What telemetry costs, it costs each time, in a log
    # group of its own: the first line of one takes the most calls.
    assert any(costs(f"{unique}-{attempt}") < 2 for attempt in range(3))


def test_06_telemetry_that_cannot_even_begin_never_matters(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch, unique: str
) -> None:
    here, start = threading.current_thread(), threading.Thread.start

    def full(thread: threading.Thread) -> None:
        if threading.current_thread() is here:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", full)
    answer = cloudformation.send(with_telemetry(cloudformation.event("CREATE", named(unique))))
    assert answer["status"] == "SUCCESS"
    assert cloudformation.aws.definitions(unique) == [identifier(answer)]


def test_07_only_the_callers_credentials_reach_sagemaker(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch, unique: str
) -> None:
    aws = cloudformation.aws
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the functions own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the functions own")
    accounts = ["111111111111", "222222222222"]
    # One warm process that serves two callers in turn.
    for account in accounts * 2:
        role = f"arn:aws:iam::{account}:role/caller"
        session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")[
            "Credentials"
        ]
        event = cloudformation.event("CREATE", named(unique), token=account)
        event["awsAccountId"] = account
        event["requestData"]["callerCredentials"] = {
            "accessKeyId": session["AccessKeyId"],
            "secretAccessKey": session["SecretAccessKey"],
            "sessionToken": session["SessionToken"],
        }
        answer = cloudformation.send(event)
        if answer["status"] == "SUCCESS":
            assert f":{account}:" in str(identifier(answer))
        else:
            assert answer["errorCode"] == "AlreadyExists"
    for account in accounts:
        role = f"arn:aws:iam::{account}:role/caller"
        session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")[
            "Credentials"
        ]
        owner = aws.client(
            "sagemaker",
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )
        answer = owner.describe_model_quality_job_definition(JobDefinitionName=unique)
        assert f":{account}:" in answer["JobDefinitionArn"]
    nobodys = cloudformation.event("LIST")
    nobodys["requestData"]["callerCredentials"] = None
    assert cloudformation.send(nobodys)["errorCode"] == "InvalidCredentials"


@pytest.mark.usefixtures("unhurried_telemetry")
def test_08_nothing_secret_is_written(
    cloudformation: CloudFormation,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    aws = cloudformation.aws
    secrets = [
        "correct horse battery staple",
        "AKIAsecretcredential",
        "tag-value-of-mine",
        "AKIAKEY1",
        "--token=open sesame",
    ]
    properties = {
        **MINIMUM,
        "ModelQualityAppSpecification": {
            "ImageUri": "registry/analyzer:1",
            # The service quotes what breaks its limit: a key that begins with a digit.
            "Environment": {"1_PASSWORD": secrets[0]},
            "ContainerArguments": [secrets[4], "x" * 257],
        },
        "Tags": [{"Key": "team", "Value": secrets[2]}],
    }
    event = with_telemetry(cloudformation.event("CREATE", properties), group="secrets")
    for member in ("callerCredentials", "providerCredentials"):
        event["requestData"][member] = {
            "accessKeyId": secrets[3],
            "secretAccessKey": secrets[1],
            "sessionToken": secrets[1],
        }
    told: list[dict[str, Any]] = []
    with caplog.at_level(logging.DEBUG):
        refused = cloudformation.send(event)
        properties["ModelQualityAppSpecification"]["Environment"] = {"PASSWORD": secrets[0]}
        properties["ModelQualityAppSpecification"]["ContainerArguments"] = [secrets[4]]
        event["requestData"]["resourceProperties"] = properties
        told.append(cloudformation.send(event))
        told[0]["resourceModel"] = told[0].pop("resourceModel")["JobDefinitionArn"]
        for fault, operation in itertools.product(
            (*LOST, "expired-credentials"), (CREATE, "ListTags")
        ):
            aws.fault(fault, operation, calls=4)
            event["bearerToken"] = f"{fault} {operation}"
            told += [
                {**answer, "resourceModel": None}
                for answer in (cloudformation.drive(event, hurry=True), *cloudformation.answers)
            ]
            # A fault that never strikes would prove nothing.
            assert aws.pending() < 4
            aws.heal()
    assert {answer["status"] for answer in told} == {"SUCCESS", "IN_PROGRESS", "FAILED"}
    assert refused["errorCode"] == "InvalidRequest"
    assert "***" in refused["message"]
    logs = aws.client("logs")
    stream = logs.describe_log_streams(logGroupName="secrets")["logStreams"][0]["logStreamName"]
    events = logs.get_log_events(logGroupName="secrets", logStreamName=stream)["events"]
    own = [record.getMessage() for record in caplog.records if "werkzeug" not in record.name]
    output = capfd.readouterr()
    written = [str(refused), *map(str, told), output.out, output.err, *own]
    written += [line["message"] for line in events]
    assert len(events) > len(told)
    for secret, text in itertools.product(secrets, written):
        assert secret not in text


@pytest.mark.usefixtures("unhurried_telemetry")
def test_09_a_warm_process_writes_to_each_stacks_own_log_stream(
    cloudformation: CloudFormation, unique: str
) -> None:
    for stack in ("one", "two", "one"):
        event = with_telemetry(cloudformation.event("LIST"), group=unique)
        stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/{unique}"
        assert cloudformation.send({**event, "stackId": stack_id})["status"] == "SUCCESS"
    logs = cloudformation.aws.client("logs")
    lines = {}
    for stream in logs.describe_log_streams(logGroupName=unique)["logStreams"]:
        name = stream["logStreamName"]
        events = logs.get_log_events(logGroupName=unique, logStreamName=name)["events"]
        lines[name.split("/")[1]] = len(events)
    assert lines == {"one": 2, "two": 1}


@pytest.mark.usefixtures("unhurried_telemetry")
@pytest.mark.parametrize("operation", [CREATE, DESCRIBE, "ListTags"])
@pytest.mark.parametrize("fault", [*LOST, "throttle", "expired-credentials"])
def test_09_every_exchange_that_failed_has_a_line(
    cloudformation: CloudFormation, fault: str, operation: str, unique: str
) -> None:
    aws = cloudformation.aws
    aws.fault(fault, operation)
    event = cloudformation.event("CREATE", MINIMUM)
    cloudformation.drive(with_telemetry(event, group=unique))
    assert aws.pending() == 0
    logs = aws.client("logs")
    stream = f"{event['stackId']}/JobDefinition".replace(":", "__")
    events = logs.get_log_events(logGroupName=unique, logStreamName=stream)["events"]
    # By the API's name or by boto3's.
    called = re.compile(f"{operation}|{xform_name(operation)}")
    assert any(called.search(line["message"]) for line in events), events


def test_10_a_list_of_a_thousand_is_ten_calls_each_name_once(
    cloudformation: CloudFormation, unique: str
) -> None:
    aws = cloudformation.aws
    sagemaker = aws.client("sagemaker")
    # SageMaker cuts its pages before it filters them, so that others would make more of them.
    aws.clear()
    endpoint = {"EndpointName": unique, "LocalPath": "/opt/ml/processing/input"}
    job_input = {**MINIMUM["ModelQualityJobInput"], "EndpointInput": endpoint}
    for number in range(1000):
        properties = {**MINIMUM, "ModelQualityJobInput": job_input}
        sagemaker.create_model_quality_job_definition(**named(f"{unique}-{number}", properties))
    aws.reset()
    names: list[str] = []
    token = last = None
    # Ten pages, and no eleventh: one page given for ever must not keep this test for ever.
    for _ in range(11):
        page = cloudformation("LIST", {"EndpointName": unique}, next_token=token)
        assert len(page["resourceModels"]) <= 100
        names += [model["JobDefinitionName"] for model in page["resourceModels"]]
        token = page.get("nextToken")
        if not token:
            break
        last = token
    assert aws.operations == [LIST] * 10
    assert sorted(names) == sorted(f"{unique}-{number}" for number in range(1000))
    for stale in ("nonsense", last):
        other = cloudformation("LIST", {"EndpointName": "another"}, next_token=stale)
        assert other["errorCode"] == "InvalidRequest"


def test_11_a_definition_in_use_is_a_conflict_that_names_the_schedule(
    cloudformation: CloudFormation, unique: str
) -> None:
    sagemaker = cloudformation.aws.client("sagemaker")
    model = cloudformation.created()
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=unique,
        MonitoringScheduleConfig={
            "MonitoringJobDefinitionName": model["JobDefinitionName"],
            "MonitoringType": "ModelQuality",
            "ScheduleConfig": {"ScheduleExpression": "cron(0 6 ? * * *)"},
        },
    )
    answer = cloudformation.run("DELETE", {"JobDefinitionArn": model["JobDefinitionArn"]})
    assert answer["errorCode"] == "ResourceConflict"
    with pytest.raises(sagemaker.exceptions.ResourceInUse) as own:
        sagemaker.delete_model_quality_job_definition(JobDefinitionName=model["JobDefinitionName"])
    assert unique in own.value.response["Error"]["Message"]
    assert own.value.response["Error"]["Message"] in answer["message"]
    # CloudFormation asks again, and so it goes as soon as the schedule is gone.
    assert len(cloudformation.answers) > 1
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName=unique)
    answer = cloudformation.run("DELETE", {"JobDefinitionArn": model["JobDefinitionArn"]})
    assert answer["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("fault", "patience"),
    [*itertools.product(LOST, ["long"]), ("hang", "short"), ("hang", "real")],
    indirect=["patience"],
)
def test_11_a_delete_whose_answer_was_lost_ends_with_no_definition(
    cloudformation: CloudFormation, fault: str, patience: float
) -> None:
    model = cloudformation.created()
    cloudformation.aws.fault(fault, DELETE, seconds=patience + 2)
    answer = cloudformation.run("DELETE", {"JobDefinitionArn": model["JobDefinitionArn"]})
    assert answer["status"] == "SUCCESS" or answer["errorCode"] == "NotFound"
    assert cloudformation.aws.definitions(model["JobDefinitionName"]) == []


@pytest.mark.parametrize("operation", [DESCRIBE, "ListTags", "DeleteTags", "AddTags"])
@pytest.mark.parametrize("fault", [*LOST, "throttle"])
def test_12_an_update_that_was_cut_can_be_repeated(
    cloudformation: CloudFormation, fault: str, operation: str
) -> None:
    aws = cloudformation.aws
    before, after = {"old": "1", "both": "1"}, {"both": "2", "new": "2"}
    arn = cloudformation.created(with_tags(before))["JobDefinitionArn"]
    theirs = [{"Key": "theirs", "Value": "3"}]
    aws.client("sagemaker").add_tags(ResourceArn=arn, Tags=theirs)
    # More often than the SDK tries: the invocation fails, and the operation is repeated.
    aws.fault(fault, operation, calls=3)
    answer = cloudformation.run("UPDATE", tagged(arn, after), tagged(arn, before))
    assert answer["status"] == "SUCCESS"
    assert live_tags(aws, arn) == {**after, "theirs": "3"}


def test_12_two_updates_at_once_both_end_and_each_key_has_a_wished_value(
    aws: FailingAws, cloudformation: CloudFormation
) -> None:
    before = {"old": "0", "both": "0"}
    arn = cloudformation.created(with_tags(before))["JobDefinitionArn"]
    aws.client("sagemaker").add_tags(ResourceArn=arn, Tags=[{"Key": "theirs", "Value": "3"}])
    wishes = [{"both": "1", "one": "1"}, {"both": "2", "two": "2"}]
    answers: list[dict[str, Any]] = []

    def update(wish: dict[str, str]) -> None:
        # Two Lambda processes, as AWS would have.
        other = CloudFormation(aws, new_process=True)
        answers.append(other.run("UPDATE", tagged(arn, wish), tagged(arn, before)))

    threads = [threading.Thread(target=update, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["status"] for answer in answers] == ["SUCCESS"] * 2
    live = live_tags(aws, arn)
    assert live.pop("theirs") == "3"
    assert live.pop("both") in ("1", "2")
    assert live == {"one": "1", "two": "2"}
    cloudformation.run("UPDATE", tagged(arn, wishes[0]), tagged(arn, before))
    assert {**live_tags(aws, arn), **wishes[0]} == live_tags(aws, arn)


@pytest.mark.parametrize("reads", [1, 4])
def test_13_a_create_ends_when_its_tags_are_shown(
    cloudformation: CloudFormation, reads: int
) -> None:
    aws = cloudformation.aws
    aws.fault("lag", "ListTags", calls=reads)
    tags = {"team": "churn", "empty": ""}
    answer = cloudformation.run("CREATE", with_tags(tags))
    assert answer["status"] == "SUCCESS"
    assert tags_in(answer) == tags
    waiting = cloudformation.answers[:-1]
    assert [each["status"] for each in waiting] == ["IN_PROGRESS"] * reads
    assert aws.operations.count(CREATE) == 1


def test_13_past_the_budget_a_create_ends_with_the_tags_that_it_sent(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.aws.fault("lag", "ListTags", calls=None)
    event = cloudformation.event("CREATE", with_tags({"team": "churn"}))
    answer = cloudformation.drive(event, hurry=True)
    assert answer["status"] == "SUCCESS"
    assert tags_in(answer) == {"team": "churn"}
    cloudformation.aws.heal()
    assert live_tags(cloudformation.aws, str(identifier(answer))) == {"team": "churn"}


@pytest.mark.parametrize("reads", [1, 3])
def test_13_an_update_and_its_rollback_a_moment_later_end_in_the_old_tags(
    cloudformation: CloudFormation, reads: int
) -> None:
    aws = cloudformation.aws
    old, new = {"key": "a", "old": "1"}, {"key": "b", "new": "1"}
    arn = cloudformation.created(with_tags(old))["JobDefinitionArn"]
    theirs = [{"Key": "theirs", "Value": "1"}]
    aws.client("sagemaker").add_tags(ResourceArn=arn, Tags=theirs)
    aws.fault("lag", "ListTags", calls=reads)
    for before, after in ((old, new), (new, old)):
        answer = cloudformation.run("UPDATE", tagged(arn, after), tagged(arn, before))
        assert answer["status"] == "SUCCESS"
        assert tags_in(answer).items() >= after.items()
        assert tags_in(answer).keys().isdisjoint(before.keys() - after.keys())
    aws.heal()
    assert live_tags(aws, arn) == {**old, "theirs": "1"}


def test_13_a_tag_that_is_removed_soon_after_it_was_made_is_removed(
    cloudformation: CloudFormation,
) -> None:
    aws = cloudformation.aws
    model = cloudformation.created(with_tags({"team": "churn"}))
    arn = model["JobDefinitionArn"]
    # As a read does that another replica answers, which does not know the tags yet.
    aws.answer("ListTags", lambda: Response('{"Tags": []}'))
    answer = cloudformation.run("UPDATE", tagged(arn, {}), tagged(arn, {"team": "churn"}))
    assert answer["status"] == "SUCCESS"
    assert live_tags(aws, arn) == {}


@pytest.mark.parametrize("calls", [1, 3])
def test_14_a_definition_that_the_tag_operations_do_not_know_yet_is_waited_for(
    cloudformation: CloudFormation, calls: int
) -> None:
    cloudformation.aws.fault("resource-unknown", "ListTags", calls=calls)
    answer = cloudformation.run("CREATE", with_tags({"a": "1"}))
    assert answer["status"] == "SUCCESS"
    assert tags_in(answer) == {"a": "1"}
    assert [each["status"] for each in cloudformation.answers[:-1]] == ["IN_PROGRESS"] * calls


@pytest.mark.parametrize("action", ["READ", "UPDATE"])
@pytest.mark.parametrize("operation", ["ListTags", "AddTags", "DeleteTags"])
def test_14_what_the_tag_operations_do_not_know_is_not_found_only_if_it_is_gone(
    cloudformation: CloudFormation, operation: str, action: str
) -> None:
    aws = cloudformation.aws
    arn = cloudformation.created(with_tags({"a": "1"}))["JobDefinitionArn"]
    asked = (tagged(arn, {"b": "1"}), tagged(arn, {"a": "1"}))
    aws.fault("resource-unknown", operation)
    answer = cloudformation(action, *asked)
    if action == "READ" and operation != "ListTags":
        assert answer["status"] == "SUCCESS"
    else:
        # CloudFormation asks again, and Terraform does not forget the definition.
        assert answer["errorCode"] == "ServiceInternalError"
    aws.heal()
    assert cloudformation(action, *asked)["status"] == "SUCCESS"
    # Describe still shows it when the handler begins, and it is gone before its tags are read.
    aws.fault("lag", DELETE, calls=1)
    aws.client("sagemaker").delete_model_quality_job_definition(
        JobDefinitionName=arn.rpartition("/")[2]
    )
    assert cloudformation(action, *asked)["errorCode"] == "NotFound"


@pytest.mark.parametrize("fault", ["access-denied", "resource-unknown", "error-500", "cut-before"])
@pytest.mark.parametrize("there_is_room", [True, False])
def test_15_tags_that_cannot_be_added_cost_no_tag_that_was_there(
    cloudformation: CloudFormation, there_is_room: bool, fault: str
) -> None:
    aws = cloudformation.aws
    old = {f"old-{number}": str(number) for number in range(2 if there_is_room else 50)}
    arn = cloudformation.created(with_tags(old))["JobDefinitionArn"]
    # As often as the SDK tries, so that what was removed can be put back.
    aws.fault(fault, "AddTags", calls=1 if fault in ("access-denied", "resource-unknown") else 2)
    answer = cloudformation("UPDATE", tagged(arn, {"new": "1"}), tagged(arn, old))
    assert answer["status"] == "FAILED"
    assert live_tags(aws, arn) == old


def test_15_what_could_not_be_put_back_is_named(cloudformation: CloudFormation) -> None:
    aws = cloudformation.aws
    old = {f"old-{number}": str(number) for number in range(50)}
    arn = cloudformation.created(with_tags(old))["JobDefinitionArn"]
    aws.fault("access-denied", "AddTags", calls=None)
    kept = {key: old[key] for key in list(old)[1:]}
    answer = cloudformation("UPDATE", tagged(arn, {**kept, "new": "1"}), tagged(arn, old))
    assert "'old-0'" in answer["message"]
    assert live_tags(aws, arn) == kept


@pytest.mark.parametrize("action", ["CREATE", "UPDATE"])
@pytest.mark.parametrize(
    ("tags", "named"),
    [({str(number): "" for number in range(51)}, "51 tags"), ({"aws:cost": "1"}, "'aws:cost'")],
)
def test_15_tags_that_sagemaker_never_takes_are_refused_before_anything_is_written(
    cloudformation: CloudFormation, tags: dict[str, str], named: str, action: str
) -> None:
    aws = cloudformation.aws
    arn = cloudformation.created(with_tags({"a": "1"}))["JobDefinitionArn"]
    aws.reset()
    properties = with_tags(tags) if action == "CREATE" else tagged(arn, tags)
    answer = cloudformation(action, properties, tagged(arn, {"a": "1"}))
    assert answer["errorCode"] == "InvalidRequest"
    assert named in answer["message"]
    assert aws.operations == []
    # The rollback comes from what was refused.
    answer = cloudformation("UPDATE", tagged(arn, {"a": "1"}), tagged(arn, tags))
    assert answer["status"] == "SUCCESS"
    assert live_tags(aws, arn) == {"a": "1"}


@pytest.mark.parametrize("action", ["CREATE", "UPDATE"])
@pytest.mark.parametrize("operation", ["ListTags", "AddTags", "DeleteTags"])
def test_16_a_tagging_permission_is_needed_only_where_tags_are_wanted(
    cloudformation: CloudFormation, operation: str, action: str
) -> None:
    aws = cloudformation.aws
    arn = cloudformation.created()["JobDefinitionArn"]
    aws.fault("access-denied", operation, calls=None)
    properties = MINIMUM if action == "CREATE" else tagged(arn, {})
    assert cloudformation.run(action, properties, tagged(arn, {}))["status"] == "SUCCESS"
    wanted = with_tags({"a": "1"}, properties)
    event = cloudformation.event(action, wanted, tagged(arn, {"b": "1"}))
    answer = cloudformation.drive(event, hurry=True)
    if action == "CREATE" and operation != "ListTags":
        # Its tags are part of the create's own request.
        assert answer["status"] == "SUCCESS"
    else:
        assert answer["errorCode"] == "UnauthorizedTaggingOperation"
        assert f"sagemaker:{operation}" in answer["message"]


@pytest.mark.parametrize("name", ["generated", "given"])
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_17_permissions_may_be_granted_by_tags(
    cloudformation: CloudFormation, unique: str, calls: int, name: str
) -> None:
    aws = cloudformation.aws
    for operation in (DESCRIBE, "ListTags"):
        aws.fault("denied-until-tagged", operation, calls=calls)
    properties = with_tags({"team": "churn"}, named(unique) if name == "given" else MINIMUM)
    answer = cloudformation.run("CREATE", properties)
    assert answer["status"] == "SUCCESS"
    assert tags_in(answer) == {"team": "churn"}
    assert aws.operations.count(CREATE) == 1
    # What is gone has no tag, so that the look afterwards is denied.
    deleted = cloudformation.run("DELETE", {"JobDefinitionArn": identifier(answer)})
    assert deleted["status"] == "SUCCESS"
    assert len(cloudformation.answers) == 1
    aws.heal()
    read = cloudformation("READ", {"JobDefinitionArn": identifier(answer)})
    assert read["errorCode"] == "NotFound"


@pytest.mark.parametrize("fault", [None, "role-not-ready", "throttle", *LOST])
def test_17_where_the_look_before_was_denied_nothing_is_told_that_may_be_anothers(
    cloudformation: CloudFormation, unique: str, fault: str | None
) -> None:
    aws = cloudformation.aws
    sagemaker = aws.client("sagemaker")
    stood = {**named(unique), "Tags": [{"Key": "owner", "Value": "another"}]}
    arn = sagemaker.create_model_quality_job_definition(**stood)["JobDefinitionArn"]
    aws.fault("access-denied", DESCRIBE, calls=None)
    if fault:
        aws.fault(fault, CREATE, calls=2)
    answer = cloudformation.run("CREATE", named(unique))
    aws.heal()
    assert [identifier(each) for each in cloudformation.answers] == [None] * len(
        cloudformation.answers
    )
    assert {each["status"] for each in cloudformation.answers} == {"FAILED"}
    if fault != "role-not-ready":
        assert answer["errorCode"] == "AlreadyExists"
    assert live_tags(aws, arn) == {"owner": "another"}


@pytest.mark.parametrize(
    ("operation", "code"),
    [(DESCRIBE, "AccessDenied"), ("ListTags", "UnauthorizedTaggingOperation")],
)
def test_17_a_look_that_stays_denied_ends_the_create_and_names_the_definition(
    cloudformation: CloudFormation, operation: str, code: str
) -> None:
    aws = cloudformation.aws
    aws.fault("denied-until-tagged", operation, calls=None)
    event = cloudformation.event("CREATE", with_tags({"a": "1"}))
    answer = cloudformation.drive(event, hurry=True)
    assert (answer["status"], answer["errorCode"]) == ("FAILED", code)
    assert cloudformation.answers[0]["status"] == "IN_PROGRESS"
    aws.heal()
    deleted = cloudformation.run("DELETE", {"JobDefinitionArn": identifier(answer)})
    assert deleted["status"] == "SUCCESS"


@pytest.mark.parametrize("action", ["READ", "DELETE", "LIST"])
def test_18_what_another_version_of_the_type_knew_changes_nothing(
    cloudformation: CloudFormation, action: str, unique: str
) -> None:
    model = cloudformation.created(named(unique))
    arn = model["JobDefinitionArn"]
    foreign = {"JobResources": "large", "Tags": {"a": 1}, "Owner": ["churn"], "CreationTime": 1}
    event = cloudformation.event(action, {**foreign, "JobDefinitionArn": arn}, foreign)
    if action == "LIST":
        event["requestData"]["resourceProperties"] = {**foreign, "EndpointName": "churn"}
    answer = cloudformation.drive(event)
    assert answer["status"] == "SUCCESS"
    assert answer.get("resourceModel", model) == model
    there = [each["JobDefinitionArn"] for each in answer.get("resourceModels", [])]
    assert (arn in there) == (action == "LIST")
    assert cloudformation.aws.definitions(unique) == ([] if action == "DELETE" else [arn])


def test_18_a_delete_that_names_no_definition_touches_none(
    cloudformation: CloudFormation, unique: str
) -> None:
    # As a rollback may ask for, after a create that found the name taken.
    arn = cloudformation.created(named(unique))["JobDefinitionArn"]
    answer = cloudformation.run("DELETE", named(unique))
    assert answer["errorCode"] == "NotFound"
    assert cloudformation.aws.definitions(unique) == [arn]


def test_19_a_definition_that_someone_deletes_during_its_create_is_told_of(
    cloudformation: CloudFormation, unique: str
) -> None:
    aws = cloudformation.aws
    aws.fault("lag", "ListTags", calls=1)
    properties = with_tags({"a": "1"}, named(unique))
    event = cloudformation.event("CREATE", properties)
    waiting = cloudformation.send(event)
    assert waiting["status"] == "IN_PROGRESS"
    aws.client("sagemaker").delete_model_quality_job_definition(JobDefinitionName=unique)
    event["callbackContext"] = waiting["callbackContext"]
    event["requestData"]["resourceProperties"] = waiting["resourceModel"]
    answer = cloudformation.drive(event)
    assert (answer["status"], answer["errorCode"]) == ("FAILED", "NotStabilized")
    assert f"'{unique}' was created, but someone deleted it" in answer["message"]
    assert len(cloudformation.answers) == 1
