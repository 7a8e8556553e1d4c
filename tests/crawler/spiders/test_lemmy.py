"""Lemmy is read by its API v4, or v3."""

import pytest

from db.core.records import Span
from tests.crawler.spiders.stub_sources import WHEN, address_options, as_json, lemmy
from tests.crawling import SINCE, UNTIL, count_posts, covered_spans, crawl
from tests.serving import QueryParameters, StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_v3_is_requested_of_an_instance_without_v4(site: StubSite, url: str) -> None:
    def old(query: QueryParameters) -> StubResponse:
        assert query["q"] in {"DeepSeek", "the"}
        return as_json(lemmy(3) if query["page"] == "1" else lemmy(0))

    site.on("/api/v3/search", old)
    code, said = crawl(url, "lemmy", *WHEN, *address_options(site, "lemmy"))
    assert (code, count_posts(url, "lemmy")) == (0, 3), said
    assert "/api/v4/search" in site.paths()
    # v3 knows no window: what its pages reach back to is what was read.
    assert covered_spans(url) == [(Span(SINCE, UNTIL), False)]


def test_an_empty_complete_response_covers_its_span(site: StubSite, url: str) -> None:
    site.on("/api/v4/search", lambda q: as_json(lemmy(2 if q["search_term"] == "the" else 0)))
    code, said = crawl(url, "lemmy", *WHEN, *address_options(site, "lemmy"))
    assert (code, count_posts(url, "lemmy")) == (0, 0), said
    assert covered_spans(url) == [(Span(SINCE, UNTIL), False)]
