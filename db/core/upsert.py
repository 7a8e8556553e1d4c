"""Insert rows, or update the ones that are already there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import postgresql, sqlite

from db.core import bulk
from db.core.models import Base

Row = dict[str, Any]


def upsert(
    connection: Connection,
    model: type[Base],
    rows: Sequence[Row] | bulk.Columns,
    keys: Sequence[str],
    *,
    update: Sequence[str] = (),
) -> None:
    """Store rows, or rows given by their columns; where `keys` already exist, overwrite the columns
    in `update` only."""
    columns = rows if isinstance(rows, Mapping) else bulk.turned(rows)
    if columns:
        statement = _upserting(connection.dialect.name, model, tuple(keys), tuple(update))
        bulk.many(connection, statement, _last(columns, keys))


def _last(columns: bulk.Columns, keys: Sequence[str]) -> bulk.Columns:
    """Of rows by the same keys the last one."""
    told = list(zip(*(columns[key] for key in keys), strict=True))
    place = {key: n for n, key in enumerate(told)}
    if len(place) == len(told):
        return columns
    kept = sorted(place.values())
    return {name: [values[n] for n in kept] for name, values in columns.items()}


@cache
def _upserting(
    dialect: str, model: type[Base], keys: tuple[str, ...], update: tuple[str, ...]
) -> Insert:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(model)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in update}
    )
