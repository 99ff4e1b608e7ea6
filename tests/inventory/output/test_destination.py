"""Where an answer goes, in which form, and what is left where it cannot go there."""

import csv
import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from inventory.errors import InventoryError, QueryRefused
from inventory.output.destination import Destination, destination
from project import ROOT
from tools.output import write

#: Values of every kind that a query may give, two columns of one name among them.
KINDS = """
SELECT '{"a": [1, {"b": null}]}'::JSON AS document, NULL::JSON AS nothing,
    MAP {'team': 'x', 'a"b': ''} AS tags, {'x': 1, 'y': '[true]'::JSON} AS struct,
    TIMESTAMPTZ '2026-01-02 03:04:05.678+02' AS instant, 1.50::DECIMAL(10, 2) AS price,
    170141183460469231731687303715884105727::HUGEINT AS huge, 'a\\xFF'::BLOB AS blob,
    INTERVAL '2 days' AS span, 'NaN'::DOUBLE AS nan, ['-inf'::FLOAT] AS infinite,
    uuid() = uuid() AS no, '' AS empty, 'NaN' AS word, 1 AS same, 2 AS same
"""
KINDS_AS_JSON = {
    "document": {"a": [1, {"b": None}]},
    "nothing": None,
    "tags": {"team": "x", 'a"b': ""},
    "struct": {"x": 1, "y": [True]},
    "instant": "2026-01-02 01:04:05.678+00",
    "price": 1.5,
    "huge": 2**127 - 1,
    "blob": "a\\xFF",
    "span": "2 days",
    "nan": "NaN",
    "infinite": ["-Infinity"],
    "no": False,
    "empty": "",
    "word": "NaN",
    "same": 1,
    "same_1": 2,
}
NO_ROWS = "SELECT 1 AS a, 'x' AS b LIMIT 0"


@pytest.fixture
def asked() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that runs queries as the command does."""
    with duckdb.connect(config={"enable_external_access": False, "threads": 1}) as connection:
        connection.execute("SET arrow_lossless_conversion = true")
        yield connection


def answer(asked: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    return asked.sql(query).to_arrow_reader(100)


def failing(error: BaseException) -> pa.RecordBatchReader:
    """An answer that has a row, and then fails."""

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"a": [1]})
        raise error

    return pa.RecordBatchReader.from_batches(pa.schema({"a": pa.int64()}), batches())


def printed(form: str, reader: pa.RecordBatchReader, capsys: pytest.CaptureFixture[str]) -> str:
    destination(form, None).write(reader)
    return capsys.readouterr().out


def test_json_has_an_object_for_each_row_in_which_every_kind_of_value_can_be_read(
    asked: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed("json", answer(asked, f"{KINDS} FROM range(3)"), capsys)
    rows = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert rows == [KINDS_AS_JSON] * 3
    assert len(text.splitlines()) == 5
    assert printed("json", answer(asked, NO_ROWS), capsys) == "[]\n"


def test_csv_has_the_names_as_they_were_asked_for_and_quotes_what_needs_it(
    asked: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    names, row = csv.reader(io.StringIO(printed("csv", answer(asked, KINDS), capsys)))
    assert names[-2:] == ["same", "same"]
    values = dict(zip(names, row, strict=True))
    assert json.loads(values["document"]) == KINDS_AS_JSON["document"]
    assert (values["nothing"], values["empty"], values["price"]) == ("", "", "1.50")
    assert values["instant"] == "2026-01-02 01:04:05.678+00"
    text = printed("csv", answer(asked, "SELECT E'a,\"b\n' AS a, 'é' AS b"), capsys)
    assert text == 'a,b\n"a,""b\n",é\n'
    assert printed("csv", answer(asked, NO_ROWS), capsys) == "a,b\n"


@pytest.mark.parametrize("rows", [0, 3])
def test_parquet_keeps_json_maps_and_times(
    asked: duckdb.DuckDBPyConnection, tmp_path: Path, rows: int
) -> None:
    path = tmp_path / "answer.parquet"
    destination(None, str(path)).write(answer(asked, f"{KINDS} FROM range({rows})"))
    with duckdb.connect() as other:
        read = other.read_parquet(str(path))
        kinds = dict(zip(read.columns, map(str, read.types), strict=True))
        assert read.shape[0] == rows
    assert kinds["document"] == kinds["nothing"] == "JSON"
    assert kinds["tags"] == "MAP(VARCHAR, VARCHAR)"
    assert kinds["instant"] == "TIMESTAMP WITH TIME ZONE"
    assert kinds["price"] == "DECIMAL(10,2)"
    assert {"same", "same_1"} < set(kinds)


def test_rows_are_written_while_they_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("inventory.output.destination.write", seen.append)
    lengths = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            lengths.append(len(seen))
            yield pa.record_batch({"a": [number]})

    reader = pa.RecordBatchReader.from_batches(pa.schema({"a": pa.int64()}), batches())
    destination("json", None).write(reader)
    assert lengths == [0, 1, 2]


@pytest.mark.parametrize(
    ("output", "out", "expected"),
    [
        (None, None, ("json", None)),
        ("", "", ("json", None)),
        ("TABLE", None, ("table", None)),
        (None, "a.JSON", ("json", Path("a.JSON"))),
        (None, "a.csv", ("csv", Path("a.csv"))),
        (None, "-a.parquet", ("parquet", Path("-a.parquet"))),
        ("table", "a.json", ("table", Path("a.json"))),
        ("parquet", "-", ("parquet", Path("-"))),
    ],
)
def test_the_form_is_that_of_the_ending_unless_output_names_one(
    output: str | None, out: str | None, expected: tuple[str, Path | None]
) -> None:
    chosen = destination(output, out)
    assert (chosen.form, chosen.path) == expected


@pytest.mark.parametrize(
    ("output", "out", "words"),
    [
        ("jsn", None, "OUTPUT is 'jsn'. Did you mean json? The forms are table, json, csv and "),
        ("parquet", None, "OUTPUT=parquet needs a file, because Parquet is not text: OUT="),
        (
            None,
            "a.txt",
            "OUT is 'a.txt', whose ending does not say in which form to write. Let it end in .json",
        ),
        (None, "{here}/none/a.csv", "there is no folder '{here}/none'"),
        ("csv", "{here}", "that is a folder. Name a file in it: OUT={here}/answer.json"),
        ("csv", "/dev/null", "that is no ordinary file. Leave OUT out, and redirect"),
        ("csv", "{here}/pipe", "that is no ordinary file"),
        ("csv", "{here}/" + 300 * "a", "it cannot be looked at: File name too long"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_read(
    tmp_path: Path, output: str | None, out: str | None, words: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(QueryRefused, match=re.escape(words.format(here=tmp_path))):
        destination(output, out and out.format(here=tmp_path))


def test_a_path_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.csv").touch()
    # root may write everywhere.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(QueryRefused, match="that file is protected"):
        destination(None, str(tmp_path / "old.csv"))
    with pytest.raises(QueryRefused, match=f"no file can be made in '{tmp_path}'"):
        destination(None, str(tmp_path / "new.csv"))


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "table"])
@pytest.mark.parametrize(
    "name", ["-o", " a ", "it's", '"', "$HOME", "a\nb", "é", "\udcff", "*?[a]"]
)
def test_a_file_may_have_any_name(
    asked: duckdb.DuckDBPyConnection, tmp_path: Path, form: str, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    destination(form, str(folder / name)).write(answer(asked, "SELECT 1 AS a"))
    assert list(folder.iterdir()) == [folder / name]
    assert (folder / name).stat().st_size


def test_a_file_replaces_the_older_one_where_a_link_leads_and_keeps_its_permissions(
    asked: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    destination(None, str(link)).write(answer(asked, "SELECT 1 AS a"))
    assert link.is_symlink()
    assert target.read_text() == "a\n1\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "table"])
@pytest.mark.parametrize(
    "error", [InventoryError("no"), KeyboardInterrupt(), duckdb.Error("no"), OSError(5, "no")]
)
def test_an_answer_that_fails_leaves_the_older_file_and_nothing_else(
    tmp_path: Path, form: str, error: BaseException
) -> None:
    older = tmp_path / "older"
    older.write_text("older")
    for name in ("older", "new"):
        with pytest.raises(type(error)) as caught:
            destination(form, str(tmp_path / name)).write(failing(error))
        assert caught.value is error
    assert list(tmp_path.iterdir()) == [older]
    assert older.read_text() == "older"


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_a_full_disk_is_told_and_leaves_nothing(
    asked: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = Path("/dev/full").open("r+b")  # noqa: SIM115  # what writes to it closes it
    monkeypatch.setattr(Path, "open", lambda *_: full)
    with pytest.raises(InventoryError, match=r"Could not write .*No space left on device"):
        destination(form, str(tmp_path / "a")).write(answer(asked, "SELECT 1 AS a"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("redirection", "expected"),
    [
        ("| exec head -1", (0, b"[\n", b"")),
        (">/dev/full", (1, b"", b"Could not write to standard output: No space left on device.\n")),
        ("| cat", (0, '[\n{"a":"é"}\n]\n'.encode(), b"")),
    ],
)
def test_standard_output_may_be_closed_early_full_or_not_in_utf_8(
    redirection: str, expected: tuple[int, bytes, bytes]
) -> None:
    code = """if True:
        import sys, pyarrow as pa
        from inventory.errors import InventoryError
        from inventory.output.destination import destination
        from project.command_line import run
        many = 1 if sys.argv[1] == "| cat" else 100_000
        batches = pa.table({"a": many * ["é"]}).to_batches(max_chunksize=1000)
        reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
        def main():
            try:
                destination(None, None).write(reader)
            except InventoryError as error:
                sys.exit(str(error))
            return 0
        sys.exit(run(main))
    """
    ended = subprocess.run(
        [
            "bash",
            "-o",
            "pipefail",
            "-c",
            f'{sys.executable} -c "$1" "$2" {redirection}',
            "bash",
            code,
            redirection,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == expected


def shown_on_a_terminal(write: Callable[[], None]) -> str:
    """Return what is written while standard output is a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    with (
        os.fdopen(theirs, "w", encoding="utf-8") as stream,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("COLUMNS", "80")
        patch.setattr(sys, "stdout", stream)
        write()
    shown = b""
    # What was written can arrive in pieces. At its end, Linux gives an error and macOS nothing.
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while piece := screen.read(1000):
            shown += piece
    return shown.decode()


def test_on_a_terminal_it_is_a_table_after_the_progress_is_cleared(
    asked: duckdb.DuckDBPyConnection,
) -> None:
    def write_one() -> None:
        chosen = destination(None, None)
        assert chosen == Destination("table", None)
        chosen.write(answer(asked, "SELECT 1 AS a"), lambda: write("cleared "))

    assert shown_on_a_terminal(write_one).split() == ["cleared", "a", "─", "1"]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_no_value_can_control_a_terminal(asked: duckdb.DuckDBPyConnection, form: str) -> None:
    controls = "chr(27) || '[2J' || chr(7) || chr(155) || chr(8238) || chr(13)"
    written = answer(asked, f'SELECT {controls} AS a, 1 AS "b\x1b"')
    shown = shown_on_a_terminal(lambda: destination(form, None).write(written))
    shown = shown.replace("\r\n", "")
    assert shown.isprintable()
    assert "[2J" in shown
