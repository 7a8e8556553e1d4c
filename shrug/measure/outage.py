"""Measuring one outage, in this process or in another one that opens the store anew."""

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
from shrug.measure.behaviour import outage_behaviour
from shrug.measure.boards import BoardReader
from shrug.measure.channels import ChannelReader

QUOTES = 5
# Found because they were loud: they judge nothing until a person confirms them.
SUGGESTED = {board_titles.ORIGIN: Reason.FOUND_ON_BOARD, suggestions.ORIGIN: Reason.FOUND_IN_POSTS}


class OutageMeasurer:
    """Measures outages up to `until`. A pickled one opens the store anew where it is unpickled.

    truth: the true ratios of a simulation, by title. scorers: by language, those whose scores say
    how people felt.
    """

    def __init__(
        self,
        store: Store,
        parameters: Parameters,
        until: datetime,
        truth: Mapping[str, float],
        scorers: Mapping[str, Scorer],
    ) -> None:
        self._store = store
        self._arguments = store, parameters, until, truth, scorers
        self._parameters, self._until, self._truth, self._scorers = self._arguments[1:]
        # Pickles of two measurers differ, so that no worker takes one's cached reads for another's.
        self._id = secrets.token_hex(8)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._id, *self._arguments)

    @cached_property
    def board_reader(self) -> BoardReader:
        return BoardReader(self._store)

    @cached_property
    def _reader(self) -> ChannelReader:
        return ChannelReader(self._store, self._parameters)

    def measure(self, outage: KnownOutage) -> OutageReport:
        """Measure the attention in an outage's window; there is no verdict yet."""
        provider = outage.provider
        entry = catalog.providers()[provider]
        end = outage.end or max(outage.start, min(self._until, datetime.now(UTC)))
        window = self._reader.parameters.window(outage.start, end)
        suggested = SUGGESTED.get(outage.origin) if not outage.confirmed else None
        channels = [] if suggested else self._reader.measure(provider, outage.id, window)
        return OutageReport(
            id=outage.id,
            provider=provider,
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
            boards=tuple(self.board_reader.presences(provider, window)),
            verdict=Verdict.CANT_TELL,
            reason=suggested or Reason.NO_SOURCE,
            hours=self._reader.chart_hours(provider, window, channels),
            names=tuple(text for text, _ in entry.aliases),
            components=outage.components,
            brief=outage.is_brief,
            queries=self._reader.queries(provider, window) if channels else (),
            volumes=() if suggested else self._reader.volumes(provider, outage.id, window),
        )

    def with_details(self, report: OutageReport) -> OutageReport:
        """Add what people did, some of the posts, and the true ratio of a simulation."""
        if not report.channels:
            return report
        with self._store.reading() as connection:
            models = [(s.model, s.version) for s in self._scorers.values()]
            first = labels.first_failure_times(connection, report.provider, *report.window)
            posts = queries.sample(connection, report.provider, *report.window, QUOTES, models)
        quotes = tuple(
            Quote(p.source, p.external_id, p.created_at, p.text, p.url, p.score) for p in posts
        )
        others = self._reader.other_outage_windows(report.provider, report.id, report.window)
        return replace(
            report,
            quotes=quotes,
            truth=self._truth.get(report.title),
            behaviour=outage_behaviour(self._store, report, others, self._scorers),
            firsts=tuple((source, (at - report.start) / MINUTE) for source, at in first),
        )


def _unpickled(_id: str, *arguments: Any) -> OutageMeasurer:
    return OutageMeasurer(*arguments)
