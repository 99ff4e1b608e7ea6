"""The commands of the AWS CLI that import a definition into a stack, ready to be pasted."""

from __future__ import annotations

import json
import re
import shlex
from typing import NamedTuple

FILE = "template.yaml"
"""The file that the commands expect the template in."""
CHANGE_SET = "import"
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
        """Two commands for a POSIX shell. The second one waits for what the first one begins."""
        resource = {
            "ResourceType": self.type_name,
            "LogicalResourceId": self.logical_id,
            "ResourceIdentifier": {"JobDefinitionArn": self.arn},
        }
        create = self._command(
            "create-change-set",
            ("--change-set-type", "IMPORT"),
            ("--template-body", f"file://{FILE}"),
            ("--resources-to-import", json.dumps([resource])),
        )
        wait = self._command("wait change-set-create-complete")
        return [create, f"{wait} && \\\n{self._command('execute-change-set')}"]

    def _command(self, operation: str, *options: tuple[str, str]) -> str:
        common = (
            ("--region", self.region),
            ("--stack-name", self.stack_name),
            ("--change-set-name", CHANGE_SET),
        )
        words = [shlex.join(option) for option in (*common, *options)]
        return " \\\n    ".join([f"aws cloudformation {operation}", *words])


def instructions(what: Import, size: int) -> str:
    """How to import, with the commands.

    size: how many bytes the template has.
    """
    create, execute = what.commands
    text = f"""\
To import the definition into a new stack, save the template as {FILE}, and run

{create}
{execute}

To import it into an existing stack, add the resource to the stack's own template, and give the
name of that stack."""
    if size > MAX_INLINE_BYTES:
        text += f"""

The template has {size:,} bytes, and a request can have {MAX_INLINE_BYTES:,}. Upload it to a bucket,
and give --template-url instead of --template-body."""
    return text
