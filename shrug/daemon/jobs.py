"""The jobs of the daemon and when they run, by the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shrug.settings import Settings

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
# Jobs should not all begin in the same second. A share of the interval.
JITTER = 0.1
# The newest figures, for other programs, beside the reports.
FIGURES_FILE = "figures.json"


@dataclass(frozen=True, slots=True)
class Job:
    """A command of shrug that runs at an interval, or at a time of the week (`cron`).

    delay_seconds: before its first run, so that what it needs is there.
    """

    name: str
    command: tuple[str, ...]
    interval_seconds: float = 0
    cron: Mapping[str, Any] | None = None
    delay_seconds: float = 0

    @property
    def longest_wait_seconds(self) -> float:
        """Seconds after which it is due again at the latest."""
        return (
            self.interval_seconds + self.jitter_seconds + MINUTE
            if self.interval_seconds
            else WEEK + HOUR
        )

    @property
    def jitter_seconds(self) -> int:
        """Seconds by which a run may begin earlier or later."""
        return round(min(self.interval_seconds * JITTER, 5 * MINUTE))


def planned_jobs(settings: Settings) -> list[Job]:
    """Return the jobs of the configuration, without those that it sets to 0 or leaves empty."""
    s = settings
    regular = [
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
    figures = ("measure", "--out", str(s.report_folder / FIGURES_FILE))
    regular.append(Job("measure", figures, s.measure_hours * HOUR, delay_seconds=10 * MINUTE))
    weekly = [Job("report", report, cron=week)] if s.report_day else []
    return [job for job in regular if job.interval_seconds] + weekly
