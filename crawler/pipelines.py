"""Handing each item to the keeper that came with the spider's job."""

import asyncio
from collections.abc import Awaitable
from concurrent.futures import Future
from typing import Any, Self

from scrapy.crawler import Crawler

from crawler.items import Item, Keeper
from crawler.spiders.base import SourceSpider


class Keep:
    """One transaction an item: a page's posts, cursor and coverage are stored together.

    Items are kept in the order in which they came, whatever is begun for those that wait. Where
    several crawlers share requests nothing waits: what one has asked and not stored, another asks
    again if it dies.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._turn = asyncio.Lock()
        self._waiting = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Item) -> Item | Awaitable[Item]:
        """The item once it is kept: at once, but where it, or one before it, has to wait."""
        spider = self._crawler.spider
        if not isinstance(spider, SourceSpider):
            return item
        job = spider.job
        begun = None if job.frontier else job.keeper.begin_item(item)
        if begun is None and not self._waiting:
            job.keeper.keep(item)
            return item
        self._waiting += 1
        return self._in_turn(job.keeper, item, begun)

    async def _in_turn(self, keeper: Keeper, item: Item, begun: Future[Any] | None) -> Item:
        async with self._turn:
            if begun is not None:
                await asyncio.wait([asyncio.wrap_future(begun)])
            self._waiting -= 1
            keeper.keep(item, begun)
        return item
