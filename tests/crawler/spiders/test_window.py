"""Windows are shortened at a source's limit, and continue where the last crawl stopped."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from db.core.records import Span
from tests.crawler.spiders.stub_sources import (
    WHEN,
    address_options,
    algolia,
    as_json,
    evenly_spaced,
    github,
    serve_search,
)
from tests.crawling import SINCE, UNTIL, count_posts, covered_spans, crawl
from tests.serving import QueryParameters, StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_window_over_the_cap_is_halved_and_all_is_read(site: StubSite, url: str) -> None:
    serve_search(site, algolia(evenly_spaced(2500)))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert (code, count_posts(url, "hackernews")) == (0, 2500), said
    assert covered_spans(url) == [(Span(SINCE, UNTIL), False)]


def test_a_minute_over_the_cap_is_marked_as_capped(site: StubSite, url: str) -> None:
    minute = SINCE + timedelta(hours=20)
    serve_search(site, algolia(evenly_spaced(1500, minute, minute + timedelta(seconds=5))))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert code == 1
    assert "hackernews DeepSeek: capped: 1500 posts" in said
    capped = [span for span, cut in covered_spans(url) if cut]
    assert capped
    assert all(span.end - span.start < timedelta(minutes=2) for span in capped)
    assert 0 < count_posts(url, "hackernews") <= 1500


def test_the_next_crawl_continues_where_the_last_one_stopped(site: StubSite, url: str) -> None:
    serve_search(site, algolia(evenly_spaced(50)))
    first = ("--until", (UNTIL - timedelta(days=1)).isoformat(), "--provider", "deepseek")
    address = ("--address", f"hackernews={site.base}")
    crawl(url, "hackernews", *first, *address)
    site.requests.clear()
    crawl(url, "hackernews", "--until", UNTIL.isoformat(), "--provider", "deepseek", *address)
    requested = next(query for path, query, _ in site.requests if query.get("query") == "DeepSeek")
    since = int(re.findall(r">=(\d+)", requested["numericFilters"])[0])
    assert datetime.fromtimestamp(since, UTC) == UNTIL - timedelta(days=1, minutes=15)
    assert count_posts(url, "hackernews") == 50
    # The first crawl of a source reaches back a week.
    assert covered_spans(url) == [(Span(UNTIL - timedelta(days=8), UNTIL), False)]


def test_pages_are_followed_and_a_search_over_its_cap_is_halved(site: StubSite, url: str) -> None:
    site.on("/search/issues", github(evenly_spaced(1500)))
    code, said = crawl(url, "github", *WHEN, *address_options(site, "github"))
    assert (code, count_posts(url, "github")) == (0, 1500), said
    assert covered_spans(url) == [(Span(SINCE, UNTIL), False)]
    queries = [query["q"] for path, query, _ in site.requests if path == "/search/issues"]
    assert queries[0].startswith('"error" created:')  # the control goes first
    assert len(queries) < 25


def test_an_incomplete_search_is_marked_as_capped(site: StubSite, url: str) -> None:
    def cut(query: QueryParameters) -> StubResponse:
        answer = json.loads(github(evenly_spaced(30))(query).body)
        return as_json({**answer, "incomplete_results": True})

    site.on("/search/issues", cut)
    until = SINCE + timedelta(minutes=2)
    when = ("--since", SINCE.isoformat(), "--until", until.isoformat(), "--provider", "deepseek")
    code, said = crawl(url, "github", *when, *address_options(site, "github"))
    assert code == 1
    assert "capped" in said
    assert {capped for _, capped in covered_spans(url)} == {True}
