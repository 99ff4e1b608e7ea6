"""`make submit` against a sandbox: what it registers, what it says, and what it leaves behind."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
import yaml
from botocore import exceptions as errors
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from rpdk.core.upload import Uploader

from project import ROOT
from project.type_name import hyphenated
from sandbox.cloudformation import Timing
from sandbox.process import environment
from tests.harness.cloudformation import running
from tests.harness.portals import portal
from tests.harness.registry import Registry, new_type_name, packaged, project_of, schema_of
from tests.harness.stacks import Clients, Stacks
from tests.harness.templates import takes_an_hourly_schedule
from tools.caller import Caller
from tools.packaging.project_copy import replace
from tools.submit.__main__ import main
from tools.submit.artifact import Artifact
from tools.submit.caller import identified
from tools.submit.errors import StillRegistering, SubmitError, explained
from tools.submit.submission import Submission, submit, tell

REGION = "ap-southeast-2"
Fault = Callable[..., AbstractContextManager[None]]
ROLE = "arn:aws:iam::123456789012:role/things"
NO_ROLE = (
    "which is not the ARN of a role of the account 123456789012. No other role can be passed to "
    "the registry. Give one like ROLE_ARN=arn:aws:iam::123456789012:role/…"
)
NOT_PASSABLE = (
    "which cannot follow role/ in the ARN of a role. Give a path and name such as "
    "PASSABLE_ROLES='monitoring/*'"
)
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
RESOURCE_ROLE = ROOT / "resource-role.yaml"
ACME = "Acme::SageMaker::ModelQualityJobDefinition"
pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def registry(sandbox_url: str) -> Registry:
    return Registry(Clients(sandbox_url, REGION), REGION)


@pytest.fixture
def session(sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """A session as a user has it: the settings that the sandbox prints, and no more."""
    for name, value in environment(sandbox_url, {}).items():
        monkeypatch.setenv(name, value)
    return boto3.Session(region_name=REGION)


def caller(session: boto3.Session) -> Caller:
    return Caller(session, "123456789012", "aws", "arn:aws:iam::123456789012:user/someone")


@dataclass
class Things:
    """A small type, and the ways to submit it."""

    type_name: str
    folder: Path
    session: boto3.Session

    def submission(
        self,
        role_arn: str | None = ROLE,
        passable_roles: str | None = None,
        **members: str | bytes | None,
    ) -> Submission:
        """A submission of the type; members: of its package, in the place of the usual ones."""
        package = self.folder / "package.zip"
        package.write_bytes(packaged(self.type_name, members))
        artifact = Artifact(self.type_name, package, self.folder / "project")
        return Submission(artifact, caller(self.session), role_arn, passable_roles)


@pytest.fixture
def things(session: boto3.Session, tmp_path: Path) -> Things:
    type_name = new_type_name()
    project_of(type_name, tmp_path / "project")
    inputs = tmp_path / "project" / "inputs"
    inputs.mkdir()
    (inputs / "inputs_1_create.json").write_text('{"Size": 1}')
    return Things(type_name, tmp_path, session)


@pytest.fixture
def fault(sandbox_url: str) -> Fault:
    """Has the sandbox answer an operation of CloudFormation with a fault for a while.

    calls: how many calls; without it, all.
    """
    url = f"{sandbox_url}/_sandbox/faults"

    @contextmanager
    def failing(operation: str, kind: str, calls: int | None = None) -> Iterator[None]:
        document = {"service": "cloudformation", "operation": operation, "fault": kind}
        assert requests.post(url, json={**document, "calls": calls}, timeout=5).ok
        try:
            yield
        finally:
            requests.delete(url, timeout=5)

    return failing


class Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def answer_instead(session: boto3.Session, operation: str, *answers: tuple[int, str]) -> None:
    """Have the next requests of clients made later answered with these, the ones after as ever."""
    left = iter(answers)

    def answer(request: Any, **_more: Any) -> AWSResponse | None:
        for status, body in left:
            return AWSResponse(request.url, status, {}, Raw(body.encode()))
        return None

    session.events.register(f"before-send.cloudformation.{operation}", answer)


def objects(registry: Registry, type_name: str) -> list[str]:
    """What has been uploaded for a type."""
    stack = "CloudFormationManagedUploadInfrastructure"
    try:
        [described] = registry.api.describe_stacks(StackName=stack)["Stacks"]
    except ClientError:
        return []
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    listed = registry.aws.s3.list_object_versions(
        Bucket=outputs["CloudFormationManagedUploadBucketName"], Prefix=hyphenated(type_name)
    )
    return [each["Key"] for each in listed.get("Versions", ())]


def stack_names(registry: Registry) -> set[str]:
    return {each["StackName"] for each in registry.api.describe_stacks()["Stacks"]}


def role_of(registry: Registry, type_name: str) -> str:
    """The ARN of the role that the default version of a type has."""
    described = registry.api.describe_type(Type="RESOURCE", TypeName=type_name)
    return str(described["ExecutionRoleArn"])


def passing(registry: Registry, role_arn: str) -> dict[str, Any]:
    """The statement that lets a role pass roles, as IAM has it in the role's one policy."""
    iam, name = registry.aws.iam, role_arn.rpartition("/")[2]
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    [statement] = [each for each in document["Statement"] if "iam:PassRole" in each["Action"]]
    return dict(statement)


def registrations(registry: Registry, type_name: str) -> list[str]:
    answer = registry.api.list_type_registrations(Type="RESOURCE", TypeName=type_name)
    return list(answer["RegistrationTokenList"])


def test_from_the_package_to_a_stack_that_is_created_updated_and_deleted(
    session: boto3.Session,
    registry: Registry,
    package: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    aws = registry.aws
    parameters = {
        "ProblemType": "BinaryClassification",
        "InferenceAttribute": "0",
        "RoleArn": "arn:aws:iam::123456789012:role/monitoring",
        "ImageUri": f"563025443158.dkr.ecr.{REGION}.amazonaws.com/sagemaker-model-monitor-analyzer",
        "EndpointName": "shop",
        "GroundTruth": "s3://shop/labels",
        "Reports": "s3://shop/reports",
    }
    artifact = Artifact(ACME, package(ACME), replace(ACME, tmp_path / "project"))
    submit(Submission(artifact, caller(session), role_arn=None))
    said = capsys.readouterr().out
    assert said.count("Creating the stack ") == 1
    arn = f"arn:aws:cloudformation:{REGION}:123456789012:type/resource/{ACME.replace('::', '-')}"
    assert f"Version 00000001 is now the default version.\n{arn}/00000001\n" in said
    described = aws.cloudformation.describe_type(Type="RESOURCE", TypeName=ACME)
    assert described["LoggingConfig"]["LogGroupName"] == f"{hyphenated(ACME)}-logs"
    assert "ExecutionRole" in described["ExecutionRoleArn"]

    printed = said.partition("A first template; give its parameters your values:\n")[2]
    template = yaml.safe_load(printed)
    assert template["Parameters"].keys() == parameters.keys()
    assert not re.search(r"\d{12}|churn|s3://model-monitor-bucket|Tags", printed)
    stacks = Stacks(aws)
    stack = stacks.create(template, parameters=parameters, tags={"Stage": "test"})
    name = stack.physical_id().rpartition("/")[2]
    definition = aws.sagemaker.describe_model_quality_job_definition(JobDefinitionName=name)
    assert definition["JobDefinitionArn"] == stack.physical_id()
    assert definition["RoleArn"] == parameters["RoleArn"]
    problem_type = definition["ModelQualityAppSpecification"]["ProblemType"]
    assert problem_type == parameters["ProblemType"]
    endpoint_input = definition["ModelQualityJobInput"]["EndpointInput"]
    assert endpoint_input["InferenceAttribute"] == parameters["InferenceAttribute"]
    reports = definition["ModelQualityJobOutputConfig"]["MonitoringOutputs"][0]["S3Output"]
    assert reports["S3Uri"] == parameters["Reports"]
    assert takes_an_hourly_schedule(definition)
    template["Resources"]["JobDefinition"]["Properties"]["Tags"] = [{"Key": "K", "Value": "V"}]
    stack.update(template, parameters=parameters, tags={})
    tags = aws.sagemaker.list_tags(ResourceArn=stack.physical_id())["Tags"]
    assert tags == [{"Key": "K", "Value": "V"}]
    stack.delete()
    assert aws.sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"] == []

    submit(Submission(artifact, caller(session), role_arn=None))
    again = capsys.readouterr().out
    assert again.count("Updating the stack ") == 1
    assert f"Nothing was registered: this package is already the default version.\n{arn}" in again
    versions = aws.cloudformation.list_type_versions(Type="RESOURCE", TypeName=ACME)
    assert [each["VersionId"] for each in versions["TypeVersionSummaries"]] == ["00000001"]


def test_a_dry_run_tells_what_would_be_done_and_changes_nothing(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stack_names(registry)
    tell(things.submission(role_arn=None))
    said = capsys.readouterr().out
    assert f"{hyphenated(things.type_name)}-role-stack" in said
    assert "there are 0 now" in said
    role = f"""\
would be allowed
  on arn:aws:sagemaker:{REGION}:123456789012:model-quality-job-definition/*
      sagemaker:CreateModelQualityJobDefinition
      sagemaker:DeleteModelQualityJobDefinition
      sagemaker:DescribeModelQualityJobDefinition
      sagemaker:AddTags
      sagemaker:DeleteTags
      sagemaker:ListTags
  on *
      sagemaker:ListModelQualityJobDefinitions
  on arn:aws:iam::123456789012:role/*
    where iam:PassedToService is sagemaker.amazonaws.com
      iam:PassRole
The role can pass role/* of this account to SageMaker and to no other service
(the default; narrow it with PASSABLE_ROLES='monitoring/*', for example).
"""
    assert role in said
    lines = said.partition("It would\n")[2].splitlines()
    assert {line for line in lines if len(line) > 80 and "arn:aws" not in line} == set()
    assert said.endswith("Nothing was changed.\n")
    assert stack_names(registry) == before
    assert registrations(registry, things.type_name) == []


def test_a_dry_run_does_not_ask_who_the_caller_is_once_more(things: Things) -> None:
    def refuse(**_more: Any) -> None:
        pytest.fail("STS was asked again")

    things.session.events.register("provide-client-params.sts.*", refuse)
    tell(things.submission(role_arn=None))


def test_a_changed_package_becomes_the_default_and_a_former_one_without_registering_again(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    submit(things.submission())
    submit(things.submission(VERSION="2"))
    assert registry.versions(things.type_name) == {"00000001": False, "00000002": True}
    assert f"Type: {things.type_name}" in capsys.readouterr().out

    first = registry.api.describe_type(
        Type="RESOURCE", TypeName=things.type_name, VersionId="00000001"
    )
    registry.api.set_type_default_version(Arn=first["Arn"])
    tell(things.submission(VERSION="2"))
    said = capsys.readouterr().out
    assert "Nothing would be registered" in said
    assert "It would become the default version." in said
    assert registry.versions(things.type_name) == {"00000001": True, "00000002": False}
    submit(things.submission(VERSION="2"))
    assert registry.versions(things.type_name) == {"00000001": False, "00000002": True}
    assert "was not the default version" in capsys.readouterr().out
    tell(things.submission(VERSION="2"))
    assert "It is already the default version. Nothing was changed." in capsys.readouterr().out


def test_another_role_makes_another_version(things: Things, registry: Registry) -> None:
    submit(things.submission())
    submit(things.submission(role_arn=f"{ROLE}-too"))
    described = registry.api.describe_type(Type="RESOURCE", TypeName=things.type_name)
    assert described["ExecutionRoleArn"] == f"{ROLE}-too"
    assert described["Arn"].endswith("/00000002")


def test_the_role_that_is_made_can_pass_roles_of_the_account_to_sagemaker_alone(
    things: Things, registry: Registry
) -> None:
    submit(things.submission(role_arn=None))
    arn = role_of(registry, things.type_name)
    assert passing(registry, arn) == {
        "Sid": "PassTheRoleOfTheJobs",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::123456789012:role/*",
        "Condition": TO_SAGEMAKER,
    }
    role = registry.aws.iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    type_arn = f"arn:aws:cloudformation:{REGION}:123456789012:type/resource"
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "StringLike": {"aws:SourceArn": f"{type_arn}/{things.type_name.replace('::', '-')}/*"},
    }


def test_a_wide_role_is_narrowed_in_place_and_the_registered_version_keeps_it(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    # As `cfn submit` and version 0.1.0 do it.
    uploader = Uploader(registry.api, registry.aws.s3)
    wide = uploader.create_or_update_role(RESOURCE_ROLE, hyphenated(things.type_name))
    submit(things.submission(role_arn=wide))
    assert "Condition" not in passing(registry, wide)
    capsys.readouterr()

    tell(things.submission(role_arn=None))
    told = capsys.readouterr().out
    assert "Nothing would be registered" in told
    assert "where iam:PassedToService is sagemaker.amazonaws.com" in told
    assert "The existing role can pass any role to any service. It would be narrowed." in told
    assert "Condition" not in passing(registry, wide)

    submit(things.submission(role_arn=None))
    said = capsys.readouterr().out
    assert "The existing role can pass any role to any service. It is being narrowed." in said
    assert "The role can pass role/* of this account to SageMaker and to no other service" in said
    assert "Nothing was registered: this package is already the default version." in said
    assert registry.versions(things.type_name) == {"00000001": True}
    assert role_of(registry, things.type_name) == wide
    assert passing(registry, wide)["Condition"] == TO_SAGEMAKER

    submit(things.submission(role_arn=None))
    assert "any role to any service" not in capsys.readouterr().out


def test_the_roles_that_it_may_pass_stay_as_they_are_until_others_are_given(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    def passable() -> str:
        return str(passing(registry, role_of(registry, things.type_name))["Resource"])

    submit(things.submission(role_arn=None, passable_roles="monitoring/*"))
    assert passable() == "arn:aws:iam::123456789012:role/monitoring/*"

    def said() -> str:
        return " ".join(capsys.readouterr().out.split())

    told = (
        "The role can pass role/monitoring/* of this account to SageMaker and to no other service"
    )
    assert f"{told} (set by PASSABLE_ROLES)." in said()

    for run in (tell, submit):
        run(things.submission(role_arn=None))
        assert f"{told} (as before; PASSABLE_ROLES changes it)." in said()
        assert passable() == "arn:aws:iam::123456789012:role/monitoring/*"

    changed = (
        "The role can pass role/* of this account to SageMaker and to no other service "
        "(set by PASSABLE_ROLES, instead of role/monitoring/*)."
    )
    tell(things.submission(role_arn=None, passable_roles="*"))
    dry_run = said()
    assert " on arn:aws:iam::123456789012:role/* " in dry_run
    assert changed in dry_run
    assert passable() == "arn:aws:iam::123456789012:role/monitoring/*"
    submit(things.submission(role_arn=None, passable_roles="*"))
    assert changed in said()
    assert passable() == "arn:aws:iam::123456789012:role/*"
    assert registry.versions(things.type_name) == {"00000001": True}


def test_what_is_registered_names_the_checksum_of_the_package(
    things: Things, registry: Registry
) -> None:
    submission = things.submission()
    submit(submission)
    described = registry.api.describe_type(Type="RESOURCE", TypeName=things.type_name)
    stamp = {"$comment": submission.artifact.stamp}
    assert json.loads(described["Schema"]) == {**stamp, **schema_of(things.type_name)}


def test_a_refused_schema_is_told_with_the_reason_and_nothing_is_left(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.dumps(schema_of(things.type_name, primaryIdentifier=[]))
    before = stack_names(registry)
    with pytest.raises(SubmitError, match=r"Invalid schema: \[\] .*(?s:.)*Nothing was registered"):
        submit(things.submission(role_arn=None, **{"schema.json": schema}))
    assert registry.versions(things.type_name) == {}
    assert objects(registry, things.type_name) == []
    assert stack_names(registry) <= {*before, "CloudFormationManagedUploadInfrastructure"}
    assert capsys.readouterr().out.count("Deleted.") == 2  # what was uploaded, and the role


def test_a_value_that_the_registry_finds_invalid_is_to_be_mended(
    things: Things, registry: Registry
) -> None:
    too_long = ROLE.replace("things", f"{'path/' * 50}things")
    with pytest.raises(SubmitError, match="less than or equal to 256\nFix what it names"):
        submit(things.submission(role_arn=too_long))
    assert objects(registry, things.type_name) == []
    assert registrations(registry, things.type_name) == []


def test_a_refusal_is_told_with_the_reason_even_if_the_versions_cannot_be_listed_any_more(
    things: Things, fault: Fault
) -> None:
    with ExitStack() as faults:

        def forbid(**_more: Any) -> None:
            faults.enter_context(fault("ListTypeVersions", "access-denied"))

        things.session.events.register("after-call.cloudformation.RegisterType", forbid)
        with pytest.raises(SubmitError, match="not a zip file"):
            submit(things.submission(**{"ResourceProvider.zip": "no zip"}))


def test_what_cannot_be_deleted_again_is_not_said_to_be(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    def forbid(**_more: Any) -> AWSResponse:
        return AWSResponse("", 403, {}, Raw(b"<Error><Code>AccessDenied</Code></Error>"))

    things.session.events.register("before-send.s3.DeleteObject", forbid)
    with pytest.raises(SubmitError, match="Nothing was registered") as caught:
        submit(things.submission(**{"ResourceProvider.zip": "no zip"}))
    said = capsys.readouterr().out + str(caught.value)
    assert re.search(r"Could not delete s3://\S+; delete it manually: .*\(AccessDenied\)", said)
    assert "Deleted." not in said
    assert len(objects(registry, things.type_name)) == 1


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("DescribeStacks", 0),
        ("ListTypeVersions", 0),
        ("UpdateStack", 0),
        ("RegisterType", 0),
        ("SetTypeDefaultVersion", 1),
    ],
)
def test_a_missing_permission_is_named_and_running_it_again_goes_on(
    things: Things,
    registry: Registry,
    fault: Fault,
    operation: str,
    left: int,
) -> None:
    submit(things.submission(VERSION="0"))
    words = rf"{operation} operation(?s:.)*action that it names"
    with fault(operation, "access-denied"), pytest.raises(SubmitError, match=words):
        submit(things.submission())
    assert len(registry.versions(things.type_name)) == 1 + left
    assert len(objects(registry, things.type_name)) == 1 + left


def test_a_version_that_could_not_be_made_the_default_is_by_the_next_run(
    things: Things, registry: Registry
) -> None:
    submit(things.submission(VERSION="0"))
    second = things.submission()
    arn, _ = second.settle(minutes=1)
    assert registry.versions(things.type_name) == {"00000001": True, "00000002": False}
    submit(things.submission())
    assert registry.versions(things.type_name) == {"00000001": False, "00000002": True}
    assert second.settle(minutes=1) == (arn, False)


def test_expired_credentials_are_told_with_what_to_do(things: Things, fault: Fault) -> None:
    with (
        fault("ListTypeRegistrations", "expired-credentials"),
        pytest.raises(SubmitError, match="Log in"),
    ):
        submit(things.submission())


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (errors.TokenRetrievalError(provider="sso", error_msg="expired"), "Log in"),
        (errors.SSOTokenLoadError(error_msg="expired"), "Log in"),
        (errors.UnauthorizedSSOTokenError(), "Log in"),
        (errors.LoginRefreshRequired(), "Log in"),
        (errors.LoginTokenLoadError(error_msg="expired"), "Log in"),
        (errors.LoginInsufficientPermissions(), "Allow the action that it names"),
        (errors.NoAuthTokenError(), "Log in"),
        (errors.CredentialRetrievalError(provider="process", error_msg="expired"), "Log in"),
        (errors.MissingDependencyException(msg="botocore[crt]"), "export-credentials"),
        (errors.EndpointConnectionError(endpoint_url="https://x"), "whether the network"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_gives_no_credentials_is_told_with_the_step_that_gives_them(
    error: Exception, step: str
) -> None:
    told = f"^{re.escape(str(error))}\n(?s:.)*{step}"
    with pytest.raises(SubmitError, match=told), explained():
        raise error


@pytest.mark.usefixtures("session")
def test_it_names_the_account_and_the_address_that_answers_in_awss_place(
    sandbox_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    identified(REGION, None)
    said = capsys.readouterr().out
    assert said.startswith(f"Account 123456789012, region {REGION}, as arn:aws:")
    assert said.endswith(f", at {sandbox_url}\n")


@pytest.mark.usefixtures("session")
def test_a_misspelt_region_is_refused_before_anything_else_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert main(["--type-name", ACME, "--region", "us-esat-1"]) == 1
    said = capsys.readouterr()
    assert said.err == "There is no region us-esat-1. Did you mean us-east-1?\n"
    assert said.out == ""


@pytest.mark.usefixtures("session")
def test_a_region_that_only_aws_refuses_is_to_be_corrected_and_not_the_credentials(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--type-name", ACME, "--region", "us-east-11"]) == 1
    refused, step = capsys.readouterr().err.splitlines()
    assert refused.endswith("There is no region us-east-11. Did you mean us-east-1?")
    assert step == "Correct REGION, or the region in the settings of the AWS SDK."


@pytest.mark.usefixtures("session")
def test_a_profile_that_is_not_there_is_told_with_the_variable_that_names_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert main(["--type-name", ACME, "--region", REGION]) == 1
    said = capsys.readouterr().err
    assert "(nobody) could not be found" in said
    assert "Set AWS_PROFILE to an existing profile" in said


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("AWS_ENDPOINT_URL", "127.0.0.1:4566", "Invalid endpoint: 127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL_CLOUDFORMATION", "nonsense", "Invalid endpoint: nonsense"),
        ("AWS_MAX_ATTEMPTS", "abc", "'abc'"),
    ],
)
@pytest.mark.usefixtures("session")
def test_a_setting_that_the_sdk_cannot_use_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert main(["--type-name", ACME, "--region", REGION]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("A setting of the AWS SDK is invalid: ")
    assert says in first
    assert second.startswith("Fix the variable whose name begins with AWS_")


@pytest.mark.usefixtures("session")
def test_an_output_that_cannot_be_written_ends_it_with_one_sentence() -> None:
    command = f"exec {sys.executable} -m tools.submit --type-name {ACME} --region {REGION}"
    ended = subprocess.run(
        ["bash", "-c", f"{command} >/dev/full"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "Could not write to standard output: No space left on device.\n"


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (200, "<!doctype html><title>Log in</title>"),
        (200, "<html><body>Log in</body></html>"),
        (403, "<!doctype html><title>Blocked</title>"),
    ],
)
@pytest.mark.usefixtures("session")
def test_the_page_of_a_portal_is_told_to_be_none_of_awss_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int, page: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with portal(lambda _headers, _body: (status, page.encode())) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        assert main(["--type-name", ACME, "--region", REGION]) == 1
    said = capsys.readouterr()
    assert "did not come from AWS" in said.err
    assert page not in said.err
    assert said.out == ""


def test_a_portal_that_appears_during_a_registration_leaves_that_to_itself(
    things: Things, registry: Registry
) -> None:
    answer_instead(things.session, "DescribeTypeRegistration", (200, "<!doctype html>"))
    with pytest.raises(SubmitError, match="did not come from AWS"):
        submit(things.submission())
    assert len(objects(registry, things.type_name)) == 1
    submit(things.submission())
    assert registry.versions(things.type_name) == {"00000001": True}


def test_a_lost_answer_to_a_registration_begins_no_second_one(
    things: Things, registry: Registry, fault: Fault
) -> None:
    with fault("RegisterType", "cut-after", calls=1):
        submit(things.submission())
    assert len(registrations(registry, things.type_name)) == 1
    assert registry.versions(things.type_name) == {"00000001": True}


def test_where_every_answer_to_a_registration_is_lost_it_stays_and_the_next_run_goes_on(
    things: Things,
    registry: Registry,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    role_stack = f"{hyphenated(things.type_name)}-role-stack"
    with fault("RegisterType", "cut-after"), pytest.raises(SubmitError, match="run it again"):
        submit(things.submission(role_arn=None))
    assert "The upload is kept" in capsys.readouterr().out
    assert len(objects(registry, things.type_name)) == 1
    assert role_stack in stack_names(registry)

    submit(things.submission(role_arn=None))
    assert "Nothing was registered" in capsys.readouterr().out
    assert len(registrations(registry, things.type_name)) == 1
    assert registry.versions(things.type_name) == {"00000001": True}


def test_stopped_while_it_asks_for_the_registration_it_leaves_that_what_it_needs(
    things: Things, registry: Registry
) -> None:
    def stop(**_more: Any) -> None:
        raise KeyboardInterrupt

    things.session.events.register("after-call.cloudformation.RegisterType", stop)
    with pytest.raises(KeyboardInterrupt):
        submit(things.submission())
    things.session.events.unregister("after-call.cloudformation.RegisterType", stop)
    assert len(objects(registry, things.type_name)) == 1
    submit(things.submission())
    assert len(registrations(registry, things.type_name)) == 1


def test_an_error_of_the_registrys_own_leaves_what_may_be_under_way(
    things: Things, registry: Registry, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with fault("RegisterType", "error-500"), pytest.raises(SubmitError, match="InternalFailure"):
        submit(things.submission())
    assert len(objects(registry, things.type_name)) == 1


@pytest.mark.parametrize("page", ["<!doctype html>", "<html><body>Log in</body></html>"])
def test_the_page_of_a_portal_for_an_answer_leaves_what_may_be_under_way(
    things: Things, registry: Registry, page: str
) -> None:
    answer_instead(things.session, "RegisterType", (200, page))
    with pytest.raises(SubmitError, match="did not come from AWS"):
        submit(things.submission())
    assert len(objects(registry, things.type_name)) == 1


ERROR = "<Code>CFNRegistryException</Code><Message>No idea</Message>"
REGISTRY_ERROR = (400, f"<ErrorResponse><Error>{ERROR}</Error></ErrorResponse>")


def test_a_registry_that_has_its_general_error_for_an_unknown_type_is_understood(
    things: Things, registry: Registry
) -> None:
    for operation in ("ListTypeRegistrations", "ListTypeVersions"):
        answer_instead(things.session, operation, REGISTRY_ERROR)
    submit(things.submission())
    assert registry.versions(things.type_name) == {"00000001": True}


def test_the_registrys_general_error_for_a_known_type_is_told_and_nothing_is_registered(
    things: Things, registry: Registry
) -> None:
    submit(things.submission())
    answer_instead(things.session, "ListTypeVersions", REGISTRY_ERROR)
    with pytest.raises(
        SubmitError, match=r"ListTypeVersions operation: No idea(?s:.)*run it again"
    ):
        submit(things.submission(VERSION="2"))
    assert registry.versions(things.type_name) == {"00000001": True}


def test_the_registrys_general_error_within_a_list_is_told_and_nothing_is_registered(
    things: Things, registry: Registry
) -> None:
    name = "ListTypeRegistrations"
    page = f"<{name}Result><NextToken>2</NextToken><RegistrationTokenList/></{name}Result>"
    first = (200, f"<{name}Response>{page}</{name}Response>")
    answer_instead(things.session, name, first, REGISTRY_ERROR)
    with pytest.raises(SubmitError, match=f"{name} operation: No idea"):
        submit(things.submission())
    assert registry.versions(things.type_name) == {}


def test_an_address_where_nobody_answers_is_told(
    things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    unreachable = Things(
        things.type_name, things.folder, boto3.Session(region_name=REGION)
    ).submission()
    with pytest.raises(SubmitError, match=r"127\.0\.0\.1:1(?s:.)*AWS_ENDPOINT_URL"):
        submit(unreachable)


def test_a_role_stack_that_cannot_be_made_is_told_with_the_reason_and_deleted(
    things: Things, registry: Registry
) -> None:
    config = {"MonitoringType": "ModelQuality", "MonitoringJobDefinitionName": "missing"}
    properties = {"MonitoringScheduleName": "broken", "MonitoringScheduleConfig": config}
    schedule = {"Type": "AWS::SageMaker::MonitoringSchedule", "Properties": properties}
    template = json.dumps({"Resources": {"Schedule": schedule}})

    def broken(params: dict[str, Any], **_more: Any) -> None:
        params["TemplateBody"] = template

    things.session.events.register("provide-client-params.cloudformation.CreateStack", broken)
    before = stack_names(registry)
    with pytest.raises(SubmitError, match=r"role-stack could not be .*missing(?s:.)*Fix that"):
        submit(things.submission(role_arn=None))
    assert stack_names(registry) == before
    assert registrations(registry, things.type_name) == []


def test_a_registration_that_takes_too_long_goes_on_and_is_waited_for_by_the_next_run(
    things: Things, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(Timing(registration_seconds=5)) as slow:
        monkeypatch.setenv("AWS_ENDPOINT_URL", slow.url)
        registry = Registry(Clients(slow.url, REGION), REGION)
        with pytest.raises(StillRegistering, match=r"continues in AWS(?s:.)*--registration-token"):
            submit(things.submission(), minutes=0)
        assert registry.versions(things.type_name) == {}
        [token] = registrations(registry, things.type_name)
        tell(things.submission())
        told = capsys.readouterr().out
        assert f"still in progress ({token}).\n`make submit` would first wait for it." in told
        submit(things.submission())
        assert len(registrations(registry, things.type_name)) == 1
        assert registry.versions(things.type_name) == {"00000001": True}
    said = capsys.readouterr().out
    assert "An earlier registration is still in progress; waiting for it." in said
    assert re.search(r"^ +1 s: IN_PROGRESS$", said, re.MULTILINE)
    assert "Nothing was registered" in said


def test_at_fifty_versions_it_tells_the_registrys_refusal_and_which_one_to_deregister(
    things: Things, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    url = registry.upload(packaged(things.type_name))
    request = {"TypeName": things.type_name, "SchemaHandlerPackage": url}
    tokens = [registry.api.register_type(**request)["RegistrationToken"] for _ in range(50)]
    with pytest.raises(ClientError, match="Version limit of 50 exceeded"):
        registry.api.register_type(**request)
    for token in tokens:
        registry.settled(token)

    tell(things.submission())
    assert "there are 50 now\n    (the limit is 50, unless" in capsys.readouterr().out
    words = "Version limit of 50 exceeded(?s:.)*has 50 versions in"
    with pytest.raises(SubmitError, match=words) as caught:
        submit(things.submission())
    assert objects(registry, things.type_name) == []
    oldest = str(caught.value).rpartition(" ")[2]
    assert oldest.endswith("/00000002")
    assert f"aws cloudformation deregister-type --region {REGION} --arn" in str(caught.value)
    registry.api.deregister_type(Arn=oldest)
    submit(things.submission())
    assert registry.versions(things.type_name)["00000051"]


def test_it_goes_on_where_whoever_read_what_it_says_is_gone() -> None:
    code = "import sys; from tools.output import say; say('1'); say('2'); sys.exit(3)"
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        command = [sys.executable, "-c", code]
        ended = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (3, b"")


@pytest.mark.parametrize(
    ("arguments", "unset", "words"),
    [
        (
            ["--region", REGION],
            (),
            (
                "TYPE_NAME is missing. Give the name to register the type under: "
                "make submit TYPE_NAME=YourOrg::SageMaker::ModelQualityJobDefinition\n"
            ),
        ),
        (
            ["--type-name", "AWS::SageMaker::Thing", "--region", REGION],
            (),
            "nobody can register a type in the namespace AWS",
        ),
        (["--type-name", ACME], ("AWS_DEFAULT_REGION",), "REGION=us-east-1"),
        (
            ["--type-name", ACME, "--region", "mars"],
            (),
            "There is no region mars.\nName one: REGION=us-east-1",
        ),
        (
            ["--type-name", ACME, "--region", REGION],
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            "run it again.\nTo try it without an account, run it in `make shell`",
        ),
        (
            ["--type-name", ACME, "--region", REGION],
            ("AWS_SECRET_ACCESS_KEY",),
            "AWS_SECRET_ACCESS_KEY\nLog in",
        ),
        (["--type-name", "Acme"], (), "three parts"),
        *(
            (
                ["--type-name", ACME, "--region", REGION, "--passable-roles", passable_roles],
                (),
                f"PASSABLE_ROLES is {passable_roles!r}, {NOT_PASSABLE}",
            )
            for passable_roles in (ROLE, "/monitoring/*", "two words", "monitoring/*\n")
        ),
        (
            ["--type-name", ACME, "--role-arn", ROLE, "--passable-roles", "monitoring/*"],
            (),
            "PASSABLE_ROLES and ROLE_ARN are both given; leave out one",
        ),
        *(
            (
                ["--type-name", ACME, "--region", REGION, "--role-arn", role_arn],
                (),
                f"ROLE_ARN is '{role_arn}', {NO_ROLE}",
            )
            for role_arn in (
                "things",
                "arn:aws:iam::123456789012:user/things",
                "arn:aws:iam::123456789012:role/",
                f"{ROLE} ",
                "arn:aws:iam::210987654321:role/things",
                "arn:aws-cn:iam::123456789012:role/things",
            )
        ),
    ],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["", "dry run"])
@pytest.mark.usefixtures("session")
def test_what_has_to_be_given_is_asked_for_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    unset: tuple[str, ...],
    words: str,
    more: list[str],
) -> None:
    for name in unset:
        monkeypatch.delenv(name)
    assert main([*arguments, *more]) == 1
    said: Any = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
