"""What the daemon does and when, by the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shrug.settings import Settings

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
# Jobs of many daemons, and of one, should not all begin in the same second.
JITTER = 0.1
# What was measured last, for other programs, beside the reports.
FIGURES = "figures.json"


@dataclass(frozen=True, slots=True)
class Job:
    """A command of ours: every so many seconds, or at a time of the week (`cron`). later: seconds
    after which it first runs, so that what it needs is there."""

    name: str
    command: tuple[str, ...]
    every: float = 0
    cron: Mapping[str, Any] | None = None
    later: float = 0

    @property
    def longest(self) -> float:
        """Seconds after which it is due again at the latest."""
        return self.every + self.jitter + MINUTE if self.every else WEEK + HOUR

    @property
    def jitter(self) -> int:
        """Seconds by which a run may begin earlier or later."""
        return round(min(self.every * JITTER, 5 * MINUTE))


def jobs(settings: Settings) -> list[Job]:
    """The jobs that the configuration asks for; what it sets to 0 or leaves empty is left out."""
    s = settings
    found = [
        Job("crawl", ("crawl", "--due"), s.crawl_minutes * MINUTE),
        Job("ledger", ("outages", "sync"), DAY),
        Job("suggest", ("outages", "suggest"), 6 * HOUR),
        Job("score", ("score",), s.score_minutes * MINUTE),
        Job("names", ("rematch",), DAY),
        Job("watch", ("doctor", "--alert"), s.watch_minutes * MINUTE),
        Job("retention", ("retention",), DAY if s.retention_days else 0),
        Job("backup", ("backup", "--keep", str(s.backups_kept)), s.backup_hours * HOUR),
        Job("verify", ("verify", "--fix"), s.verify_hours * HOUR),
        Job("key", ("rotate-key", "--days", str(s.key_days)), DAY if s.key_days else 0),
        Job("deliver", ("deliver",), s.deliver_minutes * MINUTE if s.subscribers.exists() else 0),
    ]
    week = {"day_of_week": s.report_day, "hour": s.report_hour, "timezone": s.zone}
    folder = str(s.report_folder)
    report = ("report", "--zone", s.zone, "--out", folder, "--by-week")
    figures = ("measure", "--out", str(s.report_folder / FIGURES))
    found.append(Job("measure", figures, s.measure_hours * HOUR, later=10 * MINUTE))
    weekly = [Job("report", report, cron=week)] if s.report_day else []
    return [job for job in found if job.every] + weekly
