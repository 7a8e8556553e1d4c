"""Storing many rows at once, given by their columns: new ones by COPY on PostgreSQL, what may be
there already as arrays; on SQLite as one statement for all."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Insert, bindparam, func, select
from sqlalchemy import insert as insert_into
from sqlalchemy.dialects import sqlite

from db.core import partitions
from db.core.models import Base
from db.core.types import UtcTime, stored, zoned

Columns = Mapping[str, Sequence[Any]]


def new_ids(connection: Connection, model: type[Base], number: int) -> list[int]:
    """Ids that no row has, ascending; nobody else may write until they are used."""
    own = model.__table__.c.id
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.__tablename__, own.name)
        drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, number))
        return sorted(connection.execute(drawn).scalars())
    last = connection.execute(select(func.max(own))).scalar() or 0
    return list(range(last + 1, last + 1 + number))


def turned(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Rows that all have the same columns, given by their columns."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def insert(connection: Connection, model: type[Base], columns: Columns) -> None:
    """Store rows given by their columns, all of which are equally long."""
    if connection.dialect.name == "sqlite":
        many(connection, inserting(model), columns)
        return
    if model.__tablename__ in partitions.PARTED:
        partitions.ensure(connection, set(map(zoned, columns["created_at"])))
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {model.__tablename__} ({names}) FROM STDIN") as copy,
    ):
        for row in zip(*columns.values(), strict=True):
            copy.write_row(row)


def many(connection: Connection, statement: Insert, columns: Columns) -> None:
    """Run an INSERT for rows given by their columns, no two of which clash.

    PostgreSQL takes each column as one array. On SQLite the driver gets rows as it takes them:
    SQLAlchemy would look at each value of each, which takes longer than storing it.
    """
    if connection.dialect.name != "sqlite":
        arrays = {name: list(values) for name, values in columns.items()}
        connection.execute(_of_arrays(statement, tuple(columns)), arrays)
        return
    sql, names, times = _for_driver(statement, tuple(columns))
    given = [list(map(stored, columns[n])) if n in times else columns[n] for n in names]
    connection.exec_driver_sql(sql, list(zip(*given, strict=True)))


@cache
def inserting(model: type[Base]) -> Insert:
    """An INSERT, always the same one: what is made of it once need not be made again."""
    return insert_into(model)


@cache
def _of_arrays(statement: Insert, names: tuple[str, ...]) -> Insert:
    """An INSERT of what arrays hold, one for each column."""
    columns = statement.table.c
    arrays = [bindparam(name, type_=ARRAY(columns[name].type)) for name in names]
    rows = func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    return statement.from_select(list(names), select(*(rows.c[name] for name in names)))


@cache
def _for_driver(
    statement: Insert, names: tuple[str, ...]
) -> tuple[str, Sequence[str], frozenset[str]]:
    """An INSERT as SQLite's driver takes it, the columns in its order, and which hold times."""
    dialect: Any = sqlite.dialect()
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    columns = statement.table.c
    times = (name for name in names if isinstance(columns[name].type, UtcTime))
    return compiled.string, compiled.positiontup, frozenset(times)
