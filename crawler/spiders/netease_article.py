"""NetEase articles by their id: title and text."""

import re
from dataclasses import replace
from typing import Any

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery
from crawler.markup import words
from crawler.parsing import Read, as_text, join_lines, parse_time
from crawler.spiders.base import SourceSpider, SpiderOutput
from crawler.spiders.netease import BEIJING
from db.core.errors import SourceChanged
from db.core.records import Page, RawPost

_TIME = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)?")
# Lines that the platform or an editor adds to an article.
_BOILERPLATE = re.compile(
    r"^(特别声明|Notice: The content above|本文来源|责任编辑|编辑[:：]|打开网易新闻|点击展开|举报"
    r"|\(?原标题|声明[:：]|免责声明|版权声明)"
)
# Contact lines that advertisers put before an article.
_SPAM = re.compile(r"微信|加群|QQ|VX|vx|扫码|电话|客服|官网|下载|优惠|代理|\d{6,}", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?…]")


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the article of a page of 163.com. Raises SourceChanged if the page has none."""
    page = Selector(_decoded(body), type="html")
    main = page.css(".post_body")
    title = page.css("h1::text").get() or page.css('meta[property="og:title"]::attr(content)').get()
    if not main or not title or not title.strip():
        raise SourceChanged("netease_article: an article with a title was due; it may be gone")
    seen = " ".join(page.css(".post_info ::text, .post_main ::text").getall())
    stated = page.css('meta[property="article:published_time"]::attr(content)').get()
    written = _TIME.search(seen)
    when = stated or (written and written[0])
    if when is None:
        raise SourceChanged("netease_article: a time was due")
    try:
        at = parse_time(when, BEIJING)
    except ValueError as error:
        raise SourceChanged(f"netease_article: {error}") from None
    author = page.css(".post_wemedia_name a::text").get()
    text = join_lines(title.strip(), *_paragraphs(main))
    return Read((RawPost("", at, text, author=as_text(author and author.strip())),))


def _decoded(body: bytes) -> str:
    """Decode UTF-8, or GBK in older pages, whatever they declare; invalid bytes are replaced."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        chinese = body.decode("gb18030", "replace")
        plain = body.decode("utf-8", "replace")
        return min(chinese, plain, key=lambda text: text.count("\ufffd"))


def _paragraphs(main: Any) -> list[str]:
    """The paragraphs of an article, without leading advertisements and lines of the platform."""
    parts = [" ".join(words(p.get()).split()) for p in main.css("p")]
    written = [part for part in parts if part and not _BOILERPLATE.match(part)]
    first = next((n for n, part in enumerate(written) if not _is_spam(part)), len(written))
    return written[first:]


def _is_spam(paragraph: str) -> bool:
    return bool(_SPAM.search(paragraph)) and not _SENTENCE.search(paragraph)


class NetEaseArticle(SourceSpider):
    """Reads an article as one post, which covers no span of time."""

    name = "netease_article"
    read = staticmethod(read_posts)

    def first_request(self, query: CrawlQuery) -> Request:
        return self.request(query, f"/dy/article/{query.text}.html", {}, self.parse_article)

    def parse_article(self, response: Response, query: CrawlQuery) -> SpiderOutput:
        (post,) = self.read(response.body).entries
        article = replace(post, external_id=query.text, url=response.url)
        yield Page(query.source, query.text, (article,))
