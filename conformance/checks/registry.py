"""The configuration data of registered types."""

from conformance.aws import Aws
from conformance.belief import belief
from conformance.expectations import expect_equal, refusal

UNKNOWN = "Acme::Unheard::OfByAnyone"


@belief("B225")
def configuring_a_type_that_is_not_there_is_refused(aws: Aws) -> None:
    client = aws.client("cloudformation")
    named = {"Type": "RESOURCE", "TypeName": UNKNOWN}
    refused = refusal(
        client.set_type_configuration, ConfigurationAlias="default", Configuration="{}", **named
    )
    expect_equal((refused.code, refused.status), ("TypeNotFoundException", 404))
    answer = client.batch_describe_type_configurations(TypeConfigurationIdentifiers=[named])
    expect_equal([each["ErrorCode"] for each in answer["Errors"]], ["TypeNotFoundException"])
