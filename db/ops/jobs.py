"""Queries on runs of the daemon's jobs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from db.core.models import JobRun

# Older runs of a job are deleted.
RUNS_PER_JOB = 200
# The outcome of a run that was stopped because the daemon stopped.
ENDED_WITH_DAEMON = "ended"


@dataclass(frozen=True, slots=True)
class JobRunRecord:
    """A job's run; `outcome` is None while it runs, or if it was killed with the daemon."""

    job: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None

    @property
    def is_complete(self) -> bool:
        """Whether it ended by itself: it was neither killed nor stopped with the daemon."""
        return self.outcome not in {None, ENDED_WITH_DAEMON}


def begin(connection: Connection, job: str, at: datetime) -> int:
    """Write that a job runs, and delete its old runs; return the run's id."""
    recent = (
        select(JobRun.id)
        .where(JobRun.job == job)
        .order_by(JobRun.id.desc())
        .limit(RUNS_PER_JOB)
        .subquery()
    )
    old = delete(JobRun).where(JobRun.job == job, JobRun.id.not_in(select(recent.c.id)))
    connection.execute(old)
    new = insert(JobRun).values(job=job, started_at=at)
    return connection.execute(new.returning(JobRun.id)).scalar_one()


def end(connection: Connection, id_: int, at: datetime, outcome: str) -> None:
    """Write the end and outcome of a run."""
    done = update(JobRun).where(JobRun.id == id_).values(ended_at=at, outcome=outcome)
    connection.execute(done)


def latest(connection: Connection) -> list[JobRunRecord]:
    """Return the newest run of each job, by job."""
    newest = select(func.max(JobRun.id)).group_by(JobRun.job)
    rows = connection.execute(_RUNS.where(JobRun.id.in_(newest)).order_by(JobRun.job))
    return [JobRunRecord(*row) for row in rows]


def all_runs(connection: Connection) -> list[JobRunRecord]:
    """Return every stored run, oldest first."""
    return [JobRunRecord(*row) for row in connection.execute(_RUNS.order_by(JobRun.id))]


_RUNS = select(JobRun.job, JobRun.started_at, JobRun.ended_at, JobRun.outcome)
