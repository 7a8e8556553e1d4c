"""Insert rows, or update those that are already there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import postgresql, sqlite

from db.core import bulk
from db.core.models import Base


def upsert(
    connection: Connection,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]] | bulk.ColumnValues,
    keys: Sequence[str],
    *,
    update: Sequence[str] = (),
) -> None:
    """Store rows, or rows given by their columns; if a row with the same `keys` is there, overwrite
    its columns in `update` only. Of several given rows with the same keys, the last one is taken.
    """
    if not isinstance(rows, Mapping):
        rows = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    if rows:
        statement = _upsert_statement(connection.dialect.name, model, tuple(keys), tuple(update))
        bulk.execute_many(connection, statement, _last_of_key(rows, keys))


def _last_of_key(columns: bulk.ColumnValues, keys: Sequence[str]) -> bulk.ColumnValues:
    row_keys = list(zip(*(columns[key] for key in keys), strict=True))
    last_places = {key: n for n, key in enumerate(row_keys)}
    if len(last_places) == len(row_keys):
        return columns
    places = sorted(last_places.values())
    return {name: [values[n] for n in places] for name, values in columns.items()}


def dialect_insert(dialect: str, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return a table's INSERT, of the dialect's kind, which knows ON CONFLICT."""
    return (postgresql.insert if dialect == "postgresql" else sqlite.insert)(model)


@cache
def _upsert_statement(
    dialect: str, model: type[Base], keys: tuple[str, ...], update: tuple[str, ...]
) -> Insert:
    statement = dialect_insert(dialect, model)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    changes = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changes)
