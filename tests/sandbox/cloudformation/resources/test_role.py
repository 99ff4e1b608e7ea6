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
