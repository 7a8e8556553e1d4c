"""The schedule of queries: more often during an outage, less often while a source is quiet, and
within its quota."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from crawler.items import CrawlQuery
from db.catalog import SourceEntry
from db.core.engine import Store
from db.crawl import outages, runs
from db.crawl.runs import CrawlRunRecord

# During an outage, and for a time after it, queries are sent so many times as often.
OUTAGE_FACTOR = 4
OUTAGE_LAG = timedelta(hours=6)
# A query is quiet after so many crawls in a row without a post.
QUIET_VISITS = 3
QUIET_FACTOR = 4
MIN_INTERVAL = timedelta(minutes=5)
# Share of a quota that scheduled queries may use; a query can need several requests.
QUOTA_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Visits:
    """The past runs of a query: the time of the last (None: never), and how many of the newest in
    a row found nothing without a failure. broken: the last run was killed before its end.
    """

    last: datetime | None = None
    empty: int = 0
    broken: bool = False


def interval(entry: SourceEntry, queries: int, visits: Visits, *, outage: bool) -> timedelta:
    """Return the time between two runs of one of a source's `queries` queries.

    Boards and status pages are read at the same interval in quiet times and outages.
    """
    usual = timedelta(minutes=entry.every)
    if entry.gives == "posts":
        if outage:
            usual = max(MIN_INTERVAL, usual / OUTAGE_FACTOR)
        elif visits.empty >= QUIET_VISITS:
            usual *= QUIET_FACTOR
    if visits.broken:
        usual = timedelta()  # it continues as soon as the quota allows
    if entry.quota:
        usual = max(usual, timedelta(hours=1) * queries / (entry.quota * QUOTA_SHARE))
    return usual


def due_queries(
    entry: SourceEntry,
    queries: Sequence[CrawlQuery],
    visits: Mapping[tuple[str, str], Visits],
    failing: Collection[str],
    now: datetime,
) -> tuple[CrawlQuery, ...]:
    """Return the queries that are due. failing: providers with a present outage."""
    due = []
    for query in queries:
        known = visits.get((query.source, query.text), Visits())
        concerned = bool(set(query.providers) & set(failing)) or (
            not query.providers and bool(failing)
        )
        wait = interval(entry, len(queries), known, outage=concerned)
        # A run in the future was dated by a wrong clock.
        if known.last is None or known.last + wait <= now or known.last > now + MIN_INTERVAL:
            due.append(query)
    return tuple(due)


def visits_by_query(newest: Iterable[CrawlRunRecord]) -> dict[tuple[str, str], Visits]:
    """Return the past runs by (source, query), from the newest run to the oldest."""
    by_query: dict[tuple[str, str], list[CrawlRunRecord]] = defaultdict(list)
    for run in newest:
        by_query[run.source, run.query].append(run)
    return {
        key: Visits(past[0].started_at, _empty_runs(past), past[0].ended_at is None)
        for key, past in by_query.items()
    }


def _empty_runs(newest: Sequence[CrawlRunRecord]) -> int:
    def is_empty(run: CrawlRunRecord) -> bool:
        return run.ended_at is not None and not run.outcome.kind and not run.outcome.posts

    return len(list(takewhile(is_empty, newest)))


class Schedule:
    """The schedule by the runs and outages of a store."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._now = now
        with store.reading() as connection:
            self._visits = visits_by_query(runs.recent(connection, QUIET_VISITS))
            known = outages.read(connection, start=now - OUTAGE_LAG, end=now + MIN_INTERVAL)
        self._failing = {o.provider for o in known if o.confirmed}

    def due_queries(
        self, entry: SourceEntry, queries: Sequence[CrawlQuery]
    ) -> tuple[CrawlQuery, ...]:
        """Return the queries of a source that are due."""
        return due_queries(entry, queries, self._visits, self._failing, self._now)
