"""The page of what the sandbox has is true of the sandbox."""

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import botocore
import pytest
from botocore.exceptions import ClientError

from sandbox.moto_client import moto_client
from tests.harness.cloudformation import Stacks, running
from tools import coverage_page as coverage

pytestmark = pytest.mark.once

# Those of the sandbox itself are answered in front of moto; their own tests call them.
OF_MOTO = [name for name in coverage.SERVICES if name not in ("account", "cloudcontrol")]
SIMPLE: dict[str, Callable[[Any], Any]] = {
    "blob": lambda _: b"a",
    "boolean": lambda _: False,
    "double": lambda _: 1.0,
    "float": lambda _: 1.0,
    "integer": lambda shape: shape.metadata.get("min", 1),
    "long": lambda shape: shape.metadata.get("min", 1),
    "map": lambda _: {},
    "string": lambda shape: (shape.enum or ["a" * shape.metadata.get("min", 1)])[0],
    "timestamp": lambda _: dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc),
}


def least(shape: Any) -> Any:
    """Return the least that a shape allows: required members, one item."""
    if shape.type_name == "structure":
        return {name: least(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [least(shape.member)] * max(1, shape.metadata.get("min", 1))
    return SIMPLE[shape.type_name](shape)


def is_implemented(service: str, operation: str) -> bool:
    client = moto_client(service, coverage.PLACE)
    shape = client.meta.service_model.operation_model(operation).input_shape
    try:
        getattr(client, botocore.xform_name(operation))(**(least(shape) if shape else {}))
    except NotImplementedError:
        return False
    except ClientError as error:
        return "not yet implemented" not in str(error).lower()
    except Exception:  # noqa: BLE001 - moto has the operation, and stumbles over these values
        return True
    return True


def test_each_type_of_the_page_is_found_by_a_sandbox() -> None:
    listed = set(re.findall(r"^\| `(AWS\S+)`", coverage.page(), re.MULTILINE))
    assert listed == coverage.types().keys()
    assert {"AWS::CloudWatch::Alarm", "AWS::SageMaker::MonitoringSchedule"} < listed
    with running() as sandbox:
        # These come with SageMaker's service, which this sandbox does not have.
        of_sagemaker = {name for name in listed if name.endswith(("JobDefinition", "Schedule"))}
        types = sorted(listed - of_sagemaker)
        body = json.dumps({"Resources": {f"R{n}": {"Type": t} for n, t in enumerate(types)}})
        sandbox.client().validate_template(TemplateBody=body)


def test_each_type_of_the_page_can_be_deleted() -> None:
    kept = {name for name, kind in coverage.types().items() if not kind.can_delete}
    assert kept == set()


def test_a_type_that_is_not_on_the_page_is_refused_with_a_hint_at_the_page(stacks: Stacks) -> None:
    assert "AWS::Athena::WorkGroup" not in coverage.types()
    body = json.dumps({"Resources": {"A": {"Type": "AWS::Athena::WorkGroup"}}})
    with pytest.raises(ClientError, match=re.escape(str(coverage.PAGE))):
        stacks.client().validate_template(TemplateBody=body)


@pytest.mark.parametrize("service", [name for name in OF_MOTO if name != "cloudformation"])
def test_each_operation_of_the_page_is_implemented(service: str) -> None:
    own = set(coverage._own(service))
    # The others are found in the same way, and would take some seconds more.
    reading = ("Describe", "Get", "List")
    listed = {name for name in coverage.operations(service) if name.startswith(reading)} - own
    assert listed
    assert {name for name in listed if not is_implemented(service, name)} == set()


def test_an_operation_that_moto_lacks_is_not_on_the_page() -> None:
    assert not is_implemented("cloudwatch", "PutCompositeAlarm")
    assert "PutCompositeAlarm" not in coverage.operations("cloudwatch")
    assert "PutMetricAlarm" in coverage.operations("cloudwatch")


def test_the_operations_of_the_sandbox_s_own_services_are_on_the_page() -> None:
    assert {"ListRegions", "GetRegionOptStatus"} < set(coverage.operations("account"))
    assert "CreateResource" in coverage.operations("cloudcontrol")
    assert "ListDataQualityJobDefinitions" in coverage.operations("sagemaker")
    assert "ExecuteChangeSet" in coverage.operations("cloudformation")
    assert "### SageMaker\n" in coverage.page()


@pytest.fixture
def stacks() -> Any:
    with running() as sandbox:
        yield sandbox
