"""A sandbox's SageMaker over a real socket, and requests to send to it."""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from werkzeug.serving import make_server

from sandbox import moto_seams
from sandbox.sagemaker import SageMakerApp, SageMakerService, show_in_tagging_api

REGION = "us-east-1"
ACCOUNT = "123456789012"

#: A request that is valid and has every member that the operation has, at every depth.
EVERYTHING: dict[str, Any] = {
    "JobDefinitionName": "Churn-Quality",
    "ModelQualityBaselineConfig": {
        "BaseliningJobName": "baseline-1",
        "ConstraintsResource": {"S3Uri": "s3://bucket/constraints.json"},
    },
    "ModelQualityAppSpecification": {
        "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/analyzer:latest",
        "ContainerEntrypoint": ["/bin/analyze"],
        "ContainerArguments": ["--verbose"],
        "RecordPreprocessorSourceUri": "s3://bucket/preprocess.py",
        "PostAnalyticsProcessorSourceUri": "s3://bucket/postprocess.py",
        "ProblemType": "BinaryClassification",
        "Environment": {"STAGE": "test"},
    },
    "ModelQualityJobInput": {
        "EndpointInput": {
            "EndpointName": "churn",
            "LocalPath": "/opt/ml/processing/input",
            "S3InputMode": "Pipe",
            "S3DataDistributionType": "ShardedByS3Key",
            "FeaturesAttribute": "0",
            "InferenceAttribute": "1",
            "ProbabilityAttribute": "2",
            "ProbabilityThresholdAttribute": 0.5,
            "StartTimeOffset": "-PT1H",
            "EndTimeOffset": "-PT0H",
            "ExcludeFeaturesAttribute": "3",
        },
        "BatchTransformInput": {
            "DataCapturedDestinationS3Uri": "s3://b/captured",
            "DatasetFormat": {"Csv": {"Header": True}, "Json": {"Line": True}, "Parquet": {}},
            "LocalPath": "/opt/ml/processing/input",
            "S3InputMode": "Pipe",
            "S3DataDistributionType": "ShardedByS3Key",
            "FeaturesAttribute": "0",
            "InferenceAttribute": "1",
            "ProbabilityAttribute": "2",
            "ProbabilityThresholdAttribute": 0.5,
            "StartTimeOffset": "-PT1H",
            "EndTimeOffset": "-PT0H",
            "ExcludeFeaturesAttribute": "3",
        },
        "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
    },
    "ModelQualityJobOutputConfig": {
        "MonitoringOutputs": [
            {
                "S3Output": {
                    "S3Uri": "s3://bucket/output",
                    "LocalPath": "/opt/ml/processing/output",
                    "S3UploadMode": "EndOfJob",
                }
            }
        ],
        "KmsKeyId": "alias/output",
    },
    "JobResources": {
        "ClusterConfig": {
            "InstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "VolumeSizeInGB": 20,
            "VolumeKmsKeyId": "alias/volume",
        }
    },
    "NetworkConfig": {
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": False,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    },
    "RoleArn": "arn:aws:iam::123456789012:role/monitor",
    "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
    "Tags": [{"Key": "team", "Value": "churn"}],
}


def minimal(name: str = "quality", **changes: Any) -> dict[str, Any]:
    """Return the least that CreateModelQualityJobDefinition takes, with changes at the top."""
    everything = copy.deepcopy(EVERYTHING)
    request = {
        "JobDefinitionName": name,
        "ModelQualityAppSpecification": {"ImageUri": "image"},
        "ModelQualityJobInput": {
            "EndpointInput": {"EndpointName": "churn", "LocalPath": "/in"},
            "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
        },
        "ModelQualityJobOutputConfig": {
            "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://bucket/out", "LocalPath": "/out"}}]
        },
        "JobResources": everything["JobResources"],
        "RoleArn": everything["RoleArn"],
    }
    return {**request, **changes}


def batch(name: str = "quality", **changes: Any) -> dict[str, Any]:
    """Return a minimal request whose input is a batch transform and not an endpoint."""
    inputs = {
        "BatchTransformInput": {
            "DataCapturedDestinationS3Uri": "s3://b/captured",
            "DatasetFormat": {"Csv": {}},
            "LocalPath": "/in",
        },
        "GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"},
    }
    return {**minimal(name), "ModelQualityJobInput": inputs, **changes}


def sibling(monitoring_type: str, name: str = "quality", **changes: Any) -> dict[str, Any]:
    """Return a valid request to create a definition of another kind than model quality."""
    specification: dict[str, Any] = {"ImageUri": "image"}
    job_input = {"EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/ml/processing/in"}}
    if monitoring_type != "DataQuality":
        specification["ConfigUri"] = "s3://bucket/config.json"
    if monitoring_type == "ModelBias":
        job_input["GroundTruthS3Input"] = {"S3Uri": "s3://bucket/labels"}
    request = minimal(name)
    return {
        "JobDefinitionName": name,
        f"{monitoring_type}AppSpecification": specification,
        f"{monitoring_type}JobInput": job_input,
        f"{monitoring_type}JobOutputConfig": request["ModelQualityJobOutputConfig"],
        "JobResources": request["JobResources"],
        "RoleArn": request["RoleArn"],
        **changes,
    }


def schedule(name: str = "daily", definition: str = "quality", **changes: Any) -> dict[str, Any]:
    """Return a request for a daily schedule of a definition."""
    return {
        "MonitoringScheduleName": name,
        "MonitoringScheduleConfig": {
            "ScheduleConfig": {"ScheduleExpression": "cron(0 6 ? * * *)"},
            "MonitoringJobDefinitionName": definition,
            "MonitoringType": "ModelQuality",
        },
        **changes,
    }


@dataclass
class Answer:
    """What came over the wire."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Return the body's document."""
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass
class Sandbox:
    """A running sandbox."""

    url: str
    service: SageMakerService

    def client(self, service: str = "sagemaker", region: str = REGION, **keys: str) -> Any:
        """Return a boto3 client that leaves all validation to the service."""
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        credentials = {
            "aws_access_key_id": "AKIATESTTESTTESTTEST",
            "aws_secret_access_key": "secret",
            **keys,
        }
        return _SESSION.client(
            service, region_name=region, endpoint_url=self.url, config=config, **credentials
        )

    def post(
        self,
        operation: str,
        document: Any,
        signed_for: str | None = "sagemaker",
        region: str = REGION,
        **headers: str,
    ) -> Answer:
        """Send a body as it is: bytes, or a document in JSON; signed, unless for nobody."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        sent = {
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            **headers,
        }
        request = AWSRequest("POST", self.url, data=body, headers=sent)
        if signed_for:
            credentials = Credentials("AKIATESTTESTTESTTEST", "secret")
            SigV4Auth(credentials, signed_for, region).add_auth(request)
        answer = _HTTP.request("POST", self.url, body=body, headers=dict(request.headers.items()))
        return Answer(answer.status, answer.headers, answer.data)


_HTTP = urllib3.PoolManager()
# One for all, since each new one parses the service models anew.
_SESSION = boto3.Session()


@contextmanager
def running(**options: Any) -> Iterator[Sandbox]:
    """Run SageMaker in front of moto on a free port of 127.0.0.1, for as long as the block."""
    service = SageMakerService(**options)
    show_in_tagging_api(service)
    app = SageMakerApp(moto_seams.application(), service)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Sandbox(f"http://127.0.0.1:{server.server_port}", service)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
