"""One sample of each type that moto models, and how its service shows whether it exists.

The values are the smallest with which moto creates the resource.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]
Resources = dict[str, Any]

SUBJECT = "Subject"
"""The logical id of the sample itself; the other resources are what it needs."""


@dataclass(frozen=True)
class Look:
    """A request of the service that shows the resource.

    query: a JMESPath expression whose result is truthy as long as the resource exists. In it and
        in the values of `request`, `$Name` stands for the physical id of the resource `Name`.
    """

    service: str
    operation: str
    query: str
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """A resource, how to look for it, and the other resources that it needs.

    needs: one of those that the properties do not refer to.
    unseen: why the service does not show that the resource exists.
    """

    properties: Properties
    look: Look
    around: Resources = field(default_factory=dict)
    needs: str | None = None
    unseen: str | None = None


def _ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def _get(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def _resource(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_name, "Properties": properties}


def _policy(**more: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "s3:*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


ROLE_ARN = "arn:aws:iam::123456789012:role/any"
TRUST = _policy(Action="sts:AssumeRole", Principal="*")
IMAGE = "ami-12c6146b"  # one of moto's own

VPC = {"Vpc": _resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")}
SUBNET = {
    **VPC,
    "Subnet": _resource("AWS::EC2::Subnet", VpcId=_ref("Vpc"), CidrBlock="10.0.1.0/24"),
}
SUBNETS = {
    **SUBNET,
    "Second": _resource(
        "AWS::EC2::Subnet",
        VpcId=_ref("Vpc"),
        CidrBlock="10.0.2.0/24",
        AvailabilityZone="us-east-1b",
    ),
}
TABLE = {"Table": _resource("AWS::EC2::RouteTable", VpcId=_ref("Vpc"))}
GATEWAY = {"Gateway": _resource("AWS::EC2::InternetGateway")}
ATTACHED = {
    **VPC,
    **GATEWAY,
    "Attachment": _resource(
        "AWS::EC2::VPCGatewayAttachment", VpcId=_ref("Vpc"), InternetGatewayId=_ref("Gateway")
    ),
}
INSTANCE = {"Instance": _resource("AWS::EC2::Instance", ImageId=IMAGE)}
VOLUME = {"Volume": _resource("AWS::EC2::Volume", Size=1, AvailabilityZone="us-east-1a")}
ROLE = {"Role": _resource("AWS::IAM::Role", RoleName="a-role", AssumeRolePolicyDocument=TRUST)}
USER = {"User": _resource("AWS::IAM::User", UserName="a-user")}
SUBNET_GROUP = {
    "SubnetGroup": _resource(
        "AWS::RDS::DBSubnetGroup",
        DBSubnetGroupDescription="a group",
        SubnetIds=[_ref("Subnet"), _ref("Second")],
    ),
    **SUBNETS,
}
BUCKET = {"Bucket": _resource("AWS::S3::Bucket", BucketName="a-bucket-of-a-sample")}
API = {"Api": _resource("AWS::ApiGateway::RestApi", Name="an-api")}
PART = {
    **API,
    "Part": _resource(
        "AWS::ApiGateway::Resource",
        RestApiId=_ref("Api"),
        ParentId=_get("Api", "RootResourceId"),
        PathPart="part",
    ),
}
METHOD = {
    "RestApiId": _ref("Api"),
    "ResourceId": _ref("Part"),
    "HttpMethod": "GET",
    "AuthorizationType": "NONE",
    "Integration": {"Type": "HTTP", "IntegrationHttpMethod": "GET", "Uri": "http://example.com"},
}
LAUNCH = {
    "Launch": _resource(
        "AWS::AutoScaling::LaunchConfiguration", ImageId=IMAGE, InstanceType="t3.micro"
    )
}
GROUP = {
    "AutoScalingGroupName": "a-group",
    "LaunchConfigurationName": _ref("Launch"),
    "MinSize": "0",
    "MaxSize": "1",
    "AvailabilityZones": ["us-east-1a"],
}
COMPUTE = {
    "Compute": _resource(
        "AWS::Batch::ComputeEnvironment",
        ComputeEnvironmentName="a-compute",
        Type="MANAGED",
        ServiceRole=_get("Role", "Arn"),
        ComputeResources={
            "Type": "EC2",
            "MinvCpus": 0,
            "MaxvCpus": 1,
            "InstanceTypes": ["t3.micro"],
            "InstanceRole": _get("Profile", "Arn"),
            "Subnets": [_ref("Subnet")],
            "SecurityGroupIds": [_get("Group", "GroupId")],
        },
    ),
    "Profile": _resource("AWS::IAM::InstanceProfile", Roles=[_ref("Role")]),
    **ROLE,
    **SUBNET,
    "Group": _resource("AWS::EC2::SecurityGroup", GroupDescription="a group", VpcId=_ref("Vpc")),
}
FUNCTION_PROPERTIES = {
    "FunctionName": "a-function",
    "Role": _get("Role", "Arn"),
    "Handler": "index.handler",
    "Runtime": "python3.12",
    "Code": {"ZipFile": "def handler(event, context): pass"},
}
FUNCTION = {"Function": _resource("AWS::Lambda::Function", **FUNCTION_PROPERTIES), **ROLE}
QUEUE = {"Queue": _resource("AWS::SQS::Queue", QueueName="a-queue")}
CLUSTER = {"Cluster": _resource("AWS::ECS::Cluster", ClusterName="a-cluster")}
TASK_PROPERTIES = {
    "Family": "a-family",
    "ContainerDefinitions": [{"Name": "box", "Image": "box", "Memory": 1, "Cpu": 1}],
}
TASK = {"Task": _resource("AWS::ECS::TaskDefinition", **TASK_PROPERTIES)}
FILES = {"Files": _resource("AWS::EFS::FileSystem")}
EMR_PROPERTIES = {
    "Name": "a-cluster",
    "JobFlowRole": "a-role",
    "ServiceRole": "a-role",
    "ReleaseLabel": "emr-5.0.0",
    "Instances": {
        "MasterInstanceGroup": {"InstanceCount": 1, "InstanceType": "m5.large"},
        "CoreInstanceGroup": {"InstanceCount": 1, "InstanceType": "m5.large"},
    },
}
EMR = {"Emr": _resource("AWS::EMR::Cluster", **EMR_PROPERTIES)}
BALANCER_PROPERTIES = {
    "Name": "a-balancer",
    "Subnets": [_ref("Subnet"), _ref("Second")],
}
BALANCER = {
    "Balancer": _resource("AWS::ElasticLoadBalancingV2::LoadBalancer", **BALANCER_PROPERTIES),
    **SUBNETS,
}
FORWARD = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
LISTENER = {
    "Listener": _resource(
        "AWS::ElasticLoadBalancingV2::Listener",
        LoadBalancerArn=_ref("Balancer"),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[FORWARD],
    ),
    **BALANCER,
}
KEY = {"Key": _resource("AWS::KMS::Key", KeyPolicy=_policy(Principal="*", Resource="*"))}
ZONE = {"Zone": _resource("AWS::Route53::HostedZone", Name="example.com.")}
RECORD = {"Name": "a.example.com.", "Type": "A", "TTL": "60", "ResourceRecords": ["10.0.0.1"]}
CONTAINER = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/box:1"}
MODEL = {
    "Model": _resource(
        "AWS::SageMaker::Model",
        ModelName="a-model",
        ExecutionRoleArn=ROLE_ARN,
        PrimaryContainer=CONTAINER,
    )
}
VARIANT = {
    "VariantName": "all",
    "ModelName": _get("Model", "ModelName"),
    "InitialInstanceCount": 1,
    "InstanceType": "ml.t2.medium",
    "InitialVariantWeight": 1,
}
ENDPOINT_CONFIG = {
    "Config": _resource(
        "AWS::SageMaker::EndpointConfig",
        EndpointConfigName="a-config",
        ProductionVariants=[VARIANT],
    ),
    **MODEL,
}
STATES = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}


def _ec2(operation: str, query: str) -> Look:
    return Look("ec2", operation, query)


SAMPLES: dict[str, Sample] = {
    "AWS::ApiGateway::Deployment": Sample(
        {"RestApiId": _ref("Api"), "StageName": "test"},
        Look("apigateway", "get_deployments", "items[?id=='$Subject']", {"restApiId": "$Api"}),
        {**PART, "Method": _resource("AWS::ApiGateway::Method", **METHOD)},
        needs="Method",
    ),
    "AWS::ApiGateway::Method": Sample(
        METHOD,
        Look(
            "apigateway",
            "get_resource",
            "resourceMethods.GET",
            {"restApiId": "$Api", "resourceId": "$Part"},
        ),
        PART,
    ),
    "AWS::ApiGateway::Resource": Sample(
        {"RestApiId": _ref("Api"), "ParentId": _get("Api", "RootResourceId"), "PathPart": "a"},
        Look("apigateway", "get_resources", "items[?id=='$Subject']", {"restApiId": "$Api"}),
        API,
    ),
    "AWS::ApiGateway::RestApi": Sample(
        {"Name": "an-api"}, Look("apigateway", "get_rest_apis", "items[?id=='$Subject']")
    ),
    "AWS::AutoScaling::AutoScalingGroup": Sample(
        GROUP,
        Look(
            "autoscaling",
            "describe_auto_scaling_groups",
            "AutoScalingGroups[?AutoScalingGroupName=='$Subject']",
        ),
        LAUNCH,
    ),
    "AWS::AutoScaling::LaunchConfiguration": Sample(
        {"LaunchConfigurationName": "a-launch", "ImageId": IMAGE, "InstanceType": "t3.micro"},
        Look(
            "autoscaling",
            "describe_launch_configurations",
            "LaunchConfigurations[?LaunchConfigurationName=='$Subject']",
        ),
    ),
    "AWS::AutoScaling::ScheduledAction": Sample(
        {
            "AutoScalingGroupName": _ref("Group"),
            "DesiredCapacity": 1,
            "StartTime": "2099-01-01T00:00:00Z",
        },
        Look("autoscaling", "describe_scheduled_actions", "ScheduledUpdateGroupActions"),
        {"Group": _resource("AWS::AutoScaling::AutoScalingGroup", **GROUP), **LAUNCH},
    ),
    "AWS::Batch::ComputeEnvironment": Sample(
        COMPUTE["Compute"]["Properties"],
        Look(
            "batch",
            "describe_compute_environments",
            "computeEnvironments[?computeEnvironmentArn=='$Subject']",
        ),
        {name: it for name, it in COMPUTE.items() if name != "Compute"},
    ),
    "AWS::Batch::JobDefinition": Sample(
        {
            "JobDefinitionName": "a-job",
            "Type": "container",
            "RetryStrategy": {"Attempts": 1},
            "ContainerProperties": {"Image": "box", "Memory": 128, "Vcpus": 1},
        },
        Look(
            "batch",
            "describe_job_definitions",
            "jobDefinitions[?jobDefinitionArn=='$Subject' && status=='ACTIVE']",
        ),
    ),
    "AWS::Batch::JobQueue": Sample(
        {
            "JobQueueName": "a-queue",
            "Priority": 1,
            "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": _ref("Compute")}],
        },
        Look("batch", "describe_job_queues", "jobQueues[?jobQueueArn=='$Subject']"),
        COMPUTE,
    ),
    "AWS::CloudWatch::Dashboard": Sample(
        {"DashboardName": "a-dashboard", "DashboardBody": '{"widgets": []}'},
        Look("cloudwatch", "list_dashboards", "DashboardEntries[?DashboardName=='$Subject']"),
    ),
    "AWS::DataPipeline::Pipeline": Sample(
        {
            "Name": "a-pipeline",
            "Activate": True,
            "ParameterObjects": [],
            "PipelineObjects": [{"Id": "Default", "Name": "Default", "Fields": []}],
        },
        Look("datapipeline", "list_pipelines", "pipelineIdList[?id=='$Subject']"),
    ),
    "AWS::DynamoDB::Table": Sample(
        {
            "TableName": "a-table",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
        Look("dynamodb", "list_tables", "TableNames[?@=='$Subject']"),
    ),
    "AWS::EC2::EIP": Sample(
        {"Domain": "vpc"}, _ec2("describe_addresses", "Addresses[?PublicIp=='$Subject']")
    ),
    "AWS::EC2::FlowLog": Sample(
        {
            "ResourceType": "VPC",
            "ResourceId": _ref("Vpc"),
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": _get("Bucket", "Arn"),
        },
        _ec2("describe_flow_logs", "FlowLogs[?FlowLogId=='$Subject']"),
        {**VPC, **BUCKET},
    ),
    "AWS::EC2::Instance": Sample(
        {"ImageId": IMAGE},
        _ec2(
            "describe_instances",
            "Reservations[].Instances[?InstanceId=='$Subject' && State.Name=='running'][]",
        ),
    ),
    "AWS::EC2::InternetGateway": Sample(
        {},
        _ec2("describe_internet_gateways", "InternetGateways[?InternetGatewayId=='$Subject']"),
    ),
    "AWS::EC2::LaunchTemplate": Sample(
        {
            "LaunchTemplateName": "a-template",
            "LaunchTemplateData": {"ImageId": IMAGE, "InstanceType": "t3.micro"},
        },
        _ec2("describe_launch_templates", "LaunchTemplates[?LaunchTemplateId=='$Subject']"),
    ),
    "AWS::EC2::NatGateway": Sample(
        {"SubnetId": _ref("Subnet"), "AllocationId": _get("Address", "AllocationId")},
        _ec2(
            "describe_nat_gateways",
            "NatGateways[?NatGatewayId=='$Subject' && State=='available']",
        ),
        {**SUBNET, "Address": _resource("AWS::EC2::EIP", Domain="vpc")},
    ),
    "AWS::EC2::NetworkInterface": Sample(
        {"SubnetId": _ref("Subnet")},
        _ec2("describe_network_interfaces", "NetworkInterfaces[?NetworkInterfaceId=='$Subject']"),
        SUBNET,
    ),
    "AWS::EC2::Route": Sample(
        {
            "RouteTableId": _ref("Table"),
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": _ref("Gateway"),
        },
        _ec2(
            "describe_route_tables",
            "RouteTables[].Routes[?DestinationCidrBlock=='0.0.0.0/0'][]",
        ),
        {**ATTACHED, **TABLE},
    ),
    "AWS::EC2::RouteTable": Sample(
        {"VpcId": _ref("Vpc")},
        _ec2("describe_route_tables", "RouteTables[?RouteTableId=='$Subject']"),
        VPC,
    ),
    "AWS::EC2::SecurityGroup": Sample(
        {"GroupName": "a-group", "GroupDescription": "a group", "VpcId": _ref("Vpc")},
        _ec2("describe_security_groups", "SecurityGroups[?GroupId=='$Subject']"),
        VPC,
    ),
    "AWS::EC2::SecurityGroupIngress": Sample(
        {
            "GroupId": _get("Group", "GroupId"),
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "CidrIp": "10.0.0.0/8",
        },
        _ec2("describe_security_groups", "SecurityGroups[].IpPermissions[?FromPort==`80`][]"),
        {
            **VPC,
            "Group": _resource(
                "AWS::EC2::SecurityGroup", GroupDescription="a group", VpcId=_ref("Vpc")
            ),
        },
    ),
    "AWS::EC2::SpotFleet": Sample(
        {
            "SpotFleetRequestConfigData": {
                "IamFleetRole": ROLE_ARN,
                "TargetCapacity": 1,
                "SpotPrice": "1",
                "AllocationStrategy": "lowestPrice",
                "LaunchSpecifications": [
                    {
                        "ImageId": IMAGE,
                        "InstanceType": "t3.micro",
                        "SubnetId": _ref("Subnet"),
                        "WeightedCapacity": "1",
                        "SpotPrice": "1",
                    }
                ],
            }
        },
        _ec2(
            "describe_spot_fleet_requests",
            "SpotFleetRequestConfigs[?SpotFleetRequestId=='$Subject']",
        ),
        SUBNET,
    ),
    "AWS::EC2::Subnet": Sample(
        {"VpcId": _ref("Vpc"), "CidrBlock": "10.0.1.0/24"},
        _ec2("describe_subnets", "Subnets[?SubnetId=='$Subject']"),
        VPC,
    ),
    "AWS::EC2::SubnetRouteTableAssociation": Sample(
        {"RouteTableId": _ref("Table"), "SubnetId": _ref("Subnet")},
        _ec2("describe_route_tables", "RouteTables[].Associations[?SubnetId=='$Subnet'][]"),
        {**SUBNET, **TABLE},
    ),
    "AWS::EC2::TransitGateway": Sample(
        {"Description": "a gateway"},
        _ec2(
            "describe_transit_gateways",
            "TransitGateways[?TransitGatewayId=='$Subject' && State=='available']",
        ),
    ),
    "AWS::EC2::VPC": Sample(
        {"CidrBlock": "10.0.0.0/16"}, _ec2("describe_vpcs", "Vpcs[?VpcId=='$Subject']")
    ),
    "AWS::EC2::VPCEndpoint": Sample(
        {"VpcId": _ref("Vpc"), "ServiceName": "com.amazonaws.us-east-1.s3"},
        _ec2(
            "describe_vpc_endpoints",
            "VpcEndpoints[?VpcEndpointId=='$Subject' && State=='available']",
        ),
        VPC,
    ),
    "AWS::EC2::VPCGatewayAttachment": Sample(
        {"VpcId": _ref("Vpc"), "InternetGatewayId": _ref("Gateway")},
        _ec2(
            "describe_internet_gateways",
            "InternetGateways[?InternetGatewayId=='$Gateway'].Attachments[]",
        ),
        {**VPC, **GATEWAY},
    ),
    "AWS::EC2::VPCPeeringConnection": Sample(
        {"VpcId": _ref("Vpc"), "PeerVpcId": _ref("Other")},
        _ec2(
            "describe_vpc_peering_connections",
            "VpcPeeringConnections[?VpcPeeringConnectionId=='$Subject' && Status.Code!='deleted']",
        ),
        {**VPC, "Other": _resource("AWS::EC2::VPC", CidrBlock="10.1.0.0/16")},
    ),
    "AWS::EC2::VPNGateway": Sample(
        {"Type": "ipsec.1"},
        _ec2(
            "describe_vpn_gateways",
            "VpnGateways[?VpnGatewayId=='$Subject' && State=='available']",
        ),
    ),
    "AWS::EC2::Volume": Sample(
        {"Size": 1, "AvailabilityZone": "us-east-1a"},
        _ec2("describe_volumes", "Volumes[?VolumeId=='$Subject']"),
    ),
    "AWS::EC2::VolumeAttachment": Sample(
        {"InstanceId": _ref("Instance"), "VolumeId": _ref("Volume"), "Device": "/dev/sdh"},
        _ec2("describe_volumes", "Volumes[?VolumeId=='$Volume'].Attachments[]"),
        {**INSTANCE, **VOLUME},
    ),
    "AWS::ECR::Repository": Sample(
        {"RepositoryName": "a-repository"},
        Look("ecr", "describe_repositories", "repositories[?repositoryName=='$Subject']"),
    ),
    "AWS::ECS::Cluster": Sample(
        {"ClusterName": "a-cluster"},
        Look(
            "ecs",
            "describe_clusters",
            "clusters[?status=='ACTIVE']",
            {"clusters": ["$Subject"]},
        ),
    ),
    "AWS::ECS::Service": Sample(
        {
            "ServiceName": "a-service",
            "Cluster": _ref("Cluster"),
            "TaskDefinition": _ref("Task"),
            "DesiredCount": 1,
        },
        Look(
            "ecs",
            "describe_services",
            "services[?status=='ACTIVE']",
            {"cluster": "$Cluster", "services": ["$Subject"]},
        ),
        {**CLUSTER, **TASK},
    ),
    "AWS::ECS::TaskDefinition": Sample(
        TASK_PROPERTIES,
        Look(
            "ecs",
            "describe_task_definition",
            "taskDefinition.status=='ACTIVE'",
            {"taskDefinition": "$Subject"},
        ),
    ),
    "AWS::EFS::AccessPoint": Sample(
        {"FileSystemId": _ref("Files")},
        Look("efs", "describe_access_points", "AccessPoints[?FileSystemId=='$Files']"),
        FILES,
    ),
    "AWS::EFS::FileSystem": Sample(
        {}, Look("efs", "describe_file_systems", "FileSystems[?FileSystemId=='$Subject']")
    ),
    "AWS::EFS::MountTarget": Sample(
        {"FileSystemId": _ref("Files"), "SubnetId": _ref("Subnet"), "SecurityGroups": []},
        Look(
            "efs",
            "describe_mount_targets",
            "MountTargets[?MountTargetId=='$Subject']",
            {"FileSystemId": "$Files"},
        ),
        {**FILES, **SUBNET},
    ),
    "AWS::EMR::Cluster": Sample(
        EMR_PROPERTIES,
        Look("emr", "list_clusters", "Clusters[?Id=='$Subject' && Status.State!='TERMINATED']"),
        unseen="A cluster without steps terminates at once in moto.",
    ),
    "AWS::EMR::InstanceGroupConfig": Sample(
        {
            "JobFlowId": _ref("Emr"),
            "InstanceCount": 1,
            "InstanceRole": "TASK",
            "InstanceType": "m5.large",
        },
        Look(
            "emr",
            "list_instance_groups",
            "InstanceGroups[?Id=='$Subject' && RequestedInstanceCount>`0`]",
            {"ClusterId": "$Emr"},
        ),
        EMR,
    ),
    "AWS::EMR::SecurityConfiguration": Sample(
        {"Name": "a-configuration", "SecurityConfiguration": {}},
        Look(
            "emr",
            "describe_security_configuration",
            "Name",
            {"Name": "$Subject"},
        ),
    ),
    "AWS::ElasticLoadBalancing::LoadBalancer": Sample(
        {
            "LoadBalancerName": "a-balancer",
            "AvailabilityZones": ["us-east-1a"],
            "Listeners": [{"LoadBalancerPort": "80", "InstancePort": "80", "Protocol": "HTTP"}],
        },
        Look(
            "elb",
            "describe_load_balancers",
            "LoadBalancerDescriptions[?LoadBalancerName=='$Subject']",
        ),
    ),
    "AWS::ElasticLoadBalancingV2::Listener": Sample(
        LISTENER["Listener"]["Properties"],
        Look(
            "elbv2",
            "describe_listeners",
            "Listeners[?ListenerArn=='$Subject']",
            {"LoadBalancerArn": "$Balancer"},
        ),
        BALANCER,
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": Sample(
        {
            "ListenerArn": _ref("Listener"),
            "Priority": 1,
            "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
            "Actions": [FORWARD],
        },
        Look(
            "elbv2",
            "describe_rules",
            "Rules[?RuleArn=='$Subject']",
            {"ListenerArn": "$Listener"},
        ),
        LISTENER,
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Sample(
        BALANCER_PROPERTIES,
        Look("elbv2", "describe_load_balancers", "LoadBalancers[?LoadBalancerArn=='$Subject']"),
        SUBNETS,
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Sample(
        {"Name": "a-group", "VpcId": _ref("Vpc"), "Port": 80, "Protocol": "HTTP"},
        Look("elbv2", "describe_target_groups", "TargetGroups[?TargetGroupArn=='$Subject']"),
        VPC,
    ),
    "AWS::Events::Archive": Sample(
        {
            "ArchiveName": "an-archive",
            "SourceArn": "arn:aws:events:us-east-1:123456789012:event-bus/default",
        },
        Look("events", "list_archives", "Archives[?ArchiveName=='$Subject']"),
    ),
    "AWS::Events::EventBus": Sample(
        {"Name": "a-bus"}, Look("events", "list_event_buses", "EventBuses[?Name=='$Subject']")
    ),
    "AWS::Events::Rule": Sample(
        {
            "Name": "a-rule",
            "ScheduleExpression": "rate(1 day)",
            "Targets": [{"Id": "queue", "Arn": _get("Queue", "Arn")}],
        },
        Look("events", "list_rules", "Rules[?Name=='$Subject']"),
        QUEUE,
    ),
    "AWS::IAM::AccessKey": Sample(
        {"UserName": _ref("User")},
        Look(
            "iam",
            "list_access_keys",
            "AccessKeyMetadata[?AccessKeyId=='$Subject']",
            {"UserName": "$User"},
        ),
        USER,
    ),
    "AWS::IAM::InstanceProfile": Sample(
        {"InstanceProfileName": "a-profile", "Roles": [_ref("Role")]},
        Look(
            "iam",
            "list_instance_profiles",
            "InstanceProfiles[?InstanceProfileName=='$Subject']",
        ),
        ROLE,
    ),
    "AWS::IAM::ManagedPolicy": Sample(
        {
            "ManagedPolicyName": "a-policy",
            "PolicyDocument": _policy(Resource="*"),
            "Roles": [_ref("Role")],
            "Users": [_ref("User")],
        },
        Look("iam", "list_policies", "Policies[?Arn=='$Subject']", {"Scope": "Local"}),
        {**ROLE, **USER},
    ),
    "AWS::IAM::Policy": Sample(
        {
            "PolicyName": "a-policy",
            "PolicyDocument": _policy(Resource="*"),
            "Roles": [_ref("Role")],
        },
        Look("iam", "list_role_policies", "PolicyNames", {"RoleName": "$Role"}),
        ROLE,
    ),
    "AWS::IAM::Role": Sample(
        {
            "RoleName": "a-role",
            "AssumeRolePolicyDocument": TRUST,
            "Policies": [{"PolicyName": "own", "PolicyDocument": _policy(Resource="*")}],
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        },
        Look("iam", "list_roles", "Roles[?RoleName=='$Subject']"),
    ),
    "AWS::IAM::User": Sample(
        {"UserName": "a-user"}, Look("iam", "list_users", "Users[?UserName=='$Subject']")
    ),
    "AWS::IoT::BillingGroup": Sample(
        {"BillingGroupName": "a-group"},
        Look("iot", "list_billing_groups", "billingGroups[?groupName=='$Subject']"),
    ),
    "AWS::IoT::JobTemplate": Sample(
        {"JobTemplateId": "a-template", "Description": "a template", "Document": "{}"},
        Look("iot", "list_job_templates", "jobTemplates[?jobTemplateId=='$Subject']"),
    ),
    "AWS::IoT::Policy": Sample(
        {"PolicyName": "a-policy", "PolicyDocument": _policy(Resource="*")},
        Look("iot", "list_policies", "policies[?policyName=='$Subject']"),
    ),
    "AWS::IoT::RoleAlias": Sample(
        {"RoleAlias": "an-alias", "RoleArn": ROLE_ARN},
        Look("iot", "list_role_aliases", "roleAliases[?@=='$Subject']"),
    ),
    "AWS::IoT::Thing": Sample(
        {"ThingName": "a-thing"}, Look("iot", "list_things", "things[?thingName=='$Subject']")
    ),
    "AWS::IoT::ThingType": Sample(
        {"ThingTypeName": "a-type"},
        Look("iot", "list_thing_types", "thingTypes[?thingTypeName=='$Subject']"),
    ),
    "AWS::KMS::Alias": Sample(
        {"AliasName": "alias/a-key", "TargetKeyId": _ref("Key")},
        Look("kms", "list_aliases", "Aliases[?AliasName=='$Subject']"),
        KEY,
    ),
    "AWS::KMS::Key": Sample(
        {"KeyPolicy": _policy(Principal="*", Resource="*")},
        Look(
            "kms",
            "describe_key",
            "KeyMetadata.KeyState!='PendingDeletion'",
            {"KeyId": "$Subject"},
        ),
    ),
    "AWS::Kinesis::Stream": Sample(
        {"Name": "a-stream", "ShardCount": 1},
        Look("kinesis", "list_streams", "StreamNames[?@=='$Subject']"),
    ),
    "AWS::Lambda::EventSourceMapping": Sample(
        {"FunctionName": _ref("Function"), "EventSourceArn": _get("Queue", "Arn")},
        Look("lambda", "list_event_source_mappings", "EventSourceMappings[?UUID=='$Subject']"),
        {**FUNCTION, **QUEUE},
    ),
    "AWS::Lambda::Function": Sample(
        FUNCTION_PROPERTIES,
        Look("lambda", "list_functions", "Functions[?FunctionName=='$Subject']"),
        ROLE,
    ),
    "AWS::Lambda::LayerVersion": Sample(
        {"LayerName": "a-layer", "Content": {"S3Bucket": "layers", "S3Key": "layer.zip"}},
        Look(
            "lambda",
            "list_layer_versions",
            "LayerVersions",
            {"LayerName": "a-layer"},
        ),
    ),
    "AWS::Lambda::Permission": Sample(
        {
            "FunctionName": _ref("Function"),
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
        },
        Look("lambda", "get_policy", "Policy", {"FunctionName": "$Function"}),
        FUNCTION,
    ),
    "AWS::Lambda::Version": Sample(
        {"FunctionName": _ref("Function")},
        Look(
            "lambda",
            "list_versions_by_function",
            "Versions[?Version!='$LATEST']",
            {"FunctionName": "$Function"},
        ),
        FUNCTION,
    ),
    "AWS::Logs::LogGroup": Sample(
        {"LogGroupName": "a-group"},
        Look("logs", "describe_log_groups", "logGroups[?logGroupName=='$Subject']"),
    ),
    "AWS::Logs::ResourcePolicy": Sample(
        {"PolicyName": "a-policy", "PolicyDocument": json.dumps(_policy(Resource="*"))},
        Look("logs", "describe_resource_policies", "resourcePolicies[?policyName=='$Subject']"),
    ),
    "AWS::RDS::DBInstance": Sample(
        {
            "DBInstanceIdentifier": "a-database",
            "DBInstanceClass": "db.t3.micro",
            "Engine": "mysql",
            "AllocatedStorage": "20",
            "MasterUsername": "me",
            "MasterUserPassword": "secret99",
            "DBSubnetGroupName": _ref("SubnetGroup"),
        },
        Look("rds", "describe_db_instances", "DBInstances[?DBInstanceIdentifier=='$Subject']"),
        SUBNET_GROUP,
    ),
    "AWS::RDS::DBParameterGroup": Sample(
        {"DBParameterGroupName": "a-group", "Description": "a group", "Family": "mysql8.0"},
        Look(
            "rds",
            "describe_db_parameter_groups",
            "DBParameterGroups[?DBParameterGroupName=='$Subject']",
        ),
    ),
    "AWS::RDS::DBSecurityGroup": Sample(
        {"GroupDescription": "a group", "DBSecurityGroupIngress": []},
        Look(
            "rds",
            "describe_db_security_groups",
            "DBSecurityGroups[?DBSecurityGroupDescription=='a group']",
        ),
    ),
    "AWS::RDS::DBSubnetGroup": Sample(
        {
            "DBSubnetGroupName": "a-group",
            "DBSubnetGroupDescription": "a group",
            "SubnetIds": [_ref("Subnet"), _ref("Second")],
        },
        Look("rds", "describe_db_subnet_groups", "DBSubnetGroups[?DBSubnetGroupName=='$Subject']"),
        SUBNETS,
    ),
    "AWS::Redshift::Cluster": Sample(
        {
            "ClusterIdentifier": "a-cluster",
            "ClusterType": "single-node",
            "NodeType": "ra3.large",
            "DBName": "data",
            "MasterUsername": "me",
            "MasterUserPassword": "Secret99",
            "ClusterSubnetGroupName": _ref("Group"),
        },
        Look("redshift", "describe_clusters", "Clusters[?ClusterIdentifier=='$Subject']"),
        {
            **SUBNET,
            "Group": _resource(
                "AWS::Redshift::ClusterSubnetGroup",
                Description="a group",
                SubnetIds=[_ref("Subnet")],
            ),
        },
    ),
    "AWS::Redshift::ClusterParameterGroup": Sample(
        {
            "ParameterGroupName": "a-group",
            "Description": "a group",
            "ParameterGroupFamily": "redshift-1.0",
        },
        Look(
            "redshift",
            "describe_cluster_parameter_groups",
            "ParameterGroups[?ParameterGroupName=='$Subject']",
        ),
    ),
    "AWS::Redshift::ClusterSubnetGroup": Sample(
        {"Description": "a group", "SubnetIds": [_ref("Subnet")]},
        Look(
            "redshift",
            "describe_cluster_subnet_groups",
            "ClusterSubnetGroups[?ClusterSubnetGroupName=='$Subject']",
        ),
        SUBNET,
    ),
    "AWS::Route53::HealthCheck": Sample(
        {"HealthCheckConfig": {"Type": "HTTP", "IPAddress": "10.0.0.1", "Port": 80}},
        Look("route53", "list_health_checks", "HealthChecks[?Id=='$Subject']"),
    ),
    "AWS::Route53::HostedZone": Sample(
        {"Name": "example.com."},
        Look("route53", "list_hosted_zones", "HostedZones[?Id=='/hostedzone/$Subject']"),
    ),
    "AWS::Route53::RecordSet": Sample(
        {"HostedZoneId": _ref("Zone"), **RECORD},
        Look(
            "route53",
            "list_resource_record_sets",
            "ResourceRecordSets[?Name=='a.example.com.']",
            {"HostedZoneId": "$Zone"},
        ),
        ZONE,
    ),
    "AWS::Route53::RecordSetGroup": Sample(
        {"HostedZoneId": _ref("Zone"), "RecordSets": [RECORD]},
        Look(
            "route53",
            "list_resource_record_sets",
            "ResourceRecordSets[?Name=='a.example.com.']",
            {"HostedZoneId": "$Zone"},
        ),
        ZONE,
    ),
    "AWS::S3::Bucket": Sample(
        {"BucketName": "a-bucket-of-a-sample"},
        Look("s3", "list_buckets", "Buckets[?Name=='$Subject']"),
    ),
    "AWS::SNS::Topic": Sample(
        {
            "TopicName": "a-topic",
            "Subscription": [{"Protocol": "sqs", "Endpoint": _get("Queue", "Arn")}],
        },
        Look("sns", "list_topics", "Topics[?TopicArn=='$Subject']"),
        QUEUE,
    ),
    "AWS::SQS::Queue": Sample(
        {"QueueName": "a-queue"}, Look("sqs", "list_queues", "QueueUrls[?ends_with(@, '/a-queue')]")
    ),
    "AWS::SSM::Document": Sample(
        {
            "Name": "a-document",
            "DocumentType": "Command",
            "Content": {"schemaVersion": "2.2", "description": "a", "mainSteps": []},
        },
        Look("ssm", "list_documents", "DocumentIdentifiers[?Name=='$Subject']"),
    ),
    "AWS::SSM::Parameter": Sample(
        {"Name": "a-parameter", "Type": "String", "Value": "a"},
        Look("ssm", "describe_parameters", "Parameters[?Name=='$Subject']"),
    ),
    "AWS::SageMaker::Endpoint": Sample(
        {
            "EndpointName": "an-endpoint",
            "EndpointConfigName": _get("Config", "EndpointConfigName"),
        },
        Look("sagemaker", "list_endpoints", "Endpoints[?EndpointArn=='$Subject']"),
        ENDPOINT_CONFIG,
    ),
    "AWS::SageMaker::EndpointConfig": Sample(
        ENDPOINT_CONFIG["Config"]["Properties"],
        Look(
            "sagemaker",
            "list_endpoint_configs",
            "EndpointConfigs[?EndpointConfigArn=='$Subject']",
        ),
        MODEL,
    ),
    "AWS::SageMaker::Model": Sample(
        MODEL["Model"]["Properties"],
        Look("sagemaker", "list_models", "Models[?ModelArn=='$Subject']"),
    ),
    "AWS::SageMaker::NotebookInstance": Sample(
        {
            "NotebookInstanceName": "a-notebook",
            "InstanceType": "ml.t3.medium",
            "RoleArn": ROLE_ARN,
        },
        Look(
            "sagemaker",
            "list_notebook_instances",
            "NotebookInstances[?NotebookInstanceArn=='$Subject']",
        ),
    ),
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": Sample(
        {"NotebookInstanceLifecycleConfigName": "a-configuration"},
        Look(
            "sagemaker",
            "describe_notebook_instance_lifecycle_config",
            "NotebookInstanceLifecycleConfigArn",
            {"NotebookInstanceLifecycleConfigName": "a-configuration"},
        ),
    ),
    "AWS::StepFunctions::StateMachine": Sample(
        {
            "StateMachineName": "a-machine",
            "DefinitionString": json.dumps(STATES),
            "RoleArn": ROLE_ARN,
        },
        Look(
            "stepfunctions",
            "list_state_machines",
            "stateMachines[?stateMachineArn=='$Subject']",
        ),
    ),
}
