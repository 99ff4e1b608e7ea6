"""AWS::IAM::Role: the policies and the trust policy that the role then has."""

from typing import Any

from tests.harness.cloudformation import Stacks


def test_a_roles_policies_and_trust_follow_its_properties(stacks: Stacks) -> None:
    iam = stacks.client("iam")

    def role(service: str, **policies: str) -> dict[str, Any]:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        documents = [
            {
                "PolicyName": name,
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
                },
            }
            for name, action in policies.items()
        ]
        properties = {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": documents,
        }
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    def held() -> tuple[str, dict[str, str]]:
        name = stacks.resource("Role")["PhysicalResourceId"]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        actions = {}
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            got = iam.get_role_policy(RoleName=name, PolicyName=policy)
            actions[policy] = got["PolicyDocument"]["Statement"][0]["Action"]
        return trust["Statement"][0]["Principal"]["Service"], actions

    capabilities = ["CAPABILITY_IAM"]
    before = role("a.amazonaws.com", Kept="s3:Get*", Old="s3:*")
    stacks.create({"Role": before}, Capabilities=capabilities)
    assert held() == ("a.amazonaws.com", {"Kept": "s3:Get*", "Old": "s3:*"})
    name = stacks.resource("Role")["PhysicalResourceId"]
    after = role("b.amazonaws.com", Kept="s3:List*", New="s3:Put*")
    stacks.update({"Role": after}, Capabilities=capabilities)
    assert held() == ("b.amazonaws.com", {"Kept": "s3:List*", "New": "s3:Put*"})
    assert stacks.resource("Role")["PhysicalResourceId"] == name


def test_a_roles_managed_policies_and_limits_follow_its_properties(stacks: Stacks) -> None:
    iam = stacks.client("iam")
    capabilities = ["CAPABILITY_IAM"]
    statement = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "a.b"}}
    own = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    added = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "b", "PolicyDocument": document, "Roles": [{"Ref": "Role"}]},
    }

    def template(*arns: Any, **properties: Any) -> dict[str, Any]:
        role = {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "ManagedPolicyArns": list(arns),
            **properties,
        }
        return {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, "Own": own, "Added": added}

    def attached() -> set[str]:
        policies = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        return {policy["PolicyArn"] for policy in policies}

    of_aws = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    before = template(of_aws, MaxSessionDuration=7200, PermissionsBoundary=boundary)
    stacks.create(before, Capabilities=capabilities)
    name = stacks.resource("Role")["PhysicalResourceId"]
    assert attached() == {of_aws}

    after = template({"Ref": "Own"}, Description="b", Tags=[{"Key": "team", "Value": "x"}])
    stacks.update(after, Capabilities=capabilities)
    assert attached() == {stacks.resource("Own")["PhysicalResourceId"]}
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("b", 3600)
    assert role["Tags"] == [{"Key": "team", "Value": "x"}]
    assert "PermissionsBoundary" not in role
    # Another resource has given the role this one.
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["b"]

    stacks.delete()
    assert iam.list_roles()["Roles"] == []


def test_a_role_with_a_policy_that_does_not_exist_fails_and_leaves_nothing(stacks: Stacks) -> None:
    arn = "arn:aws:iam::aws:policy/NoSuchPolicy"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "a.b"}}
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [arn],
    }
    resources = {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}
    stacks.create(resources, Capabilities=["CAPABILITY_IAM"])
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert f"Policy {arn} does not exist" in stacks.reason("CREATE_FAILED", logical_id="Role")
    assert stacks.client("iam").list_roles()["Roles"] == []
