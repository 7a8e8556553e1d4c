"""Trending boards: how a provider's failure stood there, and how events compare."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from analysis.attention.windows import Window
from analysis.boards.presence import (
    BoardYear,
    Presence,
    TitleSighting,
    events_per_year,
    measure_presence,
    split_events,
)
from analysis.report.boards import compare_on_board
from analysis.report.data import BoardComparison, BoardEvent
from db import catalog
from db.core.engine import Store
from db.crawl import boards, outages
from db.crawl.outages import KnownOutage
from shrug.label import board_titles

ARTICLE_OUTAGE = "deepseek-2025-08-11"
EVENT_MARGIN = timedelta(hours=2)

Looks = Sequence[tuple[datetime, int | None]]


class BoardReader:
    """Reads the titles that say that a provider failed once, and measures where they stood."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reading() as connection:
            names = boards.board_names(connection)
        self._titles = {board: board_titles.failure_titles(store, board) for board in names}
        self._seen = {b: board_titles.find_sightings(store, b, self._titles[b]) for b in names}

    def presences(self, provider: str, window: Window) -> Iterator[Presence]:
        """Yield how a provider's failure stood on each board that was looked at in a window."""
        for board, by_provider in self._seen.items():
            with self._store.reading() as connection:
                looks = boards.floor_heats(connection, board, *window)
            if looks:
                sightings = by_provider.get(provider, [])
                seen = [s for s in sightings if window[0] <= s.seen_at < window[1]]
                yield measure_presence(board, seen, looks)

    def compare_events(self, start: datetime, end: datetime) -> tuple[BoardComparison, ...]:
        """Compare the events that reached each board in [start, end)."""
        comparisons = (self._comparison(board, start, end) for board in self._seen)
        return tuple(comparison for comparison in comparisons if comparison)

    def _comparison(self, board: str, start: datetime, end: datetime) -> BoardComparison | None:
        with self._store.reading() as connection:
            looks = boards.floor_heats(connection, board, start, end)
            known = outages.read(connection, start=start, end=end, origins=[board_titles.ORIGIN])
            ledger = outages.read(connection, start=start, end=end, origins=["ledger"])
        if not looks:
            return None
        article = next((o for o in ledger if o.external_id == ARTICLE_OUTAGE), None)
        on_board = [o for o in known if o.external_id.startswith(f"{board}/")]
        events = [self._event(board, o, article, looks) for o in on_board]
        extent = looks[0][0], looks[-1][0]
        return compare_on_board(board, extent, len(looks), events, self._years(board))

    def _event(
        self, board: str, outage: KnownOutage, article: KnownOutage | None, looks: Looks
    ) -> BoardEvent:
        entry = catalog.providers()[outage.provider]
        last = outage.end or outage.start
        seen = [s for s in self._seen[board][outage.provider] if outage.start <= s.seen_at <= last]
        first_look, last_look = outage.start - EVENT_MARGIN, last + EVENT_MARGIN
        near = [look for look in looks if first_look <= look[0] <= last_look]
        presence = measure_presence(board, seen, near)
        return BoardEvent(
            **{field.name: getattr(presence, field.name) for field in fields(presence)},
            outage_id=outage.id,
            provider=outage.provider,
            provider_kind=outage.provider_kind,
            name_en=entry.name_en,
            name_zh=entry.name_zh,
            at=outage.start,
            article=article is not None and _is_same_outage(outage, article),
        )

    def _years(self, board: str) -> list[BoardYear]:
        titles = self._titles[board]
        with self._store.reading() as connection:
            firsts = boards.first_sightings(connection, board, titles)
            looks = boards.first_times(connection, board)
        seen = (TitleSighting(first.seen_at, first.title, first.rank, None) for first in firsts)
        known = catalog.providers()
        starts = [
            (event[0].seen_at, known[provider].kind)
            for provider, sightings in board_titles.group_by_provider(titles, seen).items()
            for event in split_events(sightings)
        ]
        return events_per_year(starts, looks)


def _is_same_outage(event: KnownOutage, outage: KnownOutage) -> bool:
    """Whether an event on a board has the provider of an outage and about its time."""
    return (
        event.provider == outage.provider
        and event.start <= (outage.end or outage.start) + EVENT_MARGIN
        and (event.end or event.start) >= outage.start - EVENT_MARGIN
    )
