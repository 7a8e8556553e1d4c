"""Fetching what the store holds on one outage, source by source, and measuring it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from scipy.stats import nbinom

from analysis.attention import verdicts
from analysis.attention.channel import Channel
from analysis.attention.local_time import HOUR
from analysis.attention.verdicts import Measured
from analysis.attention.volumes import DAY, DAYS, Volume, compare
from analysis.attention.windows import (
    Coverage,
    Material,
    Parameters,
    edge_hours,
    floor_hour,
    lay_out,
)
from analysis.report.data import Hour
from db import catalog
from db.core.engine import Store
from db.counts import hourly as counts_hourly
from db.crawl import coverage, outages, volumes
from db.crawl.coverage import KnownSpan
from db.crawl.outages import KnownOutage
from db.posts import queries as posts_queries

CHART_MARGIN = timedelta(hours=12)
Window = tuple[datetime, datetime]


class ChannelReader:
    """Reads and measures the channels of outages, one source at a time."""

    def __init__(self, store: Store, parameters: Parameters) -> None:
        self._store = store
        self.parameters = parameters
        with store.reading() as connection:
            self._sources = posts_queries.sources(connection)

    def channels(self, outage: KnownOutage, window: Window) -> list[Measured]:
        """Attention on every source that has posts or coverage on the provider."""
        found = verdicts.measure_all(self.laid_out(outage, window))
        return [verdicts.with_voices(*both) for both in zip(found[::2], found[1::2], strict=True)]

    def laid_out(self, outage: KnownOutage, window: Window) -> list[tuple[str, Channel]]:
        """What each source held, as (source, channel): first all posts of it, then its voices."""
        by_source = self._spans(outage.provider, window)
        names = sorted({*self._sources, *by_source})
        barred = self.barred(outage.provider, outage.id, window)
        pairs = []
        for name in names:
            both = self._materials(outage.provider, name, by_source[name], barred, window)
            zone = catalog.zone(name)
            pairs += [(name, lay_out(m, window, self.parameters, zone)) for m in both]
        return pairs

    def queries(self, provider: str, window: Window) -> tuple[tuple[str, str], ...]:
        """(source, query) pairs by which the window and its baseline were read."""
        spans = self._spans(provider, window)
        return tuple(sorted({(s.source, s.query) for own in spans.values() for s in own}))

    def volumes(self, outage: KnownOutage, window: Window) -> tuple[Volume, ...]:
        """What others counted on the provider over the window."""
        first = window[0] - (DAYS + 1) * DAY
        with self._store.reading() as connection:
            found = volumes.read(connection, outage.provider, first, window[1])
        barred = self.barred(outage.provider, outage.id, window)
        compared = [compare(*series, slots, window, barred) for series, slots in found.items()]
        return tuple(v for v in compared if v is not None)

    def _spans(self, provider: str, window: Window) -> dict[str, list[KnownSpan]]:
        first, _ = self.parameters.history(window)
        with self._store.reading() as connection:
            spans = coverage.read(connection, provider, first, window[1])
        return coverage.grouped(spans)

    def barred(self, provider: str, id_: int, window: Window) -> list[Window]:
        """Windows of the provider's outages other than this one: no part of a baseline."""
        first, _ = self.parameters.history(window)
        with self._store.reading() as connection:
            known = outages.read(connection, provider=provider, start=first, end=window[1])
        return [
            self.parameters.window(o.start, o.end or datetime.now(UTC))
            for o in known
            if o.confirmed and o.id != id_
        ]

    def _materials(
        self,
        provider: str,
        source: str,
        spans: list[KnownSpan],
        barred: list[Window],
        window: Window,
    ) -> tuple[Material, Material]:
        """What is counted: all posts, and voices: no text and no author twice in an hour."""
        first, last = self.parameters.history(window)
        with self._store.reading() as connection:
            hourly = counts_hourly.read(connection, provider, source, first, last)
            edge = edge_hours(window, self.parameters, catalog.zone(source))
            edges = posts_queries.times(connection, provider, source, first, last, edge)
            inside = posts_queries.times(connection, provider, source, *window)
            control = posts_queries.total(connection, source, *window)
        raw = Material(
            hourly={hour: number for hour, number, _ in hourly},
            edge_times=[at for at, _ in edges],
            window_times=[at for at, _ in inside],
            whole=[(s.span.start, s.span.end) for s in spans if not s.capped],
            cut=[(s.span.start, s.span.end) for s in spans if s.capped],
            outages=barred,
            control=control,
        )
        voices = replace(
            raw,
            hourly={hour: number for hour, _, number in hourly},
            edge_times=[at for at, new in edges if new],
            window_times=[at for at, new in inside if new],
        )
        return raw, voices

    def hours(
        self, outage: KnownOutage, window: Window, channels: list[Measured]
    ) -> tuple[Hour, ...]:
        """Posts an hour around the outage on all sources that can be compared, with the band
        that 95% of hours without an outage fall in."""
        usable = [c for c in channels if c.hourly and c.expected]
        if not usable:
            return ()
        first = floor_hour(window[0] - CHART_MARGIN)
        number = int((window[1] + CHART_MARGIN - first) / HOUR) + 1
        times = [first + i * HOUR for i in range(number)]
        seen = np.zeros(number)
        covered = np.ones(number)
        spans = self._spans(outage.provider, (first, times[-1] + HOUR))
        starts = np.array([t.timestamp() for t in times])
        for channel in usable:
            with self._store.reading() as connection:
                rows = counts_hourly.read(
                    connection, outage.provider, channel.source, first, times[-1] + HOUR
                )
            for hour, posts_, _ in rows:
                seen[round((hour - first) / HOUR)] += posts_
            read = Coverage((s.span.start, s.span.end) for s in spans[channel.source])
            covered = np.minimum(covered, read.hours(starts, starts + 3600))
        return _band(times, seen, covered, usable, window)


def _band(
    times: list[datetime],
    seen: np.ndarray,
    covered: np.ndarray,
    usable: list[Measured],
    window: Window,
) -> tuple[Hour, ...]:
    hourly = np.sum([c.hourly for c in usable], axis=0)
    offset = round((times[0] - floor_hour(window[0])) / HOUR)
    expected = np.array([hourly[(offset + i) % 24] for i in range(len(times))])
    # A block's dispersion is the least that one of its hours has.
    dispersion = max(1e-6, float(np.mean([c.dispersion for c in usable])))
    size = 1 / dispersion
    low, high = (
        nbinom.ppf(q, size, size / (size + np.maximum(expected, 1e-9))) for q in (0.025, 0.975)
    )
    return tuple(
        Hour(t, int(s), float(e), float(lo), float(hi), float(c))
        for t, s, e, lo, hi, c in zip(times, seen, expected, low, high, covered, strict=True)
    )
