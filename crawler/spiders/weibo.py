"""Weibo's searches, with the user's own cookie: the mobile site's newest, and the desktop's by
the hour."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parsel import Selector
from scrapy.http import Response

from crawler.items import Ask, Kind, Trouble
from crawler.markup import words
from crawler.parsing import (
    Read,
    each,
    field,
    instant,
    load_json,
    posted_time,
    rough_count,
    text_or_none,
)
from crawler.spiders.backward import BackwardSpider
from crawler.spiders.base import SourceSpider
from crawler.spiders.window import WindowSpider
from db.core.errors import SourceChanged
from db.core.records import RawPost

BEIJING = ZoneInfo("Asia/Shanghai")
NEWEST = 61
DEAD = "the cookie is not accepted: renew SHRUG_WEIBO_COOKIE"


def read_mobile(body: bytes) -> Read[RawPost]:
    """Posts of an answer of m.weibo.cn's container/getIndex."""
    answer = load_json(body, "weibo_mobile")
    cards = field(field(answer, "data", dict, "weibo_mobile"), "cards", list, "weibo_mobile")
    groups, odd = each(cards, lambda card: list(card.get("card_group") or [card]))
    inner = [card for group in groups for card in group]
    posts, refused = each(inner, lambda card: _mobile(card["mblog"]) if "mblog" in card else None)
    return Read(posts, (*odd, *refused), next="more")


def _mobile(mblog: dict[str, Any]) -> RawPost:
    user = mblog.get("user") or {}
    return RawPost(
        external_id=str(mblog["id"]),
        created_at=posted_time(mblog["created_at"]),
        text=words(mblog["text"]),
        url=f"https://m.weibo.cn/detail/{mblog['id']}",
        author=text_or_none(user.get("id")),
        likes=rough_count(mblog.get("attitudes_count")),
        reposts=rough_count(mblog.get("reposts_count")),
        replies=rough_count(mblog.get("comments_count")),
        reply_to=text_or_none((mblog.get("retweeted_status") or {}).get("id")),
    )


class WithCookie(SourceSpider):
    """A dead cookie is told at once, whichever way the site says so."""

    def headers(self) -> Mapping[str, str]:
        # A kept answer is read again without the cookie: nothing is asked then.
        return {"Cookie": self.job.secrets.get("weibo_cookie", "")}

    def refusal(self, response: Response, ask: Ask) -> Trouble | None:
        dead = response.status == 432 or b'"ok":-100' in response.body[:200].replace(b" ", b"")
        if dead or "passport.weibo" in response.url or "login" in response.url:
            return self.trouble(ask, Kind.BLOCKED, response, DEAD)
        return super().refusal(response, ask)


class WeiboMobile(WithCookie, BackwardSpider):
    name = "weibo_mobile"
    most_pages = 100

    def read(self, body: bytes) -> Read[RawPost]:
        return read_mobile(body)

    def page(self, ask: Ask, page: str | None) -> tuple[str, dict[str, Any]]:
        asked = f"100103type={NEWEST}&q={ask.query}&t=0"
        number = page or "1"
        return "/api/container/getIndex", {
            "containerid": asked,
            "page_type": "searchall",
            "page": number,
        }

    def following(self, answer: Read[RawPost], page: str | None) -> str | None:
        return str(int(page or "1") + 1) if answer.entries else None

    def headers(self) -> Mapping[str, str]:
        return {**super().headers(), "MWeibo-Pwa": "1", "X-Requested-With": "XMLHttpRequest"}


def read_search(body: bytes, now: datetime) -> Read[RawPost]:
    """Posts of a page of s.weibo.com/weibo; `now` dates those that say how long ago they were."""
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
        name: rough_count("".join(card.css(f'[action-type="feed_list_{name}"] ::text').getall()))
        for name in ("forward", "comment", "like")
    }
    return RawPost(
        external_id=id_,
        created_at=_told(card.xpath(".//div[@class='from']/a[1]/text()").get() or "", now),
        text=words(text.get()),
        url=f"https://m.weibo.cn/detail/{id_}",
        author=text_or_none(user.partition("?")[0].rpartition("/")[2]),
        likes=numbers["like"],
        reposts=numbers["forward"],
        replies=numbers["comment"],
    )


def _told(text: str, now: datetime) -> datetime:
    """A time as a card tells it: ago, today, this year, or in full; Beijing's clock."""
    local = now.astimezone(BEIJING)
    if ago := re.search(r"(\d{1,6})\s*(秒|分钟|小时)前", text):
        unit = {"秒": "seconds", "分钟": "minutes", "小时": "hours"}[ago[2]]
        return instant(now - timedelta(**{unit: int(ago[1])}))
    if "刚刚" in text:
        return instant(now)
    clock = re.search(r"(\d{1,2}):(\d{2})", text)
    day = re.search(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日", text)
    if clock is None or (day is None and "今天" not in text):
        raise ValueError(f"a time was due, {text[:40]!r} came")
    at = local.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
    if day:
        year = int(day[1]) if day[1] else at.year
        at = at.replace(year=year, month=int(day[2]), day=int(day[3]))
    return instant(at)


class WeiboSearch(WithCookie, WindowSpider):
    """Fifty pages of a query at most, and no window shorter than an hour."""

    name = "weibo_search"
    path = "/weibo"
    most_pages = 50
    smallest = timedelta(hours=1)

    def read(self, body: bytes) -> Read[RawPost]:
        return read_search(body, datetime.now(UTC))

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        first, last = since.astimezone(BEIJING), until.astimezone(BEIJING)
        span = ":".join(f"{at:%Y-%m-%d}-{at.hour}" for at in (first, last))
        return {
            "q": ask.query,
            "typeall": 1,
            "suball": 1,
            "timescope": f"custom:{span}",
            "page": number,
        }
