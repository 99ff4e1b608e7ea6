"""``make picture``: makes guide/demo.svg, a picture of chapters of the demo.

It is a recording of a real run. Only what differs between runs is replaced: times and the names
that CloudFormation generates.
"""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from project import ROOT
from project.command_line import run

PICTURE = ROOT / "guide" / "demo.svg"
COLUMNS = 80
TERMINAL = {
    "FORCE_COLOR": "1",
    "NO_COLOR": "",
    "COLUMNS": str(COLUMNS),
    "TERM": "xterm-256color",
}
"""With these variables, the demo prints into a pipe what it prints on such a terminal."""
SHOWN = ("Deploy", "Change a tag", "Cloud Control", "Make a mistake", "Done in")
"""How the parts of the demo that are in the picture begin."""
VARIES = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-01-15T09:30:00.000Z"),
    (r"(?<=Done in )\d+ s", "9 s"),
    (r"\b[0-9a-f]{16}\b", "0123456789abcdef"),
)
# rich's own format loads fonts from elsewhere.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!-- Made by make picture, with rich: https://github.com/Textualize/rich -->
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> int:
    """Record a run of the demo. Returns the exit code, which is the demo's if it fails."""
    recorded = subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env={**os.environ, **TERMINAL},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if recorded.returncode == 0:
        PICTURE.write_text(picture(recorded.stdout), "utf-8")
        print(f"Wrote {PICTURE.relative_to(Path.cwd())}.")
    return recorded.returncode


def picture(recorded: str) -> str:
    """Return the SVG of what a run of the demo prints on a terminal of 80 columns."""
    for pattern, replacement in VARIES:
        recorded = re.sub(pattern, replacement, recorded)
    parts = Text.from_ansi(recorded).split("\n\n")
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    console.print(Text.assemble(("$ ", "dim"), ("make demo", "bold")))
    for part in parts:
        if part.plain.startswith(SHOWN):
            console.print()
            console.print(part, soft_wrap=True)
    return console.export_svg(title="make demo", code_format=FORMAT, unique_id="demo")


if __name__ == "__main__":
    sys.exit(run(main))
