"""The sandbox's registry, over a real socket: private types, their versions, and who sees them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.exceptions import ClientError

from sandbox.process import environment
from tests.harness.registry import (
    Registry,
    new_type_name,
    packaged,
    project_of,
    schema_of,
    settings_of,
)
from tests.harness.stacks import SCRIPTS, TYPE_NAME, Cli, Clients, Stacks

REGION = "eu-central-1"
pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def registry(sandbox_url: str) -> Registry:
    return Registry(Clients(sandbox_url, REGION), REGION)


@pytest.fixture
def type_name() -> str:
    return new_type_name()


def refused(call: Any, *arguments: Any, **parameters: Any) -> tuple[str, int, str]:
    """The error, HTTP status and words that a call is answered with."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    answer = caught.value.response
    error = answer["Error"]
    return error["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


def described(registry: Registry, **which: Any) -> dict[str, Any]:
    answer: dict[str, Any] = registry.api.describe_type(**which)
    return answer


def test_a_type_of_aws_without_handlers_is_said_to_be_lacking(registry: Registry) -> None:
    code, _, words = refused(described, registry, Type="RESOURCE", TypeName="AWS::S3::Bucket")
    assert code == "TypeNotFoundException"
    assert words == (
        "The sandbox's registry has no AWS::S3::Bucket, which AWS's has: it has types with "
        "handlers only."
    )


def test_a_registered_type_is_described_as_it_was_uploaded(
    registry: Registry, type_name: str
) -> None:
    logging_config = {"LogRoleArn": "arn:aws:iam::123456789012:role/logs", "LogGroupName": "things"}
    role = "arn:aws:iam::123456789012:role/things"
    token = registry.begin(type_name, LoggingConfig=logging_config, ExecutionRoleArn=role)
    arn = registry.settled(token)["TypeVersionArn"]

    assert arn == (
        f"arn:aws:cloudformation:{REGION}:123456789012:"
        f"type/resource/{type_name.replace('::', '-')}/00000001"
    )
    answer = described(registry, Type="RESOURCE", TypeName=type_name)
    assert json.loads(answer["Schema"]) == schema_of(type_name)
    assert (answer["Arn"], answer["LoggingConfig"]) == (arn, logging_config)
    assert (answer["ExecutionRoleArn"], answer["ProvisioningType"]) == (role, "FULLY_MUTABLE")
    assert (answer["IsDefaultVersion"], answer["DefaultVersionId"]) == (True, "00000001")
    assert (answer["Visibility"], answer["DeprecatedStatus"]) == ("PRIVATE", "LIVE")
    tokens = registry.api.list_type_registrations(TypeName=type_name)["RegistrationTokenList"]
    assert tokens == [token]


def test_stacks_use_the_default_version_which_is_the_first_until_another_is_chosen(
    registry: Registry, type_name: str
) -> None:
    thing = {"Type": type_name, "Properties": {"Size": 1}}
    template = json.dumps(
        {"Resources": {"T": thing}, "Outputs": {"V": {"Value": {"Fn::GetAtt": ["T", "Version"]}}}}
    )
    stacks = Stacks(registry.aws)
    registry.register(type_name)
    second = registry.register(type_name)

    assert registry.versions(type_name) == {"00000001": True, "00000002": False}
    assert stacks.create(template).outputs == {"V": "00000001"}

    registry.api.set_type_default_version(Arn=second)
    assert registry.versions(type_name) == {"00000001": False, "00000002": True}
    assert stacks.create(template).outputs == {"V": "00000002"}
    stacks.clear()


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"schema.json": None}, "The package is missing schema.json."),
        ({".rpdk-config": None}, "The package is missing .rpdk-config."),
        ({"ResourceProvider.zip": None}, "The package is missing ResourceProvider.zip."),
        ({"ResourceProvider.zip": "no zip"}, "not a zip file"),
        ({"schema.json": "{"}, "Invalid schema: Expecting property name"),
        ({"schema.json": json.dumps(schema_of("Acme::No::Key", primaryIdentifier=[]))}, "Invalid"),
        ({"schema.json": json.dumps(schema_of("Acme::Other::Type"))}, "is for Acme::Other::Type"),
        (
            {
                ".rpdk-config": json.dumps({"language": "java", "runtime": "java17"}),
                "ResourceProvider.zip": None,
            },
            "its handlers are in java (runtime java17), and the sandbox runs only handlers in",
        ),
        (
            {".rpdk-config": json.dumps({"artifact_type": "MODULE"})},
            "The package cannot be used: it is a MODULE, and the sandbox runs only resource types.",
        ),
        (
            {".rpdk-config": json.dumps({**settings_of("Acme::A::B"), "entrypoint": "a.b.c"})},
            "in its .rpdk-config is a.b.c, and its ResourceProvider.zip has no module a.b.",
        ),
    ],
)
def test_a_package_that_is_not_right_ends_as_failed_with_the_reason(
    registry: Registry, type_name: str, members: dict[str, str | None], reason: str
) -> None:
    answer = registry.settled(registry.begin(type_name, packaged(type_name, members)))

    assert answer["ProgressStatus"] == "FAILED"
    assert reason in answer["Description"]
    assert "TypeVersionArn" not in answer
    assert registry.versions(type_name) == {}


def test_a_registration_says_what_differs_from_what_the_package_expects(
    registry: Registry, type_name: str
) -> None:
    properties = {**schema_of(type_name)["properties"], "Odd": {"type": "string", "pattern": "("}}
    members: dict[str, str | bytes | None] = {
        "schema.json": json.dumps(schema_of(type_name, properties=properties)),
        ".rpdk-config": json.dumps({**settings_of(type_name), "runtime": "python3.9"}),
    }
    answer = registry.settled(registry.begin(type_name, packaged(type_name, members)))
    assert answer["ProgressStatus"] == "COMPLETE"
    assert "The package is for python3.9. The sandbox runs it on python3." in answer["Description"]
    assert "does not enforce the pattern (, which it cannot read." in answer["Description"]
    stacks = Stacks(registry.aws)
    thing = {"Type": type_name, "Properties": {"Odd": "anything"}}
    stacks.create(json.dumps({"Resources": {"T": thing}}))
    stacks.clear()


@pytest.mark.parametrize("log_group", [None, "things"])
def test_the_lines_of_a_type_are_in_a_log_group_of_its_own(
    registry: Registry, type_name: str, log_group: str | None
) -> None:
    role = "arn:aws:iam::123456789012:role/logs"
    given: dict[str, Any] = {}
    if log_group:
        given = {"LoggingConfig": {"LogRoleArn": role, "LogGroupName": log_group}}
    registry.register(type_name, **given)
    stacks = Stacks(registry.aws)
    stacks.create(json.dumps({"Resources": {"T": {"Type": type_name}}}))
    stacks.clear()
    name = log_group or f"{type_name.replace('::', '-').lower()}-logs"
    events = registry.aws.logs.filter_log_events(logGroupName=name)["events"]
    assert any(event["message"].startswith("REPORT RequestId: ") for event in events)


def test_what_is_no_zip_or_not_there_ends_as_failed(registry: Registry, type_name: str) -> None:
    no_zip = registry.settled(registry.begin(type_name, b"no zip"))
    assert "The package cannot be read" in no_zip["Description"]
    url = f"s3://{registry.bucket}/missing.zip"
    token = registry.api.register_type(TypeName=type_name, SchemaHandlerPackage=url)
    missing = registry.settled(token["RegistrationToken"])
    assert missing["ProgressStatus"] == "FAILED"
    assert url in missing["Description"]


@pytest.mark.parametrize("namespace", ["AWS", "aws", "Amazon", "AMZN", "Alexa", "Custom", "Dev"])
def test_a_reserved_namespace_is_refused(registry: Registry, namespace: str) -> None:
    code, status, message = refused(registry.begin, f"{namespace}::Some::Thing")
    assert (code, status) == ("CFNRegistryException", 400)
    assert namespace in message


def test_what_the_registry_does_not_know_is_refused_as_documented(
    registry: Registry, type_name: str
) -> None:
    api = registry.api
    arn = f"arn:aws:cloudformation:{REGION}:123456789012:type/resource/Acme-No-Thing/00000001"
    unknown = {"Type": "RESOURCE", "TypeName": type_name}
    for call, which in (
        (api.describe_type, unknown),
        (api.describe_type, {"Arn": arn}),
        (api.set_type_default_version, {"Arn": arn}),
        (api.deregister_type, unknown),
        (api.test_type, unknown),
    ):
        code, status, message = refused(call, **which)
        assert (code, status) == ("TypeNotFoundException", 404)
        assert "cannot be found" in message
    for which in (unknown, {"Arn": arn.rpartition("/")[0]}):
        code, status, message = refused(api.list_type_versions, **which)
        assert (code, status) == ("CFNRegistryException", 400)
        assert "cannot be found" in message
    assert refused(api.describe_type_registration, RegistrationToken="none")[0] == (
        "CFNRegistryException"
    )
    code, _, message = refused(api.register_type, TypeName="Acme-Thing", SchemaHandlerPackage="s3:")
    assert code == "ValidationError"
    assert "'Acme-Thing' at 'typeName'" in message
    assert refused(api.set_type_default_version, **unknown)[0] == "ValidationError"
    assert refused(registry.begin, type_name, Type="HOOK")[0] == "CFNRegistryException"


def test_the_same_client_request_token_gives_the_same_registration(
    registry: Registry, type_name: str
) -> None:
    first = registry.begin(type_name, ClientRequestToken="once")
    assert registry.begin(type_name, ClientRequestToken="once") == first
    registry.settled(first)
    assert registry.versions(type_name) == {"00000001": True}


def test_the_default_version_is_deregistered_last_and_its_type_with_it(
    registry: Registry, type_name: str
) -> None:
    first, second = registry.register(type_name), registry.register(type_name)
    code, status, message = refused(registry.api.deregister_type, Arn=first)
    assert (code, status) == ("CFNRegistryException", 400)
    assert message == (
        "Version '00000001' is the default version and cannot be deregistered. "
        f"Deregister the resource type '{type_name}' instead."
    )

    registry.api.deregister_type(Arn=second)
    assert described(registry, Arn=second)["DeprecatedStatus"] == "DEPRECATED"
    assert refused(registry.api.set_type_default_version, Arn=second)[0] == "TypeNotFoundException"
    registry.api.deregister_type(Type="RESOURCE", TypeName=type_name)
    assert registry.versions(type_name) == {}
    assert registry.versions(type_name, "DEPRECATED") == {"00000001": True, "00000002": False}
    code, _, message = refused(
        registry.api.create_stack,
        StackName="gone",
        TemplateBody=json.dumps({"Resources": {"T": {"Type": type_name}}}),
    )
    assert code == "ValidationError"
    assert type_name in message

    assert registry.register(type_name).endswith("/00000003")
    assert registry.versions(type_name) == {"00000003": True}


def test_a_type_is_private_to_its_account_and_region(
    registry: Registry, type_name: str, sandbox_url: str
) -> None:
    registry.register(type_name)
    elsewhere = Clients(sandbox_url, "eu-north-1").cloudformation
    unknown = refused(elsewhere.describe_type, Type="RESOURCE", TypeName=type_name)
    assert unknown[0] == "TypeNotFoundException"
    assert elsewhere.list_types()["TypeSummaries"] == []


def test_the_sandboxs_own_type_is_a_public_one(registry: Registry) -> None:
    answer = described(registry, Type="RESOURCE", TypeName=TYPE_NAME)
    assert (answer["Visibility"], "DefaultVersionId" in answer) == ("PUBLIC", False)
    assert described(registry, Arn=answer["Arn"])["TypeName"] == TYPE_NAME
    public = registry.api.list_types(Visibility="PUBLIC")["TypeSummaries"]
    assert TYPE_NAME in [each["TypeName"] for each in public]


def test_test_type_runs_no_tests_and_says_so(registry: Registry, type_name: str) -> None:
    arn = registry.register(type_name)
    assert registry.api.test_type(Arn=arn)["TypeVersionArn"] == arn
    answer = described(registry, Arn=arn)
    assert answer["TypeTestsStatus"] == "NOT_TESTED"
    assert "make contract" in answer["TypeTestsStatusDescription"]


def test_the_aws_cli_registers_looks_chooses_and_deregisters(
    registry: Registry, type_name: str, sandbox_url: str, tmp_path: Path
) -> None:
    cli = Cli(sandbox_url, tmp_path)

    def cloudformation(*arguments: str) -> Any:
        return cli("cloudformation", *arguments, "--region", REGION)

    url = registry.upload(packaged(type_name))
    named = ("--type", "RESOURCE", "--type-name", type_name)
    token = cloudformation("register-type", *named, "--schema-handler-package", url)
    registry.settled(token["RegistrationToken"])
    cloudformation(
        "wait", "type-registration-complete", "--registration-token", token["RegistrationToken"]
    )
    assert cloudformation("describe-type", *named)["TypeName"] == type_name
    prefix = f"TypeNamePrefix={type_name}"
    [summary] = cloudformation("list-types", "--filters", prefix)["TypeSummaries"]
    second = registry.register(type_name)
    cloudformation("set-type-default-version", "--arn", second)
    [first, _] = cloudformation("list-type-versions", *named)["TypeVersionSummaries"]
    assert not first["IsDefaultVersion"]
    cloudformation("deregister-type", "--arn", first["Arn"])
    cloudformation("deregister-type", "--arn", summary["TypeArn"])
    assert cloudformation("list-types", "--filters", prefix)["TypeSummaries"] == []


def test_cfn_submit_as_it_is_registers_a_project_which_then_deploys(
    registry: Registry, type_name: str, sandbox_url: str, tmp_path: Path
) -> None:
    data = Path(botocore.__file__).parent / "data/cloudformation/2010-05-15/waiters-2.json"
    waiters = json.loads(data.read_text())
    # `cfn submit` looks every 30 seconds. The SDK takes this from where its settings say, first.
    waiters["waiters"]["TypeRegistrationComplete"]["delay"] = 1
    quicker = tmp_path / "sdk" / "cloudformation" / "2010-05-15"
    quicker.mkdir(parents=True)
    (quicker / "waiters-2.json").write_text(json.dumps(waiters))

    answer = subprocess.run(
        [SCRIPTS / "cfn", "submit", "--set-default", "--region", REGION],
        cwd=project_of(type_name, tmp_path / "project"),
        env={
            **environment(sandbox_url),
            "AWS_DATA_PATH": str(quicker.parents[1]),
            "PATH": f"{SCRIPTS}:/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer
    assert registry.versions(type_name) == {"00000001": True}
    role = described(registry, Type="RESOURCE", TypeName=type_name)["ExecutionRoleArn"]
    assert "ExecutionRole" in role
    stacks = Stacks(registry.aws)
    stacks.create(json.dumps({"Resources": {"T": {"Type": type_name}}}))
    stacks.clear()
