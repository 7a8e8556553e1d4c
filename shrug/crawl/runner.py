"""Runs the spiders of a crawl."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.items import ItemSink, RequestFinished, SpiderItem, SpiderJob
from crawler.jetstream import STREAMS
from db import catalog
from db.catalog import SourceEntry
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from shrug.crawl import queries
from shrug.crawl.ingest import Ingest
from shrug.crawl.queries import CrawlScope
from shrug.crawl.schedule import Schedule
from shrug.label import board_titles
from shrug.label.matcher import matcher

if TYPE_CHECKING:
    from concurrent.futures import Future

    from crawler.frontier import Frontier

MIN_DELAY = 0.001


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl as requested on the command line.

    addresses: other base addresses by source, or by `statuspage:PROVIDER`; for a mirror, a server
    of the user's own, or a simulation. asks: extra queries, as (source, text). simulated: the store
    may be one of a simulation. server_clock: date snapshots of boards by the server's Date header
    (simulations only). due: only queries that are due. cache_folder: of documents requested often.
    frontier: shared with other crawlers.
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
    def scope(self) -> CrawlScope:
        addresses = dict(self.addresses)
        return CrawlScope(self.since, self.until, self.providers, addresses, self.asks)


def run(store: Store, ingest: Ingest, crawl: Crawl) -> None:
    """Crawl; the results and failures are in `ingest` afterwards.

    A process can run this only once, since Twisted's reactor starts only once.
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
    guard = _Guard(ingest, process.stop, crawl.frontier)
    streams = []
    queues: dict[str | None, list[tuple[Any, SpiderJob, str]]] = defaultdict(list)
    for entry, job in _jobs(store, ingest, crawl, guard, str(settings.get("USER_AGENT"))):
        url = _url(entry, crawl)
        if entry.spider not in STREAMS:
            queues[urlsplit(url).netloc].append((_spider(entry, loader), job, url))
        elif job.is_leader:
            streams.append(STREAMS[entry.spider](job, url))
    for queue in queues.values():
        _one_by_one(process, queue)
    process.start()
    for stream in streams:
        if not guard.failure:
            stream.run()
    if crawl.frontier:
        crawl.frontier.stop_leading(crawl.sources)
    ingest.end_runs()
    if guard.failure:
        raise guard.failure
    board_titles.suggest_outages(store)


def _jobs(
    store: Store, ingest: Ingest, crawl: Crawl, guard: "_Guard", user_agent: str
) -> Iterator[tuple[SourceEntry, SpiderJob]]:
    """The job of each source that has queries, whose runs are recorded as started."""
    schedule = Schedule(store, datetime.now(UTC)) if crawl.due else None
    for name in crawl.sources:
        entry = source_entry(name)
        secrets = _secrets(entry, crawl)
        due = queries.resumed_queries(store, entry, crawl.scope)
        if schedule is not None:
            due = schedule.due_queries(entry, due)
        if not due:
            continue
        is_leader = crawl.frontier is None or crawl.frontier.try_to_lead(entry.key)
        if is_leader:
            ingest.begin_runs(due)
        yield (
            entry,
            SpiderJob(
                due,
                guard,
                crawl.polls,
                crawl.server_clock,
                queries.control_query(entry, crawl.scope),
                secrets,
                is_own_server=not entry.url and entry.queries != "page",
                filled=entry.filled,
                is_relevant=lambda text: bool(matcher().find(text)),
                user_agent=user_agent,
                is_named_by_user=entry.key in dict(crawl.addresses),
                source=entry.key,
                frontier=crawl.frontier,
                is_leader=is_leader,
            ),
        )


def _one_by_one(process: Any, queue: list[tuple[Any, SpiderJob, str]]) -> None:
    """Crawl the sources of one host one after the other, to spare the host."""

    def following(_: object = None) -> None:
        if queue:
            spider, job, url = queue.pop(0)
            process.crawl(spider, job=job, url=url).addBoth(following)

    following()


def _spider(entry: SourceEntry, loader: Any) -> Any:
    """The class of a spider, by its name, or MODULE:CLASS in another package."""
    if ":" in entry.spider:
        return EntryPoint(entry.key, entry.spider, catalog.SOURCE_ENTRY_POINTS).load()
    return loader.load(entry.spider)


class _Guard:
    """Stops the crawl at the first item that can't be stored, or if the frontier fails.

    Otherwise the cursor would move past a page that was never stored. Raises ShrugError if the
    frontier can't be reached.
    """

    def __init__(
        self, sink: ItemSink, stop: Callable[[], object], frontier: "Frontier | None"
    ) -> None:
        self._sink = sink
        self._stop = stop
        self.failure: Exception | None = None
        if frontier:
            frontier.check()
            frontier.on_failure = self.fail

    def prepare_item(self, item: SpiderItem) -> "Future[Any] | None":
        """Let the sink prepare an item; stop the crawl if that fails."""
        try:
            return None if self.failure else self._sink.prepare_item(item)
        except Exception as error:
            self.fail(error)
            return None

    def store_item(self, item: SpiderItem, preparation: "Future[Any] | None" = None) -> None:
        """Let the sink store an item; stop the crawl if that fails."""
        if self.failure:
            return
        try:
            if isinstance(item, RequestFinished):
                item.acknowledge()
            else:
                self._sink.store_item(item, preparation)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Store nothing more, and stop the crawl."""
        if not self.failure:
            self.failure = error
            self._stop()


def _overrides(crawl: Crawl) -> dict[str, object]:
    changed: dict[str, object] = {
        "HTTPCACHE_ENABLED": crawl.cache_folder is not None,
        "PRIVATE_HOSTS": sorted({urlsplit(url).netloc for _, url in crawl.addresses}),
    }
    if crawl.cache_folder is not None:
        changed["HTTPCACHE_DIR"] = str(crawl.cache_folder)
    if crawl.frontier:
        changed["SCHEDULER"] = "crawler.frontier.SharedScheduler"
        changed["EXTENSIONS"] = {"crawler.frontier.LeaseRenewer": 0}
        # The items of a request are stored in order, so that RequestFinished is the last.
        changed["CONCURRENT_ITEMS"] = 1
    if crawl.contact:
        changed["USER_AGENT"] = f"shrug/0.1 (measures attention to outages; {crawl.contact})"
    if crawl.delay is not None:
        # Without any delay Scrapy sends all waiting requests at once.
        changed["DOWNLOAD_DELAY"] = max(crawl.delay, MIN_DELAY)
        changed["AUTOTHROTTLE_ENABLED"] = crawl.delay > 0
    else:
        hosts = {
            urlsplit(_url(s, crawl)).hostname: s.delay for s in map(source_entry, crawl.sources)
        }
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
    """The user's keys. Raises BadInput if one is missing that the source needs."""
    if lacking := entry.missing_settings(crawl.secrets):
        named = ", ".join(lacking)
        raise BadInput(f"{entry.key} needs {named} in the environment; see docs/sources.md")
    return {name: value for name, value in crawl.secrets.items() if value}


def source_entry(name: str) -> SourceEntry:
    """Return the catalogue's entry of a source. Raises BadInput if there is none."""
    known = catalog.sources()
    if name not in known:
        raise BadInput(f"no source {name!r}; there are {', '.join(sorted(known))}")
    return known[name]
