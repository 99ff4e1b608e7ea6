"""guide/from-a-notebook.md: its code and commands take a definition from a notebook to a stack."""

import json
from pathlib import Path

import pytest

from project.environment import prepare
from tests.harness.documents import Document, follow, lend_environment, working_copy

pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]

PAGE = Document.read(Path("guide/from-a-notebook.md"))


def test_a_definition_from_a_notebook_becomes_a_stacks_and_its_schedule_goes_on_using_it(
    tmp_path: Path,
) -> None:
    clone = working_copy(tmp_path / "clone")
    lend_environment("sagemaker-sdk", prepare("sagemaker-sdk").parent, clone)
    answers = follow(PAGE, clone)

    def answer(beginning: str) -> str:
        """What the one command that begins like this answered."""
        [said] = [said for command, said in answers.items() if command.startswith(beginning)]
        return said[-1]

    drift = json.loads(answer("aws cloudformation describe-stack-drift-detection-status"))
    assert (drift["DetectionStatus"], drift["StackDriftStatus"]) == (
        "DETECTION_COMPLETE",
        "IN_SYNC",
    )
    tags = json.loads(answer("aws sagemaker list-tags"))["Tags"]
    assert tags == [{"Key": "Team", "Value": "retention"}]
    definition = answer("echo").strip()
    assert definition.startswith("model-quality-job-definition-")
    assert answer("aws sagemaker describe-monitoring-schedule").strip() == definition
    # The commands on the page are those that were printed, but for the name of the stack.
    printed = answer("make template")
    assert f"--stack-name {definition} " in printed
    [imports] = [command for command in answers if " create-change-set " in command]
    operations = (
        *("create-change-set", "wait change-set-create-complete"),
        *("execute-change-set", "wait stack-import-complete"),
    )
    for text in (printed, imports):
        steps = [step.split("aws cloudformation ")[1] for step in text.split("&&")]
        assert len(steps) == len(operations)
        for step, operation in zip(steps, operations, strict=True):
            assert step.startswith(f"{operation} ")
    assert "CHANGE_SET=import-$(date +%s)" in answers
    assert "CHANGE_SET=import-$(date +%s)\n" in printed
