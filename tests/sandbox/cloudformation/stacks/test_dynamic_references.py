"""Dynamic references in stacks: handlers receive values, and everything else shows references."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.harness.cloudformation import Event, Stacks, failed, in_progress, thing

VALUE = "s3cr3t-val"
SECRET = "{{resolve:secretsmanager:demo/token:SecretString:token}}"
SIZE = "{{resolve:ssm:/demo/size}}"


@pytest.fixture(autouse=True)
def _stored(stacks: Stacks) -> None:
    put(stacks, "/demo/size", "3")
    stacks.client("secretsmanager").create_secret(
        Name="demo/token", SecretString=json.dumps({"token": VALUE, "port": 5432, "on": True})
    )


def put(stacks: Stacks, name: str, value: str, kind: str = "String") -> None:
    stacks.client("ssm").put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)


def rotate(stacks: Stacks, value: str) -> None:
    stacks.client("secretsmanager").put_secret_value(
        SecretId="demo/token", SecretString=json.dumps({"token": value})
    )


def refusal(stacks: Stacks, properties: Any, **more: Any) -> str:
    with pytest.raises(ClientError) as refused:
        stacks.create({"Thing": thing(properties)}, **more)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    return str(refused.value.response["Error"]["Message"])


def test_a_handler_receives_the_values_in_the_types_of_the_schema(stacks: Stacks) -> None:
    put(stacks, "/demo/kind", "cog")
    stacks.create(
        {
            "Thing": thing(
                {
                    "Size": SIZE,
                    "Open": "{{resolve:secretsmanager:demo/token:SecretString:on}}",
                    "Parts": [{"Kind": "{{resolve:ssm:/demo/kind:1}}", "Count": SIZE}],
                    "Environment": {
                        "A": {"Fn::Sub": f"a{SIZE}-{{{{resolve:ssm:/demo/${{What}}}}}}"},
                        "B": {"Fn::Join": ["", ["{{resolve:", "ssm:/demo/kind}}"]]},
                        "C": {"Fn::If": ["Yes", SIZE, "no"]},
                    },
                    "Secret": SECRET,
                },
                Metadata={"Note": SIZE},
            )
        },
        template={
            "Parameters": {"What": {"Type": "String", "Default": "kind"}},
            "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}},
        },
    )
    assert stacks.shop.sent("CREATE") == [
        {
            "Size": 3,
            "Open": True,
            "Parts": [{"Kind": "cog", "Count": 3}],
            "Environment": {"A": "a3-cog", "B": "cog", "C": "3"},
            "Secret": VALUE,
        }
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("demo/token", '{"token": "new"}'),
        ("demo/token:SecretString", '{"token": "new"}'),
        ("demo/token:SecretString:token", "new"),
        ("demo/token:SecretString:token::", "new"),
        ("demo/token::token", "new"),
        ("demo/token:SecretString:token:AWSPREVIOUS", VALUE),
        ("demo/token:SecretString:token:AWSPREVIOUS:", VALUE),
        ("demo/token:SecretString:port:AWSPREVIOUS", "5432"),
        ("demo/token:SecretString:token::{version}", "new"),
        ("demo/token:SecretString:token:AWSCURRENT:{version}", "new"),
        ("{arn}:SecretString:token", "new"),
        ("{arn}", '{"token": "new"}'),
    ],
)
def test_every_part_of_a_reference_to_a_secret_counts(stacks: Stacks, key: str, value: str) -> None:
    rotate(stacks, "new")
    described = stacks.client("secretsmanager").get_secret_value(SecretId="demo/token")
    key = key.replace("{arn}", described["ARN"]).replace("{version}", described["VersionId"])
    stacks.create({"Thing": thing({"Secret": f"{{{{resolve:secretsmanager:{key}}}}}"})})
    assert [sent["Secret"] for sent in stacks.shop.sent("CREATE")] == [value]


def test_events_descriptions_change_sets_and_drift_show_references_only(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Size": SIZE, "Secret": SECRET, "Environment": {"A": SECRET}})})
    assert {event["ResourceProperties"] for event in stacks.events(logical_id="Thing")} == {
        json.dumps({"Size": SIZE, "Secret": SECRET, "Environment": {"A": SECRET}})
    }
    client = stacks.client()
    drift = client.detect_stack_resource_drift(StackName="shop", LogicalResourceId="Thing")
    result = drift["StackResourceDrift"]
    assert result["StackResourceDriftStatus"] == "IN_SYNC"
    assert json.loads(result["ActualProperties"]) == {"Size": SIZE, "Environment": {"A": SECRET}}
    client.create_change_set(
        StackName="shop",
        ChangeSetName="change",
        TemplateBody=json.dumps({"Resources": {"Thing": thing({"Size": SIZE, "Open": True})}}),
    )
    shown = [
        stacks.events(),
        stacks.describe(),
        stacks.resource(),
        result,
        client.describe_change_set(StackName="shop", ChangeSetName="change"),
        client.get_template(StackName="shop"),
    ]
    assert VALUE not in str(shown)


def test_drift_from_a_secret_shows_neither_value(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Environment": {"A": SECRET, "B": SIZE}})})
    for model in stacks.shop.things.values():
        model["Environment"] = {"A": "former-one", "B": "7"}
    drift = stacks.client().detect_stack_resource_drift(
        StackName="shop", LogicalResourceId="Thing"
    )["StackResourceDrift"]
    found = {each["PropertyPath"]: each for each in drift["PropertyDifferences"]}
    assert {path: (each["ExpectedValue"], each["ActualValue"]) for path, each in found.items()} == {
        "/Environment/A": (SECRET, "****"),
        "/Environment/B": (SIZE, "7"),
    }
    assert json.loads(drift["ActualProperties"])["Environment"] == {"A": "****", "B": "7"}


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("ssm:/demo/gone", "Parameters: [ssm:/demo/gone] cannot be found."),
        ("ssm:/demo/size:9", "Parameters: [ssm:/demo/size:9] cannot be found."),
        ("ssm:/demo/key", "Non-secure ssm prefix was used for secure parameter /demo/key"),
        (
            "secretsmanager:gone",
            (
                "Secrets Manager can't find the specified secret. (Service: AWSSecretsManager; "
                "Status Code: 400; Error Code: ResourceNotFoundException; Reference: "
                "{{resolve:secretsmanager:gone}})"
            ),
        ),
        (
            "secretsmanager:arn:aws:secretsmanager:mars-1:123456789012:secret:a",
            (
                "There is no region mars-1. (Reference: {{resolve:secretsmanager:"
                "arn:aws:secretsmanager:mars-1:123456789012:secret:a}})"
            ),
        ),
        (
            "secretsmanager:demo/token:SecretString:gone",
            (
                "Could not find a value associated with JSONKey in SecretString (Reference: "
                "{{resolve:secretsmanager:demo/token:SecretString:gone}})"
            ),
        ),
        (
            "secretsmanager:plain:SecretString:token",
            (
                "Could not parse SecretString JSON (Reference: "
                "{{resolve:secretsmanager:plain:SecretString:token}})"
            ),
        ),
    ],
)
def test_a_reference_that_leads_nowhere_fails_the_resource(
    stacks: Stacks, reference: str, words: str
) -> None:
    put(stacks, "/demo/key", "hidden-key", "SecureString")
    stacks.client("secretsmanager").create_secret(Name="plain", SecretString="hidden-plain")
    stacks.create({"Thing": thing({"Secret": f"{{{{resolve:{reference}}}}}"})})
    assert stacks.statuses(logical_id="Thing")[:2] == ["CREATE_IN_PROGRESS", "CREATE_FAILED"]
    assert stacks.reason("CREATE_FAILED") == words
    assert stacks.shop.events == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{resolve:ssm:/a:prod}}", "Incorrect format is used in the following SSM reference"),
        ("{{resolve:ssm:/a:}}", "Incorrect format is used in the following SSM reference"),
        ("{{resolve:ssm:}}", "Incorrect format is used in the following SSM reference"),
        ("{{resolve:ssm-secure:/a:b}}", "Incorrect format is used in the following SSM reference"),
        ("{{resolve:secretsmanager:a:Binary}}", "the following Secrets Manager reference"),
        ("{{resolve:secretsmanager:a:::::more}}", "the following Secrets Manager reference"),
        ("{{resolve:secretsmanager::SecretString}}", "the following Secrets Manager reference"),
        ("{{resolve:vault:a}}", "the service must be one of [ssm, ssm-secure, secretsmanager]"),
        ("{{ resolve:ssm:/demo/size }}", "without spaces"),
    ],
)
def test_a_malformed_reference_is_refused_by_its_text(
    stacks: Stacks, text: str, words: str
) -> None:
    message = refusal(stacks, {"Secret": f"a {text} b"})
    assert words in message
    assert text in message


def test_ssm_secure_is_refused_where_it_is_not_supported(stacks: Stacks) -> None:
    secure = "{{resolve:ssm-secure:/demo/key}}"
    assert refusal(stacks, {"Secret": secure, "Environment": {"A": f"a{secure}"}}) == (
        "SSM Secure reference is not supported in: [Toy::Shop::Thing/Properties/Secret,"
        "Toy::Shop::Thing/Properties/Environment/A]"
    )
    listed = refusal(stacks, {"Parts": [{"Kind": secure}]})
    assert listed.endswith("[Toy::Shop::Thing/Properties/Parts]")


def test_ssm_secure_is_resolved_where_it_is_supported(stacks: Stacks) -> None:
    put(stacks, "/demo/key", "hidden-key", "SecureString")
    login = {"Password": "{{resolve:ssm-secure:/demo/key:1}}"}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "bob", "LoginProfile": login}}
    stacks.create({"User": user}, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert "hidden-key" not in str(stacks.events())


def test_a_changed_ssm_parameter_makes_an_update_and_the_event_has_both_values(
    stacks: Stacks,
) -> None:
    resources = {"Thing": thing({"Size": SIZE, "Secret": SECRET})}
    stacks.create(resources)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update(resources)
    put(stacks, "/demo/size", "4")
    assert stacks.update(resources) == "UPDATE_COMPLETE"
    [event] = stacks.shop.of("UPDATE")
    data = event["requestData"]
    assert data["resourceProperties"]["Size"] == 4
    assert data["previousResourceProperties"]["Size"] == 3
    assert data["previousResourceProperties"]["Secret"] == VALUE


def test_a_changed_ssm_parameter_replaces_where_the_property_is_create_only(
    stacks: Stacks,
) -> None:
    put(stacks, "/demo/name", "one")
    resources = {"Thing": thing({"Name": "{{resolve:ssm:/demo/name}}"})}
    stacks.create(resources)
    put(stacks, "/demo/name", "two")
    client = stacks.client()
    client.create_change_set(
        StackName="shop", ChangeSetName="change", TemplateBody=json.dumps({"Resources": resources})
    )
    change_set = client.describe_change_set(StackName="shop", ChangeSetName="change")
    [change] = change_set["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"
    client.execute_change_set(StackName="shop", ChangeSetName="change")
    stacks.settled()
    assert [sent["Name"] for sent in stacks.shop.sent("CREATE")] == ["one", "two"]
    assert [sent["Name"] for sent in stacks.shop.sent("DELETE")] == ["one"]


def test_a_rotated_secret_is_sent_only_when_the_resource_changes_anyway(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Secret": SECRET})})
    rotate(stacks, "rotated-value")
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update({"Thing": thing({"Secret": SECRET})})
    stacks.update({"Thing": thing({"Secret": SECRET}), "Other": thing()})
    assert stacks.shop.of("UPDATE") == []
    stacks.update({"Thing": thing({"Secret": SECRET, "Open": True}), "Other": thing()})
    [event] = stacks.shop.of("UPDATE")
    assert event["requestData"]["resourceProperties"]["Secret"] == "rotated-value"
    assert event["requestData"]["previousResourceProperties"]["Secret"] == VALUE


def test_a_delete_needs_nothing_that_references_refer_to(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Size": SIZE, "Secret": SECRET})})
    stacks.client("secretsmanager").delete_secret(
        SecretId="demo/token", ForceDeleteWithoutRecovery=True
    )
    stacks.client("ssm").delete_parameter(Name="/demo/size")
    assert stacks.delete() == "DELETE_COMPLETE"
    assert [sent["Secret"] for sent in stacks.shop.sent("DELETE")] == [VALUE]


def test_a_rollback_restores_ssm_values_and_reads_secrets_again(stacks: Stacks) -> None:
    stacks.create({"A": thing({"Size": SIZE, "Secret": SECRET}), "B": thing(DependsOn="A")})
    put(stacks, "/demo/size", "4")
    rotate(stacks, "rotated-value")
    stacks.shop.will("UPDATE", None, failed("InvalidRequest", "no"))
    changed = {"A": thing({"Size": SIZE, "Secret": SECRET}), "B": thing({"Size": 2}, DependsOn="A")}
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    back = [sent for sent in stacks.shop.sent("UPDATE") if "Secret" in sent][-1]
    assert (back["Size"], back["Secret"]) == (3, "rotated-value")


def test_a_rollback_fails_where_a_secret_is_gone_and_continues_once_it_is_back(
    stacks: Stacks,
) -> None:
    stacks.create({"A": thing({"Secret": SECRET}), "B": thing(DependsOn="A")})
    secrets = stacks.client("secretsmanager")

    def lose(_: Event) -> Any:
        secrets.delete_secret(SecretId="demo/token", ForceDeleteWithoutRecovery=True)
        return failed("InvalidRequest", "no")

    stacks.shop.will("UPDATE", None, lose)
    changed = {"A": thing({"Secret": "other"}), "B": thing({"Size": 2}, DependsOn="A")}
    assert stacks.update(changed) == "UPDATE_ROLLBACK_FAILED"
    assert "can't find the specified secret" in stacks.reason("UPDATE_FAILED", logical_id="A")
    secrets.create_secret(Name="demo/token", SecretString=json.dumps({"token": VALUE}))
    stacks.client().continue_update_rollback(StackName="shop")
    assert stacks.settled() == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize(
    "answer",
    [
        failed("InvalidRequest", f"The value {VALUE} is bad"),
        ValueError(f"The value {VALUE} is bad"),
        failed("InvalidRequest", json.dumps({"value": VALUE})),
    ],
)
def test_a_handlers_message_does_not_show_a_secret(stacks: Stacks, answer: Any) -> None:
    stacks.shop.will("CREATE", answer)
    stacks.create({"Thing": thing({"Secret": SECRET})})
    reason = stacks.reason("CREATE_FAILED")
    assert SECRET in reason
    assert VALUE not in reason


def test_a_violation_of_the_schema_does_not_show_a_secret(stacks: Stacks) -> None:
    stacks.create({"Thing": thing({"Name": SECRET})})
    reason = stacks.reason("CREATE_FAILED")
    assert reason.startswith("Properties validation failed for resource Thing with message:")
    assert VALUE not in reason


def test_an_attribute_that_has_a_secret_is_a_reference_to_other_resources(stacks: Stacks) -> None:
    made = {"Arn": "arn:one", "Made": VALUE}
    stacks.shop.will("CREATE", in_progress(made), {"status": "SUCCESS", "resourceModel": made})
    attribute = {"Fn::GetAtt": ["Thing", "Made"]}
    stacks.create(
        {"Thing": thing({"Secret": SECRET}), "Other": thing({"Secret": attribute})},
        template={"Outputs": {"Out": {"Value": attribute}, "Literal": {"Value": SIZE}}},
    )
    assert stacks.shop.sent("CREATE")[-1]["Secret"] == VALUE
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stacks.describe()["Outputs"]}
    assert outputs == {"Out": SECRET, "Literal": SIZE}
    assert VALUE not in str(stacks.events())


def test_a_nested_stack_gets_values_of_ssm_and_resolves_secrets_itself(stacks: Stacks) -> None:
    url = stacks.upload(
        {"Inner": thing({"Size": {"Ref": "Size"}, "Secret": {"Ref": "Token"}})},
        Parameters={"Size": {"Type": "Number"}, "Token": {"Type": "String", "MaxLength": 20}},
    )
    parameters = {"Size": SIZE, "Token": SECRET}
    child = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url, "Parameters": parameters},
    }
    stacks.create({"Child": child})
    assert stacks.shop.sent("CREATE") == [{"Size": 3, "Secret": VALUE}]
    nested = stacks.describe(stacks.resource("Child")["PhysicalResourceId"])
    assert {p["ParameterKey"]: p["ParameterValue"] for p in nested["Parameters"]} == {
        "Size": "3",
        "Token": SECRET,
    }
    put(stacks, "/demo/size", "4")
    assert stacks.update({"Child": child}) == "UPDATE_COMPLETE"
    assert [sent["Size"] for sent in stacks.shop.sent("UPDATE")] == [4]


def test_an_import_resolves_references_before_it_updates_the_tags(stacks: Stacks) -> None:
    stacks.shop.things["arn:toy::9"] = {"Size": 3, "Arn": "arn:toy::9", "Made": "before"}
    client = stacks.client()
    resource = thing({"Size": SIZE, "Secret": SECRET}, DeletionPolicy="Retain")
    client.create_change_set(
        StackName="shop",
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {"Thing": resource}}),
        ResourcesToImport=[
            {
                "ResourceType": "Toy::Shop::Thing",
                "LogicalResourceId": "Thing",
                "ResourceIdentifier": {"Arn": "arn:toy::9"},
            }
        ],
    )
    client.execute_change_set(StackName="shop", ChangeSetName="import")
    assert stacks.settled() == "IMPORT_COMPLETE"
    [sent] = stacks.shop.sent("UPDATE")
    assert (sent["Size"], sent["Secret"]) == (3, VALUE)
    assert VALUE not in str(stacks.events())
