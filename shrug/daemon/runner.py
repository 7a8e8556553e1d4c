"""Running of jobs: each in a child process, with limits of time and memory, one run at a time."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psutil

from db.core.engine import Store
from db.core.errors import ShrugError
from db.ops import jobs as runs
from shrug.daemon.jobs import Job

LOG = logging.getLogger(__name__)
# How often a child is checked, and how long it may take to end after SIGTERM.
POLL_SECONDS, GRACE_SECONDS = 0.2, 7.0
MAX_LINE_LENGTH = 2000
OUTCOMES = {0: "done", 1: "partly"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may use: seconds, and bytes of resident memory."""

    seconds: float
    memory: int


@dataclass
class Runner:
    """Runs the commands of jobs as children of this process, and ends them with it.

    on_end: called after each run with the job's name, its outcome and its seconds.
    """

    store: Store
    database: str
    limits: Limits
    on_end: Callable[[str, str, float], None] = lambda _job, _outcome, _seconds: None
    _children: "dict[str, subprocess.Popen[str]]" = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job) -> str:
        """Run a job to its end and return its outcome; refuse it if it still runs."""
        with self._lock:
            if job.name in self._children or self._stopping.is_set():
                return "refused"
            child = self._start(job)
            self._children[job.name] = child
        began = time.monotonic()
        try:
            id_ = self._record_start(job)
            reader = threading.Thread(target=_log_output, args=(job.name, child), daemon=True)
            reader.start()
            outcome = self._wait(child, began)
            reader.join(timeout=1)
            self._record_end(id_, outcome)
        finally:
            with self._lock:
                del self._children[job.name]
        seconds = time.monotonic() - began
        level = logging.INFO if outcome in {"done", runs.ENDED_WITH_DAEMON} else logging.WARNING
        LOG.log(level, "job %s: %s after %.1f s", job.name, outcome, seconds)
        self.on_end(job.name, outcome, seconds)
        return outcome

    @property
    def running(self) -> set[str]:
        """The names of the jobs that run now."""
        with self._lock:
            return set(self._children)

    def stop(self) -> None:
        """End every child: with SIGTERM, then with SIGKILL after GRACE_SECONDS."""
        self._stopping.set()
        with self._lock:
            children = list(self._children.values())
        for child in children:
            child.terminate()
        ends = time.monotonic() + GRACE_SECONDS
        for child in children:
            _wait_or_kill(child, max(0.0, ends - time.monotonic()))

    def _start(self, job: Job) -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "SHRUG_DATABASE_URL": self.database,
            "SHRUG_DAEMON_PID": str(os.getpid()),
        }
        return subprocess.Popen(  # noqa: S603 - shrug's own commands
            [sys.executable, "-m", "shrug.cli.child", *job.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )

    def _wait(self, child: "subprocess.Popen[str]", began: float) -> str:
        while True:
            try:
                code = child.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() - began > self.limits.seconds:
                    return _end(child, "timeout")
                if resident_bytes(child.pid) > self.limits.memory:
                    return _end(child, "memory")
                continue
            if self._stopping.is_set() and code:
                return runs.ENDED_WITH_DAEMON
            return OUTCOMES.get(code, "failed")

    def _record_start(self, job: Job) -> int | None:
        try:
            with self.store.writing() as connection:
                return runs.begin(connection, job.name, datetime.now(UTC))
        except ShrugError as error:
            LOG.warning("job %s: its start was not recorded: %s", job.name, error)
            return None

    def _record_end(self, id_: int | None, outcome: str) -> None:
        if id_ is None:
            return
        try:
            with self.store.writing() as connection:
                runs.end(connection, id_, datetime.now(UTC), outcome)
        except ShrugError as error:
            LOG.warning("the outcome of a run was not recorded: %s", error)


def _end(child: "subprocess.Popen[str]", why: str) -> str:
    """End a child that exceeds a limit: with SIGTERM first, so that it stores its page."""
    child.terminate()
    _wait_or_kill(child, GRACE_SECONDS)
    return why


def _wait_or_kill(child: "subprocess.Popen[str]", seconds: float) -> None:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def resident_bytes(pid: int) -> int:
    """The resident memory of a process in bytes; 0 if the process is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _log_output(name: str, child: "subprocess.Popen[str]") -> None:
    for line in child.stdout or ():
        if text := line.strip():
            LOG.info("%s: %s", name, text[:MAX_LINE_LENGTH])
