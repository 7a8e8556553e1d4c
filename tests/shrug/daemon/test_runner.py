"""Jobs run in children, within their limits, and their outcomes are recorded."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from db.core.engine import Store
from db.ops import jobs
from shrug import settings
from shrug.daemon.jobs import Job
from shrug.daemon.jobs import planned_jobs as planned
from shrug.daemon.runner import Limits, Runner
from tests.conftest import Run
from tests.shrug.config_files import configure
from tests.waiting import MAX_WAIT_SECONDS, wait_for

PLENTY = Limits(MAX_WAIT_SECONDS, 4_000_000_000)


def test_the_outcome_of_each_run_is_recorded(store: Store, url: str) -> None:
    ended: list[tuple[str, str]] = []
    runner = Runner(store, url, PLENTY, lambda job, outcome, _: ended.append((job, outcome)))
    assert runner.run(Job("ledger", ("outages", "sync"))) == "done"
    assert runner.run(Job("wrong", ("outages", "confirm", "99"))) == "failed"
    assert ended == [("ledger", "done"), ("wrong", "failed")]
    with store.reading() as connection:
        recorded = jobs.latest(connection)
    assert [(r.job, r.outcome) for r in recorded] == [("ledger", "done"), ("wrong", "failed")]
    assert all(r.ended_at and r.ended_at > r.started_at for r in recorded)


def test_the_measure_job_writes_all_figures(
    full: Run, store: Store, url: str, config: Path
) -> None:
    configure(config, measure_hours=6)
    (job,) = (j for j in planned(settings.read_settings()) if j.name == "measure")
    assert Runner(store, url, PLENTY).run(job) == "done"
    file = settings.read_settings().report_folder / "figures.json"
    figures = json.loads(file.read_text(encoding="utf-8"))
    measured = json.loads(full("measure", "--json")[1])
    assert [o["verdict"] for o in figures["outages"]] == [o["verdict"] for o in measured["outages"]]
    assert len(figures["outages"]) == 2


def test_a_job_that_takes_too_long_is_ended(store: Store, url: str) -> None:
    runner = Runner(store, url, Limits(1, PLENTY.memory))
    # It would never end by itself.
    assert runner.run(Job("page", ("serve", "--port", "0"))) == "timeout"


def test_a_job_that_takes_too_much_memory_is_ended(store: Store, url: str) -> None:
    runner = Runner(store, url, Limits(MAX_WAIT_SECONDS, 50_000_000))
    assert runner.run(Job("page", ("serve", "--port", "0"))) == "memory"


def test_a_job_that_runs_is_refused_until_it_ends(store: Store, url: str) -> None:
    runner, job = Runner(store, url, PLENTY), Job("page", ("serve", "--port", "0"))
    with ThreadPoolExecutor() as pool:
        first = pool.submit(runner.run, job)
        wait_for(lambda: runner.running == {"page"}, "it runs")
        assert runner.run(job) == "refused"
        runner.stop()
        assert first.result(MAX_WAIT_SECONDS) == "ended"
    assert runner.run(job) == "refused"
