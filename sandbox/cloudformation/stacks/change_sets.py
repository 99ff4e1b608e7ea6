"""Change sets: planned creations and updates, stored until they are executed or deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from moto.cloudformation.exceptions import AlreadyExistsException
from moto.cloudformation.utils import generate_changeset_id
from moto.core.utils import utcnow

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ChangeSetNotFound, ValidationError
from sandbox.cloudformation.stacks.plan import Change, Planner
from sandbox.cloudformation.stacks.records import StackRecords
from sandbox.cloudformation.stacks.requests import RequestReader, StackRequest
from sandbox.cloudformation.stacks.stack import Stack, check_updatable
from sandbox.cloudformation.template.configuration import Configuration

NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


@dataclass
class ChangeSet:
    """A planned creation or update of a stack.

    kind: CREATE or UPDATE. empty: whether it changes nothing; an empty change set has failed.
    """

    change_set_id: str
    name: str
    kind: str
    stack: Stack
    target: Configuration
    changes: list[Change]
    empty: bool
    description: str | None = None
    on_stack_failure: str = "ROLLBACK"
    executed: bool = False
    creation_time: datetime = field(default_factory=utcnow)

    @property
    def status(self) -> str:
        """CREATE_COMPLETE or FAILED."""
        return "FAILED" if self.empty else "CREATE_COMPLETE"

    @property
    def status_reason(self) -> str | None:
        """Why the change set failed, in the words that the AWS CLI looks for; None otherwise."""
        return NO_CHANGES if self.empty else None

    @property
    def execution_status(self) -> str:
        """AVAILABLE, UNAVAILABLE or EXECUTE_COMPLETE."""
        if self.executed:
            return "EXECUTE_COMPLETE"
        return "UNAVAILABLE" if self.empty else "AVAILABLE"


class ChangeSets:
    """The change sets of one account and region."""

    def __init__(self, records: StackRecords, requests: RequestReader, planner: Planner) -> None:
        self._records = records
        self._requests = requests
        self._planner = planner
        self._by_id: dict[str, ChangeSet] = {}
        self._of_stack: dict[str, dict[str, ChangeSet]] = {}

    def create(  # noqa: PLR0913, PLR0917  # one for each part of the API's request
        self,
        stack_name: str,
        name: str,
        kind: str,
        request: StackRequest,
        description: str | None = None,
        on_stack_failure: str = "ROLLBACK",
    ) -> ChangeSet:
        """Create a change set. Kind CREATE also creates its stack in REVIEW_IN_PROGRESS.

        Raises AlreadyExistsException if the stack has an unexecuted change set of this name.
        Raises ValidationError or InsufficientCapabilities if CloudFormation rejects the request.
        """
        with self._records.lock:
            if kind == "CREATE":
                stack, target = self._reviewed(stack_name, request)
            else:
                stack = self._records.get(stack_name)
                check_updatable(stack)
                target = self._requests.configuration(stack.identity, request, stack.configuration)
            of_stack = self._of_stack.setdefault(stack.stack_id, {})
            if name in of_stack and not of_stack[name].executed:
                raise AlreadyExistsException(f"ChangeSet {name} already exists")
            changes = self._planner.changes(stack, target)
            change_set = ChangeSet(
                change_set_id=generate_changeset_id(
                    name, self._records.place.region, self._records.place.account_id
                ),
                name=name,
                kind=kind,
                stack=stack,
                target=target,
                changes=changes,
                empty=not self._planner.has_updates(stack, target, changes),
                description=description,
                on_stack_failure=on_stack_failure,
            )
            self._by_id[change_set.change_set_id] = of_stack[name] = change_set
            return change_set

    def get(self, name: str, stack_name: str | None) -> ChangeSet:
        """Return a change set by ARN, or by name and stack.

        Raises ChangeSetNotFound if there is no such change set.
        Raises ValidationError if `stack_name` is necessary but missing, or names no stack.
        """
        found = self._by_id.get(name)
        if found is None and not name.startswith("arn:"):
            if not stack_name:
                raise ValidationError(
                    "StackName must be specified if ChangeSetName is not specified as an ARN."
                )
            found = self._of_stack.get(self._records.get(stack_name).stack_id, {}).get(name)
        if found is None:
            raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")
        return found

    def of_stack(self, stack_name: str) -> list[ChangeSet]:
        """Return the change sets of a stack, oldest first.

        Raises ValidationError if there is no such stack.
        """
        return list(self._of_stack.get(self._records.get(stack_name).stack_id, {}).values())

    def delete(self, change_set_name: str, stack_name: str | None = None) -> None:
        """Delete a change set. Does nothing if it does not exist.

        Raises ValidationError if `stack_name` is necessary but missing, or names no stack.
        """
        with self._records.lock:
            try:
                change_set = self.get(change_set_name, stack_name)
            except ChangeSetNotFound:
                return
            del self._by_id[change_set.change_set_id]
            del self._of_stack[change_set.stack.stack_id][change_set.name]

    def _reviewed(self, name: str, request: StackRequest) -> tuple[Stack, Configuration]:
        """The stack of a change set of type CREATE, created if necessary, and its configuration."""
        stack = self._records.find(name)
        if stack and stack.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(
                f"Stack [{stack.name}] already exists and cannot be created again with the "
                f"changeSet [{stack.status}]."
            )
        identity = stack.identity if stack else self._records.new_identity(name)
        target = self._requests.configuration(identity, request)
        if stack is None:
            stack = Stack(target)
            self._records.add(stack)
            stack.enter("REVIEW_IN_PROGRESS", status_reasons.USER_INITIATED)
        return stack, target

    def drop(self, stack: Stack, but: ChangeSet | None = None) -> None:
        """Delete the change sets of a stack, except `but`.

        The execution of a change set deletes the others; the deletion of a stack deletes all.
        """
        for change_set in self._of_stack.pop(stack.stack_id, {}).values():
            if change_set is but:
                self._of_stack[stack.stack_id] = {change_set.name: change_set}
            else:
                self._by_id.pop(change_set.change_set_id, None)
