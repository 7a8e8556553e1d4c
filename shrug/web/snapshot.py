"""The figures that the page shows, measured beside it and swapped whole."""

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
from shrug.measure.live import Live, live

Told = Callable[[int, int], None]
LOG = logging.getLogger(__name__)
# What is shown is measured again after this time even if nothing came in: time itself passes.
STALE = timedelta(minutes=10)


@dataclass(frozen=True)
class Snapshot:
    """Everything measured at one instant. `stamp` names the state of the store that it is of."""

    report: Report
    live: tuple[Live, ...]
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
        own = (o for o in self.report.judged if o.provider == provider)
        return sorted(own, key=lambda o: o.start, reverse=True)


class Keeper:
    """Keeps a snapshot fresh in a thread of its own; the page never waits for a measurement."""

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
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)
        self.snapshot: Snapshot | None = None
        self.progress = (0, 0)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.refresh()
            except ShrugError as error:
                LOG.warning("not measured: %s", error)
            self._ended.wait(self._every.total_seconds())

    def refresh(self) -> None:
        """Measure again, unless nothing came in and what is shown is not stale."""
        now, shown = self._now(), self.snapshot
        with self._store.reading() as connection:
            stamp = metadata.stamp(connection)
        if shown and shown.stamp == stamp and now - shown.made_at < STALE:
            return
        self.snapshot = Snapshot(self._measured(now), live(self._store, now), now, stamp)

    def _measured(self, now: datetime) -> Report:
        with self._store.reading() as connection:
            known = outages.read(connection, end=now)
        start = min((o.start for o in known), default=now - timedelta(weeks=1))
        return self.measure(start, now, timedelta(), told=self._told)

    def _told(self, done: int, total: int) -> None:
        self.progress = done, total
        if self._ended.is_set():
            raise ShrugError("the page is being closed")

    def measure(
        self, start: datetime, end: datetime, past: timedelta, told: Told = lambda _d, _t: None
    ) -> Report:
        """A report on any span of the store."""
        used = sentiment.in_use(self._store, self._models_folder)
        return measurement.measure(self._store, start, end, past=past, scorers=used, told=told)
