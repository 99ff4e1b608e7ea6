"""The story that ``make demo`` tells.

It deploys a template through CloudFormation, changes a tag in place, detects drift, creates a
definition through Cloud Control, shows what mistakes in a template cause, deletes everything, and
checks that nothing is left.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from project import ROOT
from project.settings import type_name
from tools.demo.account import Account, Event
from tools.demo.errors import StoryFailed
from tools.demo.screen import Screen, utc
from tools.demo.tags import MAX_TAGS, free_key, most_tags
from tools.demo.tally import Tally

STACK = "demo"
PROJECT = "churn"
FIRST_STAGE = "test"
DEPLOYED_STAGE = "production"
CHANGED_STAGE = "experiment"
MISSPELT = Path(__file__).with_name("misspelt.yaml")
# Its image is not one of AWS's, which would be a second mistake in other regions.
OUTSIDE = Path(__file__).with_name("outside.yaml")


class Story:
    """The story of a template with ``parameters`` in ``account``."""

    def __init__(
        self, account: Account, screen: Screen, template: str, parameters: Mapping[str, str]
    ) -> None:
        self._account = account
        self._screen = screen
        self._template = template
        self._parameters = parameters
        self._tally = Tally()
        self._project_key = free_key("Project", template, parameters)
        self._stage_key = free_key("Stage", template, parameters)
        self._own_tags = most_tags(template)

    def tell(self, with_mistakes: bool) -> Tally:
        """Tell all chapters. Returns what was made, changed and left.

        with_mistakes: whether there is a chapter about mistakes, in templates of its own.

        Raises StoryFailed if a chapter does not end as expected.
        """
        before = self._account.inventory()
        with_tags = self._own_tags + len(self._tags()) <= MAX_TAGS
        self._deploy(self._tags() if with_tags else {})
        definitions = self._account.definitions(STACK)
        if with_tags:
            self._change_a_tag(definitions)
        else:
            self._screen.say(
                f"\nA resource of the template has {self._own_tags} tags, and the limit is "
                f"{MAX_TAGS}. The {len(self._tags())} of the demo's stack would be too many, so "
                "the chapters that change a tag are left out."
            )
        for arn, kind in [*definitions.items()][:1]:
            if with_tags:
                self._detect_drift(arn)
            self._use_cloud_control(arn, kind)
        if with_mistakes:
            self._make_a_mistake()
            self._make_a_mistake_that_deploys()
        self._delete(before)
        return self._tally

    def _tags(self, stage: str = FIRST_STAGE) -> dict[str, str]:
        """The tags of the stack."""
        return {self._project_key: PROJECT, self._stage_key: stage}

    def _deploy(self, tags: Mapping[str, str]) -> None:
        # A template that is rejected has no chapter.
        events = self._account.create_stack(STACK, self._template, tags, self._parameters)
        self._screen.chapter("Deploy", "CloudFormation creates each resource of the template:")
        self._show(events)
        self._account.expect(STACK, "CREATE_COMPLETE")
        outputs = self._account.outputs(STACK)
        if outputs:
            self._screen.say("\nOutputs of the stack:")
            self._screen.outline(outputs)
        definitions = self._account.definitions(STACK)
        for arn in definitions:
            self._screen.say("\nThe definition, as SageMaker holds it:")
            described = self._account.describe(arn)
            if arn in outputs.values():
                described["JobDefinitionArn"] = self._screen.shortened(arn, room=1)
            self._screen.outline({**described, "Tags": self._account.tags(arn)})
        if not definitions:
            self._screen.say(
                f"\nThe template has no {type_name()}, so the chapters about a definition are left "
                "out."
            )

    def _change_a_tag(self, definitions: Mapping[str, str]) -> None:
        self._screen.chapter(
            "Change a tag",
            f"An update of the stack changes its tag {self._stage_key} from '{FIRST_STAGE}' "
            f"to '{DEPLOYED_STAGE}':",
        )
        resources = self._account.resources(STACK)
        tags = [self._account.tags(arn) for arn in definitions]
        self._show(
            self._account.update_stack(
                STACK, self._template, self._tags(DEPLOYED_STAGE), self._parameters
            )
        )
        self._account.expect(STACK, "UPDATE_COMPLETE")
        replaced = resources.items() - self._account.resources(STACK).items()
        self._tally.replaced += len(replaced)
        self._tally.updated -= len(replaced)
        if self._account.definitions(STACK) != definitions:
            raise StoryFailed("The definition was replaced, although only a tag changed.")
        for arn, old in zip(definitions, tags, strict=True):
            new = self._account.tags(arn)
            if new.get(self._stage_key) != DEPLOYED_STAGE:
                raise StoryFailed("The definition does not have its new tag.")
            self._tally.changed += sum(old.get(key) != value for key, value in new.items())
            self._screen.say(
                f"It is the same definition, created at "
                f"{utc(self._account.describe(arn)['CreationTime'])}, and now has these tags:"
            )
            self._screen.outline(new, indent=2)

    def _detect_drift(self, arn: str) -> None:
        self._screen.chapter("Drift", "Someone changes the tag in SageMaker, outside of the stack.")
        self._account.set_tag(arn, self._stage_key, CHANGED_STAGE)
        status = self._account.detect_drift(STACK)
        self._screen.say(f"Drift detection says that the stack is {status}:")
        found = self._account.differences(STACK)
        for logical_id, path, expected, actual in found:
            self._screen.say(
                f"{logical_id}  {path}: '{actual}' instead of '{expected}'",
                indent=2,
            )
        if not any(difference[2:] == (DEPLOYED_STAGE, CHANGED_STAGE) for difference in found):
            raise StoryFailed("Drift detection does not show the tag that was changed.")

    def _use_cloud_control(self, arn: str, kind: str) -> None:
        self._screen.chapter(
            "Cloud Control",
            "Terraform, Pulumi and StackQL reach the same handlers through Cloud Control. One "
            "request creates a copy of the definition, and another one deletes it:",
        )
        created = self._account.copy(arn, kind)
        self._tally.copies += 1
        deleted = self._account.remove(created["Identifier"], kind)
        for progress in (created, deleted):
            name = progress["Identifier"].rpartition("/")[2]
            status = f"{progress['Operation']}  {progress['OperationStatus']}"
            self._screen.event(status, name, "", "green")

    def _make_a_mistake(self) -> None:
        self._screen.chapter(
            "Make a mistake", "A template says LocalPth instead of LocalPath. It does not deploy:"
        )
        template = MISSPELT.read_text("utf-8")
        self._show(self._account.create_stack("misspelt", template, {}, {}))
        self._account.expect("misspelt", "ROLLBACK_COMPLETE")
        self._screen.say("Nothing was created. DescribeEvents says where the mistake is, and what.")
        self._remove("misspelt")

    def _make_a_mistake_that_deploys(self) -> None:
        self._screen.chapter(
            "Make a mistake that deploys",
            "A template has a path outside of /opt/ml/processing/. It deploys, but no run of the "
            "job can start. With a schedule, that may show only hours later:",
        )
        self._show(self._account.create_stack("outside", OUTSIDE.read_text("utf-8"), {}, {}))
        self._account.expect("outside", "CREATE_COMPLETE")
        self._screen.say("This finds the mistake before the template is deployed:")
        path = OUTSIDE.relative_to(ROOT)
        self._screen.command(f"make validate TEMPLATE={path}")
        found = _validated(path)
        # Without its empty lines, because those of the demo are between chapters.
        for line in filter(None, found.splitlines()):
            self._screen.say(line, indent=4, style="red" if re.match(r"\d+:\d+:", line) else "")
        self._remove("outside")

    def _delete(self, before: Mapping[str, int]) -> None:
        self._screen.chapter("Delete", "The stack is deleted, with its resources:")
        self._show(self._account.delete_stack(STACK))
        left = {
            what: count - before[what]
            for what, count in self._account.inventory().items()
            if count > before[what]
        }
        if left and not self._tally.kept:
            shown = ", ".join(f"{count} {what}" for what, count in left.items())
            raise StoryFailed(f"Something was left behind: {shown}.")

    def _remove(self, stack: str) -> None:
        """Delete a stack, and show nothing of it."""
        for _ in self._account.delete_stack(stack):
            pass

    def _show(self, events: Iterator[Event]) -> None:
        """Show how the operation on the stack and each of its resources ends, and why it fails.

        Each event in progress is followed by one of these, and has nothing to add.
        """
        for event in events:
            status, logical_id = event["ResourceStatus"], event["LogicalResourceId"]
            if status.endswith("_IN_PROGRESS"):
                continue
            is_stack = event["PhysicalResourceId"] == event["StackId"]
            self._count(status, logical_id, is_stack)
            failed = "FAILED" in status or "ROLLBACK" in status
            style = "red" if failed else "yellow" if "SKIPPED" in status else "green"
            self._screen.event(status, logical_id, event["ResourceType"], style)
            if event.get("DetailedStatus") == "VALIDATION_FAILED":
                # The event's reason only counts what was found.
                self._show_findings(event["OperationId"])
            elif reason := event.get("ResourceStatusReason"):
                self._screen.say(reason, indent=4, style=style)

    def _count(self, status: str, logical_id: str, is_stack: bool) -> None:
        if status == "CREATE_COMPLETE" and not is_stack:
            self._tally.created += 1
        elif status == "UPDATE_COMPLETE" and not is_stack:
            self._tally.updated += 1
        elif status == "DELETE_SKIPPED":
            self._tally.kept.append(logical_id)

    def _show_findings(self, operation_id: str) -> None:
        shown = ""
        for path, reason in self._account.findings(operation_id):
            if path != shown:
                self._screen.say(path, indent=4, style="red")
            self._screen.say(reason, indent=6, style="red")
            shown = path


def _validated(path: Path) -> str:
    """What `make validate` prints of a template, whose path is relative to the project's folder.

    Raises StoryFailed if it finds nothing.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "validation", f"--template={path}"],
        cwd=ROOT,
        # A .cfnlintrc in the user's home could change what is found.
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": os.devnull},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if not ended.returncode or ended.stderr:
        raise StoryFailed(f"The mistake was not found. {ended.stderr}".strip())
    return ended.stdout
