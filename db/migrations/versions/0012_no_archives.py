"""months that lie in Parquet files come back into the store"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.core.errors import BadInput
from db.core.types import UtcTime

revision = "0012"
down_revision = "0011"

BATCH = 1000
HOUR = timedelta(hours=1)
FACTS = ("archive.folder", "archive.left", "found.mark")


def _table(name: str, columns: str) -> sa.TableClause:
    times = {"created_at", "hour", "month"}
    names = columns.split()
    return sa.table(name, *(sa.column(n, UtcTime() if n in times else None) for n in names))


POSTS = _table(
    "posts",
    "id source external_id created_at text lang author url reply_to likes reposts replies "
    "fingerprint",
)
MENTIONS = _table("mentions", "post_id provider_id role source created_at")
SCORES = _table("scores", "post_id model version score")
READINGS = _table(
    "readings",
    "post_id provider_id version failed complaint switching dumber relief joke news question shrug",
)
COUNTS = _table("hourly_counts", "provider_id source hour posts texts authors voices engagement")
SPEECH = _table("hourly_speech", "provider_id source hour role lang posts")
MOODS = _table("hourly_moods", "provider_id source hour role lang model version scored mood")
ARCHIVES = _table("archives", "source month file digest")
FACT = _table("facts", "name value")


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
    duplicates = [id_ for archive in archives for id_ in _restore(connection, archive)]
    _remove(connection, [*duplicates, *_deleted_at_source(connection)])
    leftover = json.loads(_fact(connection, "archive.left") or "[]")
    _delete_after_commit({*(a.path for a in archives), *map(Path, leftover)})
    connection.execute(sa.delete(FACT).where(FACT.c.name.in_(FACTS)))
    op.drop_table("gone")
    op.drop_table("archives")


def downgrade() -> None:
    op.create_table(
        "archives",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("month", UtcTime(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("source", "month", name="pk_archives"),
    )
    op.create_table(
        "gone",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name="pk_gone"),
    )


def _archives(connection: sa.Connection) -> list[Archive]:
    folder = Path(_fact(connection, "archive.folder") or ".")
    rows = connection.execute(sa.select(ARCHIVES).order_by(ARCHIVES.c.month, ARCHIVES.c.source))
    return [Archive(row.source, row.month, folder / row.file, row.digest) for row in rows]


def _fact(connection: sa.Connection, name: str) -> str | None:
    return connection.execute(sa.select(FACT.c.value).where(FACT.c.name == name)).scalar()


def _check(archive: Archive) -> None:
    advice = (
        "put a copy of it there and try again (to give up its posts, delete its row from the "
        "table archives)"
    )
    try:
        with archive.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(
            f"{archive.path}: this file holds posts of {archive.source} of {archive.month:%Y-%m}, "
            f"and can't be read: {error.strerror}; {advice}"
        ) from None
    if digest != archive.digest:
        raise BadInput(
            f"{archive.path}: this file holds posts of {archive.source} of {archive.month:%Y-%m}, "
            f"and is damaged: its SHA-256 is not the one in the store; {advice}"
        )


def _restore(connection: sa.Connection, archive: Archive) -> Iterator[int]:
    """Store what a file holds; gives the ids of posts that the store had already."""
    _ensure_partitions(connection, archive.month)
    providers = {
        key: id_ for id_, key in connection.execute(sa.text("select id, key from providers"))
    }
    for posts in _batches(archive.path):
        yield from _rename_duplicates(connection, archive.source, posts)
        of_provider = {
            name: [
                {"post_id": post["id"], **row, "provider_id": providers[row["provider"]]}
                for post in posts
                for row in post[name]
            ]
            for name in ("mentions", "readings")
        }
        times = {post["id"]: post["created_at"] for post in posts}
        for row in of_provider["mentions"]:
            row |= {"source": archive.source, "created_at": times[row["post_id"]]}
        scores = [{"post_id": post["id"], **row} for post in posts for row in post["scores"]]
        _insert(connection, POSTS, posts)
        _insert(connection, MENTIONS, of_provider["mentions"])
        _insert(connection, SCORES, scores)
        _insert(connection, READINGS, of_provider["readings"])


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise BadInput(
            f"{path}: this store has months in Parquet files; to bring them back into it, run "
            "pip install 'shrug[frames]' and try again"
        ) from None
    with ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH):
            yield batch.to_pylist()


def _insert(connection: sa.Connection, table: sa.TableClause, rows: list[dict[str, Any]]) -> None:
    names = table.c.keys()
    if rows:
        connection.execute(sa.insert(table), [{n: row[n] for n in names} for row in rows])


def _rename_duplicates(
    connection: sa.Connection, source: str, posts: Sequence[dict[str, Any]]
) -> Iterator[int]:
    """A source may have given a post again with a time in another month: the store holds it twice,
    and counts it twice. Give the one in the file an id of its own until it is removed."""
    names = [post["external_id"] for post in posts]
    query = sa.select(POSTS.c.external_id).where(POSTS.c.source == source)
    known = set(connection.execute(query.where(POSTS.c.external_id.in_(names))).scalars())
    for post in posts:
        if post["external_id"] in known:
            post["external_id"] = f"duplicate:{post['id']}"
            yield post["id"]


def _ensure_partitions(connection: sa.Connection, month: datetime) -> None:
    if connection.dialect.name != "postgresql":
        return
    year, number = divmod(month.year * 12 + month.month, 12)
    end = f"{year:04}-{number + 1:02}-01 00:00:00+00"
    for table in ("posts", "mentions"):
        op.execute(
            f"create table if not exists {table}_{month:%Y_%m} partition of {table} "
            f"for values from ('{month:%Y-%m}-01 00:00:00+00') to ('{end}')"
        )


def _deleted_at_source(connection: sa.Connection) -> list[int]:
    query = sa.text(
        "select posts.id from gone join posts "
        "on posts.source = gone.source and posts.external_id = gone.external_id"
    )
    return list(connection.execute(query).scalars())


def _remove(connection: sa.Connection, ids: Iterable[int]) -> None:
    """Delete posts with all that is known of them, and keep the hourly counts true."""
    cells: set[tuple[int, str, datetime]] = set()
    rest = iter(ids)
    while part := list(islice(rest, BATCH)):
        cells |= _subtract(connection, part)
        for table in (MENTIONS, SCORES, READINGS):
            connection.execute(sa.delete(table).where(table.c.post_id.in_(part)))
        connection.execute(sa.delete(POSTS).where(POSTS.c.id.in_(part)))
    for cell in cells:
        _recount(connection, cell)
    # Whoever remembers counts of its own must read them again.
    connection.execute(sa.delete(FACT).where(FACT.c.name == "counts.mark"))


def _subtract(connection: sa.Connection, ids: Sequence[int]) -> set[tuple[int, str, datetime]]:
    """Take posts out of the sums by role and language; gives the cells of `hourly_counts` that
    they count in: provider, source, hour."""
    named = MENTIONS.c.provider_id, MENTIONS.c.source, MENTIONS.c.created_at, MENTIONS.c.role
    query = sa.select(*named, POSTS.c.lang, POSTS.c.id).join_from(
        MENTIONS, POSTS, POSTS.c.id == MENTIONS.c.post_id
    )
    speech: Counter[tuple[Any, ...]] = Counter()
    scored: Counter[tuple[Any, ...]] = Counter()
    moods: Counter[tuple[Any, ...]] = Counter()
    scores = _scores(connection, ids)
    cells = set()
    for provider, source, at, role, lang, id_ in connection.execute(
        query.where(POSTS.c.id.in_(ids))
    ):
        cell = provider, source, at.replace(minute=0, second=0, microsecond=0)
        speech[*cell, role, lang] += 1
        for model, version, mood in scores.get(id_, ()):
            scored[*cell, role, lang, model, version] += 1
            moods[*cell, role, lang, model, version] += mood
        if role == "subject":
            cells.add(cell)
    _decrease(connection, SPEECH, [(*key, number) for key, number in speech.items()])
    _decrease(connection, MOODS, [(*key, number, moods[key]) for key, number in scored.items()])
    return cells


def _scores(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[tuple[str, str, int]]]:
    mood = sa.cast(sa.func.round(SCORES.c.score * 1000), sa.Integer)
    query = sa.select(SCORES.c.post_id, SCORES.c.model, SCORES.c.version, mood)
    found: dict[int, list[tuple[str, str, int]]] = {}
    own = SCORES.c.post_id.in_(ids), SCORES.c.score.is_not(None)
    for id_, *score in connection.execute(query.where(*own)):
        found.setdefault(id_, []).append((score[0], score[1], score[2]))
    return found


def _decrease(
    connection: sa.Connection, table: sa.TableClause, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Subtract the last values of each row from the sums whose key the first ones are."""
    names = table.c.keys()
    sums = [n for n in names if n in {"posts", "scored", "mood"}]
    keys = [table.c[n] == sa.bindparam(f"of_{n}") for n in names if n not in sums]
    change = sa.update(table).where(*keys)
    change = change.values({n: table.c[n] - sa.bindparam(f"of_{n}") for n in sums})
    if rows:
        named = [f"of_{n}" for n in names]
        connection.execute(change, [dict(zip(named, row, strict=True)) for row in rows])


def _recount(connection: sa.Connection, cell: tuple[int, str, datetime]) -> None:
    provider, source, hour = cell
    query = (
        sa.select(POSTS)
        .join_from(MENTIONS, POSTS, POSTS.c.id == MENTIONS.c.post_id)
        .where(MENTIONS.c.provider_id == provider, MENTIONS.c.source == source)
        .where(MENTIONS.c.role == "subject")
        .where(MENTIONS.c.created_at >= hour, MENTIONS.c.created_at < hour + HOUR)
    )
    posts = sorted(connection.execute(query), key=lambda post: (post.created_at, post.external_id))
    counted = COUNTS.c.provider_id == provider, COUNTS.c.source == source, COUNTS.c.hour == hour
    if not posts:
        connection.execute(sa.delete(COUNTS).where(*counted))
        return
    values = {
        "posts": len(posts),
        "texts": len({post.fingerprint for post in posts}),
        "authors": len({post.author for post in posts} - {None}),
        "voices": _voices((post.fingerprint, post.author) for post in posts),
        "engagement": sum((p.likes or 0) + (p.reposts or 0) + (p.replies or 0) for p in posts),
    }
    connection.execute(sa.update(COUNTS).where(*counted).values(values))


def _voices(posts: Iterable[tuple[int, str | None]]) -> int:
    """Posts whose text and whose author were both not heard before in their hour."""
    heard: set[int | str | None] = set()
    voices = 0
    for fingerprint, author in posts:
        if not {fingerprint, author} & (heard - {None}):
            heard |= {fingerprint, author}
            voices += 1
    return voices


def _delete_after_commit(paths: set[Path]) -> None:
    """`forget` does not know these files: they must not outlast the months that they held."""

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
