"""Queries name as many providers as a source takes, and continue from their cursors."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from db import catalog
from db.catalog import SourceEntry
from db.core.engine import Store
from db.core.errors import BadInput
from shrug.crawl.queries import (
    CONTROL_REACH,
    CrawlScope,
    control_query,
    resumed_queries,
    source_queries,
)

UNTIL = datetime(2026, 8, 2, tzinfo=UTC)
NAMES = ("deepseek", "kimi", "claude")


def entry(kind: str, **fields: object) -> SourceEntry:
    values: dict[str, object] = {"gives": "posts", "posts_a_day": (0, 1), "form": "", **fields}
    return SourceEntry("forum", "forum", "https://forum.example", kind, **values)  # type: ignore[arg-type]


def scope(
    providers: Sequence[str] = NAMES,
    since: datetime | None = None,
    addresses: Mapping[str, str] | None = None,
    asks: Sequence[tuple[str, str]] = (),
) -> CrawlScope:
    return CrawlScope(since, UNTIL, providers, addresses or {}, asks)


@pytest.mark.parametrize("most_terms", [1, 2, 3, 10])
def test_every_provider_is_searched_for_in_exactly_one_query(most_terms: int) -> None:
    source = entry("search", most_terms=most_terms, joiner=" OR ")
    queries = list(source_queries(source, scope()))
    assert sorted(key for query in queries for key in query.providers) == sorted(NAMES)
    assert len(queries) == -(-len(NAMES) // most_terms)
    for query in queries:
        terms = [catalog.providers()[key].search for key in query.providers]
        assert query.text == " OR ".join(terms)


def test_a_query_is_never_longer_than_the_source_takes() -> None:
    source = entry("search", most_terms=100, joiner=" OR ", most_chars=40)
    queries = list(source_queries(source, scope(providers=())))
    several = [query for query in queries if len(query.providers) > 1]
    assert several
    assert all(len(query.text) <= 40 for query in several)


def test_a_list_is_extended_by_the_queries_of_the_user() -> None:
    asks = [("forum", "b"), ("elsewhere", "x"), ("forum", "a")]
    queries = list(source_queries(entry("list", asks=("a",)), scope(asks=asks)))
    assert [(q.source, q.text) for q in queries] == [("forum:a", "a"), ("forum:b", "b")]


def test_a_status_page_can_have_another_address() -> None:
    address = {"forum:kimi": "https://status.example"}
    pages = {q.text: q.url for q in source_queries(entry("page"), scope(addresses=address))}
    assert pages["kimi"] == "https://status.example"
    assert set(pages) <= set(NAMES)


def test_a_control_query_ends_with_the_crawl() -> None:
    control = control_query(entry("search", control="the"), scope())
    assert control is not None
    assert (control.since, control.until) == (UNTIL - CONTROL_REACH, UNTIL)
    assert control_query(entry("search"), scope()) is None


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(BadInput, match="is not before"):
        scope(since=UNTIL + timedelta(hours=1)).span(timedelta(days=1))


def test_queries_of_an_empty_store_have_no_cursor(store: Store) -> None:
    queries = resumed_queries(store, entry("name"), scope())
    assert [query.cursor for query in queries] == [None] * len(NAMES)
