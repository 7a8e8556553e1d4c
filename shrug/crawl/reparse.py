"""Reading kept answers again, with the readers of today."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from scrapy import Request, Spider
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.items import Asked, Job
from crawler.spiders.base import SourceSpider
from db import catalog
from db.core.engine import Store
from db.core.records import Page
from db.crawl import responses
from shrug.crawl import response_records
from shrug.crawl.ingest import Ingest


def reread(
    store: Store,
    ingest: Ingest,
    sources: Sequence[str],
    *,
    every: bool = False,
    since: datetime | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Read kept answers again: those that could not be read, or every one; gives how many.

    What they hold is stored with the coverage that it gives; where a source stopped stays as it
    is. Nothing is asked of a source. `told` hears how many of how many are done.
    """
    settings = Settings()
    settings.setmodule("crawler.settings")
    loader = SpiderLoader.from_settings(settings)
    with store.reading() as connection:
        ids = responses.ids(connection, sources, changed=not every, since=since)
    for number, id_ in enumerate(ids):
        with store.reading() as connection:
            kept = responses.read(connection, id_)
        entry = catalog.source_of(kept.source)
        if entry is not None:
            made = loader.load(entry.spider)
            job = Job((), ingest, server_clock=True)
            # It was read at an address of its own, which may not be the catalogue's any more.
            _read(
                store, ingest, made(job=job, url=kept.address), id_, response_records.unpacked(kept)
            )
        told(number + 1, len(ids))
    return len(ids)


def _read(store: Store, ingest: Ingest, spider: Spider, id_: int, asked: Asked) -> None:
    again = spider.again(asked) if isinstance(spider, SourceSpider) else ()
    for item in again:
        if isinstance(item, Asked):
            with store.writing() as connection:
                responses.mark(connection, id_, item.changed)
        elif isinstance(item, Page):
            ingest.keep(replace(item, cursor=None))
        elif not isinstance(item, Request):
            ingest.keep(item)
