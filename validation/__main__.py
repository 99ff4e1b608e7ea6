"""`make validate`: finds the mistakes of templates with definitions, without deploying them."""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    try:
        # Imported here, because this takes a second and Ctrl-C meanwhile must not end in a
        # traceback.
        from validation.command import run

        return run(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
