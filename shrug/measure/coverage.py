"""Posts and coverage of each source in a span of time: the report's data-quality part."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from analysis.attention.local_time import HOUR
from analysis.attention.windows import Coverage
from analysis.report.data import SourceCoverage
from analysis.statistics.arrays import Floats
from db import catalog
from db.core.engine import Store
from db.crawl import boards, coverage, runs
from db.crawl.runs import CrawlRunRecord
from db.posts import queries

MOST_CELLS = 24 * 8


def source_coverage(store: Store, start: datetime, end: datetime) -> tuple[SourceCoverage, ...]:
    """Return posts, extent and covered hours of each source and board in [start, end)."""
    edges = _edges(start, end)
    with store.reading() as connection:
        extents = {row[0]: row for row in queries.extents(connection, start, end)}
        by_source = coverage.group_by_source(coverage.by_source(connection, start, end))
        missed = _failures_by_source(runs.latest(connection))
        looks = {
            b: boards.floor_heats(connection, b, start, end) for b in boards.board_names(connection)
        }
    rows, known = [], catalog.sources()
    lengths = np.diff(edges) / HOUR.total_seconds()
    for source in sorted({*extents, *by_source, *missed}):
        _, number, first, last = extents.get(source, (source, 0, None, None))
        spans = by_source.get(source, [])
        read = Coverage((s.span.start, s.span.end) for s in spans)
        hours = read.hours(edges[:-1], edges[1:])
        rows.append(
            SourceCoverage(
                source,
                number,
                first,
                last,
                float(hours.sum()),
                any(s.assumed for s in spans),
                any(s.capped for s in spans),
                known[source].posts_a_day if source in known else None,
                tuple(sorted(missed.get(source, {}).items())),
                tuple(float(share) for share in np.minimum(hours / lengths, 1.0)),
            )
        )
    for board, seen in sorted(looks.items()):
        if seen:
            name = f"board:{board}"
            rows.append(SourceCoverage(name, len(seen), seen[0][0], seen[-1][0], 0.0, False, False))
    return tuple(rows)


def cell_length(start: datetime, end: datetime) -> timedelta:
    """Return the length of one cell of a source's strip: an hour in a week, and more in a longer
    span, so that the strip stays legible."""
    return max(HOUR, math.ceil((end - start) / MOST_CELLS / HOUR) * HOUR)


def _edges(start: datetime, end: datetime) -> Floats:
    """The edges of a strip's cells, in seconds since the epoch."""
    width = cell_length(start, end).total_seconds()
    first, last = start.timestamp(), end.timestamp()
    return np.append(np.arange(first, last, width), last)


def _failures_by_source(newest: Iterable[CrawlRunRecord]) -> dict[str, Counter[str]]:
    """The kinds of failure in each source's newest crawl, and the number of queries of each."""
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    for receipt in newest:
        if receipt.outcome.kind:
            failures[receipt.source][receipt.outcome.kind] += 1
    return dict(failures)
