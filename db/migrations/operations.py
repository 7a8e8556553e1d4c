"""Operations that several migrations share, on the tables as they were at that revision."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime

INSTANT = sa.DateTime(timezone=True)
MENTIONS = sa.table(
    "mentions",
    *map(sa.column, ("post_id", "provider_id", "source", "role")),
    sa.column("created_at", INSTANT),
)
POSTS = sa.table("posts", *map(sa.column, ("id", "external_id", "fingerprint", "author")))
COUNTS = sa.table(
    "hourly_counts",
    *map(sa.column, ("provider_id", "source", "voices")),
    sa.column("hour", INSTANT),
)
LANGUAGE_COUNTS = """
insert into hourly_speech (provider_id, source, hour, role, lang, posts)
select m.provider_id, m.source, {hour}, m.role, p.lang, count(*)
from mentions m join posts p on p.id = m.post_id where {condition} group by 1, 2, 3, 4, 5
"""
MOOD_SUMS = """
insert into hourly_moods (provider_id, source, hour, role, lang, model, version, scored, mood)
select m.provider_id, m.source, {hour}, m.role, p.lang, s.model, s.version, count(*),
  sum(cast(round(s.score * 1000) as integer))
from mentions m join posts p on p.id = m.post_id join scores s on s.post_id = m.post_id
where s.score is not null and {condition} group by 1, 2, 3, 4, 5, 6, 7
"""
HOUR_OF_MENTION = {
    "sqlite": "strftime('%Y-%m-%d %H:00:00.000000', m.created_at)",
    "postgresql": "date_trunc('hour', m.created_at, 'UTC')",
}


def foreign_key(table: str, column: str, target: str, **options: str) -> sa.ForeignKeyConstraint:
    """Return the constraint that a column of a table refers to the id of another."""
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(name), **options)  # type: ignore[arg-type]


def count_voices(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> None:
    """Set the voices of the hourly counts, from the mentions that meet these conditions."""
    key = MENTIONS.c.provider_id, MENTIONS.c.source, MENTIONS.c.created_at
    posts = connection.execute(
        sa.select(*key, POSTS.c.fingerprint, POSTS.c.author)
        .join(POSTS, POSTS.c.id == MENTIONS.c.post_id)
        .where(MENTIONS.c.role == "subject", *conditions)
        .order_by(*key, POSTS.c.external_id)
    )
    change = (
        sa.update(COUNTS)
        .values(voices=sa.bindparam("voices_"))
        .where(
            COUNTS.c.provider_id == sa.bindparam("provider_"),
            COUNTS.c.source == sa.bindparam("source_"),
            COUNTS.c.hour == sa.bindparam("hour_"),
        )
    )
    rows = []
    for (provider, source, hour), cell in groupby(
        posts, lambda row: (row[0], row[1], _hour_of(row[2]))
    ):
        voices = _voices((fingerprint, author) for *_, fingerprint, author in cell)
        rows.append({"provider_": provider, "source_": source, "hour_": hour, "voices_": voices})
    if rows:
        connection.execute(change, rows)


def _hour_of(at: datetime) -> datetime:
    utc = at.astimezone(UTC) if at.tzinfo else at
    return utc.replace(minute=0, second=0, microsecond=0)


def _voices(posts: Iterable[tuple[int, str | None]]) -> int:
    """Count the posts whose text and whose author are both new in their hour."""
    seen: set[int | str | None] = set()
    voices = 0
    for fingerprint, author in posts:
        if not {fingerprint, author} & (seen - {None}):
            seen |= {fingerprint, author}
            voices += 1
    return voices


def insert_counts(
    connection: sa.Connection, statements: Iterable[str], condition: str = "1 = 1", **values: object
) -> None:
    """Fill tables of hourly counts from the mentions `m` that meet a condition."""
    hour = HOUR_OF_MENTION[connection.dialect.name]
    for statement in statements:
        connection.execute(timed_text(statement.format(hour=hour, condition=condition)), values)


def timed_text(statement: str) -> sa.TextClause:
    """Return a statement whose parameters `start` and `end` are times."""
    names = [name for name in ("start", "end") if f":{name}" in statement]
    return sa.text(statement).bindparams(*(sa.bindparam(name, type_=UtcTime()) for name in names))


def create_month_partitions(month: datetime) -> None:
    """Create PostgreSQL's partitions of a month (its first instant, UTC), if they are missing."""
    year, number = divmod(month.year * 12 + month.month, 12)
    end = f"{year:04}-{number + 1:02}-01 00:00:00+00"
    for table in ("posts", "mentions"):
        op.execute(
            f"create table if not exists {table}_{month:%Y_%m} partition of {table} "
            f"for values from ('{month:%Y-%m}-01 00:00:00+00') to ('{end}')"
        )


def create_archive_tables() -> None:
    """Create the tables of months that lie in files, and of posts deleted at their source."""
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
