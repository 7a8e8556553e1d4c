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
from shrug.daemon.jobs import Job, jobs
from shrug.daemon.metrics import Metrics
from shrug.daemon.runner import Limits, Runner, resident_bytes
from shrug.demo import plan, server
from shrug.demo.world import World, make
from shrug.health import sources
from shrug.store.bootstrap import opened
from shrug.store.integrity import verify

PAGE = Path(__file__).parents[1] / "docs" / "soak.md"
CLOCK = Path(__file__).parents[1] / "tests" / "clock"
DAYS, WEEK, DAY = 90, 7, timedelta(days=1)
LOOK_SECONDS = 0.02
POSTS = ("hackernews", "mastodon")
SOURCES = (*POSTS, "statuspage")
DAILY, WEEKLY = ("crawl", "score", "suggest", "watch"), ("report", "verify", "retention", "backup")
RETENTION_DAYS = 30
Travel = Callable[[datetime], None]


@dataclass
class Life:
    """What was seen day by day: bytes and seconds of each job, bytes of the daemon itself."""

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
class Watched(Runner):
    """A runner that looks at what its children hold at most."""

    peak: int = 0

    def _start(self, job: Job) -> "Popen[str]":
        child = super()._start(job)
        self.peak = 0
        threading.Thread(target=self._look, args=(child,), daemon=True).start()
        return child

    def _look(self, child: "Popen[str]") -> None:
        while child.poll() is None:
            self.peak = max(self.peak, peak_bytes(child.pid))
            time.sleep(LOOK_SECONDS)


def live(days: int, folder: Path, week: int = WEEK) -> Life:
    """Live through so many days that end now; week: days after which the weekly jobs run."""
    life, world = Life(), _world(days)
    providers, start = [p.key for p in world.plan.providers], world.plan.span.start
    with _surroundings(folder, providers) as clock, _travelling(clock, start) as travel:
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        with opened(url) as store:
            for day in range(1, days + 1):
                travel(start + day * DAY)
                names = (*DAILY, *(WEEKLY if day % week == 0 else ()))
                _day(day, names, world, store, url, life)
            life.published = sum(post.source in POSTS for post in world.posts)
            with store.reading() as connection:
                life.posts = sum(
                    queries.total(connection, s, start - DAY, start + days * DAY) for s in POSTS
                )
                life.outages = len(outages.read(connection))
            life.wrong_counts = verify(store, fix=False).wrong
    return life


def _day(day: int, names: Sequence[str], world: World, store: Store, url: str, life: Life) -> None:
    """One day: its jobs, and a look at what Prometheus reads."""
    now = world.plan.span.start + day * DAY
    past = tuple(o for o in world.plan.outages if o.span.end < now)
    with server.serving(replace(world, plan=replace(world.plan, outages=past))) as addresses:
        shown = {k: v for k, v in addresses.items() if k.partition(":")[0] in SOURCES}
        with mock.patch.dict(os.environ, SHRUG_ADDRESSES=json.dumps(shown)):
            found = settings.read()
            known = {job.name: job for job in jobs(found)}
            # Servers of one's own need no pause.
            command = (*known["crawl"].command, "--delay", "0")
            known["crawl"] = replace(known["crawl"], command=command)
            metrics = Metrics(store, lambda: _health(store, found), lambda: datetime.now(UTC))
            limits = Limits(found.job_minutes * 60, found.job_memory_mb * 1_000_000)
            runner = Watched(store, url, limits, metrics.told)
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


def _health(store: Store, found: settings.Settings) -> list[sources.Health]:
    return sources.sources(store, found.secrets, found.addresses)


def _world(days: int) -> World:
    """The bundled month's providers for so many days, with an outage of theirs every two days."""
    whole = plan.plan()
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    span = Span(end - days * DAY, end)
    shifted = []
    for number in range(days // 2):
        outage = whole.outages[number % len(whole.outages)]
        start = span.start + (2 * number + 1) * DAY + timedelta(hours=number % 20)
        own = Span(start, start + (outage.span.end - outage.span.start))
        shifted.append(replace(outage, span=own, title=f"{outage.title} ({number})"))
    nowhere = Span(span.start - DAY, span.start - DAY)
    kept = tuple(o for o in shifted if o.span.end + DAY < span.end)
    return make(replace(whole, span=span, gap=nowhere, board_gap=nowhere, outages=kept))


@contextmanager
def _surroundings(folder: Path, providers: list[str]) -> Iterator[Path]:
    """Settings of its own for all that runs meanwhile; gives the file of the clock. Nobody's page
    is asked but those of `providers`, which are simulated."""
    config, clock = folder / "config.toml", folder / "clock"
    told: Mapping[str, object] = {
        "sources": list(SOURCES), "providers": providers, "retention_days": RETENTION_DAYS,
        "backups_kept": 2,
        "report_folder": str(folder / "reports"), "backup_folder": str(folder / "backups"),
        "key_file": str(folder / "key"), "cache_folder": str(folder / "cache"),
        "subscribers": str(folder / "none.yaml"),
    }  # fmt: skip
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items()))
    own = {"SHRUG_CONFIG": str(config), "TEST_CLOCK": str(clock), "PYTHONPATH": str(CLOCK)}
    with mock.patch.dict(os.environ, {**own, "no_proxy": "127.0.0.1"}):
        yield clock


@contextmanager
def _travelling(clock: Path, start: datetime) -> Iterator[Travel]:
    """Moves the clock of this process and of all its children."""
    with time_machine.travel(start, tick=True) as traveller:

        def to(instant: datetime) -> None:
            true = time_machine.escape_hatch.time.time()
            clock.write_text(str(instant.timestamp() - true))
            traveller.move_to(instant)

        yield to


def thirds(values: list[float] | list[int]) -> tuple[float, float]:
    """Medians of the second and of the last third: the first one fills what is filled once."""
    part = max(1, len(values) // 3)
    return statistics.median(values[part : 2 * part]), statistics.median(values[-part:])


def _rows(life: Life) -> Iterator[str]:
    for name in ("daemon", *DAILY, *WEEKLY):
        memory, seconds = thirds(life.memory[name]), thirds(life.seconds[name])
        held = " | ".join(f"{value / 1e6:.0f} MB" for value in memory)
        took = " | ".join(f"{value:.1f} s" if name != "daemon" else "" for value in seconds)
        yield f"| {name} | {len(life.memory[name])} | {held} | {took} |"


def _each(life: Life) -> str:
    """Seconds of a report for each outage that it compares, start and drawing included."""
    each = [s / n for s, n in zip(life.seconds["report"], life.compared, strict=True)]
    return " and ".join(f"{value:.2f} s" for value in thirds(each)) + " each"


def _page(life: Life, days: int) -> str:
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
    days = int(sys.argv[1]) if len(sys.argv) > 1 else DAYS
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(_page(live(days, Path(folder)), days), encoding="utf-8")


if __name__ == "__main__":
    main()
