"""Runs of the daemon's jobs: the latest of each, and no more than enough old ones."""

from db.core.engine import Store
from db.ops import jobs
from tests.db.samples import HOUR, T0


def test_the_latest_run_of_each_job_says_how_it_ended(store: Store) -> None:
    with store.writing() as connection:
        first = jobs.begin(connection, "crawl", T0)
        jobs.end(connection, first, T0 + HOUR, "done")
        jobs.begin(connection, "crawl", T0 + HOUR)
        stopped = jobs.begin(connection, "backup", T0)
        jobs.end(connection, stopped, T0 + HOUR, jobs.ENDED_WITH_DAEMON)
        backup, crawl = jobs.latest(connection)
        assert (backup.job, backup.outcome) == ("backup", jobs.ENDED_WITH_DAEMON)
        assert (crawl.started_at, crawl.ended_at) == (T0 + HOUR, None)
        assert [run.is_complete for run in jobs.all_runs(connection)] == [True, False, False]


def test_old_runs_of_a_job_are_deleted(store: Store) -> None:
    with store.writing() as connection:
        jobs.begin(connection, "backup", T0)
        for n in range(jobs.RUNS_PER_JOB + 5):
            jobs.begin(connection, "crawl", T0 + n * HOUR)
        runs = [run for run in jobs.all_runs(connection) if run.job == "crawl"]
        assert len(runs) == jobs.RUNS_PER_JOB + 1
        assert runs[-1].started_at == T0 + (jobs.RUNS_PER_JOB + 4) * HOUR
        assert [run.job for run in jobs.latest(connection)] == ["backup", "crawl"]
