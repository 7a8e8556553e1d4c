"""The daemon itself: holds the lease, keeps the schedule, ends in good order."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from db.core.engine import Store
from db.core.errors import BadInput, ShrugError
from db.ops import jobs as runs
from shrug.daemon.clock import Clock
from shrug.daemon.jobs import Job, jobs
from shrug.daemon.lease import BEAT, Holder
from shrug.daemon.metrics import Metrics
from shrug.daemon.runner import Limits, Runner
from shrug.daemon.server import Served, application
from shrug.health import sources
from shrug.settings import Settings

LOG = logging.getLogger(__name__)
MEGABYTE = 1_000_000
# The one runner of this process: jobs that are kept in a store know it by name only.
_RUNNER: "dict[str, tuple[Runner, Job]]" = {}


def run_job(name: str) -> None:
    """Run a job by its name; one that the configuration no longer has does nothing."""
    found = _RUNNER.get(name)
    if found:
        found[0].run(found[1])


class Daemon:
    """Runs until it is told to end. read: gives the settings, again at each SIGHUP."""

    def __init__(self, store: Store, database: str, read: Callable[[], Settings]) -> None:
        self._read = read
        self._settings = read()
        self._holder = Holder(store)
        self._told_to = threading.Event()
        self._reload = threading.Event()
        self._beaten = time.monotonic()
        self._clock = Clock()
        s = self._settings
        self._metrics = Metrics(store, self._health, lambda: datetime.now(UTC))
        limits = Limits(s.job_minutes * 60, s.job_memory_mb * MEGABYTE)
        self._runner = Runner(store, database, limits, self._metrics.told)
        self._scheduler = _scheduler(store, database)
        self._store = store

    def run(self) -> int:
        """Keep the schedule until SIGTERM or SIGINT; gives the exit code."""
        self._holder.take()
        try:
            self._hear()
            self._begin()
            return self._keep()
        finally:
            self._end()

    def _hear(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._told_to.set())
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._hear_again)

    def _hear_again(self, *_: object) -> None:
        self._reload.set()
        self._told_to.set()

    def _begin(self) -> None:
        self._scheduler.start(paused=True)
        self._settle()
        self._make_up()
        self._scheduler.resume()
        s = self._settings
        served = application(self._metrics, self._unhealthy, self._unready)
        self._served = Served(served, s.daemon_host, s.daemon_port)
        if s.daemon_port:
            self._served.start()
        LOG.info("the daemon keeps the store: %s", ", ".join(sorted(_RUNNER)))

    def _keep(self) -> int:
        while True:
            self._told_to.wait(BEAT.total_seconds())
            if self._reload.is_set():
                self._reload.clear()
                self._told_to.clear()
                self._again()
            elif self._told_to.is_set():
                return 0
            if self._clock.jumped():
                self._after_jump()
            if not self._beat():
                LOG.error("another daemon has taken over this store: this one ends")
                return 1

    def _beat(self) -> bool:
        try:
            held = self._holder.beat()
        except ShrugError as error:
            LOG.warning("%s", error)
            return True
        self._beaten = time.monotonic()
        return held

    def _again(self) -> None:
        """The configuration anew; a bad one is told, and the old one stays."""
        try:
            self._settings = self._read()
        except (BadInput, ShrugError) as error:
            LOG.warning("the configuration stays as it was: %s", error)
            return
        s = self._settings
        self._runner.limits = Limits(s.job_minutes * 60, s.job_memory_mb * MEGABYTE)
        self._settle()
        LOG.info("the configuration was read again: %s", ", ".join(sorted(_RUNNER)))

    def _settle(self) -> None:
        """Jobs as the configuration has them; one that is unchanged keeps when it is due."""
        wanted = {job.name: job for job in jobs(self._settings)}
        _RUNNER.clear()
        _RUNNER.update({name: (self._runner, job) for name, job in wanted.items()})
        for known in self._scheduler.get_jobs():
            if known.id not in wanted:
                known.remove()
        for name, job in wanted.items():
            known = self._scheduler.get_job(name)
            trigger = _trigger(job)
            if known is None or str(known.trigger) != str(trigger):
                # What goes by the minute begins at once; a time of the week is waited for.
                at = datetime.now(UTC) + timedelta(seconds=job.later)
                first = {} if job.cron else {"next_run_time": at}
                self._scheduler.add_job(
                    run_job, trigger, args=[name], id=name, replace_existing=True, **first
                )

    def _make_up(self) -> None:
        """What was broken off, by a kill or by the end of the last daemon, is due at once; and
        nothing is due later than its turn, whatever the clock was when it was put down."""
        now = datetime.now(UTC)
        try:
            with self._store.reading() as connection:
                broken = {run.job for run in runs.latest(connection) if not run.whole}
            broken -= self._runner.running
        except ShrugError as error:
            LOG.warning("what was broken off is not known: %s", error)
            broken = set()
        for due in self._scheduler.get_jobs():
            turn = timedelta(seconds=_RUNNER[due.id][1].longest)
            if due.id in broken or due.next_run_time > now + turn:
                LOG.info("job %s is due at once", due.id)
                due.modify(next_run_time=now)

    def _after_jump(self) -> None:
        LOG.warning("the clock has jumped, or this machine slept: what is due is looked at anew")
        self._make_up()
        self._scheduler.wakeup()

    def _end(self) -> None:
        began = time.monotonic()
        if self._scheduler.running:
            self._scheduler.pause()
        self._runner.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if hasattr(self, "_served"):
            self._served.stop()
        try:
            self._holder.give_back()
        except ShrugError as error:
            LOG.warning("%s", error)
        LOG.info("the daemon has ended, in %.1f s", time.monotonic() - began)

    def _health(self) -> list[sources.Health]:
        s = self._settings
        return sources.sources(self._store, s.secrets, s.addresses)

    def _unhealthy(self) -> str | None:
        silent = time.monotonic() - self._beaten
        return f"no heartbeat for {silent:.0f} s" if silent > 3 * BEAT.total_seconds() else None

    def _unready(self) -> str | None:
        try:
            with self._store.reading() as connection:
                connection.exec_driver_sql("select 1")
        except ShrugError as error:
            return str(error)
        return self._unhealthy()


def _scheduler(store: Store, database: str) -> BackgroundScheduler:
    """A scheduler whose jobs are kept beside the store, so that what was missed is made up for.

    What was missed several times is run once; a job that still runs is not begun again.
    """
    url = f"sqlite:///{store.file}.jobs" if store.file else database
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=url)},
        executors={"default": ThreadPoolExecutor(8)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )


def _trigger(job: Job) -> Any:
    if job.cron:
        return CronTrigger(**job.cron)
    return IntervalTrigger(seconds=job.every, jitter=job.jitter, timezone=UTC)
