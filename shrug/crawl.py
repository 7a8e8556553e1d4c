"""Running spiders: what to ask of each source, from where it stopped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.items import Ask, Item, Job, Keeper
from db import catalogue, cursors, facts
from db.catalogue import SourceEntry
from db.engine import Store
from db.errors import BadInput
from shrug import events
from shrug.ingest import Ingest

FIRST_REACH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl as asked for on the command line.

    addresses: other base addresses by source, or by `statuspage:PROVIDER`; for a mirror, an
    instance of one's own, or a simulation. server_clock: take the time of a board's snapshot
    from the server's Date header (simulations only).
    """

    sources: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    providers: Sequence[str] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    polls: int = 1
    server_clock: bool = False
    contact: str = ""
    delay: float | None = None


def run(store: Store, ingest: Ingest, crawl: Crawl) -> None:
    """Crawl; what came, and what did not, is in `ingest` afterwards.

    A process can run this once: Twisted's reactor starts only once.
    """
    from scrapy.crawler import CrawlerProcess
    from scrapy.settings import Settings
    from scrapy.spiderloader import SpiderLoader

    if not crawl.addresses:
        with store.reading() as connection:
            facts.refuse_simulation(connection)
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.setdict(_overrides(crawl), priority="cmdline")
    loader = SpiderLoader.from_settings(settings)
    process = CrawlerProcess(settings)
    guard = _Guard(ingest, process.stop)
    for name in crawl.sources:
        entry = _source(name)
        asks = _asks(store, entry, crawl)
        if not asks:
            continue
        job = Job(asks, guard, crawl.polls, crawl.server_clock)
        url = dict(crawl.addresses).get(name, entry.url)
        process.crawl(loader.load(entry.spider), job=job, url=url)
    process.start()
    if guard.failure:
        raise guard.failure
    events.refresh(store)


class _Guard:
    """Stops the crawl at the first item that can't be kept.

    To go on would move the cursor past a page that was never stored.
    """

    def __init__(self, keeper: Keeper, stop: Callable[[], object]) -> None:
        self._keeper = keeper
        self._stop = stop
        self.failure: Exception | None = None

    def keep(self, item: Item) -> None:
        if self.failure:
            return
        try:
            self._keeper.keep(item)
        except Exception as error:
            self.failure = error
            self._stop()


def _overrides(crawl: Crawl) -> dict[str, object]:
    changed: dict[str, object] = {}
    if crawl.contact:
        changed["USER_AGENT"] = f"shrug/0.1 (measures attention to outages; {crawl.contact})"
    if crawl.delay is not None:
        changed["DOWNLOAD_DELAY"] = crawl.delay
        changed["AUTOTHROTTLE_ENABLED"] = crawl.delay > 0
    return changed


def _source(name: str) -> SourceEntry:
    known = catalogue.sources()
    if name not in known:
        raise BadInput(f"no source {name!r}; there are {', '.join(sorted(known))}")
    return known[name]


def _asks(store: Store, entry: SourceEntry, crawl: Crawl) -> tuple[Ask, ...]:
    until = crawl.until or datetime.now(UTC).replace(microsecond=0)
    since = crawl.since or until - FIRST_REACH
    if since >= until:
        raise BadInput(f"--since {since.isoformat()} is not before {until.isoformat()}")
    asks = []
    for query, provider, url in _queries(entry, crawl):
        with store.reading() as connection:
            # An explicit --since asks again from there, whatever has been read before.
            cursor = None if crawl.since else cursors.read(connection, entry.key, query)
        asks.append(Ask(query, provider, since, until, cursor, url))
    return tuple(asks)


def _queries(entry: SourceEntry, crawl: Crawl) -> Iterator[tuple[str, str | None, str]]:
    """(query, provider, address or nothing for the source's own) of all that is to be asked."""
    if entry.queries == "all":
        yield "", None, ""
        return
    addresses = dict(crawl.addresses)
    for provider in catalogue.providers().values():
        if crawl.providers and provider.key not in crawl.providers:
            continue
        if entry.queries != "page":
            query = provider.search if entry.queries == "search" else provider.tag
            yield query, provider.key, ""
            continue
        page = addresses.get(f"{entry.key}:{provider.key}", provider.status_page)
        if page:
            yield provider.key, provider.key, page
