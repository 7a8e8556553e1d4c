"""Handing each item to the keeper that came with the spider's job."""

import asyncio
from typing import Self

from scrapy.crawler import Crawler

from crawler.items import Item
from crawler.spiders.base import SourceSpider


class Keep:
    """One transaction an item: a page's posts, cursor and coverage are stored together.

    Items are kept in the order in which they came, whatever is begun for those that wait.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._turn = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        spider = self._crawler.spider
        if isinstance(spider, SourceSpider):
            keeper = spider.job.keeper
            begun = keeper.begin_item(item)
            async with self._turn:
                if begun is not None:
                    await asyncio.wait([asyncio.wrap_future(begun)])
                keeper.keep(item, begun)
        return item
