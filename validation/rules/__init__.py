"""cfn-lint rules for model quality job definitions.

They work with stock cfn-lint: ``cfn-lint --append-rules validation/rules template.yaml``, in any
working directory, and with ``--append-rules validation.rules`` where this project is on the path.
So nothing here imports other parts of the project.

A rule looks at every resource whose type's name ends in ``::SageMaker::ModelQualityJobDefinition``,
AWS's own type or one that is registered under another name. Any other name counts if cfn-lint was
given the type's schema under it.

Ids. cfn-lint leaves the numbers from 9000 on to rules of others. Lines of a ``--custom-rules`` file
count up from 9001, cfn-lint-ax has 91, 93 and 94, cfn-lint-cfn-handler 91, and serverless-rules has
letters of its own. These have 95: 9501 to 9529 judge a definition by itself, those from 9531 on
what a definition has to do with the rest of the template. 9500 and 9530 report under ids of
cfn-lint's rules (see _own_names.py). A number is used for only one rule, in one severity, and never
again when that rule is gone. E: SageMaker refuses the definition, or every run fails. W: a run may
fail, or does something that was probably not meant.
"""

from ._attributes import (
    EndpointPrediction,
    ProbabilityInRegression,
    ThresholdRange,
    ThresholdWithoutProbability,
    TransformPrediction,
)
from ._images import AccountOfImage, RegionOfImage
from ._inputs import ExactlyOneInput, GroundTruth, OneDatasetFormat
from ._offsets import OffsetFormat, OffsetInTheFuture, WindowBackwards
from ._own_names import AttributesUnderOwnName, PropertiesUnderOwnName
from ._paths import DistinctPaths, ProcessingPath
from ._rule import Rule
from ._schedules import (
    DependenceOnDefinition,
    NameOfScheduledDefinition,
    NoTimeLimitOfHourlyJob,
    TimeLimitOfHourlyJob,
    TypeOfScheduledDefinition,
)
from ._tags import ReservedTagKey, TooManyTags

# In the order of their numbers.
RULES: tuple[type[Rule], ...] = (
    ExactlyOneInput,
    EndpointPrediction,
    TransformPrediction,
    ThresholdWithoutProbability,
    ThresholdRange,
    ProbabilityInRegression,
    OffsetFormat,
    OffsetInTheFuture,
    WindowBackwards,
    ProcessingPath,
    DistinctPaths,
    GroundTruth,
    OneDatasetFormat,
    TimeLimitOfHourlyJob,
    NoTimeLimitOfHourlyJob,
    TypeOfScheduledDefinition,
    DependenceOnDefinition,
    ReservedTagKey,
    TooManyTags,
    RegionOfImage,
    AccountOfImage,
    NameOfScheduledDefinition,
)

# What cfn-lint does itself for AWS's types. They report under its ids, and have no pages.
FOR_OWN_NAMES = (PropertiesUnderOwnName, AttributesUnderOwnName)

__all__ = ["FOR_OWN_NAMES", "RULES"]
