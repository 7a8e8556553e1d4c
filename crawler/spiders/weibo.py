"""Weibo's searches with the user's own cookie: of the newest on mobile, by the hour on desktop."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parsel import Selector
from scrapy.http import Response

from crawler.items import CrawlQuery, Trouble, TroubleKind
from crawler.markup import words
from crawler.parsing import (
    Read,
    as_text,
    each,
    field,
    load_json,
    parse_count,
    parse_time,
    parse_twitter_time,
)
from crawler.spiders.backward import BackwardSpider
from crawler.spiders.base import SourceSpider
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.errors import SourceChanged
from db.core.records import RawPost

BEIJING = ZoneInfo("Asia/Shanghai")
NEWEST_TYPE = 61
DEAD_COOKIE = "the cookie is not accepted: renew SHRUG_WEIBO_COOKIE"


def read_mobile(body: bytes) -> Read[RawPost]:
    """Read the posts of a response of m.weibo.cn's container/getIndex."""
    answer = load_json(body, "weibo_mobile")
    cards = field(field(answer, "data", dict, "weibo_mobile"), "cards", list, "weibo_mobile")
    groups, odd = each(cards, lambda card: list(card.get("card_group") or [card]))
    inner = [card for group in groups for card in group]
    posts, refused = each(
        inner, lambda card: _mobile_post(card["mblog"]) if "mblog" in card else None
    )
    return Read(posts, (*odd, *refused), next="more")


def _mobile_post(mblog: dict[str, Any]) -> RawPost:
    user = mblog.get("user") or {}
    return RawPost(
        external_id=str(mblog["id"]),
        created_at=parse_twitter_time(mblog["created_at"]),
        text=words(mblog["text"]),
        url=f"https://m.weibo.cn/detail/{mblog['id']}",
        author=as_text(user.get("id")),
        likes=parse_count(mblog.get("attitudes_count")),
        reposts=parse_count(mblog.get("reposts_count")),
        replies=parse_count(mblog.get("comments_count")),
        reply_to=as_text((mblog.get("retweeted_status") or {}).get("id")),
    )


class WeiboCookieSpider(SourceSpider):
    """Sends the user's cookie, and reports a dead one, in whatever way the site says so."""

    def headers(self) -> Mapping[str, str]:
        # There is no cookie when a stored response is read again: nothing is requested then.
        return {"Cookie": self.job.secrets.get("weibo_cookie", "")}

    def refusal(self, response: Response, query: CrawlQuery) -> Trouble | None:
        is_dead = response.status == 432 or b'"ok":-100' in response.body[:200].replace(b" ", b"")
        if is_dead or "passport.weibo" in response.url or "login" in response.url:
            return self.trouble(query, TroubleKind.BLOCKED, response, DEAD_COOKIE)
        return super().refusal(response, query)


class WeiboMobile(WeiboCookieSpider, BackwardSpider):
    name = "weibo_mobile"
    max_pages = 100
    read = staticmethod(read_mobile)

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        container = f"100103type={NEWEST_TYPE}&q={query.text}&t=0"
        parameters = {"containerid": container, "page_type": "searchall", "page": page or "1"}
        return "/api/container/getIndex", parameters

    def next_page(self, answer: Read[RawPost], page: str | None) -> str | None:
        return str(int(page or "1") + 1) if answer.entries else None

    def headers(self) -> Mapping[str, str]:
        return {**super().headers(), "MWeibo-Pwa": "1", "X-Requested-With": "XMLHttpRequest"}


def read_search(body: bytes, now: datetime) -> Read[RawPost]:
    """Read the posts of a page of s.weibo.com/weibo; `now` dates posts of "5 minutes ago"."""
    page = Selector(body.decode("utf-8", "replace"), type="html")
    if page.css(".card-no-result"):
        return Read(())
    cards = page.xpath("//div[@class='card-wrap'][@mid]")
    if not cards:
        raise SourceChanged("weibo_search: cards were due; a log-in may be asked for")
    posts, refused = each(cards, lambda card: _card(card, now))
    return Read(posts, refused, next="more" if page.css("a.next") else None)


def _card(card: Selector, now: datetime) -> RawPost:
    id_ = card.attrib["mid"]
    full = card.xpath(".//p[@node-type='feed_list_content_full']")
    text = (full or card.xpath(".//p[@node-type='feed_list_content']"))[0]
    text.css('[action-type="fl_fold"], [action-type="fl_unfold"]').drop()
    user = card.xpath(".//div[@class='info']//a[@nick-name]/@href").get() or ""
    numbers = {
        name: parse_count("".join(card.css(f'[action-type="feed_list_{name}"] ::text').getall()))
        for name in ("forward", "comment", "like")
    }
    return RawPost(
        external_id=id_,
        created_at=_card_time(card.xpath(".//div[@class='from']/a[1]/text()").get() or "", now),
        text=words(text.get()),
        url=f"https://m.weibo.cn/detail/{id_}",
        author=as_text(user.partition("?")[0].rpartition("/")[2]),
        likes=numbers["like"],
        reposts=numbers["forward"],
        replies=numbers["comment"],
    )


def _card_time(text: str, now: datetime) -> datetime:
    """Parse the time of a card: ago, today, this year, or in full, in Beijing's time."""
    local = now.astimezone(BEIJING)
    if ago := re.search(r"(\d{1,6})\s*(秒|分钟|小时)前", text):
        unit = {"秒": "seconds", "分钟": "minutes", "小时": "hours"}[ago[2]]
        return parse_time(now - timedelta(**{unit: int(ago[1])}))
    if "刚刚" in text:
        return parse_time(now)
    clock = re.search(r"(\d{1,2}):(\d{2})", text)
    day = re.search(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日", text)
    if clock is None or (day is None and "今天" not in text):
        raise ValueError(f"a time was due, {text[:40]!r} came")
    at = local.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
    if day:
        year = int(day[1]) if day[1] else at.year
        at = at.replace(year=year, month=int(day[2]), day=int(day[3]))
    return parse_time(at)


class WeiboSearch(WeiboCookieSpider, WindowSpider):
    """The desktop search: up to fifty pages of a query, in windows of an hour or longer."""

    name = "weibo_search"
    path = "/weibo"
    max_pages = 50
    min_window = timedelta(hours=1)

    @staticmethod
    def read(body: bytes) -> Read[RawPost]:
        return read_search(body, datetime.now(UTC))

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        first, last = page.since.astimezone(BEIJING), page.until.astimezone(BEIJING)
        span = ":".join(f"{at:%Y-%m-%d}-{at.hour}" for at in (first, last))
        common = {"q": query.text, "typeall": 1, "suball": 1}
        return {**common, "timescope": f"custom:{span}", "page": page.number}
