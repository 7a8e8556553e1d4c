"""PostgreSQL's partitions of posts and mentions, one a month; elsewhere there are none.

A query that says when is answered from the months that it touches, and a month that was put away
is dropped whole, whatever it held.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, text

from db import months

PARTED = ("posts", "mentions")


def ensure(connection: Connection, times: Iterable[datetime]) -> None:
    """Have partitions for posts of these times."""
    if connection.dialect.name != "postgresql":
        return
    for month in sorted({months.month_of(at) for at in times}):
        if _there(connection, month):
            continue
        start, end = (f"{at:%Y-%m-%d} 00:00:00+00" for at in (month, months.after(month)))
        for table in PARTED:
            name = _name(table, month)
            # Made apart and attached, it is in no reader's way; made as a partition, it would be.
            connection.execute(text(f"create table {name} (like {table} including all)"))
            span = f"for values from ('{start}') to ('{end}')"
            connection.execute(text(f"alter table {table} attach partition {name} {span}"))


def drop_empty(connection: Connection, month: datetime) -> None:
    """Drop the partitions of a month that holds no post, once nobody reads any month."""
    if connection.dialect.name != "postgresql" or not _there(connection, month):
        return
    held = f"select exists (select 1 from {_name('posts', month)})"  # noqa: S608 - our own name
    if not connection.execute(text(held)).scalar():
        for table in PARTED:
            connection.execute(text(f"drop table {_name(table, month)}"))


def _there(connection: Connection, month: datetime) -> bool:
    asked = text("select to_regclass(:name)").bindparams(name=_name(PARTED[0], month))
    return connection.execute(asked).scalar() is not None


def _name(table: str, month: datetime) -> str:
    return f"{table}_{month:%Y_%m}"
