"""Public Telegram channels by their preview pages, twenty or so messages each."""

import re
from typing import Any

from parsel import Selector

from crawler.items import CrawlQuery
from crawler.markup import words
from crawler.parsing import Read, each, parse_time
from crawler.spiders.backward import BackwardSpider
from db.core.errors import SourceChanged
from db.core.records import RawPost

MESSAGE = ".tgme_widget_message_wrap [data-post]"


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the messages of a page of t.me/s/…; a channel without a preview redirects elsewhere."""
    page = Selector(body.decode("utf-8", "replace"), type="html")
    if not page.css(".tgme_channel_history, .tgme_channel_info"):
        raise SourceChanged("telegram: a channel's preview was due; it may have none")
    messages = page.css(MESSAGE)
    posts, refused = each(messages, _post)
    ids = [int(m) for m in re.findall(r'data-post="[^"/]+/(\d+)"', body.decode("utf-8", "replace"))]
    return Read(posts, refused, next=str(min(ids)) if ids and min(ids) > 1 else None)


def _post(message: Selector) -> RawPost | None:
    id_ = message.attrib["data-post"]
    body = message.css(".tgme_widget_message_text").get()
    if body is None:
        # A picture without text is not counted.
        return None
    return RawPost(
        external_id=id_,
        created_at=parse_time(message.css("time[datetime]").attrib["datetime"]),
        text=words(body),
        url=f"https://t.me/{id_}",
        author=id_.partition("/")[0],
    )


class Telegram(BackwardSpider):
    name = "telegram"
    max_pages = 200
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        return f"/s/{query.text}", {"before": page} if page else {}
