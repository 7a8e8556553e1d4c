"""The attention channels of an outage: one for each source, read from the store and measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from scipy.stats import nbinom

from analysis.attention import verdicts
from analysis.attention.channel import Channel
from analysis.attention.local_time import HOUR
from analysis.attention.verdicts import Measurement
from analysis.attention.volumes import DAY, MAX_DAYS, VolumeComparison, compare_volumes
from analysis.attention.windows import (
    ChannelInputs,
    Coverage,
    Parameters,
    Window,
    build_channel,
    edge_hours,
    floor_hour,
)
from analysis.report.data import Hour
from db import catalog
from db.core.engine import Store
from db.counts import hourly as counts_hourly
from db.crawl import coverage, outages, volumes
from db.crawl.coverage import KnownSpan
from db.posts import queries as posts_queries

CHART_MARGIN = timedelta(hours=12)


class ChannelReader:
    """Reads the channels of outages from the store, one source at a time, and measures them.

    An outage is named by its provider and its id; without an id, time outside outages is measured.
    """

    def __init__(self, store: Store, parameters: Parameters) -> None:
        self._store = store
        self.parameters = parameters
        with store.reading() as connection:
            self._sources = posts_queries.sources(connection)

    def measure(self, provider: str, id_: int | None, window: Window) -> list[Measurement]:
        """Measure attention on every source that has posts or coverage on the provider."""
        channels = verdicts.measure_all(self.load(provider, id_, window))
        pairs = zip(channels[::2], channels[1::2], strict=True)
        return [verdicts.add_voices(posts, voices) for posts, voices in pairs]

    def load(self, provider: str, id_: int | None, window: Window) -> list[tuple[str, Channel]]:
        """Return (source, channel) pairs: of each source first all posts, then its voices."""
        by_source = self._spans(provider, window)
        names = sorted({*self._sources, *by_source})
        barred = self.other_outage_windows(provider, id_, window)
        pairs = []
        for name in names:
            both = self._materials(provider, name, by_source[name], barred, window)
            zone = catalog.source_zone(name)
            pairs += [(name, build_channel(m, window, self.parameters, zone)) for m in both]
        return pairs

    def queries(self, provider: str, window: Window) -> tuple[tuple[str, str], ...]:
        """Return the (source, query) pairs by which the window and its baseline were read."""
        spans = self._spans(provider, window)
        return tuple(sorted({(s.source, s.query) for known in spans.values() for s in known}))

    def volumes(self, provider: str, id_: int, window: Window) -> tuple[VolumeComparison, ...]:
        """Compare what others counted on the provider in the window with earlier days."""
        first = window[0] - (MAX_DAYS + 1) * DAY
        with self._store.reading() as connection:
            by_series = volumes.read(connection, provider, first, window[1])
        barred = self.other_outage_windows(provider, id_, window)
        compared = (compare_volumes(*k, slots, window, barred) for k, slots in by_series.items())
        return tuple(v for v in compared if v is not None)

    def _spans(self, provider: str, window: Window) -> dict[str, list[KnownSpan]]:
        first, _ = self.parameters.history(window)
        with self._store.reading() as connection:
            spans = coverage.read(connection, provider, first, window[1])
        return coverage.group_by_source(spans)

    def other_outage_windows(self, provider: str, id_: int | None, window: Window) -> list[Window]:
        """Return the windows of the provider's other outages, which no baseline may contain."""
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
    ) -> tuple[ChannelInputs, ChannelInputs]:
        """All posts, and voices: in an hour no text and no author is counted twice."""
        first, last = self.parameters.history(window)
        with self._store.reading() as connection:
            hourly = counts_hourly.read(connection, provider, source, first, last)
            edge = edge_hours(window, self.parameters, catalog.source_zone(source))
            edges = posts_queries.mention_times(connection, provider, source, first, last, edge)
            inside = posts_queries.mention_times(connection, provider, source, *window)
            control = posts_queries.count_posts(connection, source, *window)
        raw = ChannelInputs(
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

    def chart_hours(
        self, provider: str, window: Window, channels: list[Measurement]
    ) -> tuple[Hour, ...]:
        """Return posts an hour around the outage, on all sources that were compared, with the band
        of 95% of the hours without an outage."""
        usable = [c for c in channels if c.hourly and c.expected]
        if not usable:
            return ()
        first = floor_hour(window[0] - CHART_MARGIN)
        number = int((window[1] + CHART_MARGIN - first) / HOUR) + 1
        times = [first + i * HOUR for i in range(number)]
        seen = np.zeros(number)
        covered = np.ones(number)
        end = times[-1] + HOUR
        spans = self._spans(provider, (first, end))
        starts = np.array([t.timestamp() for t in times])
        for channel in usable:
            with self._store.reading() as connection:
                rows = counts_hourly.read(connection, provider, channel.source, first, end)
            for hour, posts_, _ in rows:
                seen[round((hour - first) / HOUR)] += posts_
            read = Coverage((s.span.start, s.span.end) for s in spans[channel.source])
            covered = np.minimum(covered, read.hours(starts, starts + 3600))
        return _band(times, seen, covered, usable, window)


def _band(
    times: list[datetime],
    seen: np.ndarray,
    covered: np.ndarray,
    usable: list[Measurement],
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
