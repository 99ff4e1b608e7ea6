"""The error that makes a stack operation fail."""

from __future__ import annotations


class DeploymentFailed(Exception):
    """A stack operation failed. The message becomes part of the stack's status reason."""
