"""A hostile response costs only its own page; memory and time are bounded."""

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
from db.crawl.runs import QueryOutcome
from db.posts import queries
from shrug.store.bootstrap import open_ready_store
from tests.crawler.hostile import (
    AT,
    Attack,
    bodies,
    documents,
    feed,
    hostile_server,
    page,
    reply,
    transport,
)
from tests.processes import CommandResult, Fault, run

MAX_MEMORY_BYTES = 500_000_000
# Without a short download timeout all large responses are read to their limit at once: 545 MB seen.
MAX_MEMORY_BYTES_AT_ONCE = 600_000_000
# CPU seconds; most responses take much less.
SECONDS_EACH = 4.0
GOOD = Attack("good", lambda send, word: send(reply(page(word))), posts=2, fails=False)


def test_there_are_many_different_attacks() -> None:
    names = [attack.name for attack in (*transport(), *bodies(), *documents())]
    assert len(set(names)) == len(names) >= 60


def count_posts(url: str, provider: str, source: str) -> int:
    with open_ready_store(url) as store, store.reading() as connection:
        span = AT - timedelta(days=1), AT + timedelta(days=1)
        return len(queries.mention_times(connection, provider, source, *span))


def is_covered(url: str, provider: str) -> bool:
    """Whether the hour is covered for a provider."""
    with open_ready_store(url) as store, store.reading() as connection:
        spans = coverage.read(connection, provider, AT, AT + timedelta(minutes=1))
    return bool(spans)


@dataclass(frozen=True)
class Crawled:
    """What a crawl of many attacks left behind. names, words: the provider of each attack,
    and the word for it."""

    url: str
    ended: CommandResult
    names: dict[str, str]
    words: dict[str, str]
    outcomes: dict[str, QueryOutcome]


def outcomes(url: str, source: str) -> dict[str, QueryOutcome]:
    with open_ready_store(url) as store, store.reading() as connection:
        return {r.query: r.outcome for r in runs.latest(connection) if r.source == source}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """One crawl of a hashtag each: the attacks, and good ones between them."""
    folder = tmp_path_factory.mktemp("hostile")
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    attacks = [*transport(), *bodies()]
    providers = [p for p in catalog.providers().values() if p.tag]
    attacks += [GOOD] * (len(providers) - len(attacks))
    random.Random(20250811).shuffle(attacks)
    with hostile_server() as server:
        for attack, provider in zip(attacks, providers, strict=True):
            path = f"/api/v1/timelines/tag/{quote(provider.tag, safe='')}"
            server.attacks[path] = (attack, provider.search)
        server.attacks["/api/v1/timelines/tag/a"] = (GOOD, "elsewhere")
        hopeless = frozenset(
            path for path, (attack, _) in server.attacks.items() if not attack.ends
        )
        ended = run(
            "crawl", "mastodon", "--address", f"mastodon={server.base}", "--delay", 0,
            "--database", url, "--since", (AT - timedelta(hours=1)).isoformat(),
            fault=Fault(endless_paths=hopeless, no_retries=True, max_requests=40),
            SHRUG_KEY_FILE=str(folder / "key"),
        )  # fmt: skip
    names = {attack.name: p.key for attack, p in zip(attacks, providers, strict=True)}
    words = {attack.name: p.search for attack, p in zip(attacks, providers, strict=True)}
    provider_of = {p.tag: p.key for p in providers}
    by_provider = {
        provider_of[query]: outcome for query, outcome in outcomes(url, "mastodon").items()
    }
    return Crawled(url, ended, names, words, by_provider)


def test_memory_and_time_of_a_hostile_crawl_are_bounded(crawled: Crawled) -> None:
    assert crawled.ended.code == 1
    assert "Traceback" not in crawled.ended.output
    assert crawled.ended.peak_bytes < MAX_MEMORY_BYTES_AT_ONCE
    assert crawled.ended.cpu_seconds < SECONDS_EACH * len(crawled.names)


@pytest.mark.parametrize("attack", [*transport(), *bodies(), GOOD], ids=lambda attack: attack.name)
def test_a_hostile_response_costs_only_its_own_page(crawled: Crawled, attack: Attack) -> None:
    key = crawled.names[attack.name]
    outcome = crawled.outcomes[key]
    assert bool(outcome.kind) == attack.fails, outcome
    assert is_covered(crawled.url, key) == (not attack.fails), outcome
    with closing(sqlite3.connect(crawled.url.removeprefix("sqlite:///"))) as connection:
        pattern = f"https://m.example/{crawled.words[attack.name]}/%"
        count = "select count(*) from posts where external_id like ?"
        assert connection.execute(count, (pattern,)).fetchone()[0] >= attack.posts


def test_stored_posts_of_a_hostile_crawl_are_sound(crawled: Crawled) -> None:
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


def test_a_hostile_feed_costs_only_itself(tmp_path: Path, url: str) -> None:
    attacks = documents()
    with hostile_server() as server:
        asks: list[object] = []
        for number, attack in enumerate([*attacks, Attack("good", feed(), posts=2, fails=False)]):
            server.attacks[f"/feed/{number}"] = (attack, f"feed{number}")
            asks += ["--ask", f"feed={server.base}/feed/{number}"]
        server.attacks["/feed"] = (Attack("good", feed()), "feed")
        ended = run(
            "crawl", "feed", "--address", f"feed={server.base}/feed", *asks, "--delay", 0,
            "--database", url, fault=Fault(no_retries=True),
        )  # fmt: skip
    assert ended.code == 1
    assert "Traceback" not in ended.output
    assert ended.peak_bytes < MAX_MEMORY_BYTES
    assert ended.cpu_seconds < SECONDS_EACH * len(attacks)
    assert not [
        path for path in server.requested_paths if "/feed" not in path and path != "/robots.txt"
    ]
    for number, attack in enumerate(attacks):
        source = f"feed:{server.base}/feed/{number}"
        (outcome,) = outcomes(url, source).values()
        assert bool(outcome.kind) == attack.fails, (attack.name, outcome)
        assert count_posts(url, "deepseek", source) == attack.posts, (attack.name, outcome)
