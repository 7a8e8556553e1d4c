"""When to ask what again: denser while an outage goes on, sparser while a source is quiet, and
never more often than its quota lets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.items import Ask
from db.catalog import SourceEntry
from db.core.engine import Store
from db.crawl import outages, runs
from db.crawl.runs import KeptReceipt

# While an outage goes on, and for as long after it as people still speak of it.
DENSER = 4
AFTER = timedelta(hours=6)
# So many visits in a row that found nothing make a query quiet.
QUIET_VISITS = 3
SPARSER = 4
SOONEST = timedelta(minutes=5)
# Share of a quota that visits on schedule may use; a visit can need several requests.
OF_QUOTA = 0.5


@dataclass(frozen=True, slots=True)
class Visits:
    """How a query has been asked: when last (None: never), and how many of its newest visits, one
    after the other, found nothing though nothing went wrong. broken: the last never came to its
    end, since its crawl was killed."""

    last: datetime | None = None
    empty: int = 0
    broken: bool = False


def interval(entry: SourceEntry, queries: int, visits: Visits, *, outage: bool) -> timedelta:
    """How long to wait between two visits of one of a source's `queries` queries.

    Boards and status pages are looked at as often in quiet times as in others.
    """
    usual = timedelta(minutes=entry.every)
    if entry.gives == "posts":
        if outage:
            usual = max(SOONEST, usual / DENSER)
        elif visits.empty >= QUIET_VISITS:
            usual *= SPARSER
    if visits.broken:
        usual = timedelta()  # it goes on where it was as soon as the quota allows
    if entry.quota:
        usual = max(usual, timedelta(hours=1) * queries / (entry.quota * OF_QUOTA))
    return usual


def due(
    entry: SourceEntry,
    asks: Sequence[Ask],
    visits: Mapping[tuple[str, str], Visits],
    failing: Collection[str],
    now: datetime,
) -> tuple[Ask, ...]:
    """The asks whose time has come. failing: providers that an outage concerns now."""
    found = []
    for ask in asks:
        known = visits.get((ask.source, ask.query), Visits())
        concerned = bool(set(ask.providers) & set(failing)) or (not ask.providers and bool(failing))
        wait = interval(entry, len(asks), known, outage=concerned)
        # A visit in the future was written by a clock that was wrong.
        if known.last is None or known.last + wait <= now or known.last > now + SOONEST:
            found.append(ask)
    return tuple(found)


def visited(newest: Iterable[KeptReceipt]) -> dict[tuple[str, str], Visits]:
    """Visits by (source, query), of receipts from the newest to the oldest."""
    own: dict[tuple[str, str], list[KeptReceipt]] = defaultdict(list)
    for receipt in newest:
        own[receipt.source, receipt.query].append(receipt)
    return {
        key: Visits(kept[0].started_at, _empty(kept), kept[0].ended_at is None)
        for key, kept in own.items()
    }


def _empty(kept: Sequence[KeptReceipt]) -> int:
    number = 0
    for receipt in kept:
        if receipt.ended_at is None or receipt.outcome.kind or receipt.outcome.posts:
            break
        number += 1
    return number


class Schedule:
    """What a store says of when to ask again."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._now = now
        with store.reading() as connection:
            self._visits = visited(runs.recent(connection, QUIET_VISITS))
            known = outages.read(connection, start=now - AFTER, end=now + SOONEST)
        self._failing = {o.provider for o in known if o.confirmed}

    def due(self, entry: SourceEntry, asks: Sequence[Ask]) -> tuple[Ask, ...]:
        return due(entry, asks, self._visits, self._failing, self._now)
