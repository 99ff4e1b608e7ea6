"""``make env``: the lines that point a shell at a sandbox that runs.

``eval "$(make -s env)"``: they go to standard output, and nothing else does.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request

from project.command_line import PORT, ArgumentParser, run
from sandbox.process import DEFAULT_PORT, HOST, exports, settings


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code: 1 if no sandbox answers."""
    parser = ArgumentParser(
        "make env", description="Print the lines that point a shell at a sandbox that runs."
    )
    parser.add_argument("--port", type=PORT, default=DEFAULT_PORT)
    port: int = parser.parse_args(arguments).port
    url = f"http://{HOST}:{port}"
    if not _answers(url):
        print(
            f"No sandbox answers at {url}. Start one: make sandbox PORT={port or DEFAULT_PORT}",
            file=sys.stderr,
        )
        return 1
    # The shell has the same variables as this process, and what it exports could get in the way.
    others = sorted(
        name
        for name in os.environ.keys() - settings(url).keys()
        if re.fullmatch(r"AWS_[A-Z0-9_]+", name)
    )
    for line in [*([f"unset {' '.join(others)}"] if others else []), *exports(url)]:
        print(line)
    return 0


def _answers(url: str) -> bool:
    """Whether a sandbox, and no other server, answers at this address."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/_sandbox/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return False
    return isinstance(health, dict) and health.get("status") == "ready"


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:]))
