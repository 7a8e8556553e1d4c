"""Storing many new rows at once: by COPY on PostgreSQL, as one statement of many elsewhere."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, func, select
from sqlalchemy import insert as insert_into

from db import partitions
from db.models import Archive, Base, Post
from db.types import UtcTime, stored


def new_ids(connection: Connection, model: type[Base], number: int) -> list[int]:
    """Ids that no row has, ascending; nobody else may write until they are used."""
    own = model.__table__.c.id
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.__tablename__, own.name)
        drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, number))
        return sorted(connection.execute(drawn).scalars())
    # Ids of posts that lie in files stay theirs.
    away = select(func.max(Archive.last_id))
    known = (select(func.max(own)), away) if model is Post else (select(func.max(own)),)
    last = max(connection.execute(query).scalar() or 0 for query in known)
    return list(range(last + 1, last + 1 + number))


def insert(connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Store rows, which all have the same columns."""
    if connection.dialect.name == "sqlite":
        many(connection, insert_into(model), rows)
        return
    if model.__tablename__ in partitions.PARTED:
        partitions.ensure(connection, {row["created_at"] for row in rows})
    driver: Any = connection.connection.driver_connection
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {model.__tablename__} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([row[name] for name in names])


def many(connection: Connection, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Run an INSERT for rows that all have the same columns. On SQLite the driver gets them as it
    takes them: SQLAlchemy would look at each value of each, which takes longer than storing it."""
    if connection.dialect.name != "sqlite":
        connection.execute(statement, rows)
        return
    compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    names: list[str] = compiled.positiontup
    columns = statement.table.c
    times = [i for i, n in enumerate(names) if isinstance(columns[n].type, UtcTime)]
    take = itemgetter(*names)
    given = [list(take(row)) for row in rows]
    for own in given:
        for i in times:
            at = own[i]
            own[i] = at and stored(at)
    connection.exec_driver_sql(compiled.string, list(map(tuple, given)))
