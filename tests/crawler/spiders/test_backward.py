"""Sources that list their newest posts first are read back to the last crawl."""

import pytest

from db.core.records import Span
from tests.crawler.spiders.stub_sources import HOUR, address_options, channel
from tests.crawling import SINCE, count_posts, covered_spans, crawl
from tests.serving import StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_backward_crawl_ends_where_the_last_one_started(site: StubSite, url: str) -> None:
    arguments = ("telegram", "--ask", "telegram=example", *address_options(site, "telegram"))
    site.on("/s/example", channel(range(2, 30)))
    until = SINCE + 30 * HOUR
    code, said = crawl(url, *arguments, "--until", until.isoformat())
    assert code == 0, said
    # It reached the channel's first message, and knows of nothing before.
    assert covered_spans(url) == [(Span(SINCE + 2 * HOUR, until), False)]
    site.requests.clear()
    site.on("/s/example", channel(range(2, 47)))
    code, said = crawl(url, *arguments, "--until", (SINCE + 47 * HOUR).isoformat())
    assert code == 0, said
    assert site.paths().count("/s/example") == 1
    assert covered_spans(url) == [(Span(SINCE + 2 * HOUR, SINCE + 47 * HOUR), False)]
    assert count_posts(url, "telegram:example") == 45


def test_posts_that_a_source_no_longer_lists_leave_a_gap(site: StubSite, url: str) -> None:
    site.on("/s/example", channel(range(5)))
    arguments = ("telegram", "--ask", "telegram=example", *address_options(site, "telegram"))
    crawl(url, *arguments, "--until", (SINCE + 5 * HOUR).isoformat())
    # Messages 5 to 19 were dropped before anybody came back for them.
    site.on("/s/example", channel(range(20, 40)))
    crawl(url, *arguments, "--until", (SINCE + 40 * HOUR).isoformat())
    assert [span for span, _ in covered_spans(url)] == [
        Span(SINCE, SINCE + 5 * HOUR),
        Span(SINCE + 20 * HOUR, SINCE + 40 * HOUR),
    ]
