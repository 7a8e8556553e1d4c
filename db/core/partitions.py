"""PostgreSQL's monthly partitions of posts and mentions; SQLite has none.

A query that says when is answered from the months that it touches.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, text

PARTITIONED_TABLES = ("posts", "mentions")


def ensure(connection: Connection, times: Iterable[datetime]) -> None:
    """Create the partitions for posts of these times, if they are missing."""
    if connection.dialect.name != "postgresql":
        return
    for year, month in sorted({(at.year, at.month) for at in (t.astimezone(UTC) for t in times)}):
        suffix = f"{year:04}_{month:02}"
        exists = text("select to_regclass(:name)").bindparams(
            name=f"{PARTITIONED_TABLES[0]}_{suffix}"
        )
        if connection.execute(exists).scalar() is not None:
            continue
        next_year, next_month = divmod(year * 12 + month, 12)
        start, end = datetime(year, month, 1), datetime(next_year, next_month + 1, 1)  # noqa: DTZ001
        for table in PARTITIONED_TABLES:
            name = f"{table}_{suffix}"
            # Creating it as a partition would lock out readers; attaching it does not.
            connection.execute(text(f"create table {name} (like {table} including all)"))
            span = f"for values from ('{start}+00') to ('{end}+00')"
            connection.execute(text(f"alter table {table} attach partition {name} {span}"))
