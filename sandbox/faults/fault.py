"""A fault: its members, their values, and the calls that it affects."""

import math
import random
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple

from sandbox.faults.names import ANY, check_names

# The signing name of a service, where it differs from the name that people use.
_SIGNING_NAMES = {
    "cloudcontrol": "cloudcontrolapi",
    "cloudwatch": "monitoring",
    "resourcegroupstaggingapi": "tagging",
}
MAX_SECONDS = 3600  # how long a hang may last

CREATE = "CreateModelQualityJobDefinition"
DESCRIBE = "DescribeModelQualityJobDefinition"
DELETE = "DeleteModelQualityJobDefinition"
LIST_TAGS = "ListTags"
_TAG_WRITES = ("AddTags", "DeleteTags")
_TAG_OPERATIONS = (LIST_TAGS, *_TAG_WRITES)

LAG = "lag"
UNTAGGED = "denied-until-tagged"
_RESOURCE_UNKNOWN = "resource-unknown"


class ErrorAnswer(NamedTuple):
    """An error of a service: its code, HTTP status and message."""

    code: str
    status: int
    message: str


ERRORS: dict[str, ErrorAnswer] = {
    "throttle": ErrorAnswer("ThrottlingException", 400, "Rate exceeded"),
    "error-500": ErrorAnswer("InternalFailure", 500, "An internal error has occurred."),
    "error-503": ErrorAnswer(
        "ServiceUnavailable", 503, "The service is unavailable. Please try again."
    ),
    "access-denied": ErrorAnswer(
        "AccessDeniedException", 400, "The caller is not authorized to perform this operation."
    ),
    "expired-credentials": ErrorAnswer(
        "ExpiredTokenException", 400, "The security token included in the request is expired"
    ),
    "role-not-ready": ErrorAnswer(
        "ValidationException",
        400,
        "Could not assume role. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role.",
    ),
    # The tag operations answer this: boto3 issue 4606.
    _RESOURCE_UNKNOWN: ErrorAnswer("ValidationException", 400, "Resource does not exist."),
}
"""The faults that are an error instead of the normal response."""


class Following(NamedTuple):
    """A fault that follows a definition: after some operations, it affects others."""

    after: tuple[str, ...]
    struck: tuple[str, ...]


# The operations that a policy can allow depending on a definition's tags.
_ON_A_DEFINITION = (DESCRIBE, DELETE, *_TAG_OPERATIONS)
FOLLOWING: dict[str, dict[str, Following]] = {
    LAG: {
        **dict.fromkeys((ANY, DESCRIBE), Following((CREATE, DELETE), (DESCRIBE,))),
        **{write: Following((write,), (DESCRIBE,)) for write in (CREATE, DELETE)},
        LIST_TAGS: Following((CREATE, *_TAG_WRITES), (LIST_TAGS,)),
        **{write: Following((write,), (LIST_TAGS,)) for write in _TAG_WRITES},
    },
    UNTAGGED: {
        ANY: Following((CREATE,), _ON_A_DEFINITION),
        **{each: Following((CREATE,), (each,)) for each in _ON_A_DEFINITION},
    },
}
"""The faults that follow a definition, by the fault's `operation`. All other faults affect the next
calls."""
_FOLLOWS_NOTHING = Following((), ())

# The faults that exist only for some operations of SageMaker; ANY means any of these.
_OPERATIONS: Mapping[str, Collection[str]] = {
    _RESOURCE_UNKNOWN: (ANY, *_TAG_OPERATIONS),
    **FOLLOWING,
}

FAULTS = (*ERRORS, "hang", "cut-before", "cut-after", "not-json", "truncated", *FOLLOWING)


@dataclass
class Fault:
    """One fault, and how many more calls it affects.

    service, operation: the calls that it affects, by the API's names; "*" is any. Some faults exist
    only for some operations of SageMaker, and "*" means any of those.
    fault: one of FAULTS.
    calls: the number of calls that it affects; None means all until it is cleared. For a lag, the
    number of reads after each write. For denied-until-tagged, the number of calls of each operation
    after a create, which may be 0.
    seconds: how long a hang lasts.
    rate, seed: affect only this share of the calls, at random; the same seed, the same calls.

    Raises ValueError if a member is invalid; the message names it and the values that it may have.
    """

    service: str
    operation: str
    fault: str
    calls: int | None = 1
    seconds: float = 300.0
    rate: float = 1.0
    seed: int = 0
    _random: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"fault is {self.fault!r}; it must be one of {', '.join(FAULTS)}")
        check_names(self.service, self.operation)
        self._check_operation()
        for name, kinds, least, most in (
            ("calls", int, 0 if self.fault == UNTAGGED else 1, math.inf),
            ("seconds", (int, float), 0, MAX_SECONDS),
            ("rate", (int, float), 0, 1),
            ("seed", int, -math.inf, math.inf),
        ):
            value = getattr(self, name)
            if name == "calls" and value is None:
                continue
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise ValueError(f"{name} is {value!r}; it must be a number")
            # NaN fails both comparisons.
            if not least <= value <= most:
                limit = f"at least {least}" if most == math.inf else f"from {least} to {most}"
                raise ValueError(f"{name} is {value!r}; it must be {limit}")
        self._random = random.Random(self.seed)  # noqa: S311 - not used for a secret

    def _check_operation(self) -> None:
        known = _OPERATIONS.get(self.fault)
        if known and (self.service not in ("sagemaker", ANY) or self.operation not in known):
            names = ", ".join(sorted({*known} - {ANY}))
            raise ValueError(
                f"{self.fault} does not exist for {self.operation!r} of {self.service!r}; "
                f"service must be sagemaker, and operation one of {names}, or {ANY}"
            )

    @classmethod
    def parse(cls, document: Any) -> "Fault":
        """Return the fault that a POST's JSON describes.

        Raises ValueError if it describes none; the message is for the sender.
        """
        known = {item.name for item in fields(cls) if item.init}
        if not isinstance(document, dict):
            raise ValueError(
                f"a fault must be a JSON object with the members {', '.join(sorted(known))}"
            )
        for name in document.keys() - known:
            raise ValueError(f"unknown member {name!r}; known: {', '.join(sorted(known))}")
        missing = {"service", "operation", "fault"} - document.keys()
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise ValueError(f"{', '.join(sorted(missing))} {verb} missing")
        return cls(**document)

    def document(self) -> dict[str, Any]:
        """The fault as JSON."""
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}

    @property
    def follows(self) -> Following:
        """After which operations it affects which, if it follows a definition."""
        return FOLLOWING.get(self.fault, {}).get(self.operation, _FOLLOWS_NOTHING)

    def is_for(self, service: str, operation: str) -> bool:
        """Whether it applies to an operation of a service. service: its signing name."""
        known = _OPERATIONS.get(self.fault)
        return (
            _SIGNING_NAMES.get(self.service, self.service) in (service, ANY)
            and self.operation in (operation, ANY)
            and (known is None or operation in known)
        )

    def strikes(self) -> bool:
        """Whether it affects this call, at random if it has a rate."""
        return self.rate >= 1 or self._random.random() < self.rate
