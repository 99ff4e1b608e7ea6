"""The roles of deploy/resource-type.yaml: what the handlers may do in an organization."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from project import ROOT
from sandbox.cloudformation.template.template import Template

TEMPLATE = ROOT / "deploy" / "resource-type.yaml"
EXECUTION, LOGGING = "ExecutionRole", "LoggingRole"
# What the handlers can do and these roles do not allow: a type that `cfn submit` registers has no
# log group before its first line; here the stack has made it, and says how long it keeps lines.
NEEDLESS_IN_DEPLOY = frozenset({"logs:CreateLogGroup"})


def actions(role: str) -> frozenset[str]:
    """The actions that ``role``, by its logical id, allows."""
    return frozenset(action for statement in statements(role) for action in statement["Action"])


def statements(role: str) -> Iterator[dict[str, Any]]:
    """The statements of a role's policies, the actions of each as a list."""
    for policy in properties(role)["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            stated = statement["Action"]
            yield {**statement, "Action": [stated] if isinstance(stated, str) else stated}


def properties(logical_id: str) -> dict[str, Any]:
    """The properties of a resource of the template, functions in their long form."""
    found: dict[str, Any] = _resources()[logical_id]["Properties"]
    return found


@cache
def _resources() -> Any:
    return Template.parse(TEMPLATE.read_text("utf-8")).resources
