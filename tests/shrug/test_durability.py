"""Commands killed with -9, at any instant and at each commit, end as if they never had been."""

import os
import random
from collections.abc import Callable
from itertools import count
from typing import Literal

from sqlalchemy import text

from shrug.demo import server
from shrug.demo.world import DemoWorld
from shrug.store.bootstrap import open_ready_store
from tests.processes import Fault, run, started
from tests.worlds import PROVIDERS, small_world

# At random instants, by the environment: more where there is time.
KILLS = int(os.environ.get("SHRUG_KILLS", "12"))
SOURCES = ("hackernews", "mastodon")
MOST_COMMITS = 100

StoreContents = tuple[list[tuple[object, ...]], ...]
Fresh = Callable[[], str]


def contents(url: str) -> StoreContents:
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
    with open_ready_store(url) as store, store.reading() as connection:
        return tuple([tuple(row) for row in connection.execute(text(q))] for q in queries)


def assert_sound(url: str) -> None:
    ended = run("verify", "--database", url)
    assert ended.code == 0, ended.output


def crawl_command(world: DemoWorld, addresses: dict[str, str], url: str) -> list[object]:
    command: list[object] = ["crawl", *SOURCES, "--until", world.plan.span.end.isoformat()]
    command += ["--database", url, "--delay", "0"]
    for key in PROVIDERS:
        command += ["--provider", key]
    for name in SOURCES:
        command += ["--address", f"{name}={addresses[name]}"]
    return command


def test_a_crawl_killed_at_any_instant_ends_with_the_same_store(fresh: Fresh) -> None:
    world, rng, whole = small_world(2, 3), random.Random(20250811), fresh()
    died = 0
    with server.serve_world(world) as addresses:
        assert run(*crawl_command(world, addresses, whole)).code == 0
        assert len(contents(whole)[0]) > 500
        while died < KILLS:
            url = fresh()
            for tries in count(1):
                with started(*crawl_command(world, addresses, url)) as process:
                    # Ever longer, so that it comes to its end on a slow machine as well.
                    process.join(rng.uniform(0.02, 1.2 + tries / 10))
                    if process.exitcode is not None:
                        assert process.exitcode == 0
                        break  # so much had been kept that it came to its end
                died += 1
            assert contents(url) == contents(whole)
            assert_sound(url)


def daemon_commands(world: DemoWorld, addresses: dict[str, str], url: str) -> list[list[object]]:
    """The commands that a daemon runs on a store, in their order."""
    database = ["--database", url]
    return [
        ["outages", "sync", *database],
        crawl_command(world, addresses, url),
        ["score", *database],
        ["outages", "suggest", *database],
        ["verify", "--fix", *database],
    ]


def test_each_command_killed_at_each_commit_ends_with_the_same_store(fresh: Fresh) -> None:
    """The first run after its first commit, the next before its second, and so on to its end."""
    world, whole, url = small_world(1, 1), fresh(), fresh()
    with server.serve_world(world) as addresses:
        for command in daemon_commands(world, addresses, whole):
            assert run(*command).code == 0
        died = 0
        for command in daemon_commands(world, addresses, url):
            for number in range(1, MOST_COMMITS):
                when: Literal["before", "after"] = "after" if number % 2 else "before"
                ended = run(*command, fault=Fault(kill_at_commit=number, when=when))
                if ended.code != -9:
                    assert ended.code == 0, ended.output
                    break
                died += 1
            else:
                raise AssertionError(f"{command} never came to its end")
    assert died > 50
    assert contents(url) == contents(whole)
    assert_sound(url)
