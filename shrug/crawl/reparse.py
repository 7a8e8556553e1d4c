"""Reading stored responses again with the present readers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from scrapy import Request, Spider
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.items import RecordedResponse, SpiderJob
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
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Read stored responses again, those of unknown form or every one; return their number.

    Their posts and coverage are stored; the cursors of sources stay as they are, and no request is
    sent. `on_progress` is called with the number done and the total.
    """
    settings = Settings()
    settings.setmodule("crawler.settings")
    loader = SpiderLoader.from_settings(settings)
    with store.reading() as connection:
        ids = responses.ids(connection, sources, changed=not every, since=since)
    for number, id_ in enumerate(ids):
        with store.reading() as connection:
            stored = responses.read(connection, id_)
        entry = catalog.source_of(stored.source)
        if entry is not None:
            # It was read at its own address, which may no longer be that of the catalogue.
            job = SpiderJob((), ingest, server_clock=True)
            spider = loader.load(entry.spider)(job=job, url=stored.address)
            _reread(store, ingest, spider, id_, response_records.from_record(stored))
        on_progress(number + 1, len(ids))
    return len(ids)


def _reread(
    store: Store, ingest: Ingest, spider: Spider, id_: int, recorded: RecordedResponse
) -> None:
    for item in spider.reread(recorded) if isinstance(spider, SourceSpider) else ():
        if isinstance(item, RecordedResponse):
            with store.writing() as connection:
                responses.mark_changed(connection, id_, item.form_error)
        elif isinstance(item, Page):
            ingest.store_item(replace(item, cursor=None))
        elif not isinstance(item, Request):
            ingest.store_item(item)
