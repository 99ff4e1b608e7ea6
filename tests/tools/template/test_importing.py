"""The commands that import a definition, as a shell reads them."""

import json
import shlex

import pytest

from tools.template.importing import MAX_INLINE_BYTES, Import, instructions

pytestmark = [pytest.mark.once]

PLACE = "arn:aws:sagemaker:eu-west-1:123456789012:model-quality-job-definition"
TYPE_NAME = "Acme::SageMaker::ModelQualityJobDefinition"


def words(command: str) -> list[str]:
    """The words of a command, whose lines continue as in a shell."""
    return shlex.split(command.replace("\\\n", ""))


def importing(name: str) -> Import:
    return Import(TYPE_NAME, "Quality", f"{PLACE}/{name}", "eu-west-1")


def test_the_commands_say_what_is_imported_as_what() -> None:
    names, parts = importing("churn").commands
    assert names == "CHANGE_SET=import-$(date +%s)"
    create, wait, execute, end = (part.strip() for part in parts.split("&&"))
    said = words(create)
    assert said[:3] == ["aws", "cloudformation", "create-change-set"]
    options = dict(zip(said[3::2], said[4::2], strict=True))
    assert json.loads(options.pop("--resources-to-import")) == [
        {
            "ResourceType": TYPE_NAME,
            "LogicalResourceId": "Quality",
            "ResourceIdentifier": {"JobDefinitionArn": f"{PLACE}/churn"},
        }
    ]
    assert options == {
        "--region": "eu-west-1",
        "--stack-name": "churn",
        "--change-set-name": "$CHANGE_SET",
        "--change-set-type": "IMPORT",
        "--template-body": "file://definition.yaml",
    }
    same = "--region eu-west-1 --stack-name churn --change-set-name $CHANGE_SET"
    for command, operation in (
        (wait, "wait change-set-create-complete"),
        (execute, "execute-change-set"),
        (importing("churn").reason, "describe-change-set"),
    ):
        assert " ".join(words(command)).startswith(f"aws cloudformation {operation} {same}")
    assert " ".join(words(end)) == (
        "aws cloudformation wait stack-import-complete --region eu-west-1 --stack-name churn"
    )


def test_a_stack_is_named_after_the_definition_as_far_as_a_stack_can_be() -> None:
    assert importing("churn-2").stack_name == "churn-2"
    assert importing("2-churn").stack_name == "definition-2-churn"


def test_a_template_that_is_too_long_for_a_request_is_said_to_be() -> None:
    what = importing("churn")
    assert "--template-url" not in instructions(what, MAX_INLINE_BYTES)
    assert "The template has 51,201 bytes" in instructions(what, MAX_INLINE_BYTES + 1)
    assert all(command in instructions(what, 1) for command in what.commands)
