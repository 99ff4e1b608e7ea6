"""Names and ARNs of model quality job definitions."""

import hashlib
import json
import re
from dataclasses import dataclass

# SageMaker's limit for JobDefinitionName, [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelQualityJobDefinition.html
MAX_NAME_LENGTH = 63
_HASH_LENGTH = 16
_STACK_ARN = re.compile(r"arn:[^:]*:cloudformation:[^:]*:[^:]*:stack/([^/]+)/")
_DEFINITION_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sagemaker:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":model-quality-job-definition/(?P<name>[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})"
)


def physical_name(stack_id: str | None, logical_id: str | None, token: str | None) -> str:
    """The generated name of a definition whose template has no name.

    The same stack, logical id and client request token always result in the same name, and no other
    request gets it. So if a definition of this name exists, this request created it. The name is
    lower case, because in ARNs SageMaker has used both the given spelling and lower case.
    The arguments may be any text or None. The name is valid for SageMaker, with 16 to 63
    characters.
    """
    # As JSON, ("a", "bc") differs from ("ab", "c"), and None from "null".
    unique = hashlib.sha256(json.dumps([stack_id, logical_id, token]).encode()).hexdigest()
    stack = _STACK_ARN.match(stack_id or "")
    words = [_clean(stack[1] if stack else stack_id), _clean(logical_id)]
    room = MAX_NAME_LENGTH - _HASH_LENGTH - 1
    if len("-".join(words)) > room:
        # The logical id gets up to half of the space, and the stack's name gets the rest.
        words[1] = words[1][: max(room // 2, room - 1 - len(words[0]))].rstrip("-")
        words[0] = words[0][: room - 1 - len(words[1])].rstrip("-")
    return "-".join([word for word in words if word] + [unique[:_HASH_LENGTH]])


def _clean(text: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "-", (text or "").lower()).strip("-")


@dataclass(frozen=True)
class DefinitionArn:
    """arn:<partition>:sagemaker:<region>:<account>:model-quality-job-definition/<name>."""

    partition: str
    region: str
    account: str
    name: str

    @classmethod
    def parse(cls, arn: str | None) -> "DefinitionArn | None":
        """The parts of ``arn``, or None if it is not the ARN of such a definition."""
        match = _DEFINITION_ARN.fullmatch(arn or "")
        return cls(**match.groupdict()) if match else None

    def __str__(self) -> str:
        return (
            f"arn:{self.partition}:sagemaker:{self.region}:{self.account}"
            f":model-quality-job-definition/{self.name}"
        )
