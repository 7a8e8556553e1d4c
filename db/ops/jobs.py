"""Queries on what the daemon's jobs came to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from db.core.models import JobRun

# Runs that are kept of each job.
KEPT = 200
# The outcome of one that was ended since the daemon ended.
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A job's run; `outcome` is None while it runs, or where it was killed with the daemon."""

    job: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None

    @property
    def whole(self) -> bool:
        """Whether it came to an end of its own: it was neither killed nor ended with the daemon."""
        return self.outcome not in {None, ENDED}


def begin(connection: Connection, job: str, at: datetime) -> int:
    """Write that a job runs; gives the run's id. Old runs of it are forgotten."""
    kept = (
        select(JobRun.id).where(JobRun.job == job).order_by(JobRun.id.desc()).limit(KEPT).subquery()
    )
    old = delete(JobRun).where(JobRun.job == job, JobRun.id.not_in(select(kept.c.id)))
    connection.execute(old)
    new = insert(JobRun).values(job=job, started_at=at)
    return connection.execute(new.returning(JobRun.id)).scalar_one()


def end(connection: Connection, id_: int, at: datetime, outcome: str) -> None:
    """Write what a run came to."""
    done = update(JobRun).where(JobRun.id == id_).values(ended_at=at, outcome=outcome)
    connection.execute(done)


def latest(connection: Connection) -> list[KeptRun]:
    """The newest run of each job, by job."""
    newest = select(func.max(JobRun.id)).group_by(JobRun.job)
    rows = connection.execute(_RUNS.where(JobRun.id.in_(newest)).order_by(JobRun.job))
    return [KeptRun(*row) for row in rows]


def all_runs(connection: Connection) -> list[KeptRun]:
    """Every run that is kept, in their order."""
    return [KeptRun(*row) for row in connection.execute(_RUNS.order_by(JobRun.id))]


_RUNS = select(JobRun.job, JobRun.started_at, JobRun.ended_at, JobRun.outcome)
