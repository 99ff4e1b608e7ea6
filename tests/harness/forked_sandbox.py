"""The sandbox as a command of tests.harness.fork_server."""

from importlib import import_module
from typing import Any, cast


def get_ready() -> None:
    """Import all that a sandbox does before it is ready, and its handlers and their models."""
    from sandbox.process import HOST, use

    # While the imports look at the settings of the SDK; each sandbox then has its own.
    use(f"http://{HOST}:1")
    from sandbox import aws_models

    aws_models.share()
    import botocore.session
    from moto.backends import get_backend

    from sandbox import server  # noqa: F401 - which imports the rest
    from sandbox.services import OF_MOTO, SERVICES

    for name in ("sandbox.runtime.packaged", "aws_sagemaker_modelqualityjobdefinition.handlers"):
        import_module(name)
    for service in OF_MOTO:
        get_backend(cast("Any", service))
    for service in SERVICES:
        # The sessions of the sandbox share what this one reads.
        botocore.session.get_session().get_service_model(service)


def run() -> int:
    """Do what ``python -m sandbox`` does."""
    from moto.moto_api._internal import mock_random

    from sandbox.__main__ import main

    # Python gives its own generator a new state in a child, and moto has another one.
    mock_random.seed()
    return main()
