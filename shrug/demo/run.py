"""The demo: an empty store, crawled by the real command from the simulated sources."""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from db.core import metadata
from db.core.errors import BadInput, ShrugError
from shrug.demo import plan, server
from shrug.demo.world import DemoWorld, make_world
from shrug.store.bootstrap import open_ready_store

STORE_FILE = "demo.sqlite3"
POST_SOURCES = ("hackernews", "mastodon")


def world() -> DemoWorld:
    """Return the world of the bundled plan."""
    return make_world(plan.read_plan())


def fresh_store(folder: Path, world: DemoWorld) -> str:
    """Make an empty store in `folder`, marked as a simulation, and return its URL."""
    path = (folder / STORE_FILE).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"--out: {folder}: {error.strerror}") from None
    url = f"sqlite:///{path}"
    with open_ready_store(url) as store, store.writing() as connection:
        metadata.mark_simulated(connection, world.plan.true_ratios)
    return url


def crawl(database: str, world: DemoWorld) -> None:
    """Crawl the posts up to the plan's gap, then the posts after it and all other sources."""
    span, gap = world.plan.span, world.plan.gap
    with server.serve_world(world) as addresses:
        _crawl(database, world, addresses, POST_SOURCES, span.start, gap.start)
        rest = [*POST_SOURCES, "feed", "weibo_board", "statuspage"]
        _crawl(database, world, addresses, rest, gap.end, span.end)


def _crawl(
    database: str,
    world: DemoWorld,
    addresses: dict[str, str],
    sources: Sequence[str],
    since: datetime,
    until: datetime,
) -> None:
    # In a process of its own: Scrapy's reactor can start only once in each.
    command = [
        sys.executable, "-m", "shrug", "crawl", *sources,
        "--since", since.isoformat(), "--until", until.isoformat(), "--delay", "0",
        "--polls", str(len(world.board_snapshots)), "--server-clock", "--database", database,
    ]  # fmt: skip
    for provider in world.plan.providers:
        command += ["--provider", provider.key]
    for name, address in addresses.items():
        command += ["--address", f"{name}={address}"]
    # Requests to loopback must not go through a proxy.
    done = subprocess.run(command, check=False, env={**os.environ, "no_proxy": "127.0.0.1"})  # noqa: S603 - shrug's own command
    if done.returncode != 0:
        raise ShrugError(f"the demo's crawl ended with {done.returncode}")
