"""A crawl killed with -9 at any instant, and started again, ends as one that was never killed."""

import os
import random
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from db.records import Span
from shrug.demo import plan, server
from shrug.demo.world import World, make
from shrug.opening import opened
from tests.crawling import command, crawl

KILLS = 12
PROVIDERS = ("chatgpt", "deepseek")
SOURCES = ("hackernews", "mastodon")

Kept = tuple[list[tuple[object, ...]], ...]


def a_week() -> World:
    whole = plan.plan()
    providers = tuple(p for p in whole.providers if p.key in PROVIDERS)
    busy = tuple(
        replace(p, rates={s: {k: 4 * v for k, v in r.items()} for s, r in p.rates.items()})
        for p in providers
    )
    span = Span(whole.span.start, whole.span.start + (whole.span.end - whole.span.start) / 4)
    return make(replace(whole, span=span, providers=busy, outages=()))


def kept(url: str) -> Kept:
    """All that a crawl leaves behind, ids apart; coverage as far as it reaches."""
    queries = (
        "select source, external_id, text, author from posts order by 1, 2",
        "select p.source, p.external_id, m.provider_id, m.role from mentions m "
        "join posts p on p.id = m.post_id order by 1, 2, 3",
        "select provider_id, source, hour, posts, texts, authors, voices, engagement "
        "from hourly_counts order by 1, 2, 3",
        'select source, query, provider_id, capped, min(start), max("end") '
        "from coverage_spans group by 1, 2, 3, 4 order by 1, 2, 3, 4",
        "select source, query, value from cursors order by 1, 2",
    )
    with opened(url) as store, store.reading() as connection:
        return tuple([tuple(row) for row in connection.execute(text(q))] for q in queries)


def test_a_killed_crawl_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    world = a_week()
    whole, killed = (f"sqlite:///{tmp_path / name}" for name in ("whole.db", "killed.db"))
    rng = random.Random(20250811)
    with server.serving(world) as addresses:
        arguments: list[object] = [*SOURCES, "--until", world.plan.span.end.isoformat()]
        for key in PROVIDERS:
            arguments += ["--provider", key]
        for name in SOURCES:
            arguments += ["--address", f"{name}={addresses[name]}"]
        assert crawl(whole, *arguments)[0] == 0
        died = 0
        while died < KILLS:
            process = subprocess.Popen(
                command(killed, arguments),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "no_proxy": "127.0.0.1"},
            )
            time.sleep(rng.uniform(0.8, 2.2))
            if process.poll() is not None:
                break  # so much had been kept that it came to its end
            process.send_signal(signal.SIGKILL)
            process.wait()
            died += 1
        assert died >= 3
        assert crawl(killed, *arguments)[0] == 0
    assert len(kept(whole)[0]) > 2000
    for without, with_kills in zip(kept(whole), kept(killed), strict=True):
        assert with_kills == without
