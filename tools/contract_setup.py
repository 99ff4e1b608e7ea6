"""What the contract tests of a type may need in the sandbox before they start: a stack.

Inputs and overrides name its exports as the CloudFormation CLI has it: `{{Export}}`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STACK_NAME = "contract-setup"
POLL_SECONDS = 0.2
DELETE_SECONDS = 60
EXPORT = re.compile(r"{{([-A-Za-z0-9:\s]+?)}}")
"""What the CLI takes for the name of an export (rpdk.core.test, `render_template`)."""


class SetupFailed(Exception):
    """The tests cannot start, or something of their stack is left; the message says why."""


@contextmanager
def deployed(template: str | None) -> Iterator[None]:
    """Deploy a template to the sandbox, and delete its stack at the end, however that comes.

    template: its text; None deploys nothing.

    Raises SetupFailed if the stack cannot be created or deleted.
    """
    if template is None:
        yield
        return
    client = _client()
    stack_id = _begin(client, template)
    try:
        _require_created(client, stack_id)
        yield
    finally:
        _delete(client, stack_id)


def check_exports(project: Path) -> None:
    """Check that the sandbox has all exports that a project's inputs and overrides name.

    The CLI would only log a warning, and run its tests without these inputs.

    Raises SetupFailed if it lacks one.
    """
    pages = _client().get_paginator("list_exports").paginate()
    there = {export["Name"] for page in pages for export in page["Exports"]}
    for path in (*sorted(project.glob("inputs/*.json")), project / "overrides.json"):
        named = EXPORT.findall(path.read_text("utf-8")) if path.is_file() else []
        if missing := sorted({name.strip() for name in named} - there):
            raise SetupFailed(
                f"{path.relative_to(project)} names exports that the sandbox does not have: "
                f"{', '.join(missing)}. Name a template with these exports: SETUP=template.yaml"
            )


def _client() -> Any:
    import boto3

    return boto3.client("cloudformation")


def _begin(client: Any, template: str) -> str:
    """Start to create the stack. Returns its id. Raises SetupFailed if the template is refused."""
    from botocore.exceptions import ClientError

    try:
        answer = client.create_stack(
            StackName=STACK_NAME,
            TemplateBody=template,
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            OnFailure="DO_NOTHING",
        )
    except ClientError as error:
        raise SetupFailed(f"The template of SETUP is refused: {error}") from error
    return str(answer["StackId"])


def _require_created(client: Any, stack_id: str) -> None:
    """Wait for the stack. Raises SetupFailed, with the first failure, if it is not created."""
    status = _settled(client, stack_id)
    if status == "CREATE_COMPLETE":
        return
    pages = client.get_paginator("describe_events").paginate(
        StackName=stack_id, Filters={"FailedEvents": True}
    )
    failed = [event for page in pages for event in page["OperationEvents"]]
    # What the validation found says more than the stack's own events, which only count it.
    reasons = _reasons(failed, "ValidationStatusReason") or _reasons(failed, "ResourceStatusReason")
    raise SetupFailed("\n".join([f"The stack of SETUP ended in {status}.", *reasons[:1]]))


def _reasons(events: list[dict[str, Any]], member: str) -> list[str]:
    """What a member of the events says, the oldest first."""
    return [
        f"{each['LogicalResourceId']}: {each[member]}" for each in events[::-1] if member in each
    ]


def _delete(client: Any, stack_id: str) -> None:
    """Delete the stack and wait. Raises SetupFailed if something of it is left."""
    client.delete_stack(StackName=stack_id)
    status = _settled(client, stack_id, DELETE_SECONDS)
    if status != "DELETE_COMPLETE":
        raise SetupFailed(f"The stack of SETUP could not be deleted and is in {status}.")


def _settled(client: Any, stack_id: str, seconds: float = float("inf")) -> str:
    """Wait for the end of the stack's operation. Returns its status."""
    until = time.monotonic() + seconds
    while True:
        [stack] = client.describe_stacks(StackName=stack_id)["Stacks"]
        status = str(stack["StackStatus"])
        if not status.endswith("_IN_PROGRESS") or time.monotonic() > until:
            return status
        time.sleep(POLL_SECONDS)
