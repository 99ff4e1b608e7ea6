"""``make site``: builds the documentation site, and fails at the first thing that is wrong in it.

What counts as wrong is all that Sphinx warns about, such as a link to a page or a heading that is
not there, and a page that the menu does not lead to.
"""

import sys
from pathlib import Path

from project import ROOT
from project.command_line import ArgumentParser, run


def main() -> int:
    """Run the command, and return its exit code."""
    parser = ArgumentParser(prog="make site", description=__doc__)
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "site")
    arguments = parser.parse_args()
    # Imported here, because this takes a moment and Ctrl-C meanwhile must not end in a traceback.
    from sphinx.cmd.build import build_main

    failed: int = build_main(
        [
            *("--builder", "html", "--conf-dir", str(Path(__file__).parent)),
            *("--quiet", "--nitpicky", "--fail-on-warning", "--keep-going"),
            # Sphinx would colour what a CI system keeps in a file, if CI is set.
            "--color" if sys.stderr.isatty() else "--no-color",
            # Menus depend on other pages, which Sphinx would not notice.
            "--fresh-env",
            # Beside the site, so that nothing but the site is published.
            *("--doctree-dir", str(arguments.output.with_name("site-cache"))),
            *(str(arguments.source), str(arguments.output)),
        ]
    )
    if failed:
        print("The site has faults. Mend what is named above.", file=sys.stderr)
    else:
        print(f"The site is complete. Open {arguments.output / 'index.html'} in a browser.")
    return failed


if __name__ == "__main__":
    sys.exit(run(main))
