"""A weekly report over archives of growing size, against sqlite3 counting one baseline."""

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import stream
from bench.parts import BenchRow
from db.core.engine import Store
from db.core.records import CoveredSpan, NewMention, NewPost, Page, Span
from db.crawl import coverage
from db.posts import storage as posts_storage
from shrug.store.bootstrap import open_ready_store

SIZES = tuple(int(float(n)) for n in os.environ.get("SHRUG_BENCH", "1e5 1e6").split())
# Two years that grow denser; one outage a month on each of two providers, one in the last week.
DAYS, PAGE, ROUNDS, OUTAGES = 728, 5000, 3, 25
NAMES, KEYS = tuple(stream.NAMES), tuple(stream.NAMES.values())
SOURCES = ("forum", "news", "microblog")
END = datetime(2026, 11, 2, tzinfo=UTC)
START = END - timedelta(days=DAYS)
WEEK = END - timedelta(days=7)
BASELINE = """
select strftime('%Y-%m-%d %H', m.created_at) as hour, count(*)
from mentions m join providers p on p.id = m.provider_id
where p.key = 'deepseek' and m.role = 'subject' and m.created_at >= ? group by hour
"""
# A process inherits the peak memory of its parent: this parent uses little.
WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def rows() -> list[BenchRow]:
    """Measure each size; return a row for each."""
    return [row for size in SIZES for row in _measure_size(size)]


def about() -> str:
    """Describe what is measured."""
    return (
        f"Simulated posts of {len(KEYS)} providers on {len(SOURCES)} sources over {DAYS} days, "
        f"each naming one, and {OUTAGES} outages; the report of the last week, in both languages, "
        f"with all charts and tables, by the command itself, {ROUNDS} times. The rival counts the "
        "posts on one provider by the hour over eight weeks from the rows. SHRUG_BENCH names the "
        "sizes."
    )


def _measure_size(number: int) -> Iterator[BenchRow]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite3"
        with open_ready_store(f"sqlite:///{file}") as store:
            speed = number / fill(store, number)
        add_outages(folder, file)
        since, until = WEEK.isoformat(), END.isoformat()
        command = ["report", "--from", since, "--to", until, "--out", f"{folder}/out"]
        taken = [_run(command, file) for _ in range(ROUNDS)]
        rival = [_raw(file) for _ in range(ROUNDS)]
        size = file.stat().st_size / 2**20
    median, peak = statistics.median(t for t, _ in taken), max(p for _, p in taken)
    its = statistics.median(rival)
    here = f"{median:.1f} s, {peak:.0f} MB at most"
    what = f"weekly report, {number:,} posts ({size:,.0f} MB, stored at {speed:,.0f} a second)"
    yield what, "raw sqlite3, one baseline", f"**{its / median:.3f}**", here, f"{its:.3f} s"


def fill(store: Store, number: int) -> float:
    """Store the posts, page by page; return the seconds that storing took."""
    seconds = 0.0
    for source, page in _pages(number):
        before = time.perf_counter()
        with store.writing() as connection:
            posts_storage.store_page(connection, Page(source, "q"), page)
        seconds += time.perf_counter() - before
    with store.writing() as connection:
        for source in SOURCES:
            coverage.add(connection, source, "q", [CoveredSpan(Span(START, END))])
    return seconds


def _pages(number: int) -> Iterator[tuple[str, list[NewPost]]]:
    rng = random.Random(5)
    step, each = timedelta(days=DAYS) / number, PAGE * len(SOURCES)
    for first in range(0, number, each):
        numbers = range(first, min(first + each, number))
        for n, source in enumerate(SOURCES):
            yield source, [_post(rng, at, START + at * step) for at in numbers[n :: len(SOURCES)]]


def _post(rng: random.Random, number: int, at: object) -> NewPost:
    which = rng.randrange(len(KEYS))
    return NewPost(
        external_id=str(number),
        created_at=at,  # type: ignore[arg-type]
        text=f"{NAMES[which]} again, and what one says of it, number {number}",
        lang="en",
        fingerprint=number,
        author=f"u{rng.randrange(100_000)}",
        mentions=(NewMention(KEYS[which], "subject"),),
    )


def add_outages(folder: str, file: Path, number: int = OUTAGES, apart: int = 30) -> None:
    """Add outages `apart` days from each other, the last one in the last week."""
    rows = [
        {
            "provider": KEYS[n % 2],
            "start": (END - timedelta(days=3 + apart * n)).isoformat(),
            "end": (END - timedelta(days=3 + apart * n, hours=-2)).isoformat(),
            "kind": "outage",
            "title": f"simulated {n}",
        }
        for n in range(number)
    ]
    path = Path(folder) / "outages.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    _run(["outages", "import", path], file)


def _run(arguments: Sequence[str | Path], file: Path) -> tuple[float, float]:
    """Run a command of shrug; return its seconds and its peak memory in MB."""
    command = [sys.executable, "-m", "shrug", *map(str, arguments), "--database", str(file)]
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - before, int(done.stdout) / 1024


def _raw(file: Path) -> float:
    before = time.perf_counter()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(BASELINE, [str(END - timedelta(weeks=8))]).fetchall()
    return time.perf_counter() - before
