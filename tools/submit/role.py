"""The role that the handlers run as: that of deploy/resource-type.yaml, in a stack of its own.

deploy/ has the only definition of the role. This module turns it into a template, and describes it.
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
from tools.submit.errors import SubmitError

TEMPLATE = ROOT / "deploy" / "resource-type.yaml"
ROLE = "ExecutionRole"
ROLE_ARN_OUTPUT = "ExecutionRoleArn"
PASSABLE = "PassableRoles"


def check_passable_roles(passable_roles: str, role_arn: str | None) -> None:
    """Raise SubmitError if PASSABLE_ROLES is not what deploy/ accepts, or would have no effect."""
    declared = _parameters()[PASSABLE]
    if not re.fullmatch(declared["AllowedPattern"], passable_roles):
        raise SubmitError(
            f"PASSABLE_ROLES is {passable_roles!r}, which cannot follow role/ in the ARN of a "
            f"role. Give a path and name such as PASSABLE_ROLES='monitoring/*'; * matches any text "
            f"(pattern: {declared['AllowedPattern']})."
        )
    if role_arn:
        raise SubmitError(
            "PASSABLE_ROLES and ROLE_ARN are both given; leave out one of them. PASSABLE_ROLES "
            "narrows the role that is created without ROLE_ARN. What a role of your own can pass "
            "is in its own policies."
        )


@dataclass(frozen=True)
class ExecutionRole:
    """The role as a run is to leave it.

    given: PASSABLE_ROLES, if the user gave it. stack: the existing stack with the role, as
    DescribeStacks shows it; None if there is none.
    """

    type_name: str
    given: str | None
    stack: Mapping[str, Any] | None

    @property
    def arn(self) -> str | None:
        """The role's ARN, if the stack has a role."""
        return self._of_stack("Outputs", "OutputKey", "OutputValue").get(ROLE_ARN_OUTPUT)

    @property
    def is_wide(self) -> bool:
        """Whether the stack has the role of resource-role.yaml, which has no parameters."""
        return self.stack is not None and self._previous is None

    @property
    def passes(self) -> str:
        """A sentence that says which roles it can pass, and what decides that."""
        if self.given and self._previous not in (None, self.given):
            origin = f"set by PASSABLE_ROLES, instead of role/{self._previous}"
        elif self.given:
            origin = "set by PASSABLE_ROLES"
        elif self._previous:
            origin = "as before; PASSABLE_ROLES changes it"
        else:
            origin = "the default; narrow it with PASSABLE_ROLES='monitoring/*', for example"
        roles = f"role/{self.passable_roles} of this account"
        return f"The role can pass {roles} to SageMaker and to no other service ({origin})."

    @property
    def passable_roles(self) -> str:
        """What may follow role/ in the ARN of a role that this one can pass.

        Without PASSABLE_ROLES it stays the same, so that such a run never widens it.
        """
        return self.given or self._previous or str(_parameters()[PASSABLE]["Default"])

    @property
    def template(self) -> str:
        """The template of the role's stack, with the values of its parameters as their defaults.

        The CLI's uploader passes no parameters, and a parameter that is not passed takes the
        default of the template, in updates too.
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
            # The logical id, the path and the output are those of resource-role.yaml, whose stack
            # has the same name. With another logical id or path the role would be replaced, and
            # versions that are registered with it would lose it. Everything else changes in place.
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
        """The value of PASSABLE_ROLES in the existing stack."""
        return self._of_stack("Parameters", "ParameterKey", "ParameterValue").get(PASSABLE)

    def _of_stack(self, members: str, key: str, value: str) -> dict[str, str]:
        return {each[key]: each[value] for each in (self.stack or {}).get(members, ())}


def _parameters() -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = _deployed()["Parameters"]
    return parameters


@cache
def _deployed() -> dict[str, Any]:
    """The template in deploy/, with its functions in their long form."""
    template: dict[str, Any] = json.loads(cfn_flip.to_json(TEMPLATE.read_text("utf-8")))
    return template
