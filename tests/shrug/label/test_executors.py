"""Scoring on a Dask cluster: the same to the bit, whatever dies meanwhile."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shrug.store.bootstrap import opened
from tests.conftest import Run
from tests.processes import begun, run
from tests.waiting import wait_for

distributed = pytest.importorskip("dask.distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers with their nannies, as on two machines."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as found:
        yield found


def scored(url: str) -> list[tuple[object, ...]]:
    """Every score, every reading and every mood, as they are stored."""
    queries = (
        "select post_id, model, version, score from scores order by 1, 2, 3",
        "select post_id, provider_id, version, failed, complaint, joke, news, question, shrug "
        "from readings order by 1, 2",
        "select * from hourly_moods order by 1, 2, 3, 4, 5, 6, 7",
    )
    with opened(url) as store, store.reading() as connection:
        return [tuple(row) for query in queries for row in connection.execute(text(query))]


def forgotten(url: str) -> None:
    with opened(url) as store, store.writing() as connection:
        connection.execute(text("delete from scores"))
        connection.execute(text("delete from readings"))
        connection.execute(text("delete from hourly_moods"))


def test_it_gives_the_same_to_the_bit(full: Run, url: str, cluster: Any) -> None:
    before = scored(url)
    assert len(before) > 6000
    forgotten(url)
    ended = run("score", "--database", url, "--cluster", cluster.scheduler_address)
    assert ended.code == 0, ended.said
    assert scored(url) == before


def measured(url: str, *more: str) -> str:
    """All figures, without when they were made."""
    ended = run("measure", "--json", "--to", "2026-04-18", "--database", url, *more)
    assert ended.code == 0, ended.said
    return ended.said


def test_it_measures_the_same_to_the_bit(full: Run, url: str, cluster: Any) -> None:
    alone = measured(url)
    assert json.loads(alone)["outages"][0]["channels"]
    assert measured(url, "--cluster", cluster.scheduler_address) == alone


@contextmanager
def stopped(cluster: Any) -> Iterator[tuple[Callable[[], list[str]], dict[str, int]]]:
    """Workers that do nothing until the end: which of them have been given work, and the process
    of each, of which those that are left go on."""
    with distributed.Client(cluster.scheduler_address) as client:
        workers: dict[str, int] = client.run(os.getpid)
        for pid in workers.values():
            os.kill(pid, signal.SIGSTOP)
        try:
            yield lambda: [name for name, work in client.processing().items() if work], workers
        finally:
            for pid in workers.values():
                os.kill(pid, signal.SIGCONT)


def test_a_worker_that_dies_loses_and_doubles_nothing(full: Run, url: str, cluster: Any) -> None:
    before = scored(url)
    forgotten(url)
    told = ("score", "--database", url, "--cluster", cluster.scheduler_address)
    with ThreadPoolExecutor() as pool:
        with stopped(cluster) as (busy, workers):
            scoring = pool.submit(run, *told)
            wait_for(busy, "one has work")
            os.kill(workers.pop(busy()[0]), signal.SIGKILL)
        ended = scoring.result()
    assert ended.code == 0, ended.said
    assert scored(url) == before


def test_one_that_was_killed_goes_on(full: Run, url: str, cluster: Any) -> None:
    before = scored(url)
    forgotten(url)
    told = ("score", "--database", url, "--cluster", cluster.scheduler_address)
    with stopped(cluster) as (busy, _), begun(*told) as process:
        wait_for(busy, "one has work")
        process.kill()
        process.join()
    # What was given out may still be done, by those who have it.
    assert run(*told).code == 0
    assert scored(url) == before


@pytest.mark.parametrize("where", ["nowhere", "local:two", "http://127.0.0.1:1", "tcp://"])
def test_what_is_no_cluster_is_named(url: str, where: str, tmp_path: Path) -> None:
    ended = run("score", "--database", url, "--cluster", where)
    assert ended.code == 2
    assert "--cluster" in ended.said
    assert "Traceback" not in ended.said
