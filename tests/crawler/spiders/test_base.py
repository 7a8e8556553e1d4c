"""Every spider sends its control query first, and tells the kinds of failures apart."""

import gzip
import json

import pytest

from tests.conftest import Run
from tests.crawler.spiders.stub_sources import (
    PATH,
    WHEN,
    address_options,
    as_json,
    feed,
    serve_search,
)
from tests.crawling import UNTIL, count_posts, covered_spans, crawl
from tests.serving import StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_no_query_is_sent_if_the_control_finds_nothing(site: StubSite, url: str) -> None:
    site.on("/search/issues", as_json({"total_count": 0, "items": []}))
    code, said = crawl(url, "github", *WHEN, *address_options(site, "github"))
    assert code == 1
    assert "empty: the control query found nothing either" in said
    assert site.paths().count("/search/issues") == 1
    assert covered_spans(url) == []


def test_a_blocked_control_query_is_reported_by_doctor(site: StubSite, url: str, run: Run) -> None:
    site.on("/search/issues", StubResponse(b"no", 403))
    assert crawl(url, "github", *WHEN, *address_options(site, "github"))[0] == 1
    ill = {s["source"]: s for s in json.loads(run("doctor", "--json")[1])["sources"]}["github"]
    assert (ill["state"], ill["why"]) == ("blocked", "HTTP 403")


BOMB = gzip.compress(b"0" * 60_000_000)


BAD_ANSWERS = {
    "blocked": (StubResponse(b"no", 403), "blocked"),
    "cookie wall": (StubResponse(b"no", 432), "blocked"),
    "gone": (StubResponse(b"no", 410), "moved"),
    "html for json": (StubResponse(b"<html>log in</html>"), "unreadable"),
    "empty": (StubResponse(b""), "unreadable"),
    "another form": (StubResponse(b'{"hits": {}}'), "unreadable"),
    "zip bomb": (StubResponse(BOMB, headers={"Content-Encoding": "gzip"}), "unreadable"),
    "broken gzip": (StubResponse(b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"}), "un"),
    "server error": (StubResponse(b"oops", 500), "unreachable"),
    "a year's wait": (StubResponse(b"slow down", 429, {"Retry-After": "31536000"}), "blocked"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_response_costs_its_page_is_reported_and_covers_nothing(
    site: StubSite, url: str, name: str
) -> None:
    answer, kind = BAD_ANSWERS[name]
    serve_search(site, answer)
    site.on("/feed.xml", feed(range(3)))
    addresses = ("--address", f"hackernews={site.base}", "--address", f"feed={site.base}/feed.xml")
    code, said = crawl(url, "hackernews", "feed", *WHEN, *addresses)
    assert code == 1
    assert f"hackernews DeepSeek: {kind}" in said
    assert "Traceback" not in said
    assert count_posts(url, "feed") == 3
    assert [span.end for span, _ in covered_spans(url)] == [UNTIL]  # the feed's own


def test_a_redirect_to_another_host_is_reported_as_moved(site: StubSite, url: str) -> None:
    elsewhere = site.base.replace("127.0.0.1", "localhost")
    serve_search(site, StubResponse(b"", 301, {"Location": f"{elsewhere}/other"}))
    site.on("/other", StubResponse(b'{"hits": [], "nbHits": 0}'))
    # Named as well, since it stands inside our own network.
    both = ("--address", f"hackernews={site.base}", "--address", f"lemmy={elsewhere}")
    code, said = crawl(url, "hackernews", *WHEN, *both)
    assert code == 1
    assert "moved" in said
    assert covered_spans(url) == []


def test_endless_redirects_end(site: StubSite, url: str) -> None:
    serve_search(site, StubResponse(b"", 302, {"Location": PATH + "?again"}))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert code == 1
    assert "hackernews DeepSeek: " in said
    assert len(site.requests) < 12
