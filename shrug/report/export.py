"""Exports of the store as tables: batch by batch into a file, or whole into a notebook."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from analysis.report.tables import COLUMNS, TableRow, as_csv, as_jsonl, columns
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from db.core.extras import require_extra
from db.core.files import write_atomic
from db.crawl import outages
from db.posts import exports

BATCH_ROWS = 5000
FORMATS = ("jsonl", "csv", "parquet")
STDOUT = Path("-")
TABLE_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "posts": columns(
        "source:text id:text created_at:time text:text lang:text url:text author:text likes:int "
        "reposts:int replies:int reply_to:text simulated:flag"
    ),
    "counts": columns(
        "provider:text source:text hour:time posts:int texts:int authors:int voices:int "
        "engagement:int simulated:flag"
    ),
    "speech": columns(
        "provider:text source:text hour:time role:text lang:text posts:int model:text version:text "
        "scored:int mood:float simulated:flag"
    ),
    "outages": columns(
        "id:int provider:text provider_kind:text start:time end:time kind:text title:text "
        "url:text origin:text external_id:text confirmed:flag rounded_minutes:int read_at:text "
        "simulated:flag"
    ),
    "verdicts": COLUMNS["outages"],
}


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """The rows to export: of a provider or of all, in [start, end) or of all time."""

    provider: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def read_batches(store: Store, what: str, filter_: ExportFilter) -> Iterator[list[TableRow]]:
    """Yield the rows of a table in batches of at most BATCH_ROWS; an empty one if there are none.

    what: a key of TABLE_COLUMNS other than verdicts.
    """
    with store.reading() as connection:
        simulated = metadata.simulated_ratios(connection) is not None
        rows = ({**row, "simulated": simulated} for row in _rows(connection, what, filter_))
        yield list(islice(rows, BATCH_ROWS))
        while batch := list(islice(rows, BATCH_ROWS)):
            yield batch


def _rows(connection: Any, what: str, filter_: ExportFilter) -> Iterable[dict[str, Any]]:
    if what == "outages":
        known = outages.read(connection, **asdict(filter_))
        return ({k: v for k, v in asdict(o).items() if k != "components"} for o in known)
    source = {"posts": exports.posts, "counts": exports.counts, "speech": exports.speech}[what]
    return source(connection, **asdict(filter_))


def write_batches(
    batches: Iterable[list[TableRow]],
    columns: Mapping[str, str],
    form: str,
    path: Path,
    on_rows: Callable[[int], None],
) -> int:
    """Write batches to a file, which is complete or absent, or to standard output.

    Return the number of rows. columns: the columns and their types. form: one of FORMATS. on_rows:
    called with the number of rows of each batch.
    """
    if form == "parquet" and path == STDOUT:
        raise BadInput("--format parquet needs a file: name it with --out")
    number = 0
    try:
        with _sink(path) as file:
            for batch in _write_each(form, file, columns, batches):
                number += len(batch)
                on_rows(len(batch))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise BadInput(f"--out: {path}: {error.strerror}") from None
    return number


@contextmanager
def _sink(path: Path) -> Iterator[IO[bytes]]:
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    with write_atomic(path, label=f"--out: {path}") as part, part.open("wb") as file:
        yield file


def _write_each(
    form: str, file: IO[bytes], columns: Mapping[str, str], batches: Iterable[list[TableRow]]
) -> Iterator[list[TableRow]]:
    """Write each batch, and yield it when it is written."""
    if form == "parquet":
        yield from _write_parquet(file, columns, batches)
        return
    for number, batch in enumerate(batches):
        text = (
            as_csv(batch, columns, head=not number) if form == "csv" else as_jsonl(batch, columns)
        )
        file.write(text.encode())
        yield batch


def _write_parquet(
    file: IO[bytes], columns: Mapping[str, str], batches: Iterable[list[TableRow]]
) -> Iterator[list[TableRow]]:
    with require_extra("frames", "--format parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        from analysis.report.dataframes import data_frame

    schema = pa.Table.from_pandas(data_frame([], columns), preserve_index=False).schema
    with pq.ParquetWriter(file, schema) as writer:
        for batch in batches:
            writer.write_table(
                pa.Table.from_pandas(data_frame(batch, columns), preserve_index=False)
            )
            yield batch
