"""The provider is called directly, on AWS whose answers a test may script."""

from tests.harness.scripted_fixtures import aws, provider, scripted_aws

__all__ = ["aws", "provider", "scripted_aws"]
