"""SageMaker's image: which region a template is for, and which accounts have the image."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from project import ROOT
from project.environment import prepare
from tests.harness.monitored import IMAGE, definition, schedule, template
from validation.lint import lint
from validation.rules._images import ACCOUNTS, TABLE

pytestmark = pytest.mark.once

REPOSITORY = "sagemaker-model-monitor-analyzer"
IRELAND = f"468650794304.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}"
IN_REGION = {"Fn::Sub": f"156813124566.dkr.ecr.${{AWS::Region}}.amazonaws.com/{REPOSITORY}"}
KEY = "arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def found(region: str = "us-east-1", **sections: dict[str, Any]) -> list[str]:
    return [each.message for each in lint(template(**sections), region)]


def ids(region: str = "us-east-1", **sections: dict[str, Any]) -> list[str]:
    return [each.rule.id for each in lint(template(**sections), region)]


def with_key(image: Any, key: Any) -> dict[str, Any]:
    return definition(image=image, JobResources={"ClusterConfig": {"VolumeKmsKeyId": key}})


def model(image: Any) -> dict[str, Any]:
    containers = [{"Image": image}]
    return {"Type": "AWS::SageMaker::Model", "Properties": {"Containers": containers}}


def test_the_accounts_are_those_of_the_sagemaker_sdk() -> None:
    sdk = prepare("sagemaker-sdk").parent
    pattern = "lib/*/site-packages/sagemaker/image_uri_config/model-monitor.json"
    [theirs] = sdk.glob(pattern)
    assert json.loads(TABLE.read_text("utf-8")) == json.loads(theirs.read_text("utf-8")), (
        f"Update the accounts: cp {theirs.relative_to(ROOT)} {TABLE.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("region", ACCOUNTS)
@pytest.mark.parametrize("suffix", ["", ":latest", "@sha256:0123"])
def test_sagemakers_image_of_any_region_is_sound(region: str, suffix: str) -> None:
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    image = f"{ACCOUNTS[region]}.dkr.ecr.{region}.{domain}/{REPOSITORY}{suffix}"
    assert ids(Quality=definition(image=image)) == []


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (f"210987654321.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}:1", ["W9558"]),
        (f"468650794304.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}", ["E9557"]),
        ({"Fn::Sub": f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.x/{REPOSITORY}:1"}, ["W9558"]),
        ({"Fn::Join": [".", [{"Ref": "AWS::AccountId"}, f"dkr.x/{REPOSITORY}"]]}, ["W9558"]),
        # Nobody knows SageMaker's account there.
        (f"210987654321.dkr.ecr.moon-north-1.amazonaws.com/{REPOSITORY}", []),
        # The accounts of AWS's documentation.
        (f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}", []),
        (f"111122223333.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}", []),
        # Images of one's own.
        ("210987654321.dkr.ecr.us-east-1.amazonaws.com/own-analyzer", []),
        (f"210987654321.dkr.ecr.us-east-1.amazonaws.com/own/{REPOSITORY}", []),
        ({"Fn::Sub": f"${{AWS::AccountId}}.dkr.ecr.us-east-1.x/own/{REPOSITORY}"}, []),
        ({"Ref": "Image"}, []),
        ({"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/own-analyzer"}, []),
        ({"Fn::Sub": f"${{Image}}.dkr.ecr.${{AWS::Region}}.amazonaws.com/{REPOSITORY}"}, []),
    ],
    ids=str,
)
def test_only_an_account_that_cannot_be_sagemakers_is_found(
    image: Any, expected: list[str]
) -> None:
    parameters = {"Image": {"Type": "String"}}
    own_name = "YourOrg::SageMaker::ModelQualityJobDefinition"
    other = {**definition(image=image), "Type": own_name}
    assert ids(Parameters=parameters, Quality=definition(image=image)) == expected
    assert ids(Parameters=parameters, Quality=other) == expected


def test_the_account_of_the_stacks_region_stays_and_the_registry_is_to_change() -> None:
    image = f"468650794304.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}"
    [message] = found("eu-west-1", Quality=definition(image=image))
    assert message.endswith(f"SageMaker's account in eu-west-1; write {IRELAND}")
    [message] = found("eu-west-2", Quality=definition(image=image))
    assert message.endswith("; write 156813124566, SageMaker's account in us-east-1")


def test_a_key_and_images_of_sagemaker_are_of_the_stacks_region() -> None:
    assert ids(Quality=with_key(IMAGE, KEY)) == ["E9557"]
    assert ids(Quality=with_key(IRELAND, KEY)) == []
    assert ids(Quality=with_key(IMAGE, KEY.replace("210987654321", "111122223333"))) == []
    assert ids(Quality=with_key(IMAGE, {"Ref": "Key"})) == []
    own = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/model:7"
    assert ids(Model=model(own), Quality=definition(image=IMAGE)) == ["E9557"]
    assert ids(Model=model(own), Quality=definition(image=IRELAND)) == []
    # A role, a bucket and an output's key say nothing: they may be in any region.
    output = {"KmsKeyId": KEY, "MonitoringOutputs": []}
    assert ids(Quality=definition(image=IMAGE, ModelQualityJobOutputConfig=output)) == []


def test_of_two_images_of_different_regions_the_second_is_found() -> None:
    [message] = found(First=definition(image=IRELAND), Second=definition(image=IMAGE))
    assert message == (
        f"'{IMAGE}' is an image of us-east-1, but the ImageUri of 'First' is of eu-west-1; write "
        f"{IRELAND}"
    )
    job = schedule()
    config = job["Properties"]["MonitoringScheduleConfig"]
    del config["MonitoringJobDefinitionName"]
    config["MonitoringJobDefinition"] = {"MonitoringAppSpecification": {"ImageUri": IMAGE}}
    config["ScheduleConfig"]["ScheduleExpression"] = "NOW"
    assert ids(First=definition(image=IRELAND), Schedule=job) == ["E9557"]


def test_images_of_regions_that_exclude_each_other_are_sound() -> None:
    conditions = {
        "InIreland": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Elsewhere": {"Fn::Not": [{"Condition": "InIreland"}]},
    }
    ireland = {**definition(image=IRELAND), "Condition": "InIreland"}
    virginia = {**definition(image=IMAGE), "Condition": "Elsewhere"}
    assert ids(Conditions=conditions, First=ireland, Second=virginia) == []
    in_virginia = {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    two_regions = {**conditions, "Elsewhere": in_virginia}
    assert ids(Conditions=two_regions, First=ireland, Second=virginia) == []
    either = definition(image={"Fn::If": ["InIreland", IRELAND, IMAGE]})
    assert ids(Conditions=conditions, Quality=either) == []
    other_way_round = definition(image={"Fn::If": ["InIreland", IMAGE, IRELAND]})
    messages = found(Conditions=conditions, Quality=other_way_round)
    assert [each.partition("; ")[0] for each in messages] == [
        f"'{IMAGE}' is an image of us-east-1, but its conditions are true only in eu-west-1",
        f"'{IRELAND}' is an image of eu-west-1, but its conditions exclude that region",
    ]


@pytest.mark.parametrize(
    "image",
    [
        {"Ref": "Image"},
        {"Fn::Sub": "468650794304.dkr.ecr.eu-west-1.amazonaws.com/${Repository}"},
        {"Fn::Join": ["/", ["468650794304.dkr.ecr.eu-west-1.amazonaws.com", REPOSITORY]]},
        {"Fn::FindInMap": ["Images", "production", "Value"]},
    ],
    ids=json.dumps,
)
def test_an_image_that_cfn_lint_resolves_may_be_of_any_region(image: Any) -> None:
    parameters = {
        "Image": {"Type": "String", "Default": IRELAND},
        "Repository": {"Type": "String", "Default": REPOSITORY},
    }
    mappings = {"Images": {"production": {"Value": IRELAND}}}
    quality = definition(image=image)
    assert ids(Parameters=parameters, Mappings=mappings, Quality=quality) == []
    elsewhere = ids("us-west-2", Parameters=parameters, Mappings=mappings, Quality=quality)
    assert elsewhere == ["E9557"]


def test_regions_that_cfn_lint_is_given_are_those_of_the_stack() -> None:
    assert ids("us-east-1", Quality=definition(image=IRELAND)) == []
    assert ids("eu-west-1", Quality=definition(image=IRELAND)) == []
    [message] = found("eu-west-1", Quality=definition(image=IMAGE))
    assert message == (
        f"'{IMAGE}' is an image of us-east-1, but the template is linted for eu-west-1; write "
        f"{IRELAND}"
    )
    assert ids("eu-west-1,us-east-1", Quality=definition(image=IMAGE)) == ["E9557"]


def test_an_image_of_the_stacks_region_is_judged_where_cfn_lint_is_given_regions() -> None:
    assert ids(Quality=definition(image=IN_REGION)) == []
    assert ids("us-east-1", Quality=definition(image=IN_REGION)) == []
    assert ids("eu-west-1", Quality=definition(image=IN_REGION)) == ["E9557"]


@pytest.mark.parametrize(
    ("levels", "by_region"),
    [
        (["Images", {"Ref": "AWS::Region"}, "Value"], lambda name: {name: {"Value": IMAGE}}),
        (["Images", "Value", {"Ref": "AWS::Region"}], lambda name: {"Value": {name: IMAGE}}),
        (["Images", {"Fn::Sub": "${AWS::Region}"}, "Value"], lambda name: {name: {"Value": IMAGE}}),
    ],
    ids=["first level", "second level", "in a Fn::Sub"],
)
def test_the_region_that_an_image_is_looked_up_by_is_the_stacks(
    levels: list[Any], by_region: Callable[[str], Any]
) -> None:
    quality = definition(image={"Fn::FindInMap": levels})
    assert ids(Mappings={"Images": by_region("us-east-1")}, Quality=quality) == []
    [message] = found(Mappings={"Images": by_region("eu-west-1")}, Quality=quality)
    assert message == (
        f"'{IMAGE}' is an image of us-east-1, but is used in eu-west-1; write {IRELAND}"
    )


def test_account_and_region_of_an_image_are_of_the_same_value_of_a_parameter() -> None:
    uri = f"${{Account}}.dkr.ecr.${{Region}}.amazonaws.com/{REPOSITORY}"
    account = {"Fn::FindInMap": ["Accounts", {"Ref": "Region"}, "Value"]}
    accounts = {"us-east-1": {"Value": "156813124566"}, "eu-west-1": {"Value": "468650794304"}}
    sections: dict[str, Any] = {
        "Parameters": {"Region": {"Type": "String", "AllowedValues": ["us-east-1", "eu-west-1"]}},
        "Quality": definition(image={"Fn::Sub": [uri, {"Account": account}]}),
    }
    assert ids(Mappings={"Accounts": accounts}, **sections) == []
    accounts["eu-west-1"] = accounts["us-east-1"]
    [message] = found(Mappings={"Accounts": accounts}, **sections)
    assert message.endswith(" (if the parameter 'Region' is 'eu-west-1')")


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ({"us-east-1": "156813124566", "eu-west-1": "468650794304"}, "account"),
        ({"us-east-1": IMAGE, "eu-west-1": IRELAND}, "whole"),
    ],
    ids=["account", "whole"],
)
def test_each_region_of_a_mapping_is_judged_by_itself(values: dict[str, str], image: str) -> None:
    looked_up = {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "Value"]}
    uri = f"${{Account}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{REPOSITORY}"
    written = looked_up if image == "whole" else {"Fn::Sub": [uri, {"Account": looked_up}]}
    quality = definition(image=written)

    def judged(values: dict[str, str]) -> list[str]:
        mapping = {region: {"Value": value} for region, value in values.items()}
        return ids(Mappings={"Images": mapping}, Quality=quality)

    assert judged(values) == []
    assert judged({**values, "eu-west-1": values["us-east-1"]}) == ["E9557"]
    # Regions without a known account, and keys that are no regions.
    assert judged({**values, "ca-west-1": "210987654321", "default": "210987654321"}) == []
