"""Queries on coverage: the spans of time in which a source's queries were read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, insert, or_, select, update

from db.catalog import provider_rows
from db.core.models import CoverageSpan, Provider
from db.core.records import CoveredSpan, Span


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """A stored coverage span of a source's query."""

    source: str
    query: str
    span: Span
    capped: bool
    assumed: bool


def add(connection: Connection, source: str, query: str, spans: Iterable[CoveredSpan]) -> None:
    """Store spans; one that starts within or at the end of a stored span extends it."""
    spans_to_add = [covered for covered in spans if covered.span.end > covered.span.start]
    provider_ids = provider_rows.ids(connection) if spans_to_add else {}
    for covered in spans_to_add:
        values = {
            "source": source,
            "query": query,
            "provider_id": provider_ids[covered.provider] if covered.provider else None,
            "capped": covered.capped,
            "assumed": covered.assumed,
        }
        if not _extend(connection, values, covered.span):
            connection.execute(
                insert(CoverageSpan).values(
                    **values, start=covered.span.start, end=covered.span.end
                )
            )


def _extend(connection: Connection, values: Mapping[str, object], span: Span) -> bool:
    same = [getattr(CoverageSpan, name).is_not_distinct_from(v) for name, v in values.items()]
    id_ = connection.execute(
        select(CoverageSpan.id).where(
            *same, CoverageSpan.start <= span.start, CoverageSpan.end >= span.start
        )
    ).scalar()
    if id_ is None:
        return False
    connection.execute(
        update(CoverageSpan)
        .where(CoverageSpan.id == id_, CoverageSpan.end < span.end)
        .values(end=span.end)
    )
    return True


def read(connection: Connection, provider: str, start: datetime, end: datetime) -> list[KnownSpan]:
    """Return spans with posts on `provider` that overlap [start, end), by source."""
    query = _overlapping(start, end).outerjoin(Provider, CoverageSpan.provider_id == Provider.id)
    matches = or_(CoverageSpan.provider_id.is_(None), Provider.key == provider)
    return [_known_span(*row) for row in connection.execute(query.where(matches))]


def by_source(connection: Connection, start: datetime, end: datetime) -> list[KnownSpan]:
    """Return every span that overlaps [start, end), of any provider, by source."""
    return [_known_span(*row) for row in connection.execute(_overlapping(start, end))]


def earliest_start(connection: Connection) -> datetime | None:
    """Return the start of the earliest span; None if there is none."""
    return connection.execute(select(CoverageSpan.start).order_by(CoverageSpan.start)).scalar()


def group_by_source(spans: Iterable[KnownSpan]) -> dict[str, list[KnownSpan]]:
    """Group spans by source; a source without any has an empty list."""
    groups: dict[str, list[KnownSpan]] = defaultdict(list)
    for span in spans:
        groups[span.source].append(span)
    return groups


def _overlapping(
    start: datetime, end: datetime
) -> Select[str, str, datetime, datetime, bool, bool]:
    return (
        select(
            CoverageSpan.source,
            CoverageSpan.query,
            CoverageSpan.start,
            CoverageSpan.end,
            CoverageSpan.capped,
            CoverageSpan.assumed,
        )
        .where(CoverageSpan.start < end, CoverageSpan.end > start)
        .order_by(CoverageSpan.source, CoverageSpan.start)
    )


def _known_span(
    source: str, query: str, start: datetime, end: datetime, capped: bool, assumed: bool
) -> KnownSpan:
    return KnownSpan(source, query, Span(start, end), capped, assumed)
