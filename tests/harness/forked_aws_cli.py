"""The AWS CLI as a command of tests.harness.fork_server: its own code, in a process of its own."""

import importlib
import sys


def get_ready() -> None:
    """Import what the CLI does for any command, and read the models of the common services."""
    from sandbox.process import HOST, use

    # A driver looks at settings, and each command makes its own.
    use(f"http://{HOST}:1")
    from awscli.clidriver import create_clidriver

    from sandbox import aws_models

    # The CLI contains a botocore of its own, which is `botocore` here from now on.
    aws_models.share()
    driver = create_clidriver()
    driver._create_parser(driver._get_command_table())
    for service in ("cloudformation", "sagemaker"):
        driver.session.create_client(service)
        for model in ("paginators-1", "waiters-2"):
            driver.session.get_component("data_loader").load_service_model(service, model)


def run() -> int:
    """Do what the executable ``aws`` does."""
    import awscli
    from awscli.clidriver import main

    # It sets a variable for its own data when it is imported, and now there are other variables.
    importlib.reload(awscli)
    sys.argv[0] = "aws"
    try:
        sys.exit(main())
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
            return 1
        return ended.code or 0
