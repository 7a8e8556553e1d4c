"""Every way to hurt costs its own page: what is good beside it is kept; memory, time are bound."""

import random
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from db import catalog
from db.crawl import coverage, runs
from db.crawl.runs import Outcome
from db.posts import queries
from shrug.store.bootstrap import opened
from tests.crawler.hostile import AT, Way, bodies, documents, feed, hurting, page, transport, whole
from tests.processes import Ended, Fault, run

MOST_MEMORY = 500_000_000
# Of a core: most take much less.
SECONDS_EACH = 4.0
GOOD = Way("good", lambda send, word: send(whole(page(word))), keeps=2, told=False)


def test_there_are_many_ways() -> None:
    names = [way.name for way in (*transport(), *bodies(), *documents())]
    assert len(set(names)) == len(names) >= 60


def kept(url: str, provider: str, source: str) -> int:
    with opened(url) as store, store.reading() as connection:
        span = AT - timedelta(days=1), AT + timedelta(days=1)
        return len(queries.times(connection, provider, source, *span))


def read(url: str, provider: str) -> bool:
    """Whether the hour counts as read for a provider."""
    with opened(url) as store, store.reading() as connection:
        spans = coverage.read(connection, provider, AT, AT + timedelta(minutes=1))
    return bool(spans)


@dataclass(frozen=True)
class Crawled:
    """What a crawl of many ways left behind. names, words: the provider that each way was tried
    on, and the word for it."""

    url: str
    ended: Ended
    names: dict[str, str]
    words: dict[str, str]
    outcomes: dict[str, Outcome]


def outcomes(url: str, source: str) -> dict[str, Outcome]:
    with opened(url) as store, store.reading() as connection:
        return {r.query: r.outcome for r in runs.latest(connection) if r.source == source}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """One crawl of a hashtag each: the ways, and good ones between them."""
    folder = tmp_path_factory.mktemp("hostile")
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    ways = [*transport(), *bodies()]
    providers = [p for p in catalog.providers().values() if p.tag]
    ways += [GOOD] * (len(providers) - len(ways))
    random.Random(20250811).shuffle(ways)
    with hurting() as server:
        for way, provider in zip(ways, providers, strict=True):
            path = f"/api/v1/timelines/tag/{quote(provider.tag, safe='')}"
            server.ways[path] = (way, provider.search)
        server.ways["/api/v1/timelines/tag/a"] = (GOOD, "elsewhere")
        hopeless = frozenset(path for path, (way, _) in server.ways.items() if not way.ends)
        ended = run(
            "crawl", "mastodon", "--address", f"mastodon={server.base}", "--delay", 0,
            "--database", url, "--since", (AT - timedelta(hours=1)).isoformat(),
            fault=Fault(hopeless=hopeless, once=True, requests=40),
            SHRUG_KEY_FILE=str(folder / "key"),
        )  # fmt: skip
    names = {way.name: p.key for way, p in zip(ways, providers, strict=True)}
    words = {way.name: p.search for way, p in zip(ways, providers, strict=True)}
    asked = {p.tag: p.key for p in providers}
    told = {asked[query]: outcome for query, outcome in outcomes(url, "mastodon").items()}
    return Crawled(url, ended, names, words, told)


def test_memory_and_time_are_bound(crawled: Crawled) -> None:
    assert crawled.ended.code == 1
    assert "Traceback" not in crawled.ended.said
    assert crawled.ended.peak < MOST_MEMORY
    assert crawled.ended.seconds < SECONDS_EACH * len(crawled.names)


@pytest.mark.parametrize("way", [*transport(), *bodies(), GOOD], ids=lambda way: way.name)
def test_it_costs_its_own_page_only(crawled: Crawled, way: Way) -> None:
    key = crawled.names[way.name]
    outcome = crawled.outcomes[key]
    assert bool(outcome.kind) == way.told, outcome
    assert read(crawled.url, key) == (not way.told), outcome
    with closing(sqlite3.connect(crawled.url.removeprefix("sqlite:///"))) as connection:
        own = f"https://m.example/{crawled.words[way.name]}/%"
        count = "select count(*) from posts where external_id like ?"
        assert connection.execute(count, (own,)).fetchone()[0] >= way.keeps


def test_what_was_kept_is_sound(crawled: Crawled) -> None:
    assert run("verify", "--database", crawled.url).code == 0
    with closing(sqlite3.connect(crawled.url.removeprefix("sqlite:///"))) as connection:
        rows = connection.execute("select text, external_id, url, author from posts").fetchall()
    assert len(rows) > 100
    for text, id_, address, author in rows:
        assert len(text) <= 20_000
        assert "\x1b" not in text
        assert len(id_) <= 500
        assert address is None or len(address) <= 2000
        assert re.fullmatch(r"[0-9a-f]{16}", author or "0" * 16)


def test_what_is_read_as_xml(tmp_path: Path, url: str) -> None:
    ways = documents()
    with hurting() as server:
        asks: list[object] = []
        for number, way in enumerate([*ways, Way("good", feed(), keeps=2, told=False)]):
            server.ways[f"/feed/{number}"] = (way, f"feed{number}")
            asks += ["--ask", f"feed={server.base}/feed/{number}"]
        server.ways["/feed"] = (Way("good", feed()), "feed")
        ended = run(
            "crawl", "feed", "--address", f"feed={server.base}/feed", *asks, "--delay", 0,
            "--database", url, fault=Fault(once=True),
        )  # fmt: skip
    assert ended.code == 1
    assert "Traceback" not in ended.said
    assert ended.peak < MOST_MEMORY
    assert ended.seconds < SECONDS_EACH * len(ways)
    assert not [path for path in server.asked if "/feed" not in path and path != "/robots.txt"]
    for number, way in enumerate(ways):
        source = f"feed:{server.base}/feed/{number}"
        (outcome,) = outcomes(url, source).values()
        assert bool(outcome.kind) == way.told, (way.name, outcome)
        assert kept(url, "deepseek", source) == way.keeps, (way.name, outcome)
