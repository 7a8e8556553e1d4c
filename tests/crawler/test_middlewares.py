"""Downloader middlewares keep to the rules of servers, which a stub server checks."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from urllib.parse import urlsplit

import pytest

from crawler.middlewares import clock_skew, retry_after
from tests.crawler.spiders.stub_sources import (
    PATH,
    WHEN,
    algolia,
    as_json,
    evenly_spaced,
    serve_search,
)
from tests.crawling import SINCE, count_posts, covered_spans, crawl
from tests.serving import QueryParameters, StubResponse, StubSite, serve_site

ROBOTS = b"User-agent: *\nCrawl-delay: 1\nDisallow: /private/\n"
ITEM = "<item><title>DeepSeek {n}</title><guid>{n}</guid><pubDate>Sat, 01 Aug 2026 10:00:00 GMT"


@dataclass
class StrictServer:
    """Counts violations: two requests at once, one during a pause, one to a forbidden
    path, a client without a name, a document that the client has."""

    site: StubSite
    violations: Counter[str] = field(default_factory=Counter)
    _busy: int = 0
    _paused_until: float = 0.0
    _sent_tags: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def guard(self, path: str, route: Callable[[QueryParameters], StubResponse]) -> None:
        def guarded(query: QueryParameters) -> StubResponse:
            with self._watched(path):
                return route(query)

        self.site.on(path, guarded)

    def leave_alone(self, seconds: int) -> None:
        self._paused_until = time.monotonic() + seconds

    def pause(self, seconds: int, status: int = 429) -> StubResponse:
        self.leave_alone(seconds)
        return StubResponse(b"slow down", status, {"Retry-After": str(seconds)})

    def document(self, path: str, body: Callable[[], bytes], tag: Callable[[], str]) -> None:
        def route(query: QueryParameters) -> StubResponse:
            _, _, headers = self.site.requests[-1]
            if headers.get("If-None-Match") == tag():
                return StubResponse(b"", 304, {"ETag": tag()})
            self.violations["asked for whole"] += tag() in self._sent_tags
            self._sent_tags.add(tag())
            return StubResponse(body(), 200, {"ETag": tag()})

        self.guard(path, route)

    @contextmanager
    def _watched(self, path: str) -> Iterator[None]:
        with self._lock:
            self._busy += 1
            self.violations["at once"] += self._busy > 1
        self.violations["in a pause"] += time.monotonic() < self._paused_until - 0.05
        self.violations["forbidden"] += path.startswith("/private/")
        agent = self.site.requests[-1][2].get("User-Agent", "")
        self.violations["nameless"] += "shrug" not in agent
        try:
            time.sleep(0.05)
            yield
        finally:
            with self._lock:
                self._busy -= 1

    @property
    def broken(self) -> dict[str, int]:
        return {rule: number for rule, number in self.violations.items() if number}


@pytest.fixture
def strict(site: StubSite) -> StrictServer:
    site.on("/robots.txt", StubResponse(ROBOTS))
    return StrictServer(site)


def feed_of(*numbers: int) -> bytes:
    items = "".join(f"{ITEM.format(n=n)}</pubDate></item>" for n in numbers)
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def test_no_rule_is_broken_by_a_crawl_of_many_queries(strict: StrictServer, url: str) -> None:
    """Four sources on one host, dozens of requests, two kinds of pauses."""
    counts: Counter[str] = Counter()

    def issues(query: QueryParameters) -> StubResponse:
        counts["issues"] += 1
        if counts["issues"] == 2:
            return strict.pause(2)
        items = [
            {"id": 1, "title": "DeepSeek", "created_at": SINCE.isoformat(), "html_url": "https://x"}
        ]
        return as_json({"total_count": 1, "incomplete_results": False, "items": items})

    def questions(query: QueryParameters) -> StubResponse:
        counts["questions"] += 1
        if counts["questions"] == 1:
            strict.leave_alone(1)
        item = {
            "question_id": counts["questions"],
            "title": "x",
            "creation_date": SINCE.timestamp(),
        }
        pause = {"backoff": 1} if counts["questions"] == 1 else {}
        return as_json({"items": [item], "has_more": False, **pause})

    strict.guard("/search/issues", issues)
    strict.guard("/2.3/search/advanced", questions)
    strict.guard("/api/topics/latest.json", lambda _: as_json([]))
    strict.guard("/private/feed", lambda _: StubResponse(feed_of(1)))
    base = strict.site.base
    names = ("github", "stackexchange", "v2ex")
    options = [part for name in names for part in ("--address", f"{name}={base}")]
    options += ["--address", f"feed={base}/private/feed"]
    code, said = crawl(url, *names, "feed", *WHEN[:4], *options)
    assert strict.broken == {}, said
    assert "feed : blocked: IgnoreRequest: Forbidden by robots.txt" in said
    assert counts["issues"] > 20
    assert code == 1
    assert count_posts(url, "github") == 1


def test_a_document_that_has_not_changed_is_not_sent_again(strict: StrictServer, url: str) -> None:
    numbers = [1, 2]
    strict.document("/feed", lambda: feed_of(*numbers), lambda: f'"{len(numbers)}"')
    at = ("--address", f"feed={strict.site.base}/feed")
    for expected in (2, 2, 3):
        if expected == 3:
            numbers.append(3)
        code, said = crawl(url, "feed", *WHEN, *at)
        assert code == 0, said
        assert count_posts(url, "feed") == expected
    requests = [headers for path, _, headers in strict.site.requests if path == "/feed"]
    assert [h.get("If-None-Match") for h in requests] == [None, '"2"', '"2"']
    assert strict.broken == {}


def test_a_copy_is_never_shown_for_an_error(strict: StrictServer, url: str) -> None:
    answers = iter([StubResponse(feed_of(1), 200, {"ETag": '"1"'}), *[StubResponse(b"", 500)] * 5])
    strict.guard("/feed", lambda _: next(answers))
    at = ("--address", f"feed={strict.site.base}/feed")
    assert crawl(url, "feed", *WHEN, *at)[0] == 0
    code, said = crawl(url, "feed", *WHEN, *at)
    assert code == 1
    assert "unreachable: HTTP 500" in said


INSIDE = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
)


@pytest.mark.usefixtures("robots_allowed")
@pytest.mark.parametrize("address", INSIDE)
def test_a_redirect_to_a_private_address_is_refused(site: StubSite, url: str, address: str) -> None:
    """A server that the user named may stand on loopback; where it points to may not."""
    with serve_site() as other:
        other.on("/", StubResponse(b"inside"))
        to = address.format(port=urlsplit(other.base).port)
        serve_search(site, StubResponse(b"", 302, {"Location": to}))
        code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
        assert code == 1
        assert "inside this network: not asked" in said
        assert other.requests == []
    assert covered_spans(url) == []


def test_robots_txt_is_obeyed(site: StubSite, url: str) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nDisallow: /\n"))
    serve_search(site, algolia(evenly_spaced(5)))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert code == 1
    assert "blocked" in said
    assert PATH not in site.paths()


@pytest.mark.usefixtures("robots_allowed")
def test_a_request_is_repeated_after_the_retry_after_time(site: StubSite, url: str) -> None:
    requested: list[float] = []

    def busy_once(query: QueryParameters) -> StubResponse:
        requested.append(time.monotonic())
        if len(requested) == 1:
            return StubResponse(b"", 429, {"Retry-After": "2"})
        return algolia(evenly_spaced(5))(query)

    serve_search(site, busy_once)
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert (code, count_posts(url, "hackernews")) == (0, 5), said
    assert requested[1] - requested[0] >= 1.9


NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b"Sat, 01 Aug 2026 12:00:30 GMT", 30.0),
        (b"Sat, 01 Aug 2026 11:00:00 GMT", 0.0),
        (b"soon", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(
    header: bytes | None, seconds: float | None
) -> None:
    assert retry_after(header, NOW) == seconds


def test_clock_skew_counts_the_age_of_a_cached_response() -> None:
    date = b"Sat, 01 Aug 2026 10:00:00 GMT"
    assert clock_skew(date, None, NOW) == timedelta(hours=2)
    assert clock_skew(date, b"7200", NOW) == timedelta(0)
    assert clock_skew(None, None, NOW) == clock_skew(b"now", b"x", NOW) == timedelta(0)
