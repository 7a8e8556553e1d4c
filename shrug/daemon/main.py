"""The daemon: it holds the lease, runs jobs on their schedule, and ends in good order."""

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
from shrug.daemon.clock import ClockJumpDetector
from shrug.daemon.jobs import Job, planned_jobs
from shrug.daemon.lease import HEARTBEAT, DaemonLease
from shrug.daemon.metrics import Metrics
from shrug.daemon.runner import Limits, Runner
from shrug.daemon.server import BackgroundServer, application
from shrug.health import sources
from shrug.settings import Settings

LOG = logging.getLogger(__name__)
MEGABYTE = 1_000_000
# Jobs by name, with their runner: APScheduler stores only the name.
_JOBS: "dict[str, tuple[Runner, Job]]" = {}


def run_job(name: str) -> None:
    """Run a job by its name; do nothing if the configuration no longer has it."""
    if name in _JOBS:
        runner, job = _JOBS[name]
        runner.run(job)


class Daemon:
    """One daemon on one store. read_settings: called at the start and at each SIGHUP."""

    def __init__(self, store: Store, database: str, read_settings: Callable[[], Settings]) -> None:
        self._read_settings = read_settings
        self._settings = read_settings()
        self._lease = DaemonLease(store)
        self._wake = threading.Event()
        self._reload_requested = threading.Event()
        self._last_heartbeat = time.monotonic()
        self._clock_jumps = ClockJumpDetector()
        s = self._settings
        self._metrics = Metrics(store, self._source_health)
        limits = Limits(s.job_minutes * 60, s.job_memory_mb * MEGABYTE)
        self._runner = Runner(store, database, limits, self._metrics.record_run)
        self._scheduler = _scheduler(store, database)
        self._store = store

    def run(self) -> int:
        """Run jobs on schedule until SIGTERM or SIGINT; return the exit code."""
        self._lease.acquire()
        try:
            self._handle_signals()
            self._start()
            return self._run_until_stopped()
        finally:
            self._shut_down()

    def _handle_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._wake.set())
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._request_reload)

    def _request_reload(self, *_: object) -> None:
        self._reload_requested.set()
        self._wake.set()

    def _start(self) -> None:
        self._scheduler.start(paused=True)
        self._schedule_jobs()
        self._run_overdue_jobs()
        self._scheduler.resume()
        s = self._settings
        app = application(self._metrics, self._health_problem, self._readiness_problem)
        self._server = BackgroundServer(app, s.daemon_host, s.daemon_port)
        if s.daemon_port:
            self._server.start()
        LOG.info("the daemon keeps the store: %s", ", ".join(sorted(_JOBS)))

    def _run_until_stopped(self) -> int:
        while True:
            self._wake.wait(HEARTBEAT.total_seconds())
            if self._reload_requested.is_set():
                self._reload_requested.clear()
                self._wake.clear()
                self._reload_settings()
            elif self._wake.is_set():
                return 0
            if self._clock_jumps.has_jumped():
                self._handle_clock_jump()
            if not self._renew_lease():
                LOG.error("another daemon has taken over this store: this one ends")
                return 1

    def _renew_lease(self) -> bool:
        try:
            renewed = self._lease.renew()
        except ShrugError as error:
            LOG.warning("%s", error)
            return True
        self._last_heartbeat = time.monotonic()
        return renewed

    def _reload_settings(self) -> None:
        """Read the configuration again; if it is bad, log that and keep the old one."""
        try:
            self._settings = self._read_settings()
        except (BadInput, ShrugError) as error:
            LOG.warning("the configuration stays as it was: %s", error)
            return
        s = self._settings
        self._runner.limits = Limits(s.job_minutes * 60, s.job_memory_mb * MEGABYTE)
        self._schedule_jobs()
        LOG.info("the configuration was read again: %s", ", ".join(sorted(_JOBS)))

    def _schedule_jobs(self) -> None:
        """Schedule the jobs of the configuration; an unchanged job stays due when it was."""
        planned = {job.name: job for job in planned_jobs(self._settings)}
        _JOBS.clear()
        _JOBS.update({name: (self._runner, job) for name, job in planned.items()})
        for known in self._scheduler.get_jobs():
            if known.id not in planned:
                known.remove()
        for name, job in planned.items():
            known = self._scheduler.get_job(name)
            trigger = _trigger(job)
            if known is None or str(known.trigger) != str(trigger):
                # A job with an interval begins at once, one with a time of the week waits for it.
                at = datetime.now(UTC) + timedelta(seconds=job.delay_seconds)
                first = {} if job.cron else {"next_run_time": at}
                self._scheduler.add_job(
                    run_job, trigger, args=[name], id=name, replace_existing=True, **first
                )

    def _run_overdue_jobs(self) -> None:
        """Make interrupted jobs due at once, and no job later than one interval from now.

        The clock may have been wrong when a job was scheduled.
        """
        now = datetime.now(UTC)
        try:
            with self._store.reading() as connection:
                interrupted = {run.job for run in runs.latest(connection) if not run.is_complete}
            interrupted -= self._runner.running
        except ShrugError as error:
            LOG.warning("what was broken off is not known: %s", error)
            interrupted = set()
        for due in self._scheduler.get_jobs():
            turn = timedelta(seconds=_JOBS[due.id][1].longest_wait_seconds)
            if due.id in interrupted or due.next_run_time > now + turn:
                LOG.info("job %s is due at once", due.id)
                due.modify(next_run_time=now)

    def _handle_clock_jump(self) -> None:
        LOG.warning("the clock has jumped, or this machine slept: what is due is looked at anew")
        self._run_overdue_jobs()
        self._scheduler.wakeup()

    def _shut_down(self) -> None:
        began = time.monotonic()
        if self._scheduler.running:
            self._scheduler.pause()
        self._runner.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if hasattr(self, "_server"):
            self._server.stop()
        try:
            self._lease.release()
        except ShrugError as error:
            LOG.warning("%s", error)
        LOG.info("the daemon has ended, in %.1f s", time.monotonic() - began)

    def _source_health(self) -> list[sources.SourceHealth]:
        s = self._settings
        return sources.source_health(self._store, s.secrets, s.addresses)

    def _health_problem(self) -> str | None:
        silent = time.monotonic() - self._last_heartbeat
        return (
            f"no heartbeat for {silent:.0f} s" if silent > 3 * HEARTBEAT.total_seconds() else None
        )

    def _readiness_problem(self) -> str | None:
        try:
            with self._store.reading() as connection:
                connection.exec_driver_sql("select 1")
        except ShrugError as error:
            return str(error)
        return self._health_problem()


def _scheduler(store: Store, database: str) -> BackgroundScheduler:
    """Return a scheduler that stores its jobs, so that a job missed while it was down still runs.

    A job missed several times runs once; a job that still runs is not started again.
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
    return IntervalTrigger(seconds=job.interval_seconds, jitter=job.jitter_seconds, timezone=UTC)
