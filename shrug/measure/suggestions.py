"""Suggested outages: bursts of posts that no known outage explains. A person must confirm them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from analysis.attention.bursts import Burst, find_bursts
from analysis.attention.local_time import HOUR
from analysis.attention.windows import Coverage, Parameters
from db import catalog
from db.core.engine import Store
from db.core.records import NewOutage
from db.counts import hourly as counts_hourly
from db.crawl import coverage, outages
from db.crawl.coverage import KnownSpan
from db.posts import queries

ORIGIN = "burst"
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# A burst this long before or after a known outage may be its echo.
NEAR = timedelta(hours=6)


def refresh(store: Store, on_provider: Callable[[], None] = lambda: None) -> int:
    """Suggest an outage for each burst on a source that no known outage explains; return how many.

    They stay unconfirmed and judge nothing: outages that were found because they were loud would
    prove that outages are loud. Voices are counted: no text and no author twice in an hour.
    on_provider: called after each provider.
    """
    number = 0
    with store.reading() as connection:
        sources = queries.sources(connection)
    for provider in catalog.providers():
        suggested = {source: _suggested(store, provider, source) for source in sources}
        with store.writing() as connection:
            for source, events in suggested.items():
                outages.replace_suggested(connection, ORIGIN, f"{source}/{provider}/", events)
                number += len(events)
        on_provider()
    return number


def _suggested(store: Store, provider: str, source: str) -> list[NewOutage]:
    with store.reading() as connection:
        rows = counts_hourly.read(connection, provider, source, FIRST, LAST)
        if not rows:
            return []
        first, last = rows[0][0], rows[-1][0] + HOUR
        spans = coverage.group_by_source(coverage.read(connection, provider, first, last))[source]
        known = [
            Parameters().window(o.start, o.end or o.start)
            for o in outages.read(connection, provider=provider)
            if o.origin != ORIGIN or o.confirmed
        ]
    found_bursts = _bursts(first, [(hour, voices) for hour, _, voices in rows], spans)
    times = [(first + b.first * HOUR, first + (b.last + 1) * HOUR, b) for b in found_bursts]
    return [
        _outage(provider, source, start, end, burst)
        for start, end, burst in times
        if not any(start < b + NEAR and a - NEAR < end for a, b in known)
    ]


def _bursts(
    first: datetime, hourly: Sequence[tuple[datetime, int]], spans: Sequence[KnownSpan]
) -> list[Burst]:
    series = np.zeros(round((hourly[-1][0] - first) / HOUR) + 1)
    for hour, number in hourly:
        series[round((hour - first) / HOUR)] = number
    starts = np.asarray(first.timestamp() + 3600.0 * np.arange(len(series)), dtype=np.float64)
    read = Coverage((s.span.start, s.span.end) for s in spans if not s.capped)
    ends = np.asarray(starts + 3600, dtype=np.float64)
    return find_bursts(series, read.hours(starts, ends), first.hour, first.weekday())


def _outage(provider: str, source: str, start: datetime, end: datetime, burst: Burst) -> NewOutage:
    return NewOutage(
        provider=provider,
        start=start,
        end=end,
        kind="outage",
        title=f"{source}: {burst.posts} posts, up to {burst.ratio:.1f} times the usual",
        origin=ORIGIN,
        external_id=f"{source}/{provider}/{start.isoformat()}",
        confirmed=False,
        rounded_minutes=60,
    )
