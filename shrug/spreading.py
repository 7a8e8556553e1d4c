"""Work on batches, in this process or on a Dask cluster; what is done is given as it is done."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from db.errors import BadInput, ShrugError
from db.extras import require_extra

if TYPE_CHECKING:
    from dask.distributed import Client

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Tool = TypeVar("Tool")
# How many things make a good batch.
BATCH = 4096
# Batches that wait at each core, so that none stands idle while results are stored.
AHEAD = 3
LOCAL = "local"
PATIENCE_SECONDS = 20


class Spread(Protocol):
    """Where batches are worked on. `work` gives the result of a tool on a batch, the same wherever
    it runs, and as often as it may run."""

    def over(
        self,
        work: Callable[[Tool, Batch], Result],
        tool: Tool,
        batches: Iterable[Batch],
    ) -> Iterator[tuple[Batch, Result]]:
        """Each batch with its result, in any order."""


class Here:
    """In this process, one after the other."""

    def over(
        self,
        work: Callable[[Tool, Batch], Result],
        tool: Tool,
        batches: Iterable[Batch],
    ) -> Iterator[tuple[Batch, Result]]:
        for batch in batches:
            yield batch, work(tool, batch)


class Threads:
    """In this process, as many at a time as there are cores: for work that mostly asks the store,
    which answers without holding Python up."""

    def over(
        self,
        work: Callable[[Tool, Batch], Result],
        tool: Tool,
        batches: Iterable[Batch],
    ) -> Iterator[tuple[Batch, Result]]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            begun = {pool.submit(work, tool, batch): batch for batch in batches}
            try:
                for done in as_completed(begun):
                    yield begun[done], done.result()
            finally:
                for waiting in begun:
                    waiting.cancel()


class OnCluster:
    """On the workers of a Dask cluster. A batch whose worker dies is worked on by another."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def over(
        self,
        work: Callable[[Tool, Batch], Result],
        tool: Tool,
        batches: Iterable[Batch],
    ) -> Iterator[tuple[Batch, Result]]:
        from dask.distributed import KilledWorker
        from dask.distributed import as_completed as completed

        packed, waiting = pickle.dumps(tool), iter(batches)
        flying: dict[Any, Batch] = {}

        def submit(batch: Batch) -> Any:
            # In one piece each way: Dask would walk through all that a list holds, many times.
            given = pickle.dumps(batch)
            future = self._client.submit(_worked, work, packed, given, pure=False)
            flying[future.key] = batch
            return future

        cores = sum(self._client.ncores().values()) or 1
        done = completed([submit(b) for b in islice(waiting, AHEAD * cores)], with_results=True)
        try:
            for future, result in done:
                yield flying.pop(future.key), pickle.loads(result)  # noqa: S301 - of our workers
                for batch in islice(waiting, 1):
                    done.add(submit(batch))
        except KilledWorker as error:
            raise ShrugError(f"the cluster gave a batch up: its workers died ({error})") from None


def _worked(work: Callable[[Any, Any], Any], packed: bytes, given: bytes) -> bytes:
    return pickle.dumps(work(_unpacked(packed), pickle.loads(given)))  # noqa: S301 - our own


@lru_cache(maxsize=8)
def _unpacked(packed: bytes) -> Any:
    """A tool, unpacked once in each worker: what it loads at first use stays."""
    return pickle.loads(packed)  # noqa: S301 - packed by ourselves


@contextmanager
def spread(told: str, here: Spread | None = None) -> Iterator[Spread]:
    """Where `--cluster` says: `local` or `local:N` workers of this machine, the scheduler at
    tcp://…, or, where nothing is said, in this process (`here`: how)."""
    if not told:
        yield here or Here()
        return
    with require_extra("cluster", "--cluster"):
        from dask.distributed import Client, LocalCluster

    kind, _, number = told.partition(":")
    if kind == LOCAL and (number.isdecimal() or not number):
        with (
            LocalCluster(
                n_workers=int(number) if number else None,
                threads_per_worker=1,
                dashboard_address=None,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield OnCluster(client)
        return
    if kind not in {"tcp", "tls", "ucx"}:
        raise BadInput(f"--cluster: local, local:N or tcp://host:port was due, {told[:60]!r} came")
    try:
        client = Client(told, timeout=PATIENCE_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput(f"--cluster: {told} can't be reached: {str(error)[:200]}") from None
    with client:
        yield OnCluster(client)
