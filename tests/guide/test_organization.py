"""deploy/: the type registered by stacks and stack sets, upgraded, rolled back and taken away."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from project import ROOT
from sandbox.cloudformation.template.template import Template
from sandbox.process import REGION
from tests.harness.provider import ACCOUNT, MINIMUM
from tests.harness.stacks import Clients, Stack, Stacks, description_of, tags_of
from tools.packaging import archive

pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]

TYPE_NAME = "Acme::SageMaker::ModelQualityJobDefinition"
TYPE = "Acme-SageMaker-ModelQualityJobDefinition"
TEMPLATE = (ROOT / "deploy" / "resource-type.yaml").read_text("utf-8")
BUCKET_TEMPLATE = (ROOT / "deploy" / "artifact-bucket.yaml").read_text("utf-8")
OTHER_REGION, OTHER_ACCOUNT = "eu-west-1", "210987654321"
FIRST, SECOND = "model-quality-0.1.0.zip", "model-quality-0.2.0.zip"
DEFINITION = {
    "Resources": {"JobDefinition": {"Type": TYPE_NAME, "Properties": MINIMUM}},
}


@pytest.fixture(scope="module")
def bucket(sandbox_url: str, package: Callable[[str], Path]) -> Iterator[str]:
    """A bucket of deploy/'s own template, with two versions of the package in it."""
    aws = Clients(sandbox_url)
    stacks = Stacks(aws)
    stack = stacks.create(BUCKET_TEMPLATE, parameters={"OrganizationId": "o-a1b2c3d4e5"})
    name = stack.outputs["ArtifactBucket"]
    path = package(TYPE_NAME)
    aws.s3.put_object(Bucket=name, Key=FIRST, Body=path.read_bytes())
    aws.s3.put_object(Bucket=name, Key=SECOND, Body=changed(path))
    yield name
    # The bucket keeps the versions of its objects.
    for version in aws.s3.list_object_versions(Bucket=name)["Versions"]:
        aws.s3.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
    stack.delete()
    # The template keeps the bucket.
    aws.s3.delete_bucket(Bucket=name)


def changed(package: Path) -> bytes:
    """A package whose schema has another description: the next version."""
    files = archive.unpack(package)
    schema = json.loads(files["schema.json"])
    files["schema.json"] = json.dumps({**schema, "description": "The second one."}).encode()
    return archive.pack(files)


@pytest.fixture
def registered(stacks: Stacks, bucket: str) -> Stack:
    """The type, registered by a stack."""
    return stacks.create(TEMPLATE, parameters=parameters(bucket, FIRST))


def parameters(bucket: str, key: str) -> dict[str, str]:
    return {"TypeName": TYPE_NAME, "ArtifactBucket": bucket, "ArtifactKey": key}


def versions(aws: Clients, **more: Any) -> dict[str, bool]:
    """The versions in use, and whether each is the default."""
    answer = aws.cloudformation.list_type_versions(Type="RESOURCE", TypeName=TYPE_NAME, **more)
    return {each["VersionId"]: each["IsDefaultVersion"] for each in answer["TypeVersionSummaries"]}


def described(aws: Clients) -> dict[str, Any]:
    return dict(aws.cloudformation.describe_type(Type="RESOURCE", TypeName=TYPE_NAME))


class TestOneStack:
    def test_registers_the_type_with_the_roles_and_the_log_group_that_it_makes(
        self, registered: Stack, aws: Clients
    ) -> None:
        found = described(aws)
        assert found["Arn"] == registered.outputs["TypeVersionArn"]
        assert found["Arn"].endswith(
            f":{ACCOUNT}:type/resource/{TYPE}/{registered.outputs['VersionId']}"
        )
        assert found["IsDefaultVersion"]
        assert found["ExecutionRoleArn"] == registered.outputs["ExecutionRoleArn"]
        assert found["LoggingConfig"]["LogGroupName"] == registered.outputs["LogGroupName"]
        [group] = aws.logs.describe_log_groups(
            logGroupNamePrefix=registered.outputs["LogGroupName"]
        )["logGroups"]
        assert group["retentionInDays"] == 90

    def test_roles_name_the_type_and_the_place(self, registered: Stack, aws: Clients) -> None:
        execution = registered.outputs["ExecutionRoleArn"].rpartition("/")[2]
        trust = aws.iam.get_role(RoleName=execution)["Role"]["AssumeRolePolicyDocument"]
        assert trust["Statement"][0]["Condition"]["StringLike"] == {
            "aws:SourceArn": (f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:type/resource/{TYPE}/*")
        }
        logging = described(aws)["LoggingConfig"]["LogRoleArn"].rpartition("/")[2]
        policy = aws.iam.get_role_policy(RoleName=logging, PolicyName="logs-and-metrics")
        metrics = policy["PolicyDocument"]["Statement"][1]
        assert metrics["Condition"]["StringEquals"] == {
            "cloudwatch:namespace": f"AWS/CloudFormation/{TYPE_NAME.replace('::', '/')}"
        }

    def test_lets_stacks_have_definitions_whose_handlers_log_into_that_group(
        self, registered: Stack, stacks: Stacks, aws: Clients
    ) -> None:
        stack = stacks.create(DEFINITION, tags={"Team": "churn"})
        arn = stack.physical_id()
        assert description_of(aws, arn)["RoleArn"] == MINIMUM["RoleArn"]
        assert tags_of(aws, arn) == {"Team": "churn"}
        streams = aws.logs.describe_log_streams(logGroupName=registered.outputs["LogGroupName"])
        assert any(stack.name in each["logStreamName"] for each in streams["logStreams"])
        stack.delete()

    def test_an_upgrade_makes_the_new_version_the_default_and_a_roll_back_the_old_package(
        self, registered: Stack, bucket: str, aws: Clients
    ) -> None:
        first = registered.outputs["VersionId"]
        registered.update(parameters=parameters(bucket, SECOND))
        second = registered.outputs["VersionId"]
        assert versions(aws) == {second: True}
        assert described(aws)["Description"] == "The second one."
        assert first in versions(aws, DeprecatedStatus="DEPRECATED")

        registered.update(parameters=parameters(bucket, FIRST))
        third = registered.outputs["VersionId"]
        assert first < second < third
        assert versions(aws) == {third: True}
        assert described(aws)["Description"] != "The second one."

    def test_a_change_of_a_role_registers_nothing(
        self, registered: Stack, bucket: str, aws: Clients
    ) -> None:
        before = versions(aws)
        registered.update(parameters={**parameters(bucket, FIRST), "PassableRoles": "monitoring/*"})
        assert versions(aws) == before
        role = registered.outputs["ExecutionRoleArn"].rpartition("/")[2]
        [name] = aws.iam.list_role_policies(RoleName=role)["PolicyNames"]
        policy = aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        assert policy["Statement"][2]["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/monitoring/*"

    def test_an_upgrade_that_cannot_be_registered_leaves_the_old_version_the_default(
        self, registered: Stack, bucket: str, aws: Clients
    ) -> None:
        before = versions(aws)
        registered.update(
            parameters=parameters(bucket, "absent.zip"), expect="UPDATE_ROLLBACK_COMPLETE"
        )
        assert versions(aws) == before
        assert "did not stabilize" in registered.reason("UPDATE_FAILED", "ResourceVersion")
        # Where guide/organization.md says to look.
        [token, *_] = aws.cloudformation.list_type_registrations(
            Type="RESOURCE", TypeName=TYPE_NAME, RegistrationStatusFilter="FAILED"
        )["RegistrationTokenList"]
        answer = aws.cloudformation.describe_type_registration(RegistrationToken=token)
        assert "absent.zip" in answer["Description"]

    def test_old_versions_that_are_kept_can_be_chosen_and_stand_in_the_way_of_the_end(
        self, stacks: Stacks, bucket: str, aws: Clients
    ) -> None:
        template = json.loads(json.dumps(Template.parse(TEMPLATE).body))
        template["Resources"]["ResourceVersion"]["UpdateReplacePolicy"] = "Retain"
        stack = stacks.create(template, parameters=parameters(bucket, FIRST))
        first = stack.outputs["VersionId"]
        stack.update(parameters=parameters(bucket, SECOND))
        second = stack.outputs["VersionId"]
        assert versions(aws) == {first: False, second: True}

        names = {"Type": "RESOURCE", "TypeName": TYPE_NAME}
        aws.cloudformation.set_type_default_version(**names, VersionId=first)
        assert versions(aws) == {first: True, second: False}
        aws.cloudformation.set_type_default_version(**names, VersionId=second)

        stack.delete(expect="DELETE_FAILED")
        assert "is the default version" in stack.reason("DELETE_FAILED", "ResourceVersion")
        aws.cloudformation.deregister_type(**names, VersionId=first)
        stack.delete()
        assert versions(aws) == {}

    def test_a_stack_deleted_leaves_no_type(self, registered: Stack, aws: Clients) -> None:
        registered.delete()
        assert versions(aws) == {}


class TestAStackSet:
    """Two accounts, two regions: four registrations, of one package in one bucket."""

    NAME = "model-quality"

    @pytest.fixture
    def places(self, aws: Clients) -> dict[tuple[str, str], Clients]:
        """Clients for each account and region that the stack set is to reach."""
        role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/administrator"
        session = aws.sts.assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
        other = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }
        return {
            (account, region): Clients(aws.url, region, **credentials)
            for account, credentials in ((ACCOUNT, {}), (OTHER_ACCOUNT, other))
            for region in (REGION, OTHER_REGION)
        }

    def test_registers_upgrades_and_deregisters_everywhere(
        self, aws: Clients, bucket: str, places: dict[tuple[str, str], Clients]
    ) -> None:
        cloudformation = aws.cloudformation
        everywhere = {
            "StackSetName": self.NAME,
            "Accounts": [ACCOUNT, OTHER_ACCOUNT],
            "Regions": [REGION, OTHER_REGION],
        }
        cloudformation.create_stack_set(
            StackSetName=self.NAME,
            TemplateBody=TEMPLATE,
            Parameters=as_list(parameters(bucket, FIRST)),
            Capabilities=["CAPABILITY_IAM"],
        )
        cloudformation.create_stack_instances(**everywhere)
        stacks = [the_stack_of(clients) for clients in places.values()]
        for stack in stacks:
            stack.rest("CREATE_COMPLETE")
        for (account, region), clients in places.items():
            arn = described(clients)["Arn"]
            assert arn.startswith(
                f"arn:aws:cloudformation:{region}:{account}:type/resource/{TYPE}/"
            )

        cloudformation.update_stack_set(
            StackSetName=self.NAME,
            UsePreviousTemplate=True,
            Parameters=as_list(parameters(bucket, SECOND)),
            Capabilities=["CAPABILITY_IAM"],
        )
        for stack, clients in zip(stacks, places.values(), strict=True):
            stack.rest("UPDATE_COMPLETE")
            assert described(clients)["Description"] == "The second one."

        cloudformation.delete_stack_instances(**everywhere, RetainStacks=False)
        for stack, clients in zip(stacks, places.values(), strict=True):
            stack.rest("DELETE_COMPLETE")
            assert versions(clients) == {}
        cloudformation.delete_stack_set(StackSetName=self.NAME)


def as_list(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def the_stack_of(clients: Clients) -> Stack:
    """The stack that a stack set made in an account and region."""
    [stack_id] = [
        each["StackId"]
        for each in clients.cloudformation.describe_stacks()["Stacks"]
        if each["StackName"].startswith("StackSet")
    ]
    return Stack(clients, stack_id)
