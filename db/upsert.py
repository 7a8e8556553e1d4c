"""Insert rows, or update the ones that are already there, in batches."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from db import bulk
from db.models import Base

BATCH = 5000

Row = dict[str, Any]
T = TypeVar("T")


def upsert(
    connection: Connection,
    model: type[Base],
    rows: Sequence[Row],
    keys: Sequence[str],
    *,
    update: Sequence[str] = (),
) -> None:
    """Store `rows`; where `keys` already exist, overwrite the columns in `update` only."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(model)
    if update:
        statement = statement.on_conflict_do_update(
            index_elements=list(keys), set_={name: statement.excluded[name] for name in update}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(keys))
    for part in batches(rows):
        bulk.many(connection, statement, part)


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts that one statement can take."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
