"""The rival of a crawl: Scrapy reads the same posts into an empty pipeline."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

MAX_POSTS = 1000


class PlainSpider(Spider):
    """Reads page after page; each post is an item."""

    name = "plain"

    def __init__(self, base: str, number: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base, self.pages = base, -(-number // MAX_POSTS)

    async def start(self) -> AsyncIterator[Request]:
        yield Request(f"{self.base}/?page=0")

    def parse(self, response: Response) -> Iterator[dict[str, Any] | Request]:
        yield from json.loads(response.body)["hits"]
        page = int(response.url.rpartition("=")[2]) + 1
        if page < self.pages:
            yield Request(f"{self.base}/?page={page}")


def main() -> None:
    """Crawl that many posts from a base address."""
    process = CrawlerProcess({"LOG_LEVEL": "CRITICAL", "TELNETCONSOLE_ENABLED": False})
    process.crawl(PlainSpider, base=sys.argv[1], number=int(sys.argv[2]))
    process.start()


if __name__ == "__main__":
    main()
