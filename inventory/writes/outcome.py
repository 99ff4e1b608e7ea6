"""What became of each definition that a statement writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from aws_sagemaker_modelqualityjobdefinition.naming import DefinitionArn


class Status(str, Enum):
    """How an operation ended.

    UNKNOWN: it was ended early, so SageMaker may have carried it out or not.
    """

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    UNKNOWN = "OUTCOME UNKNOWN"
    NOT_STARTED = "NOT STARTED"


@dataclass(frozen=True)
class Outcome:
    """What became of one definition.

    operation: CREATE, UPDATE or DELETE.
    job_definition_arn: None if there is no such definition, as far as is known.
    job_definition_name: None if none was given and none was generated.
    code: the handler error code of a failure; empty if there is none.
    message: why it did not succeed; otherwise empty.
    """

    operation: str
    status: Status
    job_definition_arn: str | None
    job_definition_name: str | None
    region: str
    account_id: str
    code: str = ""
    message: str = ""

    def __str__(self) -> str:
        which = self.job_definition_arn or self.job_definition_name or "a definition"
        text = f"{self.operation} {which} in {self.region}: {self.status.value.lower()}"
        return f"{text}. {self.message}" if self.message else text


@dataclass(frozen=True)
class Written:
    """What a statement did, in the order of its rows.

    note: why it did nothing, or did not finish. interrupted: whether Ctrl-C ended it.
    """

    outcomes: tuple[Outcome, ...] = ()
    note: str = ""
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 if everything succeeded, 1 if not, 130 after Ctrl-C."""
        if self.interrupted:
            return 130
        return int(any(each.status is not Status.SUCCEEDED for each in self.outcomes))


def name_of(arn: str | None) -> str | None:
    """The name in the ARN of a definition."""
    parsed = DefinitionArn.parse(arn)
    return parsed.name if parsed else None
