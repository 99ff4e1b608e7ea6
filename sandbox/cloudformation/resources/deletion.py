"""How a resource of moto's is deleted through its service, where moto's model has no delete.

Which operations delete a resource is what AWS's published schema of its type says: the permissions
of its delete handler. An entry here takes precedence over the delete of moto's model: a few of
those do not do what AWS does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend
from moto.s3.exceptions import BucketNotEmpty

from sandbox.cloudformation.resources.resource_type import Instance
from sandbox.hosting.place import Place

DEFAULT_PENDING_WINDOW = 30
"""The days after which KMS deletes a key, if the template does not say how many."""


@dataclass(frozen=True)
class Deletion:
    """A resource to delete, and the place in which it is.

    model: the object of moto that stands for it.
    """

    instance: Instance
    model: Any
    place: Place

    @property
    def id(self) -> str:
        """The physical id."""
        return self.instance.physical_id

    @property
    def properties(self) -> Mapping[str, Any]:
        """The properties that it was last given."""
        return self.instance.properties

    def __getitem__(self, name: str) -> Any:
        """Return a property. Raises KeyError if the resource was not given it."""
        return self.properties[name]

    def backend(self, service: Any) -> Any:
        """Return moto's implementation of a service, for the place of the resource."""
        backends = get_backend(service)[self.place.account_id]
        # The services without regions have one backend for each partition.
        return backends[
            self.place.region if self.place.region in backends else self.place.partition
        ]


Delete = Callable[[Deletion], object]


def delete(service: str, operation: str, *parameters: str) -> Delete:
    """Return a delete that calls one operation.

    parameters: the properties to pass; by default, the physical id.
    """

    def call(it: Deletion) -> None:
        arguments = [it[name] for name in parameters] or [it.id]
        getattr(it.backend(service), operation)(*arguments)

    return call


def _api_deployment(it: Deletion) -> None:
    """Delete the deployment with its stage, without which API Gateway refuses to delete it.

    Whether CloudFormation deletes that stage is not documented.
    """
    api = it.backend("apigateway")
    if "StageName" in it.properties:
        stages = {stage.name: stage for stage in api.get_stages(it["RestApiId"])}
        stage = stages.get(it["StageName"])
        if stage and stage.deployment_id == it.id:
            api.delete_stage(it["RestApiId"], stage.name)
    api.delete_deployment(it["RestApiId"], it.id)


def _api_resource(it: Deletion) -> None:
    it.backend("apigateway").delete_resource(it["RestApiId"], it.id)


def _scheduled_action(it: Deletion) -> None:
    name = it.model.scheduled_action_name
    it.backend("autoscaling").delete_scheduled_action(it["AutoScalingGroupName"], name)


def _flow_log(it: Deletion) -> None:
    it.backend("ec2").delete_flow_logs([it.id])


def _route(it: Deletion) -> None:
    """Delete the route to the destination in its id, which moto knows even if it is no IPv4 one."""
    table, _, destination = it.id.partition("~")
    it.backend("ec2").delete_route(table, destination)


def _ingress(it: Deletion) -> None:
    ec2 = it.backend("ec2")
    group = ec2.get_security_group_by_name_or_id(it.properties.get("GroupId") or it["GroupName"])
    if group is None:  # and its rules with it
        return
    source = {
        key: it.properties[name]
        for key, name in (
            ("GroupId", "SourceSecurityGroupId"),
            ("GroupName", "SourceSecurityGroupName"),
        )
        if name in it.properties
    }
    ranges = [{"CidrIp": it["CidrIp"]}] if "CidrIp" in it.properties else []
    ec2.revoke_security_group_ingress(
        group.id,
        it["IpProtocol"],
        it.properties.get("FromPort"),
        it.properties.get("ToPort"),
        ranges,
        [source] if source else [],
    )


def _nat_gateway(it: Deletion) -> None:
    """Delete the gateway with its network interface, and free its address, which moto keeps."""
    ec2 = it.backend("ec2")
    for gateway in ec2.describe_nat_gateways(None, [it.id]):
        ec2.delete_nat_gateway(it.id)
        for address in gateway.address_set:
            if "publicIp" in address:
                ec2.disassociate_address(address=address["publicIp"])
            ec2.delete_network_interface(address["networkInterfaceId"])


def _spot_fleet(it: Deletion) -> None:
    it.backend("ec2").cancel_spot_fleet_requests([it.id], terminate_instances=True)


def _vpc(it: Deletion) -> None:
    """Delete the VPC and its default network ACL, which moto keeps."""
    ec2 = it.backend("ec2")
    default = ec2.describe_network_acls(filters={"vpc-id": it.id, "default": "true"})
    ec2.delete_vpc(it.id)
    for acl in default:
        ec2.network_acls.pop(acl.id, None)


def _vpc_endpoint(it: Deletion) -> None:
    it.backend("ec2").delete_vpc_endpoints([it.id])


def _gateway_attachment(it: Deletion) -> None:
    ec2 = it.backend("ec2")
    if "VpnGatewayId" in it.properties:
        ec2.detach_vpn_gateway(it["VpnGatewayId"], it["VpcId"])
    else:
        ec2.detach_internet_gateway(it["InternetGatewayId"], it["VpcId"])


def _volume_attachment(it: Deletion) -> None:
    it.backend("ec2").detach_volume(it["VolumeId"], it["InstanceId"], it.properties.get("Device"))


def _repository(it: Deletion) -> None:
    force = bool(it.properties.get("EmptyOnDelete"))
    it.backend("ecr").delete_repository(it.id, force=force)


def _service(it: Deletion) -> None:
    # Without `force`, ECS refuses to delete a service that is not scaled to zero.
    cluster = it.properties.get("Cluster", "default")
    it.backend("ecs").delete_service(cluster, it.id, force=True)


def _instance_group(it: Deletion) -> None:
    """EMR has no operation that removes a group, so CloudFormation resizes it to zero."""
    group = {"instance_group_id": it.id, "instance_count": 0}
    it.backend("emr").modify_instance_groups([group])


def _managed_policy(it: Deletion) -> None:
    """Detach the policy from every user, group and role, then delete it."""
    iam = it.backend("iam")
    holders: tuple[tuple[Callable[[str, str], None], Iterable[Any]], ...] = (
        (iam.detach_user_policy, iam.list_users(None, None, None)),
        (iam.detach_group_policy, iam.list_groups()),
        (iam.detach_role_policy, iam.get_roles()),
    )
    for detach, entities in holders:
        for entity in entities:
            if it.id in entity.managed_policies:
                detach(it.id, entity.name)
    iam.delete_policy(it.id)


def _role(it: Deletion) -> None:
    """Delete the policies that the template has given the role, then the role.

    IAM refuses if it has other policies, as CloudFormation then reports: convox/rack issue 2672 and
    waterbear-cloud/paco issue 27.
    """
    iam = it.backend("iam")
    role = iam.get_role(it.id)
    for policy in it.properties.get("Policies", ()):
        if policy["PolicyName"] in role.policies:
            iam.delete_role_policy(it.id, policy["PolicyName"])
    for arn in it.properties.get("ManagedPolicyArns", ()):
        if arn in role.managed_policies:
            iam.detach_role_policy(arn, it.id)
    iam.delete_role(it.id)


def _key(it: Deletion) -> None:
    days = int(it.properties.get("PendingWindowInDays", DEFAULT_PENDING_WINDOW))
    it.backend("kms").schedule_key_deletion(it.id, days)


def _layer_version(it: Deletion) -> None:
    it.backend("lambda").delete_layer_version(it.model.name, str(it.model.version))


def _function_version(it: Deletion) -> None:
    it.backend("lambda").delete_function(it["FunctionName"], str(it.model.version))


def _permission(it: Deletion) -> None:
    it.backend("lambda").remove_permission(it["FunctionName"], it.id)


def _redshift_cluster(it: Deletion) -> None:
    it.backend("redshift").delete_cluster(
        cluster_identifier=it.id, skip_final_snapshot=True, final_cluster_snapshot_identifier=None
    )


def _record_sets(it: Deletion) -> None:
    route53 = it.backend("route53")
    name = it.properties.get("HostedZoneName")
    zone = route53.get_hosted_zone_by_name(name) if name else None
    zone = zone or route53.get_hosted_zone(it["HostedZoneId"])
    for record in it["RecordSets"]:
        zone.delete_rrset(record)


def _bucket(it: Deletion) -> None:
    """Delete a bucket, or fail as S3 does if it is not empty, which moto's model keeps quiet.

    CloudFormation reports that: F5Networks/f5-aws-cloudformation issue 52.
    """
    if it.backend("s3").delete_bucket(it.id) is None:
        raise BucketNotEmpty(bucket_name=it.id)


_GONE = re.compile("NotFound|NoSuch|NonExistent|DoesNotExist|NotAttached|Could not find")
"""What is in the code, class or message of an error about a resource that does not exist."""


def is_gone(error: Exception, physical_id: str) -> bool:
    """Return whether a delete failed because the resource does not exist any more.

    moto's services say so with an error of their own, or leak the KeyError of a look-up.
    """
    if isinstance(error, KeyError):
        return error.args == (physical_id,)
    code = getattr(error, "error_type", None) or getattr(error, "code", "")
    message = getattr(error, "message", "")
    return bool(_GONE.search(f"{type(error).__name__} {code} {message}"))


DELETES: Mapping[str, Delete] = {
    "AWS::ApiGateway::Deployment": _api_deployment,
    "AWS::ApiGateway::Method": delete(
        "apigateway", "delete_method", "RestApiId", "ResourceId", "HttpMethod"
    ),
    "AWS::ApiGateway::Resource": _api_resource,
    "AWS::ApiGateway::RestApi": delete("apigateway", "delete_rest_api"),
    "AWS::AutoScaling::ScheduledAction": _scheduled_action,
    "AWS::Batch::ComputeEnvironment": delete("batch", "delete_compute_environment"),
    "AWS::Batch::JobDefinition": delete("batch", "deregister_job_definition"),
    "AWS::Batch::JobQueue": delete("batch", "delete_job_queue"),
    "AWS::DataPipeline::Pipeline": delete("datapipeline", "delete_pipeline"),
    "AWS::EC2::EIP": delete("ec2", "release_address"),
    "AWS::EC2::FlowLog": _flow_log,
    "AWS::EC2::InternetGateway": delete("ec2", "delete_internet_gateway"),
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::EC2::NetworkInterface": delete("ec2", "delete_network_interface"),
    "AWS::EC2::Route": _route,
    "AWS::EC2::RouteTable": delete("ec2", "delete_route_table"),
    "AWS::EC2::SecurityGroupIngress": _ingress,
    "AWS::EC2::SpotFleet": _spot_fleet,
    "AWS::EC2::TransitGateway": delete("ec2", "delete_transit_gateway"),
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPCEndpoint": _vpc_endpoint,
    "AWS::EC2::VPCGatewayAttachment": _gateway_attachment,
    "AWS::EC2::VPCPeeringConnection": delete("ec2", "delete_vpc_peering_connection"),
    "AWS::EC2::VPNGateway": delete("ec2", "delete_vpn_gateway"),
    "AWS::EC2::Volume": delete("ec2", "delete_volume"),
    "AWS::EC2::VolumeAttachment": _volume_attachment,
    "AWS::ECR::Repository": _repository,
    "AWS::ECS::Cluster": delete("ecs", "delete_cluster"),
    "AWS::ECS::Service": _service,
    "AWS::ECS::TaskDefinition": delete("ecs", "deregister_task_definition"),
    "AWS::EMR::InstanceGroupConfig": _instance_group,
    "AWS::ElasticLoadBalancingV2::Listener": delete("elbv2", "delete_listener"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": delete("elbv2", "delete_rule"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": delete("elbv2", "delete_target_group"),
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Key": _key,
    "AWS::Lambda::LayerVersion": _layer_version,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::Version": _function_version,
    "AWS::Redshift::Cluster": _redshift_cluster,
    "AWS::Redshift::ClusterParameterGroup": delete("redshift", "delete_cluster_parameter_group"),
    "AWS::Redshift::ClusterSubnetGroup": delete("redshift", "delete_cluster_subnet_group"),
    "AWS::Route53::HealthCheck": delete("route53", "delete_health_check"),
    "AWS::Route53::HostedZone": delete("route53", "delete_hosted_zone"),
    "AWS::Route53::RecordSetGroup": _record_sets,
    "AWS::S3::Bucket": _bucket,
}
"""By the name of the type. Each raises what moto's service raises."""
