"""Handing each item to the keeper that came with the spider's job."""

from typing import Self

from scrapy.crawler import Crawler

from crawler.items import Item
from crawler.spiders.base import SourceSpider


class Keep:
    """One transaction an item: a page's posts, cursor and coverage are stored together."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Item) -> Item:
        spider = self._crawler.spider
        if isinstance(spider, SourceSpider):
            spider.job.keeper.keep(item)
        return item
