"""Log lines and metrics: where they go, and that they never change a result."""

import logging

import pytest

from tests.harness.provider import (
    ACCOUNT,
    MINIMUM,
    REGION,
    STACK_ID,
    TYPE_NAME,
    Provider,
    ScriptedAws,
    client,
    error,
    with_telemetry,
)

pytestmark = pytest.mark.usefixtures("unhurried_telemetry")

OUTAGES = ["ThrottlingException", "AccessDeniedException", "ServiceUnavailable"]


def messages(aws: ScriptedAws, group: str, stream: str) -> list[str]:
    events = client(aws, "logs").get_log_events(logGroupName=group, logStreamName=stream)["events"]
    return [event["message"] for event in events]


def test_lines_go_to_the_stream_of_the_stack_that_is_served(provider: Provider) -> None:
    streams = []
    for stack in ("one", "two"):
        stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/id"
        event = with_telemetry({**provider.event("LIST"), "stackId": stack_id}, "streams")
        assert provider.send(event)["status"] == "SUCCESS"
        streams.append(f"{stack_id}/JobDefinition".replace(":", "__"))
    for stream in streams:
        (line,) = messages(provider.aws, "streams", stream)
        assert line.startswith("LIST JobDefinition: SUCCESS")


def test_a_stream_is_named_by_account_and_region_without_a_stack(provider: Provider) -> None:
    event = with_telemetry({**provider.event("LIST"), "stackId": None}, "no-stack")
    provider.send(event)
    assert messages(provider.aws, "no-stack", f"{ACCOUNT}-{REGION}")


def test_a_stream_may_be_created_by_another_process_at_the_same_time(provider: Provider) -> None:
    logs = client(provider.aws, "logs")
    logs.create_log_group(logGroupName="raced")
    missing = error("ResourceNotFoundException")
    provider.aws.answer("Logs_20140328.PutLogEvents", missing)
    event = with_telemetry({**provider.event("LIST"), "stackId": None}, "raced")
    stream = f"{ACCOUNT}-{REGION}"
    logs.create_log_stream(logGroupName="raced", logStreamName=stream)
    provider.send(event)
    assert messages(provider.aws, "raced", stream)


@pytest.mark.parametrize(
    ("there", "made"),
    [
        ("nothing", ["CreateLogStream", "CreateLogGroup", "CreateLogStream"]),
        ("the group", ["CreateLogStream"]),
        ("the stream", []),
    ],
)
def test_a_missing_group_and_a_missing_stream_are_created(
    provider: Provider, there: str, made: list[str]
) -> None:
    group, stream = there.replace(" ", "-"), f"{ACCOUNT}-{REGION}"
    if there != "nothing":
        client(provider.aws, "logs").create_log_group(logGroupName=group)
    event = with_telemetry({**provider.event("LIST"), "stackId": None}, group)
    if there == "the stream":
        provider.send(event)
    provider.aws.calls.clear()
    provider.send(event)
    service = "Logs_20140328."
    calls = [call.removeprefix(service) for call, _ in provider.aws.calls if service in call]
    assert messages(provider.aws, group, stream)
    assert calls == ["PutLogEvents", *([*made, "PutLogEvents"] if made else [])]


def test_a_line_says_which_property_was_refused(provider: Provider) -> None:
    properties = {**MINIMUM, "Color": "red"}
    answer = provider.send(with_telemetry(provider.event("CREATE", properties), "refused"))
    (line,) = messages(provider.aws, "refused", f"{STACK_ID}/JobDefinition".replace(":", "__"))
    assert line.startswith("CREATE JobDefinition: FAILED InvalidRequest: ")
    assert answer["message"] in line


def test_a_line_says_why_an_operation_is_in_progress(provider: Provider) -> None:
    refusal = error("ValidationException", "Could not assume role arn:aws:iam::1:role/monitor")
    provider.aws.answer("CreateModelQualityJobDefinition", refusal)
    answer = provider.send(with_telemetry(provider.event("CREATE", MINIMUM), "goes-on"))
    *_, line = messages(provider.aws, "goes-on", f"{STACK_ID}/JobDefinition".replace(":", "__"))
    assert line.startswith("CREATE JobDefinition: IN_PROGRESS: ")
    assert answer["message"] in line
    assert "Could not assume role" in line


def test_metrics_are_those_that_the_framework_publishes(provider: Provider) -> None:
    provider.send(with_telemetry(provider.event("READ", {"JobDefinitionArn": "none"})))
    namespace = f"AWS/CloudFormation/{TYPE_NAME.replace('::', '/')}"
    published = client(provider.aws, "cloudwatch").list_metrics(Namespace=namespace)
    assert {metric["MetricName"] for metric in published["Metrics"]} == {
        "HandlerInvocationCount",
        "HandlerInvocationDuration",
        "HandlerException",
    }


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_cloudwatch_never_changes_the_result(provider: Provider, outage: str) -> None:
    provider.aws.answer("Logs_20140328.PutLogEvents", error(outage))
    provider.aws.answer("GraniteServiceVersion20100801.PutMetricData", error(outage))
    answer = provider.send(with_telemetry(provider.event("CREATE", MINIMUM)))
    assert answer["status"] == "SUCCESS"


def test_an_unreachable_cloudwatch_never_changes_the_result(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in ("CLOUDWATCH_LOGS", "CLOUDWATCH"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", "http://127.0.0.1:1")
    answer = provider.send(with_telemetry(provider.event("CREATE", MINIMUM)))
    assert answer["status"] == "SUCCESS"


def test_logging_of_the_process_is_left_as_it_was(provider: Provider) -> None:
    root = logging.getLogger()
    before = [(handler, list(handler.filters)) for handler in root.handlers]
    provider.send(with_telemetry(provider.event("LIST")))
    assert [(handler, list(handler.filters)) for handler in root.handlers] == before
