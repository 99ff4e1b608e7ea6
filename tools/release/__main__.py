"""`make release-check`: everything that a release takes, short of publishing it.

Each step of the checklist passes or says what to do; a failed step does not stop the later ones.
The files of the release are left in dist/release/: the package under AWS's name, which the tests
run; the package under a name that can be registered; the bill of materials of each; the checksums
of all four; and the notes. guide/releasing.md says what follows.
"""

from __future__ import annotations

import logging
import sys

from project import ROOT
from project.command_line import ArgumentParser, run
from project.type_name import EXAMPLE
from tools.release.checklist import Release, check

NOT_CHECKED = """\
Not checked: whether the tests pass on this commit (make test), whether an account accepts the
package, and whether the tag is pushed. Nothing was published."""


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    parser = ArgumentParser(prog="make release-check", description=__doc__)
    parser.add_argument("--type-name", default=EXAMPLE)
    parser.add_argument("--tag")
    asked = parser.parse_args(arguments)
    # The checklist itself says whether a compiler is missing.
    logging.getLogger("tools.packaging").addHandler(logging.NullHandler())
    folder = ROOT / "dist" / "release"
    passed = check(Release(ROOT, folder, asked.type_name, asked.tag))
    print(f"\n{NOT_CHECKED}")
    if not passed:
        print("Not ready: see the lines that begin with NO.", file=sys.stderr)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:]))
