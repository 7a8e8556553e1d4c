"""Feeds cover the time since their oldest entry."""

from datetime import timedelta

import pytest

from tests.crawler.spiders.stub_sources import feed
from tests.crawling import SINCE, count_posts, covered_spans, crawl
from tests.serving import StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_feed_covers_only_as_far_back_as_it_reaches(site: StubSite, url: str) -> None:
    address = ("--address", f"feed={site.base}/feed.xml")
    for hours in (range(5, 10), range(8, 14), range(30, 40)):
        site.on("/feed.xml", feed(hours))
        until = SINCE + timedelta(hours=hours[-1] + 1)
        code, said = crawl(url, "feed", *address, "--until", until.isoformat())
        assert code == 0, said
    spans = [
        ((s.start - SINCE) / timedelta(hours=1), (s.end - SINCE) / timedelta(hours=1))
        for s, _ in covered_spans(url)
    ]
    assert spans == [(5, 14), (30, 40)]
    assert count_posts(url, "feed") == 19
