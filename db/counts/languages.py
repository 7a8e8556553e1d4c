"""Hourly counts by role and language, and sums of their sentiment, updated by adding and
subtracting."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.core import bulk
from db.core.models import POST_OF_MENTION, Base, HourlyMood, HourlySpeech, Mention, Post, Score
from db.core.types import UtcTime
from db.core.upsert import dialect_insert
from db.core.value_lists import in_values
from db.counts.cells import first_full_hour

MOOD_SCALE = 1000


class hour_floor(GenericFunction[datetime]):  # noqa: N801 - a function of SQL
    """The first instant of the hour (UTC) of an instant."""

    inherit_cache = True
    type = UtcTime()


@compiles(hour_floor, "sqlite")
def _on_sqlite(element: hour_floor, compiler: Any, **kw: Any) -> str:
    instant = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:00:00.000000', {instant})"


@compiles(hour_floor, "postgresql")
def _on_postgresql(element: hour_floor, compiler: Any, **kw: Any) -> str:
    return f"date_trunc('hour', {compiler.process(element.clauses, **kw)}, 'UTC')"


_KEY = (
    Mention.provider_id,
    Mention.source,
    hour_floor(Mention.created_at).label("hour"),
    Mention.role,
    Post.lang,
)
_MODEL_KEY = (*_KEY, Score.model, Score.version)
_SPEECH: Any = (
    select(*_KEY, func.count().label("posts")).join(Post, POST_OF_MENTION).group_by(*_KEY)
)
_MOODS: Any = (
    select(
        *_MODEL_KEY,
        func.count().label("scored"),
        func.sum(cast(func.round(Score.score * MOOD_SCALE), Integer)).label("mood"),
    )
    .join(Post, POST_OF_MENTION)
    .join(Score, Score.post_id == Mention.post_id)
    .where(Score.score.is_not(None))
    .group_by(*_MODEL_KEY)
)
# Each table, and what its rows should be.
_TABLES: tuple[tuple[type[Base], Select[Any]], ...] = (
    (HourlySpeech, _SPEECH),
    (HourlyMood, _MOODS),
)


def add(connection: Connection, ids: Sequence[int], sign: int = 1) -> None:
    """Count these posts as they are stored; with a sign of -1, subtract them before they change."""
    for model, rows in _TABLES:
        _add(connection, model, rows.where(in_values(Mention.post_id, ids)), sign)


def add_mentions(connection: Connection, mentions: Iterable[tuple[Any, ...]]) -> None:
    """Count mentions of new posts without scores, each given by its key of `HourlySpeech`."""
    numbers = Counter(mentions)
    keys, _ = _columns(HourlySpeech)
    columns = dict(zip(keys, zip(*numbers, strict=True), strict=False))
    if numbers:
        statement = _adding_insert(connection.dialect.name, HourlySpeech)
        bulk.execute_many(connection, statement, {**columns, "posts": list(numbers.values())})


def add_scores(
    connection: Connection, ids: Sequence[int], model: str, version: str, sign: int = 1
) -> None:
    """Add a model's scores of these posts to the sums; with a sign of -1, subtract them."""
    of_model = Score.model == model, Score.version == version
    if ids:
        _add(connection, HourlyMood, _MOODS.where(in_values(Score.post_id, ids), *of_model), sign)


def recount_scores(connection: Connection, model: str, version: str) -> None:
    """Sum all of a model's scores again."""
    of_model = HourlyMood.model == model, HourlyMood.version == version
    connection.execute(delete(HourlyMood).where(*of_model))
    _add(connection, HourlyMood, _MOODS.where(Score.model == model, Score.version == version), 1)


def _columns(model: type[Base]) -> tuple[list[str], list[str]]:
    """Return the names of a table's key columns, and of its sums."""
    columns = model.__table__.columns
    return [c.name for c in columns if c.primary_key], [
        c.name for c in columns if not c.primary_key
    ]


def _add(connection: Connection, model: type[Base], rows: Select[Any], sign: int) -> None:
    added = rows.subquery().c
    keys, sums = _columns(model)
    signed = select(*(added[k] for k in keys), *(added[s] * bindparam("sign") for s in sums))
    # Without a WHERE, SQLite would take the ON of ON CONFLICT for that of a join.
    signed = signed.where(literal_column("1") == 1)
    statement = _adding_insert(connection.dialect.name, model).from_select([*keys, *sums], signed)
    connection.execute(statement, {"sign": sign})


@cache
def _adding_insert(dialect: str, model: type[Base]) -> Any:
    """Return an INSERT that adds to the sums that are stored already."""
    statement, stored = dialect_insert(dialect, model), model.__table__.columns
    keys, sums = _columns(model)
    changes = {s: stored[s] + statement.excluded[s] for s in sums}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)


def differences(connection: Connection, since: datetime | None = None) -> int:
    """Return the number of counts that are not those of their posts; since: as in `hourly`."""
    return sum(
        len(connection.execute(_corrections(model, rows, since)).all()) for model, rows in _TABLES
    )


def repair(connection: Connection, since: datetime | None = None) -> None:
    """Correct the counts that are not those of their posts."""
    for model, rows in _TABLES:
        _add(connection, model, _corrections(model, rows, since), 1)


def _corrections(model: type[Base], rows: Select[Any], since: datetime | None) -> Select[Any]:
    """Select the keys of wrong counts, and what must be added to their sums."""
    columns = model.__table__.c
    keys, sums = _columns(model)
    stored = select(*(columns[k] for k in keys), *(-columns[s] for s in sums))
    if since is not None:
        first = first_full_hour(since)
        stored, rows = stored.where(columns.hour >= first), rows.where(Mention.created_at >= first)
    both = union_all(rows, stored).subquery().c
    corrections = [func.sum(both[s]).label(s) for s in sums]
    is_wrong = or_(*(func.sum(both[s]) != 0 for s in sums))
    key_columns = [both[k] for k in keys]
    return select(*key_columns, *corrections).group_by(*key_columns).having(is_wrong)
