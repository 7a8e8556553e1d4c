"""Queries on what each query of a crawl returned and missed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from db.core.models import CrawlRun


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """The result of one query of a crawl; `kind` and `why` say what was missed, if anything."""

    answers: int = 0
    posts: int = 0
    refused: int = 0
    kind: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CrawlRunRecord:
    """One query of one crawl; `ended_at` is None if the crawl did not end."""

    source: str
    query: str
    started_at: datetime
    ended_at: datetime | None
    outcome: QueryOutcome


def begin(connection: Connection, source: str, query: str, at: datetime) -> int:
    """Write that a query begins; return the run's id."""
    empty = {"answers": 0, "posts": 0, "refused": 0}
    values = {"source": source, "query": query, "started_at": at, **empty}
    return connection.execute(insert(CrawlRun).values(values).returning(CrawlRun.id)).scalar_one()


def end(connection: Connection, id_: int, at: datetime, outcome: QueryOutcome) -> None:
    """Write the end of a run, adding to what another crawler has written."""
    connection.execute(
        update(CrawlRun)
        .where(CrawlRun.id == id_)
        .values(
            ended_at=at,
            answers=CrawlRun.answers + outcome.answers,
            posts=CrawlRun.posts + outcome.posts,
            refused=CrawlRun.refused + outcome.refused,
            kind=func.coalesce(CrawlRun.kind, outcome.kind),
            why=func.coalesce(CrawlRun.why, outcome.why),
        )
    )


def end_latest(
    connection: Connection, source: str, query: str, at: datetime, outcome: QueryOutcome
) -> None:
    """End the latest run of a query, which another crawler began. If a query without a run, such as
    the control query, missed something, so did the latest run of each query of its source."""
    latest_id = select(func.max(CrawlRun.id)).where(CrawlRun.source == source)
    id_ = connection.execute(latest_id.where(CrawlRun.query == query)).scalar()
    if id_ is not None:
        end(connection, id_, at, outcome)
    elif outcome.kind:
        newest = latest_id.group_by(CrawlRun.query)
        for id_ in connection.execute(newest).scalars().all():
            end(connection, id_, at, QueryOutcome(kind=outcome.kind, why=outcome.why))


def latest(connection: Connection) -> list[CrawlRunRecord]:
    """Return the newest run of each query of each source, by source."""
    newest = select(func.max(CrawlRun.id)).group_by(CrawlRun.source, CrawlRun.query)
    query = (
        select(CrawlRun).where(CrawlRun.id.in_(newest)).order_by(CrawlRun.source, CrawlRun.query)
    )
    return [_record(row) for row in connection.execute(query)]


def recent(connection: Connection, number: int) -> list[CrawlRunRecord]:
    """Return the newest runs of each query, at most `number` of each, newest first."""
    place = func.row_number().over(
        partition_by=(CrawlRun.source, CrawlRun.query), order_by=CrawlRun.id.desc()
    )
    placed = select(CrawlRun.id, place.label("place")).subquery()
    query = (
        select(CrawlRun)
        .join(placed, placed.c.id == CrawlRun.id)
        .where(placed.c.place <= number)
        .order_by(CrawlRun.id.desc())
    )
    return [_record(row) for row in connection.execute(query)]


def _record(row: Any) -> CrawlRunRecord:
    outcome = QueryOutcome(row.answers, row.posts, row.refused, row.kind, row.why)
    return CrawlRunRecord(row.source, row.query, row.started_at, row.ended_at, outcome)
