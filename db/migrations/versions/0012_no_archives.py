"""months that lie in Parquet files come back into the store"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.core.errors import BadInput
from db.core.types import UtcTime
from db.migrations.operations import (
    LANGUAGE_COUNTS,
    MENTIONS,
    MOOD_SUMS,
    count_voices,
    create_archive_tables,
    create_month_partitions,
    insert_counts,
    timed_text,
)

revision = "0012"
down_revision = "0011"

POSTS_PER_BATCH = 1000
HOUR = timedelta(hours=1)
# "counts.mark": whoever remembers counts of its own must read them again.
DELETED_FACTS = ("archive.folder", "archive.left", "found.mark", "counts.mark")
# The columns of the tables that a file holds rows of.
COLUMNS = {
    "posts": "id source external_id created_at text lang author url reply_to likes reposts replies "
    "fingerprint",
    "mentions": "post_id provider_id role source created_at",
    "scores": "post_id model version score",
    "readings": "post_id provider_id version failed complaint switching dumber relief joke news "
    "question shrug",
}
HOURLY_COUNTS = """
insert into hourly_counts
  (provider_id, source, hour, posts, texts, authors, voices, engagement)
select m.provider_id, m.source, {hour}, count(*), count(distinct p.fingerprint),
  count(distinct p.author), 0,
  sum(coalesce(p.likes, 0) + coalesce(p.reposts, 0) + coalesce(p.replies, 0))
from mentions m join posts p on p.id = m.post_id
where m.role = 'subject' and {condition} group by 1, 2, 3
"""
STORED_GONE = (
    "select posts.id from gone join posts "
    "on posts.source = gone.source and posts.external_id = gone.external_id"
)
Cells = set[tuple[int, str, datetime]]


@dataclass(frozen=True, slots=True)
class Archive:
    """The posts of a source and a month, in a file."""

    source: str
    month: datetime
    path: Path
    digest: str


def upgrade() -> None:
    connection = op.get_bind()
    archives = _archives(connection)
    for archive in archives:
        _check(archive)
    cells = _delete_gone(connection)
    for archive in archives:
        cells |= _restore(connection, archive)
    for cell in cells:
        _recount(connection, *cell)
    leftover = json.loads(_fact(connection, "archive.left") or "[]")
    _delete_after_commit({*(a.path for a in archives), *map(Path, leftover)})
    for name in DELETED_FACTS:
        connection.execute(sa.text("delete from facts where name = :name"), {"name": name})
    op.drop_table("gone")
    op.drop_table("archives")


def downgrade() -> None:
    create_archive_tables()


def _archives(connection: sa.Connection) -> list[Archive]:
    folder = Path(_fact(connection, "archive.folder") or ".")
    query = sa.text("select source, month, file, digest from archives order by month, source")
    rows = connection.execute(query.columns(month=UtcTime()))
    return [Archive(row.source, row.month, folder / row.file, row.digest) for row in rows]


def _fact(connection: sa.Connection, name: str) -> str | None:
    query = sa.text("select value from facts where name = :name")
    return connection.execute(query, {"name": name}).scalar()


def _check(archive: Archive) -> None:
    """Raise BadInput if the file is missing or is not the one that was written."""
    try:
        with archive.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest == archive.digest:
            return
        reason = "is damaged: its SHA-256 is not the one in the store"
    except OSError as error:
        reason = f"can't be read: {error.strerror}"
    raise BadInput(
        f"{archive.path}: this file holds posts of {archive.source} of {archive.month:%Y-%m}, "
        f"and {reason}; put a copy of it there and try again (to give up its posts, delete its "
        "row from the table archives)"
    )


def _delete_gone(connection: sa.Connection) -> Cells:
    """Delete stored posts that their source deleted while they lay in a file. Return the cells
    (provider id, source, hour) that they counted in."""
    named = f"select provider_id, source, created_at from mentions where post_id in ({STORED_GONE})"  # noqa: S608
    rows = connection.execute(sa.text(named).columns(created_at=UtcTime())).all()
    for table, key in (*((t, "post_id") for t in COLUMNS if t != "posts"), ("posts", "id")):
        connection.execute(sa.text(f"delete from {table} where {key} in ({STORED_GONE})"))  # noqa: S608
    return {(provider, source, _hour_of(at)) for provider, source, at in rows}


def _restore(connection: sa.Connection, archive: Archive) -> Cells:
    """Store the posts in a file. Return the cells whose counts hold posts that are left out.

    Left out are posts that their source has deleted, and those that it has given again with a time
    in another month: the store has them already, and counts them twice.
    """
    if connection.dialect.name == "postgresql":
        create_month_partitions(archive.month)
    select_providers = sa.text("select key, id from providers")
    providers: dict[str, int] = dict(connection.execute(select_providers).all())
    select_gone = sa.text("select external_id from gone where source = :source")
    gone = set(connection.execute(select_gone, {"source": archive.source}).scalars())
    cells: Cells = set()
    for posts in _batches(archive.path):
        left_out = gone | _stored_ids(connection, archive.source, posts)
        for post in posts:
            details = [detail for name in ("mentions", "readings") for detail in post[name]]
            for detail in details:
                detail["provider_id"] = providers[detail["provider"]]
        new = [post for post in posts if post["external_id"] not in left_out]
        _insert(connection, "posts", new)
        for table in ("mentions", "scores", "readings"):
            rows = [{**post, "post_id": post["id"], **d} for post in new for d in post[table]]
            _insert(connection, table, rows)
        cells |= {
            (mention["provider_id"], archive.source, _hour_of(post["created_at"]))
            for post in posts
            if post["external_id"] in left_out
            for mention in post["mentions"]
        }
    return cells


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise BadInput(
            f"{path}: this store has months in Parquet files; to bring them back into it, run "
            "pip install 'shrug[frames]' and try again"
        ) from None
    with ParquetFile(path) as file:
        for batch in file.iter_batches(POSTS_PER_BATCH):
            yield batch.to_pylist()


def _stored_ids(
    connection: sa.Connection, source: str, posts: Sequence[dict[str, Any]]
) -> set[str]:
    query = sa.text("select external_id from posts where source = :source and external_id in :ids")
    query = query.bindparams(sa.bindparam("ids", expanding=True))
    ids = [post["external_id"] for post in posts]
    return set(connection.execute(query, {"source": source, "ids": ids}).scalars())


def _insert(connection: sa.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    names = COLUMNS[table].split()
    columns = [sa.column(n, UtcTime() if n == "created_at" else None) for n in names]
    if rows:
        values = [{n: row[n] for n in names} for row in rows]
        connection.execute(sa.insert(sa.table(table, *columns)), values)


def _recount(connection: sa.Connection, provider: int, source: str, hour: datetime) -> None:
    """Make the hourly counts of a cell what its stored posts come to."""
    end = hour + HOUR
    values = {"provider": provider, "source": source, "start": hour, "end": end}
    cell = "provider_id = :provider and source = :source and hour = :start"
    for table in ("hourly_counts", "hourly_speech", "hourly_moods"):
        connection.execute(timed_text(f"delete from {table} where {cell}"), values)  # noqa: S608
    within = "m.provider_id = :provider and m.source = :source"
    within += " and m.created_at >= :start and m.created_at < :end"
    insert_counts(connection, (HOURLY_COUNTS, LANGUAGE_COUNTS, MOOD_SUMS), within, **values)
    series = MENTIONS.c.provider_id == provider, MENTIONS.c.source == source
    count_voices(connection, *series, MENTIONS.c.created_at >= hour, MENTIONS.c.created_at < end)


def _hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _delete_after_commit(paths: set[Path]) -> None:
    """Delete files once their posts are committed: no erasure of posts would ever find them."""

    def delete() -> None:
        for path in sorted(paths):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                logging.getLogger(__name__).warning(
                    "%s: its posts are in the store again, but it can't be deleted: %s; delete it",
                    path,
                    error.strerror,
                )
            with suppress(OSError):
                path.parent.rmdir()  # the folder of its source, once it is empty

    config = op.get_context().config
    if config is not None:
        config.attributes.setdefault("after_commit", []).append(delete)
