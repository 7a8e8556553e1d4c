"""PostgreSQL's partitions of posts and mentions, one a month; elsewhere there are none.

A query that says when is answered from the months that it touches.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, text

PARTED = ("posts", "mentions")


def ensure(connection: Connection, times: Iterable[datetime]) -> None:
    """Have partitions for posts of these times."""
    if connection.dialect.name != "postgresql":
        return
    for month in sorted({_month_of(at) for at in times}):
        if _there(connection, month):
            continue
        start, end = (f"{at:%Y-%m-%d} 00:00:00+00" for at in (month, _after(month)))
        for table in PARTED:
            name = _name(table, month)
            # Made apart and attached, it is in no reader's way; made as a partition, it would be.
            connection.execute(text(f"create table {name} (like {table} including all)"))
            span = f"for values from ('{start}') to ('{end}')"
            connection.execute(text(f"alter table {table} attach partition {name} {span}"))


def _month_of(at: datetime) -> datetime:
    """The first instant of the month (UTC) that holds `at`."""
    utc = at.astimezone(UTC)
    return datetime(utc.year, utc.month, 1, tzinfo=UTC)


def _after(month: datetime) -> datetime:
    """The first instant of the month that follows."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return datetime(year, number + 1, 1, tzinfo=UTC)


def _there(connection: Connection, month: datetime) -> bool:
    asked = text("select to_regclass(:name)").bindparams(name=_name(PARTED[0], month))
    return connection.execute(asked).scalar() is not None


def _name(table: str, month: datetime) -> str:
    return f"{table}_{month:%Y_%m}"
