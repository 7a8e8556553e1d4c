"""Weekly reports that are written again, because posts behind them were removed."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from analysis.messages import LANGUAGES
from db.core.engine import Store
from shrug.label import sentiment
from shrug.measure import measurement, weeks
from shrug.report.files import write_report
from shrug.settings import Settings


def rewrite_weekly_reports(
    store: Store, settings: Settings, times: Sequence[datetime]
) -> tuple[str, ...]:
    """Write every weekly report again that may rest on posts made at these times.

    Return the names of the weeks, such as 2026-W10.
    """
    zone = ZoneInfo(settings.zone)
    made = []
    for folder in sorted(settings.report_folder.glob("????-W??")):
        start, end = weeks.parse_iso_week(folder.name, zone)
        # A week's report looks at the outages of the year before it.
        if any(start - measurement.COMPARISON_PERIOD <= at < end + measurement.LAG for at in times):
            used = sentiment.scorers_in_use(store, settings.models_folder)
            report = measurement.measure(store, start, end, scorers=used)
            write_report(
                measurement.with_iso_week(report, zone), folder, list(LANGUAGES), settings.zone
            )
            made.append(folder.name)
    return tuple(made)
