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

Item = TypeVar("Item")
Result = TypeVar("Result")
Context = TypeVar("Context")
# How many things make a good batch.
BATCH = 4096
# Items submitted at a time: several for each core of a large cluster, few enough for any memory.
AHEAD = 256
LOCAL = "local"
PATIENCE_SECONDS = 20


def map_unordered(
    executor: Executor | None,
    function: Callable[[Context, Item], Result],
    context: Context,
    items: Iterable[Item],
    ahead: int = AHEAD,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with `function(context, item)`, as soon as that is done.

    At most `ahead` items are submitted at a time; without an executor each is done when its turn
    comes. The function must give the same wherever it runs, and as often as it runs.
    """
    if executor is None:
        yield from ((item, function(context, item)) for item in items)
        return
    call: Callable[[Item], Result] = partial(function, context)
    if not isinstance(executor, ThreadPoolExecutor):
        call = partial(_call, function, pickle.dumps(context))
    running: dict[Future[Result], Item] = {}
    try:
        for item in items:
            running[executor.submit(call, item)] = item
            seconds = 0 if len(running) < ahead else None
            for future in wait(running, seconds, FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
        for future in as_completed(running):
            yield running.pop(future), future.result()
    finally:
        for future in running:
            future.cancel()


def _call(function: Callable[[Any, Item], Result], pickled: bytes, item: Item) -> Result:
    return function(_unpickled(pickled), item)


@lru_cache(maxsize=8)
def _unpickled(pickled: bytes) -> Any:
    """A context, unpickled once in each worker: what it loads at first use stays."""
    return pickle.loads(pickled)  # noqa: S301 - pickled by ourselves


def or_threads(executor: Executor | None) -> AbstractContextManager[Executor]:
    """An executor, or else as many threads as there are cores: for work that mostly asks the store,
    which answers without holding Python up."""
    return nullcontext(executor) if executor else ThreadPoolExecutor(os.cpu_count())


@contextmanager
def open_executor(cluster: str) -> Iterator[Executor | None]:
    """The executor that `--cluster` names: `local` or `local:N` workers of this machine, or the
    scheduler at tcp://…; None if it names nothing. If a worker dies, another does its batch."""
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
    """A client of the cluster at an address; BadInput if it cannot be reached."""
    from dask.distributed import Client, LocalCluster

    kind, _, number = address.partition(":")
    if kind == LOCAL and (number.isdecimal() or not number):
        workers = int(number) if number else None
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as local,
            Client(local) as client,
        ):
            yield client
        return
    if kind not in {"tcp", "tls", "ucx"}:
        raise BadInput(
            f"--cluster: local, local:N or tcp://host:port was due, {address[:60]!r} came"
        )
    try:
        client = Client(address, timeout=PATIENCE_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput(f"--cluster: {address} can't be reached: {str(error)[:200]}") from None
    with client:
        yield client
