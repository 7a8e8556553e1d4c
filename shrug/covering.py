"""What each source held in a span of time: the data-quality part of the report."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

import numpy as np

from analysis.attention.layout import Coverage
from analysis.report.data import SourceCover
from db import boards, catalogue, coverage, posts, receipts
from db.engine import Store
from db.receipts import KeptReceipt


def cover(store: Store, start: datetime, end: datetime) -> tuple[SourceCover, ...]:
    """Posts, extent and covered hours of each source and board in [start, end)."""
    with store.reading() as connection:
        extents = {row[0]: row for row in posts.extents(connection, start, end)}
        by_source = coverage.grouped(coverage.by_source(connection, start, end))
        missed = _missed(receipts.latest(connection))
        looks = {b: boards.floors(connection, b, start, end) for b in boards.names(connection)}
    found, known = [], catalogue.sources()
    for source in sorted({*extents, *by_source, *missed}):
        _, number, first, last = extents.get(source, (source, 0, None, None))
        own = by_source.get(source, [])
        read = Coverage((s.span.start, s.span.end) for s in own)
        edges = np.array([start.timestamp()]), np.array([end.timestamp()])
        found.append(
            SourceCover(
                source,
                number,
                first,
                last,
                float(read.hours(*edges)[0]),
                any(s.assumed for s in own),
                any(s.capped for s in own),
                known[source].posts_a_day if source in known else None,
                tuple(sorted(missed.get(source, {}).items())),
            )
        )
    for board, seen in sorted(looks.items()):
        if seen:
            name = f"board:{board}"
            found.append(SourceCover(name, len(seen), seen[0][0], seen[-1][0], 0.0, False, False))
    return tuple(found)


def _missed(newest: Iterable[KeptReceipt]) -> dict[str, Counter[str]]:
    """Of each source whose newest crawl missed something: in which ways, of how many queries."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for receipt in newest:
        if receipt.outcome.kind:
            found[receipt.source][receipt.outcome.kind] += 1
    return dict(found)
