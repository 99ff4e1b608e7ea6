"""The URLs of CloudFormation. moto looks up these two names in the module beside `models`."""

from moto.cloudformation.urls import url_bases

from sandbox.cloudformation.api.dispatch import CloudFormationResponse

url_paths = {
    "{0}/$": CloudFormationResponse.dispatch,
    "{0}/cloudformation_(?P<region>[^/]+)/cfnresponse$": CloudFormationResponse.cfnresponse,
}

__all__ = ["url_bases", "url_paths"]
