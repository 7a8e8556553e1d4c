"""A month of a source as one Parquet file: a row for each post, with all that is known of it."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from db import months, providers
from db.among import among
from db.bulk import Columns
from db.errors import BadInput
from db.models import Base, Mention, Post, Reading, Score

BATCH = 5000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FLAGS = [c.name for c in Reading.__table__.columns if c.name not in {"post_id", "provider_id"}]
POST = [c.name for c in Post.__table__.columns]
Rows = list[dict[str, Any]]


def write(connection: Connection, source: str, month: datetime, folder: Path) -> tuple[Path, str]:
    """Write a source's posts of a month into a file; gives it and its SHA-256. The file stands
    there whole or not at all. Raises BadInput where it can't be written."""
    place = folder / quote(source, safe="")
    part = place / f".{month:%Y-%m}.part"
    try:
        place.mkdir(parents=True, exist_ok=True)
        _write(connection, source, month, part)
        digest = digest_of(part)
        # Named by what it holds: a month that is put away again never overwrites a file in use.
        path = place / f"{month:%Y-%m}-{digest[:12]}.parquet"
        part.replace(path)
    except OSError as error:
        raise BadInput(f"{place}: the archive can't be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return path, digest


def _write(connection: Connection, source: str, month: datetime, part: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    known = {id_: key for key, id_ in providers.ids(connection).items()}
    with part.open("wb") as file:
        with pq.ParquetWriter(file, _schema(), compression="zstd") as writer:
            for batch in _batches(connection, source, month):
                rows = [{**post, "mentions": [], "scores": [], "readings": []} for post in batch]
                _fill(connection, rows, known)
                writer.write_table(pa.Table.from_pylist(rows, schema=_schema()))
        file.flush()
        os.fsync(file.fileno())


def _schema() -> Any:
    import pyarrow as pa

    text, number, flag = pa.string(), pa.int64(), pa.bool_()
    kinds = {"created_at": pa.timestamp("us", tz="UTC")}
    whole = {"id", "likes", "reposts", "replies", "fingerprint"}
    post = [(n, kinds.get(n, number if n in whole else text)) for n in POST]
    mention = pa.struct([("provider", text), ("role", text)])
    score = pa.struct([("model", text), ("version", text), ("score", pa.float64())])
    read = pa.struct([("provider", text), *((n, text if n == "version" else flag) for n in FLAGS)])
    held = {"mentions": mention, "scores": score, "readings": read}
    return pa.schema([*post, *((name, pa.list_(kind)) for name, kind in held.items())])


def _batches(connection: Connection, source: str, month: datetime) -> Iterator[Rows]:
    columns = [getattr(Post, name) for name in POST]
    query = (
        select(*columns)
        .where(Post.source == source)
        .where(Post.created_at >= month, Post.created_at < months.after(month))
        .order_by(Post.created_at, Post.id)
    )
    found = connection.execute(query.execution_options(yield_per=BATCH)).mappings()
    for part in found.partitions():
        yield [dict(row) for row in part]


def _fill(connection: Connection, rows: Rows, known: dict[int, str]) -> None:
    by_id = {row["id"]: row for row in rows}
    ids = list(by_id)
    for id_, provider, role in connection.execute(
        select(Mention.post_id, Mention.provider_id, Mention.role)
        .where(among(Mention.post_id, ids))
        .order_by(Mention.post_id, Mention.provider_id)
    ):
        by_id[id_]["mentions"].append({"provider": known[provider], "role": role})
    for id_, model, version, score in connection.execute(
        select(Score.post_id, Score.model, Score.version, Score.score)
        .where(among(Score.post_id, ids))
        .order_by(Score.post_id, Score.model, Score.version)
    ):
        by_id[id_]["scores"].append({"model": model, "version": version, "score": score})
    for id_, provider, *told in connection.execute(
        select(Reading.post_id, Reading.provider_id, *(getattr(Reading, name) for name in FLAGS))
        .where(among(Reading.post_id, ids))
        .order_by(Reading.post_id, Reading.provider_id)
    ):
        own = {"provider": known[provider], **dict(zip(FLAGS, told, strict=True))}
        by_id[id_]["readings"].append(own)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows(connection: Connection, path: Path, source: str) -> Iterator[tuple[type[Base], Columns]]:
    """What a file holds, as columns of the store's tables, some rows at a time; posts come
    first."""
    known = providers.ids(connection)
    at = "epoch_us(created_at) as created_at"
    for part in _parts(path, ", ".join(at if n == "created_at" else n for n in POST)):
        yield Post, _timed(part)
    for part in _parts(path, f"id as post_id, {at}, unnest(mentions, recursive := true)"):
        named = {**_timed(part), "source": [source] * len(part["post_id"])}
        yield Mention, _identified(named, known)
    for part in _parts(path, "id as post_id, unnest(scores, recursive := true)"):
        yield Score, part
    for part in _parts(path, "id as post_id, unnest(readings, recursive := true)"):
        yield Reading, _identified(part, known)


def _parts(path: Path, columns: str) -> Iterator[dict[str, list[Any]]]:
    with _connected() as reader:
        found = reader.sql(f"select {columns} from read_parquet(?)", params=[str(path)])  # noqa: S608
        for part in found.to_arrow_reader(BATCH):
            yield part.to_pydict()


def _timed(part: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """With instants for microseconds."""
    return {**part, "created_at": [EPOCH + timedelta(microseconds=n) for n in part["created_at"]]}


def _identified(part: dict[str, list[Any]], known: Mapping[str, int]) -> dict[str, list[Any]]:
    """With providers' ids for their keys."""
    others = {name: values for name, values in part.items() if name != "provider"}
    return {**others, "provider_id": [known[key] for key in part["provider"]]}


def texts(path: Path) -> Iterator[list[str]]:
    """The texts that a file holds, some at a time."""
    for part in _asked(path, "text", "text <> ''"):
        yield [text for (text,) in part]


def older(path: Path, before: datetime, gone: str) -> bool:
    """Whether a file holds a post made before a time whose id does not begin with `gone`."""
    until = (before - EPOCH) // timedelta(microseconds=1)
    asked = "epoch_us(created_at) < ? and not starts_with(external_id, ?)"
    return _any(path, asked, until, gone)


def holds(path: Path, ids: Sequence[str], authors: Sequence[str]) -> bool:
    """Whether a file holds a post by any of these ids or of any of these authors."""
    asked = "list_contains(?, external_id) or list_contains(?, author)"
    return _any(path, asked, list(ids), list(authors))


def _any(path: Path, asked: str, *told: object) -> bool:
    return any(_asked(path, "1", f"{asked} limit 1", *told))


def _asked(
    path: Path, columns: str, where: str = "true", *told: object
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a file, some at a time; columns and conditions are this module's own."""
    with _connected() as reader:
        query = f"select {columns} from read_parquet(?) where {where}"  # noqa: S608
        found = reader.execute(query, [str(path), *told])
        while part := found.fetchmany(BATCH):
            yield part


def _connected() -> Any:
    """A DuckDB of its own; it takes long to load, and most commands need none."""
    from duckdb import connect

    return connect()
