"""What ends a stack operation."""

from __future__ import annotations


class DeploymentFailed(Exception):
    """A stack operation has failed; the text becomes part of the stack's status reason."""
