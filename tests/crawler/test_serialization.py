"""Queries are the same after they went through JSON."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from crawler.items import CrawlQuery
from crawler.serialization import dump, load, query_from_list, query_to_list

texts = st.text(st.characters(exclude_categories=["Cs"]))
times = st.datetimes(timezones=st.just(UTC))
queries = st.builds(
    CrawlQuery, texts, texts, st.tuples(texts), times, times, st.none() | texts, texts
)


@given(queries)
def test_a_query_is_restored_from_json(query: CrawlQuery) -> None:
    assert query_from_list(load(dump(query_to_list(query)))) == query


def test_a_query_that_is_stored_already_stays_readable() -> None:
    stored = (
        '["forum", "DeepSeek", ["deepseek"], {"$time": "2026-08-01T00:00:00+00:00"}, '
        '{"$time": "2026-08-02T00:00:00+00:00"}, null, "https://forum.example"]'
    )
    query = query_from_list(load(stored))
    assert (query.source, query.text, query.providers) == ("forum", "DeepSeek", ("deepseek",))
    assert (query.cursor, query.url) == (None, "https://forum.example")
    assert (query.until - query.since).days == 1
    assert dump(query_to_list(query)) == stored
