"""Executors for batches of work: threads of this process, or the workers of a Dask cluster."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache, partial
from typing import Any, TypeVar

from db.core.errors import BadInput, ShrugError
from db.core.extras import require_extra

Task = TypeVar("Task")
Result = TypeVar("Result")
Context = TypeVar("Context")
# Several for each core of a large cluster, few enough for any memory.
MAX_SUBMITTED = 256
LOCAL = "local"
CONNECT_TIMEOUT_SECONDS = 20


def map_unordered(
    executor: Executor | None,
    function: Callable[[Context, Task], Result],
    context: Context,
    tasks: Iterable[Task],
    max_submitted: int = MAX_SUBMITTED,
) -> Iterator[tuple[Task, Result]]:
    """Yield each task with `function(context, task)`, as soon as that is done.

    At most `max_submitted` tasks are submitted at a time; without an executor each is done in its
    turn. The function must return the same wherever, and however often, it runs.
    """
    if executor is None:
        yield from ((task, function(context, task)) for task in tasks)
        return
    call: Callable[[Task], Result] = partial(function, context)
    if not isinstance(executor, ThreadPoolExecutor):
        call = partial(_call, function, pickle.dumps(context))
    running: dict[Future[Result], Task] = {}
    try:
        for task in tasks:
            running[executor.submit(call, task)] = task
            seconds = 0 if len(running) < max_submitted else None
            for future in wait(running, seconds, FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
        for future in as_completed(running):
            yield running.pop(future), future.result()
    finally:
        for future in running:
            future.cancel()


def _call(function: Callable[[Any, Task], Result], pickled: bytes, task: Task) -> Result:
    return function(_unpickled(pickled), task)


@lru_cache(maxsize=8)
def _unpickled(pickled: bytes) -> Any:
    """Unpickle a context once in each worker, so that what it loads at first use stays."""
    return pickle.loads(pickled)  # noqa: S301 - pickled by ourselves


def executor_or_threads(executor: Executor | None) -> AbstractContextManager[Executor]:
    """Return the executor, or one of a thread for each core: for work that waits for the store."""
    return nullcontext(executor) if executor else ThreadPoolExecutor(os.cpu_count())


@contextmanager
def open_executor(cluster: str) -> Iterator[Executor | None]:
    """Open the Dask executor of `--cluster`; None if that is empty.

    `local` or `local:N` are workers of this machine, tcp://… is a scheduler. If a worker dies,
    another does its task. Raises BadInput if the cluster can't be reached, ShrugError if a task
    kills its workers.
    """
    if not cluster:
        yield None
        return
    with require_extra("cluster", "--cluster"):
        from dask.distributed import KilledWorker

    with _client(cluster) as client:
        try:
            yield client.get_executor(pure=False)
        except KilledWorker as error:
            raise ShrugError(f"the cluster gave a batch up: its workers died ({error})") from None


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Open a client of the cluster at an address. Raises BadInput if it can't be reached."""
    from dask.distributed import Client, LocalCluster

    kind, _, number = address.partition(":")
    if kind == LOCAL and (number.isdecimal() or not number):
        workers = int(number) if number else None
        local = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        with local, Client(local) as client:
            yield client
        return
    if kind not in {"tcp", "tls", "ucx"}:
        raise BadInput(
            f"--cluster: local, local:N or tcp://host:port was due, {address[:60]!r} came"
        )
    try:
        client = Client(address, timeout=CONNECT_TIMEOUT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput(f"--cluster: {address} can't be reached: {str(error)[:200]}") from None
    with client:
        yield client
