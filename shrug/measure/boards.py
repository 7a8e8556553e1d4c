"""Reading boards: what stood there on a provider's failing, and how events compare."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from analysis.boards.presence import Presence, Seen, Year, group, per_year, presence
from analysis.report.boards import compare
from analysis.report.data import BoardComparison, BoardEvent
from db import catalog
from db.core.engine import Store
from db.crawl import boards, outages
from db.crawl.outages import KnownOutage
from shrug.label import board_titles

ARTICLE = "deepseek-2025-08-11"
MARGIN = timedelta(hours=2)

Window = tuple[datetime, datetime]
Looks = Sequence[tuple[datetime, int | None]]


class BoardReader:
    """Titles that say that a provider failed, matched once, and where they stood."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reading() as connection:
            names = boards.names(connection)
        self._titles = {board: board_titles.failure_titles(store, board) for board in names}
        self._seen = {b: board_titles.sightings(store, b, self._titles[b]) for b in names}

    def presences(self, provider: str, window: Window) -> Iterator[Presence]:
        """How a provider's failing stood on each board that was looked at in the window."""
        for board, by_provider in self._seen.items():
            with self._store.reading() as connection:
                looks = boards.floors(connection, board, *window)
            if looks:
                own = by_provider.get(provider, [])
                seen = [s for s in own if window[0] <= s.seen_at < window[1]]
                yield presence(board, seen, looks)

    def comparisons(self, start: datetime, end: datetime) -> tuple[BoardComparison, ...]:
        """Comparisons among what reached each board in [start, end)."""
        found = (self._comparison(board, start, end) for board in self._seen)
        return tuple(comparison for comparison in found if comparison)

    def _comparison(self, board: str, start: datetime, end: datetime) -> BoardComparison | None:
        with self._store.reading() as connection:
            looks = boards.floors(connection, board, start, end)
            known = outages.read(connection, start=start, end=end, origins=[board_titles.ORIGIN])
            ledger = outages.read(connection, start=start, end=end, origins=["ledger"])
        if not looks:
            return None
        article = next((o for o in ledger if o.external_id == ARTICLE), None)
        own = [o for o in known if o.external_id.startswith(f"{board}/")]
        found = [self._event(board, o, article, looks) for o in own]
        extent = looks[0][0], looks[-1][0]
        return compare(board, extent, len(looks), found, self._years(board))

    def _event(
        self, board: str, outage: KnownOutage, article: KnownOutage | None, looks: Looks
    ) -> BoardEvent:
        entry = catalog.providers()[outage.provider]
        last = outage.end or outage.start
        seen = [s for s in self._seen[board][outage.provider] if outage.start <= s.seen_at <= last]
        near = [look for look in looks if outage.start - MARGIN <= look[0] <= last + MARGIN]
        stood = presence(board, seen, near)
        return BoardEvent(
            **{field.name: getattr(stood, field.name) for field in fields(stood)},
            outage_id=outage.id,
            provider=outage.provider,
            provider_kind=outage.provider_kind,
            name_en=entry.name_en,
            name_zh=entry.name_zh,
            at=outage.start,
            article=article is not None and _same(outage, article),
        )

    def _years(self, board: str) -> list[Year]:
        titles = self._titles[board]
        with self._store.reading() as connection:
            firsts = boards.firsts(connection, board, titles)
            looks = boards.first_times(connection, board)
        seen = (Seen(first.seen_at, first.title, first.rank, None) for first in firsts)
        known = catalog.providers()
        starts = [
            (event[0].seen_at, known[provider].kind)
            for provider, own in board_titles.by_provider(titles, seen).items()
            for event in group(own)
        ]
        return per_year(starts, looks)


def _same(event: KnownOutage, outage: KnownOutage) -> bool:
    """Whether an event on a board is about this outage: same provider, at about that time."""
    return (
        event.provider == outage.provider
        and event.start <= (outage.end or outage.start) + MARGIN
        and (event.end or event.start) >= outage.start - MARGIN
    )
