"""What the ARN of a role looks like."""

from __future__ import annotations

import re

ROLE_ARN = re.compile(
    r"arn:aws[a-z-]*:iam::\d{12}:role/([!-~]+/)?[\w+=,.@-]{1,64}",
    re.ASCII,
)
"""After `role/` come an optional path and a name:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""
