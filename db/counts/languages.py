"""Hourly counts by role and language, and how they felt: kept up by adding and taking away."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
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
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.core import bulk
from db.core.models import NAMED, Base, HourlyMood, HourlySpeech, Mention, Post, Score
from db.core.types import UtcTime
from db.core.value_lists import among
from db.counts.cells import whole_hour

Key = tuple[Any, ...]
THOUSANDTHS = 1000


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


def _speech() -> Any:
    """What posts come to, by the key of `HourlySpeech`."""
    key = Mention.provider_id, Mention.source, _HOUR, Mention.role, Post.lang
    rows = select(*key, func.count().label("posts")).join(Post, NAMED)
    return rows.group_by(*key)


def _moods() -> Any:
    """How posts feel, by the key of `HourlyMood`."""
    key = Mention.provider_id, Mention.source, _HOUR, Mention.role, Post.lang
    by = (*key, Score.model, Score.version)
    mood = func.sum(cast(func.round(Score.score * THOUSANDTHS), Integer))
    rows = (
        select(*by, func.count().label("scored"), mood.label("mood"))
        .join(Post, NAMED)
        .join(Score, Score.post_id == Mention.post_id)
        .where(Score.score.is_not(None))
    )
    return rows.group_by(*by)


_HOUR: ColumnElement[datetime] = hour_floor(Mention.created_at).label("hour")
KINDS: tuple[tuple[type[Base], Select[Any], int], ...] = (
    (HourlySpeech, _speech(), 5),
    (HourlyMood, _moods(), 7),
)


def add(connection: Connection, ids: Sequence[int], sign: int = 1) -> None:
    """Count these posts as they are now, or, with -1, count them no more: before they change."""
    for kind, rows, _ in KINDS:
        _add(connection, kind, rows.where(among(Mention.post_id, ids)), sign)


def arrive(connection: Connection, spoken: Iterable[Key]) -> None:
    """Count new posts, which nobody has scored: a key of `HourlySpeech` for each that is named."""
    counted = Counter(spoken)
    keys = [c.name for c in HourlySpeech.__table__.primary_key]
    columns = dict(zip(keys, zip(*counted, strict=True), strict=False))
    if counted:
        adding = _adding(connection.dialect.name, HourlySpeech)
        bulk.many(connection, adding, {**columns, "posts": list(counted.values())})


def feel(
    connection: Connection, ids: Sequence[int], model: str, version: str, sign: int = 1
) -> None:
    """Count how these posts feel by a model, or, with -1, count it no more."""
    own = Score.model == model, Score.version == version
    if ids:
        _add(connection, HourlyMood, _moods().where(among(Score.post_id, ids), *own), sign)


def feel_anew(connection: Connection, model: str, version: str) -> None:
    """Count how posts feel by a model again, all of them."""
    own = HourlyMood.model == model, HourlyMood.version == version
    connection.execute(delete(HourlyMood).where(*own))
    mine = Score.model == model, Score.version == version
    _add(connection, HourlyMood, _moods().where(*mine), 1)


def _add(connection: Connection, kind: type[Base], rows: Select[Any], sign: int) -> None:
    table = kind.__table__
    own = rows.subquery()
    sums = [c.name for c in table.columns if not c.primary_key]
    keys = [c.name for c in table.primary_key]
    signed = select(*(own.c[k] for k in keys), *(own.c[s] * bindparam("sign") for s in sums))
    # SQLite takes the ON of a join for that of the conflict where no WHERE stands between.
    rows_ = signed.where(literal_column("1") == 1)
    statement = _adding(connection.dialect.name, kind).from_select([*keys, *sums], rows_)
    connection.execute(statement, {"sign": sign})


@cache
def _adding(dialect: str, kind: type[Base]) -> Any:
    """An INSERT that adds to the sums that are there already."""
    made = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement, table = made(kind), kind.__table__
    sums = [c.name for c in table.columns if not c.primary_key]
    changed = {s: table.columns[s] + statement.excluded[s] for s in sums}
    keys = [c.name for c in table.primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def differences(connection: Connection, since: datetime | None = None) -> int:
    """How many counts are not what their posts come to; since: as in `counts.differences`."""
    return sum(
        len(connection.execute(_wrong(kind, rows, number, since)).all())
        for kind, rows, number in KINDS
    )


def mend(connection: Connection, since: datetime | None = None) -> None:
    """Make wrong counts true again."""
    for kind, rows, number in KINDS:
        _add(connection, kind, _wrong(kind, rows, number, since), 1)


def _wrong(kind: type[Base], rows: Select[Any], number: int, since: datetime | None) -> Select[Any]:
    """Keys, and by how much what is kept differs from what the posts come to."""
    table: FromClause = kind.__table__
    names = [c.name for c in table.columns]
    kept = select(*(table.c[n] for n in names[:number]), *(-table.c[n] for n in names[number:]))
    true = rows
    if since is not None:
        # An hour that is known in part only is taken as it is.
        first = whole_hour(since)
        kept, true = kept.where(table.c.hour >= first), true.where(Mention.created_at >= first)
    both = union_all(true, kept).subquery()
    columns = list(both.c)
    off = [func.sum(c).label(c.name) for c in columns[number:]]
    differs = or_(*(func.sum(c) != 0 for c in columns[number:]))
    return select(*columns[:number], *off).group_by(*columns[:number]).having(differs)
