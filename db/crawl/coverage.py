"""Queries on what is known to have been read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, insert, or_, select, update

from db.catalog import provider_rows
from db.core.models import CoverageSpan, Provider
from db.core.records import Covered, Span


@dataclass(frozen=True, slots=True)
class KnownSpan:
    source: str
    query: str
    span: Span
    capped: bool
    assumed: bool


def add(connection: Connection, source: str, query: str, spans: Iterable[Covered]) -> None:
    """Store spans, growing one that ends where the new one starts (a crawl adds one a page)."""
    wanted = [covered for covered in spans if covered.span.end > covered.span.start]
    known = provider_rows.ids(connection) if wanted else {}
    for covered in wanted:
        values = {
            "source": source,
            "query": query,
            "provider_id": known[covered.provider] if covered.provider else None,
            "capped": covered.capped,
            "assumed": covered.assumed,
        }
        if not _grow(connection, values, covered.span):
            connection.execute(
                insert(CoverageSpan).values(
                    **values, start=covered.span.start, end=covered.span.end
                )
            )


def _grow(connection: Connection, values: Mapping[str, object], span: Span) -> bool:
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
    """Spans that hold posts on `provider` and touch the time asked for, by source."""
    query = _touching(start, end).outerjoin(Provider, CoverageSpan.provider_id == Provider.id)
    own = or_(CoverageSpan.provider_id.is_(None), Provider.key == provider)
    return [_known(*row) for row in connection.execute(query.where(own))]


def by_source(connection: Connection, start: datetime, end: datetime) -> list[KnownSpan]:
    """Every span that touches the time asked for, whatever its provider, by source."""
    return [_known(*row) for row in connection.execute(_touching(start, end))]


def first(connection: Connection) -> datetime | None:
    """Since when anything at all is known to have been read."""
    return connection.execute(select(CoverageSpan.start).order_by(CoverageSpan.start)).scalar()


def grouped(spans: Iterable[KnownSpan]) -> dict[str, list[KnownSpan]]:
    """Spans by source; a source without any has an empty list."""
    found: dict[str, list[KnownSpan]] = defaultdict(list)
    for span in spans:
        found[span.source].append(span)
    return found


def _touching(start: datetime, end: datetime) -> Select[str, str, datetime, datetime, bool, bool]:
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


def _known(
    source: str, query: str, start: datetime, end: datetime, capped: bool, assumed: bool
) -> KnownSpan:
    return KnownSpan(source, query, Span(start, end), capped, assumed)
