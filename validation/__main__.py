"""`make validate`: finds the mistakes of templates with definitions, without deploying them."""

from __future__ import annotations

import sys

from project.command_line import run


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    # Imported here, because this takes a second and Ctrl-C meanwhile must not end in a
    # traceback.
    from validation.command import run as run_command

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:]))
