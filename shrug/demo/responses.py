"""The simulated world as the responses of the sources."""

import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import escape as xml_escape

from crawler.spiders.hackernews import MAX_POSTS
from db import catalog
from shrug.demo.plan import PlannedOutage
from shrug.demo.world import DemoWorld, SimulatedPost

FEED_ITEMS = 250
_WINDOW = re.compile(r"created_at_i[<>]=?(\d+)")


@dataclass(slots=True)
class _Series:
    """Posts of one source that match one search term, in order of time."""

    ids: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    posts: list[SimulatedPost] = field(default_factory=list)

    def add(self, id_: int, post: SimulatedPost) -> None:
        self.ids.append(id_)
        self.times.append(post.at.timestamp())
        self.posts.append(post)


class SimulatedResponses:
    """The responses of each source, made from a world."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        self._series: dict[tuple[str, str], _Series] = defaultdict(_Series)
        known = catalog.providers()
        for number, post in enumerate(world.posts, 40_000_000):
            entry = known[post.provider]
            term = entry.tag if post.source == "mastodon" else entry.search
            series = self._series[post.source, term]
            id_ = _snowflake(number, post) if post.source == "mastodon" else number
            series.add(id_, post)
            # Every post is taken to contain the common word of the control query.
            control = catalog.sources()[post.source].control
            if control:
                self._series[post.source, control].add(id_, post)

    def hackernews(self, query: Mapping[str, str]) -> bytes:
        """Answer /api/v1/search_by_date: hits of a window, newest first, up to the cap."""
        series = self._series["hackernews", query["query"]]
        since, until = map(int, _WINDOW.findall(query["numericFilters"]))
        start, end = bisect_left(series.times, since), bisect_left(series.times, until)
        limit = min(MAX_POSTS, int(query.get("hitsPerPage", "20")))
        chosen = range(end - 1, max(start, end - limit) - 1, -1)
        answer = {
            "hits": [_hit(series.ids[i], series.posts[i]) for i in chosen],
            "nbHits": end - start,
            "nbPages": 1 if end > start else 0,
            "page": 0,
            "hitsPerPage": limit,
        }
        return json.dumps(answer).encode()

    def mastodon(self, tag: str, query: Mapping[str, str]) -> bytes:
        """Answer /api/v1/timelines/tag/…: the statuses just after min_id, newest first."""
        series = self._series["mastodon", tag]
        start = bisect_right(series.ids, int(query.get("min_id", "0")))
        end = min(len(series.ids), start + min(40, int(query.get("limit", "20"))))
        chosen = range(end - 1, start - 1, -1)
        return json.dumps([_status(series.ids[i], series.posts[i], tag) for i in chosen]).encode()

    def feed(self) -> bytes:
        """Answer with an RSS document of the newest items."""
        pairs = [
            pair
            for (source, _), series in self._series.items()
            if source == "feed"
            for pair in zip(series.ids, series.posts, strict=True)
        ]
        newest = sorted(pairs, key=lambda pair: pair[1].at, reverse=True)[:FEED_ITEMS]
        items = "".join(_item(number, post) for number, post in newest)
        head = "<title>Simulated news</title><link>https://example.org/</link>"
        channel = f"<channel>{head}<description>Simulated</description>{items}</channel>"
        return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()

    def board(self, number: int) -> bytes:
        """Answer /ajax/side/hotSearch with one snapshot of the board."""
        entries = self._world.board_snapshots[number].entries
        rows = [
            {
                "word": entry.title,
                "note": entry.title,
                "num": entry.heat or 0,
                **({"realpos": entry.rank} if entry.rank else {}),
                **({"is_ad": 1} if not entry.ranked and entry.heat else {}),
            }
            for entry in entries
        ]
        return json.dumps({"ok": 1, "data": {"realtime": rows}}).encode()

    def incidents(self, provider: str) -> bytes:
        """Answer /api/v2/incidents.json of a status page."""
        rows = [
            {
                **_status_page_entry(id_, outage),
                "status": "resolved",
                "impact": outage.impact,
                "created_at": _utc_timestamp(outage.span.start),
                "incident_updates": [],
            }
            for id_, outage in self._outages(provider, planned=False)
        ]
        return json.dumps({"incidents": rows}).encode()

    def maintenances(self, provider: str) -> bytes:
        """Answer /api/v2/scheduled-maintenances.json of a status page."""
        rows = [
            {
                **_status_page_entry(id_, outage),
                "status": "completed",
                "impact": "maintenance",
                "created_at": _utc_timestamp(self._world.plan.span.start),
                "scheduled_for": _utc_timestamp(outage.span.start),
                "scheduled_until": _utc_timestamp(outage.span.end),
            }
            for id_, outage in self._outages(provider, planned=True)
        ]
        return json.dumps({"scheduled_maintenances": rows}).encode()

    def _outages(self, provider: str, *, planned: bool) -> Iterator[tuple[str, PlannedOutage]]:
        for number, outage in enumerate(self._world.plan.outages):
            if outage.provider == provider and outage.planned == planned:
                yield f"{provider}-{number}", outage


def _status_page_entry(id_: str, outage: PlannedOutage) -> dict[str, object]:
    return {"id": id_, "name": outage.title, "resolved_at": _utc_timestamp(outage.span.end)}


def _hit(number: int, post: SimulatedPost) -> dict[str, object]:
    return {
        "objectID": str(number),
        "created_at_i": int(post.at.timestamp()),
        "created_at": _utc_timestamp(post.at),
        "author": f"user{post.account}",
        "comment_text": f"<p>{escape(post.text)}",
        "story_id": 39_000_000,
        "points": None,
        "num_comments": None,
        "_tags": ["comment"],
    }


def _snowflake(number: int, post: SimulatedPost) -> int:
    return (int(post.at.timestamp() * 1000) << 16) + number % 65536


def _status(id_: int, post: SimulatedPost, tag: str) -> dict[str, object]:
    return {
        "id": str(id_),
        "uri": f"https://social.example.org/users/u{post.account}/statuses/{id_}",
        "url": f"https://social.example.org/@u{post.account}/{id_}",
        "created_at": _utc_timestamp(post.at),
        "language": post.lang,
        "content": f"<p>{escape(post.text)}</p>",
        "account": {"id": str(post.account), "acct": f"u{post.account}"},
        "favourites_count": post.likes,
        "reblogs_count": post.likes // 4,
        "replies_count": post.likes // 8,
        "tags": [{"name": tag}],
    }


def _item(number: int, post: SimulatedPost) -> str:
    address = f"https://example.org/simulated/{number}"
    return (
        f"<item><title>{xml_escape(post.text)}</title><link>{address}</link>"
        f"<guid>{address}</guid><pubDate>{format_datetime(post.at)}</pubDate></item>"
    )


def _utc_timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
