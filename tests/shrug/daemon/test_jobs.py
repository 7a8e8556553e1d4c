"""The jobs of the daemon follow from the configuration."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shrug.daemon.jobs import HOUR, MINUTE, Job, planned_jobs
from shrug.settings import Settings

ALWAYS = {"ledger", "suggest", "names"}


def test_jobs_that_are_switched_off_are_not_planned() -> None:
    off = Settings(
        crawl_minutes=0,
        score_minutes=0,
        watch_minutes=0,
        measure_hours=0,
        backup_hours=0,
        verify_hours=0,
        report_day="",
        subscribers=Path("no such file"),
    )
    assert {job.name for job in planned_jobs(off)} == ALWAYS


def test_jobs_run_as_often_as_the_configuration_says(tmp_path: Path) -> None:
    subscribers = tmp_path / "subscribers.yaml"
    subscribers.touch()
    configured = Settings(
        crawl_minutes=2, backup_hours=3, retention_days=30, key_days=90, subscribers=subscribers
    )
    jobs = {job.name: job for job in planned_jobs(configured)}
    assert jobs["crawl"].interval_seconds == 2 * MINUTE
    assert jobs["backup"].interval_seconds == 3 * HOUR
    assert jobs["report"].cron == {"day_of_week": "mon", "hour": 6, "timezone": "UTC"}
    assert jobs["key"].command == ("rotate-key", "--days", "90")
    assert {"retention", "deliver"} <= set(jobs)


@given(st.floats(0.1, 10**6))
def test_a_job_is_never_due_later_than_its_longest_wait(seconds: float) -> None:
    job = Job("x", (), seconds)
    assert seconds + job.jitter_seconds < job.longest_wait_seconds
    assert job.jitter_seconds <= 5 * MINUTE
