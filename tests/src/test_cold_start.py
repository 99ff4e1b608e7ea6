"""__init__.py: what Lambda does not wait for in a cold start, and no other process gets to see."""

import json
import os
import subprocess
import sys

from project import ROOT

HANDLERS = "aws_sagemaker_modelqualityjobdefinition.handlers"
# Prints whether the import came to its end; whether the collector was on when boto3 was looked for,
# and is now; whether what was imported is out of its sight; and whether it looks seldom.
SCRIPT = """
import gc, json, sys

class Watch:
    def find_spec(self, name, *_):
        if name == "boto3":
            meanwhile.append(gc.isenabled())
            {meanwhile}

meanwhile = []
sys.meta_path.insert(0, Watch())
{before}
try:
    import {handlers}
    done = True
except ImportError:
    done = False
seldom = gc.get_threshold()[0] == 10_000
print(json.dumps([done, *meanwhile, gc.isenabled(), gc.get_freeze_count() > 10_000, seldom]))
"""


def imported(handler: str, *, before: str = "", meanwhile: str = "") -> list[bool]:
    """What a process prints that imports the handlers, where ``handler`` is the one of Lambda."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT.format(handlers=HANDLERS, before=before, meanwhile=meanwhile),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "_HANDLER": handler},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(said.stdout))


def test_in_lambda_nobody_looks_for_garbage_in_what_is_imported() -> None:
    assert imported(f"{HANDLERS}.resource") == [True, False, True, True, True]


def test_the_collector_is_on_again_after_an_import_that_failed() -> None:
    seen = imported(f"{HANDLERS}.resource", meanwhile="raise ImportError")
    assert seen == [False, False, True, False, False]


def test_the_collector_of_another_process_is_left_alone() -> None:
    assert imported("") == [True, True, True, False, False]
    other = imported("other.handlers.resource", before="gc.disable()")
    assert other == [True, False, False, False, False]
