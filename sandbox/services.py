"""The services that the sandbox supports."""

# moto answers for many more.
SERVICES = ("cloudformation", "cloudwatch", "iam", "lambda", "logs", "s3", "sagemaker", "sts")
