"""AWS's public linter of resource schemas (resource-schema-guard-rail) has nothing to say."""

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from project.environment import prepare
from project.settings import schema_path


def lint(schema: Path) -> dict[str, Any]:
    """The linter's report: its rules under compliant, non_compliant, warning and skipped."""
    answer = subprocess.run(
        [prepare("schema-linter") / "guard-rail", "--schema", schema.as_uri(), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    # Its --json prints a Python list, with an entry per schema.
    [report] = ast.literal_eval(answer.stdout)
    return dict(report)


def test_the_linter_finds_nothing() -> None:
    report = lint(schema_path())
    assert report["non_compliant"] == {}
    assert report["warning"] == {}
    # Both are about a keyword that `tagging` has replaced.
    assert set(report["skipped"]) == {
        "ensure_property_tags_exists_v1",
        "ensure_taggable_and_tagging_do_not_coexist",
    }
    assert len(report["compliant"]) >= 21


@pytest.mark.parametrize(
    ("path", "value", "severity", "rule"),
    [
        (
            ("handlers", "read", "permissions"),
            ["sagemaker:*"],
            "non_compliant",
            "ensure_resource_read_handler_exists_and_have_permissions",
        ),
        (
            ("properties", "RoleArn"),
            {"type": "string"},
            "warning",
            "ensure_arn_properties_contain_pattern",
        ),
    ],
)
def test_what_the_linter_finds_is_seen(
    tmp_path: Path, path: tuple[str, ...], value: object, severity: str, rule: str
) -> None:
    schema = json.loads(schema_path().read_text("utf-8"))
    node = schema
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    changed = tmp_path / "schema.json"
    changed.write_text(json.dumps(schema), "utf-8")
    assert set(lint(changed)[severity]) == {rule}
