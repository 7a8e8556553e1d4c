"""Queries on volumes: counts of attention that others made."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from db.catalog import provider_rows
from db.core.models import Provider, Volume
from db.core.records import NewVolume, VolumePage
from db.core.upsert import upsert
from db.crawl import cursors


def store(connection: Connection, page: VolumePage) -> int:
    """Store a page's cursor and slots, overwriting those of the same start; return their number."""
    provider = provider_rows.ids(connection)[page.provider]
    rows = [
        {"provider_id": provider, "source": page.source, "series": page.query, **asdict(p)}
        for p in {p.start: p for p in page.points}.values()
    ]
    keys = ["provider_id", "source", "series", "start"]
    upsert(connection, Volume, rows, keys, update=["minutes", "value", "norm"])
    if page.cursor is not None:
        cursors.write(connection, page.source, page.query, page.cursor, datetime.now(UTC))
    return len(rows)


def read(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> dict[tuple[str, str], Sequence[NewVolume]]:
    """Return slots that start in [start, end), by (source, series), oldest first."""
    rows = connection.execute(
        select(Volume)
        .join(Provider, Volume.provider_id == Provider.id)
        .where(Provider.key == provider, Volume.start >= start, Volume.start < end)
        .order_by(Volume.source, Volume.series, Volume.start)
    )
    series: dict[tuple[str, str], list[NewVolume]] = {}
    for row in rows:
        slot = NewVolume(row.start, row.minutes, row.value, row.norm)
        series.setdefault((row.source, row.series), []).append(slot)
    return dict(series)
