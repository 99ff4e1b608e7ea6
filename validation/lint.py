"""Lint a template with the rules of this project alone, in this process."""

from __future__ import annotations

from functools import cache
from typing import Any

from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.rules.jsonschema.CfnLint import CfnLint
from cfnlint.rules.jsonschema.JsonSchema import JsonSchema
from cfnlint.rules.resources.Configuration import Configuration
from cfnlint.runner import run_template_by_data

from validation.rules import RULES


@cache
def _rules() -> Rules:
    # The first three lead cfn-lint from the template to each resource.
    rules = Rules()
    rules.extend([JsonSchema(), Configuration(), CfnLint(), *(rule() for rule in RULES)])
    return rules


def lint(template: str, region: str = "us-east-1") -> list[Match]:
    """Return what the rules find in a template (JSON or YAML), by line.

    Findings of cfn-lint's own rules are left out, except for those that keep a rule from looking:
    a template that cannot be parsed, and a rule that fails.
    """
    decoded: tuple[Any, list[Match]] = decode_str(template)
    parsed, errors = decoded
    if errors:
        return errors
    config = ConfigMixIn(["--regions", region, "--include-checks", "I"])
    found = run_template_by_data(parsed, config, _rules())
    return sorted(filter(_of_this_project, found), key=_position)


def _of_this_project(match: Match) -> bool:
    """Whether a finding is of these rules, or of cfn-lint about one that failed."""
    # cfn-lint catches what a rule raises (jsonschema/validators.py, rules/_rules.py).
    return (
        match.rule.id in {rule.id for rule in RULES}
        or "raised while validating" in match.message
        or "Unknown exception" in match.message
    )


def _position(match: Match) -> tuple[int, int, str]:
    return match.linenumber, match.columnnumber, match.rule.id
