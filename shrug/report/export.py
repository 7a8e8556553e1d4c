"""Stretches of the store as tables: batch by batch into a file, or whole into a notebook."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from analysis.report.tables import COLUMNS, Row, as_csv, as_jsonl, columns
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from db.core.extras import require_extra
from db.core.files import write_atomic
from db.crawl import outages
from db.posts import exports

BATCH = 5000
FORMS = ("jsonl", "csv", "parquet")
STDOUT = Path("-")
KINDS: Mapping[str, Mapping[str, str]] = {
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

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What of the store is wanted: of a provider or all, in [start, end) or ever."""

    provider: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def batches(store: Store, what: str, stretch: Stretch) -> Iterator[list[Row]]:
    """Posts, counts or outages in batches of at most BATCH rows; one without rows if there are
    none. Columns are those of KINDS."""
    with store.reading() as connection:
        simulated = metadata.simulated(connection) is not None
        rows = ({**row, "simulated": simulated} for row in _rows(connection, what, stretch))
        batch = list(islice(rows, BATCH))
        while True:
            yield batch
            batch = list(islice(rows, BATCH))
            if not batch:
                return


def _rows(connection: Any, what: str, stretch: Stretch) -> Iterable[dict[str, Any]]:
    if what == "outages":
        found = outages.read(connection, **asdict(stretch))
        return ({k: v for k, v in asdict(o).items() if k != "components"} for o in found)
    source = {"posts": exports.posts, "counts": exports.counts, "speech": exports.speech}[what]
    return source(connection, **asdict(stretch))


def write(
    parts: Iterable[list[Row]], kinds: Mapping[str, str], form: str, path: Path, told: Told
) -> int:
    """Write batches one after the other to a file, which stands there whole or not at all, or to
    standard output; gives how many rows. kinds: the columns and their types."""
    if form == "parquet" and path == STDOUT:
        raise BadInput("--format parquet needs a file: name it with --out")
    number = 0
    try:
        with _sink(path) as file:
            for part in _written(form, file, kinds, parts):
                number += len(part)
                told(len(part))
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


def _written(
    form: str, file: IO[bytes], kinds: Mapping[str, str], parts: Iterable[list[Row]]
) -> Iterator[list[Row]]:
    """Write each batch, and give it."""
    if form == "parquet":
        yield from _as_parquet(file, kinds, parts)
        return
    for number, part in enumerate(parts):
        text = as_csv(part, kinds, head=not number) if form == "csv" else as_jsonl(part, kinds)
        file.write(text.encode())
        yield part


def _as_parquet(
    file: IO[bytes], kinds: Mapping[str, str], parts: Iterable[list[Row]]
) -> Iterator[list[Row]]:
    with require_extra("frames", "--format parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        from analysis.report.dataframes import frame

    schema = pa.Table.from_pandas(frame([], kinds), preserve_index=False).schema
    with pq.ParquetWriter(file, schema) as writer:
        for part in parts:
            writer.write_table(pa.Table.from_pandas(frame(part, kinds), preserve_index=False))
            yield part
