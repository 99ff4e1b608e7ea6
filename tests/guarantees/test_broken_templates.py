"""Broken templates through CloudFormation: each gets words that help, and leaves nothing.

One for each constraint of the service model, applied to a whole resource of each kind; one for each
property misspelt; and those that people write, picked by hand. All are deployed at once, by some
clients at a time, and then looked at one by one.
"""

import copy
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.json_service.models import service_model
from tests.harness.provider import MINIMUM
from tests.harness.sagemaker import EVERYTHING
from tests.harness.sagemaker_mutations import mutations
from tests.harness.sandboxes import running_sandbox
from tests.harness.stacks import Clients, Stack, description_of, everything, inventory, template_of

# Long, and the same on every Python.
pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]

CLIENTS = 8
POLL_SECONDS = 0.1
TIME_LIMIT_SECONDS = 120
ENVIRONMENT = "ModelQualityAppSpecification/Environment"
KINDS = ("EndpointInput", "BatchTransformInput")
SHAPE = service_model("sagemaker").operation_model("CreateModelQualityJobDefinition").input_shape
ABSENT = "absent"
Json = Any


@dataclass(frozen=True)
class Case:
    """A broken template, and what has to stand in the reason for its failure (patterns)."""

    name: str
    template: Json
    expected: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    options: tuple[tuple[str, Json], ...] = ()
    #: The place of a scalar in another type. CloudFormation converts it, and if it then is allowed,
    #: the template is not broken.
    converted: tuple[Any, ...] = ()


@dataclass
class Outcome:
    """What came of a template: refused at once, or a stack with its events, and its end."""

    refusal: str | None = None
    status: str = ""
    reasons: str = ""
    log: str = ""
    description: Json = None
    deleted: str = ""

    @property
    def said(self) -> str:
        """What the user reads."""
        return self.refusal or self.reasons


# --- one thing wrong for each constraint ----------------------------------------------------------


def difference(whole: Json, broken: Json, path: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """The path of the one value in which two documents differ, and that value."""
    if isinstance(whole, dict) and isinstance(broken, dict) and path[-1:] != ("Environment",):
        for name in whole:
            if name not in broken:
                return (*path, name, ABSENT)
            if json.dumps(whole[name]) != json.dumps(broken[name]):
                return difference(whole[name], broken[name], (*path, name))
    if isinstance(whole, list) and isinstance(broken, list) and len(whole) == len(broken):
        for index, (one, other) in enumerate(zip(whole, broken, strict=True)):
            if json.dumps(one) != json.dumps(other):
                return difference(one, other, (*path, index))
    return (*path, broken)


def of_constraints() -> Iterator[Case]:
    """Each constraint broken once, in a resource of each kind that has the property."""
    for mutation in mutations(SHAPE, EVERYTHING):
        if mutation.name == "missing jobDefinitionName":
            continue  # a template without it gets a generated name
        *path, value = difference(EVERYTHING, mutation.request)
        for kind in KINDS:
            [other] = {*KINDS} - {kind}
            if other in path:
                continue
            properties = copy.deepcopy(mutation.request)
            job_input = properties.get("ModelQualityJobInput")
            if isinstance(job_input, dict):
                job_input.pop(other, None)
                as_template(job_input.get(kind))
            if "JobDefinitionName" not in path:
                # Some deploy: each needs its own name.
                del properties["JobDefinitionName"]
            secret = "Environment" in path or path[-1] == "ModelQualityAppSpecification"
            yield Case(
                f"{mutation.name} ({kind})",
                template_of(properties),
                (named(path), *shown(value, secret=secret)),
                secrets=tuple(long_values(value)) if secret else (),
                converted=(*path, value) if mutation.path is None and is_scalar(value) else (),
            )


def is_scalar(value: Json) -> bool:
    """Whether a value is one, or holds one that is of another type than text."""
    if isinstance(value, dict):
        return all(is_scalar(item) and not isinstance(item, str) for item in value.values())
    if isinstance(value, list):
        return all(is_scalar(item) and not isinstance(item, str) for item in value)
    return True


def long_values(variables: Json) -> Iterator[str]:
    """The values of an Environment that are too long to be there by chance."""
    for value in variables.values() if isinstance(variables, dict) else ():
        if len(str(value)) > 3:
            yield str(value)


def as_template(batch_input: Json) -> None:
    """Parquet is an object in the API, and a boolean in a template."""
    formats = batch_input.get("DatasetFormat") if isinstance(batch_input, dict) else None
    if isinstance(formats, dict) and formats.get("Parquet") == {}:
        formats["Parquet"] = True


def named(path: list[Any]) -> str:
    """A pattern for the property's name; SageMaker's messages begin it in lower case."""
    name = next(part for part in reversed(path) if isinstance(part, str))
    return f"(?i:{re.escape(name)})"


def shown(value: Json, *, secret: bool) -> Iterator[str]:
    """Patterns for a value, as far as it can be told in a line."""
    if value is ABSENT or secret:
        return
    if isinstance(value, str):
        yield re.escape(value[:200])
    elif isinstance(value, dict):
        yield re.escape(json.dumps(value)[:200])
    elif isinstance(value, list):
        # The item that is wrong, or how many there are.
        item = value[0] if value and isinstance(value[0], str) else json.dumps(value[:1])
        yield f"found: {len(value)}|{re.escape(item[:200])}"
    else:
        yield re.escape(json.dumps(value))


# --- each property misspelt -----------------------------------------------------------------------


def of_misspellings() -> Iterator[Case]:
    """Each property of a whole resource with a letter less in its name."""
    for kind in KINDS:
        for path in property_paths(whole(kind)):
            properties = whole(kind)
            holder = properties
            for part in path[:-1]:
                holder = holder[part]
            misspelt = path[-1][:-2] + path[-1][-1]
            holder[misspelt] = holder.pop(path[-1])
            where = re.escape("/".join(("#", *map(str, path[:-1]))))
            yield Case(
                f"misspelt {'/'.join(map(str, path))} ({kind})",
                template_of(properties),
                (rf"{where}: extraneous key \[{misspelt}\] is not permitted",),
            )


def property_paths(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all properties; a variable of Environment may have any name."""
    if path[-1:] == ("Environment",):
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name)
            yield from property_paths(member, (*path, name))
    elif isinstance(value, list) and value:
        yield from property_paths(value[0], (*path, 0))


# --- what people write ----------------------------------------------------------------------------

HANDPICKED = yaml.safe_load(Path(__file__).with_name("broken_templates.yaml").read_text("utf-8"))
DATASET_FORMAT = "ModelQualityJobInput/BatchTransformInput/DatasetFormat"
SECRET = "correct-horse-battery-staple"


def of_hand() -> Iterator[Case]:
    """The ones in broken_templates.yaml, and those with too many of something."""
    for each in HANDPICKED["properties"]:
        template = template_of(with_value(each["path"], each["value"]))
        yield Case(each["name"], template, tuple(each["reason"]), secrets=(SECRET,))
    for each in HANDPICKED["batch_formats"]:
        template = template_of(
            with_value(DATASET_FORMAT, each["value"], whole("BatchTransformInput"))
        )
        yield Case(each["name"], template, tuple(each["reason"]))
    for each in HANDPICKED["templates"]:
        yield Case(each["name"], each["template"], tuple(each["reason"]))

    variables = with_value(ENVIRONMENT, {f"V{number}": SECRET for number in range(51)})
    yield Case("51 variables", template_of(variables), (r"#/\S+/Environment", r"\[51\]"), (SECRET,))
    value = with_value(ENVIRONMENT, {"TOKEN": SECRET * 10})
    yield Case("a long value", template_of(value), ("Environment/TOKEN", "actual: 280"), (SECRET,))
    for inside in (json.dumps({"Environment": {"TOKEN": SECRET}}), [{"TOKEN": SECRET}]):
        template = template_of(with_value("ModelQualityAppSpecification", inside))
        yield Case(
            f"{type(inside).__name__} in place of what has variables",
            template,
            ("#/ModelQualityAppSpecification",),
            (SECRET,),
        )
    own = [{"Key": f"own{number}", "Value": "v"} for number in range(30)]
    of_stack = [{"Key": f"stack{number}", "Value": "v"} for number in range(30)]
    yield Case(
        "60 tags, of which half are the stack's",
        template_of(with_value("Tags", own)),
        ("60 tags are desired", "at most 50", "Remove 10 of them"),
        options=(("Tags", of_stack),),
    )


def with_value(path: str, value: Json, base: Json = MINIMUM) -> Json:
    """The least properties, with a value at a path of names separated by slashes."""
    properties = copy.deepcopy(base)
    *steps, last = path.split("/")
    holder = properties
    for step in steps:
        holder = holder.setdefault(step, {})
    holder[last] = value
    return properties


def whole(kind: str) -> Json:
    """All properties with that input alone, but for the name: each stack needs its own."""
    properties = everything(kind)
    del properties["JobDefinitionName"]
    return properties


# No colons in the names: two of them end a module's name to pytest-xdist, which would then have
# each of its processes deploy them all.
CASES = {
    re.sub(r"\W+", "-", f"{number} {case.name[:90]}"): case
    for number, case in enumerate([*of_hand(), *of_misspellings(), *of_constraints()])
}


# --- deploying them -------------------------------------------------------------------------------


def deployed(aws: Clients, number: int, case: Case) -> Outcome:
    """What comes of a template; the stack stays, rolled back."""
    template = case.template if isinstance(case.template, str) else json.dumps(case.template)
    try:
        answer = aws.cloudformation.create_stack(
            StackName=f"broken-{number}", TemplateBody=template, **dict(case.options)
        )
    except ClientError as error:
        return Outcome(refusal=f"{error.response['Error']['Code']}: {error}")
    stack = Stack(aws, answer["StackId"])
    status = at_rest(stack)
    events = stack.events()
    outcome = Outcome(status=status, log=stack.log())
    outcome.reasons = "\n".join(
        event.get("ResourceStatusReason", "")
        for event in events
        if event["ResourceStatus"] == "CREATE_FAILED" or event["LogicalResourceId"] == stack.name
    )
    if any(event.get("DetailedStatus") == "VALIDATION_FAILED" for event in events):
        outcome.reasons += f"\n{stack.invalid()}"
    if status == "CREATE_COMPLETE":
        arn = stack.physical_id()
        outcome.description = description_of(aws, arn)
        aws.cloudformation.delete_stack(StackName=stack.id)
        outcome.deleted = at_rest(stack)
    return outcome


def at_rest(stack: Stack) -> str:
    """The status of a stack once nothing is under way."""
    until = time.monotonic() + TIME_LIMIT_SECONDS
    while (status := stack.status).endswith("_IN_PROGRESS"):
        assert time.monotonic() < until, stack.log()
        time.sleep(POLL_SECONDS)
    return status


@dataclass
class Run:
    """What came of all templates, and what there was before and afterwards."""

    outcomes: dict[str, Outcome]
    before: Json
    after: Json
    seconds: float


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """All templates deployed, by some clients at a time."""
    with running_sandbox() as url, ThreadPoolExecutor(CLIENTS) as pool:
        aws = Clients(url)
        before = inventory(aws)
        assert aws.cloudformation
        started = time.monotonic()
        made = pool.map(lambda item: deployed(aws, *item), enumerate(CASES.values()))
        outcomes = dict(zip(CASES, made, strict=True))
        # The stacks that were rolled back are still there: they are to have nothing.
        yield Run(outcomes, before, inventory(aws), time.monotonic() - started)


@pytest.mark.parametrize("name", CASES)
def test_a_broken_template_gets_a_reason_that_names_what_is_wrong(run: Run, name: str) -> None:
    case, outcome = CASES[name], run.outcomes[name]
    if outcome.status == "CREATE_COMPLETE":
        assert case.converted, outcome.log
        assert_converted(outcome.description, *case.converted)
        assert outcome.deleted == "DELETE_COMPLETE"
        return
    if outcome.refusal is None:
        assert outcome.status == "ROLLBACK_COMPLETE", outcome.log
    for pattern in case.expected:
        assert re.search(pattern, outcome.said), f"{pattern} is not in: {outcome.said}"
    for secret in case.secrets:
        assert secret not in outcome.said + outcome.log
    assert "Traceback" not in outcome.log
    assert "Internal Failure" not in outcome.log
    assert "InternalFailure" not in outcome.said


def assert_converted(description: Json, *path_and_value: Any) -> None:
    *path, written = path_and_value
    if path[0] == "Tags":
        return  # which are not in a description
    held = description
    for part in path:
        held = held[part]
    assert json.dumps(held) != json.dumps(written)
    assert json.dumps(held).replace('"', "") == json.dumps(written).replace('"', "")


def test_the_broken_templates_leave_nothing(run: Run, record_property: Any) -> None:
    assert run.after == run.before
    refused = sum(outcome.refusal is not None for outcome in run.outcomes.values())
    deployed_anyway = sum(o.status == "CREATE_COMPLETE" for o in run.outcomes.values())
    lines = [
        f"{len(CASES):6} templates in {run.seconds:.0f} s",
        f"{refused:6} refused by CreateStack",
        f"{len(CASES) - refused - deployed_anyway:6} rolled back",
        f"{deployed_anyway:6} deployed: a scalar in another type, which CloudFormation converts",
    ]
    record_property("table", "\n".join(lines))
