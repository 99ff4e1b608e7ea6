"""Monitoring schedules, and the definitions whose jobs they run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import networkx as nx

from ._functions import scalar
from ._resources import Resource, equal, part_of_arn, referenced, resources_beside
from ._rule import Finding, Rule, finding, is_definition
from ._values import Value

SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
_SIBLINGS = {
    f"AWS::SageMaker::{kind}JobDefinition": kind
    for kind in ("DataQuality", "ModelBias", "ModelExplainability")
}
# Of the expressions that SageMaker documents, those that start a job every hour: for the hour,
# "*", or an interval of one hour.
_HOURLY = re.compile(r"cron\(0 (\*|\d{1,2}/0?1) .*\)")
_MOST_SECONDS = 1800


def monitoring_type(resource_type: str) -> str | None:
    """Return a schedule's MonitoringType for a type of definitions; None for other types."""
    if is_definition(resource_type):
        return "ModelQuality"
    return _SIBLINGS.get(resource_type)


class _TimeLimitRule(Rule):
    """A rule about the time limit of model quality jobs that run every hour."""

    def looks_at(self, type_name: str) -> bool:
        """Whether resources of a type have such jobs."""
        return type_name == SCHEDULE or is_definition(type_name)

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield the mistakes in a definition that a schedule runs, or in a schedule's own job."""
        if resource.type == SCHEDULE:
            yield from self._in_schedule(resource)
        else:
            yield from self._in_definition(resource)

    def _in_definition(self, definition: Resource) -> Iterator[Finding]:
        for properties in definition.properties():
            if properties.known:
                for schedule, given in _hourly_schedules(definition, properties):
                    yield from self.judged(properties, given, f"the schedule {schedule!r}")

    def _in_schedule(self, schedule: Resource) -> Iterator[Finding]:
        for config in schedule.properties("MonitoringScheduleConfig"):
            for kind in config.get("MonitoringType"):
                # Without a type, SageMaker takes the job for one of data quality.
                if kind.value == "ModelQuality":
                    for given in _hourly(config, kind):
                        for job in config.get("MonitoringJobDefinition", given=given):
                            if job.known:
                                yield from self.judged(job, job, "this schedule")

    def judged(self, job: Value, given: Value, schedule: str) -> Iterator[Finding]:
        """Yield the mistakes in a job that an hourly schedule runs."""
        raise NotImplementedError


class TimeLimitOfHourlyJob(_TimeLimitRule):
    """A time limit of at most half an hour for a job that runs every hour."""

    id = "E9551"
    shortdesc = "A model quality job that runs every hour is limited to 1800 seconds"
    description = (
        "A run has two jobs, one after the other: one merges predictions with ground truth, the "
        "other evaluates the result. Both have to be done before the next run, and "
        "MaxRuntimeInSeconds is the limit of each. For an hourly schedule SageMaker allows 1800 "
        "seconds at most."
    )
    source_url = (
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-schedule.html"
    )
    background = """
The developer guide says that "for an hourly model quality monitoring job, the value of
MaxRuntimeInSeconds […] should be no more than 1800", and the
[API reference](https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html)
that it "can be up to 1800 seconds". SageMaker's message for more, and when it appears, are not
known. In the integration tests of AWS's SageMaker SDK, which run in accounts, a model quality job
that runs every hour [has 1800](https://github.com/aws/sagemaker-python-sdk/blob/v2.240.0/tests/integ/test_model_quality_monitor.py),
and a data quality job 3600.

A schedule is hourly if its expression has `*` or an interval of one hour for the hour, such as
`cron(0 * ? * * *)`. `NOW`, daily schedules and longer intervals are not judged, nor are schedules
that are in another stack. A schedule runs a definition that it names by `Ref`, `Fn::GetAtt`, by the
name in its ARN, or by the same `JobDefinitionName`.
"""

    def judged(self, job: Value, given: Value, schedule: str) -> Iterator[Finding]:
        """Yield a finding for each limit that is too high."""
        for limit in job.get("StoppingCondition", "MaxRuntimeInSeconds", given=given):
            seconds = _number(limit)
            if seconds is not None and seconds > _MOST_SECONDS:
                message = (
                    f"MaxRuntimeInSeconds is {seconds}, and {schedule} runs this job every hour, "
                    f"which allows {_MOST_SECONDS} at most; lower it to {_MOST_SECONDS}, or run "
                    "the job less often"
                )
                yield finding(limit, message)


class NoTimeLimitOfHourlyJob(_TimeLimitRule):
    """A time limit for a job that runs every hour."""

    id = "W9552"
    shortdesc = "A model quality job that runs every hour has a time limit"
    description = (
        "Without StoppingCondition a job may take 3600 seconds. For an hourly schedule SageMaker "
        "allows 1800 seconds at most, because a run has two jobs, one after the other."
    )
    source_url = TimeLimitOfHourlyJob.source_url
    background = """
The limit is that of [E9551](E9551.md), which also says which schedules are judged. The default is
what SageMaker shows for definitions without `StoppingCondition`
([recorded](https://github.com/go-to-k/cdk-real-drift/blob/main/tests/corpus/AWS__SageMaker__MonitoringSchedule.HuntSchedule.json)
for another kind of definition), and what the SageMaker Python SDK documents. Whether SageMaker
refuses the schedule is not known, so this is a warning.
"""

    def judged(self, job: Value, given: Value, schedule: str) -> Iterator[Finding]:
        """Yield a finding where there is no limit."""
        for stopping in job.get("StoppingCondition", given=given):
            if stopping.absent:
                message = (
                    f"StoppingCondition is missing, so this job may take 3600 seconds, and "
                    f"{schedule} runs it every hour, which allows {_MOST_SECONDS}; add "
                    f"StoppingCondition with MaxRuntimeInSeconds: {_MOST_SECONDS}"
                )
                yield finding(stopping, message)


class _ScheduleRule(Rule):
    """A rule about a schedule and the definition that it names."""

    def looks_at(self, type_name: str) -> bool:
        """Whether this is the type of schedules."""
        return type_name == SCHEDULE


class TypeOfScheduledDefinition(_ScheduleRule):
    """The monitoring type of a schedule is that of its definition."""

    id = "E9553"
    shortdesc = "A schedule's MonitoringType is that of its definition"
    description = (
        "There are four kinds of job definitions, each with names of its own. SageMaker looks for "
        "a schedule's definition among those of the schedule's MonitoringType."
    )
    source_url = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringScheduleConfig.html"
    background = """
The API reference says that `MonitoringType` is "the type of the monitoring job definition to
schedule". SageMaker's message for another type is not known.

A definition that has the same `JobDefinitionName` and is of another type is judged only if the
schedule depends on it. Otherwise the schedule may mean one in another stack, because definitions of
different types may have the same name.
"""

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield a finding for each kind of deployment in which the types differ."""
        for config, name in _named_by(resource):
            for definition in resources_beside(name, monitoring_type):
                for given in config.get("MonitoringType", given=definition.body):
                    kind = monitoring_type(definition.type)
                    differs = given.known and given.value != kind
                    if differs and self._is_meant(resource, name, given, definition):
                        message = (
                            f"MonitoringType is {given.value!r}, but {definition.logical_id!r} is "
                            f"of the type {definition.type}; write {kind!r}, or name a definition "
                            "of the type that is meant"
                        )
                        yield finding(given, message)

    @staticmethod
    def _is_meant(schedule: Resource, name: Value, given: Value, definition: Resource) -> bool:
        if referenced(name) == definition.logical_id:
            return True
        depends_on = schedule.body.value.get("DependsOn")
        explicit = depends_on if isinstance(depends_on, list) else [depends_on]
        return (
            definition.logical_id in explicit
            and any(_has_the_name(name, definition))
            and not any(
                monitoring_type(other.type) == given.value and any(_has_the_name(name, other))
                for other in resources_beside(given, monitoring_type)
            )
        )


class DependenceOnDefinition(_ScheduleRule):
    """A schedule depends on its definition."""

    id = "W9554"
    shortdesc = "A schedule depends on its definition"
    description = (
        "CloudFormation creates, updates and deletes resources in parallel, unless one depends on "
        "the other. If a schedule only repeats the name of its definition, CloudFormation may "
        "create the schedule first, which fails because there is no such definition."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html"
    background = """
A change of most properties replaces a definition. A schedule that refers to the definition is
updated in between: after the new definition was created, before the old one is deleted. A schedule
that only repeats the name is not.

`Ref` returns a definition's ARN, and the part after the slash is its name. This works for AWS's
type and for one under a name of your own, and also without a `JobDefinitionName`. `DependsOn` is
enough for this rule, but then a change of the name has to be made in both places. Names are
compared if both are texts, or are made from the same parameters.
"""

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield a finding for each definition that a schedule names without depending on it."""
        for config, name in _named_by(resource):
            for definition in resources_beside(name, monitoring_type):
                if not _depends(resource, definition):
                    kind = monitoring_type(definition.type)
                    for use in _has_the_name(name, definition):
                        for given in config.get("MonitoringType", given=use):
                            if not given.known or given.value == kind:
                                yield finding(name, _advice(definition), given=given)


class NameOfScheduledDefinition(_ScheduleRule):
    """A schedule has its definition's name."""

    id = "E9559"
    shortdesc = "A schedule has its definition's name, not its ARN"
    description = (
        "Ref of a job definition returns its ARN. MonitoringJobDefinitionName is a name, which has "
        "only letters, digits and hyphens."
    )
    source_url = TypeOfScheduledDefinition.source_url
    background = """
The name is the part of the ARN after the slash; any other part that is selected is no name either.
`Fn::GetAtt` of `JobDefinitionName` returns it only for AWS's own type, not for one under a name of
your own.
"""

    def in_resource(self, resource: Resource) -> Iterator[Finding]:
        """Yield a finding where a schedule has the ARN of a definition."""
        for _, name in _named_by(resource):
            for definition in resources_beside(name, monitoring_type):
                own = definition.logical_id
                is_whole = name.source in (
                    {"Ref": own},
                    {"Fn::GetAtt": [own, "JobDefinitionArn"]},
                    {"Fn::GetAtt": f"{own}.JobDefinitionArn"},
                )
                if is_whole or part_of_arn(name) == own:
                    part = "the ARN" if is_whole else "a part of the ARN"
                    message = (
                        f"MonitoringJobDefinitionName is {part} of {own!r}; write its name: "
                        f"{_name_of(definition)}"
                    )
                    yield finding(name, message)


def _hourly_schedules(definition: Resource, given: Value) -> Iterator[tuple[str, Value]]:
    """Yield the schedules that run a definition's job every hour, with what holds then."""
    for schedule in resources_beside(given, SCHEDULE.__eq__):
        for config, name in _named_by(schedule):
            for use in _uses(name, definition):
                for kind in config.get("MonitoringType", given=use):
                    # E9553 is about other types.
                    if not kind.known or kind.value == "ModelQuality":
                        for hourly in _hourly(config, kind):
                            yield schedule.logical_id, hourly


def _hourly(config: Value, given: Value) -> Iterator[Value]:
    for expression in config.get("ScheduleConfig", "ScheduleExpression", given=given):
        if isinstance(expression.value, str) and _HOURLY.fullmatch(expression.value):
            yield expression


def _named_by(schedule: Resource) -> Iterator[tuple[Value, Value]]:
    """Yield a schedule's configuration and what its MonitoringJobDefinitionName can be."""
    for config in schedule.properties("MonitoringScheduleConfig"):
        for name in config.get("MonitoringJobDefinitionName"):
            if not name.absent:
                yield config, name


def _uses(name: Value, definition: Resource) -> Iterator[Value]:
    """Yield what holds where a MonitoringJobDefinitionName is that of a definition."""
    if referenced(name) == definition.logical_id:
        yield name
    else:
        yield from _has_the_name(name, definition)


def _has_the_name(name: Value, definition: Resource) -> Iterator[Value]:
    for own in definition.body.written("Properties", "JobDefinitionName", given=name):
        if own.known:
            yield from equal(name, own, meaning=_compared)


def _compared(name: str) -> str:
    """Return a name as SageMaker compares it: without regard to case.

    The names of parameters that it is made from have a case.
    """
    return name if "${" in name else name.lower()


def _advice(definition: Resource) -> str:
    return (
        f"MonitoringJobDefinitionName repeats the name of {definition.logical_id!r}, but the "
        "schedule does not depend on it, so CloudFormation may create the schedule first; write "
        f"{_name_of(definition)}"
    )


def _name_of(definition: Resource) -> str:
    return f'!Select [1, !Split ["/", !Ref {definition.logical_id}]]'


def _depends(one: Resource, other: Resource) -> bool:
    named = one.body.value.get("DependsOn")
    if any("${" in str(each) for each in (named if isinstance(named, list) else [named])):
        # cfn-lint leaves the variable of Fn::ForEach in it.
        return True
    graph = one.body.holds.cfn.graph
    # Without a graph, the template is too broken to say.
    return graph is None or nx.has_path(graph.graph, one.logical_id, other.logical_id)


def _number(limit: Value) -> int | None:
    # Parameters are text, and people write numbers in quotes too.
    digits = scalar(limit.value)
    return int(digits) if digits and re.fullmatch(r"[0-9]{1,9}", digits) else None
