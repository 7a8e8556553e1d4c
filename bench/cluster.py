"""A backlog scored, and outages measured, on a Dask cluster: two workers against one."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import archive
from bench.parts import BenchRow
from crawler.items import CrawlQuery
from db.core.engine import Store
from db.core.records import Page, RawPost
from shrug.crawl.ingest import Ingest
from shrug.demo import plan
from shrug.demo.world import make_world
from shrug.label import sentiment
from shrug.label.executors import open_executor
from shrug.measure import measurement
from shrug.store.bootstrap import open_ready_store

Work = Callable[[Store, Executor | None], float]
ROUNDS, PAGE, COPIES = 3, 1000, 5
MEASURED, OUTAGES = 1_000_000, 100
START = datetime(2026, 6, 1, tzinfo=UTC)
CLUSTERS = {"two workers": "local:2", "one worker": "local:1", "no cluster, one core": ""}


def rows() -> list[BenchRow]:
    """Measure scoring, then measuring."""
    return [*_scoring(), *_measuring()]


def _scoring() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'store.sqlite3'}"
        with open_ready_store(url) as store:
            number = _fill(store, Path(folder))
            taken = {
                name: _time_rounds(store, cluster, _time_scoring)
                for name, cluster in CLUSTERS.items()
            }
    return [
        _row(f"{number:,} posts scored on two workers", name, taken["two workers"], taken[name])
        for name in list(CLUSTERS)[1:]
    ]


def _measuring() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite3"
        with open_ready_store(f"sqlite:///{file}") as store:
            archive.fill(store, MEASURED)
            archive.add_outages(folder, file, OUTAGES, apart=7)
            taken = {
                name: _time_rounds(store, cluster, _time_measuring)
                for name, cluster in CLUSTERS.items()
                if cluster
            }
    what = f"{OUTAGES} outages in {MEASURED:,} posts measured on two workers"
    return [_row(what, "one worker", taken["two workers"], taken["one worker"])]


def about() -> str:
    """Describe what is measured."""
    return (
        "Scoring simulated posts of the demo, each text made its own, from the store and back into "
        "it, and measuring outages a week apart: each worker asks the store itself. "
        f"{ROUNDS} rounds of each after one that is not counted, the start of a cluster "
        "apart."
    )


def _fill(store: Store, folder: Path) -> int:
    ingest, posts = Ingest(store, folder / "key"), list(_posts())
    ask = CrawlQuery("forum", "", (), START, START + timedelta(days=60))
    for at in range(0, len(posts), PAGE):
        ingest.store_item(Page(ask.source, ask.text, tuple(posts[at : at + PAGE])))
    return len(posts)


def _posts() -> Iterator[RawPost]:
    for number, post in enumerate(
        p for p in make_world(plan.read_plan()).posts for _ in range(COPIES)
    ):
        # A text that is repeated is scored once.
        yield RawPost(str(number), post.at, f"{post.text} ({number})", author=str(number))


def _time_rounds(store: Store, cluster: str, work: Work) -> list[float]:
    """Return the seconds of each round but the first."""
    with open_executor(cluster) as executor:
        return [work(store, executor) for _ in range(ROUNDS + 1)][1:]


def _time_scoring(store: Store, executor: Executor | None) -> float:
    used = sentiment.scorers_in_use(store, Path("nowhere"))
    sentiment.drop_scores(store, used)
    before = time.perf_counter()
    sentiment.score_posts(store, used, executor=executor)
    return time.perf_counter() - before


def _time_measuring(store: Store, executor: Executor | None) -> float:
    before = time.perf_counter()
    measurement.measure(store, archive.START, archive.END, executor=executor)
    return time.perf_counter() - before


def _row(what: str, name: str, here: list[float], rival: list[float]) -> BenchRow:
    ratios = sorted(b / a for a, b in zip(here, rival, strict=True))
    shown = f"{ratios[0]:.2f}, **{statistics.median(ratios):.2f}**, {ratios[-1]:.2f}"
    median, rival_median = (f"{statistics.median(t):.1f} s" for t in (here, rival))
    return what, name, shown, median, rival_median
