"""Running jobs: each in a child, with a time and a memory limit, never two of one at once."""

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
# How often a child is looked at, and how long it may take to end when it is asked to.
LOOK_SECONDS, GRACE_SECONDS = 0.2, 7.0
LONGEST_LINE = 2000
CODES = {0: "done", 1: "partly"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may take: seconds, and bytes of memory that are resident."""

    seconds: float
    memory: int


@dataclass
class Runner:
    """Starts jobs' commands as children of this process, and ends them with it.

    told hears the job, its outcome and its seconds after each run.
    """

    store: Store
    database: str
    limits: Limits
    told: Callable[[str, str, float], None] = lambda _job, _outcome, _seconds: None
    _children: "dict[str, subprocess.Popen[str]]" = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job) -> str:
        """Run a job to its end; gives its outcome. One that still runs is refused."""
        with self._guard:
            if job.name in self._children or self._stopping.is_set():
                return "refused"
            child = self._start(job)
            self._children[job.name] = child
        began = time.monotonic()
        try:
            id_ = self._begun(job)
            reader = threading.Thread(target=_log, args=(job.name, child), daemon=True)
            reader.start()
            outcome = self._wait(child, began)
            reader.join(timeout=1)
            self._ended(id_, outcome)
        finally:
            with self._guard:
                del self._children[job.name]
        seconds = time.monotonic() - began
        level = logging.INFO if outcome in {"done", runs.ENDED} else logging.WARNING
        LOG.log(level, "job %s: %s after %.1f s", job.name, outcome, seconds)
        self.told(job.name, outcome, seconds)
        return outcome

    @property
    def running(self) -> set[str]:
        """The jobs that run now."""
        with self._guard:
            return set(self._children)

    def stop(self) -> None:
        """Ask every child to end, and end those that do not."""
        self._stopping.set()
        with self._guard:
            children = list(self._children.values())
        for child in children:
            child.terminate()
        ends = time.monotonic() + GRACE_SECONDS
        for child in children:
            try:
                child.wait(max(0.0, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _start(self, job: Job) -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "SHRUG_DATABASE_URL": self.database,
            "SHRUG_DAEMON_PID": str(os.getpid()),
        }
        return subprocess.Popen(  # noqa: S603 - our own commands
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
                code = child.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() - began > self.limits.seconds:
                    return _kill(child, "timeout")
                if resident_bytes(child.pid) > self.limits.memory:
                    return _kill(child, "memory")
                continue
            if self._stopping.is_set() and code:
                return runs.ENDED
            return CODES.get(code, "failed")

    def _begun(self, job: Job) -> int | None:
        try:
            with self.store.writing() as connection:
                return runs.begin(connection, job.name, datetime.now(UTC))
        except ShrugError as error:
            LOG.warning("job %s: its run is not written down: %s", job.name, error)
            return None

    def _ended(self, id_: int | None, outcome: str) -> None:
        if id_ is None:
            return
        try:
            with self.store.writing() as connection:
                runs.end(connection, id_, datetime.now(UTC), outcome)
        except ShrugError as error:
            LOG.warning("what a run came to is not written down: %s", error)


def _kill(child: "subprocess.Popen[str]", why: str) -> str:
    """End a child that takes too much: asked first, so that it stores the page at hand."""
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    return why


def resident_bytes(pid: int) -> int:
    """The resident memory of a process in bytes; 0 if the process is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _log(name: str, child: "subprocess.Popen[str]") -> None:
    """What a child says, line by line."""
    for line in child.stdout or ():
        if text := line.strip():
            LOG.info("%s: %s", name, text[:LONGEST_LINE])
