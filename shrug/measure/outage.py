"""Measuring one outage after the other, in this process or in another that opens the store anew."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from analysis.attention import verdicts
from analysis.attention.verdicts import Reason, Verdict
from analysis.attention.windows import Parameters
from analysis.report.data import MINUTE, OutageReport, Quote
from analysis.sentiment.scorers import Scorer
from db import catalog
from db.core.engine import Store
from db.crawl.outages import KnownOutage
from db.posts import labels, queries
from shrug.label import board_titles
from shrug.measure import suggestions
from shrug.measure.behaviour import behave
from shrug.measure.boards import BoardReader
from shrug.measure.channels import ChannelReader

QUOTES = 5
# Found because they were loud: they judge nothing until a person confirms them.
SUGGESTED = {board_titles.ORIGIN: Reason.FOUND_ON_BOARD, suggestions.ORIGIN: Reason.FOUND_IN_POSTS}


class Desk:
    """What it takes to measure an outage up to `until`; pickled, it opens the same store anew where
    it is unpickled. truth: of a simulation. scorers: whose scores say how people felt."""

    def __init__(
        self,
        store: Store,
        parameters: Parameters,
        until: datetime,
        truth: Mapping[str, float],
        scorers: Mapping[str, Scorer],
    ) -> None:
        self._store = store
        self._told = parameters, until, truth, scorers
        self._parameters, self._until, self._truth, self._scorers = self._told
        # What a worker has read for one desk is not what another one should see.
        self._own = secrets.token_hex(8)

    def __reduce__(self) -> tuple[Any, ...]:
        return _elsewhere, (self._own, self._store, *self._told)

    @cached_property
    def board_reader(self) -> BoardReader:
        return BoardReader(self._store)

    @cached_property
    def _reader(self) -> ChannelReader:
        return ChannelReader(self._store, self._parameters)

    def measured(self, outage: KnownOutage) -> OutageReport:
        """Attention in the outage's window, without a verdict."""
        entry = catalog.providers()[outage.provider]
        end = outage.end or max(outage.start, min(self._until, datetime.now(UTC)))
        window = self._reader.parameters.window(outage.start, end)
        suggested = SUGGESTED.get(outage.origin) if not outage.confirmed else None
        channels = [] if suggested else self._reader.channels(outage, window)
        return OutageReport(
            id=outage.id,
            provider=outage.provider,
            provider_kind=outage.provider_kind,
            name_en=entry.name_en,
            name_zh=entry.name_zh,
            start=outage.start,
            end=end,
            # Announced maintenance has an end before it has come.
            ongoing=outage.end is None or outage.end > datetime.now(UTC),
            kind=outage.kind,
            title=outage.title,
            url=outage.url,
            origin=outage.origin,
            confirmed=outage.confirmed,
            rounded_minutes=outage.rounded_minutes,
            read_at=outage.read_at,
            window=window,
            channels=tuple(channels),
            combined=verdicts.combine(channels),
            boards=tuple(self.board_reader.presences(outage.provider, window)),
            verdict=Verdict.CANT_TELL,
            reason=suggested or Reason.NO_SOURCE,
            hours=self._reader.hours(outage, window, channels),
            names=tuple(text for text, _ in entry.aliases),
            components=outage.components,
            brief=outage.brief,
            queries=self._reader.queries(outage.provider, window) if channels else (),
            volumes=() if suggested else self._reader.volumes(outage, window),
        )

    def finished(self, report: OutageReport) -> OutageReport:
        """With what people did, the posts behind its figures, and a simulation's truth."""
        if not report.channels:
            return report
        with self._store.reading() as connection:
            models = [(s.model, s.version) for s in self._scorers.values()]
            first = labels.firsts(connection, report.provider, *report.window)
            found = queries.sample(connection, report.provider, *report.window, QUOTES, models)
        quotes = tuple(
            Quote(p.source, p.external_id, p.created_at, p.text, p.url, p.score) for p in found
        )
        others = self._reader.barred(report.provider, report.id, report.window)
        return replace(
            report,
            quotes=quotes,
            truth=self._truth.get(report.title),
            behaviour=behave(self._store, report, others, self._scorers),
            firsts=tuple((source, (at - report.start) / MINUTE) for source, at in first),
        )


def _elsewhere(_own: str, *told: Any) -> Desk:
    return Desk(*told)
