"""Types that moto provides: made, used, updated, replaced and deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.cloudformation.parsing import get_model_map

from sandbox.cloudformation.resources.aws_resource import AwsResource
from sandbox.cloudformation.resources.deletion import DELETES
from tests.harness.cloudformation import Stacks, template, thing

IAM = ["CAPABILITY_IAM"]
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}],
}


def resource(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_name, "Properties": properties}


ROLE = resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST)
POLICY = resource("AWS::IAM::ManagedPolicy", PolicyDocument=DOCUMENT)


def bucket(name: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}


def queue(name: str, seconds: int) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": name, "VisibilityTimeout": seconds},
    }


def test_what_a_template_writes_as_text_becomes_what_aws_declares(stacks: Stacks) -> None:
    """All parameters are text, for example."""
    stream = resource("AWS::Kinesis::Stream", Name="s", ShardCount="2", RetentionPeriodHours="48")
    stacks.create({"Stream": stream, "Topic": resource("AWS::SNS::Topic", DisplayName=5)})
    found = stacks.client("kinesis").describe_stream_summary(StreamName="s")
    assert found["StreamDescriptionSummary"]["OpenShardCount"] == 2
    assert stacks.update({"Stream": stream, "Topic": resource("AWS::SNS::Topic")}) == (
        "UPDATE_COMPLETE"
    )


def test_tags_of_a_parameter_are_an_object(stacks: Stacks) -> None:
    tagged = resource("AWS::SSM::Parameter", Name="p", Type="String", Value=5, Tags={"a": 1})
    stacks.create({"Parameter": tagged})
    ssm = stacks.client("ssm")
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="p")["TagList"]
    assert tags == [{"Key": "a", "Value": "1"}]
    assert ssm.get_parameter(Name="p")["Parameter"]["Value"] == "5"


def test_motos_types_are_made_used_and_deleted(stacks: Stacks) -> None:
    stacks.create(
        {
            "Bucket": bucket("the-bucket"),
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Thing": thing({"Secret": {"Fn::GetAtt": ["Bucket", "Arn"]}}),
        }
    )
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.shop.sent("CREATE")[0]["Secret"] == "arn:aws:s3:::the-bucket"
    assert stacks.resource("Bucket")["PhysicalResourceId"] == "the-bucket"
    stacks.delete()
    assert stacks.client("s3").list_buckets()["Buckets"] == []
    assert stacks.client("sns").list_topics()["Topics"] == []


def test_what_moto_refuses_is_an_event_and_rolls_back(stacks: Stacks) -> None:
    role = {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": ["nobody"]}}
    stacks.create(
        {"Bucket": bucket("the-bucket"), "Thing": {**role, "DependsOn": "Bucket"}},
        Capabilities=["CAPABILITY_IAM"],
    )
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "nobody" in stacks.reason("CREATE_FAILED")
    assert stacks.client("s3").list_buckets()["Buckets"] == []


def test_a_changed_type_of_motos_is_updated_in_place(stacks: Stacks) -> None:
    stacks.create({"Queue": queue("q", 1)})
    url = stacks.resource("Queue")["PhysicalResourceId"]
    assert stacks.update({"Queue": queue("q", 5)}) == "UPDATE_COMPLETE"
    attributes = stacks.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "5"
    assert stacks.resource("Queue")["PhysicalResourceId"] == url


def test_a_create_only_property_of_motos_replaces_by_the_published_schema(stacks: Stacks) -> None:
    stacks.create({"Queue": queue("old", 1)})
    described = stacks.client()
    described.create_change_set(
        StackName="shop", ChangeSetName="plan", TemplateBody=template({"Queue": queue("new", 1)})
    )
    (change,) = described.describe_change_set(StackName="shop", ChangeSetName="plan")["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"
    assert stacks.update({"Queue": queue("new", 1)}) == "UPDATE_COMPLETE"
    urls = stacks.client("sqs").list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in urls] == ["new"]


def test_what_moto_cannot_update_fails_with_words_and_rolls_back(stacks: Stacks) -> None:
    def group(days: int) -> dict[str, Any]:
        properties = {"LogGroupName": "logs", "RetentionInDays": days}
        return {"Type": "AWS::Logs::LogGroup", "Properties": properties}

    stacks.create({"Group": group(1)})
    assert stacks.update({"Group": group(3)}) == "UPDATE_ROLLBACK_COMPLETE"
    reason = stacks.reason("UPDATE_FAILED", logical_id="Group")
    assert "The sandbox cannot update a resource of type AWS::Logs::LogGroup" in reason


# -- deletes: each type alone is in test_deletion.py ----------------------------------------------


def test_an_update_that_moto_refuses_leaves_the_resource_as_it_was(stacks: Stacks) -> None:
    sagemaker = stacks.client("sagemaker")
    container = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/model"}
    variant = {
        "ModelName": {"Fn::GetAtt": "Model.ModelName"},
        "VariantName": "a",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
        "InstanceType": "ml.m5.large",
    }

    def resources(config: Any) -> dict[str, Any]:
        return {
            "Role": ROLE,
            "Model": resource(
                "AWS::SageMaker::Model",
                ExecutionRoleArn={"Fn::GetAtt": "Role.Arn"},
                PrimaryContainer=container,
            ),
            "Config": resource("AWS::SageMaker::EndpointConfig", ProductionVariants=[variant]),
            "Endpoint": resource("AWS::SageMaker::Endpoint", EndpointConfigName=config),
        }

    config = {"Fn::GetAtt": "Config.EndpointConfigName"}
    stacks.create(resources(config), Capabilities=IAM)
    [before] = sagemaker.list_endpoints()["Endpoints"]
    assert stacks.update(resources("missing"), Capabilities=IAM) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Could not find" in stacks.reason("UPDATE_FAILED", logical_id="Endpoint")
    [after] = sagemaker.list_endpoints()["Endpoints"]
    assert after["EndpointName"] == before["EndpointName"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_a_network_is_deleted_with_all_that_hangs_on_it(stacks: Stacks) -> None:
    vpc, table, gateway = ({"Ref": name} for name in ("Vpc", "Table", "Gateway"))
    stacks.create(
        {
            "Vpc": resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"),
            "Subnet": resource("AWS::EC2::Subnet", VpcId=vpc, CidrBlock="10.0.1.0/24"),
            "Table": resource("AWS::EC2::RouteTable", VpcId=vpc),
            "Gateway": resource("AWS::EC2::InternetGateway"),
            "Attachment": resource(
                "AWS::EC2::VPCGatewayAttachment", VpcId=vpc, InternetGatewayId=gateway
            ),
            "Route": {
                "DependsOn": "Attachment",
                **resource(
                    "AWS::EC2::Route",
                    RouteTableId=table,
                    DestinationCidrBlock="0.0.0.0/0",
                    GatewayId=gateway,
                ),
            },
            "RouteOfVersion6": resource(
                "AWS::EC2::Route",
                RouteTableId=table,
                DestinationIpv6CidrBlock="::/0",
                GatewayId=gateway,
            ),
            "Association": resource(
                "AWS::EC2::SubnetRouteTableAssociation",
                RouteTableId=table,
                SubnetId={"Ref": "Subnet"},
            ),
            "Group": resource("AWS::EC2::SecurityGroup", GroupDescription="a", VpcId=vpc),
        }
    )
    vpc_id = stacks.resource("Vpc")["PhysicalResourceId"]
    assert stacks.delete() == "DELETE_COMPLETE"
    ec2 = stacks.client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    assert ec2.describe_route_tables(Filters=of_vpc)["RouteTables"] == []
    assert ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] == []
    assert ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"] == []
    assert ec2.describe_vpcs(Filters=of_vpc)["Vpcs"] == []


def test_a_role_goes_with_the_policies_of_its_stack(stacks: Stacks) -> None:
    role = {"Ref": "Role"}
    inline = resource("AWS::IAM::Policy", PolicyName="a", PolicyDocument=DOCUMENT, Roles=[role])
    managed = resource("AWS::IAM::ManagedPolicy", PolicyDocument=DOCUMENT, Roles=[role])
    profile = resource("AWS::IAM::InstanceProfile", Roles=[role])
    stacks.create(
        {"Role": ROLE, "Inline": inline, "Managed": managed, "Profile": profile}, Capabilities=IAM
    )
    assert stacks.delete() == "DELETE_COMPLETE"
    iam = stacks.client("iam")
    assert iam.list_roles()["Roles"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert iam.list_instance_profiles()["InstanceProfiles"] == []


def test_a_role_with_a_policy_from_elsewhere_stays(stacks: Stacks) -> None:
    stacks.create({"Role": ROLE}, Capabilities=IAM)
    name = stacks.resource("Role")["PhysicalResourceId"]
    iam = stacks.client("iam")
    created = iam.create_policy(PolicyName="a", PolicyDocument=json.dumps(DOCUMENT))
    policy = created["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    assert stacks.delete() == "DELETE_FAILED"
    reason = stacks.reason("DELETE_FAILED", logical_id="Role")
    assert reason.startswith("Cannot delete entity, must detach all policies first.")
    iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_bucket_that_is_not_empty_stays(stacks: Stacks) -> None:
    stacks.create({"Bucket": bucket("full")})
    s3 = stacks.client("s3")
    s3.put_object(Bucket="full", Key="a", Body=b"")
    assert stacks.delete() == "DELETE_FAILED"
    reason = stacks.reason("DELETE_FAILED", logical_id="Bucket")
    assert reason.startswith("The bucket you tried to delete is not empty")
    s3.delete_object(Bucket="full", Key="a")
    assert stacks.delete() == "DELETE_COMPLETE"
    assert s3.list_buckets()["Buckets"] == []


def test_a_key_is_scheduled_for_deletion_after_the_days_that_the_template_says(
    stacks: Stacks,
) -> None:
    stacks.create({"Key": resource("AWS::KMS::Key", PendingWindowInDays=7)})
    key_id = stacks.resource("Key")["PhysicalResourceId"]
    assert stacks.delete() == "DELETE_COMPLETE"
    key = stacks.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    assert (key["DeletionDate"] - key["CreationDate"]).days == 7


def test_what_is_gone_already_counts_as_deleted(stacks: Stacks) -> None:
    stacks.create(
        {
            "Policy": POLICY,
            "Queue": queue("q", 1),
            "Key": resource("AWS::KMS::Key"),
            "Bucket": bucket("gone"),
            "Volume": resource("AWS::EC2::Volume", Size=1, AvailabilityZone="us-east-1a"),
        },
        Capabilities=IAM,
    )
    ids = {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in stacks.client().describe_stack_resources(StackName="shop")["StackResources"]
    }
    stacks.client("iam").delete_policy(PolicyArn=ids["Policy"])
    stacks.client("sqs").delete_queue(QueueUrl=ids["Queue"])
    stacks.client("s3").delete_bucket(Bucket=ids["Bucket"])
    stacks.client("ec2").delete_volume(VolumeId=ids["Volume"])
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_replaced_resource_is_deleted_through_its_service(stacks: Stacks) -> None:
    def table(cidr: str) -> dict[str, Any]:
        return {
            "Vpc": resource("AWS::EC2::VPC", CidrBlock=cidr),
            "Table": resource("AWS::EC2::RouteTable", VpcId={"Ref": "Vpc"}),
        }

    stacks.create(table("10.0.0.0/16"))
    old = stacks.resource("Table")["PhysicalResourceId"]
    assert stacks.update(table("10.1.0.0/16")) == "UPDATE_COMPLETE"
    assert "DELETE_COMPLETE" in stacks.statuses(logical_id="Table")
    found = stacks.client("ec2").describe_route_tables()["RouteTables"]
    assert old not in [each["RouteTableId"] for each in found]


def test_what_moto_cannot_delete_is_skipped_with_the_reason(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(DELETES, "AWS::IAM::ManagedPolicy")
    stacks.create({"Policy": POLICY}, Capabilities=IAM)
    stack_id = stacks.describe()["StackId"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.statuses(stack_id, "Policy")[-1] == "DELETE_SKIPPED"
    assert stacks.reason("DELETE_SKIPPED", stack_id, "Policy") == (
        "The sandbox cannot delete a resource of type AWS::IAM::ManagedPolicy: moto has no delete "
        "for it. The resource stays until the sandbox stops."
    )
    assert len(stacks.client("iam").list_policies(Scope="Local")["Policies"]) == 1


# -- what moto lacks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        pytest.param(
            resource("AWS::DynamoDB::Table"),
            "#: required key [KeySchema] not found (Type: AWS::DynamoDB::Table)",
            id="required by AWS, though moto fails with a TypeError",
        ),
        pytest.param(
            resource(
                "AWS::IAM::Role",
                AssumeRolePolicyDocument=TRUST,
                Policies=[{"PolicyName": "a"}],
            ),
            "#/Policies/0: required key [PolicyDocument] not found (Type: AWS::IAM::Role)",
            id="required by AWS further down",
        ),
        pytest.param(
            resource("AWS::EC2::Instance"),
            "The sandbox cannot create a resource of type AWS::EC2::Instance without the property "
            "ImageId, although AWS can. Add the property.",
            id="required by moto alone",
        ),
        pytest.param(
            resource("AWS::EC2::SecurityGroupIngress", IpProtocol="tcp"),
            "The sandbox cannot create this resource of type AWS::EC2::SecurityGroupIngress, "
            "although AWS may be able to: moto does not support its properties, or their values "
            "(AssertionError in moto.ec2.models.security_groups, line ",
            id="another failure of moto's own code",
        ),
    ],
)
def test_a_failure_of_motos_own_code_does_not_blame_the_template(
    stacks: Stacks, definition: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AwsResource, "violations", lambda *_: [])  # what AWS's schema would catch
    stacks.create({"Thing": definition}, Capabilities=IAM)
    assert stacks.reason("CREATE_FAILED").startswith(reason)


def test_a_value_of_the_template_is_not_in_the_reason_of_motos_failure(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AwsResource, "violations", lambda *_: [])
    stacks.create({"Thing": resource("AWS::Kinesis::Stream", ShardCount="hush")})
    reason = stacks.reason("CREATE_FAILED")
    assert "hush" not in reason
    assert "The sandbox cannot create" in reason


@pytest.mark.parametrize(
    ("definition", "attribute", "value"),
    [
        (resource("AWS::SQS::Queue", QueueName="q"), "QueueUrl", "https://sqs.us-east-1."),
        (resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"), "VpcId", "vpc-"),
        (resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"), "CidrBlock", "10.0.0.0/16"),
        (resource("AWS::KMS::Key"), "KeyId", ""),
    ],
)
def test_an_attribute_that_moto_lacks_is_the_identifier_or_a_given_property(
    stacks: Stacks, definition: dict[str, Any], attribute: str, value: str
) -> None:
    stacks.create(
        {"Made": definition, "Thing": thing({"Secret": {"Fn::GetAtt": ["Made", attribute]}})}
    )
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.shop.sent("CREATE")[0]["Secret"].startswith(value)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (
            "SnapStartResponse",
            (
                "The sandbox does not support the attribute SnapStartResponse of "
                "AWS::Lambda::Function in Fn::GetAtt."
            ),
        ),
        (
            "Nonsense",
            "Template error: resource Made does not support attribute type Nonsense in Fn::GetAtt",
        ),
    ],
)
def test_an_attribute_is_the_sandboxs_lack_only_if_aws_has_it(
    stacks: Stacks, attribute: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        stacks.create(
            {
                "Made": resource("AWS::Lambda::Function"),
                "Thing": thing({"Secret": {"Fn::GetAtt": ["Made", attribute]}}),
            }
        )
    assert refused.value.response["Error"]["Message"] == message


def test_an_attribute_that_is_an_absent_property_fails_the_resource_that_asks_for_it(
    stacks: Stacks,
) -> None:
    made = resource("AWS::SQS::Queue")
    stacks.create(
        {"Made": made, "Thing": thing({"Secret": {"Fn::GetAtt": ["Made", "DelaySeconds"]}})}
    )
    assert stacks.reason("CREATE_FAILED") == (
        "The sandbox does not support the attribute DelaySeconds of AWS::SQS::Queue in Fn::GetAtt."
    )


def test_a_write_only_property_is_no_attribute(stacks: Stacks) -> None:
    database = resource("AWS::RDS::DBInstance", MasterUserPassword="hush-hush")
    with pytest.raises(ClientError) as refused:
        stacks.create(
            {
                "Made": database,
                "Thing": thing({"Secret": {"Fn::GetAtt": ["Made", "MasterUserPassword"]}}),
            }
        )
    assert "attribute MasterUserPassword of AWS::RDS::DBInstance" in str(refused.value)


def test_motos_example_of_a_type_name_is_no_type(stacks: Stacks) -> None:
    assert "AWS::SERVICE::RESOURCE" in get_model_map()
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        stacks.create({"Thing": resource("AWS::SERVICE::RESOURCE")})


def test_the_name_in_the_template_is_the_name_in_the_service(stacks: Stacks) -> None:
    stacks.create(
        {
            "Config": resource(
                "AWS::SageMaker::NotebookInstanceLifecycleConfig",
                NotebookInstanceLifecycleConfigName="mine",
            ),
            "Type": resource("AWS::IoT::ThingType", ThingTypeName="mine"),
        }
    )
    assert stacks.resource("Config")["PhysicalResourceId"].endswith("/mine")
    assert stacks.resource("Type")["PhysicalResourceId"] == "mine"


def function(**properties: Any) -> dict[str, Any]:
    code = {"ZipFile": "def handle(event, context): pass"}
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    given = {"Handler": "index.handle", "Runtime": "python3.12", "Code": code} | properties
    return resource("AWS::Lambda::Function", FunctionName="f", Role=role, **given)


def test_a_property_that_moto_ignores_is_named_when_the_resource_is_complete(
    stacks: Stacks,
) -> None:
    metrics = [{"Id": "all"}]
    first = resource("AWS::S3::Bucket", BucketName="bucket", MetricsConfigurations=metrics)
    second = resource("AWS::S3::Bucket", BucketName="bucket", CorsConfiguration={"CorsRules": []})
    ignored = "The sandbox ignores these properties of AWS::S3::Bucket: "

    stacks.create({"Bucket": first})
    assert stacks.resource("Bucket")["ResourceStatusReason"] == f"{ignored}MetricsConfigurations."
    stacks.update({"Bucket": second})
    assert stacks.resource("Bucket")["ResourceStatusReason"] == f"{ignored}CorsConfiguration."


def test_a_property_that_moto_has_is_not_said_to_be_ignored_later(stacks: Stacks) -> None:
    stacks.create({"Queue": queue("q", 1)})
    changed = queue("q", 2)
    stacks.update({"Queue": changed})
    assert "ResourceStatusReason" not in stacks.resource("Queue")
    changed["Properties"]["MessageRetentionPeriod"] = 60
    stacks.update({"Queue": changed})
    assert stacks.resource("Queue")["ResourceStatusReason"].endswith(": MessageRetentionPeriod.")


def test_a_bucket_with_a_generated_name_gets_other_tags(stacks: Stacks) -> None:
    def tagged(value: str) -> dict[str, Any]:
        return {"Bucket": resource("AWS::S3::Bucket", Tags=[{"Key": "team", "Value": value}])}

    stacks.create(tagged("a"))
    assert stacks.update(tagged("b")) == "UPDATE_COMPLETE"
    name = stacks.resource("Bucket")["PhysicalResourceId"]
    tags = stacks.client("s3").get_bucket_tagging(Bucket=name)["TagSet"]
    assert tags == [{"Key": "team", "Value": "b"}]


def test_a_fifo_queue_without_a_name_gets_one_that_sqs_accepts(stacks: Stacks) -> None:
    stacks.create({"Queue": resource("AWS::SQS::Queue", FifoQueue=True)})
    assert stacks.resource("Queue")["PhysicalResourceId"].endswith(".fifo")


def test_a_method_that_answers_by_itself_needs_no_address(stacks: Stacks) -> None:
    api = {"Ref": "Api"}
    method = resource(
        "AWS::ApiGateway::Method",
        RestApiId=api,
        ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
        HttpMethod="OPTIONS",
        AuthorizationType="NONE",
        Integration={"Type": "MOCK"},
    )
    stacks.create({"Api": resource("AWS::ApiGateway::RestApi", Name="api"), "Method": method})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE", stacks.reason("CREATE_FAILED")


def test_a_function_with_its_source_in_the_template_is_updated(stacks: Stacks) -> None:
    first = function(Timeout=10, Tags=[{"Key": "a", "Value": "1"}])
    stacks.create({"Role": ROLE, "Function": first}, Capabilities=IAM)
    reason = stacks.resource("Function")["ResourceStatusReason"]
    assert reason == "The sandbox ignores these properties of AWS::Lambda::Function: Tags."
    second = function(Code={"ZipFile": "x = 1"}, MemorySize=256)
    update = stacks.update({"Role": ROLE, "Function": second}, Capabilities=IAM)
    assert update == "UPDATE_COMPLETE"
    found = stacks.client("lambda").get_function_configuration(FunctionName="f")
    assert (found["MemorySize"], found["Timeout"]) == (256, 3)


@pytest.mark.parametrize(
    ("type_name", "properties"),
    [
        ("AWS::KMS::Key", {"Tags": [{"Key": "team", "Value": "a"}]}),
        ("AWS::SSM::Parameter", {"Type": "String", "Value": "v", "Tags": {"team": "a"}}),
    ],
)
def test_tags_reach_services_that_have_another_form_for_them(
    stacks: Stacks, type_name: str, properties: dict[str, Any]
) -> None:
    stacks.create({"Thing": resource(type_name, **properties)})
    assert stacks.describe()["StackStatus"] == "CREATE_COMPLETE", stacks.reason("CREATE_FAILED")
    found = stacks.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "team", "Values": ["a"]}]
    )
    assert len(found["ResourceTagMappingList"]) == 1


def test_a_user_with_a_name_is_updated_in_place(stacks: Stacks) -> None:
    user = resource("AWS::IAM::User", UserName="u")
    moved = resource("AWS::IAM::User", UserName="u", Path="/x/")
    stacks.create({"User": user}, Capabilities=["CAPABILITY_NAMED_IAM"])
    update = stacks.update({"User": moved}, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert update == "UPDATE_COMPLETE"
    assert stacks.client("iam").get_user(UserName="u")["User"]["Path"] == "/x/"


def test_an_inline_policy_that_iam_refuses_leaves_the_one_before(stacks: Stacks) -> None:
    def with_policy(document: dict[str, Any]) -> dict[str, Any]:
        policy = resource(
            "AWS::IAM::Policy", PolicyName="p", PolicyDocument=document, Roles=[{"Ref": "Role"}]
        )
        return {"Role": ROLE, "Policy": policy}

    stacks.create(with_policy(DOCUMENT), Capabilities=IAM)
    update = stacks.update(with_policy({**DOCUMENT, "Statement": []}), Capabilities=IAM)
    assert update == "UPDATE_ROLLBACK_COMPLETE"
    role = stacks.resource("Role")["PhysicalResourceId"]
    found = stacks.client("iam").get_role_policy(RoleName=role, PolicyName="p")
    assert found["PolicyDocument"] == DOCUMENT


def test_an_ingress_rule_goes_with_its_security_group(stacks: Stacks) -> None:
    group = resource("AWS::EC2::SecurityGroup", GroupDescription="d")
    rule = resource(
        "AWS::EC2::SecurityGroupIngress",
        GroupId={"Fn::GetAtt": ["Group", "GroupId"]},
        IpProtocol="tcp",
        FromPort=80,
        ToPort=80,
        CidrIp="10.0.0.0/8",
    )
    stacks.create({"Group": group, "Rule": rule})
    group_id = stacks.resource("Group")["PhysicalResourceId"]
    stack_id = stacks.describe()["StackId"]
    stacks.client("ec2").delete_security_group(GroupId=group_id)
    stacks.delete()
    assert stacks.statuses(stack_id, "Rule")[-1] == "DELETE_COMPLETE"
