"""A backlog scored on a Dask cluster: two workers against one, and against no cluster."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.items import Ask
from db.engine import Store
from db.records import Page, RawPost
from shrug import scoring
from shrug.demo import plan
from shrug.demo.world import make
from shrug.ingest import Ingest
from shrug.opening import opened
from shrug.spreading import Spread, spread

Row = tuple[str, str, str, str, str]
ROUNDS, PAGE, COPIES = 3, 1000, 5
START = datetime(2026, 6, 1, tzinfo=UTC)
WAYS = {"two workers": "local:2", "one worker": "local:1", "no cluster, one core": ""}


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'store.sqlite3'}"
        with opened(url) as store:
            number = _fill(store, Path(folder))
            taken = {name: _taken(store, told) for name, told in WAYS.items()}
    return [_row(name, number, taken["two workers"], taken[name]) for name in list(WAYS)[1:]]


def about() -> str:
    return (
        "Scoring simulated posts of the demo, each text made its own, from the store "
        f"and back into it; {ROUNDS} rounds of each after one that is not counted, the start of a "
        "cluster apart. One process reads and writes the store."
    )


def _fill(store: Store, folder: Path) -> int:
    ingest, posts = Ingest(store, folder / "key"), list(_posts())
    ask = Ask("forum", "", (), START, START + timedelta(days=60))
    for at in range(0, len(posts), PAGE):
        ingest.keep(Page(ask.source, ask.query, tuple(posts[at : at + PAGE])))
    return len(posts)


def _posts() -> Iterator[RawPost]:
    for number, post in enumerate(p for p in make(plan.plan()).posts for _ in range(COPIES)):
        # A text that is repeated is scored once.
        yield RawPost(str(number), post.at, f"{post.text} ({number})", author=str(number))


def _taken(store: Store, told: str) -> list[float]:
    """Seconds of each round."""
    with spread(told) as where:
        found = [_round(store, where) for _ in range(ROUNDS + 1)]
    return found[1:]


def _round(store: Store, where: Spread) -> float:
    used = scoring.in_use(store, Path("nowhere"))
    scoring.forget(store, used)
    before = time.perf_counter()
    scoring.score(store, used, where=where)
    return time.perf_counter() - before


def _row(name: str, number: int, here: list[float], rival: list[float]) -> Row:
    ratios = sorted(b / a for a, b in zip(here, rival, strict=True))
    shown = f"{ratios[0]:.2f}, **{statistics.median(ratios):.2f}**, {ratios[-1]:.2f}"
    own, its = (f"{number / statistics.median(t):,.0f} posts a second" for t in (here, rival))
    return "a backlog on two workers", name, shown, own, its
