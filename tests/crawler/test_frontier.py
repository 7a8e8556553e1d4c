"""Crawlers with a shared frontier divide the requests, and take over those of a dead one."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

import shrug
from crawler.frontier import Frontier
from db import catalog
from db.counts import hourly, languages
from db.crawl import runs
from shrug.store.bootstrap import open_ready_store
from tests import servers
from tests.crawling import SINCE, UNTIL, covered_spans
from tests.processes import CommandResult, run, started
from tests.serving import QueryParameters, StubResponse, StubSite, serve_site
from tests.waiting import MAX_WAIT_SECONDS, wait_for

PATH = "/api/v1/search_by_date"
NAMES = ("deepseek", "kimi", "claude")
WHEN = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat())
STEP = timedelta(minutes=2)
MOST = 400
# So long that no crawler is ever too slow: where a test wants it to be over, it lets time pass.
LEASE = MAX_WAIT_SECONDS


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    with servers.redis() as address:
        yield f"redis://{address}/0"


@pytest.fixture
def frontier(redis: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """An empty Redis that the configuration names."""
    monkeypatch.setenv("SHRUG_FRONTIER", redis)
    monkeypatch.setenv("SHRUG_FRONTIER_LEASE", str(LEASE))
    with Redis.from_url(redis) as server:
        server.flushdb()
        yield server


Leases = dict[Any, Any]


def leases(server: Redis) -> Leases:
    """Every lease that runs now."""
    return {key: server.zrange(key, 0, -1) for key in server.scan_iter(_type="zset")}


def expire(server: Redis, those: Leases) -> None:
    """Let time pass: these leases are over, and whatever expires has expired."""
    for key, members in those.items():
        for member in members:
            server.zadd(key, {member: 0}, xx=True)
    for key in server.scan_iter(_type="string"):
        if server.pttl(key) > 0:
            server.delete(key)


@contextmanager
def monitored(server: Redis) -> Iterator[list[str]]:
    """Every command that reaches a Redis, as it comes."""
    commands: list[str] = []
    listens = threading.Event()
    monitor = server.monitor()  # type: ignore[no-untyped-call]

    def listen() -> None:
        with monitor as listening:
            listens.set()
            for command in listening.listen():
                commands.append(command["command"])
                if "the end" in command["command"]:
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    assert listens.wait(MAX_WAIT_SECONDS)
    try:
        yield commands
    finally:
        server.echo("the end")
        thread.join(MAX_WAIT_SECONDS)


class StubSearch:
    """A simulated search that remembers when it was asked for what; `hold` is called, with how
    often it has been asked, before posts are given out."""

    def __init__(self, site: StubSite) -> None:
        self.requests: list[tuple[float, str, str]] = []
        self.hold: Callable[[int], object] = lambda _: None
        site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))
        site.on(PATH, self.answer)
        self.at = ("--address", f"hackernews={site.base}")

    def answer(self, query: QueryParameters) -> StubResponse:
        wanted, window = query["query"], query["numericFilters"]
        self.requests.append((time.monotonic(), wanted, window))
        number = len(self.requests)
        since, until = map(int, re.findall(r"created_at_i[<>]=?(\d+)", window))
        control = wanted == catalog.sources()["hackernews"].control
        if control:
            since = until - 300
        start, step = int(SINCE.timestamp()), int(STEP.total_seconds())
        numbers = range((max(since, start) - start) // step, (until - start) // step)
        hits = [hit(wanted, n) for n in numbers if since <= start + n * step < until]
        if not control and len(hits) <= MOST:
            self.hold(number)
        return StubResponse(json.dumps({"hits": hits[-MOST:], "nbHits": len(hits)}).encode())

    def twice(self) -> list[tuple[str, str]]:
        """What was asked for more than once."""
        known = [(wanted, window) for _, wanted, window in self.requests]
        return sorted({each for each in known if known.count(each) > 1})


def hit(wanted: str, number: int) -> dict[str, Any]:
    at = int((SINCE + number * STEP).timestamp())
    words = f"{wanted} is down, {number}"
    id_ = f"{wanted}-{number}"
    return {"objectID": id_, "created_at_i": at, "comment_text": words, "author": f"a{number}"}


@pytest.fixture
def search(site: StubSite) -> StubSearch:
    return StubSearch(site)


def crawl_arguments(search: StubSearch, url: str, *more: object) -> tuple[object, ...]:
    names = [part for name in NAMES for part in ("--provider", name)]
    return ("crawl", "hackernews", *WHEN, *names, *search.at, "--database", url, *more)


def together(*commands: tuple[object, ...]) -> list[CommandResult]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda arguments: run(*arguments), commands))


def stored(url: str) -> tuple[list[Any], list[Any]]:
    """Every post, and what is covered."""
    with open_ready_store(url) as store, store.reading() as connection:
        assert [c for cells in hourly.differences(connection) for c in cells] == []
        assert languages.differences(connection) == 0
    posts = shrug.posts(url)[["id", "created_at", "text"]]
    return sorted(posts.itertuples(index=False, name=None)), covered_spans(url)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any]]:
    """What one crawler without a frontier stores."""
    folder = tmp_path_factory.mktemp("alone")
    store_url, key = f"sqlite:///{folder}/store.sqlite3", str(folder / "key")
    with serve_site() as site:
        command = crawl_arguments(StubSearch(site), store_url, "--delay", 0)
        done = run(*command, SHRUG_FRONTIER="", SHRUG_KEY_FILE=key, no_proxy="127.0.0.1")
        assert done.code == 0, done.output
    return stored(store_url)


def test_two_crawlers_share_the_queries_exactly_once(
    frontier: Redis, search: StubSearch, url: str, fresh: Callable[[], str], alone: Any
) -> None:
    with open_ready_store(url):
        pass
    # The first posts are given out to two at once: neither is done before the other has begun.
    both = threading.Barrier(2)

    def hold(_: int) -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(MAX_WAIT_SECONDS)
            both.abort()

    search.hold = hold
    ends = together(
        crawl_arguments(search, url, "--delay", 0), crawl_arguments(search, url, "--delay", 0)
    )
    assert [end.code for end in ends] == [0, 0], ends
    assert search.twice() == []
    new = [int(re.findall(r"\d+", end.output.replace(",", ""))[0]) for end in ends]
    assert min(new) > 0
    assert sum(new) == len(alone[0])
    assert stored(url) == alone
    wait_for(lambda: frontier.dbsize() == 0, "nothing is left, and a host's turn has run out")
    # Each query has one receipt, to which both have added.
    with open_ready_store(url) as store, store.reading() as connection:
        recent = runs.recent(connection, 10)
    assert len({r.query for r in recent}) == len(recent)
    assert sum(r.outcome.posts for r in recent) >= sum(new)
    assert all(r.ended_at for r in recent)


def test_a_killed_crawler_loses_nothing(
    frontier: Redis, search: StubSearch, url: str, alone: Any
) -> None:
    with open_ready_store(url):
        pass
    stuck, over = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        if number >= 3 and not stuck.is_set():
            stuck.set()
            over.wait(MAX_WAIT_SECONDS)

    search.hold = hold
    with (
        started(*crawl_arguments(search, url, "--delay", 0)) as victim,
        ThreadPoolExecutor() as pool,
    ):
        wait_for(stuck.is_set, "the first one waits for an answer")
        before, its_leases = len(search.requests), leases(frontier)
        other = pool.submit(run, *crawl_arguments(search, url, "--delay", 0))
        wait_for(lambda: len(search.requests) >= before + 3, "the other one takes part")
        victim.kill()
        victim.join()
        over.set()
        expire(frontier, its_leases)
        ended = other.result()
    assert ended.code == 0, ended.output
    assert stored(url) == alone
    # What was in flight is all that can have been asked for again.
    assert len(search.twice()) <= 2


def test_after_both_crawlers_are_killed_the_next_one_continues(
    frontier: Redis, search: StubSearch, url: str, alone: Any
) -> None:
    with open_ready_store(url):
        pass
    stuck, over = threading.Semaphore(0), threading.Event()

    def hold(number: int) -> None:
        if number >= 6:
            stuck.release()
            over.wait(MAX_WAIT_SECONDS)

    search.hold = hold
    with ExitStack() as both:
        victims = [
            both.enter_context(started(*crawl_arguments(search, url, "--delay", 0)))
            for _ in range(2)
        ]
        for _ in victims:
            assert stuck.acquire(timeout=MAX_WAIT_SECONDS)
        for victim in victims:
            victim.kill()
            victim.join()
    over.set()
    expire(frontier, leases(frontier))
    ended = run(*crawl_arguments(search, url, "--delay", 0))
    assert ended.code == 0, ended.output
    assert stored(url)[0] == alone[0]


def test_the_pause_between_requests_applies_to_all_crawlers(
    frontier: Redis, site: StubSite, url: str
) -> None:
    search, pause = StubSearch(site), 0.1
    with open_ready_store(url):
        pass
    together(
        crawl_arguments(search, url, "--delay", pause),
        crawl_arguments(search, url, "--delay", pause),
    )
    times = sorted(at for at, _, _ in search.requests)
    last = len(times) - 1
    assert last > 10
    # Whatever comes late, from one that came in time to the last there is a pause for each.
    assert max((times[last] - times[n]) / (last - n) for n in range(last // 2)) >= pause * 0.95


def test_turns_of_two_crawlers_at_a_host_are_a_pause_apart(
    frontier: Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    hour = 3600.0
    both = [Frontier(redis, "shrug", LEASE) for _ in range(2)]
    for number in range(10):
        asyncio.run(both[number % 2].wait_for_turn("host.example", hour))
    # The first one need not wait; nobody's clock has gone on by an hour meanwhile.
    assert [round(seconds / hour) for seconds in waits] == list(range(1, 10))
    assert sorted(waits) == waits


def test_a_wait_that_a_host_asks_for_applies_to_all_crawlers(
    frontier: Redis, site: StubSite, url: str
) -> None:
    search, seconds = StubSearch(site), 2
    arrived: list[float] = []
    turned: list[float] = []

    def busy(query: QueryParameters) -> StubResponse:
        arrived.append(time.monotonic())
        number = len(arrived)
        if number == 5:
            turned.append(time.monotonic())
            return StubResponse(b"", 429, {"Retry-After": str(seconds)})
        if number > 5:
            # The one that was turned away says so to all, however long it takes to read that.
            wait_for(lambda: any(map(waits, commands)) or len(arrived) > number)
        return search.answer(query)

    def waits(command: str) -> bool:
        match = re.search(r"turn.* PX (\d+)", command)
        return match is not None and int(match[1]) > seconds * 1000

    site.on(PATH, busy)
    with open_ready_store(url):
        pass
    with monitored(frontier) as commands:
        ends = together(
            crawl_arguments(search, url, "--delay", 0), crawl_arguments(search, url, "--delay", 0)
        )
    assert [end.code for end in ends] == [0, 0]
    assert any(map(waits, commands))
    # The one that the other crawler had begun may arrive; then nobody asks until the time has come.
    early = [at for at in arrived if turned[0] < at < turned[0] + seconds * 0.95]
    assert len(early) <= 1


@pytest.mark.parametrize("address", ["redis://:secret@127.0.0.1:1/0", "nonsense://secret"])
def test_a_missing_redis_is_reported_without_its_password(
    search: StubSearch, url: str, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SHRUG_FRONTIER", address)
    ended = run(*crawl_arguments(search, url))
    assert ended.code == 2
    assert "frontier" in ended.output
    assert "secret" not in ended.output
    assert "Traceback" not in ended.output
    assert search.requests == []


def test_a_crawl_ends_if_redis_dies_and_the_next_one_continues(
    search: StubSearch, url: str, monkeypatch: pytest.MonkeyPatch, alone: Any
) -> None:
    monkeypatch.setenv("SHRUG_FRONTIER_LEASE", str(LEASE))
    with open_ready_store(url):
        pass
    stuck, over = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        if number >= 5:
            stuck.set()
            over.wait(MAX_WAIT_SECONDS)

    search.hold = hold
    with ThreadPoolExecutor() as pool:
        with servers.redis() as address:
            monkeypatch.setenv("SHRUG_FRONTIER", f"redis://{address}/0")
            crawling = pool.submit(run, *crawl_arguments(search, url, "--delay", 0))
            wait_for(stuck.is_set, "it waits for an answer")
        over.set()
        ended = crawling.result()
    assert ended.code == 2, ended.output
    assert "can't be reached" in ended.output
    monkeypatch.delenv("SHRUG_FRONTIER")
    assert run(*crawl_arguments(search, url, "--delay", 0)).code == 0
    assert stored(url)[0] == alone[0]


def test_a_users_own_key_never_reaches_the_frontier(
    frontier: Redis, site: StubSite, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "ghp_verysecret"  # noqa: S105 - simulated
    monkeypatch.setenv("SHRUG_GITHUB_TOKEN", secret)
    answer = {"total_count": 0, "incomplete_results": False, "items": []}
    site.on("/search/issues", StubResponse(json.dumps(answer).encode()))
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))
    with open_ready_store(url):
        pass
    options = ("--address", f"github={site.base}", "--provider", "deepseek", "--database", url)
    with monitored(frontier) as heard:
        ended = run("crawl", "github", *WHEN, *options, "--delay", 0)
    assert "/search/issues" in site.paths(), ended.output
    assert any("lead" in command for command in heard)
    assert not any(secret in command for command in heard)
