"""Change sets: planned creations, updates and imports, until they are executed or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError
from moto.cloudformation.utils import generate_changeset_id
from moto.core.utils import utcnow

from sandbox.cloudformation import status_reasons
from sandbox.cloudformation.errors import ChangeSetNotFound, ValidationError
from sandbox.cloudformation.stacks.findings import failure_of_change_set, failures
from sandbox.cloudformation.stacks.history import CREATE_CHANGE_SET, StackOperation
from sandbox.cloudformation.stacks.importing import (
    TO_BE_VERIFIED,
    CannotImport,
    ImportPlanner,
    ResourceToImport,
)
from sandbox.cloudformation.stacks.plan import Change, Planner
from sandbox.cloudformation.stacks.records import StackRecords
from sandbox.cloudformation.stacks.requests import RequestReader, StackRequest
from sandbox.cloudformation.stacks.stack import Stack, check_updatable
from sandbox.cloudformation.stacks.stack_policy import StackPolicy
from sandbox.cloudformation.stacks.validation import Validation
from sandbox.cloudformation.template.configuration import Configuration

# The words that the AWS CLI looks for.
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


@dataclass
class ChangeSet:
    """A planned creation or update of a stack, or a planned import into one.

    kind: CREATE, UPDATE or IMPORT.
    operation: its creation.
    failure: why it cannot be executed, or None if it can.
    note: what there is to say about a change set that can be executed.
    import_existing: whether the request asked to import what exists already.
    token: the client token of the request.
    disable_validation: whether its template is not validated before it is executed.
    operations: how many operations had started on the stack when this was planned.
    """

    change_set_id: str
    name: str
    kind: str
    stack: Stack
    operation: StackOperation
    target: Configuration
    changes: list[Change]
    failure: str | None = None
    note: str | None = None
    imports: Sequence[ResourceToImport] = ()
    import_existing: bool = False
    disable_validation: bool = False
    description: str | None = None
    on_stack_failure: str = "ROLLBACK"
    token: str | None = None
    operations: int = 0
    executed: bool = False
    creation_time: datetime = field(default_factory=utcnow)

    @property
    def status(self) -> str:
        """CREATE_COMPLETE or FAILED."""
        return "FAILED" if self.failure else "CREATE_COMPLETE"

    @property
    def status_reason(self) -> str | None:
        """Why the change set failed, or what there is to say about it, if anything."""
        if self.failure or self.execution_status != "AVAILABLE":
            return self.failure or self.note
        notes = (self.note, note_on_denials(self.stack.current_policy, self.changes))
        return " ".join(filter(None, notes)) or None

    @property
    def execution_status(self) -> str:
        """AVAILABLE, UNAVAILABLE, OBSOLETE or EXECUTE_COMPLETE."""
        if self.executed:
            return "EXECUTE_COMPLETE"
        if self.failure:
            return "UNAVAILABLE"
        return "AVAILABLE" if self.operations == self.stack.operations else "OBSOLETE"


def note_on_denials(policy: StackPolicy | None, changes: Iterable[Change]) -> str | None:
    """Return what a stack policy denies of the changes, or None if it allows all of them.

    CloudFormation does not say so: the API has no member for it.
    """
    if policy is None:
        return None
    certain = False
    denied: dict[str, list[str]] = {}
    for change in changes:
        actions = [
            action
            for action in change.update_actions
            if policy.denial(action, change.logical_id, change.type_name)
        ]
        certain |= bool(actions) and len(actions) == len(change.update_actions)
        for action in actions:
            denied.setdefault(action, []).append(change.logical_id)
    if not denied:
        return None
    what = " and ".join(f"[{action}] for [{', '.join(ids)}]" for action, ids in denied.items())
    end = "fails" if certain else "may fail"
    return f"The stack policy denies {what}. Executing this change set {end}."


class ChangeSets:
    """The change sets of one account and region."""

    def __init__(
        self,
        records: StackRecords,
        requests: RequestReader,
        planner: Planner,
        importer: ImportPlanner,
        validation: Validation,
    ) -> None:
        self._records = records
        self._requests = requests
        self._planner = planner
        self._importer = importer
        self._validation = validation
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
        imports: Sequence[ResourceToImport] = (),
        import_existing: bool = False,
        token: str | None = None,
        *,
        disable_validation: bool = False,
    ) -> ChangeSet:
        """Create a change set. Kind CREATE also creates its stack in REVIEW_IN_PROGRESS.

        So does kind IMPORT if there is no stack of that name. `imports` are what it imports. A
        repeated `token` returns the existing change set.

        Raises AlreadyExistsException if the stack has an unexecuted change set of this name.
        Raises ValidationError or InsufficientCapabilities if CloudFormation rejects the request.
        """
        with self._records.lock:
            known = self._records.find(stack_name)
            existing = self._of_stack.get(known.stack_id, {}).get(name) if known else None
            if existing and token and existing.token == token:
                return existing
            stack, target = self._subject(stack_name, kind, request)
            change_set = ChangeSet(
                change_set_id=generate_changeset_id(
                    name, self._records.place.region, self._records.place.account_id
                ),
                name=name,
                kind=kind,
                stack=stack,
                operation=StackOperation(stack.stack_id, CREATE_CHANGE_SET),
                target=target,
                changes=[],
                imports=imports,
                import_existing=import_existing,
                disable_validation=disable_validation,
                description=description,
                on_stack_failure=on_stack_failure,
                token=token,
                operations=stack.operations,
            )
            self._refuse_taken_name(change_set)
            if kind == "IMPORT":
                self._importer.check(stack, target, imports)
            else:
                self._plan(change_set)
                request.check_resource_types(each.type_name for each in change_set.changes)
            stack.history.add(change_set.operation)
            if not stack.status:
                self._records.add(stack)
                stack.enter("REVIEW_IN_PROGRESS", status_reasons.USER_INITIATED)
            self._validate(change_set)
            if kind != "IMPORT":
                return self._store(change_set)
        # This waits for handlers, and other requests must not wait for them.
        self._plan_import(change_set)
        with self._records.lock:
            try:
                if stack.status.startswith("DELETE_"):
                    raise ValidationError(f"Stack with id {stack.stack_id} does not exist")
                self._refuse_taken_name(change_set)
            except CloudFormationError:
                change_set.operation.end(succeeded=False)
                raise
            return self._store(change_set)

    def deploys_first(self, stack_name: str, kind: str) -> bool:
        """Return whether a change set of this kind would be the first to deploy the stack.

        The stack may be under review already.
        """
        stack = self._records.find(stack_name)
        return kind == "CREATE" or (kind == "IMPORT" and (stack is None or stack.is_undeployed))

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

    def _subject(self, name: str, kind: str, request: StackRequest) -> tuple[Stack, Configuration]:
        """The stack of a change set, which may not exist yet, and what it would become."""
        request = replace(request, reviewed=True)
        if not self.deploys_first(name, kind):
            deployed = self._records.get(name)
            check_updatable(deployed)
            current = deployed.configuration
            return deployed, self._requests.configuration(deployed.identity, request, current)
        known = self._records.find(name)
        if known and not known.is_undeployed:
            raise ValidationError(
                f"Stack [{known.name}] already exists and cannot be created again with the "
                f"changeSet [{known.status}]."
            )
        identity = known.identity if known else self._records.new_identity(name)
        target = self._requests.configuration(identity, request)
        return known or Stack(target), target

    def _refuse_taken_name(self, change_set: ChangeSet) -> None:
        other = self._of_stack.get(change_set.stack.stack_id, {}).get(change_set.name)
        if other and not other.executed:
            raise AlreadyExistsException(f"ChangeSet {change_set.name} already exists")

    def _plan(self, change_set: ChangeSet) -> None:
        """Find out what a creation or an update changes."""
        stack, target = change_set.stack, change_set.target
        change_set.changes = self._planner.changes(stack, target)
        if not self._planner.has_updates(stack, target, change_set.changes):
            change_set.failure = NO_CHANGES
        if change_set.import_existing:
            change_set.note = self._importer.note_on_existing(change_set.changes)

    def _plan_import(self, change_set: ChangeSet) -> None:
        """Find the resources that it imports."""
        stack, target = change_set.stack, change_set.target
        try:
            change_set.changes = self._importer.plan(stack, target, change_set.imports)
        except CannotImport as failure:
            change_set.failure = str(failure)
        else:
            change_set.note = TO_BE_VERIFIED

    def _validate(self, change_set: ChangeSet) -> None:
        """Make a change set fail whose template is not valid. An import is checked on its own."""
        if change_set.failure or change_set.disable_validation or change_set.kind == "IMPORT":
            return
        found = self._validation.findings(
            change_set.stack,
            change_set.target,
            existing_are_errors=not change_set.import_existing,
        )
        found.extend(self._validation.warnings(change_set.changes))
        change_set.operation.validated(found)
        if failed := failures(found):
            change_set.failure = failure_of_change_set(failed)

    def _store(self, change_set: ChangeSet) -> ChangeSet:
        change_set.operation.end(succeeded=change_set.failure is None)
        self._by_id[change_set.change_set_id] = change_set
        of_stack = self._of_stack.setdefault(change_set.stack.stack_id, {})
        of_stack[change_set.name] = change_set
        return change_set

    def drop(self, stack: Stack, but: ChangeSet | None = None) -> None:
        """Delete the change sets of a stack, except `but`.

        The execution of a change set deletes the others; the deletion of a stack deletes all.
        """
        for change_set in self._of_stack.pop(stack.stack_id, {}).values():
            if change_set is but:
                self._of_stack[stack.stack_id] = {change_set.name: change_set}
            else:
                self._by_id.pop(change_set.change_set_id, None)
