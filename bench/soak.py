"""A daemon's life, sped up: `make soak`, or `python -m bench.soak DAYS`, writes docs/soak.md.

Every job runs as the daemon runs it, in a child with its limits, by a clock that goes on by a day
in some seconds; a simulated world publishes posts and outages meanwhile.
"""

import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from unittest import mock

import time_machine

from bench.memory import peak_bytes
from db.core.engine import Store
from db.core.records import Span
from db.crawl import outages
from db.posts import queries
from shrug import settings
from shrug.daemon.jobs import Job, planned_jobs
from shrug.daemon.metrics import Metrics
from shrug.daemon.runner import Limits, Runner, resident_bytes
from shrug.demo import plan, server
from shrug.demo.world import DemoWorld, make_world
from shrug.health import sources
from shrug.store.bootstrap import open_ready_store
from shrug.store.integrity import verify

PAGE = Path(__file__).parents[1] / "docs" / "soak.md"
CLOCK = Path(__file__).parents[1] / "tests" / "clock"
DAYS, WEEK, DAY = 90, 7, timedelta(days=1)
POLL_SECONDS = 0.02
POSTS = ("hackernews", "mastodon")
SOURCES = (*POSTS, "statuspage")
DAILY, WEEKLY = ("crawl", "score", "suggest", "watch"), ("report", "verify", "retention", "backup")
RETENTION_DAYS = 30
Travel = Callable[[datetime], None]


@dataclass
class SoakResult:
    """What was measured day by day: bytes and seconds of each job, bytes of the daemon."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, list[int]] = field(default_factory=dict)
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    posts: int = 0
    published: int = 0
    wrong_counts: int = 0
    outages: int = 0
    compared: list[int] = field(default_factory=list)

    def add(self, name: str, seconds: float, memory: int) -> None:
        self.seconds.setdefault(name, []).append(seconds)
        self.memory.setdefault(name, []).append(memory)


@dataclass
class PeakMemoryRunner(Runner):
    """A runner that records the peak memory of its children."""

    peak: int = 0

    def _start(self, job: Job) -> "Popen[str]":
        child = super()._start(job)
        self.peak = 0
        threading.Thread(target=self._watch_memory, args=(child,), daemon=True).start()
        return child

    def _watch_memory(self, child: "Popen[str]") -> None:
        while child.poll() is None:
            self.peak = max(self.peak, peak_bytes(child.pid))
            time.sleep(POLL_SECONDS)


def live(days: int, folder: Path, week: int = WEEK) -> SoakResult:
    """Live through that many days, until now. week: days between runs of the weekly jobs."""
    life, world = SoakResult(), _world(days)
    providers, start = [p.key for p in world.plan.providers], world.plan.span.start
    with _environment(folder, providers) as clock, _time_travel(clock, start) as travel:
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        with open_ready_store(url) as store:
            for day in range(1, days + 1):
                travel(start + day * DAY)
                names = (*DAILY, *(WEEKLY if day % week == 0 else ()))
                _day(day, names, world, store, url, life)
            life.published = sum(post.source in POSTS for post in world.posts)
            with store.reading() as connection:
                life.posts = sum(
                    queries.count_posts(connection, s, start - DAY, start + days * DAY)
                    for s in POSTS
                )
                life.outages = len(outages.read(connection))
            life.wrong_counts = verify(store, fix=False).wrong_counts
    return life


def _day(
    day: int, names: Sequence[str], world: DemoWorld, store: Store, url: str, life: SoakResult
) -> None:
    """Run the jobs of one day, and read the metrics."""
    now = world.plan.span.start + day * DAY
    past = tuple(o for o in world.plan.outages if o.span.end < now)
    with server.serve_world(replace(world, plan=replace(world.plan, outages=past))) as addresses:
        shown = {k: v for k, v in addresses.items() if k.partition(":")[0] in SOURCES}
        with mock.patch.dict(os.environ, SHRUG_ADDRESSES=json.dumps(shown)):
            configured = settings.read_settings()
            known = {job.name: job for job in planned_jobs(configured)}
            # The simulated servers need no pause.
            command = (*known["crawl"].command, "--delay", "0")
            known["crawl"] = replace(known["crawl"], command=command)
            metrics = Metrics(store, lambda: _health(store, configured))
            limits = Limits(configured.job_minutes * 60, configured.job_memory_mb * 1_000_000)
            runner = PeakMemoryRunner(store, url, limits, metrics.record_run)
            for name in names:
                began = time.monotonic()
                life.outcomes.append((name, runner.run(known[name])))
                life.add(name, time.monotonic() - began, runner.peak)
                if name == "report":
                    life.compared.append(len(past))
            metrics.text()
    gc.collect()
    life.add("daemon", 0.0, resident_bytes(os.getpid()))
    sys.stderr.write(f"day {day}: {life.memory['daemon'][-1] / 1e6:.0f} MB\n")


def _health(store: Store, configured: settings.Settings) -> list[sources.SourceHealth]:
    return sources.source_health(store, configured.secrets, configured.addresses)


def _world(days: int) -> DemoWorld:
    """The bundled month's providers for so many days, with an outage of theirs every two days."""
    whole = plan.read_plan()
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    span = Span(end - days * DAY, end)
    shifted = []
    for number in range(days // 2):
        outage = whole.outages[number % len(whole.outages)]
        start = span.start + (2 * number + 1) * DAY + timedelta(hours=number % 20)
        span_of_copy = Span(start, start + (outage.span.end - outage.span.start))
        shifted.append(replace(outage, span=span_of_copy, title=f"{outage.title} ({number})"))
    nowhere = Span(span.start - DAY, span.start - DAY)
    ended = tuple(o for o in shifted if o.span.end + DAY < span.end)
    return make_world(replace(whole, span=span, gap=nowhere, board_gap=nowhere, outages=ended))


@contextmanager
def _environment(folder: Path, providers: list[str]) -> Iterator[Path]:
    """Set the settings of all that runs meanwhile; yield the file of the clock.

    Only the simulated pages of `providers` are requested.
    """
    config, clock = folder / "config.toml", folder / "clock"
    values: Mapping[str, object] = {
        "sources": list(SOURCES), "providers": providers, "retention_days": RETENTION_DAYS,
        "backups_kept": 2,
        "report_folder": str(folder / "reports"), "backup_folder": str(folder / "backups"),
        "key_file": str(folder / "key"), "cache_folder": str(folder / "cache"),
        "subscribers": str(folder / "none.yaml"),
    }  # fmt: skip
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    variables = {"SHRUG_CONFIG": str(config), "TEST_CLOCK": str(clock), "PYTHONPATH": str(CLOCK)}
    with mock.patch.dict(os.environ, {**variables, "no_proxy": "127.0.0.1"}):
        yield clock


@contextmanager
def _time_travel(clock: Path, start: datetime) -> Iterator[Travel]:
    """Yield a function that sets the clock of this process and of its children."""
    with time_machine.travel(start, tick=True) as traveller:

        def to(instant: datetime) -> None:
            true = time_machine.escape_hatch.time.time()
            clock.write_text(str(instant.timestamp() - true))
            traveller.move_to(instant)

        yield to


def thirds(values: list[float] | list[int]) -> tuple[float, float]:
    """Return the medians of the second and of the last third; the first third warms up."""
    part = max(1, len(values) // 3)
    return statistics.median(values[part : 2 * part]), statistics.median(values[-part:])


def _rows(life: SoakResult) -> Iterator[str]:
    for name in ("daemon", *DAILY, *WEEKLY):
        memory, seconds = thirds(life.memory[name]), thirds(life.seconds[name])
        peaks = " | ".join(f"{value / 1e6:.0f} MB" for value in memory)
        took = " | ".join(f"{value:.1f} s" if name != "daemon" else "" for value in seconds)
        yield f"| {name} | {len(life.memory[name])} | {peaks} | {took} |"


def _each(life: SoakResult) -> str:
    """Return the seconds of a report for each outage that it compares, all included."""
    each = [s / n for s, n in zip(life.seconds["report"], life.compared, strict=True)]
    return " and ".join(f"{value:.2f} s" for value in thirds(each)) + " each"


def _page(life: SoakResult, days: int) -> str:
    compared = thirds(life.compared)
    ill = sorted({pair for pair in life.outcomes if pair[1] not in {"done", "partly"}})
    return "\n".join(
        [
            f"# {days} days\n",
            f"`make soak`, on {os.cpu_count()} cores ({platform.machine()}), Python "
            f"{platform.python_version()}: {days} simulated days, each job as the daemon runs it. "
            f"{life.posts:,} of {life.published:,} posts that the simulated servers published are "
            f"in the store, {life.outages} outages, {life.wrong_counts} hours whose counts differ "
            f"from a recount; {len(life.outcomes)} runs of jobs, failed: {ill or 'none'}. Text is "
            f"deleted after {RETENTION_DAYS} days. (A crawl is partly done where a status page is "
            "simulated on another platform than the real one.)\n",
            "Medians of the second and of the last third of the time: memory at most (the daemon's "
            "own: at the end of each day), and seconds.\n",
            "| job | runs | memory, second third | last third | time, second third | last third |",
            "|---|---|---|---|---|---|",
            *_rows(life),
            "",
            f"A report compares all outages of the year before it: {compared[0]:.0f}, then "
            f"{compared[1]:.0f}, at {_each(life)}. It grows for a year, with the outages, and not "
            "with the archive.\n",
        ]
    )


def main() -> None:
    """Live through the days and write docs/soak.md."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else DAYS
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(_page(live(days, Path(folder)), days), encoding="utf-8")


if __name__ == "__main__":
    main()
