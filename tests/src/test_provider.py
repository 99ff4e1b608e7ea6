"""Each gap of the framework, shown to be closed at the entry point that CloudFormation calls."""

import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_cli_python_lib.interface import Action
from cloudformation_cli_python_lib.resource import Resource

from aws_sagemaker_modelqualityjobdefinition import handlers
from aws_sagemaker_modelqualityjobdefinition.provider import properties_of, to_model
from tests.harness.provider import (
    ACCOUNT,
    BATCH,
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

CREDENTIALS = {"accessKeyId": "key", "secretAccessKey": "secret", "sessionToken": "token"}
OUTAGES = ["ThrottlingException", "AccessDeniedException", "ServiceUnavailable"]


def messages(aws: ScriptedAws, group: str, stream: str) -> list[str]:
    events = client(aws, "logs").get_log_events(logGroupName=group, logStreamName=stream)["events"]
    return [event["message"] for event in events]


def test_the_entry_point_is_the_frameworks_resource() -> None:
    assert isinstance(handlers.resource, Resource)


@pytest.mark.usefixtures("unhurried_telemetry")
class TestTelemetry:
    def test_writes_to_the_stream_of_the_stack_that_it_serves(self, provider: Provider) -> None:
        streams = []
        for stack in ("one", "two"):
            stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/id"
            event = with_telemetry({**provider.event("LIST"), "stackId": stack_id}, "streams")
            assert provider.send(event)["status"] == "SUCCESS"
            streams.append(f"{stack_id}/JobDefinition".replace(":", "__"))
        for stream in streams:
            (line,) = messages(provider.aws, "streams", stream)
            assert line.startswith("LIST JobDefinition: SUCCESS")

    def test_uses_the_account_and_region_where_there_is_no_stack(self, provider: Provider) -> None:
        event = with_telemetry({**provider.event("LIST"), "stackId": None}, "no-stack")
        provider.send(event)
        assert messages(provider.aws, "no-stack", f"{ACCOUNT}-{REGION}")

    def test_finds_the_stream_that_another_process_made_meanwhile(self, provider: Provider) -> None:
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
    def test_makes_of_group_and_stream_what_is_missing(
        self, provider: Provider, there: str, made: list[str]
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

    def test_tells_the_stack_what_was_refused_of_its_properties(self, provider: Provider) -> None:
        properties = {**MINIMUM, "Color": "red"}
        answer = provider.send(with_telemetry(provider.event("CREATE", properties), "refused"))
        (line,) = messages(provider.aws, "refused", f"{STACK_ID}/JobDefinition".replace(":", "__"))
        assert line.startswith("CREATE JobDefinition: FAILED InvalidRequest: ")
        assert answer["message"] in line

    def test_tells_why_an_operation_goes_on_and_which_exchange_it_was(
        self, provider: Provider
    ) -> None:
        refusal = error("ValidationException", "Could not assume role arn:aws:iam::1:role/monitor")
        provider.aws.answer("CreateModelQualityJobDefinition", refusal)
        answer = provider.send(with_telemetry(provider.event("CREATE", MINIMUM), "goes-on"))
        *_, line = messages(provider.aws, "goes-on", f"{STACK_ID}/JobDefinition".replace(":", "__"))
        assert line.startswith("CREATE JobDefinition: IN_PROGRESS: ")
        assert answer["message"] in line
        assert "Could not assume role" in line

    def test_publishes_what_the_framework_publishes(self, provider: Provider) -> None:
        provider.send(with_telemetry(provider.event("READ", {"JobDefinitionArn": "none"})))
        namespace = f"AWS/CloudFormation/{TYPE_NAME.replace('::', '/')}"
        published = client(provider.aws, "cloudwatch").list_metrics(Namespace=namespace)
        assert {metric["MetricName"] for metric in published["Metrics"]} == {
            "HandlerInvocationCount",
            "HandlerInvocationDuration",
            "HandlerException",
        }

    @pytest.mark.parametrize("outage", OUTAGES)
    def test_that_fails_never_changes_the_result(self, provider: Provider, outage: str) -> None:
        provider.aws.answer("Logs_20140328.PutLogEvents", error(outage))
        provider.aws.answer("GraniteServiceVersion20100801.PutMetricData", error(outage))
        answer = provider.send(with_telemetry(provider.event("CREATE", MINIMUM)))
        assert answer["status"] == "SUCCESS"

    def test_that_nobody_listens_to_never_changes_the_result(
        self, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for service in ("CLOUDWATCH_LOGS", "CLOUDWATCH"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", "http://127.0.0.1:1")
        answer = provider.send(with_telemetry(provider.event("CREATE", MINIMUM)))
        assert answer["status"] == "SUCCESS"

    def test_leaves_the_processs_logging_as_it_was(self, provider: Provider) -> None:
        root = logging.getLogger()
        before = [(handler, list(handler.filters)) for handler in root.handlers]
        provider.send(with_telemetry(provider.event("LIST")))
        assert [(handler, list(handler.filters)) for handler in root.handlers] == before


class TestFailures:
    def test_that_no_one_thought_of_have_a_message_and_keep_secrets(
        self, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any) -> None:
            raise ClientError({"Error": {"Code": "X", "Message": "hush"}}, "Operation")

        monkeypatch.setitem(handlers.resource._handlers, Action.READ, fail)
        answer = provider("READ", {})
        assert answer["errorCode"] == "InternalFailure"
        assert "ClientError in the READ handler" in answer["message"]
        assert "hush" not in answer["message"]

    @pytest.mark.parametrize(
        ("event", "message"),
        [
            (None, "action is absent"),
            ([], "The event is an array, not an object."),
            ("text", "The event is a string, not an object."),
            ({}, "action is absent"),
            ({"action": "READ"}, "awsAccountId is absent"),
            ({"action": 1}, "action is a whole number, not a string"),
        ],
    )
    def test_of_events_say_what_is_wrong_with_them(self, event: Any, message: str) -> None:
        answer = handlers.resource(event, None)
        assert (answer["status"], answer["errorCode"]) == ("FAILED", "InvalidRequest")
        assert message in answer["message"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"action": "MOVE"}, "one of CREATE, READ, UPDATE, DELETE, LIST"),
            ({"region": None}, "region is absent"),
            ({"requestData": []}, "requestData is an array"),
            ({"requestData": {"resourceProperties": "x"}}, "resourceProperties is a string"),
            ({"requestData": {"stackTags": [1]}}, "stackTags is an array"),
            ({"requestData": {"callerCredentials": "x"}}, "credentials is a string"),
            ({"callbackContext": [1]}, "callbackContext is an array"),
        ],
    )
    def test_of_a_part_of_an_event_name_the_part(
        self, provider: Provider, change: dict[str, Any], message: str
    ) -> None:
        # A create looks at all of an event.
        answer = provider.send({**provider.event("CREATE", {}), **change})
        assert answer["errorCode"] == "InvalidRequest"
        assert message in answer["message"]


class TestEvents:
    def test_may_lack_what_the_framework_declares_optional(self, provider: Provider) -> None:
        event = {
            "action": "CREATE",
            "awsAccountId": ACCOUNT,
            "bearerToken": "bare",
            "region": REGION,
            "requestData": {"resourceProperties": MINIMUM, "callerCredentials": CREDENTIALS},
        }
        assert provider.send(event)["status"] == "SUCCESS"

    def test_are_answered_without_a_context(self, provider: Provider) -> None:
        assert handlers.resource(provider.event("LIST"))["status"] == "SUCCESS"

    def test_name_the_region_that_is_called(self, provider: Provider) -> None:
        provider.created({**MINIMUM, "JobDefinitionName": "in-one-region"})
        event = {**provider.event("CREATE", {**MINIMUM, "JobDefinitionName": "in-one-region"})}
        answer = provider.send({**event, "region": "eu-west-1"})
        assert ":eu-west-1:" in answer["resourceModel"]["JobDefinitionArn"]

    @pytest.mark.parametrize(
        ("region", "partition"),
        [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("nowhere-1", "aws")],
    )
    def test_foretell_an_arn_in_the_regions_own_partition(
        self, provider: Provider, region: str, partition: str
    ) -> None:
        refusal = error("ValidationException", "Could not assume role")
        provider.aws.answer("CreateModelQualityJobDefinition", refusal)
        answer = provider.send({**provider.event("CREATE", MINIMUM), "region": region})
        arn = answer["resourceModel"]["JobDefinitionArn"]
        assert arn.startswith(f"arn:{partition}:sagemaker:{region}:{ACCOUNT}:")

    @pytest.mark.usefixtures("aws")
    def test_of_the_test_entry_point_are_answered_as_well(self) -> None:
        event = {
            "credentials": CREDENTIALS,
            "action": "CREATE",
            "region": REGION,
            "callbackContext": None,
            "request": {
                "clientRequestToken": "test-entry-point",
                "desiredResourceState": MINIMUM,
                "logicalResourceIdentifier": "JobDefinition",
                "awsAccountId": ACCOUNT,
            },
        }
        answer = handlers.test_entrypoint(event, None)
        assert answer["status"] == "SUCCESS"
        read = {"desiredResourceState": answer["resourceModel"], "clientRequestToken": "t"}
        assert (
            handlers.test_entrypoint({**event, "action": "READ", "request": read}, None) == answer
        )
        failed = handlers.test_entrypoint({"action": "READ", "request": {"nonsense": 1}}, None)
        assert "['nonsense']" in failed["message"]


class TestProperties:
    def test_that_are_empty_objects_stay(self) -> None:
        assert properties_of(to_model(BATCH)) == BATCH

    def test_of_a_map_become_strings(self) -> None:
        application = {"ImageUri": "i", "Environment": {"F": True, "N": 8, "D": 0.5, "S": "s"}}
        model = to_model({"ModelQualityAppSpecification": application})
        environment = properties_of(model)["ModelQualityAppSpecification"]["Environment"]
        assert environment == {"F": "true", "N": "8", "D": "0.5", "S": "s"}

    @pytest.mark.parametrize("as_text", [str, lambda value: value])
    def test_are_taken_as_text_or_as_what_they_are(self, as_text: Any) -> None:
        cluster = {"InstanceCount": as_text(2), "VolumeSizeInGB": as_text(20)}
        source = {"ProbabilityThresholdAttribute": as_text(0.5)}
        network = {"EnableNetworkIsolation": as_text(True)}
        model = to_model(
            {
                "JobResources": {"ClusterConfig": cluster},
                "ModelQualityJobInput": {"EndpointInput": source},
                "NetworkConfig": network,
            }
        )
        assert properties_of(model) == {
            "JobResources": {"ClusterConfig": {"InstanceCount": 2, "VolumeSizeInGB": 20}},
            "ModelQualityJobInput": {"EndpointInput": {"ProbabilityThresholdAttribute": 0.5}},
            "NetworkConfig": {"EnableNetworkIsolation": True},
        }

    def test_that_are_null_are_absent(self) -> None:
        assert properties_of(to_model({"NetworkConfig": None, "RoleArn": "r"})) == {"RoleArn": "r"}

    @pytest.mark.parametrize(
        ("properties", "message"),
        [
            ({"Rolearn": "x"}, "#/Rolearn: there is no such property. Did you mean 'RoleArn'?"),
            (
                {"ModelQualityJobInput": {"EndpointInput": {"LocalPth": "x"}}},
                (
                    "#/ModelQualityJobInput/EndpointInput/LocalPth: there is no such property. "
                    "Did you mean 'LocalPath'?"
                ),
            ),
            (
                {"Tags": [{"Key": "a", "Value": "b"}, {"key": "c"}]},
                "#/Tags/1/key: there is no such property. Did you mean 'Key'?",
            ),
            ({"RoleArn": {"a": "b"}}, "#/RoleArn: an object is not a string."),
            ({"Tags": {"a": "b"}}, "#/Tags: an object is not an array."),
            ({"Tags": "a"}, "#/Tags: a string is not an array."),
            ({"JobResources": 1}, "#/JobResources: 1 is not an object."),
            (
                {"ModelQualityAppSpecification": '{"Environment": {"TOKEN": "hush"}}'},
                "#/ModelQualityAppSpecification: a string is not an object.",
            ),
            (
                {"StoppingCondition": {"MaxRuntimeInSeconds": "soon"}},
                '#/StoppingCondition/MaxRuntimeInSeconds: "soon" is not a whole number.',
            ),
            (
                {"StoppingCondition": {"MaxRuntimeInSeconds": 1.5}},
                "#/StoppingCondition/MaxRuntimeInSeconds: 1.5 is not a whole number.",
            ),
            (
                {"NetworkConfig": {"EnableNetworkIsolation": "yes"}},
                '#/NetworkConfig/EnableNetworkIsolation: "yes" is not a boolean.',
            ),
        ],
    )
    def test_that_are_wrong_are_named_by_path(
        self, provider: Provider, properties: dict[str, Any], message: str
    ) -> None:
        answer = provider("CREATE", {**MINIMUM, **properties})
        assert answer["errorCode"] == "InvalidRequest"
        assert message in answer["message"]
        assert provider.aws.calls == []
