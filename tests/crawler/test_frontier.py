"""Many crawlers on one frontier: they share the work, and what one leaves another takes up."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from db import catalogue, counts, receipts, speech
from shrug.opening import opened
from tests import servers
from tests.crawling import SINCE, UNTIL, covered
from tests.processes import Ended, begun, run
from tests.serving import Answer, Query, Site, serving

PATH = "/api/v1/search_by_date"
NAMES = ("deepseek", "kimi", "claude")
WHEN = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat())
STEP = timedelta(minutes=2)
MOST = 400
LEASE = 2


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    with servers.redis() as found:
        yield f"redis://{found}/0"


@pytest.fixture
def frontier(redis: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """An empty Redis that the configuration names."""
    monkeypatch.setenv("SHRUG_FRONTIER", redis)
    monkeypatch.setenv("SHRUG_FRONTIER_LEASE", str(LEASE))
    with Redis.from_url(redis) as server:
        server.flushdb()
        yield server


class World:
    """A simulated search that takes its time, and remembers when it was asked for what."""

    def __init__(self, site: Site, pause: float = 0.03) -> None:
        self.asked: list[tuple[float, str, str]] = []
        self.pause = pause
        site.on("/robots.txt", Answer(b"User-agent: *\nAllow: /\n"))
        site.on(PATH, self.answer)
        self.at = ("--address", f"hackernews={site.base}")

    def answer(self, query: Query) -> Answer:
        wanted, window = query["query"], query["numericFilters"]
        self.asked.append((time.monotonic(), wanted, window))
        time.sleep(self.pause)
        since, until = map(int, re.findall(r"created_at_i[<>]=?(\d+)", window))
        if wanted == catalogue.sources()["hackernews"].control:
            since = until - 300
        start, step = int(SINCE.timestamp()), int(STEP.total_seconds())
        numbers = range((max(since, start) - start) // step, (until - start) // step)
        hits = [hit(wanted, n) for n in numbers if since <= start + n * step < until]
        return Answer(json.dumps({"hits": hits[-MOST:], "nbHits": len(hits)}).encode())

    def twice(self) -> list[tuple[str, str]]:
        """What was asked for more than once."""
        known = [(wanted, window) for _, wanted, window in self.asked]
        return sorted({each for each in known if known.count(each) > 1})


def hit(wanted: str, number: int) -> dict[str, Any]:
    at = int((SINCE + number * STEP).timestamp())
    words = f"{wanted} is down, {number}"
    id_ = f"{wanted}-{number}"
    return {"objectID": id_, "created_at_i": at, "comment_text": words, "author": f"a{number}"}


@pytest.fixture
def world(site: Site) -> World:
    return World(site)


def told(world: World, url: str, *more: object) -> tuple[object, ...]:
    names = [part for name in NAMES for part in ("--provider", name)]
    return ("crawl", "hackernews", *WHEN, *names, *world.at, "--database", url, *more)


def together(*commands: tuple[object, ...]) -> list[Ended]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda arguments: run(*arguments), commands))


def stored(url: str) -> tuple[list[Any], list[Any]]:
    """Every post, and what is covered."""
    with opened(url) as store, store.reading() as connection:
        assert [c for found in counts.differences(connection) for c in found] == []
        assert speech.differences(connection) == 0
        query = text("select external_id, created_at, text from posts order by external_id")
        rows = [tuple(row) for row in connection.execute(query)]
    return rows, covered(url)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any]]:
    """What one crawler without a frontier stores."""
    folder = tmp_path_factory.mktemp("alone")
    own, key = f"sqlite:///{folder}/store.sqlite3", str(folder / "key")
    with serving() as site:
        command = told(World(site, 0), own, "--delay", 0)
        done = run(*command, SHRUG_FRONTIER="", SHRUG_KEY_FILE=key, no_proxy="127.0.0.1")
        assert done.code == 0, done.said
    return stored(own)


def test_two_share_the_work_exactly_once(
    frontier: Redis, world: World, url: str, fresh: Callable[[], str], alone: Any
) -> None:
    with opened(url):
        pass
    ends = together(told(world, url, "--delay", 0), told(world, url, "--delay", 0))
    assert [end.code for end in ends] == [0, 0], ends
    assert world.twice() == []
    new = [int(re.findall(r"\d+", end.said.replace(",", ""))[0]) for end in ends]
    assert min(new) > 0
    assert sum(new) == len(alone[0])
    assert stored(url) == alone
    assert frontier.dbsize() == 0 or all(b":turn:" in key for key in frontier.scan_iter())
    # Each query has one receipt, to which both have added.
    with opened(url) as store, store.reading() as connection:
        found = receipts.recent(connection, 10)
    assert len({r.query for r in found}) == len(found)
    assert sum(r.outcome.posts for r in found) >= sum(new)
    assert all(r.ended_at for r in found)


def test_one_that_is_killed_loses_nothing(
    frontier: Redis, world: World, url: str, alone: Any
) -> None:
    with opened(url):
        pass
    with begun(*told(world, url, "--delay", 0)) as victim, ThreadPoolExecutor() as pool:
        wait_for(lambda: len(world.asked) >= 3)
        other = pool.submit(run, *told(world, url, "--delay", 0))
        wait_for(lambda: len(world.asked) >= 6)
        victim.kill()
        victim.join()
        ended = other.result()
    assert ended.code == 0, ended.said
    assert stored(url) == alone
    # What was in flight is all that can have been asked for again.
    assert len(world.twice()) <= 2


def test_both_killed_the_next_one_goes_on(
    frontier: Redis, world: World, url: str, alone: Any
) -> None:
    with opened(url):
        pass
    with ExitStack() as both:
        victims = [both.enter_context(begun(*told(world, url, "--delay", 0))) for _ in range(2)]
        wait_for(lambda: len(world.asked) >= 6)
        for victim in victims:
            victim.kill()
            victim.join()
    time.sleep(LEASE)
    ended = run(*told(world, url, "--delay", 0))
    assert ended.code == 0, ended.said
    assert stored(url)[0] == alone[0]


def wait_for(ready: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_hosts_pause_holds_for_all(frontier: Redis, site: Site, url: str) -> None:
    world, pause = World(site, 0), 0.1
    with opened(url):
        pass
    together(told(world, url, "--delay", pause), told(world, url, "--delay", pause))
    times = sorted(at for at, _, _ in world.asked)
    gaps = [b - a for a, b in pairwise(times)]
    assert len(gaps) > 10
    # Turns are given out at even distances; a request may come late by what the machine does.
    assert (times[-1] - times[0]) / len(gaps) >= pause * 0.95
    assert sorted(gaps)[len(gaps) // 2] >= pause * 0.9


def test_what_a_host_asks_for_holds_for_all(frontier: Redis, site: Site, url: str) -> None:
    world, waited = World(site, 0), 1.5
    answer = world.answer
    turned: list[float] = []

    def busy(query: Query) -> Answer:
        if len(world.asked) == 4 and not turned:
            turned.append(time.monotonic())
            return Answer(b"", 429, {"Retry-After": "2"})
        return answer(query)

    site.on(PATH, busy)
    with opened(url):
        pass
    ends = together(told(world, url, "--delay", 0), told(world, url, "--delay", 0))
    assert [end.code for end in ends] == [0, 0]
    assert turned
    # The one that the other crawler had begun may arrive; then nobody asks until the time has come.
    early = [at for at, _, _ in world.asked if turned[0] < at < turned[0] + waited]
    assert len(early) <= 1


@pytest.mark.parametrize("address", ["redis://:secret@127.0.0.1:1/0", "nonsense://secret"])
def test_a_redis_that_is_not_there_is_told_without_its_password(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SHRUG_FRONTIER", address)
    ended = run(*told(world, url))
    assert ended.code == 2
    assert "frontier" in ended.said
    assert "secret" not in ended.said
    assert "Traceback" not in ended.said
    assert world.asked == []


def test_a_redis_that_dies_ends_the_crawl_and_the_next_one_goes_on(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch, alone: Any
) -> None:
    monkeypatch.setenv("SHRUG_FRONTIER_LEASE", str(LEASE))
    with opened(url):
        pass
    with ThreadPoolExecutor() as pool:
        with servers.redis() as found:
            monkeypatch.setenv("SHRUG_FRONTIER", f"redis://{found}/0")
            crawling = pool.submit(run, *told(world, url, "--delay", 0))
            wait_for(lambda: len(world.asked) >= 5)
        ended = crawling.result()
    assert ended.code == 2, ended.said
    assert "can't be reached" in ended.said
    monkeypatch.delenv("SHRUG_FRONTIER")
    assert run(*told(world, url, "--delay", 0)).code == 0
    assert stored(url)[0] == alone[0]


def test_a_users_own_key_never_reaches_the_frontier(
    frontier: Redis, site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "ghp_verysecret"  # noqa: S105 - simulated
    monkeypatch.setenv("SHRUG_GITHUB_TOKEN", secret)
    found = {"total_count": 0, "incomplete_results": False, "items": []}
    site.on("/search/issues", Answer(json.dumps(found).encode()))
    site.on("/robots.txt", Answer(b"User-agent: *\nAllow: /\n"))
    with opened(url):
        pass
    heard: list[str] = []
    monitor = frontier.monitor()  # type: ignore[no-untyped-call]

    def listen() -> None:
        with monitor as listening:
            for command in listening.listen():
                heard.append(command["command"])
                if "the end" in command["command"]:
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.2)
    own = ("--address", f"github={site.base}", "--provider", "deepseek", "--database", url)
    ended = run("crawl", "github", *WHEN, *own, "--delay", 0)
    frontier.echo("the end")
    thread.join(10)
    assert "/search/issues" in site.paths(), ended.said
    assert any("lead" in command for command in heard)
    assert not any(secret in command for command in heard)
