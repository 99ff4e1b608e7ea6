"""The role that the handlers run as: the one of deploy/resource-type.yaml, for a stack of its own.

deploy/ has the only definition of it; what is here makes a template of that, and reads it out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import cfn_flip

from project import ROOT
from tools.submit.messages import SubmitError

TEMPLATE = ROOT / "deploy" / "resource-type.yaml"
ROLE = "ExecutionRole"
ROLE_ARN_OUTPUT = "ExecutionRoleArn"
PASSABLE = "PassableRoles"


def check_passable_roles(passable_roles: str, role_arn: str | None) -> None:
    """Raise SubmitError where PASSABLE_ROLES is not what deploy/ takes, or has no effect."""
    declared = _parameters()[PASSABLE]
    if not re.fullmatch(declared["AllowedPattern"], passable_roles):
        raise SubmitError(
            f"PASSABLE_ROLES is {passable_roles!r}, which cannot follow role/ in the ARN of a "
            f"role. Give a path and name such as PASSABLE_ROLES='monitoring/*'; * stands for any "
            f"text (pattern: {declared['AllowedPattern']})."
        )
    if role_arn:
        raise SubmitError(
            "PASSABLE_ROLES and ROLE_ARN are both given. PASSABLE_ROLES narrows the role that is "
            "made without ROLE_ARN; what a role of your own may pass is in its own policies. "
            "Leave out one of the two."
        )


@dataclass(frozen=True)
class ExecutionRole:
    """The role as a run is to leave it.

    given: PASSABLE_ROLES, if the user gave it. stack: what DescribeStacks says of the stack that
    holds the role so far, if there is one.
    """

    type_name: str
    given: str | None
    stack: Mapping[str, Any] | None

    @property
    def arn(self) -> str | None:
        """The role's ARN, where the stack has a role."""
        return self._of_stack("Outputs", "OutputKey", "OutputValue").get(ROLE_ARN_OUTPUT)

    @property
    def is_wide(self) -> bool:
        """Whether the stack holds the role of resource-role.yaml, which takes no parameters."""
        return self.stack is not None and self._previous is None

    @property
    def passes(self) -> str:
        """Which roles it passes, and what decides that, in a sentence."""
        if self.given and self._previous not in (None, self.given):
            origin = f"as PASSABLE_ROLES says, in place of role/{self._previous}"
        elif self.given:
            origin = "as PASSABLE_ROLES says"
        elif self._previous:
            origin = "as before; PASSABLE_ROLES changes it"
        else:
            origin = "the default; PASSABLE_ROLES='monitoring/*', for instance, narrows it"
        roles = f"role/{self.passable_roles} of this account"
        return f"The role can pass {roles} to SageMaker alone ({origin})."

    @property
    def passable_roles(self) -> str:
        """What may follow role/ in the ARN of a role that this one passes.

        Without PASSABLE_ROLES it stays what it is: a run that does not mention it widens nothing.
        """
        return self.given or self._previous or str(_parameters()[PASSABLE]["Default"])

    @property
    def template(self) -> str:
        """The template of the role's stack, its parameters' values as their defaults.

        So they are the stack's: the CLI's uploader gives a stack no parameters, and one that is
        not given has the default of the template, also in an update.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html
        """
        values = {"TypeName": self.type_name, PASSABLE: self.passable_roles}
        role = _deployed()["Resources"][ROLE]
        template = {
            "AWSTemplateFormatVersion": _deployed()["AWSTemplateFormatVersion"],
            "Description": f"The role of the handlers of {self.type_name}",
            "Parameters": {
                name: {**_parameters()[name], "Default": value} for name, value in values.items()
            },
            # With the logical id, the path and the output of resource-role.yaml, whose stack has
            # the same name: a role of another logical id or path would be another role, and a
            # version that is registered with this one would lose it. All else changes in place.
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html
            "Resources": {ROLE: {**role, "Properties": {"Path": "/", **role["Properties"]}}},
            "Outputs": {ROLE_ARN_OUTPUT: _deployed()["Outputs"][ROLE_ARN_OUTPUT]},
        }
        return str(cfn_flip.to_yaml(json.dumps(template)))

    def allowed(self, partition: str, region: str, account: str) -> str:
        """What the role may do in an account and region: resources, conditions and actions."""
        values = {
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::AccountId": account,
            PASSABLE: self.passable_roles,
        }
        [policy] = _deployed()["Resources"][ROLE]["Properties"]["Policies"]
        lines = []
        for statement in policy["PolicyDocument"]["Statement"]:
            resource, actions = statement["Resource"], statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            if isinstance(resource, dict):
                resource = re.sub(r"\$\{(.+?)\}", lambda name: values[name[1]], resource["Fn::Sub"])
            lines.append(f"on {resource}")
            lines += [
                f"  where {key} is {value}"
                for tests in statement.get("Condition", {}).values()
                for key, value in tests.items()
            ]
            lines += [f"    {action}" for action in actions]
        return "\n".join(lines)

    @property
    def _previous(self) -> str | None:
        """What the stack has for PASSABLE_ROLES."""
        return self._of_stack("Parameters", "ParameterKey", "ParameterValue").get(PASSABLE)

    def _of_stack(self, members: str, key: str, value: str) -> dict[str, str]:
        return {each[key]: each[value] for each in (self.stack or {}).get(members, ())}


def _parameters() -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = _deployed()["Parameters"]
    return parameters


@cache
def _deployed() -> dict[str, Any]:
    """deploy/'s template, its functions in their long form."""
    template: dict[str, Any] = json.loads(cfn_flip.to_json(TEMPLATE.read_text("utf-8")))
    return template
