"""botocore's models of AWS, read once for all sessions."""

import functools

import botocore.loaders


def share() -> None:
    """Make all later botocore sessions share one loader.

    Otherwise each session reads AWS's endpoints and the models of services again. moto creates
    several sessions while it is imported. Calling this before the import saves a fifth of a
    sandbox's start.
    """
    botocore.loaders.create_loader = functools.cache(botocore.loaders.create_loader)
