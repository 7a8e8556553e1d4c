"""Commands in processes of their own, with injected faults such as a kill or a full disk.

Each process is forked from one that has imported everything already.
"""

import contextlib
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import time_machine
from scrapy import Request
from sqlalchemy import Engine, Pool, event

from tests.waiting import MAX_WAIT_SECONDS

# Time after which responses that never end are given up.
HOPELESS_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a command.

    kill_at_commit: the commit at which -9 comes, `when`: before or after it. free_pages: by which
    the store may grow. busy_seconds: to wait for a lock. endless_paths: whose responses never end,
    and are given up after a second. no_retries: send each request once. clock_ahead_seconds: skew
    of the clock. max_file_bytes: limit on a file (EFBIG). max_requests: of a query in one crawl.
    idle_seconds: without a frame, after which a stream ends.
    """

    kill_at_commit: int = 0
    when: Literal["before", "after"] = "after"
    free_pages: int | None = None
    busy_seconds: float = MAX_WAIT_SECONDS
    endless_paths: frozenset[str] = frozenset()
    no_retries: bool = False
    clock_ahead_seconds: float = 0
    max_file_bytes: int | None = None
    max_requests: int | None = None
    idle_seconds: float = MAX_WAIT_SECONDS


@dataclass(frozen=True, slots=True)
class CommandResult:
    """code: exit code (-9: killed). output: stdout and stderr. cpu_seconds: of all its threads."""

    code: int
    output: str
    peak_bytes: int
    cpu_seconds: float


@contextmanager
def started(*arguments: object, fault: Fault | None = None) -> Iterator[BaseProcess]:
    """Start a shrug command, without its output; kill it at the end of the block."""
    process = _process(arguments, fault, Path(os.devnull), Path(os.devnull))
    try:
        yield process
    finally:
        process.kill()
        process.join()


def run(*arguments: object, fault: Fault | None = None, **environ: str) -> CommandResult:
    """Run a shrug command to its end or its fault. environ: additional environment variables."""
    with TemporaryDirectory() as folder:
        said, cost = Path(folder) / "said", Path(folder) / "cost"
        process = _process(arguments, fault, said, cost, **environ)
        process.join(MAX_WAIT_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{arguments} did not end: {said.read_text(errors='replace')}")
        peak, seconds = cost.read_text().split() if cost.exists() else ("0", "0")
        text = said.read_text(errors="replace")
        return CommandResult(process.exitcode, text, int(peak), float(seconds))


def _process(
    arguments: tuple[object, ...], fault: Fault | None, said: Path, cost: Path, **environ: str
) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes", "tests.warmed"])
    command = [str(a) for a in arguments]
    child_arguments = (command, fault or Fault(), said, cost, {**os.environ, **environ})
    process = context.Process(target=_child, args=child_arguments)
    process.start()
    return process


def _child(
    command: list[str], fault: Fault, said: Path, cost: Path, environ: dict[str, str]
) -> None:
    os.environ.clear()
    os.environ.update(environ)
    to = os.open(said, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(to, stream)
    _prepare(fault)
    from shrug.cli import main

    code = 0
    try:
        main(command)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    cost.write_text(f"{_peak_bytes()} {time.process_time()}")
    os._exit(code)


def _peak_bytes() -> int:
    """The peak memory of this process: macOS counts bytes, others KiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _prepare(fault: Fault) -> None:
    if fault.clock_ahead_seconds:
        time_machine.travel(time.time() + fault.clock_ahead_seconds, tick=True).start()
    if fault.max_file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.max_file_bytes, fault.max_file_bytes))
    if fault.kill_at_commit:
        _kill_at(fault.kill_at_commit, fault.when)
    if fault.free_pages is not None:
        _fill_up(fault.free_pages)
    _be_patient(fault)
    if fault.max_requests is not None:
        import crawler.spiders.base

        crawler.spiders.base.MAX_REQUESTS = fault.max_requests


def _be_patient(fault: Fault) -> None:
    """Raise the time limits, so that a slow machine fails no test."""
    import crawler.jetstream
    import crawler.settings
    import db.core.engine

    crawler.jetstream.IDLE_SECONDS = fault.idle_seconds
    db.core.engine.BUSY_SECONDS = fault.busy_seconds  # type: ignore[assignment]
    crawler.settings.DOWNLOAD_TIMEOUT = MAX_WAIT_SECONDS
    if fault.no_retries:
        crawler.settings.RETRY_TIMES = 0
    if fault.endless_paths:
        HopelessMiddleware.paths = fault.endless_paths
        crawler.settings.DOWNLOADER_MIDDLEWARES[f"{__name__}.HopelessMiddleware"] = 300


class HopelessMiddleware:
    """Gives up the responses of some paths soon."""

    paths: ClassVar[frozenset[str]] = frozenset()

    def process_request(self, request: Request) -> None:
        if urlsplit(request.url).path in self.paths:
            request.meta["download_timeout"] = HOPELESS_SECONDS


def _kill_at(number: int, when: str) -> None:
    done = 0

    def commit(_connection: Any) -> None:
        nonlocal done
        done += 1
        if when == "before" and done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_checkin(*_: Any) -> None:
        if when == "after" and done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", commit)
    event.listen(Pool, "checkin", on_checkin)


def _fill_up(pages: int) -> None:
    """Let a store grow by some pages, then fail with SQLITE_FULL, as a full disk does."""

    def connected(connection: Any, _: Any) -> None:
        with contextlib.closing(connection.cursor()) as cursor:
            (now,) = cursor.execute("pragma page_count").fetchone()
            cursor.execute(f"pragma max_page_count={now + pages}")

    event.listen(Engine, "connect", connected)
