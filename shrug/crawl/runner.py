"""Running spiders on what is to be asked of each source."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.items import Item, Job, Keeper, Left
from crawler.jetstream import STREAMS
from db import catalog
from db.catalog import SourceEntry
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from shrug.crawl import queries
from shrug.crawl.ingest import Ingest
from shrug.crawl.queries import Wanted
from shrug.crawl.schedule import Schedule
from shrug.label import board_titles
from shrug.label.matcher import matcher

if TYPE_CHECKING:
    from concurrent.futures import Future

    from crawler.frontier import Frontier

LEAST_DELAY = 0.001


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl as asked for on the command line.

    addresses: other base addresses by source, or by `statuspage:PROVIDER`; for a mirror, an
    instance of one's own, or a simulation. simulated: the store may be one of a simulation.
    due: only what it is time to ask again. cache_folder: for copies of what is asked for often.
    server_clock: take the time of a board's snapshot
    from the server's Date header (simulations only). asks: what else to ask, as (source, what).
    frontier: where what is asked lies, if several crawlers share it.
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
    asks: tuple[tuple[str, str], ...] = ()
    simulated: bool = False
    cache_folder: Path | None = None
    due: bool = False
    frontier: "Frontier | None" = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def wanted(self) -> Wanted:
        addresses = dict(self.addresses)
        return Wanted(self.since, self.until, self.providers, addresses, self.asks)


def run(store: Store, ingest: Ingest, crawl: Crawl) -> None:
    """Crawl; what came, and what did not, is in `ingest` afterwards.

    A process can run this once: Twisted's reactor starts only once.
    """
    from scrapy.crawler import CrawlerProcess
    from scrapy.settings import Settings
    from scrapy.spiderloader import SpiderLoader

    if not crawl.simulated:
        with store.reading() as connection:
            metadata.refuse_simulation(connection)
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.setdict(_overrides(crawl), priority="cmdline")
    loader = SpiderLoader.from_settings(settings)
    process = CrawlerProcess(settings)
    guard = _guarded(ingest, process.stop, crawl.frontier)
    streams = []
    queues: dict[str | None, list[tuple[Any, Job, str]]] = defaultdict(list)
    for entry, job in _jobs(store, ingest, crawl, guard, str(settings.get("USER_AGENT"))):
        url = _url(entry, crawl)
        if entry.spider not in STREAMS:
            queues[urlsplit(url).netloc].append((_spider(entry, loader), job, url))
        elif job.leads:
            streams.append(STREAMS[entry.spider](job, url))
    for queue in queues.values():
        _one_by_one(process, queue)
    process.start()
    for stream in streams:
        if not guard.failure:
            stream.run()
    if crawl.frontier:
        crawl.frontier.leave(crawl.sources)
    ingest.end()
    if guard.failure:
        raise guard.failure
    board_titles.refresh(store)


def _jobs(
    store: Store, ingest: Ingest, crawl: Crawl, guard: "_Guard", user_agent: str
) -> Iterator[tuple[SourceEntry, Job]]:
    """What is to be asked of each source, a receipt for each query having been opened; a source of
    which nothing is to be asked is left out."""
    schedule = Schedule(store, datetime.now(UTC)) if crawl.due else None
    for name in crawl.sources:
        entry = source(name)
        secrets = _secrets(entry, crawl)
        asks = queries.asks(store, entry, crawl.wanted)
        if schedule is not None:
            asks = schedule.due(entry, asks)
        if not asks:
            continue
        leads = crawl.frontier is None or crawl.frontier.lead(entry.key)
        if leads:
            ingest.begin(asks)
        yield (
            entry,
            Job(
                asks,
                guard,
                crawl.polls,
                crawl.server_clock,
                queries.control(entry, crawl.wanted),
                secrets,
                own=not entry.url and entry.queries != "page",
                filled=entry.filled,
                relevant=lambda text: bool(matcher().find(text)),
                user_agent=user_agent,
                named=entry.key in dict(crawl.addresses),
                source=entry.key,
                frontier=crawl.frontier,
                leads=leads,
            ),
        )


def _one_by_one(process: Any, queue: list[tuple[Any, Job, str]]) -> None:
    """Crawl sources that live on one host one after the other: it is one host's patience."""

    def following(_: object = None) -> None:
        if queue:
            spider, job, url = queue.pop(0)
            process.crawl(spider, job=job, url=url).addBoth(following)

    following()


def _spider(entry: SourceEntry, loader: Any) -> Any:
    """A spider of ours by its name, another package's by MODULE:CLASS."""
    if ":" in entry.spider:
        return EntryPoint(entry.key, entry.spider, catalog.SOURCES).load()
    return loader.load(entry.spider)


class _Guard:
    """Stops the crawl at the first item that can't be kept.

    To go on would move the cursor past a page that was never stored.
    """

    def __init__(self, keeper: Keeper, stop: Callable[[], object]) -> None:
        self._keeper = keeper
        self._stop = stop
        self.failure: Exception | None = None

    def begin_item(self, item: Item) -> "Future[Any] | None":
        """What the keeper begins; as for `keep`, the crawl ends where it fails."""
        try:
            return None if self.failure else self._keeper.begin_item(item)
        except Exception as error:
            self.fail(error)
            return None

    def keep(self, item: Item, begun: "Future[Any] | None" = None) -> None:
        if self.failure:
            return
        try:
            if isinstance(item, Left):
                item.done()
            else:
                self._keeper.keep(item, begun)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Nothing is kept from now on, and the crawl ends."""
        if not self.failure:
            self.failure = error
            self._stop()


def _guarded(keeper: Keeper, stop: Callable[[], object], frontier: "Frontier | None") -> _Guard:
    """A guard that also hears when the frontier fails; ShrugError where it does already."""
    guard = _Guard(keeper, stop)
    if frontier:
        frontier.check()
        frontier.broken = guard.fail
    return guard


def _overrides(crawl: Crawl) -> dict[str, object]:
    changed: dict[str, object] = {
        "HTTPCACHE_ENABLED": crawl.cache_folder is not None,
        "PRIVATE_HOSTS": sorted({urlsplit(url).netloc for _, url in crawl.addresses}),
    }
    if crawl.cache_folder is not None:
        changed["HTTPCACHE_DIR"] = str(crawl.cache_folder)
    if crawl.frontier:
        changed["SCHEDULER"] = "crawler.frontier.SharedScheduler"
        changed["EXTENSIONS"] = {"crawler.frontier.Stirring": 0}
        # What comes of a request is kept in its order, so that its end is the last of it.
        changed["CONCURRENT_ITEMS"] = 1
    if crawl.contact:
        changed["USER_AGENT"] = f"shrug/0.1 (measures attention to outages; {crawl.contact})"
    if crawl.delay is not None:
        # Scrapy sends all that waits at once where there is no delay at all.
        changed["DOWNLOAD_DELAY"] = max(crawl.delay, LEAST_DELAY)
        changed["AUTOTHROTTLE_ENABLED"] = crawl.delay > 0
    else:
        hosts = {urlsplit(_url(s, crawl)).hostname: s.delay for s in map(source, crawl.sources)}
        changed["DOWNLOAD_SLOTS"] = {
            host: {"delay": delay} for host, delay in hosts.items() if host and delay > 1
        }
    return changed


def _url(entry: SourceEntry, crawl: Crawl) -> str:
    url = dict(crawl.addresses).get(entry.key, entry.url)
    if not url and entry.queries != "page":
        raise BadInput(
            f"{entry.key} is a server of your own: say where, {entry.key}=URL, with"
            " --address or in SHRUG_ADDRESSES; see docs/sources.md"
        )
    return url


def _secrets(entry: SourceEntry, crawl: Crawl) -> dict[str, str]:
    """The user's own keys that a source asks for."""
    if lacking := entry.lacking(crawl.secrets):
        named = ", ".join(lacking)
        raise BadInput(f"{entry.key} needs {named} in the environment; see docs/sources.md")
    return {name: value for name, value in crawl.secrets.items() if value}


def source(name: str) -> SourceEntry:
    """The entry of a source; raises BadInput where the catalogue has none."""
    known = catalog.sources()
    if name not in known:
        raise BadInput(f"no source {name!r}; there are {', '.join(sorted(known))}")
    return known[name]
