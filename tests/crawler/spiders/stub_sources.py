"""Stub servers of some sources, for tests over HTTP."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

from db import catalog
from tests.crawling import SINCE, UNTIL
from tests.serving import QueryParameters, StubResponse, StubSite

HOUR = timedelta(hours=1)


WHEN = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat(), "--provider", "deepseek")


def address_options(site: StubSite, source: str) -> tuple[str, str]:
    return "--address", f"{source}={site.base}"


def as_json(value: object) -> StubResponse:
    return StubResponse(json.dumps(value).encode())


def evenly_spaced(number: int, start: datetime = SINCE, end: datetime = UNTIL) -> list[datetime]:
    return [start + i * (end - start) / number for i in range(number)]


def github(
    times: list[datetime], reachable: int = 1000
) -> Callable[[QueryParameters], StubResponse]:
    def answer(query: QueryParameters) -> StubResponse:
        first, last = re.findall(r"(\S+)\.\.(\S+)", query["q"].replace("created:", ""))[0]
        since, until = datetime.fromisoformat(first), datetime.fromisoformat(last)
        matches = [(n, t) for n, t in enumerate(times) if since <= t <= until][::-1]
        start = (int(query["page"]) - 1) * 100
        items = [
            {
                "id": n,
                "title": f"DeepSeek {n}",
                "created_at": t.isoformat(),
                "html_url": f"https://github.example/{n}",
                "user": {"login": "someone"},
            }
            for n, t in matches[:reachable][start : start + 100]
        ]
        total = {"total_count": len(matches), "incomplete_results": False}
        return as_json({**total, "items": items})

    return answer


def channel(ids: range) -> Callable[[QueryParameters], StubResponse]:
    """A channel with a message an hour, twenty a page."""

    def page(query: QueryParameters) -> StubResponse:
        shown = [i for i in ids if i < int(query.get("before", 10**9))][-20:]
        messages = "".join(
            '<div class="tgme_widget_message_wrap">'
            f'<div class="tgme_widget_message" data-post="example/{i}">'
            f'<div class="tgme_widget_message_text">DeepSeek {i}</div>'
            f'<time datetime="{(SINCE + i * HOUR).isoformat()}"></time></div></div>'
            for i in shown
        )
        return StubResponse(f'<div class="tgme_channel_info"></div>{messages}'.encode())

    return page


def lemmy(number: int) -> dict[str, object]:
    def view(n: int) -> dict[str, object]:
        when = (SINCE + n * HOUR).isoformat()
        post = {"name": f"DeepSeek {n}", "published_at": when, "ap_id": f"https://l.example/{n}"}
        return {"post": post, "creator": {}}

    return {"posts": [view(n) for n in range(number)], "comments": []}


PATH = "/api/v1/search_by_date"


def algolia(times: list[datetime]) -> Callable[[QueryParameters], StubResponse]:
    """Answers as Algolia does: the newest 1,000 of a window at most, and how many there are."""

    def answer(query: QueryParameters) -> StubResponse:
        since, until = map(int, re.findall(r"created_at_i[<>]=?(\d+)", query["numericFilters"]))
        matches = [(n, t) for n, t in enumerate(times) if since <= t.timestamp() < until][::-1]
        hits = [
            {
                "objectID": str(n),
                "created_at_i": int(t.timestamp()),
                "comment_text": f"DeepSeek {n}",
                "author": "someone",
            }
            for n, t in matches[:1000]
        ]
        return StubResponse(json.dumps({"hits": hits, "nbHits": len(matches)}).encode())

    return answer


def serve_search(
    site: StubSite, answer: StubResponse | Callable[[QueryParameters], StubResponse]
) -> None:
    """What the search answers to a provider's name; the control's common word is always found."""
    control = catalog.sources()["hackernews"].control

    def route(query: QueryParameters) -> StubResponse:
        if query.get("query") == control:
            return algolia(evenly_spaced(5))(query)
        return answer(query) if callable(answer) else answer

    site.on(PATH, route)


def statuses(number: int) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for n, at in enumerate(evenly_spaced(number)):
        id_ = (int(at.timestamp() * 1000) << 16) + n
        made.append(
            {
                "id": str(id_),
                "uri": f"https://a.example/{id_}",
                "created_at": at.isoformat(),
                "content": f"<p>DeepSeek {n}</p>",
                "account": {"acct": "someone"},
            }
        )
    return made


def timeline(made: list[dict[str, object]]) -> Callable[[QueryParameters], StubResponse]:
    def answer(query: QueryParameters) -> StubResponse:
        after = [s for s in made if int(str(s["id"])) > int(query["min_id"])]
        return StubResponse(json.dumps(after[: int(query["limit"])][::-1]).encode())

    return answer


def feed(hours: range) -> StubResponse:
    items = "".join(
        f"<item><title>DeepSeek {h}</title><guid>{h}</guid>"
        f"<pubDate>{format_datetime(SINCE + timedelta(hours=h))}</pubDate></item>"
        for h in hours
    )
    return StubResponse(
        f'<rss version="2.0"><channel><title>n</title>{items}</channel></rss>'.encode()
    )
