"""After a roll-back of the type, the older version manages what the newer one made."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness.provider import MINIMUM
from tests.harness.registry import Registry
from tests.harness.stacks import Clients, InvokedProvider, Stacks, template_of
from tools.packaging import archive

# The functions run on Python 3.12 whichever the sandbox has.
pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]

TYPE_NAME = "Acme::SageMaker::ModelQualityJobDefinition"
REGION = "us-east-1"
MODULE = TYPE_NAME.replace("::", "_").lower()
# A property that the older version does not know, and one that is of another type there.
OF_THE_NEWER_VERSION = {"Owner": "churn team", "EndpointName": {"Name": "churn"}}


def members(package: bytes) -> dict[str, bytes]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(package)) as content:
        return {name: content.read(name) for name in content.namelist()}


def replaced(text: bytes, old: str, new: str) -> bytes:
    """``text`` with the first ``old`` in it replaced by ``new``."""
    assert old.encode() in text
    return text.replace(old.encode(), new.encode(), 1)


def newer(package: Path) -> bytes:
    """The package of a version that also knows the properties above."""
    files = members(package.read_bytes())
    schema = json.loads(files["schema.json"])
    schema["properties"]["Owner"] = {"type": "string"}
    schema["properties"]["EndpointName"] = {
        "type": "object",
        "properties": {"Name": {"type": "string"}},
        "additionalProperties": False,
    }
    schema["writeOnlyProperties"].append("/properties/Owner")
    files["schema.json"] = json.dumps(schema).encode()

    code = members(files["ResourceProvider.zip"])
    for name in ("models", "translation"):
        del code[f"{MODULE}/__pycache__/{name}.cpython-312.pyc"]
    models, translation = f"{MODULE}/models.py", f"{MODULE}/translation.py"
    declared = "    JobDefinitionName: Optional[str]\n"
    code[models] = replaced(code[models], declared, f"{declared}    Owner: Optional[str]\n")
    resource_model = code[models].index(b"class ResourceModel")
    code[models] = code[models][:resource_model] + replaced(
        code[models][resource_model:],
        "    EndpointName: Optional[str]\n",
        "    EndpointName: Optional[MutableMapping[str, str]]\n",
    )
    code[translation] = replaced(code[translation], '"EndpointName")', '"EndpointName", "Owner")')
    files["ResourceProvider.zip"] = archive.pack(code)
    return archive.pack(files)


def definition(tags: dict[str, str], **more: Any) -> dict[str, Any]:
    """A template of one definition, of the registered type."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    template = template_of({**MINIMUM, "Tags": listed, **more})
    template["Resources"]["JobDefinition"]["Type"] = TYPE_NAME
    return template


def test_an_older_version_reads_lists_updates_in_tags_and_deletes_what_a_newer_one_made(
    aws: Clients, package: Callable[[str], Path], provider: InvokedProvider
) -> None:
    registry, stacks = Registry(aws, REGION), Stacks(aws)
    older_arn = registry.register(TYPE_NAME, package(TYPE_NAME).read_bytes())
    newer_arn = registry.register(TYPE_NAME, newer(package(TYPE_NAME)))
    registry.api.set_type_default_version(Arn=newer_arn)
    kept, changed = (
        stacks.create(definition({"a": "1"}, **OF_THE_NEWER_VERSION)) for _ in range(2)
    )

    registry.api.set_type_default_version(Arn=older_arn)
    for stack in (kept, changed):
        # As CloudFormation passes on what the template has. The sandbox's own function has the
        # code of the older version, under another name.
        asked = {**MINIMUM, **OF_THE_NEWER_VERSION, "JobDefinitionArn": stack.physical_id()}
        read = provider("READ", asked)
        assert read["status"] == "SUCCESS"
        assert read["resourceModel"]["Tags"] == [{"Key": "a", "Value": "1"}]
    listed = provider("LIST", {"EndpointName": "churn", "Owner": {"of": "any type"}})
    arns = {model["JobDefinitionArn"] for model in listed["resourceModels"]}
    assert {kept.physical_id(), changed.physical_id()} <= arns

    before = changed.physical_id()
    changed.update(definition({"a": "2", "b": "3"}))
    assert changed.physical_id() == before
    live = aws.sagemaker.list_tags(ResourceArn=before)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in live} == {"a": "2", "b": "3"}

    for stack in (kept, changed):
        arn = stack.physical_id()
        stack.delete()
        assert provider("READ", {"JobDefinitionArn": arn})["errorCode"] == "NotFound"
    for arn in (newer_arn, older_arn):
        registry.api.deregister_type(Arn=arn)
