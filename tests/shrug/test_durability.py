"""Commands killed with -9, at any instant and at each commit, end as if they never had been."""

import os
import random
from collections.abc import Callable
from itertools import count
from typing import Literal

from sqlalchemy import text

from shrug.demo import server
from shrug.demo.world import World
from shrug.store.bootstrap import opened
from tests.processes import Fault, begun, run
from tests.worlds import PROVIDERS, a_world

# At random instants, by the environment: more where there is time.
KILLS = int(os.environ.get("SHRUG_KILLS", "12"))
SOURCES = ("hackernews", "mastodon")
MOST_COMMITS = 100

Kept = tuple[list[tuple[object, ...]], ...]
Fresh = Callable[[], str]


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
        "select p.source, p.external_id, s.model, s.version, s.score from scores s "
        "join posts p on p.id = s.post_id order by 1, 2, 3, 4",
        "select p.source, p.external_id, r.provider_id, r.version, r.failed, r.joke "
        "from readings r join posts p on p.id = r.post_id order by 1, 2, 3",
    )
    with opened(url) as store, store.reading() as connection:
        return tuple([tuple(row) for row in connection.execute(text(q))] for q in queries)


def sound(url: str) -> None:
    ended = run("verify", "--database", url)
    assert ended.code == 0, ended.said


def a_crawl(world: World, addresses: dict[str, str], url: str) -> list[object]:
    told: list[object] = ["crawl", *SOURCES, "--until", world.plan.span.end.isoformat()]
    told += ["--database", url, "--delay", "0"]
    for key in PROVIDERS:
        told += ["--provider", key]
    for name in SOURCES:
        told += ["--address", f"{name}={addresses[name]}"]
    return told


def test_killed_at_any_instant(fresh: Fresh) -> None:
    world, rng, whole = a_world(2, 3), random.Random(20250811), fresh()
    died = 0
    with server.serving(world) as addresses:
        assert run(*a_crawl(world, addresses, whole)).code == 0
        assert len(kept(whole)[0]) > 500
        while died < KILLS:
            url = fresh()
            for tries in count(1):
                with begun(*a_crawl(world, addresses, url)) as process:
                    # Ever longer, so that it comes to its end on a slow machine as well.
                    process.join(rng.uniform(0.02, 1.2 + tries / 10))
                    if process.exitcode is not None:
                        assert process.exitcode == 0
                        break  # so much had been kept that it came to its end
                died += 1
            assert kept(url) == kept(whole)
            sound(url)


def a_life(world: World, addresses: dict[str, str], url: str) -> list[list[object]]:
    """The commands that a daemon runs on a store, in their order."""
    own = ["--database", url]
    return [
        ["outages", "sync", *own],
        a_crawl(world, addresses, url),
        ["score", *own],
        ["outages", "suggest", *own],
        ["verify", "--fix", *own],
    ]


def test_killed_at_each_commit(fresh: Fresh) -> None:
    """The first run after its first commit, the next before its second, and so on to its end."""
    world, whole, url = a_world(1, 1), fresh(), fresh()
    with server.serving(world) as addresses:
        for command in a_life(world, addresses, whole):
            assert run(*command).code == 0
        died = 0
        for command in a_life(world, addresses, url):
            for number in range(1, MOST_COMMITS):
                when: Literal["before", "after"] = "after" if number % 2 else "before"
                ended = run(*command, fault=Fault(kill=number, when=when))
                if ended.code != -9:
                    assert ended.code == 0, ended.said
                    break
                died += 1
            else:
                raise AssertionError(f"{command} never came to its end")
    assert died > 50
    assert kept(url) == kept(whole)
    sound(url)
