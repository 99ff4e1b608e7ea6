"""Every type that moto models: what a stack creates is gone from the service after its delete."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import jmespath
import pytest
from botocore.exceptions import ClientError
from moto.cloudformation.parsing import get_model_map

from tests.harness.cloudformation import Stacks, running
from tests.harness.moto_samples import SAMPLES, SUBJECT, Look, Sample

# What moto's models do does not depend on the Python that runs them.
pytestmark = pytest.mark.once

NO_TYPES = {
    "?": "the model of custom resources, which have names of their own",
    "AWS::CloudFormation::Stack": "a nested stack, which the sandbox implements itself",
    "AWS::SERVICE::RESOURCE": "moto's example of a type name",
}
"""What is in moto's map and no sample can be of, and why."""

ELSEWHERE = {"Elsewhere": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
"""A stack needs a resource."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Stacks]:
    """One sandbox for all samples, with the object that a layer is made of."""
    with running() as stacks:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("layer.py", "")
        s3 = stacks.client("s3")
        s3.create_bucket(Bucket="layers")
        s3.put_object(Bucket="layers", Key="layer.zip", Body=packed.getvalue())
        yield stacks


def test_every_type_of_motos_has_a_sample_or_a_reason_why_not() -> None:
    assert SAMPLES.keys() | NO_TYPES.keys() == get_model_map().keys()


@pytest.mark.parametrize("type_name", SAMPLES)
def test_a_deleted_resource_is_gone_and_its_name_is_free(sandbox: Stacks, type_name: str) -> None:
    sample = SAMPLES[type_name]
    name = type_name.replace("::", "-")
    needed = {**ELSEWHERE, **sample.around}
    whole = {**needed, SUBJECT: _subject(type_name, sample)}
    capabilities = ["CAPABILITY_NAMED_IAM"]

    sandbox.create(whole, name, Capabilities=capabilities)
    _succeeded(sandbox, name, "CREATE_COMPLETE")
    ids = _physical_ids(sandbox, name)
    assert sample.unseen or _is_there(sandbox, sample.look, ids)

    sandbox.update(needed, name, Capabilities=capabilities)
    _succeeded(sandbox, name, "UPDATE_COMPLETE")
    assert sandbox.statuses(name, SUBJECT)[-1] == "DELETE_COMPLETE"
    assert not _is_there(sandbox, sample.look, ids)

    sandbox.update(whole, name, Capabilities=capabilities)
    _succeeded(sandbox, name, "UPDATE_COMPLETE")
    ids = _physical_ids(sandbox, name)
    assert sample.unseen or _is_there(sandbox, sample.look, ids)

    stack_id = sandbox.describe(name)["StackId"]
    sandbox.delete(name)
    _succeeded(sandbox, stack_id, "DELETE_COMPLETE")
    assert not _is_there(sandbox, sample.look, ids)


def _subject(type_name: str, sample: Sample) -> dict[str, Any]:
    attributes = {"DependsOn": sample.needs} if sample.needs else {}
    return {"Type": type_name, "Properties": sample.properties, **attributes}


def _succeeded(sandbox: Stacks, stack: str, status: str) -> None:
    """Check the stack's status, and that no resource failed or was skipped on the way."""
    unwanted = [
        (event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason"))
        for event in sandbox.events(stack)
        if event["ResourceStatus"].endswith(("_FAILED", "_SKIPPED"))
    ]
    assert not unwanted
    assert sandbox.describe(stack)["StackStatus"] == status


def _physical_ids(sandbox: Stacks, stack: str) -> dict[str, str]:
    described = sandbox.client().describe_stack_resources(StackName=stack)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in described}


def _is_there(sandbox: Stacks, look: Look, ids: dict[str, str]) -> bool:
    """Whether the service shows the resource. An error of the service means that it does not."""
    operation = getattr(sandbox.client(look.service), look.operation)
    try:
        answer = operation(**_filled(dict(look.request), ids))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise
        return False
    return bool(jmespath.search(_filled(look.query, ids), answer))


def _filled(value: Any, ids: dict[str, str]) -> Any:
    """The value with each `$Name` replaced by the physical id of the resource."""
    if isinstance(value, str):
        for name, physical_id in ids.items():
            value = value.replace(f"${name}", physical_id)
        return value
    if isinstance(value, list):
        return [_filled(item, ids) for item in value]
    if isinstance(value, dict):
        return {key: _filled(member, ids) for key, member in value.items()}
    return value
