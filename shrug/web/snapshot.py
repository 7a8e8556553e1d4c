"""The report that the page shows, measured again in a thread of its own."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.report.data import OutageReport, Report
from analysis.report.serialization import to_plain
from db.core import metadata
from db.core.engine import Store
from db.core.errors import ShrugError
from db.crawl import outages
from shrug.label import sentiment
from shrug.measure import measurement
from shrug.measure.live import LiveAttention, live_attention

LOG = logging.getLogger(__name__)
# The report is measured again after this time even if no data came in, as outages end.
MAX_AGE = timedelta(minutes=10)


@dataclass(frozen=True)
class ReportSnapshot:
    """A report and the live figures of one instant. stamp: names the state of the store."""

    report: Report
    live: tuple[LiveAttention, ...]
    made_at: datetime
    stamp: str

    @cached_property
    def by_id(self) -> Mapping[int, OutageReport]:
        return {o.id: o for o in self.report.outages}

    @cached_property
    def as_json(self) -> dict[str, Any]:
        report: dict[str, Any] = to_plain(self.report)
        return report

    def of(self, provider: str) -> list[OutageReport]:
        """A provider's confirmed outages, newest first."""
        outages = (o for o in self.report.judged if o.provider == provider)
        return sorted(outages, key=lambda o: o.start, reverse=True)


class ReportRefresher:
    """Measures a store again and again in a thread, so that no page waits for a measurement."""

    def __init__(
        self,
        store: Store,
        models_folder: Path,
        every: timedelta,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._models_folder = models_folder
        self._every = every
        self._now = now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)
        self.snapshot: ReportSnapshot | None = None
        self.progress = (0, 0)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.refresh()
            except ShrugError as error:
                LOG.warning("not measured: %s", error)
            self._stopping.wait(self._every.total_seconds())

    def refresh(self) -> None:
        """Measure again if data came in or the snapshot is older than MAX_AGE."""
        now, current = self._now(), self.snapshot
        with self._store.reading() as connection:
            stamp = metadata.data_version(connection)
        if current and current.stamp == stamp and now - current.made_at < MAX_AGE:
            return
        report = self._measure_until(now)
        self.snapshot = ReportSnapshot(report, live_attention(self._store, now), now, stamp)

    def _measure_until(self, now: datetime) -> Report:
        with self._store.reading() as connection:
            known = outages.read(connection, end=now)
        start = min((o.start for o in known), default=now - timedelta(weeks=1))
        return self.measure(start, now, timedelta(), on_progress=self._record_progress)

    def _record_progress(self, done: int, total: int) -> None:
        self.progress = done, total
        if self._stopping.is_set():
            raise ShrugError("the page is being closed")

    def measure(
        self,
        start: datetime,
        end: datetime,
        past: timedelta,
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Report:
        """Measure any span of the store."""
        used = sentiment.scorers_in_use(self._store, self._models_folder)
        return measurement.measure(
            self._store, start, end, past=past, scorers=used, on_progress=on_progress
        )
