"""Bulk writes of rows given by their columns: COPY and arrays on PostgreSQL, one statement for all
rows on SQLite."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Insert, bindparam, func, select
from sqlalchemy import insert as insert_into
from sqlalchemy.dialects import sqlite

from db.core import partitions
from db.core.models import Base
from db.core.types import UtcTime, require_zone, sqlite_text

ColumnValues = Mapping[str, Sequence[Any]]


def new_ids(connection: Connection, model: type[Base], number: int) -> list[int]:
    """Return ids that no row has, ascending; nobody else may write until they are used."""
    id_column = model.__table__.c.id
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.__tablename__, id_column.name)
        drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, number))
        return sorted(connection.execute(drawn).scalars())
    last = connection.execute(select(func.max(id_column))).scalar() or 0
    return list(range(last + 1, last + 1 + number))


def insert(connection: Connection, model: type[Base], columns: ColumnValues) -> None:
    """Store rows given by their columns, all of which are equally long."""
    if connection.dialect.name == "sqlite":
        execute_many(connection, insert_statement(model), columns)
        return
    if model.__tablename__ in partitions.PARTITIONED_TABLES:
        partitions.ensure(connection, set(map(require_zone, columns["created_at"])))
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {model.__tablename__} ({names}) FROM STDIN") as copy,
    ):
        for row in zip(*columns.values(), strict=True):
            copy.write_row(row)


def execute_many(connection: Connection, statement: Insert, columns: ColumnValues) -> None:
    """Run an INSERT for rows given by their columns, no two of which have the same key.

    PostgreSQL takes each column as one array. SQLite's driver gets the rows directly: SQLAlchemy
    would convert each value of each row, which takes longer than storing it.
    """
    if connection.dialect.name != "sqlite":
        arrays = {name: list(values) for name, values in columns.items()}
        connection.execute(_from_arrays(statement, tuple(columns)), arrays)
        return
    sql, names, times = _compile_for_sqlite(statement, tuple(columns))
    values = [list(map(sqlite_text, columns[n])) if n in times else columns[n] for n in names]
    connection.exec_driver_sql(sql, list(zip(*values, strict=True)))


@cache
def insert_statement(model: type[Base]) -> Insert:
    """Return the INSERT of a table, always the same object: what is compiled of it is cached."""
    return insert_into(model)


@cache
def _from_arrays(statement: Insert, names: tuple[str, ...]) -> Insert:
    columns = statement.table.c
    arrays = [bindparam(name, type_=ARRAY(columns[name].type)) for name in names]
    rows = func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    return statement.from_select(list(names), select(*(rows.c[name] for name in names)))


@cache
def _compile_for_sqlite(
    statement: Insert, names: tuple[str, ...]
) -> tuple[str, Sequence[str], frozenset[str]]:
    """Return an INSERT's SQL, its columns in the driver's order, and which of them hold times."""
    dialect: Any = sqlite.dialect()
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    columns = statement.table.c
    times = (name for name in names if isinstance(columns[name].type, UtcTime))
    return compiled.string, compiled.positiontup, frozenset(times)
