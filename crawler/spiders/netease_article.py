"""NetEase articles by their id: the title and what the article itself says."""

import re
from dataclasses import replace
from typing import Any

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask
from crawler.markup import words
from crawler.parsing import Read, instant, joined, text_or_none
from crawler.spiders.base import Answer, SourceSpider
from crawler.spiders.netease import BEIJING
from db.core.errors import SourceChanged
from db.core.records import Page, RawPost

_TIME = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)?")
# Lines that the platform or an editor puts around what was written.
_BOILERPLATE = re.compile(
    r"^(特别声明|Notice: The content above|本文来源|责任编辑|编辑[:：]|打开网易新闻|点击展开|举报"
    r"|\(?原标题|声明[:：]|免责声明|版权声明)"
)
# What advertisers put before it: how to reach them, and no sentence.
_SPAM = re.compile(r"微信|加群|QQ|VX|vx|扫码|电话|客服|官网|下载|优惠|代理|\d{6,}", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?…]")


def read(body: bytes) -> Read[RawPost]:
    """The article of a page of 163.com. Raises SourceChanged where the page holds none."""
    page = Selector(_decoded(body), type="html")
    main = page.css(".post_body")
    title = page.css("h1::text").get() or page.css('meta[property="og:title"]::attr(content)').get()
    if not main or not title or not title.strip():
        raise SourceChanged("netease_article: an article with a title was due; it may be gone")
    seen = " ".join(page.css(".post_info ::text, .post_main ::text").getall())
    stated = page.css('meta[property="article:published_time"]::attr(content)').get()
    found = _TIME.search(seen)
    when = stated or (found[0] if found else None)
    if when is None:
        raise SourceChanged("netease_article: a time was due")
    try:
        at = instant(when, BEIJING)
    except ValueError as error:
        raise SourceChanged(f"netease_article: {error}") from None
    author = page.css(".post_wemedia_name a::text").get()
    text = joined(title.strip(), *_paragraphs(main))
    return Read((RawPost("", at, text, author=text_or_none(author and author.strip())),))


def _decoded(body: bytes) -> str:
    """Older pages are in GBK, whatever they say; a stray byte costs itself only."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        chinese = body.decode("gb18030", "replace")
        plain = body.decode("utf-8", "replace")
        return min(chinese, plain, key=lambda text: text.count("\ufffd"))


def _paragraphs(main: Any) -> list[str]:
    """What was written, without advertisements before it and the platform's words around it."""
    parts = [" ".join(words(p.get()).split()) for p in main.css("p")]
    kept = [part for part in parts if part and not _BOILERPLATE.match(part)]
    first = next((n for n, part in enumerate(kept) if not _is_spam(part)), len(kept))
    return kept[first:]


def _is_spam(paragraph: str) -> bool:
    return bool(_SPAM.search(paragraph)) and not _SENTENCE.search(paragraph)


class NetEaseArticle(SourceSpider):
    """An article is one post, and covers no span of time."""

    name = "netease_article"

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def first(self, ask: Ask) -> Request:
        return self.request(ask, f"/dy/article/{ask.query}.html", {}, self.parse_article)

    def parse_article(self, response: Response, ask: Ask) -> Answer:
        (post,) = self.read(response.body).entries
        whole = replace(post, external_id=ask.query, url=response.url)
        yield Page(ask.source, ask.query, (whole,))
