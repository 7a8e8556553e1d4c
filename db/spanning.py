"""Reading months that lie in files together with those that the store holds.

A connection of its own gets temporary tables by the names of the store's, filled with the months
that are asked for, from wherever they are: every query runs on them as it is.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Connection,
    Insert,
    TableClause,
    column,
    delete,
    false,
    func,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.sql.ddl import CreateTableAs

from db import archives, bulk, facts, months, parquet
from db.archives import KeptArchive
from db.models import Archive, Base, Mention, Post, Reading, Score
from db.tallies import MARK

KINDS: tuple[type[Base], ...] = (Post, Mention, Score, Reading)
INDEXES = (
    "posts (id)",
    "posts (source, created_at)",
    "mentions (post_id)",
    "mentions (provider_id, source, created_at)",
    "scores (post_id)",
    "readings (post_id)",
)
# Of more months than this, those that are not asked for are let go.
MOST_MONTHS = 8


def load(connection: Connection, start: datetime, end: datetime) -> None:
    """Have the months that [start, end) touches in the temporary tables; must be committed.

    Raises BadInput where a file is gone or damaged.
    """
    # Known to hold only once all is there: what fails halfway is rolled back, tables and all.
    known, held = connection.info.pop("spanned", ("", set()))
    stamp = _stamp(connection)
    if known != stamp:
        _make(connection)
        held = set()
    files = archives.known(connection, start, end)
    wanted = set(months.between(start, end))
    if len(held | wanted) > MOST_MONTHS:
        for month in held - wanted:
            _drop(connection, month)
        held = held & wanted
    for month in sorted(wanted - held):
        _fill(connection, month, [a for a in files if a.month == month])
    connection.info["spanned"] = stamp, held | wanted


def _stamp(connection: Connection) -> str:
    """What changes whenever posts do, what is known of them, or where they lie."""
    marks = [facts.read(connection, name) for name in (MARK, facts.FOUND)]
    files = connection.execute(select(func.count(), func.max(Archive.digest))).one()
    return f"{marks}/{tuple(files)}"


def _make(connection: Connection) -> None:
    for kind in KINDS:
        name = kind.__tablename__
        connection.execute(text(f"drop table if exists {_temporary(connection)}.{name}"))
        rows = select(*_table(kind, _main(connection)).c).where(false())
        connection.execute(CreateTableAs(rows, name, temporary=True))
    for number, index in enumerate(INDEXES):
        # On SQLite an index says where it is, on PostgreSQL it is where its table is.
        at = "temp." if connection.dialect.name == "sqlite" else ""
        connection.execute(text(f"create index {at}spanned_{number} on {index}"))


def _temporary(connection: Connection) -> str:
    """The schema of this connection's own tables."""
    return "temp" if connection.dialect.name == "sqlite" else "pg_temp"


def _main(connection: Connection) -> str:
    """The schema of the store's own tables."""
    return "main" if connection.dialect.name == "sqlite" else "public"


def _fill(connection: Connection, month: datetime, archives: Sequence[KeptArchive]) -> None:
    place = _temporary(connection)
    posts, *others = (_table(kind, _main(connection)) for kind in KINDS)
    own = (posts.c.created_at >= month) & (posts.c.created_at < months.after(month))
    rows = select(*posts.c).where(own)
    connection.execute(insert(_table(Post, place)).from_select(list(posts.c.keys()), rows))
    ids = select(posts.c.id).where(own)
    for kind, table_ in zip(KINDS[1:], others, strict=True):
        rows = select(*table_.c).where(table_.c.post_id.in_(ids))
        connection.execute(insert(_table(kind, place)).from_select(list(table_.c.keys()), rows))
    for archive in archives:
        archive.check()
        for model, columns in parquet.rows(connection, archive.path, archive.source):
            bulk.many(connection, _inserting(model, place), columns)


@cache
def _inserting(kind: type[Base], place: str) -> Insert:
    return insert(_table(kind, place))


def _table(kind: type[Base], place: str) -> TableClause:
    """A table by where it is: what is filled is never the store's own."""
    columns = [column(c.name, c.type) for c in kind.__table__.columns]
    return table(kind.__tablename__, *columns, schema=place)


def _drop(connection: Connection, month: datetime) -> None:
    posts, *others = (_table(kind, _temporary(connection)) for kind in KINDS)
    own = posts.c.created_at >= month, posts.c.created_at < months.after(month)
    ids = select(posts.c.id).where(*own)
    for each in others:
        connection.execute(delete(each).where(each.c.post_id.in_(ids)))
    connection.execute(delete(posts).where(*own))
