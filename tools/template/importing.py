"""The commands of the AWS CLI that import a definition into a stack, ready to be pasted."""

from __future__ import annotations

import json
import re
import shlex
from typing import NamedTuple

FILE = "definition.yaml"
"""The file that the commands expect the template in. It is not template.yaml, which SAM would take
for the project's own if it lands in the clone."""
CHANGE_SET = "CHANGE_SET"
"""The shell variable with the name of the change set. Each paste gets a name of its own: a stack
keeps a change set that failed, and one that was left from before must not be executed."""
MAX_INLINE_BYTES = 51_200
"""The longest template that a request can have in itself:
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html"""


class Import(NamedTuple):
    """What is imported: the resource of a template, and the definition that it stands for."""

    type_name: str
    logical_id: str
    arn: str
    region: str

    @property
    def stack_name(self) -> str:
        """A name for a new stack: the definition's, which may begin with a digit, unlike this."""
        name = self.arn.rpartition("/")[2]
        return name if re.match("[A-Za-z]", name) else f"definition-{name}"

    @property
    def commands(self) -> list[str]:
        """Two commands for a POSIX shell: the second imports, with the name from the first.

        The second stops at the first part that fails. So it executes only what it created, and
        waits only for an import that has begun.
        """
        resource = {
            "ResourceType": self.type_name,
            "LogicalResourceId": self.logical_id,
            "ResourceIdentifier": {"JobDefinitionArn": self.arn},
        }
        steps = (
            self._command(
                "create-change-set",
                ("--change-set-type", "IMPORT"),
                ("--template-body", f"file://{FILE}"),
                ("--resources-to-import", json.dumps([resource])),
            ),
            self._command("wait change-set-create-complete"),
            self._command("execute-change-set"),
            self._on_stack("wait stack-import-complete"),
        )
        return [f"{CHANGE_SET}=import-$(date +%s)", " && \\\n".join(steps)]

    @property
    def reason(self) -> str:
        """The command that says why the change set failed, if it did."""
        return self._command("describe-change-set", ("--query", "StatusReason"))

    def _command(self, operation: str, *options: tuple[str, str]) -> str:
        words = (shlex.join(option) for option in options)
        return self._on_stack(operation, f'--change-set-name "${CHANGE_SET}"', *words)

    def _on_stack(self, operation: str, *words: str) -> str:
        of_stack = [
            shlex.join(("--region", self.region)),
            shlex.join(("--stack-name", self.stack_name)),
        ]
        return " \\\n    ".join([f"aws cloudformation {operation}", *of_stack, *words])


def instructions(what: Import, size: int) -> str:
    """How to import, with the commands.

    size: how many bytes the template has.
    """
    commands = "\n".join(what.commands)
    text = f"""\
To import the definition into a new stack, save the template as {FILE}, and run

{commands}

If the change set cannot be created, this command says why, and guide/importing.md says what to do.
Then run the commands above again.

{what.reason}

To import it into an existing stack, add the resource to the stack's own template, and give the
name of that stack."""
    if size > MAX_INLINE_BYTES:
        text += f"""

The template has {size:,} bytes, and a request can have {MAX_INLINE_BYTES:,}. Upload it to a bucket,
and give --template-url instead of --template-body."""
    return text
