"""Coverage spans grow page by page."""

from db.core.engine import Store
from db.core.records import CoveredSpan, Page, Span
from db.crawl import coverage
from db.posts import storage
from tests.db.samples import HOUR, T0


def test_touching_spans_are_joined_and_gaps_stay(store: Store) -> None:
    spans = [(0, 1), (1, 2), (5, 6), (1.5, 2.5)]
    for start, end in spans:
        covered = CoveredSpan(Span(T0 + start * HOUR, T0 + end * HOUR), "deepseek")
        with store.writing() as connection:
            storage.store_page(connection, Page("hackernews", "DeepSeek", covered=(covered,)), [])
    with store.reading() as connection:
        known = coverage.read(connection, "deepseek", T0, T0 + 10 * HOUR)
    assert [(k.span.start, k.span.end) for k in known] == [
        (T0, T0 + 2.5 * HOUR),
        (T0 + 5 * HOUR, T0 + 6 * HOUR),
    ]
