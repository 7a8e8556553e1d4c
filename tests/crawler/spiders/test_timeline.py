"""Timelines are read page by page, from the oldest post on."""

from datetime import timedelta

import pytest

from db.core.records import Span
from tests.crawler.spiders.stub_sources import WHEN, statuses, timeline
from tests.crawling import SINCE, UNTIL, count_posts, covered_spans, crawl
from tests.serving import StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_timeline_is_read_page_by_page_to_the_end_of_the_query(site: StubSite, url: str) -> None:
    site.on("/api/v1/timelines/tag/deepseek", timeline(statuses(230)))
    until = SINCE + timedelta(days=1)
    arguments = ("--since", SINCE.isoformat(), "--provider", "deepseek")
    address = ("--address", f"mastodon={site.base}")
    code, said = crawl(url, "mastodon", *arguments, *address, "--until", until.isoformat())
    assert (code, count_posts(url, "mastodon")) == (0, 115), said
    assert covered_spans(url) == [(Span(SINCE, until), False)]
    code, _ = crawl(url, "mastodon", *address, "--until", UNTIL.isoformat(), *arguments[2:])
    assert (code, count_posts(url, "mastodon")) == (0, 230)
    assert covered_spans(url) == [(Span(SINCE, UNTIL), False)]


def test_an_empty_timeline_that_never_held_a_post_covers_nothing(site: StubSite, url: str) -> None:
    site.on("/api/v1/timelines/tag/deepseek", StubResponse(b"[]"))
    code, said = crawl(url, "mastodon", *WHEN, "--address", f"mastodon={site.base}")
    assert code == 1
    assert "empty" in said
    assert covered_spans(url) == []
