"""What the SDK knows of AWS, read once for all of its sessions."""

import functools

import botocore.loaders


def share() -> None:
    """Have sessions of botocore that are made from now on share what they read.

    Each would read the endpoints of AWS and the models of services anew. moto makes several
    sessions while it is imported, and to call this before saves a fifth of a sandbox's start.
    """
    botocore.loaders.create_loader = functools.cache(botocore.loaders.create_loader)
