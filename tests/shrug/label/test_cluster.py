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

from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run
from tests.processes import run, started
from tests.waiting import wait_for

distributed = pytest.importorskip("dask.distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers with their nannies, as on two machines."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as local_cluster:
        yield local_cluster


def stored_labels(url: str) -> list[tuple[object, ...]]:
    """Every score, every reading and every mood, as they are stored."""
    queries = (
        "select post_id, model, version, score from scores order by 1, 2, 3",
        "select post_id, provider_id, version, failed, complaint, joke, news, question, shrug "
        "from readings order by 1, 2",
        "select * from hourly_moods order by 1, 2, 3, 4, 5, 6, 7",
    )
    with open_ready_store(url) as store, store.reading() as connection:
        return [tuple(row) for query in queries for row in connection.execute(text(query))]


def delete_labels(url: str) -> None:
    with open_ready_store(url) as store, store.writing() as connection:
        connection.execute(text("delete from scores"))
        connection.execute(text("delete from readings"))
        connection.execute(text("delete from hourly_moods"))


def test_a_cluster_stores_the_same_labels_to_the_bit(full: Run, url: str, cluster: Any) -> None:
    before = stored_labels(url)
    assert len(before) > 6000
    delete_labels(url)
    ended = run("score", "--database", url, "--cluster", cluster.scheduler_address)
    assert ended.code == 0, ended.output
    assert stored_labels(url) == before


def measure(url: str, *more: str) -> str:
    """All figures, without when they were made."""
    ended = run("measure", "--json", "--to", "2026-04-18", "--database", url, *more)
    assert ended.code == 0, ended.output
    return ended.output


def test_a_cluster_measures_the_same_to_the_bit(full: Run, url: str, cluster: Any) -> None:
    alone = measure(url)
    assert json.loads(alone)["outages"][0]["channels"]
    assert measure(url, "--cluster", cluster.scheduler_address) == alone


@contextmanager
def stopped_workers(cluster: Any) -> Iterator[tuple[Callable[[], list[str]], dict[str, int]]]:
    """Stop the workers; yield which of them have work, and their process ids.

    At the end the workers whose ids remain go on.
    """
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
    before = stored_labels(url)
    delete_labels(url)
    arguments = ("score", "--database", url, "--cluster", cluster.scheduler_address)
    with ThreadPoolExecutor() as pool:
        with stopped_workers(cluster) as (busy, workers):
            scoring = pool.submit(run, *arguments)
            wait_for(busy, "one has work")
            os.kill(workers.pop(busy()[0]), signal.SIGKILL)
        ended = scoring.result()
    assert ended.code == 0, ended.output
    assert stored_labels(url) == before


def test_a_killed_command_can_be_run_again(full: Run, url: str, cluster: Any) -> None:
    before = stored_labels(url)
    delete_labels(url)
    arguments = ("score", "--database", url, "--cluster", cluster.scheduler_address)
    with stopped_workers(cluster) as (busy, _), started(*arguments) as process:
        wait_for(busy, "one has work")
        process.kill()
        process.join()
    # Workers may still do what was submitted.
    assert run(*arguments).code == 0
    assert stored_labels(url) == before


@pytest.mark.parametrize("where", ["nowhere", "local:two", "http://127.0.0.1:1", "tcp://"])
def test_a_wrong_cluster_address_is_named(url: str, where: str, tmp_path: Path) -> None:
    ended = run("score", "--database", url, "--cluster", where)
    assert ended.code == 2
    assert "--cluster" in ended.output
    assert "Traceback" not in ended.output
