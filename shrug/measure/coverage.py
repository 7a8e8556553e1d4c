"""What each source held in a span of time: the data-quality part of the report."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from analysis.attention.channel import Floats
from analysis.attention.local_time import HOUR
from analysis.attention.windows import Coverage
from analysis.report.data import SourceCover
from db import catalog
from db.core.engine import Store
from db.crawl import boards, coverage, runs
from db.crawl.runs import KeptReceipt
from db.posts import queries

MOST_CELLS = 24 * 8


def cover(store: Store, start: datetime, end: datetime) -> tuple[SourceCover, ...]:
    """Posts, extent and covered hours of each source and board in [start, end)."""
    with store.reading() as connection:
        extents = {row[0]: row for row in queries.extents(connection, start, end)}
        by_source = coverage.grouped(coverage.by_source(connection, start, end))
        missed = _missed(runs.latest(connection))
        looks = {b: boards.floors(connection, b, start, end) for b in boards.names(connection)}
    found, known = [], catalog.sources()
    edges = _edges(start, end)
    lengths = np.diff(edges) / HOUR.total_seconds()
    for source in sorted({*extents, *by_source, *missed}):
        _, number, first, last = extents.get(source, (source, 0, None, None))
        own = by_source.get(source, [])
        read = Coverage((s.span.start, s.span.end) for s in own)
        hours = read.hours(edges[:-1], edges[1:])
        found.append(
            SourceCover(
                source,
                number,
                first,
                last,
                float(hours.sum()),
                any(s.assumed for s in own),
                any(s.capped for s in own),
                known[source].posts_a_day if source in known else None,
                tuple(sorted(missed.get(source, {}).items())),
                tuple(float(share) for share in np.minimum(hours / lengths, 1.0)),
            )
        )
    for board, seen in sorted(looks.items()):
        if seen:
            name = f"board:{board}"
            found.append(SourceCover(name, len(seen), seen[0][0], seen[-1][0], 0.0, False, False))
    return tuple(found)


def step(start: datetime, end: datetime) -> timedelta:
    """What one cell of a source's strip holds: an hour in a week, so that the strip stays legible
    in a longer span."""
    return max(HOUR, math.ceil((end - start) / MOST_CELLS / HOUR) * HOUR)


def _edges(start: datetime, end: datetime) -> Floats:
    """The instants, in seconds since the epoch, between which each cell of a strip lies."""
    width = step(start, end).total_seconds()
    first, last = start.timestamp(), end.timestamp()
    return np.append(np.arange(first, last, width), last)


def _missed(newest: Iterable[KeptReceipt]) -> dict[str, Counter[str]]:
    """Of each source whose newest crawl missed something: in which ways, of how many queries."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for receipt in newest:
        if receipt.outcome.kind:
            found[receipt.source][receipt.outcome.kind] += 1
    return dict(found)
