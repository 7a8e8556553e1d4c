"""A server that has rules, enforces them, and counts who breaks one."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from tests.crawling import SINCE, UNTIL, crawl, kept
from tests.serving import Answer, Query, Site

ROBOTS = b"User-agent: *\nCrawl-delay: 1\nDisallow: /private/\n"
ITEM = "<item><title>DeepSeek {n}</title><guid>{n}</guid><pubDate>Sat, 01 Aug 2026 10:00:00 GMT"
WHEN = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat(), "--provider", "deepseek")


@dataclass
class Strict:
    """Counts violations: two requests at once, one during a pause that was asked for, a forbidden
    path, a client without a name, a document asked for whole that the client has."""

    site: Site
    violations: Counter[str] = field(default_factory=Counter)
    _busy: int = 0
    _paused_until: float = 0.0
    _given: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def guard(self, path: str, route: Callable[[Query], Answer]) -> None:
        def guarded(query: Query) -> Answer:
            with self._watched(path):
                return route(query)

        self.site.on(path, guarded)

    def leave_alone(self, seconds: int) -> None:
        self._paused_until = time.monotonic() + seconds

    def pause(self, seconds: int, status: int = 429) -> Answer:
        self.leave_alone(seconds)
        return Answer(b"slow down", status, {"Retry-After": str(seconds)})

    def document(self, path: str, body: Callable[[], bytes], tag: Callable[[], str]) -> None:
        def route(query: Query) -> Answer:
            _, _, headers = self.site.asked[-1]
            if headers.get("If-None-Match") == tag():
                return Answer(b"", 304, {"ETag": tag()})
            self.violations["asked for whole"] += tag() in self._given
            self._given.add(tag())
            return Answer(body(), 200, {"ETag": tag()})

        self.guard(path, route)

    @contextmanager
    def _watched(self, path: str) -> Iterator[None]:
        with self._lock:
            self._busy += 1
            self.violations["at once"] += self._busy > 1
        self.violations["in a pause"] += time.monotonic() < self._paused_until - 0.05
        self.violations["forbidden"] += path.startswith("/private/")
        agent = self.site.asked[-1][2].get("User-Agent", "")
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
def strict(site: Site) -> Strict:
    site.on("/robots.txt", Answer(ROBOTS))
    return Strict(site)


def feed(*numbers: int) -> bytes:
    items = "".join(f"{ITEM.format(n=n)}</pubDate></item>" for n in numbers)
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def test_no_rule_is_broken_by_a_crawl_of_many_queries(strict: Strict, url: str) -> None:
    """Four sources on one host, dozens of requests, two pauses asked for in two ways."""
    told: Counter[str] = Counter()

    def issues(query: Query) -> Answer:
        told["issues"] += 1
        if told["issues"] == 2:
            return strict.pause(2)
        items = [
            {"id": 1, "title": "DeepSeek", "created_at": SINCE.isoformat(), "html_url": "https://x"}
        ]
        return as_json({"total_count": 1, "incomplete_results": False, "items": items})

    def questions(query: Query) -> Answer:
        told["questions"] += 1
        if told["questions"] == 1:
            strict.leave_alone(1)
        item = {"question_id": told["questions"], "title": "x", "creation_date": SINCE.timestamp()}
        pause = {"backoff": 1} if told["questions"] == 1 else {}
        return as_json({"items": [item], "has_more": False, **pause})

    strict.guard("/search/issues", issues)
    strict.guard("/2.3/search/advanced", questions)
    strict.guard("/api/topics/latest.json", lambda _: as_json([]))
    strict.guard("/private/feed", lambda _: Answer(feed(1)))
    base = strict.site.base
    names = ("github", "stackexchange", "v2ex")
    options = [part for name in names for part in ("--address", f"{name}={base}")]
    options += ["--address", f"feed={base}/private/feed"]
    code, said = crawl(url, *names, "feed", *WHEN[:4], *options)
    assert strict.broken == {}, said
    assert "feed : blocked: IgnoreRequest: Forbidden by robots.txt" in said
    assert told["issues"] > 20
    assert code == 1
    assert kept(url, "github") == 1


def test_a_document_that_has_not_changed_is_not_sent_again(strict: Strict, url: str) -> None:
    numbers = [1, 2]
    strict.document("/feed", lambda: feed(*numbers), lambda: f'"{len(numbers)}"')
    at = ("--address", f"feed={strict.site.base}/feed")
    for expected in (2, 2, 3):
        if expected == 3:
            numbers.append(3)
        code, said = crawl(url, "feed", *WHEN, *at)
        assert code == 0, said
        assert kept(url, "feed") == expected
    asked = [headers for path, _, headers in strict.site.asked if path == "/feed"]
    assert [h.get("If-None-Match") for h in asked] == [None, '"2"', '"2"']
    assert strict.broken == {}


def test_a_copy_is_never_shown_for_an_error(strict: Strict, url: str) -> None:
    answers = iter([Answer(feed(1), 200, {"ETag": '"1"'}), *[Answer(b"", 500)] * 5])
    strict.guard("/feed", lambda _: next(answers))
    at = ("--address", f"feed={strict.site.base}/feed")
    assert crawl(url, "feed", *WHEN, *at)[0] == 0
    code, said = crawl(url, "feed", *WHEN, *at)
    assert code == 1
    assert "unreachable: HTTP 500" in said


def as_json(value: Any) -> Answer:
    return Answer(json.dumps(value).encode())
