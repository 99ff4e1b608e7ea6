"""The table of verdicts, and the summary below it."""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from conformance.belief import stated
from conformance.examination import FAILED, HELD, NOT_CHECKED, NOT_HELD, Verdict

STYLES = {HELD: "green", NOT_HELD: "red", NOT_CHECKED: "dim", FAILED: "red"}


def report(verdicts: Sequence[Verdict], console: Console, *, in_sandbox: bool) -> int:
    """Print a table, and a summary that says where the beliefs were checked.

    Returns the exit code: 1 if a belief does not hold, or could not be checked for some error.
    """
    texts = {each.number: each.text for each in stated()}
    table = Table(title="Beliefs about AWS", title_justify="left")
    for header in ("", "Belief", "Result", "Seen instead"):
        table.add_column(header, overflow="fold", no_wrap=header in ("", "Result"))
    for verdict in verdicts:
        number = verdict.check.number
        table.add_row(
            number,
            _plain(texts[number]),
            f"[{STYLES[verdict.result]}]{verdict.result}[/]",
            _plain(verdict.seen),
        )
    console.print(table)
    counts = {result: [each.result for each in verdicts].count(result) for result in STYLES}
    said = ", ".join(f"{count} {result}" for result, count in counts.items() if count)
    where = "in the sandbox" if in_sandbox else "in AWS"
    nothing = " Nothing was checked in AWS." if in_sandbox else ""
    console.print(f"{len(verdicts)} beliefs, checked {where}: {said}.{nothing}", highlight=False)
    return 1 if counts[NOT_HELD] or counts[FAILED] else 0


def _plain(text: str) -> str:
    """A text of the page or of a service, without Markdown, so that rich prints it literally."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("[", r"\[")
