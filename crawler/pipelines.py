"""The item pipeline, which passes each item to the sink of the spider's job."""

import asyncio
from collections.abc import Awaitable
from concurrent.futures import Future
from typing import Any

from scrapy.crawler import Crawler

from crawler.items import ItemSink, SpiderItem
from crawler.spiders.base import SpiderComponent


class StorePipeline(SpiderComponent):
    """Stores each item in one transaction: a page's posts, cursor and coverage together.

    Items are stored in the order in which they came, whichever is prepared first. With a shared
    frontier nothing is prepared: another crawler repeats requests whose items were not stored.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turn = asyncio.Lock()
        self._waiting = 0

    def process_item(self, item: SpiderItem) -> SpiderItem | Awaitable[SpiderItem]:
        """Store an item, at once unless it or one before it is still being prepared."""
        if self._spider is None:
            return item
        job = self._spider.job
        preparation = None if job.frontier else job.sink.prepare_item(item)
        if preparation is None and not self._waiting:
            job.sink.store_item(item)
            return item
        self._waiting += 1
        return self._in_turn(job.sink, item, preparation)

    async def _in_turn(
        self, sink: ItemSink, item: SpiderItem, preparation: Future[Any] | None
    ) -> SpiderItem:
        async with self._turn:
            if preparation is not None:
                await asyncio.wait([asyncio.wrap_future(preparation)])
            self._waiting -= 1
            sink.store_item(item, preparation)
        return item
