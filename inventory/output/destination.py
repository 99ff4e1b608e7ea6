"""In which form and where an answer goes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from inventory.errors import InventoryError, QueryRefused
from inventory.output.file import check_path, explained, replaced
from inventory.output.forms import csv_text, json_text, write_parquet
from inventory.output.table import table, visible
from project.words import did_you_mean, listed
from tools.output import OutputError, ReaderGone, write

TABLE, JSON, CSV, PARQUET = FORMS = ("table", "json", "csv", "parquet")
_OF_ENDINGS = {f".{form}": form for form in (JSON, CSV, PARQUET)}


@dataclass(frozen=True)
class Destination:
    """Where an answer goes: a form, and the path of a file, or None for standard output."""

    form: str
    path: Path | None

    def write(self, reader: pa.RecordBatchReader, first: Callable[[], None] | None = None) -> None:
        """Write an answer while its rows arrive.

        If nobody reads standard output any more, as after `| head`, it ends early and silently.

        first: is called before anything is shown on a terminal, to clear the progress from it.

        Raises InventoryError if the answer cannot be written, and what the reader raises. In both
        cases a file is as it was before. Standard output keeps the rows that were written.
        """
        if self.path is None:
            self._print(reader, first)
            return
        with replaced(self.path) as file:
            if self.form == PARQUET:
                write_parquet(reader, file)
                return
            for text in self._texts(reader, None):
                with explained(self.path):
                    file.write(text.encode())

    def _print(self, reader: pa.RecordBatchReader, first: Callable[[], None] | None) -> None:
        on_terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if on_terminal else None
        try:
            for text in self._texts(reader, width):
                if on_terminal and first:
                    first()
                    first = None
                write(visible(text, besides="\n") if on_terminal else text)
        except ReaderGone:
            pass
        except OutputError as error:
            raise InventoryError(str(error)) from None

    def _texts(self, reader: pa.RecordBatchReader, width: int | None) -> Iterator[str]:
        if self.form == JSON:
            return json_text(reader)
        if self.form == CSV:
            return csv_text(reader)
        return table(reader, width)


def destination(output: str | None, out: str | None) -> Destination:
    """Where an answer goes, from OUTPUT and OUT. Each may be None or empty.

    Raises QueryRefused if they do not name a form, or no file can be written to OUT.
    """
    path = Path(out) if out else None
    form = _form(output, path)
    if path is None and form == PARQUET:
        raise QueryRefused(
            "OUTPUT=parquet needs a file, because Parquet is not text: OUT=answer.parquet"
        )
    if path:
        check_path(path)
    return Destination(form, path)


def _form(output: str | None, path: Path | None) -> str:
    if output:
        if output.lower() in FORMS:
            return output.lower()
        raise QueryRefused(
            f"OUTPUT is {output!r}.{did_you_mean(output, FORMS)} The forms are {listed(FORMS)}."
        )
    if path is None:
        return TABLE if sys.stdout.isatty() else JSON
    form = _OF_ENDINGS.get(path.suffix.lower())
    if form is None:
        raise QueryRefused(
            f"OUT is {str(path)!r}, whose ending does not say in which form to write. Let it end "
            f"in {', '.join(_OF_ENDINGS)}, or add OUTPUT={JSON}, for example."
        )
    return form
