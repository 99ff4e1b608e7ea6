"""Connections to DuckDB."""

import subprocess
import sys

from project import ROOT


def test_no_progress_is_printed_among_the_rows_in_a_program_that_has_no_file() -> None:
    code = (
        "from inventory.connection import connected\n"
        "setting = connected().execute(\"SELECT current_setting('enable_progress_bar')\")\n"
        "print(setting.fetchall())"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert asked.stdout == "[(False,)]\n"
