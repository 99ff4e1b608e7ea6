"""The services that the sandbox supports."""

# moto answers for many more.
OF_MOTO = (
    "account",
    "cloudformation",
    "cloudwatch",
    "iam",
    "lambda",
    "logs",
    "resourcegroupstaggingapi",
    "s3",
    "sagemaker",
    "secretsmanager",
    "ssm",
    "sts",
)
"""Those that moto has, at least in part."""

SERVICES = ("cloudcontrol", *OF_MOTO)
