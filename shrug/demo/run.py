"""Running the demo: a store of its own, crawled by the real command in processes of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from db.core import metadata
from db.core.errors import BadInput, ShrugError
from shrug.demo import plan, server
from shrug.demo.world import World, make
from shrug.store.bootstrap import opened

STORE = "demo.sqlite3"
POSTS = ("hackernews", "mastodon")


def world() -> World:
    """The bundled plan's world."""
    return make(plan.plan())


def fresh_store(folder: Path, world: World) -> str:
    """URL of an empty store in `folder` that says that it holds a simulation."""
    path = (folder / STORE).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"--out: {folder}: {error.strerror}") from None
    url = f"sqlite:///{path}"
    with opened(url) as store, store.writing() as connection:
        metadata.mark_simulated(connection, world.plan.truth)
    return url


def crawl(database: str, world: World) -> None:
    """Two crawls of posts with a pause between them that nobody crawled; then all the rest."""
    span, gap = world.plan.span, world.plan.gap
    with server.serving(world) as addresses:
        _crawl(database, world, addresses, POSTS, span.start, gap.start)
        rest = [*POSTS, "feed", "weibo_board", "statuspage"]
        _crawl(database, world, addresses, rest, gap.end, span.end)


def _crawl(
    database: str,
    world: World,
    addresses: dict[str, str],
    sources: Sequence[str],
    since: datetime,
    until: datetime,
) -> None:
    # A process of its own: Scrapy's reactor starts only once in each.
    command = [
        sys.executable, "-m", "shrug", "crawl", *sources,
        "--since", since.isoformat(), "--until", until.isoformat(), "--delay", "0",
        "--polls", str(len(world.looks)), "--server-clock", "--database", database,
    ]  # fmt: skip
    for provider in world.plan.providers:
        command += ["--provider", provider.key]
    for name, address in addresses.items():
        command += ["--address", f"{name}={address}"]
    # Loopback is asked directly, whatever proxy the machine has.
    done = subprocess.run(command, check=False, env={**os.environ, "no_proxy": "127.0.0.1"})  # noqa: S603 - our own command
    if done.returncode != 0:
        raise ShrugError(f"the demo's crawl ended with {done.returncode}")
